"""A port of a WSDL 1.1: its operations, as they are bound to SOAP 1.1 or 1.2."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from gateway.soap.documents import WSDL, Documents, kind_of, line_of, qualified
from gateway.soap.envelope import Version
from gateway.soap.errors import ContractError, NoSuchPort

_SOAP: dict[str, Version] = {
    "http://schemas.xmlsoap.org/wsdl/soap/": "1.1",
    "http://schemas.xmlsoap.org/wsdl/soap12/": "1.2",
}
_OPERATION = f"{{{WSDL}}}operation"
# It is sent inside quotes in an HTTP header.
_ACTION = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]*")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a message, by its `element` or its `type` in lxml's notation; the other is ""."""

    name: str
    element: str
    type: str
    node: etree._Element


@dataclass(frozen=True, slots=True)
class Message:
    """One direction of an operation: the parts in the body, those in the header.

    `namespace` is that of the wrapper of an rpc message.
    """

    body: tuple[Part, ...]
    header: tuple[Part, ...]
    namespace: str
    encoded: bool


@dataclass(frozen=True, slots=True)
class BoundOperation:
    """An operation of a port; `node` is where the binding has it."""

    name: str
    action: str
    rpc: bool
    input: Message
    output: Message
    node: etree._Element

    @property
    def encoded(self) -> bool:
        """Whether its messages are in the encoding of SOAP."""
        return self.input.encoded


@dataclass(frozen=True, slots=True)
class Port:
    """What a port can be asked, in which version of SOAP, and why it cannot be asked the rest."""

    soap: Version
    operations: tuple[BoundOperation, ...]
    refused: Mapping[str, ContractError]


class WsdlReader:
    """Finds what the documents define and follows it from a port to the parts of its messages."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._files = {root: file for file, root in documents.roots.items()}
        self._defined: dict[tuple[str, str], etree._Element] = {}
        for root in documents.roots.values():
            namespace = root.get("targetNamespace")
            for node in root.iterchildren(f"{{{WSDL}}}*"):
                name = node.get("name", "")
                tag = f"{{{namespace}}}{name}" if namespace else name
                self._defined[kind_of(node), tag] = node

    def port(self, name: str | None = None) -> Port:
        """The port of that name, which may be left out when there is one SOAP port only."""
        ports = dict(self._ports())
        names = ", ".join(sorted(ports)) or "none"
        source = self._documents.source
        if name is None and len(ports) != 1:
            raise NoSuchPort(source, None, f"has not one SOAP port but these: {names}")
        if name is not None and name not in ports:
            raise NoSuchPort(source, None, f"has no SOAP port {name}; it has: {names}")
        binding, soap = ports[next(iter(ports)) if name is None else name]
        return self._port(binding, soap)

    def error(self, node: etree._Element, what: str) -> ContractError:
        """What is wrong with a node of the WSDL, with its place."""
        root = node.getroottree().getroot()
        return ContractError(self._files[root], line_of(node), what)

    def _ports(self) -> Iterator[tuple[str, tuple[etree._Element, str]]]:
        """Those of the WSDL itself, or, where it has none, of what it imports."""
        own = self._documents.roots[self._documents.source]
        services = list(own.iterchildren(f"{{{WSDL}}}service"))
        if not services:
            services = [node for (kind, _), node in self._defined.items() if kind == "service"]
        for service in services:
            for port in service.iterchildren(f"{{{WSDL}}}port"):
                binding = self._follow(port, "binding", port.get("binding"))
                for namespace in _SOAP:
                    if binding.find(f"{{{namespace}}}binding") is not None:
                        yield port.get("name", ""), (binding, namespace)

    def _port(self, binding: etree._Element, soap: str) -> Port:
        interface = self._follow(binding, "portType", binding.get("type"))
        promised = {node.get("name"): node for node in interface.iterchildren(_OPERATION)}
        style = _child(binding, f"{{{soap}}}binding").get("style", "document")
        operations: dict[str, BoundOperation] = {}
        refused: dict[str, ContractError] = {}
        for node in binding.iterchildren(_OPERATION):
            name = node.get("name", "")
            if name in operations or name in refused:
                raise self.error(node, "a port with two operations of one name is not supported")
            try:
                operations[name] = self._operation(node, promised.get(name), style, soap)
            except ContractError as error:
                refused[name] = error
        return Port(_SOAP[soap], tuple(operations.values()), refused)

    def _operation(
        self, node: etree._Element, promised: etree._Element | None, style: str, soap: str
    ) -> BoundOperation:
        name = node.get("name", "")
        if promised is None:
            raise self.error(node, f"binds {name}, and the port type has no such operation")
        how = node.find(f"{{{soap}}}operation")
        action = "" if how is None else how.get("soapAction", "")
        if not _ACTION.fullmatch(action):
            what = f"the soapAction of {name} has characters that a header cannot carry"
            raise self.error(node, what)
        found = BoundOperation(
            name,
            action,
            (style if how is None else how.get("style", style)) == "rpc",
            self._message(node, promised, "input", soap),
            self._message(node, promised, "output", soap),
            node,
        )
        if found.input.encoded != found.output.encoded:
            raise self.error(node, f"{name} with one encoded message is not supported")
        return found

    def _message(
        self, bound: etree._Element, promised: etree._Element, direction: str, soap: str
    ) -> Message:
        name = bound.get("name")
        said = promised.find(f"{{{WSDL}}}{direction}")
        how = bound.find(f"{{{WSDL}}}{direction}")
        if said is None or how is None:
            raise self.error(bound, f"{name} needs an input and an output message")
        body = how.find(f"{{{soap}}}body")
        if body is None:
            raise self.error(how, f"the {direction} of {name} without a soap:body is not supported")
        parts = self._parts(said)
        header = tuple(self._header(block, name) for block in how.iterchildren(f"{{{soap}}}header"))
        named = body.get("parts")
        in_header = {part.node for part in header}
        return Message(
            body=tuple(
                part
                for part in parts
                if (part.name in named.split() if named else part.node not in in_header)
            ),
            header=header,
            namespace=body.get("namespace", ""),
            encoded=body.get("use", "literal") == "encoded",
        )

    def _header(self, block: etree._Element, operation: str | None) -> Part:
        name = block.get("part", "")
        part = next((it for it in self._parts(block) if it.name == name), None)
        if part is None:
            raise self.error(block, f"a soap:header of {operation} names no part of a message")
        if not part.element or block.get("use", "literal") == "encoded":
            raise self.error(
                block, f"the soap:header {name}, which is no element, is not supported"
            )
        return part

    def _parts(self, node: etree._Element) -> tuple[Part, ...]:
        """Of the message that `node` names."""
        message = self._follow(node, "message", node.get("message"))
        return tuple(
            Part(
                part.get("name", ""),
                _named(part, "element"),
                _named(part, "type"),
                part,
            )
            for part in message.iterchildren(f"{{{WSDL}}}part")
        )

    def _follow(self, node: etree._Element, kind: str, name: str | None) -> etree._Element:
        found = self._defined.get((kind, qualified(node, name or "")))
        if found is None:
            raise self.error(node, f"names the {kind} {name}, and there is none")
        return found


def _named(part: etree._Element, attribute: str) -> str:
    name = part.get(attribute)
    return qualified(part, name) if name else ""


def _child(node: etree._Element, tag: str) -> etree._Element:
    return next(node.iterchildren(tag))
