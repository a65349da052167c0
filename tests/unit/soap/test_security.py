"""The user name and password of WS-Security stand in the header, as text or as a digest."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import zeep.wsse.username
from lxml import etree

from gateway.soap.credentials import Credentials
from gateway.soap.errors import ReplyInvalid
from gateway.soap.security import Security
from tests.unit.soap.clinic import SOAP_11, SOAP_12, clinic, envelope, visit

OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
NAMES = {
    "wsse": f"{OASIS}wssecurity-secext-1.0.xsd",
    "wsu": f"{OASIS}wssecurity-utility-1.0.xsd",
}
NOON = datetime(2030, 1, 31, 12, 0, tzinfo=timezone(timedelta(hours=8)))


def sent(security: Security, soap: Any = "1.1") -> etree._Element:
    """The envelope of a request that carries this."""
    codec = clinic(soap).codec("RecordVisit", Credentials(security))
    return etree.fromstring(codec.for_attempt(codec.encode({"Code": "0", "Visit": visit()})))


def told(request: etree._Element, path: str) -> str | None:
    """The text at that path below `wsse:UsernameToken`."""
    return request.findtext(f".//wsse:UsernameToken/{path}", namespaces=NAMES)


@pytest.mark.parametrize(("soap", "namespace"), [("1.1", SOAP_11), ("1.2", SOAP_12)])
def test_the_hospital_must_understand_who_sends(soap: str, namespace: str) -> None:
    """The block stands in the header, before the body, and forbids to ignore it."""
    request = sent(Security("gateway", "secret"), soap)
    header, body = request
    assert (header.tag, body.tag) == (f"{{{namespace}}}Header", f"{{{namespace}}}Body")
    (block,) = header
    assert block.tag == f"{{{NAMES['wsse']}}}Security"
    assert block.get(f"{{{namespace}}}mustUnderstand") == "1"


def test_a_password_may_travel_as_text() -> None:
    """Then there is nothing beside it."""
    request = sent(Security("gateway", "s<cr&t"))
    assert told(request, "wsse:Username") == "gateway"
    assert told(request, "wsse:Password") == "s<cr&t"
    password = request.find(".//wsse:Password", NAMES)
    assert password is not None
    assert password.get("Type") == f"{OASIS}username-token-profile-1.0#PasswordText"
    assert told(request, "wsse:Nonce") is None


def test_a_digest_is_over_nonce_time_and_password() -> None:
    """As the profile defines it, its time in UTC."""
    security = Security("gateway", "secret", True, clock=lambda: NOON, nonce=lambda: b"n" * 16)
    request = sent(security)
    assert told(request, "wsu:Created") == "2030-01-31T04:00:00Z"
    assert told(request, "wsse:Nonce") == base64.b64encode(b"n" * 16).decode()
    expected = hashlib.sha1(b"n" * 16 + b"2030-01-31T04:00:00Z" + b"secret", usedforsecurity=False)
    assert told(request, "wsse:Password") == base64.b64encode(expected.digest()).decode()


def test_the_token_is_the_one_that_zeep_makes() -> None:
    """zeep, given the same nonce and time, writes the same token."""
    nonce, created = "0123456789abcdef", datetime(2030, 1, 31, 4, 0, tzinfo=UTC)
    theirs = etree.fromstring(f'<s:Envelope xmlns:s="{SOAP_11}"><s:Header/></s:Envelope>')
    token: Any = zeep.wsse.username.UsernameToken
    token(
        "gateway",
        "secret",
        use_digest=True,
        nonce=nonce,
        created=created,
        zulu_timestamp=True,
    ).apply(theirs, {})
    ours = sent(Security("gateway", "secret", True, clock=lambda: created, nonce=nonce.encode))
    for path in ("wsse:Username", "wsse:Password", "wsse:Nonce", "wsu:Created"):
        assert told(ours, path) == told(theirs, path)


def test_no_two_attempts_share_a_nonce_or_a_time() -> None:
    """A receiver that remembers nonces would refuse the second, and later one for its time."""
    times = iter(NOON + timedelta(seconds=count) for count in range(20))
    security = Security("gateway", "secret", True, clock=lambda: next(times))
    codec = clinic().codec("RecordVisit", Credentials(security))
    envelope = codec.encode({"Code": "0", "Visit": visit()})
    attempts = [etree.fromstring(codec.for_attempt(envelope)) for _ in range(20)]
    for path in ("wsse:Nonce", "wsse:Password", "wsu:Created"):
        assert len({told(attempt, path) for attempt in attempts}) == 20
    bodies = {etree.tostring(attempt[-1], method="c14n", exclusive=True) for attempt in attempts}
    assert len(bodies) == 1


def test_without_a_user_name_an_attempt_sends_what_was_encoded() -> None:
    """To the byte: there is nothing to make anew."""
    codec = clinic().codec("RecordVisit")
    envelope = codec.encode({"Code": "0", "Visit": visit()})
    assert codec.for_attempt(envelope) is envelope


def test_the_password_is_in_no_text_of_the_object() -> None:
    """What is logged or told by accident does not have it."""
    assert "secret" not in f"{Security('gateway', 'secret')!r}"


def answered(block: str, security: Security | None) -> Any:
    """What is read of a reply with this in the Security block of its header, at noon."""
    header = (
        f'<s:Header xmlns:o="{NAMES["wsse"]}" xmlns:u="{NAMES["wsu"]}">'
        f'<o:Security s:mustUnderstand="1">{block}</o:Security></s:Header>'
    )
    body = (
        '<RecordVisitResponse xmlns="urn:clinic"><ResultCode>0</ResultCode></RecordVisitResponse>'
    )
    codec = clinic().codec("RecordVisit", Credentials(security=security))
    return codec.decode(envelope(f"{header}<s:Body>{body}</s:Body>"))


def stamp(created: str, expires: str) -> str:
    """A timestamp."""
    said = f"<u:Created>{created}</u:Created><u:Expires>{expires}</u:Expires>"
    return f"<u:Timestamp>{said}</u:Timestamp>"


HOLDS = stamp("2030-01-31T04:00:00.000Z", "2030-01-31T04:05:00Z")


def test_a_timestamp_that_holds_is_understood() -> None:
    """By whoever gave a user name; the clocks may differ a little."""
    security = Security("gateway", "secret", clock=lambda: NOON)
    assert answered(HOLDS, security) == {"ResultCode": "0"}
    assert answered(stamp("2030-01-31T04:04:59Z", "2030-01-31T04:09:59Z"), security)
    assert answered(stamp("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"), security)


@pytest.mark.parametrize(
    "block",
    [
        "",
        stamp("2030-01-31T03:50:00Z", "2030-01-31T03:55:00Z"),
        stamp("2030-01-31T04:05:01Z", "2030-01-31T04:10:00Z"),
        stamp("2030-01-31T04:00:00", "2030-01-31T04:05:00"),
        stamp("noon", "evening"),
        stamp("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z"),
        stamp("9999-12-31T23:59:59Z", "9999-12-31T23:59:59-12:00"),
        "<u:Timestamp/>",
        HOLDS + "<o:BinarySecurityToken/>",
        "<Signature/>",
    ],
)
def test_any_other_block_that_must_be_understood_is_refused(block: str) -> None:
    """Expired, of the future, without a zone, or beside a signature that nobody checks."""
    with pytest.raises(ReplyInvalid, match="must-understand"):
        answered(block, Security("gateway", "secret", clock=lambda: NOON))


def test_who_gave_no_user_name_understands_no_timestamp() -> None:
    """Nothing of WS-Security was agreed upon."""
    with pytest.raises(ReplyInvalid, match="must-understand"):
        answered(HOLDS, None)
