"""The services as WSGI applications, and their WSDL as it is published and committed."""

from __future__ import annotations

from base64 import b64encode
from datetime import date
from typing import Any, Literal

from lxml import etree
from spyne import Application
from spyne.interface.wsdl import Wsdl11
from spyne.model.complex import ComplexModelBase
from spyne.protocol.soap import Soap11, Soap12
from spyne.server.wsgi import WsgiApplication

Version = Literal["1.1", "1.2"]

_WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
_SOAP_OPERATIONS = (
    "{http://schemas.xmlsoap.org/wsdl/soap/}operation",
    "{http://schemas.xmlsoap.org/wsdl/soap12/}operation",
)
_XSD = "{http://www.w3.org/2001/XMLSchema}"
_SOAP_OVER_HTTP = "http://schemas.xmlsoap.org/soap/http"


class _FastReplies:
    """Writes replies several times as fast as spyne, which asks anew of each element how.

    All that our types hold is text, numbers, times, bytes, and lists and structures of them.
    """

    def complex_to_parent(
        self,
        _ctx: Any,
        kind: Any,
        value: Any,
        parent: Any,
        namespace: str,
        name: str | None = None,
        **_options: Any,
    ) -> None:
        """Write a structure below `parent`."""
        tag = name or kind.get_type_name()
        nsmap = {"tns": namespace}
        root = etree.SubElement(parent, f"{{{namespace}}}{tag}", nsmap=nsmap)
        _write(root, kind, value, namespace)


def _write(element: Any, kind: Any, value: Any, namespace: str) -> None:
    for name, member in kind._type_info.items():
        content = getattr(value, name)
        if content is None:
            continue
        for one in content if isinstance(content, list) else (content,):
            child = etree.SubElement(element, f"{{{namespace}}}{name}")
            if isinstance(one, ComplexModelBase):
                _write(child, member, one, namespace)
            else:
                child.text = _text(one)


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return b64encode(value).decode()
    return value.isoformat() if isinstance(value, date) else str(value)


class _Reply11(_FastReplies, Soap11):  # type: ignore[misc]  # spyne ships no types
    """Replies of SOAP 1.1."""


class _Reply12(_FastReplies, Soap12):  # type: ignore[misc]  # spyne ships no types
    """Replies of SOAP 1.2."""

    def fault_to_parent(
        self, ctx: Any, kind: Any, fault: Any, parent: Any, namespace: str, **options: Any
    ) -> Any:
        """Write a fault below `parent`: what the schema says comes as bytes, which spyne leaves."""
        if isinstance(fault.faultstring, bytes):
            fault.faultstring = fault.faultstring.decode()
        return super().fault_to_parent(ctx, kind, fault, parent, namespace, **options)

    # spyne's own writes the elements of such a fault without their namespace.
    schema_validation_error_to_parent = fault_to_parent


class ServiceApplication(Application):  # type: ignore[misc]  # spyne ships no types
    """One service; its operations reach the hospital through `hospital`."""

    def __init__(
        self, name: str, service: Any, namespace: str, hospital: Any, version: Version = "1.1"
    ) -> None:
        reads, writes = {"1.1": (Soap11, _Reply11), "1.2": (Soap12, _Reply12)}[version]
        super().__init__(
            [service],
            tns=namespace,
            name=name,
            in_protocol=reads(validator="lxml"),
            out_protocol=writes(),
        )
        self.hospital = hospital
        self.transport = _SOAP_OVER_HTTP


def wsgi(application: ServiceApplication) -> Any:
    """Return the WSGI application, which also answers `?wsdl` with the tidied contract."""
    made = WsgiApplication(application)
    made.doc.wsdl11.event_manager.add_listener("wsdl_document_built", _tidy)
    return made


def wsdl(application: ServiceApplication, address: str) -> bytes:
    """Return the contract, pretty printed and always in the same order, placed at `address`."""
    document = Wsdl11(application.interface)
    document.event_manager.add_listener("wsdl_document_built", _tidy)
    document.build_interface_document(address)
    built: bytes = document.get_interface_document()
    return built.rstrip() + b"\n"


def _tidy(document: Any) -> None:
    """Make spyne's document what a contract should be: ordered, and with nothing to spare."""
    root = document.root_elt
    namespace = root.get("targetNamespace").rstrip("/")
    for schema in root.iter(f"{_XSD}schema"):
        _order_schema(schema, _message_elements(root))
    for part in root.iter(f"{_WSDL}part"):
        part.set("name", "parameters")
    for operation in root.iter(f"{_WSDL}operation"):
        operation.attrib.pop("parameterOrder", None)
        for soap in operation.iterchildren(*_SOAP_OPERATIONS):
            soap.set("soapAction", f"{namespace}/{operation.get('name')}")
    order = [f"{_WSDL}{name}" for name in ("types", "message", "portType", "binding", "service")]
    root[:] = sorted(root, key=lambda child: order.index(child.tag))
    etree.cleanup_namespaces(root, keep_ns_prefixes=["xs", "tns"])
    etree.indent(root)


def _message_elements(root: Any) -> set[str]:
    return {part.get("element").partition(":")[2] for part in root.iter(f"{_WSDL}part")}


def _order_schema(schema: Any, messages: set[str]) -> None:
    """Sort by kind and name; drop global elements that no message is made of.

    spyne declares one for every type, and a validator would take any of them for a message.
    """
    for element in schema.findall(f"{_XSD}element"):
        if element.get("name") not in messages:
            schema.remove(element)
    kinds = [f"{_XSD}{name}" for name in ("import", "simpleType", "complexType", "element")]
    schema[:] = sorted(schema, key=lambda node: (kinds.index(node.tag), node.get("name", "")))
