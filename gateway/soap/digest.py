"""The digest that a legacy service wants over its arguments and a key that both know.

It shows who has the key, and no more: MD5 and SHA-1 are broken, replies carry none, and a message
can be sent again. It is what such services ask for, on the hospital's own network.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal, TypeAlias

from gateway.record import Record
from gateway.soap.codec import Codec
from gateway.soap.contract import Contract
from gateway.soap.credentials import Credentials
from gateway.soap.elements import ComplexType, follow
from gateway.soap.errors import RecordFault, RequestInvalid
from gateway.soap.operation import Operation
from gateway.soap.payload.charset import CHARSETS
from gateway.soap.places import Steps, text_at, with_text, without

Algorithm: TypeAlias = Literal["MD5", "SHA-1"]


@dataclass(frozen=True, slots=True)
class Digest:
    """Which argument it goes `into`, and how it is made.

    The arguments `over` which it goes are put into the order of their names (the last step of each
    path, by code point; those of one name as `over` has them), those that are absent or empty left
    out, and `joined` as `a=1&b=2` or value by value; the key is the last of them, as `key_name=...`
    among pairs. The bytes are those of `charset`, the digest is hexadecimal.
    """

    into: Steps
    algorithm: Algorithm
    over: tuple[Steps, ...]
    joined: Literal["pairs", "values"]
    key_name: str
    letters: Literal["lower", "upper"]
    charset: str

    def of(self, arguments: Record, key: str) -> str:
        """The digest of the arguments with the key; `RequestInvalid` where the charset lacks a
        character of one.
        """
        faults = tuple(
            RecordFault(steps, f"has a character that {self.charset} cannot carry")
            for steps in self.over
            if not CHARSETS[self.charset].carries(text_at(arguments, steps) or "")
        )
        if faults:
            raise RequestInvalid(faults)
        ordered = sorted(self.over, key=lambda steps: steps[-1])
        given = [(steps[-1], text_at(arguments, steps)) for steps in ordered]
        parts = [(name, text) for name, text in given if text] + [(self.key_name, key)]
        if self.joined == "pairs":
            joined = "&".join(f"{name}={text}" for name, text in parts)
        else:
            joined = "".join(text for _, text in parts)
        found = _ALGORITHMS[self.algorithm](joined.encode(self.charset))
        return found if self.letters == "lower" else found.upper()


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _sha1(content: bytes) -> str:
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


_ALGORITHMS: Mapping[Algorithm, Callable[[bytes], str]] = MappingProxyType(
    {"MD5": _md5, "SHA-1": _sha1}
)


class DigestCodec:
    """The codec of an operation that takes a digest of its other arguments."""

    headers: Mapping[str, str]
    accepts: str

    def __init__(self, codec: Codec, digest: Digest, key: str) -> None:
        self._codec = codec
        self._digest = digest
        self._key = key
        self.headers = codec.headers
        self.accepts = codec.accepts

    def encode(self, arguments: Record) -> bytes:
        """The envelope for `arguments` and their digest; raises as the operation's own."""
        digest = self._digest.of(arguments, self._key)
        return self._codec.encode(with_text(arguments, self._digest.into, digest))

    def for_attempt(self, envelope: bytes) -> bytes:
        """As the operation's own codec has it: the digest is a part of what is said, and stays."""
        return self._codec.for_attempt(envelope)

    def decode(self, body: bytes, status: int = 200) -> Record:
        """The record of a reply, as the operation's own codec reads it."""
        return self._codec.decode(body, status)


def with_digest(contract: Contract, digest: Digest) -> Contract:
    """The contract with operations that make their digest themselves: it is no argument of them.

    Those that have no place for one stay as they are.
    """
    taking = {
        name: operation
        for name, operation in contract.operations.items()
        if follow(operation.input, digest.into)
    }
    return replace(
        contract,
        operations=MappingProxyType(
            dict(contract.operations)
            | {name: _without_digest(operation, digest) for name, operation in taking.items()}
        ),
        codecs=MappingProxyType(
            dict(contract.codecs) | {name: _codecs(contract, name, digest) for name in taking}
        ),
    )


def _without_digest(operation: Operation, digest: Digest) -> Operation:
    kind = operation.input.type
    if not isinstance(kind, ComplexType):
        raise LookupError(operation.name)
    inner = replace(kind, children=without(operation.input, {digest.into}))
    return Operation(operation.name, replace(operation.input, type=inner), operation.output)


def _codecs(contract: Contract, name: str, digest: Digest) -> Callable[[Credentials], Codec]:
    return lambda credentials: DigestCodec(
        contract.codec(name, credentials), digest, credentials.digest_key
    )
