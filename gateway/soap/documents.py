"""A pack's WSDL or schema with every document that it imports, read from the pack alone."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import unquote, urlsplit

from lxml import etree

from gateway.soap.errors import ContractError

WSDL = "http://schemas.xmlsoap.org/wsdl/"
XSD = "http://www.w3.org/2001/XMLSchema"
SOAP_ENCODING = "http://schemas.xmlsoap.org/soap/encoding/"
ARRAY_TYPE = f"{{{SOAP_ENCODING}}}arrayType"


@dataclass(frozen=True, slots=True)
class Schema:
    """One `xsd:schema` element and the file it stands in."""

    file: Path
    root: etree._Element

    @property
    def namespace(self) -> str:
        """The target namespace, "" if none."""
        return self.root.get("targetNamespace") or ""


@dataclass(frozen=True, slots=True)
class Documents:
    """What was read: root elements by file, the schemas in them, and the digest of the files.

    In the trees every imported location is an absolute file name and a key of `roots`.
    """

    source: Path
    roots: Mapping[Path, etree._Element]
    schemas: tuple[Schema, ...]
    digest: str


def read_documents(source: Path, folder: Path | None = None) -> Documents:
    """Read a WSDL, or a schema alone, and what it imports.

    `ContractError` if a file lies outside `folder`, which is that of `source` unless given.
    """
    source = source.resolve()
    folder = source.parent if folder is None else folder.resolve()
    roots: dict[Path, etree._Element] = {}
    digest = hashlib.sha256()
    waiting = [source]
    while waiting:
        file = waiting.pop()
        if file in roots:
            continue
        content = _content(file)
        digest.update(f"{file.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
        roots[file] = root = _parse(file, content)
        for node, attribute in _locations(root):
            target = _inside(folder, file, node, node.get(attribute, ""))
            node.set(attribute, str(target))
            waiting.append(target)
    schemas = tuple(
        Schema(file, node) for file, root in roots.items() for node in root.iter(f"{{{XSD}}}schema")
    )
    return Documents(source, roots, schemas, digest.hexdigest())


def line_of(node: etree._Element) -> int | None:
    """The line that `node` starts at in its file."""
    return cast("int | None", node.sourceline)


def kind_of(node: etree._Element) -> str:
    """The local name of a node of a document."""
    return etree.QName(node.tag).localname


def parts_of(node: etree._Element) -> list[etree._Element]:
    """The children of a node of a document that mean something."""
    return [child for child in node if kind_of(child) != "annotation"]


def qualified(node: etree._Element, name: str) -> str:
    """A QName in the text of `node`, in lxml's notation."""
    prefix, _, local = name.strip().rpartition(":")
    namespace = node.nsmap.get(prefix or None)
    return f"{{{namespace}}}{local}" if namespace else local


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ContractError(file, None, f"cannot be read: {error.strerror}") from error


def _parse(file: Path, content: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        line = error.lineno or None
        raise ContractError(file, line, f"is not well-formed XML: {error.msg}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise ContractError(file, 1, "has a DOCTYPE, which is not allowed; remove it")
    return root


def _locations(root: etree._Element) -> list[tuple[etree._Element, str]]:
    found = [(node, "location") for node in root.iter(f"{{{WSDL}}}import")]
    found += [
        (node, "schemaLocation") for node in root.iter(f"{{{XSD}}}import", f"{{{XSD}}}include")
    ]
    return [(node, attribute) for node, attribute in found if node.get(attribute)]


def _inside(folder: Path, file: Path, node: etree._Element, location: str) -> Path:
    parts = urlsplit(location)
    target = (file.parent / unquote(location)).resolve()
    if parts.scheme or parts.netloc or not target.is_relative_to(folder):
        raise ContractError(
            file,
            line_of(node),
            f"imports {location}, which is outside the pack; "
            "put the file into the pack and name it by its relative path",
        )
    if not target.is_file():
        raise ContractError(file, line_of(node), f"imports {location}, and there is no such file")
    return target
