"""What a record can hold of XML Schema is written, found valid, and read back the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
from lxml import etree

from gateway.record import Record
from gateway.soap.decoding import reader_of
from gateway.soap.documents import Schema
from gateway.soap.elements import ComplexType, Element, Group, SimpleType
from gateway.soap.encoding import writer_of
from gateway.soap.errors import ContractError, RecordFault, ReplyInvalid
from gateway.soap.validator import compile_schemas
from gateway.soap.violations import violations
from gateway.soap.xsd import SchemaReader

INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
OPTIONAL = 'minOccurs="0"'
HEAD = (
    '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:t"'
    ' targetNamespace="urn:t" elementFormDefault="qualified">'
)


class Message:
    """The element `Message` of a schema, as the codecs use it."""

    def __init__(self, model: str, beside: str = "") -> None:
        text = (
            f'{HEAD}{beside}<xs:element name="Message"><xs:complexType>{model}</xs:complexType>'
            "</xs:element></xs:schema>"
        )
        schemas = (Schema(Path("message.xsd"), etree.fromstring(text)),)
        self.schema = compile_schemas(schemas)
        element = SchemaReader(schemas).element("{urn:t}Message")
        assert element is not None
        self.element = element
        self.type = cast("ComplexType", element.type)

    def write(self, record: Record) -> tuple[etree._Element, list[RecordFault]]:
        """The element of the record, and what is wrong with it."""
        faults: list[RecordFault] = []
        node = writer_of(self.element)(etree.Element("Body"), record, faults)
        if not faults and not self.schema.validate(node):
            faults = list(violations(node, self.element, self.schema))
        return node, faults

    def read(self, content: str, attributes: str = "") -> Record:
        """The record of an element of this content, which is valid."""
        node = self.parsed(content, attributes)
        assert self.schema.validate(node), str(self.schema.error_log)
        return reader_of(self.type)(node)

    def faults(self, content: str, attributes: str = "") -> list[str]:
        """What is told of an element of this content, which is not valid."""
        node = self.parsed(content, attributes)
        assert not self.schema.validate(node)
        found = violations(node, self.element, self.schema)
        return [f"{'/'.join(fault.path)} {fault.reason}" for fault in found]

    def parsed(self, content: str, attributes: str) -> etree._Element:
        """The element."""
        return etree.fromstring(
            f'<Message xmlns="urn:t" xmlns:t="urn:t" xmlns:i="{INSTANCE}" {attributes}>'
            f"{content}</Message>"
        )

    def survives(self, record: Record) -> etree._Element:
        """Write it, find it valid, read it back the same; the element."""
        node, faults = self.write(record)
        assert faults == []
        assert reader_of(self.type)(etree.fromstring(etree.tostring(node))) == record
        return node


def text(name: str, more: str = "") -> str:
    """An element of that name that holds a text."""
    return f'<xs:element name="{name}" type="xs:string" {more}/>'


def names(node: etree._Element) -> list[str]:
    """What the children of an element are called."""
    return [etree.QName(child).localname for child in node]


def occurrence(message: Message) -> dict[str, tuple[int, int | None]]:
    """How often each member may occur."""
    return {each.name: (each.min_occurs, each.max_occurs) for each in message.type.children}


def test_a_plain_type_has_no_model_and_others_keep_their_nesting() -> None:
    """What stands in a choice, and what may be left out only with others."""
    plain = Message(f"<xs:sequence>{text('A')}<xs:sequence>{text('B')}</xs:sequence></xs:sequence>")
    assert plain.type.model is None
    repeated = Message(f'<xs:choice maxOccurs="9">{text("A")}{text("B")}</xs:choice>')
    assert repeated.type.model is None
    nested = Message(
        f'<xs:sequence>{text("A")}<xs:choice minOccurs="0">{text("B")}{text("C")}</xs:choice>'
        "</xs:sequence>"
    )
    assert nested.type.model is not None
    choice = nested.type.model.parts[1]
    assert isinstance(choice, Group)
    assert (choice.choice, choice.optional) == (True, True)


def test_the_branches_of_a_choice_are_optional() -> None:
    """One of them is there, and none, or two, is refused by the schema."""
    message = Message(
        f"<xs:sequence>{text('Id')}<xs:choice>{text('A')}{text('B')}</xs:choice></xs:sequence>"
    )
    assert occurrence(message) == {"Id": (1, 1), "A": (0, 1), "B": (0, 1)}
    message.survives({"Id": "1", "B": "2"})
    for wrong in ({"Id": "1"}, {"Id": "1", "A": "2", "B": "3"}):
        assert message.write(cast("Record", wrong))[1] != []


def test_what_stands_in_every_branch_is_one_member() -> None:
    """Required, if every branch requires it."""
    message = Message(
        f"<xs:choice><xs:sequence>{text('A')}{text('Id')}</xs:sequence>"
        f"<xs:sequence>{text('B')}{text('Id')}</xs:sequence></xs:choice>"
    )
    assert occurrence(message) == {"A": (0, 1), "B": (0, 1), "Id": (1, 1)}
    message.survives({"Id": "1", "A": "x"})
    message.survives({"Id": "1", "B": "x"})


def test_a_choice_that_repeats_gives_a_list_of_each() -> None:
    """In whatever order they come."""
    message = Message(
        f'<xs:choice minOccurs="0" maxOccurs="unbounded">{text("A")}{text("B")}</xs:choice>'
    )
    assert occurrence(message) == {"A": (0, None), "B": (0, None)}
    assert message.read("<B>1</B><A>2</A><B>3</B>") == {"A": ["2"], "B": ["1", "3"]}
    message.survives({"A": ["2", "4"], "B": ["1", "3"]})


def test_an_optional_group_is_there_whole_or_not_at_all() -> None:
    """Its members are optional; half of it is refused by the schema."""
    message = Message(
        f'<xs:sequence><xs:sequence minOccurs="0">{text("A")}{text("B")}</xs:sequence>'
        "</xs:sequence>"
    )
    assert occurrence(message) == {"A": (0, 1), "B": (0, 1)}
    message.survives({})
    message.survives({"A": "1", "B": "2"})
    assert message.write({"A": "1"})[1] != []


def test_a_group_that_repeats_is_written_turn_by_turn() -> None:
    """Each of its elements is a list, and all lists are as long."""
    message = Message(
        f"<xs:sequence>{text('Id')}<xs:sequence maxOccurs='unbounded'>{text('A')}{text('B')}"
        f"</xs:sequence>{text('End')}</xs:sequence>"
    )
    node = message.survives({"Id": "0", "A": ["1", "3", "5"], "B": ["2", "4", "6"], "End": "7"})
    assert names(node) == ["Id", "A", "B", "A", "B", "A", "B", "End"]
    _, faults = message.write({"Id": "0", "A": ["1", "3"], "B": ["2"], "End": "7"})
    assert faults == [RecordFault((), "must have as many of each of A, B")]


def test_all_are_read_in_any_order() -> None:
    """And written in that of the schema."""
    message = Message(f"<xs:all>{text('A')}{text('B')}{text('C', OPTIONAL)}</xs:all>")
    assert message.read("<B>2</B><A>1</A>") == {"A": "1", "B": "2"}
    assert names(message.survives({"B": "2", "A": "1"})) == ["A", "B"]


def test_a_group_by_name_stands_where_it_is_named() -> None:
    """With the occurrence of the place."""
    message = Message(
        '<xs:sequence><xs:group ref="t:Both" minOccurs="0"/></xs:sequence>',
        f'<xs:group name="Both"><xs:sequence>{text("A")}{text("B")}</xs:sequence></xs:group>',
    )
    assert occurrence(message) == {"A": (0, 1), "B": (0, 1)}
    message.survives({"A": "1", "B": "2"})


def test_what_a_contract_has_room_for_is_passed_by() -> None:
    """Children that it does not name are neither an error nor data, and are never written."""
    message = Message(
        f'<xs:sequence>{text("A")}<xs:any namespace="##any" processContents="lax" minOccurs="0"'
        ' maxOccurs="unbounded"/></xs:sequence>'
    )
    assert message.read('<A>1</A><x xmlns="urn:x">2</x><New/>') == {"A": "1"}
    message.survives({"A": "1"})
    assert message.write({"A": "1", "New": "2"})[1] == [
        RecordFault(("New",), "is not in the contract")
    ]


def test_a_known_name_must_not_stand_where_anything_may() -> None:
    """Whichever of the two was meant, the other is a guess."""
    message = Message(
        f'<xs:sequence>{text("A")}<xs:any processContents="lax" minOccurs="0"/></xs:sequence>'
    )
    with pytest.raises(ReplyInvalid, match="/A again"):
        message.read("<A>1</A><A>2</A>")


def test_attributes_are_members_named_with_an_at() -> None:
    """Of whichever form, required as the schema says."""
    message = Message(
        f"<xs:sequence>{text('A')}</xs:sequence>"
        "<xs:attribute name='code' type='xs:int' use='required'/>"
        "<xs:attribute name='note' form='qualified'/><xs:attributeGroup ref='t:More'/>"
        "<xs:anyAttribute processContents='lax'/>",
        "<xs:attributeGroup name='More'><xs:attribute name='day' type='xs:date'/>"
        "<xs:attribute name='old' use='prohibited'/></xs:attributeGroup>",
    )
    assert occurrence(message) == {"@code": (1, 1), "@note": (0, 1), "@day": (0, 1), "A": (1, 1)}
    node = message.survives({"@code": "7", "@note": "é <>", "A": "1"})
    assert sorted(node.items()) == [("code", "7"), ("{urn:t}note", "é <>")]
    assert message.read("<A>1</A>", 'code=" 7 " x="y"') == {"@code": "7", "A": "1"}
    _, faults = message.write({"@note": "a\0b", "A": "1"})
    assert faults == [
        RecordFault(("@code",), "is required"),
        RecordFault(("@note",), "has a character that XML cannot carry"),
    ]


def test_text_beside_attributes_is_a_member() -> None:
    """Named as in XPath; empty rather than absent."""
    message = Message(
        '<xs:sequence><xs:element name="Fee" type="t:Fee" maxOccurs="2"/></xs:sequence>',
        '<xs:complexType name="Yuan"><xs:simpleContent><xs:extension base="xs:decimal">'
        '<xs:attribute name="currency" use="required"><xs:simpleType>'
        '<xs:restriction base="xs:string"><xs:enumeration value="CNY"/></xs:restriction>'
        "</xs:simpleType></xs:attribute></xs:extension></xs:simpleContent></xs:complexType>"
        '<xs:complexType name="Fee"><xs:simpleContent><xs:restriction base="t:Yuan">'
        '<xs:fractionDigits value="2"/></xs:restriction></xs:simpleContent></xs:complexType>',
    )
    (fee,) = message.type.children
    assert isinstance(fee.type, ComplexType)
    assert [each.name for each in fee.type.children] == ["@currency", "text()"]
    assert cast("SimpleType", fee.type.children[1].type).fraction_digits == 2
    message.survives({"Fee": [{"@currency": "CNY", "text()": "12.50"}]})
    assert message.faults('<Fee currency="USD">1.555</Fee><Fee>1</Fee>') == [
        "Fee/@currency is none of CNY",
        "Fee lacks an attribute",
    ]
    assert message.faults('<Fee currency="CNY">secret</Fee>') == [
        "Fee/text() is not of the type decimal"
    ]
    assert message.faults('<Fee currency="CNY" secret="1">1</Fee>') == [
        "Fee/@* is not what the contract says"
    ]


def test_a_type_is_extended_and_restricted() -> None:
    """Extension adds to the base; restriction says anew what it has, but for attributes."""
    message = Message(
        '<xs:complexContent><xs:extension base="t:Narrow"><xs:sequence>'
        f"{text('C')}</xs:sequence><xs:attribute name='y'/></xs:extension></xs:complexContent>",
        f"<xs:complexType name='Wide'><xs:sequence>{text('A')}{text('B', OPTIONAL)}"
        "</xs:sequence><xs:attribute name='x'/></xs:complexType>"
        '<xs:complexType name="Narrow"><xs:complexContent><xs:restriction base="t:Wide">'
        f"<xs:sequence>{text('A')}</xs:sequence></xs:restriction></xs:complexContent>"
        "</xs:complexType>",
    )
    assert list(occurrence(message)) == ["@x", "@y", "A", "C"]
    message.survives({"@x": "1", "@y": "2", "A": "3", "C": "4"})


def variant(name: str, base: str, model: str) -> str:
    """A type derived from another by extension."""
    return (
        f'<xs:complexType name="{name}"><xs:complexContent><xs:extension base="t:{base}">'
        f"<xs:sequence>{model}</xs:sequence></xs:extension></xs:complexContent></xs:complexType>"
    )


ITEMS = '<xs:sequence><xs:element name="Item" type="t:Item" maxOccurs="unbounded"/></xs:sequence>'


def item(more: str = "") -> str:
    """The type that the variants derive from."""
    content = f"<xs:sequence>{text('Id')}</xs:sequence>"
    return f'<xs:complexType name="Item" {more}>{content}</xs:complexType>'


def test_variants_of_an_abstract_type_are_named() -> None:
    """The record says which; the members of all stand side by side."""
    message = Message(
        ITEMS,
        item('abstract="true"')
        + variant("Drug", "Item", text("Dose") + text("Note"))
        + variant("Test", "Item", text("Note", OPTIONAL) + text("Dose"))
        + variant("Blood", "Test", text("Tube")),
    )
    (items,) = message.type.children
    assert isinstance(items.type, ComplexType)
    assert [(each.name, each.min_occurs) for each in items.type.children] == [
        ("@xsi:type", 1), ("Id", 1), ("Dose", 1), ("Tube", 0), ("Note", 0),
    ]  # fmt: skip
    drug: Any = {"@xsi:type": "Drug", "Id": "1", "Dose": "2", "Note": "3"}
    blood: Any = {"@xsi:type": "Blood", "Id": "1", "Note": "3", "Dose": "2", "Tube": "4"}
    node = message.survives({"Item": [drug, blood]})
    assert [names(each) for each in node] == [
        ["Id", "Dose", "Note"],
        ["Id", "Note", "Dose", "Tube"],
    ]
    _, faults = message.write({"Item": [{"Id": "1"}, {"@xsi:type": "Item", "Id": "1"}]})
    assert faults == [
        RecordFault(("Item", "@xsi:type"), "is required", (0,)),
        RecordFault(("Item", "@xsi:type"), "is none of Drug, Test, Blood", (1,)),
    ]
    assert message.faults("<Item><Id>1</Id></Item>") == ["Item must name a variant of its type"]
    assert message.faults('<Item i:type="t:Secret"><Id>1</Id></Item>') == [
        "Item names no variant of its type"
    ]


def test_an_element_of_the_type_itself_need_not_say_so() -> None:
    """Where the base is not abstract, it is a variant too."""
    message = Message(ITEMS, item() + variant("Drug", "Item", text("Dose")))
    message.survives({"Item": [{"Id": "1"}, {"@xsi:type": "Drug", "Id": "1", "Dose": "2"}]})
    message.survives({"Item": [{"@xsi:type": "Item", "Id": "1"}]})


def test_variants_that_contradict_one_another_are_refused() -> None:
    """One member of two types could not be translated; without them the base alone is taken."""
    two = variant("Drug", "Item", text("Dose")) + variant(
        "Test", "Item", '<xs:element name="Dose" type="xs:int"/>'
    )
    with pytest.raises(
        ContractError, match="the element Dose at two places and of two kinds in var"
    ):
        Message(ITEMS, item('abstract="true"') + two)
    message = Message(ITEMS, item() + two)
    message.survives({"Item": [{"Id": "1"}]})
    with pytest.raises(ReplyInvalid, match="derived type"):
        message.read('<Item i:type="t:Drug"><Id>1</Id><Dose>2</Dose></Item>')


def test_lists_and_unions_are_texts() -> None:
    """A union of words is a closed list of words; a list's length is not that of its text."""
    message = Message(
        '<xs:sequence><xs:element name="Days" type="t:Days"/><xs:element name="Sex" type="t:Sex"/>'
        '<xs:element name="Any" type="t:Any"/></xs:sequence>',
        '<xs:simpleType name="Dates"><xs:list itemType="xs:date"/></xs:simpleType>'
        '<xs:simpleType name="Days"><xs:restriction base="t:Dates"><xs:maxLength value="2"/>'
        "</xs:restriction></xs:simpleType>"
        '<xs:simpleType name="Sex"><xs:union><xs:simpleType><xs:restriction base="xs:string">'
        '<xs:enumeration value="M"/></xs:restriction></xs:simpleType><xs:simpleType>'
        '<xs:restriction base="xs:string"><xs:enumeration value="F"/></xs:restriction>'
        "</xs:simpleType></xs:union></xs:simpleType>"
        '<xs:simpleType name="Any"><xs:union memberTypes="xs:date xs:int"/></xs:simpleType>',
    )
    days, sex, either = (cast("SimpleType", each.type) for each in message.type.children)
    assert (days.base, days.max_length) == ("string", None)
    assert sex.enumeration == ("M", "F")
    assert either.base == "string"
    message.survives({"Days": "2030-01-01 2030-01-02", "Sex": "F", "Any": "7"})
    assert message.write({"Days": "2030-01-01 " * 3, "Sex": "F", "Any": "7"})[1] != []


