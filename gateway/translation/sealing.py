"""Sealed ids: the hospital's ids as the cloud may see them.

AES-SIV (RFC 5297): deterministic, so that every replica gives the same id each time, and
authenticated with the kind of thing, the client and the card, so that an id is worth nothing to
another client or under another card, and is refused before the hospital is asked.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

_LONGEST = 512
_TAG = 16
LONGEST_PLAIN: Final = _LONGEST * 3 // 4 - _TAG
"""Bytes of UTF-8 that a token has room for, beside AES-SIV's own 16."""


class SealBroken(Exception):
    """The token was not sealed here for this kind, client and card."""


class Sealer:
    """Seals and opens ids under one key of 64 bytes, which all replicas share."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESSIV(key)

    def seal(self, kind: str, client: str, card: str, plain: str) -> str:
        """`plain` as a token of URL-safe characters."""
        sealed = self._cipher.encrypt(plain.encode(), _bound(kind, client, card))
        return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()

    def open(
        self, kind: str, client: str, card: str, token: str, *, longest: int = _LONGEST
    ) -> str:
        """What `seal` was given; raises `SealBroken` for anything else, or anything longer."""
        if len(token) > longest or not token.isascii():
            raise SealBroken
        try:
            sealed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
            # Base64 has spare bits in its last character, and its decoder skips what is no
            # Base64 at all: only the one spelling that we gave out is ours.
            if base64.urlsafe_b64encode(sealed).rstrip(b"=").decode() != token:
                raise SealBroken
            return self._cipher.decrypt(sealed, _bound(kind, client, card)).decode()
        except (binascii.Error, ValueError, InvalidTag):
            raise SealBroken from None


def _bound(kind: str, client: str, card: str) -> list[bytes]:
    # Each part is an own SIV input, so that no two triples run together. AES-SIV takes none empty.
    return [part.encode() or b"\0" for part in (kind, client, card)]


SERIAL_BITS = 124


def serial(client: str, route: str, key: str) -> str:
    """The serial of a write: the same for the same three, on any replica.

    31 lower-case hexadecimal characters (124 bits) of SHA-256 over the three, joined by NUL,
    which none of them can contain, after a letter that keeps the hospital from reading a number.
    """
    text = f"{client}\0{route}\0{key}"
    return "G" + hashlib.sha256(text.encode()).hexdigest()[: SERIAL_BITS // 4]
