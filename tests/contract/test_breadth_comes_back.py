"""What a contract of every construct allows is encoded, found valid, and comes back the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from gateway.record import Record
from gateway.soap.contract import load_contract
from gateway.soap.document_codec import DocumentCodec
from gateway.soap.operation import SoapOperation
from tests.contract.generated import a_record

WSDL = Path(__file__).parents[1] / "breadth" / "service" / "document.wsdl"
CASES = [
    (port, name, reply)
    for port in ("Clinic", "Clinic12")
    for name in ("Admit", "Count")
    for reply in (False, True)
]


@pytest.mark.parametrize(("port", "name", "reply"), CASES)
def test_what_the_model_allows_the_schema_allows(port: str, name: str, reply: bool) -> None:
    """Choices, groups, attributes, variants and bare texts, in both versions of SOAP."""
    operation = load_contract(WSDL, port).operations[name]
    assert isinstance(operation, SoapOperation)
    element = operation.output if reply else operation.input
    mirror = replace(operation, input=element, output=element)
    # What is sent in the header does not come back in the body.
    headers = () if reply else operation.headers
    codec = DocumentCodec(replace(mirror, headers=headers))

    @settings(
        max_examples=25,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    @given(a_record(element))
    def survive(record: Record) -> None:
        in_body = {key: value for key, value in record.items() if key not in headers}
        assert codec.decode(codec.encode(record)) == in_body

    survive()
