"""Contracts are read offline, whole, and refused where they are not understood."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import zeep
from zeep.xsd import ComplexType as ZeepComplexType

from gateway.soap.contract import load_contract
from gateway.soap.documents import SOAP_ENCODING
from gateway.soap.elements import ComplexType, Element, SimpleType, nearest
from gateway.soap.errors import ContractError
from gateway.soap.operation import SoapOperation
from tests.unit.soap.clinic import CLINIC, clinic

REGISTRATION = Path(__file__).parents[3] / "contracts" / "registration" / "registration.wsdl"
ENCODING = f'<xs:import namespace="{SOAP_ENCODING}"/>'


def changed(folder: Path, file: str, old: str, new: str) -> Path:
    """A copy of the clinic's contract with one piece of one file replaced."""
    shutil.copytree(CLINIC.parent, folder / "clinic")
    path = folder / "clinic" / file
    text = path.read_text()
    assert text.count(old) >= 1, "the piece to replace is not in the file"
    path.write_text(text.replace(old, new, 1))
    return folder / "clinic" / "clinic.wsdl"


def element_at(parent: Element, path: str) -> Element:
    """The element at `path`, which the contract has."""
    for name in path.split("/"):
        assert isinstance(parent.type, ComplexType)
        (parent,) = (child for child in parent.type.children if child.name == name)
    return parent


def simple(element: Element) -> SimpleType:
    """The element's type, which is a simple one."""
    assert isinstance(element.type, SimpleType)
    return element.type


def test_an_operation_has_its_action_and_both_elements() -> None:
    """The port's binding names the action, and the messages name the body's children."""
    operation = clinic().operations["RecordVisit"]
    assert isinstance(operation, SoapOperation)
    assert operation.action == "urn:clinic/RecordVisit"
    assert operation.soap == "1.1"
    assert operation.input.tag == "{urn:clinic}RecordVisit"
    assert operation.output.tag == "{urn:clinic}RecordVisitResponse"
    other = clinic("1.2").operations["RecordVisit"]
    assert isinstance(other, SoapOperation)
    assert other.soap == "1.2"


def test_names_are_qualified_as_each_schema_file_says() -> None:
    """`elementFormDefault` is the file's own, also when another file includes it."""
    request = clinic().operations["RecordVisit"].input
    tags = [element_at(request, path) for path in ("Code", "Visit/Day", "Visit/Paid")]
    assert [each.tag for each in tags] == ["{urn:clinic}Code", "Day", "{urn:clinic}Paid"]


def test_facets_of_every_step_of_derivation_are_kept() -> None:
    """Patterns of one step are alternatives, patterns of two steps both hold."""
    request = clinic().operations["RecordVisit"].input
    assert simple(element_at(request, "Code")) == SimpleType(
        name="Code",
        base="string",
        whitespace="preserve",
        enumeration=("0", "1", "-99"),
        patterns=("[0-9]{1,4}|-[0-9]{1,2}", ".{1,3}"),
    )
    assert simple(element_at(request, "Visit/Fee")) == SimpleType(
        name="Yuan", base="decimal", min_inclusive="0", total_digits=8, fraction_digits=2
    )
    assert simple(element_at(request, "Visit/Queue")) == SimpleType(
        name="Queue",
        base="integer",
        min_inclusive="-32768",
        max_inclusive="32767",
        min_exclusive="0",
        max_exclusive="1000",
    )
    assert simple(element_at(request, "Tag")) == SimpleType(
        name="Tag", base="string", whitespace="collapse", min_length=1, max_length=8
    )


def test_occurrence_and_nil_are_kept() -> None:
    """How often an element occurs decides whether a record holds a list."""
    operation = clinic().operations["RecordVisit"]
    tag = element_at(operation.input, "Tag")
    visits = element_at(operation.output, "VisitList/Visit")
    note = element_at(operation.input, "Note")
    assert (tag.min_occurs, tag.max_occurs, tag.repeats, tag.nillable) == (0, 3, True, False)
    assert (visits.min_occurs, visits.max_occurs, visits.repeats) == (0, None, True)
    assert (note.min_occurs, note.repeats, note.nillable) == (0, False, True)


