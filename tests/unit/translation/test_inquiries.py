"""How a write ended, from what the hospital keeps of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from gateway.record import Record
from gateway.soap.elements import SimpleType
from gateway.translation.inbound import Inbound, Leaf, Untranslatable
from gateway.translation.inquiries import Inquiry, differing
from gateway.translation.outcomes import Outcomes, Refusal
from gateway.translation.values import converter
from tests.unit.translation.contexts import NOW, context

INQUIRY = Inquiry(
    Inbound(
        (Leaf("slotId", ("SlotCode",), converter("text", SimpleType("s", "string")), False),),
        at=("Hold",),
    ),
    Outcomes(
        ("Code",),
        ("Message",),
        frozenset({"0"}),
        frozenset({"1"}),
        {"2001": Refusal("slot-taken"), "2008": Refusal("refused", show_message=True)},
        frozenset({"-99"}),
    ),
    prefix=("Trade",),
    certain_after=timedelta(seconds=60),
)


def asked(**trade: Any) -> dict[str, Any]:
    return INQUIRY({"Code": "0", "Trade": trade}, context())


def test_a_write_that_succeeded_is_told_with_its_own_response() -> None:
    """As if the first reply had come."""
    assert asked(Code="0", Hold={"SlotCode": "S1"}) == {
        "outcome": "succeeded",
        "response": {"slotId": "S1"},
    }


def test_a_write_that_was_refused_is_told_with_its_problem() -> None:
    """With the hospital's words only where the policy marks them."""
    assert asked(Code="2001", Message="内部") == {
        "outcome": "refused",
        "problem": {"type": "/problems/slot-taken", "title": "The slot is taken"},
    }
    assert asked(Code="2008", Message="请到窗口")["problem"]["message"] == "请到窗口"


@pytest.mark.parametrize("code", ["-99", "1", "7", "", None])
def test_a_first_reply_that_settles_nothing_leaves_it_unknown(code: str | None) -> None:
    """A failure, an empty answer to a write, a code nobody knows."""
    assert asked(Code=code) == {"outcome": "unknown"}


def test_a_success_that_does_not_say_of_what_is_not_believed() -> None:
    """Neither succeeded nor refused may be said of it."""
    with pytest.raises(Untranslatable):
        asked(Code="0")


@pytest.mark.parametrize(
    ("ago", "outcome"), [(None, "unknown"), (0, "unknown"), (59, "unknown"), (60, "not-sent")]
)
def test_not_sent_is_said_only_when_it_is_certain(ago: int | None, outcome: str) -> None:
    """The hospital may still be at it; without the time of sending it is never certain."""
    first = None if ago is None else NOW - timedelta(seconds=ago)
    assert INQUIRY.empty(context(first_sent=first)) == {"outcome": outcome}


def test_a_first_sending_in_the_future_is_never_certain() -> None:
    """Another replica's clock may be ahead."""
    assert INQUIRY.empty(context(first_sent=NOW + timedelta(days=1))) == {"outcome": "unknown"}


SAME = ((("SlotCode",), ("Hold", "SlotCode")), (("Amount",), ("Hold", "Fee")))


@pytest.mark.parametrize(
    ("hold", "differs"),
    [
        ({"SlotCode": "S1", "Fee": "12.50"}, False),
        ({"SlotCode": "S1", "Fee": "12.5"}, False),
        ({"SlotCode": "S1", "Fee": "12.51"}, True),
        ({"SlotCode": "S2", "Fee": "12.50"}, True),
        ({"SlotCode": "S2"}, True),
        ({"SlotCode": "S1"}, None),
        ({"SlotCode": "S1", "Fee": ""}, None),
        ({"SlotCode": "S1", "Fee": None}, None),
        ({}, None),
    ],
)
def test_a_success_is_held_against_what_was_asked(hold: Record, differs: bool | None) -> None:
    """Amounts by their value, all else by its text; what the reply does not say proves nothing."""
    wanted: Record = {"SlotCode": "S1", "Amount": "12.50"}
    assert differing(SAME, wanted, {"Hold": hold}) is differs


def test_numbers_without_a_point_are_texts() -> None:
    """`007` is another card than `7`."""
    same = ((("CardNo",), ("CardNo",)),)
    assert differing(same, {"CardNo": "007"}, {"CardNo": "7"}) is True
    assert differing(same, {"CardNo": "1.x"}, {"CardNo": "1.y"}) is True


@pytest.mark.parametrize(
    ("replied", "differs"),
    [
        ("2031-03-14T09:00:00", False),
        ("2031-03-14T09:00:00.000", False),
        ("2031-03-14T09:00:00+08:00", False),
        ("2031-03-14T01:00:00Z", False),
        ("2031-03-14T09:00:01", True),
        ("2031-03-14T09:00:00Z", True),
        ("2031-03-14", True),
        ("T", True),
    ],
)
def test_a_moment_written_otherwise_is_the_same_moment(replied: str, differs: bool) -> None:
    """A fresh write must not be told as a reused key for the sake of a spelling."""
    same = ((("VerifyTime",), ("VerifyTime",)),)
    asked_for: Record = {"VerifyTime": "2031-03-14T09:00:00"}
    assert differing(same, asked_for, {"VerifyTime": replied}) is differs


def test_what_was_not_asked_is_not_compared() -> None:
    """The hospital may fill in what the caller left open."""
    assert differing(SAME, {"SlotCode": "S1"}, {"Hold": {"SlotCode": "S1", "Fee": "9"}}) is False
