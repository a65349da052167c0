"""The codec of a message inside a string: its form's text, carried by an operation of the WSDL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.record import Record
from gateway.soap.codec import Codec
from gateway.soap.elements import Element
from gateway.soap.errors import RecordFault, ReplyInvalid, RequestInvalid
from gateway.soap.payload.charset import Charset
from gateway.soap.payload.encryption import MessageCipher
from gateway.soap.payload.form import Form
from gateway.soap.payload.model import ReplyWriting, RequestWriting
from gateway.soap.payload.writing import as_elements, from_elements, in_cdata, unescaped
from gateway.soap.places import Steps, cut, text_at, with_text


@dataclass(frozen=True, slots=True)
class Request:
    """The message that goes out: its form, its place, and what else the carrier is told.

    `arguments` are always the same; `beside` are the elements that the caller gives.
    """

    form: Form
    at: Steps
    written: RequestWriting
    arguments: Mapping[Steps, str]
    beside: tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """The message that comes back, its place, and what of the carrier's reply stands beside it.

    `optional`: a reply may be without a message, as refusals are.
    """

    form: Form
    at: Steps
    written: ReplyWriting
    beside: tuple[Element, ...]
    optional: bool


class PayloadCodec:
    """One trade's encoder and decoder; `cipher` is for messages that are encrypted.

    Both ways the message is held against its own schema, and its carrier against the WSDL's.
    """

    headers: Mapping[str, str]
    accepts: str

    def __init__(
        self,
        request: Request,
        reply: Reply,
        charset: Charset,
        carrier: Codec,
        cipher: MessageCipher | None = None,
    ) -> None:
        self._request = request
        self._reply = reply
        self._charset = charset
        self._carrier = carrier
        self._cipher = cipher
        self._beside = frozenset(element.name for element in request.beside)
        self.headers = carrier.headers
        self.accepts = carrier.accepts

    def shown(self, arguments: Record) -> str:
        """The message that `encode` carries, laid out for people; raises as it does."""
        return self._request.form.shown(self._message(arguments))

    def _message(self, arguments: Record) -> str:
        inner = {name: value for name, value in arguments.items() if name not in self._beside}
        faults = tuple(self._charset.faults(inner))
        if faults:
            raise RequestInvalid(faults)
        return self._request.form.write(inner)

    def encode(self, arguments: Record) -> bytes:
        """The envelope for `arguments`; `RequestInvalid` with every fault of the message, or else
        of its carrier: at the empty path what the carrier finds wrong with the message as a whole.
        """
        request = self._request
        message = self._message(arguments)
        carried = message if self._cipher is None else self._cipher.encrypt(message)
        record = with_text(cut(arguments, request.beside), request.at, carried)
        for steps, text in request.arguments.items():
            record = with_text(record, steps, text)
        try:
            envelope = self._carrier.encode(record)
        except RequestInvalid as refused:
            raise RequestInvalid(
                tuple(
                    RecordFault((), fault.reason) if fault.path == request.at else fault
                    for fault in refused.faults
                )
            ) from None
        match request.written:
            case "escaped":
                return envelope
            case "cdata":
                return in_cdata(envelope, request.at)
            case "raw":
                return as_elements(envelope, request.at)

    def for_attempt(self, envelope: bytes) -> bytes:
        """As the carrier's codec has it."""
        return self._carrier.for_attempt(envelope)

    def decode(self, body: bytes, status: int = 200) -> Record:
        """The record of the message, with what stands beside it.

        Raises as the carrier's does, and `ReplyInvalid` with `payload-missing`,
        `payload-not-decrypted`, `payload-charset` or what the form refuses.
        """
        reply = self._reply
        if reply.written == "raw":
            body = from_elements(body, reply.at)
        carried = self._carrier.decode(body, status)
        text = text_at(carried, reply.at) or ""
        beside = cut(carried, reply.beside)
        if not text:
            if reply.optional:
                return beside
            raise ReplyInvalid("payload-missing", f"/{'/'.join(reply.at)} is empty")
        if reply.written == "twice":
            text = unescaped(text)
        if self._cipher is not None:
            text = self._cipher.decrypt(text)
        if not self._charset.carries(text):
            raise ReplyInvalid("payload-charset", f"beyond {self._charset.name}")
        return {**reply.form.read(text), **beside}
