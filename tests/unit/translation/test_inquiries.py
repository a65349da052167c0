"""How a write ended, from what the hospital keeps of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gateway.record import Record
from gateway.soap.elements import SimpleType
from gateway.translation.inbound import Inbound, Leaf, Untranslatable
from gateway.translation.inquiries import Inquiry
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
    assert INQUIRY.empty({"Code": "1"}, context(first_sent=first)) == {"outcome": outcome}


def test_a_first_sending_in_the_future_is_never_certain() -> None:
    """Another replica's clock may be ahead."""
    ahead = context(first_sent=NOW + timedelta(days=1))
    assert INQUIRY.empty({"Code": "1"}, ahead) == {"outcome": "unknown"}


@pytest.mark.parametrize("prefix", [("Trade",), ()])
def test_not_sent_is_not_said_beside_what_is_kept(prefix: tuple[str, ...]) -> None:
    """A hospital that has "no such serial" and a record of it at once is not believed."""
    inquiry = replace(INQUIRY, prefix=prefix)
    long_ago = context(first_sent=NOW - timedelta(days=1))
    kept: Record = {"Hold": {"SlotCode": "S1"}}
    contradiction: Record = {"Code": "1", "Trade": kept} if prefix else {"Code": "1", **kept}
    assert inquiry.empty(contradiction, long_ago) == {"outcome": "unknown"}
    assert inquiry.empty({"Code": "1"}, long_ago) == {"outcome": "not-sent"}
