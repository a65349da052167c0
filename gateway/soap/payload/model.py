"""What a pack says of the messages that its service takes and gives inside a string."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from gateway.soap.places import Steps

Style: TypeAlias = Literal["xml", "json", "delimited"]
RequestWriting: TypeAlias = Literal["escaped", "cdata", "raw"]
ReplyWriting: TypeAlias = Literal["escaped", "twice", "raw"]
BytesWriting: TypeAlias = Literal["base64", "hex"]


@dataclass(frozen=True, slots=True)
class RequestPlace:
    """Where the message stands among the carrier's arguments, and how it is written there.

    `at` is None where the carrier has one text alone that it can be.
    """

    at: Steps | None
    written: RequestWriting


@dataclass(frozen=True, slots=True)
class ReplyPlace:
    """Where the message stands in the carrier's reply, how, and what is told `beside` it.

    `at` is None where the carrier has one text alone that it can be.
    """

    at: Steps | None
    written: ReplyWriting
    beside: tuple[Steps, ...]


@dataclass(frozen=True, slots=True)
class Encryption:
    """Messages are encrypted by AES in ECB mode; `written` is how the bytes stand in the string."""

    written: BytesWriting


@dataclass(frozen=True, slots=True)
class Trade:
    """One function of such a service: its carrier, what it always says there, and its schemas.

    `request` and `reply` are the names of schema files in the pack.
    """

    operation: str
    arguments: Mapping[Steps, str]
    request: str
    reply: str


@dataclass(frozen=True, slots=True)
class Payload:
    """The string of a service, alike for all of its trades."""

    style: Style
    charset: str
    request: RequestPlace
    reply: ReplyPlace
    trades: Mapping[str, Trade]
    encryption: Encryption | None = None