def test_a_path_that_is_not_there_has_a_nearest_one() -> None:
    """A misspelt path is answered with the one that was probably meant."""
    response = clinic().operations["RecordVisit"].output
    assert nearest(response, "VisitList/Visits/Fee") == "VisitList/Visit/Fee"
    assert nearest(response, "zzz") is None


@pytest.mark.parametrize(
    ("wsdl", "port"), [(CLINIC, "ClinicSoap"), (REGISTRATION, None)], ids=["clinic", "registration"]
)
def test_the_element_trees_are_those_that_zeep_reads(wsdl: Path, port: str | None) -> None:
    """zeep, which reads the same types for itself, finds the same names, order and occurrence."""
    client: Any = zeep.Client
    service = next(iter(client(str(wsdl)).wsdl.services.values()))
    binding = service.ports[port or next(iter(service.ports))].binding
    contract = load_contract(wsdl, port)
    assert set(contract.operations) == set(binding._operations)
    for name, operation in contract.operations.items():
        theirs = binding._operations[name]
        for ours, body in (
            (operation.input, theirs.input.body),
            (operation.output, theirs.output.body),
        ):
            assert_same_tree(ours, body)


def assert_same_tree(ours: Element, theirs: Any) -> None:
    """Compare an element with zeep's, and all that is below it."""
    most = theirs.max_occurs
    assert ours.tag == str(theirs.qname)
    assert ours.min_occurs == int(theirs.min_occurs)
    assert ours.max_occurs == (None if most == "unbounded" else int(most))
    assert ours.nillable == bool(theirs.nillable)
    kind = theirs.type
    assert isinstance(kind, ZeepComplexType) == isinstance(ours.type, ComplexType)
    if isinstance(ours.type, ComplexType):
        children = [element for _, element in kind.elements]
        assert len(children) == len(ours.type.children)
        for child, other in zip(ours.type.children, children, strict=True):
            assert_same_tree(child, other)


def test_a_change_of_any_file_changes_the_digest(tmp_path: Path) -> None:
    """The digest is over every document read, the imported ones too."""
    wsdl = changed(tmp_path, "types/common.xsd", "[0-9]{1,4}", "[0-9]{1,5}")
    assert load_contract(wsdl, "ClinicSoap").digest != clinic().digest
    assert clinic().digest == clinic("1.2").digest


def test_a_wsdl_may_stand_in_several_files(tmp_path: Path) -> None:
    """Services in one file and bindings in another are one contract."""
    shutil.copytree(CLINIC.parent, tmp_path / "clinic")
    outer = tmp_path / "outer.wsdl"
    outer.write_text(
        '<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/" xmlns:c="urn:clinic"'
        ' targetNamespace="urn:outer">'
        '<w:import namespace="urn:clinic" location="clinic/clinic.wsdl"/>'
        '<w:service name="Outer"><w:port name="Only" binding="c:ClinicSoap">'
        '<s:address xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/" location="http://x.invalid/"/>'
        "</w:port></w:service></w:definitions>"
    )
    contract = load_contract(outer)
    assert contract.operations == clinic().operations


