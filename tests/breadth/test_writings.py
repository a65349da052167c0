"""A real library that writes messages every way reads ours, and is read."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any, cast
from wsgiref.simple_server import WSGIRequestHandler, make_server
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from lxml import etree
from spyne import AnyXml, Application, ComplexModel, Service, Unicode, XmlAttribute, rpc
from spyne.protocol.soap import Soap11
from spyne.server.wsgi import WsgiApplication

from gateway.record import Record
from gateway.soap.contract import Contract, load_contract
from gateway.soap.errors import RequestInvalid
from gateway.soap.payload.charset import CHARSETS
from gateway.soap.payload.model import (
    Payload,
    ReplyPlace,
    ReplyWriting,
    RequestPlace,
    RequestWriting,
    Style,
    Trade,
)
from gateway.soap.payload.trades import with_payload
from tests.breadth.asking import ask
from tests.unit.soap.payload.billing import PACK
from tests.unit.soap.payload.far_end import SCHEMAS, Message, declared, of_xml, read, written
from tests.unit.soap.payload.test_survival import MESSAGES

TEXT = Unicode.customize(min_occurs=1, nillable=False)
ELEMENTS = AnyXml.customize(min_occurs=1, nillable=False)


class Value(ComplexModel):  # type: ignore[misc]  # spyne ships no types
    """A text that is an attribute."""

    __namespace__ = "urn:strings"
    Text = XmlAttribute(TEXT, use="required")


VALUE = Value.customize(min_occurs=1, nillable=False)
PLACES = {"Tell": (("Request", "@Text"), ("TellResult", "@Text"))}


class Strings(Service):  # type: ignore[misc]
    """Answers a message with the same, made anew; a code says of which style and charset."""

    @rpc(TEXT, TEXT, _returns=TEXT)  # type: ignore[untyped-decorator]
    def Process(_ctx: Any, TransCode: str, InXml: str) -> str:  # noqa: N802, N803, N805
        """In a text."""
        return again(TransCode, InXml)

    @rpc(TEXT, TEXT, _returns=TEXT)  # type: ignore[untyped-decorator]
    def Escape(_ctx: Any, TransCode: str, InXml: str) -> str:  # noqa: N802, N803, N805
        """In a text that is escaped before the envelope is written, as if that were not done."""
        return escape(again(TransCode, InXml))

    @rpc(TEXT, VALUE, _returns=VALUE)  # type: ignore[untyped-decorator]
    def Tell(_ctx: Any, TransCode: str, Request: Value) -> Value:  # noqa: N802, N803, N805
        """In an attribute."""
        return Value(Text=again(TransCode, Request.Text))

    @rpc(TEXT, ELEMENTS, _returns=ELEMENTS)  # type: ignore[untyped-decorator]
    def Exchange(_ctx: Any, TransCode: str, InXml: Any) -> Any:  # noqa: N802, N803, N805
        """As elements."""
        return etree.fromstring(written(of_xml(InXml), TransCode.split(maxsplit=1)[0]))


def again(code: str, text: str) -> str:
    """The message in a text, read and written."""
    style, charset = code.split()
    return declared(read(text, style, charset), style, charset)


class Silent(WSGIRequestHandler):
    """Leaves standard error alone."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Contract]]:
    """Where the service answers, and the contract that it publishes."""
    published = WsgiApplication(
        Application([Strings], "urn:strings", in_protocol=Soap11(), out_protocol=Soap11())
    )
    published.doc.wsdl11.build_interface_document("http://hospital.invalid")
    wsdl = tmp_path_factory.mktemp("strings") / "strings.wsdl"
    wsdl.write_bytes(published.doc.wsdl11.get_interface_document())
    with make_server("127.0.0.1", 0, published, handler_class=Silent) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/", load_contract(wsdl, any_text=True)
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("charset", CHARSETS)
@pytest.mark.parametrize(
    ("operation", "style", "request_", "reply"),
    [
        ("Process", "xml", "escaped", "escaped"),
        ("Process", "xml", "cdata", "escaped"),
        ("Process", "json", "escaped", "escaped"),
        ("Process", "json", "cdata", "escaped"),
        ("Process", "delimited", "escaped", "escaped"),
        ("Escape", "xml", "cdata", "twice"),
        ("Escape", "json", "escaped", "twice"),
        ("Escape", "delimited", "escaped", "twice"),
        ("Tell", "xml", "escaped", "escaped"),
        ("Tell", "json", "escaped", "escaped"),
        ("Tell", "delimited", "escaped", "escaped"),
        ("Exchange", "xml", "raw", "raw"),
    ],
)
@settings(max_examples=30, deadline=None)
@given(message=MESSAGES)
def test_a_real_service_takes_and_gives_every_writing(
    service: tuple[str, Contract],
    operation: str,
    style: Style,
    request_: RequestWriting,
    reply: ReplyWriting,
    charset: str,
    message: Message,
) -> None:
    """What it was sent comes back equal; what it could not take is not sent."""
    address, contract = service
    told, answered = PLACES.get(operation, (("InXml",), None))
    payload = Payload(
        style,
        charset,
        RequestPlace(told, request_),
        ReplyPlace(answered, reply, ()),
        {
            "Echo": Trade(
                operation, {("TransCode",): f"{style} {charset}"}, SCHEMAS[style], SCHEMAS[style]
            )
        },
    )
    codec = with_payload(contract, payload, PACK).codec("Echo")
    try:
        answer = ask(address, codec, cast("Record", message))
    except RequestInvalid:
        return
    assert answer == message
