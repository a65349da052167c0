"""The hospital's promise, read offline from a pack's WSDL and XSD.

Nothing is opened that does not lie in the WSDL's own folder.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType

from gateway.soap.any_type import give_any_type
from gateway.soap.codec import Codec
from gateway.soap.credentials import NOBODY, Credentials
from gateway.soap.document_codec import DocumentCodec
from gateway.soap.documents import Documents, read_documents
from gateway.soap.elements import TEXT, ComplexType, Element
from gateway.soap.encoded_schemas import plain_schemas
from gateway.soap.errors import ContractError
from gateway.soap.operation import Operation, SoapOperation
from gateway.soap.rpc import wrapper_tags, wrappers
from gateway.soap.security import Security
from gateway.soap.validator import compile_schemas
from gateway.soap.wsdl import BoundOperation, Message, Port, WsdlReader
from gateway.soap.xsd import SchemaReader


@dataclass(frozen=True, slots=True)
class Contract:
    """A port of a WSDL: what can be called, how it is spoken, and why the rest cannot be called.

    `digest` (SHA-256, hex) is over every document it was read from.
    """

    operations: Mapping[str, Operation]
    codecs: Mapping[str, Callable[[Credentials], Codec]]
    digest: str
    refused: Mapping[str, ContractError] = field(default_factory=dict, compare=False)

    def codec(self, name: str, credentials: Credentials = NOBODY) -> Codec:
        """A codec of the operation of that name, of which there is one.

        With `credentials` every request says who sends it.
        """
        return self.codecs[name](credentials)


def load_contract(wsdl: Path, port: str | None = None, *, any_text: bool = False) -> Contract:
    """Read `wsdl` and what it imports from its own folder.

    `port` names the port; it may be left out when there is one SOAP port only. With `any_text`
    an element that may hold anything is taken for a text, for a payload to stand there as
    elements. `ContractError` says in which file and line there is something that the gateway
    cannot take. Where that concerns some operations only, the others are taken.
    """
    documents = read_documents(wsdl)
    if any_text:
        for schema in documents.schemas:
            give_any_type(schema.root)
    reader = WsdlReader(documents)
    found = reader.port(port)
    operations: dict[str, SoapOperation] = {}
    refused = dict(found.refused)
    for encoded in (False, True):
        bound = [each for each in found.operations if each.encoded is encoded]
        if bound:
            messages = _Messages(
                documents, reader, found, bound, encoded=encoded, any_text=any_text
            )
            operations |= messages.operations
            refused |= messages.refused
    if not operations:
        raise next(iter(refused.values()), ContractError(wsdl, None, "has no operation"))
    in_order = [each.name for each in found.operations if each.name in operations]
    return Contract(
        operations=MappingProxyType({name: operations[name] for name in in_order}),
        codecs=MappingProxyType(
            {name: _secured(partial(DocumentCodec, operations[name])) for name in in_order}
        ),
        digest=documents.digest,
        refused=MappingProxyType(refused),
    )


def _secured(make: Callable[[Security | None], Codec]) -> Callable[[Credentials], Codec]:
    """The maker of a codec of the WSDL, to which of all credentials its header matters."""
    return lambda credentials: make(credentials.security)


class _Messages:
    """The operations of a port whose messages are of one form, encoded or not."""

    def __init__(
        self,
        documents: Documents,
        wsdl: WsdlReader,
        port: Port,
        bound: list[BoundOperation],
        *,
        encoded: bool,
        any_text: bool,
    ) -> None:
        self._wsdl = wsdl
        self._port = port
        self._encoded = encoded
        self.operations: dict[str, SoapOperation] = {}
        self.refused: dict[str, ContractError] = {}
        taken = [each for each in bound if self._is_taken(each)]
        rpc = [operation for operation in taken if operation.rpc]
        schemas = (*documents.schemas, *wrappers(documents, rpc))
        if encoded:
            schemas = plain_schemas(schemas)
        self._types = SchemaReader(schemas, any_text=any_text)
        self._schema = compile_schemas(schemas)
        for operation in taken:
            try:
                self.operations[operation.name] = self._operation(operation)
            except ContractError as error:
                self.refused[operation.name] = error

    def _is_taken(self, operation: BoundOperation) -> bool:
        try:
            self._refuse_unsupported(operation)
        except ContractError as error:
            self.refused[operation.name] = error
            return False
        return True

    def _operation(self, bound: BoundOperation) -> SoapOperation:
        if bound.rpc:
            sent, told = wrapper_tags(bound)
        else:
            sent, told = self._only(bound, bound.input), self._only(bound, bound.output)
        message = self._root(bound, sent)
        headers = tuple(self._root(bound, part.element) for part in bound.input.header)
        return SoapOperation(
            name=bound.name,
            action=bound.action,
            input=self._with_headers(bound, message, headers),
            output=self._root(bound, told),
            soap=self._port.soap,
            schema=self._schema,
            headers=tuple(header.name for header in headers),
            encoded=self._encoded,
        )

    def _refuse_unsupported(self, operation: BoundOperation) -> None:
        if operation.encoded and not operation.rpc:
            raise self._wsdl.error(operation.node, "an encoded document is not supported")
        if operation.encoded and self._port.soap == "1.2":
            raise self._wsdl.error(operation.node, "the encoding of SOAP 1.2 is not supported")
        for part in (*operation.input.body, *operation.output.body):
            if operation.rpc and not part.type:
                what = f"the part {part.name} of an element in an rpc message is not supported"
                raise self._wsdl.error(part.node, what)

    def _only(self, operation: BoundOperation, message: Message) -> str:
        if len(message.body) != 1:
            raise self._wsdl.error(
                operation.node,
                f"{operation.name} needs an input and an output message of exactly one part each",
            )
        (part,) = message.body
        if not part.element:
            what = f"the part {part.name} of a type in a document is not supported"
            raise self._wsdl.error(part.node, what)
        return part.element

    def _root(self, operation: BoundOperation, tag: str) -> Element:
        """The element of that name, which stands in no other; a text in it is a member of its."""
        element = self._types.element(tag)
        if element is None:
            raise self._wsdl.error(
                operation.node,
                f"{operation.name} uses the element {tag}, and no schema declares it",
            )
        if isinstance(element.type, ComplexType):
            return element
        text = Element(TEXT, "", element.type)
        return replace(element, type=ComplexType(element.type.name, (text,)))

    def _with_headers(
        self, operation: BoundOperation, message: Element, headers: tuple[Element, ...]
    ) -> Element:
        if not headers or not isinstance(message.type, ComplexType):
            return message
        members = (*message.type.children, *headers)
        names = [member.name for member in members]
        if len(set(names)) != len(names):
            what = f"a soap:header of {operation.name} with the name of another of its elements"
            raise self._wsdl.error(operation.node, f"{what} is not supported")
        return replace(message, type=replace(message.type, children=members))