ELEMENT = '<xs:element name="Day" type="xs:date"/>'
VISITS = "types/visits.xsd"
BODIES = """<wsdl:input><soap:body use="literal"/></wsdl:input>
      <wsdl:output><soap:body use="literal"/></wsdl:output>"""


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (
            VISITS,
            ELEMENT,
            f'<xs:sequence maxOccurs="2">{ELEMENT}<xs:any namespace="##other"/></xs:sequence>',
            "a group that repeats, where each element in it does not occur once a turn, of the",
        ),
        (
            VISITS,
            ELEMENT,
            (
                f'<xs:choice>{ELEMENT}<xs:sequence><xs:element name="At" type="xs:time"/>'
                '<xs:element name="Day" type="xs:time"/></xs:sequence></xs:choice>'
            ),
            "the element Day at two places and of two kinds of the type Visit",
        ),
        (
            VISITS,
            ELEMENT,
            (
                '<xs:choice><xs:sequence><xs:element name="A" type="xs:date"/>'
                '<xs:element name="B" type="xs:date"/></xs:sequence><xs:sequence>'
                '<xs:element name="B" type="xs:date"/><xs:element name="A" type="xs:date"/>'
                "</xs:sequence></xs:choice>"
            ),
            "a choice between the same elements in another order of the type Visit",
        ),
        (
            VISITS,
            ELEMENT,
            '<xs:element name="Day" type="xs:date" default="2030-01-01"/>',
            'element with the attribute "default"',
        ),
        (
            VISITS,
            ELEMENT,
            '<xs:element name="Day" type="xs:date" fixed="2030-01-01"/>',
            'element with the attribute "fixed"',
        ),
        (VISITS, ELEMENT, '<xs:element name="Day" type="xs:QName"/>', "the type xs:QName"),
        (VISITS, ELEMENT, '<xs:element name="Day"/>', "element Day of any type"),
        ("clinic.wsdl", "types/visits.xsd", "types/common.xsd", "include of a schema of another"),
        (VISITS, ELEMENT, '<xs:element name="Day" type="tns:Visit"/>', "the type Visit, which con"),
        (VISITS, ELEMENT, f"{ELEMENT}{ELEMENT}", "the element Day at two places of the type Visit"),
        (VISITS, 'name="Visit"', 'name="Visit" mixed="true"', "mixed complexType"),
        (VISITS, 'name="Visit"', 'name="Visit" abstract="true"', "the abstract type Visit, of"),
        (
            VISITS,
            "</xs:complexType>",
            '<xs:attribute name="a" default="1"/></xs:complexType>',
            'attribute with the attribute "default"',
        ),
        (
            "types/common.xsd",
            '<xs:element name="Remark" type="xs:string"/>',
            (
                '<xs:element name="Remark" type="xs:string"/>'
                '<xs:element name="Aside" type="xs:string" substitutionGroup="Remark"/>'
            ),
            "element Remark as head of a substitution group",
        ),
        (
            "clinic.wsdl",
            'style="document"',
            'style="rpc"',
            "the part parameters of an element in an rpc message",
        ),
        (
            "clinic.wsdl",
            'use="literal"',
            'use="encoded"',
            "RecordVisit with one encoded message",
        ),
        (
            "clinic.wsdl",
            BODIES,
            BODIES.replace("literal", "encoded"),
            "an encoded document",
        ),
        (
            "clinic.wsdl",
            '<wsdl:part name="parameters" element="tns:RecordVisit"/>',
            '<wsdl:part name="parameters" type="tns:Visit"/>',
            "the part parameters of a type in a document",
        ),
    ],
)
def test_what_is_not_understood_is_refused_by_name_and_line(
    tmp_path: Path, file: str, old: str, new: str, message: str
) -> None:
    """A construct outside the reader's set does not load, and the message says where it stands."""
    wsdl = changed(tmp_path, file, old, new)
    with pytest.raises(ContractError) as raised:
        load_contract(wsdl, "ClinicSoap")
    assert raised.value.what.startswith(message)
    assert raised.value.what.endswith("is not supported")
    assert raised.value.file.name == Path(file).name
    assert raised.value.line is not None


@pytest.mark.parametrize(
    ("location", "message"),
    [
        ("http://schemas.invalid/common.xsd", "imports http://schemas.invalid/common.xsd, which"),
        ("//schemas.invalid/common.xsd", "imports //schemas.invalid/common.xsd, which is outside"),
        ("file:///etc/passwd", "imports file:///etc/passwd, which is outside the pack"),
        ("/etc/passwd", "imports /etc/passwd, which is outside the pack"),
        ("../../other/common.xsd", "imports ../../other/common.xsd, which is outside the pack"),
        ("..%2f..%2fcommon.xsd", "imports ..%2f..%2fcommon.xsd, which is outside the pack"),
        ("types/nothing.xsd", "imports types/nothing.xsd, and there is no such file"),
    ],
)
def test_nothing_is_read_from_outside_the_folder(
    tmp_path: Path, location: str, message: str
) -> None:
    """An import that leads out of the pack is refused, and nothing is opened or fetched."""
    wsdl = changed(tmp_path, "clinic.wsdl", "types/common.xsd", location)
    with pytest.raises(ContractError) as raised:
        load_contract(wsdl, "ClinicSoap")
    assert raised.value.what.startswith(message)
    assert raised.value.line == 13


