"""The contract: what is committed is what is served, and its schema means what it says."""

from __future__ import annotations

import subprocess
import sys
from urllib.request import urlopen

import pytest
from lxml import etree

from sandbox.hospital.services import SERVICES
from tests.sandbox.world import NAMESPACE, WSDL_FILE, World, contract_file, schema

_SERVICES = [service.name for service in SERVICES.values()]

_HEAD = f'xmlns="{NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
_CODE = "<ResultCode>0</ResultCode><ResultMsg/>"


def _status(time: str) -> str:
    return (
        f"<QueryStatusResponse {_HEAD}>{_CODE}"
        f"<HospitalTime>{time}</HospitalTime></QueryStatusResponse>"
    )


def _printed(service: str) -> bytes:
    return subprocess.run(
        [sys.executable, "-m", "sandbox.hospital", "wsdl", service],
        cwd=WSDL_FILE.parents[2],
        check=True,
        capture_output=True,
        timeout=60,
    ).stdout


@pytest.mark.parametrize("service", _SERVICES)
def test_the_committed_contract_is_what_the_service_says(service: str) -> None:
    """Whoever changes a type prints the contract anew: python -m sandbox.hospital wsdl NAME."""
    assert _printed(service) == contract_file(service).read_bytes()


@pytest.mark.parametrize("service", _SERVICES)
def test_the_served_contract_differs_in_its_address_alone(world: World, service: str) -> None:
    """`?wsdl` tells the same promise, at the address that was asked."""
    address = world.address(service)
    with urlopen(f"{address}?wsdl", timeout=30) as response:  # our own address
        served = response.read().rstrip() + b"\n"
    assert address.encode() in served
    placeholder = f"http://hospital.invalid/{service}".encode()
    assert served.replace(address.encode(), placeholder) == contract_file(service).read_bytes()


@pytest.mark.parametrize("service", _SERVICES)
def test_nothing_in_the_schema_is_nillable_and_nothing_is_imported(service: str) -> None:
    """No element may be nil and no type lies elsewhere."""
    root = etree.parse(contract_file(service)).getroot()
    assert not root.xpath("//@nillable")
    assert not root.xpath("//*[local-name() = 'import' or local-name() = 'include']")


@pytest.mark.parametrize(
    "reply",
    [
        f"<BookResponse {_HEAD}>{_CODE}</BookResponse>",
        _status("2026-03-10T09:00:00"),
    ],
)
def test_a_reply_without_data_is_valid(reply: str) -> None:
    """Data is optional, so that a refusal may say its code alone."""
    schema().assertValid(etree.fromstring(reply))


@pytest.mark.parametrize(
    "reply",
    [
        f"<BookResponse {_HEAD}/>",
        f"<BookResponse {_HEAD}><ResultCode/><ResultMsg/></BookResponse>",
        f"<BookResponse {_HEAD}><ResultCode>0</ResultCode></BookResponse>",
        f'<BookResponse {_HEAD}><ResultCode xsi:nil="true"/><ResultMsg/></BookResponse>',
        f'<BookResponse {_HEAD}>{_CODE}<Order xsi:nil="true"/></BookResponse>',
        f"<BookResponse {_HEAD}>{_CODE}<Order/></BookResponse>",
        f"<BookResponse {_HEAD}>{_CODE}<Hold/></BookResponse>",
        _status("2026-03-10T09:00:00+08:00"),
        f"<Order {_HEAD}/>",
    ],
    ids=[
        "empty response",
        "empty code",
        "no message",
        "nil code",
        "nil order",
        "empty order",
        "another operation's data",
        "time with offset",
        "no message of any operation",
    ],
)
def test_a_reply_that_says_too_little_is_not_valid(reply: str) -> None:
    """What spyne would let through by default is refused here."""
    assert not schema().validate(etree.fromstring(reply))


@pytest.mark.parametrize(
    "element",
    [
        "<QueryCard {}><ChannelCode>VIDEO</ChannelCode></QueryCard>",
        "<QueryCard {}><ChannelCode>video</ChannelCode><CardNo>000000000001</CardNo></QueryCard>",
        "<QueryCard {}><ChannelCode>VIDEO</ChannelCode><CardNo>1</CardNo></QueryCard>",
    ],
    ids=["missing", "bad channel", "short card number"],
)
def test_a_bad_request_is_a_fault(world: World, element: str) -> None:
    """The service holds requests to the schema too, and answers a SOAP fault with status 500."""
    envelope = (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        f"{element.format(_HEAD)}</s:Body></s:Envelope>"
    )
    status, body = world.post(envelope.encode())
    assert status == 500
    assert b"SchemaValidationError" in body
