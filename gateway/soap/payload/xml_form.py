"""The style `xml`: a document inside a string, by an XML Schema of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from gateway.record import Record
from gateway.soap.decoding import reader_of
from gateway.soap.documents import read_documents
from gateway.soap.elements import ComplexType, Element
from gateway.soap.encoding import writer_of
from gateway.soap.errors import ContractError, RecordFault, ReplyInvalid, RequestInvalid
from gateway.soap.parser import parse
from gateway.soap.payload.charset import Charset
from gateway.soap.validator import compile_schemas
from gateway.soap.violations import told, violations
from gateway.soap.xsd import SchemaReader

_SPACE = " \t\r\n"


class XmlForm:
    """A document with its declaration; around a reply's, white space is allowed."""

    root: Element
    digest: str

    def __init__(self, schema: Path, folder: Path, charset: Charset) -> None:
        """What `schema` imports lies in `folder`; `ContractError` where it is no schema, or has
        not one root element.
        """
        documents = read_documents(schema, folder)
        self.digest = documents.digest
        self._schema = compile_schemas(documents.schemas)
        self.root = _root(
            schema, SchemaReader(documents.schemas), documents.roots[documents.source]
        )
        kind = self.root.type
        if not isinstance(kind, ComplexType):
            raise ContractError(schema, None, f"the element {self.root.name} has no children")
        self._charset = charset
        self._declaration = f'<?xml version="1.0" encoding="{charset.name}"?>'
        self._prefixes = {f"ns{at}": name for at, name in enumerate(_namespaces(self.root))}
        self._write = writer_of(self.root)
        self._read = reader_of(kind)

    def write(self, record: Record) -> str:
        """The document; `RequestInvalid` with every fault found."""
        faults: list[RecordFault] = []
        node = self._write(etree.Element("payload", nsmap=self._prefixes), record, faults)
        if not faults:
            faults += violations(node, self.root, self._schema)
        if faults:
            raise RequestInvalid(tuple(faults))
        return self._declaration + etree.tostring(node, encoding="unicode")

    def shown(self, text: str) -> str:
        """The document, one element a line."""
        node = parse(text.encode(), self._charset.declared)
        etree.indent(node)
        return f"{self._declaration}\n{etree.tostring(node, encoding='unicode')}"

    def read(self, text: str) -> Record:
        """The record; `ReplyInvalid` with `payload-charset`, `payload-not-xml` or
        `payload-off-schema`.
        """
        try:
            node = parse(text.strip(_SPACE).encode(), self._charset.declared)
        except ReplyInvalid as refused:
            reason = "payload-charset" if refused.reason == "encoding" else "payload-not-xml"
            raise ReplyInvalid(reason, refused.reason) from None
        if node.tag != self.root.tag:
            raise ReplyInvalid("payload-off-schema", f"the root is not {self.root.name}")
        found = violations(node, self.root, self._schema, len(text))
        if found:
            raise ReplyInvalid("payload-off-schema", told(found))
        return self._read(node)


def _root(schema: Path, reader: SchemaReader, document: etree._Element) -> Element:
    """The one global element of the file that no other refers to."""
    namespace = document.get("targetNamespace")
    names = [node.get("name", "") for node in document.iterchildren("{*}element")]
    referred = {
        node.get("ref", "").rpartition(":")[2]
        for node in document.iter("{*}element")
        if node.get("ref")
    }
    roots = [name for name in names if name not in referred]
    if len(roots) != 1:
        told = f"{', '.join(roots)}; make the others types" if roots else "none"
        raise ContractError(schema, None, f"must declare one root element, and has {told}")
    element = reader.element(f"{{{namespace}}}{roots[0]}" if namespace else roots[0])
    if element is None:
        raise LookupError(roots[0])
    return element


def _namespaces(element: Element) -> dict[str, None]:
    """Every namespace of the message, each once."""
    return dict.fromkeys(_each_namespace(element))


def _each_namespace(element: Element) -> Iterator[str]:
    if element.namespace:
        yield element.namespace
    for child in element.type.children if isinstance(element.type, ComplexType) else ():
        yield from _each_namespace(child)
