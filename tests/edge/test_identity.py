"""Who may come in, and that a replica learns who it is from the edge alone."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.pki import Credential, make_authority, make_client, make_server
from tests.edge.world import Answer, EdgeWorld, read_answer, request

NOW = datetime.now(UTC)


def presented(world: EdgeWorld, client: str) -> x509.Certificate:
    """The certificate that a calling platform of the sandbox presents."""
    return x509.load_pem_x509_certificate(world.client_certificate(client)[0].read_bytes())


@pytest.mark.parametrize("client", ["booking", "clinic-kiosk"])
def test_replica_is_told_the_certificate_that_was_presented(world: EdgeWorld, client: str) -> None:
    """Fingerprint and DER are of the certificate in the handshake, with the edge's proof beside."""
    before = len(world.seen())
    with world.connection(world.client_certificate(client)) as connection:
        connection.sendall(request("GET", "/v1/departments"))
        assert read_answer(connection).status == 200
    (seen,) = world.seen()[before:]
    headers = dict(seen["headers"])
    der = presented(world, client).public_bytes(Encoding.DER)
    assert headers["client-certificate-fingerprint"] == hashlib.sha256(der).hexdigest()
    assert headers["edge-proof"] == (world.state / "secrets" / "edge-proof").read_text().strip()


FORGED = [
    "Client-Certificate-Fingerprint",
    "Client-Certificate-Der",
    "client-certificate-subject",
    "CLIENT-CERTIFICATE-SAN",
    "Client-Certificate",
    "Edge-Proof",
    "EDGE-Anything",
    "Forwarded",
    "Forwarded-For-Edge",
    "X-Forwarded-For",
    "X-Forwarded-Client-Cert",
    "X-Client-Id",
    "X-Real-IP",
    "Via",
]


@pytest.mark.parametrize("name", FORGED)
def test_forged_header_never_reaches_a_replica(world: EdgeWorld, name: str) -> None:
    """Whatever a caller writes about who it is, in any case of letters, is gone."""
    before = len(world.seen())
    assert world.call("GET", "/v1/departments", {name: "forged"}).status == 200
    (seen,) = world.seen()[before:]
    assert "forged" not in [value for _, value in seen["headers"]]
    names = [header for header, _ in seen["headers"]]
    assert len(names) == len(set(names))


def test_a_header_named_in_connection_is_still_set(world: EdgeWorld) -> None:
    """A caller cannot have the edge's own headers dropped as belonging to one hop."""
    before = len(world.seen())
    nominated = "Edge-Proof, Client-Certificate-Fingerprint"
    assert world.call("GET", "/v1/departments", {"Connection": nominated}).status == 200
    (seen,) = world.seen()[before:]
    headers = dict(seen["headers"])
    assert headers["edge-proof"]
    assert headers["connection"] == "close"


def test_host_and_target_pass_untouched(world: EdgeWorld) -> None:
    """The replica decides by what the caller wrote, so neither is normalised on the way."""
    before = len(world.seen())
    target = "/v1/a%20b;c/%E5%8C%BB?x=%2e%2e&y=+&&z"
    assert world.call("GET", target, {"Host": "API.Example:9443"}).status == 200
    (seen,) = world.seen()[before:]
    assert seen["target"] == target
    assert dict(seen["headers"])["host"] == "API.Example:9443"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("a-good.id_1", True), ("with space", False), ("x" * 65, False), ('quote"', False)],
)
def test_request_id_is_kept_when_sane_and_answered_always(
    world: EdgeWorld, sent: str, kept: bool
) -> None:
    """One id in the caller's answer, in the edge's log and at the replica."""
    before = len(world.seen())
    answer = world.call("GET", "/v1/departments", {"Request-Id": sent})
    (seen,) = world.seen()[before:]
    used = dict(seen["headers"])["request-id"]
    assert answer.headers["request-id"] == used
    assert (used == sent) is kept
    assert world.logged(used)["replica"] == seen["replica"]