def test_a_link_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    """A symbolic link inside the pack does not widen it."""
    wsdl = changed(tmp_path, "clinic.wsdl", "urn:clinic/RecordVisit", "urn:clinic/Other")
    outside = tmp_path / "outside.xsd"
    outside.write_bytes((CLINIC.parent / "types" / "common.xsd").read_bytes())
    inside = wsdl.parent / "types" / "common.xsd"
    inside.unlink()
    inside.symlink_to(outside)
    with pytest.raises(ContractError, match="which is outside the pack"):
        load_contract(wsdl, "ClinicSoap")


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("clinic.wsdl", "<wsdl:types>", "<wsdl:types", "is not well-formed XML"),
        (
            "types/common.xsd",
            "<xs:schema",
            '<!DOCTYPE x [<!ENTITY e "1">]><xs:schema',
            "has a DOCTYPE",
        ),
        (
            "clinic.wsdl",
            ' schemaLocation="types/common.xsd"',
            "",
            "",
        ),
        (
            "types/common.xsd",
            '<xs:totalDigits value="8"/>',
            '<xs:totalDigits value="-8"/>',
            "is no valid schema",
        ),
        (VISITS, ELEMENT, '<xs:element name="Day" type="tns:No"/>', "is no valid schema"),
        (VISITS, ELEMENT, '<xs:element name="Day" type="q:No"/>', "is no valid schema"),
        (VISITS, ELEMENT, '<xs:element ref="tns:No"/>', "is no valid schema"),
        (
            "clinic.wsdl",
            'element="tns:RecordVisit"',
            'element="tns:Nothing"',
            "RecordVisit uses the element {urn:clinic}Nothing, and no schema declares it",
        ),
        (
            "clinic.wsdl",
            'message="tns:RecordVisitIn"',
            'message="tns:Nothing"',
            "names the message tns:Nothing, and there is none",
        ),
        (
            "clinic.wsdl",
            '<wsdl:operation name="RecordVisit">\n      <soap:operation',
            '<wsdl:operation name="Other">\n      <soap:operation',
            "binds Other, and the port type has no such operation",
        ),
        ("clinic.wsdl", "urn:clinic/RecordVisit", "a&quot;b", "the soapAction of RecordVisit has"),
        ("clinic.wsdl", "urn:clinic/RecordVisit", "a&#13;&#10;b", "the soapAction of RecordVisit"),
        (
            "clinic.wsdl",
            '<wsdl:output message="tns:RecordVisitOut"/>',
            "",
            "RecordVisit needs an input and an output",
        ),
        (
            "types/common.xsd",
            "<xs:element",
            '<xs:import namespace="urn:elsewhere"/><xs:element',
            "imports the namespace urn:elsewhere, and no schema of the pack has it",
        ),
        (
            "types/common.xsd",
            "<xs:element",
            f"{ENCODING}<xs:element",
            "",
        ),
        (
            "types/common.xsd",
            "<xs:element",
            f'{ENCODING}<xs:element name="E" type="e:int" xmlns:e="{SOAP_ENCODING}"/><xs:element',
            "imports the namespace http://schemas.xmlsoap.org/soap/encoding/, and no schema of the",
        ),
    ],
)
def test_a_broken_contract_is_a_contract_error(
    tmp_path: Path, file: str, old: str, new: str, message: str
) -> None:
    """Whatever is wrong with the files, the caller sees one kind of error, or none if it can load.

    An import without a location is none, since another file of the pack has that namespace, nor is
    one of SOAP's encoding of which nothing is used.
    """
    wsdl = changed(tmp_path, file, old, new)
    if not message:
        assert load_contract(wsdl, "ClinicSoap").operations
        return
    with pytest.raises(ContractError) as raised:
        load_contract(wsdl, "ClinicSoap")
    assert raised.value.what.startswith(message)


def test_a_missing_file_is_a_contract_error(tmp_path: Path) -> None:
    """A WSDL that is not there is told like any other fault of a contract."""
    with pytest.raises(ContractError, match=r"none\.wsdl: cannot be read: No such file"):
        load_contract(tmp_path / "none.wsdl")


def test_several_ports_must_be_chosen_from() -> None:
    """The port is never guessed, and a wrong name is answered with the right ones."""
    with pytest.raises(ContractError, match="but these: ClinicSoap, ClinicSoap12"):
        load_contract(CLINIC)
    with pytest.raises(ContractError, match="no SOAP port Old; it has: ClinicSoap, ClinicSoap12"):
        load_contract(CLINIC, "Old")
