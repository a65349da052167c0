"""Messages that a service wants encrypted: AES (FIPS 197) in ECB mode (NIST SP 800-38A, 6.1).

It hides nothing worth hiding: equal blocks stay equal, nothing says who wrote a message, and one
can be put together of the parts of others. It is what such services ask for, on the hospital's own
network.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from types import MappingProxyType

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from gateway import strict_base64
from gateway.soap.errors import ReplyInvalid
from gateway.soap.payload.model import BytesWriting, Encryption

_KEY_BYTES = frozenset({16, 24, 32})
_BLOCK_BITS = 128


def is_key(text: str) -> bool:
    """Whether the UTF-8 bytes of a text are a key of AES-128, AES-192 or AES-256."""
    return len(text.encode()) in _KEY_BYTES


class MessageCipher:
    """Encrypts the texts of messages with one key, padded by PKCS #7 (RFC 5652, 6.3).

    The bytes encrypted are those of `charset`. A key is one that `is_key` says is one.
    """

    def __init__(self, encryption: Encryption, key: str, charset: str) -> None:
        self._writing = encryption.written
        self._charset = charset
        # The mode is the service's to say; see above.
        self._cipher = Cipher(algorithms.AES(key.encode()), modes.ECB())  # noqa: S305

    def encrypt(self, text: str) -> str:
        """The message as the service takes it, in Base64 or in lower-case hexadecimal digits."""
        padder = PKCS7(_BLOCK_BITS).padder()
        padded = padder.update(text.encode(self._charset)) + padder.finalize()
        encryptor = self._cipher.encryptor()
        return _WRITERS[self._writing](encryptor.update(padded) + encryptor.finalize())

    def decrypt(self, text: str) -> str:
        """The message; `ReplyInvalid` with `payload-not-decrypted` for what was not encrypted so,
        with `payload-charset` for bytes that are no text.
        """
        decryptor, unpadder = self._cipher.decryptor(), PKCS7(_BLOCK_BITS).unpadder()
        try:
            padded = decryptor.update(_READERS[self._writing](text)) + decryptor.finalize()
            content = unpadder.update(padded) + unpadder.finalize()
        except ValueError:
            raise ReplyInvalid("payload-not-decrypted", f"not AES in {self._writing}") from None
        try:
            return content.decode(self._charset)
        except UnicodeDecodeError:
            raise ReplyInvalid("payload-charset", f"not {self._charset}") from None


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


_WRITERS: Mapping[BytesWriting, Callable[[bytes], str]] = MappingProxyType(
    {"base64": _base64, "hex": bytes.hex}
)
_READERS: Mapping[BytesWriting, Callable[[str], bytes]] = MappingProxyType(
    {"base64": strict_base64.decode, "hex": bytes.fromhex}
)
