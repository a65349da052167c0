"""SOAP 1.1 and 1.2 envelopes: what a message is wrapped in, and what a fault looks like."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from lxml import etree

from gateway.soap.errors import ReplyInvalid, SoapFault

Version = Literal["1.1", "1.2"]


@dataclass(frozen=True, slots=True)
class Dialect:
    """The names that a version of SOAP uses for its parts, in lxml's notation."""

    namespace: str
    media_type: str
    envelope: str
    header: str
    body: str
    fault: str
    must_understand: str
    fault_code: str
    fault_text: str


def _dialect(namespace: str, media_type: str, fault_code: str, fault_text: str) -> Dialect:
    prefix = f"{{{namespace}}}"
    return Dialect(
        namespace=namespace,
        media_type=media_type,
        envelope=f"{prefix}Envelope",
        header=f"{prefix}Header",
        body=f"{prefix}Body",
        fault=f"{prefix}Fault",
        must_understand=f"{prefix}mustUnderstand",
        fault_code=fault_code.format(prefix),
        fault_text=fault_text.format(prefix),
    )


DIALECTS: Mapping[Version, Dialect] = MappingProxyType(
    {
        "1.1": _dialect(
            "http://schemas.xmlsoap.org/soap/envelope/", "text/xml", "faultcode", "faultstring"
        ),
        "1.2": _dialect(
            "http://www.w3.org/2003/05/soap-envelope",
            "application/soap+xml",
            "{0}Code/{0}Value",
            "{0}Reason/{0}Text",
        ),
    }
)

# A code is logged and compared, so it must be a name and no more.
_CODE = re.compile(r"(?:[A-Za-z_][\w.-]{0,63}:)?([A-Za-z_][A-Za-z0-9_.-]{0,63})", re.ASCII)
_SPACE = " \t\r\n"


Understood = Callable[[etree._Element], bool]
"""Whether a header block is one that is understood, and asks for nothing that is not done."""


def nothing(_block: etree._Element) -> bool:
    """Understands no header block."""
    return False


def payload(
    envelope: etree._Element, dialect: Dialect, understood: Understood = nothing
) -> etree._Element:
    """The one child of the one body; `ReplyInvalid` for any other shape."""
    children = body_children(envelope, dialect, understood)
    if len(children) != 1:
        reason = "several-children" if children else "empty-body"
        raise ReplyInvalid(reason, "a body has exactly one child")
    return children[0]


def body_children(
    envelope: etree._Element, dialect: Dialect, understood: Understood = nothing
) -> list[etree._Element]:
    """What stands in the one body; `ReplyInvalid` for any other shape.

    A header block that must be understood and is not is refused: the sender forbids to ignore it.
    """
    if envelope.tag != dialect.envelope:
        raise ReplyInvalid("not-soap", "the root is no envelope of this SOAP version")
    parts = list(envelope)
    if parts and parts[0].tag == dialect.header:
        _refuse_mandatory(parts.pop(0), dialect, understood)
    if len(parts) != 1 or parts[0].tag != dialect.body:
        reason = "several-bodies" if len(parts) > 1 else "no-body"
        raise ReplyInvalid(reason, "an envelope has one optional header and one body")
    body = parts[0]
    children = list(body)
    for text in (envelope.text, body.tail, body.text, *(child.tail for child in children)):
        if text and text.strip(_SPACE):
            raise ReplyInvalid("not-soap", "text between the parts of the envelope")
    return children


def _refuse_mandatory(header: etree._Element, dialect: Dialect, understood: Understood) -> None:
    if header.tail and header.tail.strip(_SPACE):
        raise ReplyInvalid("not-soap", "text between the parts of the envelope")
    for block in header:
        mandatory = block.get(dialect.must_understand, "0").strip(_SPACE) not in ("0", "false")
        if mandatory and not understood(block):
            raise ReplyInvalid("must-understand", "a header block that must be understood")


def fault(child: etree._Element, dialect: Dialect) -> SoapFault:
    """The fault in a body's child that is one; `ReplyInvalid` when it has no code or no text."""
    code = child.findtext(dialect.fault_code)
    text = child.findtext(dialect.fault_text)
    match = _CODE.fullmatch(code.strip(_SPACE)) if code else None
    if match is None or text is None:
        raise ReplyInvalid("fault-shape", "a fault without a code or without a text")
    return SoapFault(match[1], text)
