"""WS-Security: the user name and password that a request carries in its header.

OASIS Web Services Security UsernameToken Profile 1.1.1, the password as text or as its digest.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from lxml import etree

from gateway.soap.envelope import Dialect

_OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
_SECEXT = f"{_OASIS}wssecurity-secext-1.0.xsd"
_UTILITY = f"{_OASIS}wssecurity-utility-1.0.xsd"
_PASSWORD = f"{_OASIS}username-token-profile-1.0#"
_BASE64 = f"{_OASIS}soap-message-security-1.0#Base64Binary"
_NONCE_BYTES = 16
# Two hosts' clocks may differ by this much.
_SKEW = timedelta(minutes=5)
# Reads what the codec wrote, and leaves a message in a CDATA section there.
_PARSER = etree.XMLParser(strip_cdata=False, resolve_entities=False, no_network=True)


def _now() -> datetime:
    return datetime.now(UTC)


def _nonce() -> bytes:
    return secrets.token_bytes(_NONCE_BYTES)


@dataclass(frozen=True, slots=True)
class Security:
    """Who the gateway is to the hospital.

    With `digest` the password does not travel, only the SHA-1 of nonce, time and password; as text
    it is as safe as the connection. `clock` gives an aware time, `nonce` bytes never given before.
    """

    username: str
    password: str = field(repr=False)
    digest: bool = False
    clock: Callable[[], datetime] = field(default=_now, repr=False, compare=False)
    nonce: Callable[[], bytes] = field(default=_nonce, repr=False, compare=False)

    def added(self, envelope: bytes, dialect: Dialect) -> bytes:
        """The envelope with a `wsse:Security` block, which the hospital must understand.

        It comes first in the header. Each call has a nonce and a time of its own: a receiver
        refuses a nonce that it has seen, and a time that is past (the profile, 3.1).
        """
        root = etree.fromstring(envelope, _PARSER)
        header = root.find(dialect.header)
        if header is None:
            header = etree.Element(dialect.header)
            root.insert(0, header)
        header.insert(0, self._block(dialect))
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8")

    def _block(self, dialect: Dialect) -> etree._Element:
        block = etree.Element(f"{{{_SECEXT}}}Security", nsmap={"wsse": _SECEXT, "wsu": _UTILITY})
        block.set(dialect.must_understand, "1")
        token = etree.SubElement(block, f"{{{_SECEXT}}}UsernameToken")
        etree.SubElement(token, f"{{{_SECEXT}}}Username").text = self.username
        password = etree.SubElement(token, f"{{{_SECEXT}}}Password")
        if not self.digest:
            password.set("Type", f"{_PASSWORD}PasswordText")
            password.text = self.password
            return block
        nonce = self.nonce()
        created = self.clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        password.set("Type", f"{_PASSWORD}PasswordDigest")
        password.text = _digest(nonce, created, self.password)
        node = etree.SubElement(token, f"{{{_SECEXT}}}Nonce", EncodingType=_BASE64)
        node.text = base64.b64encode(nonce).decode()
        etree.SubElement(token, f"{{{_UTILITY}}}Created").text = created
        return block

    def understands(self, block: etree._Element) -> bool:
        """Whether a reply's block is a `wsse:Security` that says no more than when it holds.

        Servers that ask for a UsernameToken often answer with such a `wsu:Timestamp` (Web Services
        Security 1.1.1, 10), which must be understood: it is, while it holds.
        """
        if block.tag != f"{{{_SECEXT}}}Security" or len(block) != 1:
            return False
        stamp = block[0]
        created = _moment(stamp.findtext(f"{{{_UTILITY}}}Created"))
        expires = _moment(stamp.findtext(f"{{{_UTILITY}}}Expires"))
        if stamp.tag != f"{{{_UTILITY}}}Timestamp" or created is None or expires is None:
            return False
        now = self.clock()
        # Of a moment at either end of the calendar nothing can be taken, and to it nothing added.
        return created - now <= _SKEW and now - expires < _SKEW


def _moment(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat((text or "").strip())
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _digest(nonce: bytes, created: str, password: str) -> str:
    """`Password_Digest` of the profile, 3.1."""
    # The profile names SHA-1; what it guards is a password, and only against being read.
    found = hashlib.sha1(nonce + created.encode() + password.encode(), usedforsecurity=False)
    return base64.b64encode(found.digest()).decode()
