"""The hospital's promise, read offline from a pack's WSDL and XSD.

zeep reads the WSDL (services, ports, bindings, messages); `gateway.soap.xsd` reads the types with
their facets, which zeep drops. Nothing is opened that does not lie in the WSDL's own folder.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import zeep.exceptions
import zeep.wsdl
from lxml import etree
from zeep.wsdl.bindings import Soap11Binding, Soap12Binding

from gateway.soap.codec import Codec
from gateway.soap.document_codec import DocumentCodec
from gateway.soap.documents import WSDL, Documents, line_of, read_documents
from gateway.soap.elements import ComplexType, Element
from gateway.soap.errors import ContractError
from gateway.soap.operation import Operation, SoapOperation
from gateway.soap.security import Security
from gateway.soap.xsd import SchemaReader, compile_schemas

_SOAP_IN_WSDL = ("http://schemas.xmlsoap.org/wsdl/soap/", "http://schemas.xmlsoap.org/wsdl/soap12/")
# It is sent inside quotes in an HTTP header.
_ACTION = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]*")


@dataclass(frozen=True, slots=True)
class Contract:
    """A port of a WSDL: what can be called, and how it is spoken.

    `digest` (SHA-256, hex) is over every document it was read from.
    """

    operations: Mapping[str, Operation]
    codecs: Mapping[str, Callable[[Security | None], Codec]]
    digest: str

    def codec(self, name: str, security: Security | None = None) -> Codec:
        """A codec of the operation of that name, of which there is one.

        With `security` every request says in its header who sends it.
        """
        return self.codecs[name](security)


def load_contract(wsdl: Path, port: str | None = None) -> Contract:
    """Read `wsdl` and what it imports from its own folder.

    `port` names the port; it may be left out when there is one SOAP port only. `ContractError`
    says in which file and line there is something that the gateway cannot take.
    """
    documents = read_documents(wsdl)
    reader = SchemaReader(documents.schemas)
    schema = compile_schemas(documents.schemas)
    binding = _binding(documents, port)
    _refuse_unsupported(documents, binding.name)
    soap: Literal["1.1", "1.2"] = "1.2" if isinstance(binding, Soap12Binding) else "1.1"
    operations = {
        name: SoapOperation(
            name=name,
            action=_action(documents, found),
            input=_message(documents, reader, name, found.input),
            output=_message(documents, reader, name, found.output),
            soap=soap,
            schema=schema,
        )
        for name, found in binding._operations.items()
    }
    return Contract(
        operations=MappingProxyType(operations),
        codecs=MappingProxyType(
            {name: partial(DocumentCodec, found) for name, found in operations.items()}
        ),
        digest=documents.digest,
    )


class _Files:
    """What zeep calls a transport: gives it the documents already read, and opens nothing."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def load(self, url: str) -> bytes:
        return etree.tostring(self._documents.roots[Path(url)])


def _binding(documents: Documents, port: str | None) -> Any:
    source = documents.source
    transport: Any = _Files(documents)
    settings = zeep.Settings(strict=True, forbid_dtd=True, forbid_external=True)
    try:
        # zeep leaves out, with a warning, an operation whose message it cannot resolve.
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)
            read = zeep.wsdl.Document(str(source), transport, settings=settings)
    except (
        # zeep raises its own errors and, for what it does not foresee, whatever comes.
        zeep.exceptions.Error,
        ArithmeticError,
        AssertionError,
        AttributeError,
        LookupError,
        NotImplementedError,
        TypeError,
        UserWarning,
        ValueError,
    ) as error:
        raise ContractError(source, None, f"is no WSDL that can be read: {error}") from error
    ports = {
        name: found.binding
        for service in read.services.values()
        for name, found in service.ports.items()
        if isinstance(found.binding, Soap11Binding | Soap12Binding)
    }
    names = ", ".join(sorted(ports)) or "none"
    if port is None and len(ports) != 1:
        raise ContractError(source, None, f"has not one SOAP port but these: {names}; name one")
    name = next(iter(ports)) if port is None else port
    if name not in ports:
        raise ContractError(source, None, f"has no SOAP port {port}; it has: {names}")
    return ports[name]


def _refuse_unsupported(documents: Documents, name: etree.QName) -> None:
    for file, root in documents.roots.items():
        for binding in root.iter(f"{{{WSDL}}}binding"):
            if binding.get("name") != name.localname:
                continue
            for namespace in _SOAP_IN_WSDL:
                for node in binding.iter(f"{{{namespace}}}*"):
                    what = _unsupported(node)
                    if what:
                        raise ContractError(file, line_of(node), f"{what} is not supported")


def _unsupported(node: etree._Element) -> str | None:
    kind = etree.QName(node.tag).localname
    if kind == "header":
        return "soap:header"
    for attribute, value in (("style", "rpc"), ("use", "encoded")):
        if node.get(attribute) == value:
            return f'{attribute}="{value}" of soap:{kind}'
    return None


def _action(documents: Documents, operation: Any) -> str:
    action = operation.soapaction or ""
    if not _ACTION.fullmatch(action):
        raise ContractError(
            documents.source,
            None,
            f"the soapAction of {operation.name} has characters that a header cannot carry",
        )
    return action


def _message(documents: Documents, reader: SchemaReader, operation: str, message: Any) -> Element:
    body = None if message is None else message.body
    if body is None or message._is_body_wrapped:
        raise ContractError(
            documents.source,
            None,
            f"{operation} needs an input and an output message of exactly one part each",
        )
    element = reader.element(body.qname.text)
    if element is None:
        raise ContractError(
            documents.source,
            None,
            f"{operation} uses the element {body.qname.localname}, and no schema declares it",
        )
    if not isinstance(element.type, ComplexType):
        raise ContractError(
            documents.source, None, f"the element {element.name} of {operation} has no children"
        )
    return element
