"""A route decides a contract's choices by what it sends."""

from __future__ import annotations

import pytest

from gateway.policies.choices import Undecided, decided, undecided
from gateway.policies.model import Steps
from gateway.policies.resolve import needed
from gateway.soap.elements import ComplexType, Element, Group, SimpleType

TEXT = SimpleType("string", "string")


def text(name: str, least: int = 1) -> Element:
    """An element that holds a text."""
    return Element(name, "", TEXT, least)


def message(model: Group) -> Element:
    """An element of this content model, in a group of its own."""
    members: dict[str, Element] = {}

    def gather(group: Group) -> None:
        for part in group.parts:
            if isinstance(part, Group):
                gather(part)
            else:
                members[part.name] = Element(part.name, "", part.type, 0)

    gather(model)
    inner = ComplexType("Inner", tuple(members.values()), model=model)
    return Element("Ask", "", ComplexType("Ask", (Element("In", "", inner),)))


# (Card | (Name, Birth, Phone?)), (Street, Town)?, (Weight | Height?)
MODEL = Group(
    (
        Group((text("Card"), Group((text("Name"), text("Birth"), text("Phone", 0)))), choice=True),
        Group((text("Street"), text("Town")), optional=True),
        Group((text("Weight"), text("Height", 0)), choice=True),
    )
)


def paths(*names: str) -> frozenset[Steps]:
    """The paths of these members."""
    return frozenset(("In", name) for name in names)


@pytest.mark.parametrize(
    ("given", "lacking"),
    [
        (("Card",), ()),
        (("Name",), ("Birth",)),
        (("Phone",), ("Name", "Birth")),
        (("Name", "Birth", "Phone"), ()),
        (("Card", "Town"), ("Street",)),
        (("Card", "Street", "Town", "Weight"), ()),
        (("Card", "Height"), ()),
    ],
)
def test_what_a_branch_or_group_lacks_is_needed(
    given: tuple[str, ...], lacking: tuple[str, ...]
) -> None:
    """Once something of it is sent."""
    start = message(MODEL)
    found = [path for path in needed(start, paths(*given)) if len(path) == 2]
    assert sorted(found) == sorted(paths(*lacking))
    assert list(undecided(start, paths(*given))) == []


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ((), [(("Card", "Name", "Birth", "Phone"), False)]),
        (("Street", "Town"), [(("Card", "Name", "Birth", "Phone"), False)]),
        (("Card", "Phone"), [(("Card", "Name", "Birth", "Phone"), True)]),
        (("Card", "Weight", "Height"), [(("Weight", "Height"), True)]),
    ],
)
def test_a_choice_that_is_left_open_or_contradicted_is_told(
    given: tuple[str, ...], found: list[tuple[tuple[str, ...], bool]]
) -> None:
    """With all that can be chosen from."""
    expected = [Undecided(("In",), names, too_many) for names, too_many in found]
    assert list(undecided(message(MODEL), paths(*given))) == expected


def test_a_shared_element_decides_for_the_branch_that_needs_least() -> None:
    """Or for the one that has all that is sent."""
    shared = Group((Group((text("Id"), text("A"))), Group((text("Id"), text("B", 0)))), choice=True)
    assert list(needed(message(shared), paths("Id"))) == []
    assert list(needed(message(shared), paths("A"))) == [("In", "Id")]


def test_what_has_no_choice_stays_as_it_is() -> None:
    """Whatever is sent of it."""
    plain = Element("Ask", "", ComplexType("Ask", (text("A"), text("B", 0))))
    assert decided(plain, {("B",)}) == plain
