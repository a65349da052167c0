"""What can be called, as a contract promises it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from lxml import etree

from gateway.soap.elements import Element


@dataclass(frozen=True, slots=True)
class Operation:
    """What policies see of an operation: its name, what goes out and what comes back."""

    name: str
    input: Element
    output: Element


@dataclass(frozen=True, slots=True)
class SoapOperation(Operation):
    """An operation of a WSDL: `input` and `output` are the children of the SOAP bodies.

    `headers` names the members of `input` that stand in the SOAP header instead; `encoded` says
    that messages are in the encoding of SOAP 1.1 section 5, and `schema` is of their plain form.
    """

    action: str
    soap: Literal["1.1", "1.2"]
    schema: etree.XMLSchema = field(compare=False)
    headers: tuple[str, ...] = ()
    encoded: bool = False
