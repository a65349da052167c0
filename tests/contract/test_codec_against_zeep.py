"""On values generated from the contracts' own types, the compiled codecs and zeep agree."""

from __future__ import annotations

import base64
import datetime
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import zeep.helpers
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from gateway.record import Record, Value
from gateway.soap.contract import Contract, load_contract
from gateway.soap.document_codec import DocumentCodec
from gateway.soap.elements import ComplexType, Element, SimpleType
from gateway.soap.errors import ReplyInvalid, RequestInvalid
from gateway.soap.operation import SoapOperation
from tests.contract.generated import a_record

ROOT = Path(__file__).parents[2]
WSDLS: dict[str, tuple[Path, str | None]] = {
    "clinic": (ROOT / "tests/unit/soap/contracts/clinic/clinic.wsdl", "ClinicSoap"),
    "clinic-1.2": (ROOT / "tests/unit/soap/contracts/clinic/clinic.wsdl", "ClinicSoap12"),
    "registration": (ROOT / "contracts/registration/registration.wsdl", None),
    "rpc": (ROOT / "tests/breadth/service/rpc.wsdl", "Clinic"),
    "rpc-1.2": (ROOT / "tests/breadth/service/rpc.wsdl", "Clinic12"),
}


@dataclass(frozen=True)
class Subject:
    """One operation as we and as zeep see it. `replies` encodes what the hospital would send."""

    request: Element
    reply: Element
    requests: DocumentCodec
    replies: DocumentCodec
    theirs: Any
    binding: Any


@cache
def contract(name: str) -> Contract:
    """The contract of that name, read once."""
    wsdl, port = WSDLS[name]
    return load_contract(wsdl, port)


@cache
def binding(name: str) -> Any:
    """zeep's binding of the same port."""
    wsdl, port = WSDLS[name]
    client: Any = zeep.Client
    service = next(iter(client(str(wsdl)).wsdl.services.values()))
    return service.ports[port or next(iter(service.ports))].binding


def soap_operation(name: str, operation: str) -> SoapOperation:
    """An operation of that WSDL."""
    found = contract(name).operations[operation]
    assert isinstance(found, SoapOperation)
    return found


@cache
def subject(name: str, operation: str) -> Subject:
    """The operation, compiled once for all examples."""
    ours = soap_operation(name, operation)
    return Subject(
        request=ours.input,
        reply=ours.output,
        requests=DocumentCodec(ours),
        replies=DocumentCodec(replace(ours, input=ours.output)),
        theirs=binding(name).get(operation),
        binding=binding(name),
    )


as_dictionaries: Any = zeep.helpers.serialize_object

OPERATIONS = [(name, operation) for name in WSDLS for operation in contract(name).operations]
each_operation = pytest.mark.parametrize(("name", "operation"), OPERATIONS)
examples = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@each_operation
def test_requests_are_those_that_zeep_makes(name: str, operation: str) -> None:
    """Byte by byte the same after canonicalisation."""
    it = subject(name, operation)

    @examples
    @given(a_record(it.request))
    def agree(arguments: Record) -> None:
        theirs = it.theirs.create(**for_zeep(it.request, arguments))
        ours = it.requests.encode(arguments)
        assert canonical(ours) == canonical(etree.tostring(theirs.content))

    agree()


@each_operation
def test_replies_are_read_as_zeep_reads_them(name: str, operation: str) -> None:
    """The record means what zeep's objects mean, and comes back as it was encoded."""
    it = subject(name, operation)

    @examples
    @given(a_record(it.reply))
    def agree(record: Record) -> None:
        body = it.replies.encode(record)
        decoded = it.replies.decode(body)
        assert decoded == record
        theirs = it.theirs.process_reply(etree.fromstring(body))
        assert meaning(it.reply, decoded) == plain(as_dictionaries(theirs, dict))

    agree()


HOSTILE = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        (
            "</Code><x/>",
            "]]>",
            "<![CDATA[",
            "&x;",
            "<!--",
            "<?x?>",
            "\0",
            "\ud800",
            "\r\n",
            "\uff11",
            "",
        )
    ),
)


