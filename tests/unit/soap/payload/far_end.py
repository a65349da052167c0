"""The far end of a string: reads and writes messages with other means than the gateway's."""

from __future__ import annotations

import json
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

from gateway.soap.payload.model import Payload, ReplyPlace, RequestPlace, Trade
from tests.unit.soap.payload.billing import BILLING, SOAP

Message = dict[str, Any]
"""CARDNO, NAME and, where there are any, ITEMS of NO and TEXT."""

SCHEMAS = {
    "xml": "schemas/message.xsd",
    "json": "schemas/message.json",
    "delimited": "schemas/message.yaml",
}
WRITINGS = [
    ("xml", "escaped", "escaped"),
    ("xml", "cdata", "cdata"),
    ("xml", "raw", "raw"),
    ("xml", "escaped", "twice"),
    ("xml", "attribute", "attribute"),
    ("json", "escaped", "escaped"),
    ("json", "cdata", "cdata"),
    ("json", "escaped", "twice"),
    ("json", "attribute", "attribute"),
    ("delimited", "escaped", "escaped"),
    ("delimited", "escaped", "cdata"),
    ("delimited", "escaped", "twice"),
    ("delimited", "attribute", "attribute"),
]
"""Style, how the request stands in the envelope, how the reply does."""


def service(style: Any, request: Any, reply: Any, charset: str) -> Payload:
    """A payload whose trade Echo is written so; an attribute has a carrier of its own."""
    schema = SCHEMAS[style]
    if request == "attribute":
        trade = Trade("Tell", {}, schema, schema)
        return Payload(
            style,
            charset,
            RequestPlace(("Request", "@Value"), "escaped"),
            ReplyPlace(("Result", "@Value"), "escaped", ()),
            {"Echo": trade},
        )
    trade = Trade("Process", {("TransCode",): "MZ0001"}, schema, schema)
    return Payload(
        style,
        charset,
        RequestPlace(None, request),
        ReplyPlace(None, "escaped" if reply == "cdata" else reply, ()),
        {"Echo": trade},
    )


def received(envelope: bytes, style: str, writing: str, charset: str) -> Message:
    """The message that an envelope carries; checks that it stands there as it should."""
    child = etree.fromstring(envelope, etree.XMLParser(strip_cdata=False))[-1][0]
    if writing == "attribute":
        text = str(child.xpath("string(*[local-name()='Request']/@Value)"))
        return read(text, style, charset)
    (node,) = child.iterchildren("{*}InXml")
    if writing == "raw":
        (document,) = node
        return of_xml(document)
    assert not len(node)
    assert (b"<![CDATA[" in etree.tostring(node)) == (writing == "cdata")
    return read(node.text or "", style, charset)


def read(text: str, style: str, charset: str) -> Message:
    """The message in a text, which was in its charset at some time."""
    carried = text.encode(charset)
    if style == "xml":
        return of_xml(etree.fromstring(carried))
    if style == "delimited":
        card, name, rows = carried.decode(charset).split("|")
        pairs = [row.split("^") for row in rows.split(";")] if rows else []
        items = [{"NO": number, "TEXT": told} for number, told in pairs]
        return {"CARDNO": card, "NAME": name, **({"ITEMS": items} if items else {})}
    message: Message = json.loads(carried.decode(charset))
    return message


def of_xml(root: etree._Element) -> Message:
    """The message of a document."""
    message: Message = {
        "CARDNO": root.findtext("CARDNO") or "",
        "NAME": root.findtext("NAME") or "",
    }
    items = [{part.tag: part.text or "" for part in item} for item in root.iter("ITEMS")]
    return {**message, **({"ITEMS": items} if items else {})}


def written(message: Message, style: str) -> str:
    """The message as a text."""
    if style == "json":
        return json.dumps(message, ensure_ascii=False, indent=1)
    if style == "delimited":
        rows = ";".join(f"{item['NO']}^{item['TEXT']}" for item in message.get("ITEMS", []))
        return f"{message['CARDNO']}|{message['NAME']}|{rows}"
    root = etree.Element("MESSAGE")
    for name in ("CARDNO", "NAME"):
        etree.SubElement(root, name).text = message[name]
    for item in message.get("ITEMS", []):
        row = etree.SubElement(root, "ITEMS")
        for name in ("NO", "TEXT"):
            etree.SubElement(row, name).text = item[name]
    return etree.tostring(root, encoding="unicode")


def declared(message: Message, style: str, charset: str) -> str:
    """The message as a text that says what charset it is in, where the style can say it."""
    text = written(message, style)
    return f'<?xml version="1.0" encoding="{charset}"?>\n{text}' if style == "xml" else text


def answered(message: Message, style: str, writing: str, charset: str) -> bytes:
    """The envelope that answers with a message."""
    text = written(message, style) if writing == "raw" else declared(message, style, charset)
    root = etree.Element(f"{{{SOAP}}}Envelope")
    body = etree.SubElement(root, f"{{{SOAP}}}Body")
    if writing == "attribute":
        child = etree.SubElement(body, f"{{{BILLING}}}TellResponse")
        etree.SubElement(child, f"{{{BILLING}}}Result").set("Value", text)
        return etree.tostring(root, encoding="UTF-8")
    child = etree.SubElement(body, f"{{{BILLING}}}ProcessResponse")
    node = etree.SubElement(child, f"{{{BILLING}}}ProcessResult")
    if writing == "raw":
        node.append(etree.fromstring(text))
    elif writing == "cdata" and "]]>" not in text and "\r" not in text:
        node.text = etree.CDATA(text)
    else:
        node.text = escape(text) if writing == "twice" else text
    return etree.tostring(root, encoding="UTF-8")
