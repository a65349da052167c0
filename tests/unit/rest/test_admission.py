"""Who is let in, and what is refused before any route is looked for."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

import pytest

from gateway.problems import Rejection
from gateway.rest.admission import Admission, Admitted, Client
from gateway.rest.messages import Incoming
from gateway.rest.rate import Rate
from tests.unit.rest.requests import EDGE_HEADERS, FINGERPRINT, PROOF, incoming

BOOKING = Client("booking", frozenset({FINGERPRINT}), frozenset({"*"}))
KEY = "0123456789abcdef"


def admission(client: Client = BOOKING, body_limit: int = 100) -> Admission:
    return Admission([client], PROOF, ceiling_seconds=30.0, body_limit=body_limit)


def admit(request: Incoming, at: Admission | None = None) -> Admitted:
    return asyncio.run((at or admission()).admit(request))


def refusal(request: Incoming, at: Admission | None = None) -> Rejection:
    with pytest.raises(Rejection) as caught:
        admit(request, at)
    return caught.value


def test_known_client_over_the_edge_is_admitted() -> None:
    """Everything later steps need comes out, checked."""
    admitted = admit(
        incoming(
            ("Idempotency-Key", KEY),
            ("Patient-Card", "sealed"),
            ("Accept-Language", "zh-CN"),
            body=b"{}",
            received=5.0,
        )
    )
    assert admitted.client is BOOKING
    assert admitted.body == b"{}"
    assert admitted.key == KEY
    assert admitted.card == "sealed"
    assert admitted.language == "zh"
    assert admitted.deadline.at == 35.0


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Edge-Proof": PROOF},
        {"Client-Certificate-Fingerprint": FINGERPRINT},
        {**EDGE_HEADERS, "Edge-Proof": ""},
        {**EDGE_HEADERS, "Edge-Proof": PROOF + "x"},
        {**EDGE_HEADERS, "Edge-Proof": PROOF[:-1]},
        {**EDGE_HEADERS, "Edge-Proof": "\udcff"},
        {**EDGE_HEADERS, "Client-Certificate-Fingerprint": "cd" * 32},
        {**EDGE_HEADERS, "Client-Certificate-Fingerprint": FINGERPRINT.upper()},
        {"Edge_Proof": PROOF, "Client_Certificate_Fingerprint": FINGERPRINT},
        {"Edge_Proof": PROOF, "Client-Certificate-Fingerprint": FINGERPRINT},
    ],
)
def test_no_proof_or_no_known_certificate_is_401(headers: dict[str, str]) -> None:
    """Identity is believed from the edge alone; names with underscores are other names."""
    assert refusal(incoming(headers=headers)).slug == "unauthenticated"


@pytest.mark.parametrize("name", ["Edge-Proof", "Client-Certificate-Fingerprint"])
@pytest.mark.parametrize("second", ["same", "forged"])
def test_doubled_identity_is_401(name: str, second: str) -> None:
    """A header that came twice came once from somebody else than the edge."""
    value = EDGE_HEADERS[name] if second == "same" else second
    assert refusal(incoming((name.lower(), value))).slug == "unauthenticated"


@pytest.mark.parametrize(
    "request_",
    [
        incoming(headers={}, path="/no/such/path"),
        incoming(headers={}, path="/../etc"),
        incoming(headers={}, method="TRACE"),
        incoming(("Content-Encoding", "gzip"), headers={}),
        incoming(("Idempotency-Key", "!"), headers={}),
        incoming(headers={}, body=b"x" * 1000),
    ],
)
def test_stranger_learns_nothing_but_401(request_: Incoming) -> None:
    """Whatever else is wrong is not told to whom nobody knows."""
    assert refusal(request_).slug == "unauthenticated"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Idempotency-Key", KEY),
        ("Patient-Card", KEY),
        ("Content-Type", "application/json"),
        ("Content-Length", "0"),
        ("Content-Encoding", "identity"),
        ("Expect", "100-continue"),
        ("Host", "gateway.example"),
        ("Request-Timeout", "5"),
    ],
)
def test_doubled_header_is_malformed(name: str, value: str) -> None:
    """Also where each is right by itself: two values could be read another way behind."""
    request = incoming((name, value), (name.lower(), value))
    rejection = refusal(request)
    assert rejection.slug == "malformed"
    assert [error.pointer for error in rejection.errors] == [f"/{name}"]


def test_list_valued_header_may_come_twice() -> None:
    """Accept-Language in two lines is one list."""
    admit(incoming(("Accept-Language", "en"), ("accept-language", "zh")))


@pytest.mark.parametrize("key", ["", "short", "a" * 15, "a" * 65, KEY + "\n", KEY + "/", "é" * 16])
def test_key_of_another_shape_is_malformed(key: str) -> None:
    """16 to 64 of A-Z, a-z, 0-9, _ and -."""
    rejection = refusal(incoming(("Idempotency-Key", key)))
    assert rejection.slug == "malformed"
    assert [error.pointer for error in rejection.errors] == ["/Idempotency-Key"]


@pytest.mark.parametrize("key", ["a" * 16, "a" * 64, "ABCdef-_0123456789"])
def test_key_of_the_right_shape_is_taken(key: str) -> None:
    """The bounds belong to it."""
    assert admit(incoming(("Idempotency-Key", key))).key == key


@pytest.mark.parametrize(
    ("text", "seconds"), [("5", 5.0), ("0.25", 0.25), ("30.5", 30.0), ("999999", 30.0)]
)
def test_request_timeout_caps_the_deadline(text: str, seconds: float) -> None:
    """The caller may wait for less than the ceiling, never for more."""
    admitted = admit(incoming(("Request-Timeout", text), received=100.0))
    assert admitted.deadline.at == 100.0 + seconds


@pytest.mark.parametrize(
    "text",
    ["", "0", "0.0", "-1", "+1", "1e3", "nan", "inf", ".5", "5s", "\u0665", "1" * 400, "1_0"],
)
def test_senseless_request_timeout_is_malformed(text: str) -> None:
    """A patience that cannot be understood is not guessed."""
    assert refusal(incoming(("Request-Timeout", text))).slug == "malformed"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "*",
        "v1",
        "//",
        "/v1//departments",
        "/v1/./departments",
        "/v1/../departments",
        "/v1/..",
        "/..",
        "/.",
        "/v1/%2e%2e/x",
        "/v1/%2E/x",
        "/v1/a%2fb",
        "/v1/a%5Cb",
        "/v1/%00",
        "/v1/%0d%0a",
        "/v1/%7F",
        "/v1/%ff",
        "/v1/%c0%af",
        "/v1/%",
        "/v1/%zz",
        "/v1/a#b",
        "/v1/a\\b",
        "/v1/é",
        "/v1/ x",
        "/v1/x\n",
        "http://gateway.example/v1/departments",
    ],
)
def test_path_that_two_readers_could_take_differently_is_malformed(path: str) -> None:
    """Dot segments, empty ones, hidden separators, controls, and all but origin form."""
    assert refusal(incoming(path=path)).slug == "malformed"


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v1/departments/", "/v1/a.b/..c/...", "/v1/%E5%86%85:1", "/v1/a~b-_%20c"]
)
def test_plain_path_is_let_through(path: str) -> None:
    """Whether it is a route is for the match to say."""
    admit(incoming(path=path))


@pytest.mark.parametrize(
    ("header", "slug"),
    [
        (("Content-Encoding", "gzip"), "unsupported-media-type"),
        (("Content-Encoding", "identity"), "unsupported-media-type"),
        (("Transfer-Encoding", "chunked"), "malformed"),
        (("Expect", "the-unexpected"), "expectation-failed"),
        (("Content-Length", "+2"), "malformed"),
        (("Content-Length", "-1"), "malformed"),
        (("Content-Length", "0x2"), "malformed"),
        (("Content-Length", "1_0"), "malformed"),
        (("Content-Length", ""), "malformed"),
        (("Content-Length", "9" * 400), "malformed"),
    ],
)
def test_refused_header(header: tuple[str, str], slug: str) -> None:
    """Encodings, expectations and lengths are plain, or not taken."""
    assert refusal(incoming(header)).slug == slug


def test_missing_host_is_malformed() -> None:
    """HTTP/1.1 asks for exactly one."""
    headers = {name: value for name, value in EDGE_HEADERS.items() if name != "Host"}
    assert refusal(incoming(headers=headers)).slug == "malformed"


def test_body_over_the_limit_is_refused_unread() -> None:
    """Content-Length is enough to know."""

    async def never() -> bytes:
        raise AssertionError("the body was read")

    request = incoming(("Content-Length", "101"))
    assert refusal(replace(request, body=never)).slug == "too-large"
    assert admit(incoming(body=b"x" * 100)).body == b"x" * 100


def test_body_that_came_with_its_head_is_not_waited_for() -> None:
    """It is held to the same limit."""

    async def never() -> bytes:
        raise AssertionError("the body was read")

    request = incoming(read=never)
    assert admit(replace(request, arrived=b"{}")).body == b"{}"
    over = incoming(("Content-Length", "101"))
    assert refusal(replace(over, arrived=b"x" * 101)).slug == "too-large"


def test_dripping_body_ends_with_the_deadline() -> None:
    """A caller who does not finish the body is told so, in time."""

    async def drip() -> bytes:
        await asyncio.sleep(60)
        return b""

    async def scenario() -> Rejection:
        request = incoming(("Request-Timeout", "0.05"), read=drip)
        with pytest.raises(Rejection) as caught:
            await admission().admit(request)
        return caught.value

    assert asyncio.run(scenario()).slug == "body-timeout"


def test_client_over_its_rate_is_told_when_to_come_back() -> None:
    """A burst is let through, the next must wait, and waiting helps."""
    limited = Client("booking", frozenset({FINGERPRINT}), frozenset(), Rate(0.5, 2))
    at = admission(limited)
    admit(incoming(received=10.0), at)
    admit(incoming(received=10.0), at)
    rejection = refusal(incoming(received=11.0), at)
    assert rejection.slug == "rate-limited"
    assert rejection.retry_after == pytest.approx(1.0)
    admit(incoming(received=12.0), at)


def test_one_client_over_its_rate_does_not_hold_up_another() -> None:
    """Each client has its own bucket."""
    other = "cd" * 32
    at = Admission(
        [
            Client("a", frozenset({FINGERPRINT}), frozenset(), Rate(1.0, 1)),
            Client("b", frozenset({other}), frozenset(), Rate(1.0, 1)),
        ],
        PROOF,
    )
    admit(incoming(received=1.0), at)
    assert refusal(incoming(received=1.0), at).slug == "rate-limited"
    headers = {**EDGE_HEADERS, "Client-Certificate-Fingerprint": other}
    assert admit(incoming(headers=headers, received=1.0), at).client.id == "b"


def test_two_clients_cannot_share_a_certificate() -> None:
    """It would not be known who calls."""
    with pytest.raises(ValueError, match="clients a and b have a certificate in common"):
        Admission(
            [
                Client("a", frozenset({FINGERPRINT}), frozenset()),
                Client("b", frozenset({FINGERPRINT}), frozenset()),
            ],
            PROOF,
        )


@dataclass(frozen=True)
class Terms:
    """A route's terms."""

    id: str = "pay-bill"
    scope: str = "pay-bill"
    writes: bool = False
    rate: Rate | None = None