def leaves(kind: ComplexType, prefix: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The paths of all texts that occur at most once, below this type."""
    found: list[tuple[str, ...]] = []
    for child in kind.children:
        if isinstance(child.type, SimpleType):
            found += [] if child.repeats else [(*prefix, child.name)]
        elif not child.repeats:
            found += leaves(child.type, (*prefix, child.name))
    return found


@each_operation
def test_a_hostile_text_is_carried_whole_or_refused(name: str, operation: str) -> None:
    """Any text in any place either comes back as it was or is a fault of exactly its field."""
    it = subject(name, operation)
    assert isinstance(it.request.type, ComplexType)
    mirror = DocumentCodec(replace(soap_operation(name, operation), output=it.request))

    @examples
    @given(a_record(it.request), st.sampled_from(leaves(it.request.type)), HOSTILE)
    def survive(arguments: Record, path: tuple[str, ...], text: str) -> None:
        holder = arguments
        for step in path[:-1]:
            inner = holder.get(step)
            if not isinstance(inner, dict):
                return
            holder = inner
        holder[path[-1]] = text
        refused: set[tuple[str, ...]] = set()
        body = b""
        try:
            body = mirror.encode(arguments)
        except RequestInvalid as error:
            refused = {fault.path for fault in error.faults}
        if refused:
            assert refused == {path}
            return
        assert text_at(mirror.decode(body), path) in (text, " ".join(text.split()))

    survive()


@each_operation
def test_a_reply_cut_or_changed_anywhere_is_read_right_or_refused(
    name: str, operation: str
) -> None:
    """A cut reply never decodes; one changed byte gives a record that is valid again, or none."""
    it = subject(name, operation)

    @examples
    @given(a_record(it.reply), st.data())
    def survive(record: Record, data: st.DataObject) -> None:
        body = it.replies.encode(record)
        place = data.draw(st.integers(0, len(body) - 1))
        with pytest.raises(ReplyInvalid):
            it.replies.decode(body[:place])
        changed = body[:place] + data.draw(st.binary(min_size=1, max_size=1)) + body[place + 1 :]
        try:
            decoded = it.replies.decode(changed)
        except ReplyInvalid:
            return
        it.replies.encode(decoded)

    survive()


def text_at(record: Record, path: tuple[str, ...]) -> Value:
    """The value at the path, which is there."""
    value: Value = record
    for step in path:
        assert isinstance(value, dict)
        value = value[step]
    return value


def canonical(message: bytes) -> str:
    """Canonical XML 2.0 with prefixes rewritten: zeep chooses others."""
    return str(etree.canonicalize(message.decode(), rewrite_prefixes=True))


def for_zeep(element: Element, value: Value) -> Any:
    """The value as zeep wants it: records and texts, but nil, booleans and bytes its own way."""
    if isinstance(value, list):
        return [for_zeep(element, item) for item in value]
    if value is None:
        return zeep.xsd.Nil
    if isinstance(element.type, ComplexType):
        assert isinstance(value, dict)
        children = {child.name: child for child in element.type.children}
        return {name: for_zeep(children[name], item) for name, item in value.items()}
    assert isinstance(value, str)
    if element.type.base == "boolean":
        return value == "true"
    return base64.b64decode(value) if element.type.base == "base64Binary" else value


def meaning(element: Element, value: Value) -> Any:
    """What a record means, in zeep's terms: what is empty is `None` to it, like what is absent."""
    if isinstance(value, list):
        return [meaning(element, item) for item in value]
    if not value:
        return None
    if isinstance(element.type, ComplexType):
        assert isinstance(value, dict)
        found = {}
        for child in element.type.children:
            absent: Value = [] if child.repeats else None
            found[child.name] = meaning(child, value.get(child.name, absent))
        return found
    assert isinstance(value, str)
    return _MEANINGS[element.type.base](value)


_MEANINGS: dict[str, Any] = {
    "string": str,
    "integer": int,
    "decimal": Decimal,
    "boolean": lambda text: text == "true",
    "date": datetime.date.fromisoformat,
    "dateTime": datetime.datetime.fromisoformat,
    "time": datetime.time.fromisoformat,
    "base64Binary": base64.b64decode,
}


def plain(value: Any) -> Any:
    """zeep's objects as dictionaries and lists; one without any content is its way to say nil."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        found = {name: plain(item) for name, item in value.items()}
        return found if any(item not in (None, []) for item in found.values()) else None
    return value