def test_refusal_answers_the_request_id_too(world: EdgeWorld) -> None:
    """A caller that reports a refusal can name it."""
    answer = world.call("GET", "/v1//x", {"Request-Id": "my-own-id"})
    assert answer.headers["request-id"] == answer.problem["instance"] == "my-own-id"


def test_log_has_no_target_and_no_name(world: EdgeWorld) -> None:
    """A line tells what happened, to which certificate; never what was asked or for whom."""
    secret = "13800138000"
    headers = {"Patient-Card": secret, "User-Agent": secret, "Request-Id": "looked-for"}
    world.call("GET", f"/v1/{secret}?phone={secret}", headers)
    line = world.logged("looked-for")
    log = (world.logs / "edge.log").read_text()
    assert secret not in log
    assert "booking" not in log
    assert (line["method"], line["status"]) == ("GET", 200)
    assert line["replica"].startswith("replica-")


def anonymous(world: EdgeWorld) -> ssl.SSLContext:
    """A caller that trusts the edge and has no certificate."""
    return ssl.create_default_context(cafile=str(world.ca))


def bearing(world: EdgeWorld, credential: Credential, folder: Path) -> ssl.SSLContext:
    """A caller with a certificate of its own making."""
    pair = folder / "pair.pem"
    pair.write_bytes(credential.certificate_pem + credential.key_pem)
    context = anonymous(world)
    context.load_cert_chain(pair)
    return context


def authority_of(world: EdgeWorld) -> Credential:
    """The sandbox's own authority, to sign what it should not have signed."""
    folder = world.state / "pki"
    return Credential.read(folder / "ca.pem", folder / "ca.key")


STRANGERS: dict[str, Callable[[EdgeWorld], Credential]] = {
    "self-signed": lambda _: make_authority(NOW),
    "another authority's": lambda _: make_client(make_authority(NOW), "booking", NOW),
    "expired": lambda world: make_client(authority_of(world), "booking", NOW - timedelta(days=400)),
    "not yet valid": lambda world: make_client(
        authority_of(world), "booking", NOW + timedelta(days=1)
    ),
    "server's": lambda world: make_server(authority_of(world), NOW),
}


def exchange(world: EdgeWorld, context: ssl.SSLContext) -> Answer:
    """One request on a connection of this context's."""
    with world.connection(context=context) as connection:
        connection.sendall(request("GET", "/v1/departments"))
        return read_answer(connection)


def assert_turned_away(world: EdgeWorld, context: ssl.SSLContext) -> None:
    """No answer comes, only the end of the connection, and no replica hears of it."""
    before = len(world.seen())
    # With TLS 1.3 the client's side of the handshake ends before the server has looked at the
    # certificate: the refusal is met at the first read or write.
    with pytest.raises((ssl.SSLError, ConnectionError)):
        exchange(world, context)
    assert len(world.seen()) == before


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_no_certificate_fails_the_handshake(world: EdgeWorld, version: ssl.TLSVersion) -> None:
    """There is no such thing as an anonymous caller."""
    context = anonymous(world)
    context.minimum_version = context.maximum_version = version
    assert_turned_away(world, context)


@pytest.mark.parametrize("stranger", STRANGERS.values(), ids=STRANGERS)
def test_wrong_certificate_fails_the_handshake(
    world: EdgeWorld, stranger: Callable[[EdgeWorld], Credential], tmp_path: Path
) -> None:
    """Only the authority's own client certificates come in, in their time."""
    assert_turned_away(world, bearing(world, stranger(world), tmp_path))


def test_old_tls_fails_the_handshake(world: EdgeWorld) -> None:
    """TLS 1.1 and older are not spoken."""
    context = anonymous(world)
    context.load_cert_chain(*world.client_certificate())
    # The client's library must be made to offer what it would refuse by itself.
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    assert_turned_away(world, context)
