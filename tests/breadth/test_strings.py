"""Messages in a string of rpc/encoded, and as elements, are read and answered by real services."""

from __future__ import annotations

from typing import Literal, cast

import pytest
from hypothesis import given, settings

from gateway.record import Record
from gateway.soap.contract import load_contract
from gateway.soap.credentials import Credentials
from gateway.soap.errors import RequestInvalid
from gateway.soap.payload.charset import CHARSETS
from gateway.soap.payload.model import (
    BytesWriting,
    Encryption,
    Payload,
    ReplyPlace,
    RequestPlace,
    Style,
    Trade,
)
from gateway.soap.payload.trades import with_payload
from tests.breadth.asking import ask
from tests.breadth.conftest import SERVICE
from tests.unit.soap.payload.billing import PACK
from tests.unit.soap.payload.far_end import SCHEMAS, Message
from tests.unit.soap.payload.test_survival import MESSAGES

KEY = "a-made-up-secret-of-32-bytes-xxx"


def echoed(
    url: str,
    style: Style,
    charset: str,
    writing: Literal["escaped", "raw"],
    message: Message,
    encryption: Encryption | None = None,
) -> Message | None:
    """What the service answers to a message; None when it is not sent."""
    code = f"{style} {charset}" if encryption is None else f"{style} {charset} {encryption.written}"
    payload = Payload(
        style,
        charset,
        RequestPlace(("text",), writing),
        ReplyPlace(None, writing, (("result",),)),
        {"Echo": Trade("Process", {("code",): code}, *(SCHEMAS[style],) * 2)},
        encryption,
    )
    contract = with_payload(load_contract(SERVICE / "strings.wsdl"), payload, PACK)
    codec = contract.codec("Echo", Credentials(message_key=KEY))
    try:
        answer = ask(url, codec, cast("Record", message))
    except RequestInvalid:
        return None
    assert answer.pop("result") == "1"
    return answer


@pytest.mark.parametrize("charset", CHARSETS)
@pytest.mark.parametrize("style", SCHEMAS)
@settings(max_examples=20, deadline=None)
@given(message=MESSAGES)
def test_a_string_of_an_encoded_service_comes_back(
    address: str, style: Style, charset: str, message: Message
) -> None:
    """As an out parameter beside the result."""
    answer = echoed(f"{address}/strings", style, charset, "escaped", message)
    assert answer in (None, message)


@pytest.mark.parametrize("written", ["base64", "hex"])
@pytest.mark.parametrize("style", SCHEMAS)
@settings(max_examples=20, deadline=None)
@given(message=MESSAGES)
def test_an_encrypted_string_comes_back(
    address: str, style: Style, written: BytesWriting, message: Message
) -> None:
    """In the bytes of its charset, by another implementation of the cipher."""
    encryption = Encryption(written)
    answer = echoed(f"{address}/strings", style, "GBK", "escaped", message, encryption)
    assert answer in (None, message)


@settings(max_examples=30, deadline=None)
@given(message=MESSAGES)
def test_a_document_goes_and_comes_as_elements(address: str, message: Message) -> None:
    """Of a service that looks for its own text in the envelope."""
    answer = echoed(f"{address}/raw", "xml", "UTF-8", "raw", message)
    assert answer in (None, message)
