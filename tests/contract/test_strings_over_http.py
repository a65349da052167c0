"""A real service that takes a code and a string reads every style of message, and answers in it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any, Literal, cast
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from hypothesis import given, settings
from spyne import Application, Service, Unicode, rpc
from spyne.protocol.soap import Soap11
from spyne.server.wsgi import WsgiApplication

from gateway.record import Record
from gateway.soap.contract import Contract, load_contract
from gateway.soap.errors import RequestInvalid
from gateway.soap.payload.charset import CHARSETS
from gateway.soap.payload.model import Payload, ReplyPlace, RequestPlace, Trade
from gateway.soap.payload.trades import with_payload
from gateway.soap.transport import HttpTransport
from tests.unit.soap.payload.billing import PACK
from tests.unit.soap.payload.far_end import SCHEMAS, Message, declared, read
from tests.unit.soap.payload.test_survival import MESSAGES

TEXT = Unicode.customize(min_occurs=1, nillable=False)


class Strings(Service):  # type: ignore[misc]  # spyne ships no types
    """Answers a message with the same message, made anew."""

    @rpc(TEXT, TEXT, _returns=TEXT)  # type: ignore[untyped-decorator]
    def Process(_ctx: Any, TransCode: str, InXml: str) -> str:  # noqa: N802, N803, N805
        """The code says of which style and charset the message is."""
        style, charset = TransCode.split()
        return declared(read(InXml, style, charset), style, charset)


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
            yield f"http://127.0.0.1:{server.server_port}/", load_contract(wsdl)
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("charset", CHARSETS)
@pytest.mark.parametrize(
    ("style", "writing"),
    [("xml", "escaped"), ("xml", "cdata"), ("json", "escaped"), ("json", "cdata"),
     ("delimited", "escaped")],
)  # fmt: skip
@settings(max_examples=30, deadline=None)
@given(message=MESSAGES)
def test_a_real_service_takes_and_gives_every_style(
    service: tuple[str, Contract],
    style: Literal["xml", "json", "delimited"],
    writing: Literal["escaped", "cdata"],
    charset: str,
    message: Message,
) -> None:
    """What it was sent comes back equal; what it could not take is not sent."""
    address, contract = service
    code: dict[tuple[str, ...], str] = {("TransCode",): f"{style} {charset}"}
    payload = Payload(
        style,
        charset,
        RequestPlace(None, writing),
        ReplyPlace(None, "escaped", ()),
        {"Echo": Trade("Process", code, SCHEMAS[style], SCHEMAS[style])},
    )
    codec = with_payload(contract, payload, PACK).codec("Echo")
    try:
        envelope = codec.encode(cast("Record", message))
    except RequestInvalid:
        return

    async def ask() -> Any:
        transport = HttpTransport()
        try:
            deadline = asyncio.get_running_loop().time() + 60
            return await transport.post(
                address, codec.headers, envelope, accepts=codec.accepts, deadline=deadline
            )
        finally:
            await transport.close()

    received = asyncio.run(ask())
    assert codec.decode(received.body, received.status) == message