@pytest.mark.parametrize(
    ("name", "value", "wrong"),
    [
        ("gYear", "2030", "30"),
        ("gYearMonth", "2030-01", "2030-13"),
        ("duration", "P3D", "3 days"),
        ("NMTOKEN", "a-1", "a b"),
        ("ID", "a1", "1a"),
    ],
)
def test_types_of_a_form_are_texts_that_the_schema_looks_at(
    name: str, value: str, wrong: str
) -> None:
    """Policies know no more of them than that."""
    message = Message(f'<xs:sequence><xs:element name="A" type="xs:{name}"/></xs:sequence>')
    assert cast("SimpleType", message.type.children[0].type).base == "string"
    message.survives({"A": value})
    assert message.write({"A": wrong})[1] != []


def test_a_construct_that_no_message_has_refuses_nothing() -> None:
    """Only what the message is made of is read."""
    message = Message(
        f"<xs:sequence>{text('A')}</xs:sequence>",
        '<xs:complexType name="Odd" mixed="true"><xs:sequence><xs:element name="Odd" type="t:Odd"/>'
        "</xs:sequence></xs:complexType>",
    )
    message.survives({"A": "1"})


def test_a_type_that_contains_itself_is_refused() -> None:
    """Also by way of a variant."""
    group = variant("Group", "Item", '<xs:element name="Of" type="t:Item" maxOccurs="9"/>')
    with pytest.raises(ContractError, match="the type Item, which contains itself,"):
        Message(ITEMS, item('abstract="true"') + group)


def element_of(message: Message, name: str) -> Element:
    """The member of that name."""
    return next(each for each in message.type.children if each.name == name)


def test_a_nil_element_with_text_beside_attributes_is_nil() -> None:
    """Whatever its attributes say."""
    message = Message(
        '<xs:sequence><xs:element name="Fee" nillable="true"><xs:complexType><xs:simpleContent>'
        '<xs:extension base="xs:decimal"><xs:attribute name="currency"/></xs:extension>'
        "</xs:simpleContent></xs:complexType></xs:element></xs:sequence>"
    )
    assert element_of(message, "Fee").nillable
    assert message.read('<Fee i:nil="true" currency="CNY"/>') == {"Fee": None}
    message.survives({"Fee": None})
