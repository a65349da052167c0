"""What the edge refuses, and that nothing it lets through can be read as two requests."""

from __future__ import annotations

import ssl
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from tests.edge.world import Answer, EdgeWorld, answer_in, read_answer, request

CRLF = b"\r\n"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"


def post(*lines: bytes, body: bytes = b"{}", version: bytes = b"HTTP/1.1") -> bytes:
    """A POST with exactly these header lines and Host, followed by what could be smuggled."""
    head = CRLF.join([b"POST /v1/holds " + version, b"Host: localhost", *lines])
    return head + CRLF + CRLF + body + SMUGGLED


# No HTTP at all: HAProxy's parser answers, with its own page.
NOT_HTTP = {
    "two content lengths that differ": post(b"Content-Length: 2", b"Content-Length: 3"),
    "signed content length": post(b"Content-Length: +2"),
    "hexadecimal content length": post(b"Content-Length: 0x2"),
    "negative content length": post(b"Content-Length: -1"),
    "empty content length": post(b"Content-Length: "),
    "content length with underscore": post(b"Content-Length: 1_0"),
    "space before the colon": post(b"Content-Length : 2"),
    "unknown transfer encoding": post(b"Transfer-Encoding: xchunked"),
    "chunked not last": post(b"Transfer-Encoding: chunked, identity", body=b"0\r\n\r\n"),
    "transfer encoding twice": post(
        b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"
    ),
    "vertical tab in transfer encoding": post(b"Transfer-Encoding: \x0bchunked", body=b"0\r\n\r\n"),
    "hexadecimal prefix in a chunk size": post(
        b"Transfer-Encoding: chunked", body=b"0x2\r\n{}\r\n0\r\n\r\n"
    ),
    "signed chunk size": post(b"Transfer-Encoding: chunked", body=b"+2\r\n{}\r\n0\r\n\r\n"),
    "overflowing chunk size": post(
        b"Transfer-Encoding: chunked", body=b"10000000000000002\r\n{}\r\n0\r\n\r\n"
    ),
    "LF in a chunk extension": post(
        b"Transfer-Encoding: chunked", body=b"2;a\nb\r\n{}\r\n0\r\n\r\n"
    ),
    "CR in a header value": post(b"Content-Length: 2", b"A: b\rc"),
    "NUL in a header value": post(b"Content-Length: 2", b"A: b\0c"),
    "empty header name": post(b"Content-Length: 2", b": value"),
    "two hosts": post(b"Content-Length: 2", b"Host: other"),
    "absolute target of another host": (
        b"GET http://elsewhere/v1/x HTTP/1.1\r\nHost: localhost\r\n\r\n" + SMUGGLED
    ),
    "fragment in the target": request("GET", "/v1/x#y") + SMUGGLED,
    "chunk that ends with LF alone": post(
        b"Transfer-Encoding: chunked", body=b"2\n{}\r\n0\r\n\r\n"
    ),
    "framing header in a trailer": post(
        b"Transfer-Encoding: chunked", body=b"0\r\nContent-Length: 2\r\n\r\n"
    ),
}

# HTTP, but ambiguous: a rule answers, with a problem.
AMBIGUOUS = {
    "content length with transfer encoding": post(
        b"Content-Length: 2", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"
    ),
    "transfer encoding on HTTP/1.0": post(
        b"Transfer-Encoding: chunked", body=b"0\r\n\r\n", version=b"HTTP/1.0"
    ),
    "plain chunked": post(b"Transfer-Encoding: chunked", body=b"2\r\n{}\r\n0\r\n\r\n"),
    "header name with underscore": post(b"Content-Length: 2", b"X_Client_DN: someone"),
    "no host": b"GET /v1/departments HTTP/1.1\r\n\r\n" + SMUGGLED,
    "absolute target": b"GET http://localhost/v1/x HTTP/1.1\r\nHost: localhost\r\n\r\n" + SMUGGLED,
    "dot segments": request("GET", "/v1/../admin") + SMUGGLED,
    "encoded dot segments": request("GET", "/v1/%2e%2E/admin") + SMUGGLED,
    "empty segment": request("GET", "//v1/x") + SMUGGLED,
    "encoded NUL": request("GET", "/v1/x%00") + SMUGGLED,
    "encoded slash": request("GET", "/v1/a%2Fb") + SMUGGLED,
    "backslash": request("GET", "/v1/a\\b") + SMUGGLED,
}


@pytest.mark.parametrize("raw", NOT_HTTP.values(), ids=NOT_HTTP)
def test_what_is_not_http_is_400_and_reaches_no_replica(world: EdgeWorld, raw: bytes) -> None:
    """The connection is closed with whatever stands behind it."""
    before = len(world.seen())
    answer = world.send(raw)
    assert (answer.status, answer.closes) == (400, True)
    assert len(world.seen()) == before