def permit(terms: Terms, scopes: set[str], key: str | None = None, times: int = 1) -> None:
    client = Client("booking", frozenset({FINGERPRINT}), frozenset(scopes))
    at = admission(client)

    async def scenario() -> None:
        extra = [] if key is None else [("Idempotency-Key", key)]
        admitted = await at.admit(incoming(*extra))
        for _ in range(times):
            at.permit(terms, admitted)

    asyncio.run(scenario())


@pytest.mark.parametrize("scopes", [{"pay-bill"}, {"pay-*"}, {"*"}, {"x", "pay-b*"}])
def test_scope_covers_the_route(scopes: set[str]) -> None:
    """By its id, or by how its id begins."""
    permit(Terms(), scopes)


@pytest.mark.parametrize("scopes", [set(), {"pay"}, {"pay-bill-x"}, {"bill*"}, {"*-bill"}])
def test_route_outside_the_scopes_is_forbidden(scopes: set[str]) -> None:
    """A star stands for an ending only."""
    with pytest.raises(Rejection) as caught:
        permit(Terms(), scopes)
    assert caught.value.slug == "forbidden"
    assert "grant this client pay-bill" in (caught.value.detail or "")
    assert "pay-bill" in (caught.value.detail_zh or "")


def test_write_without_a_key_is_428() -> None:
    """With one it is permitted."""
    with pytest.raises(Rejection) as caught:
        permit(Terms(writes=True), {"*"})
    assert caught.value.slug == "key-required"
    permit(Terms(writes=True), {"*"}, key=KEY)


def test_route_over_its_rate_is_429() -> None:
    """A route may have a rate of its own for each client."""
    with pytest.raises(Rejection) as caught:
        permit(Terms(rate=Rate(0.001, 2)), {"*"}, times=3)
    assert caught.value.slug == "rate-limited"
    permit(Terms(rate=Rate(0.001, 2)), {"*"}, times=2)


def test_one_client_over_a_routes_rate_does_not_hold_up_another() -> None:
    """The rate is for each client, as the policy's page says."""
    other = "cd" * 32
    at = Admission(
        [
            Client("a", frozenset({FINGERPRINT}), frozenset({"*"})),
            Client("b", frozenset({other}), frozenset({"*"})),
        ],
        PROOF,
    )
    terms = Terms(rate=Rate(0.001, 1))

    async def scenario() -> None:
        greedy = await at.admit(incoming())
        at.permit(terms, greedy)
        with pytest.raises(Rejection):
            at.permit(terms, greedy)
        headers = {**EDGE_HEADERS, "Client-Certificate-Fingerprint": other}
        at.permit(terms, await at.admit(incoming(headers=headers)))

    asyncio.run(scenario())
