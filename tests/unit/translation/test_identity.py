"""Resident identity numbers (GB 11643-1999), made here and nobody's."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.translation.faults import ValueFault
from gateway.translation.identity import check_identity_number

TODAY = date(2031, 3, 14)


def numbered(region: str, born: str, order: str) -> str:
    """The number with its check character, computed as ISO 7064 MOD 11-2 says it."""
    body = region + born + order
    remainder = 0
    for digit in body:
        remainder = (remainder + int(digit)) * 2 % 11
    return body + "0123456789X"[(12 - remainder) % 11]


def holds(number: str) -> bool:
    try:
        check_identity_number(number, TODAY)
    except ValueFault:
        return False
    return True


@given(
    st.integers(100000, 999999).map(str),
    st.dates(date(1850, 1, 1), TODAY).map(lambda day: day.strftime("%Y%m%d")),
    st.integers(0, 999).map("{:03d}".format),
)
def test_a_number_with_the_right_check_character_holds(region: str, born: str, order: str) -> None:
    """By the standard's other formulation, recursion instead of weights."""
    assert holds(numbered(region, born, order))


@pytest.mark.parametrize("number", ["11010519491231002X", "440524188001010014"])
def test_the_standards_own_examples_hold(number: str) -> None:
    """Known answers, from its text."""
    assert holds(number)


@given(st.integers(0, 17), st.sampled_from("0123456789X"))
def test_any_one_wrong_character_is_found(place: int, other: str) -> None:
    """What MOD 11-2 promises."""
    right = numbered("110101", "19900307", "123")
    wrong = right[:place] + other + right[place + 1 :]
    assert holds(wrong) == (wrong == right)


@given(st.integers(0, 15))
def test_two_neighbours_that_changed_places_are_found(place: int) -> None:
    """The commonest slip of a typing hand."""
    right = numbered("110101", "19900307", "129")
    swapped = right[:place] + right[place + 1] + right[place] + right[place + 2 :]
    assert holds(swapped) == (swapped == right)


@pytest.mark.parametrize(
    ("born", "why"),
    [
        ("20310315", "tomorrow"),
        ("18491231", "too long ago"),
        ("19900230", "no such day"),
        ("19901301", "no such month"),
        ("00000000", "no date at all"),
    ],
)
def test_a_birth_that_cannot_be_is_refused(born: str, why: str) -> None:
    """Though the check character is right."""
    assert not holds(numbered("110101", born, "123")), why


@pytest.mark.parametrize(
    "number",
    ["", "11010119900307123", "110101900307123", "1101011990030712345", "010101199003071234",
     "110101199003071\uff123X", "11010119900307123x", "110101199003071234\n", "张三"],
)  # fmt: skip
def test_another_shape_is_refused(number: str) -> None:
    """Fifteen digits of old, a small x, other scripts' digits, a newline at the end."""
    assert not holds(number)


def test_someone_born_today_has_a_number() -> None:
    """On the hospital's day."""
    assert holds(numbered("110101", "20310314", "001"))