@pytest.mark.parametrize("raw", AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_ambiguous_request_is_400_and_reaches_no_replica(world: EdgeWorld, raw: bytes) -> None:
    """Refused as a problem, and the connection closed with whatever stands behind it."""
    before = len(world.seen())
    answer = world.send(raw)
    assert (answer.status, answer.problem.get("type")) == (400, "/problems/malformed")
    assert answer.closes
    assert len(world.seen()) == before


NORMALISED = {
    "list of equal content lengths": post(b"Content-Length: 2, 2", b"Connection: close"),
    "bare LF": post(b"Content-Length: 2", b"Connection: close").replace(
        b"Host: localhost\r\n", b"Host: localhost\n", 1
    ),
    "obs-fold": post(b"Content-Length: 2", b"A: b", b" c", b"Connection: close"),
}


@pytest.mark.parametrize("raw", NORMALISED.values(), ids=NORMALISED)
def test_what_haproxy_normalises_passes_as_one_request_at_most(
    world: EdgeWorld, raw: bytes
) -> None:
    """The replica reads what HAProxy wrote, never what the caller wrote."""
    before = len(world.seen())
    answer = world.send(raw)
    reached = [seen["target"] for seen in world.seen()[before:]]
    assert (answer.status, reached) in [(200, ["/v1/holds"]), (400, [])]


OTHER_STATUSES: dict[str, tuple[int, str, bytes]] = {
    "TRACE": (405, "method-not-allowed", request("TRACE", "/v1/x")),
    "CONNECT": (405, "method-not-allowed", b"CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\n\r\n"),
    "unknown method": (405, "method-not-allowed", request("BREW", "/v1/x")),
    "POST without length": (411, "length-required", post(body=b"")),
    "PUT without length": (411, "length-required", b"PUT /v1/x HTTP/1.1\r\nHost: h\r\n\r\n"),
    "body over 64 KiB": (413, "too-large", post(b"Content-Length: 65537")),
    "long target": (414, "uri-too-long", request("GET", "/v1/" + "a" * 5000)),
    "content encoding": (
        415,
        "unsupported-media-type",
        post(b"Content-Length: 2", b"Content-Encoding: gzip"),
    ),
    "unmeetable expectation": (
        417,
        "expectation-failed",
        post(b"Content-Length: 2", b"Expect: a-miracle"),
    ),
    "many headers": (
        431,
        "headers-too-large",
        request("GET", "/v1/x", {f"A{number}": "b" for number in range(80)}),
    ),
    "large headers": (431, "headers-too-large", request("GET", "/v1/x", {"A": "b" * 9000})),
}


@pytest.mark.parametrize(("status", "slug", "raw"), OTHER_STATUSES.values(), ids=OTHER_STATUSES)
def test_request_out_of_bounds_is_refused_by_its_own_status(
    world: EdgeWorld, status: int, slug: str, raw: bytes
) -> None:
    """Each limit has its status and problem type, and no replica is asked."""
    before = len(world.seen())
    answer = world.send(raw)
    assert (answer.status, answer.problem.get("type")) == (status, f"/problems/{slug}")
    assert answer.problem["status"] == status
    assert len(world.seen()) == before


def test_headers_past_the_buffer_are_refused(world: EdgeWorld) -> None:
    """What does not even fit into HAProxy's buffer is 400 or 431, and nothing more is read."""
    before = len(world.seen())
    answer = world.send(request("GET", "/v1/x", {"A": "b" * 20_000}))
    assert answer.status in (400, 431)
    assert len(world.seen()) == before


def test_upgrade_to_http2_is_ignored(world: EdgeWorld) -> None:
    """The request is answered in HTTP/1.1, and no replica hears of the offer."""
    before = len(world.seen())
    answer = world.call(
        "GET",
        "/v1/x",
        {
            "Connection": "Upgrade, HTTP2-Settings",
            "Upgrade": "h2c",
            "HTTP2-Settings": "AAMAAABkAAQAAP__",
        },
    )
    assert answer.status == 200
    (seen,) = world.seen()[before:]
    names = dict(seen["headers"])
    assert "upgrade" not in names
    assert "http2-settings" not in names
    assert names["connection"] == "close"


def test_http2_without_asking_is_refused(world: EdgeWorld) -> None:
    """The DMZ speaks HTTP/1.1 only, whatever a caller begins with."""
    before = len(world.seen())
    with world.connection() as connection:
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0")
        answer = read_answer(connection)
    assert answer.status in (400, 405)
    assert len(world.seen()) == before


def test_expect_100_continue_is_met(world: EdgeWorld) -> None:
    """A caller that asks before it sends its body is told to go on, by the edge."""
    before = len(world.seen())
    with world.connection() as connection:
        connection.sendall(
            b"POST /v1/x HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
        )
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        connection.sendall(b"{}")
        assert read_answer(connection).status == 200
    assert len(world.seen()) == before + 1


def drip(world: EdgeWorld, start: bytes) -> Answer:
    """Send a byte twice a second until the edge has answered and closed the connection."""
    answer = b""
    with world.connection() as connection:
        connection.sendall(start)
        connection.settimeout(0.5)
        with suppress(ConnectionError, ssl.SSLError):
            while True:
                try:
                    piece = connection.recv(4096)
                except TimeoutError:
                    connection.sendall(b"a")
                else:
                    answer += piece
                    if not piece:
                        break
    return answer_in(answer)


def test_dripping_request_is_408_and_reaches_no_replica(world: EdgeWorld) -> None:
    """Headers or a body that come byte by byte end at the edge's request timeout."""
    before = len(world.seen())
    starts = [
        b"GET /v1/x HTTP/1.1\r\nHost: h\r\nA: ",
        b"POST /v1/x HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n",
    ]
    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(lambda start: drip(world, start), starts))
    assert [answer.status for answer in answers] == [408, 408]
    assert answers[1].problem["outcome"] == "not-sent"
    assert len(world.seen()) == before
