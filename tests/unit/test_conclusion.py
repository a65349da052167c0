"""What a valid answer means for the request that it answers."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.conclusion import NotComparable, Reply, WrongSubject, conclude, hold_response
from gateway.problems import Rejection
from gateway.record import Record
from gateway.translation.inbound import Untranslatable
from gateway.translation.outcomes import (
    Empty,
    Outcome,
    Refused,
    Succeeded,
    UnknownCode,
    UpstreamFailure,
)
from tests import replies
from tests.replies import CARD, OTHER_CARD, OTHER_SLOT, SLOT
from tests.unit.translation.contexts import context
from tests.unit.world import route

ASKED: Record = {"SlotCode": SLOT, "CardNo": CARD}
HOLD, APPOINTMENTS, ASK = route("hold-slot"), route("list-appointments"), "operations-hold-slot"


def record(name: str, body: bytes) -> Record:
    return route(name).codec.decode(body)


def concluded(name: str, body: bytes, outcome: Outcome | None = None) -> Any:
    reply = Reply(record(name, body), outcome or Succeeded())
    return conclude(route(name), ASKED, reply, context(card=CARD))


def answered(name: str, asked: Record, body: bytes) -> Any:
    return conclude(route(name), asked, Reply(record(name, body), Succeeded()), context())


def test_a_success_of_what_was_asked_is_the_response() -> None:
    """Valid against the route's own schema."""
    body = concluded("hold-slot", replies.held())
    assert body["slotId"] == SLOT
    hold_response(HOLD, body)


def test_a_success_of_something_else_is_a_reused_key() -> None:
    """The hospital answered as it did the first time, to another request."""
    with pytest.raises(Rejection) as caught:
        concluded("hold-slot", replies.held(slot=OTHER_SLOT))
    assert (caught.value.slug, caught.value.reason) == ("key-reused", "success-of-something-else")


GUARDIAN = (
    "<Guardian><Name>王五</Name><DocType>01</DocType><DocNo>11010519491231002X</DocNo></Guardian>"
)


def test_a_success_with_what_was_left_out_is_a_reused_key() -> None:
    """A card with a guardian is not the one that was asked for without; sex and birth are."""
    asked: Record = dict(record("get-card", replies.reply("QueryCard", replies.card()))["Card"])  # type: ignore[arg-type]
    for filled_in in ("SexCode", "BirthDate"):
        asked.pop(filled_in)
    made = replies.card().replace("<CreateTime>", f"{GUARDIAN}<CreateTime>")
    assert answered("create-card", asked, replies.reply("CreateCard", replies.card()))["id"]
    with pytest.raises(Rejection) as caught:
        answered("create-card", asked, replies.reply("CreateCard", made))
    assert caught.value.slug == "key-reused"


def test_a_success_that_does_not_say_of_what_cannot_be_compared() -> None:
    """The element is optional in the contract; here it is needed."""
    with pytest.raises(NotComparable):
        concluded("hold-slot", replies.reply("LockSlot"))


def test_a_success_for_another_card_is_not_this_subjects() -> None:
    """Before anything else is said of it."""
    with pytest.raises(WrongSubject):
        concluded("hold-slot", replies.held(card=OTHER_CARD, slot=OTHER_SLOT))


def test_a_row_that_names_no_card_is_nobodys() -> None:
    """It is not taken for the subject's only because it does not say otherwise."""
    rows: Record = {"OrderList": {"Order": [{"CardNo": CARD}, {"OrderNo": "1"}]}}
    with pytest.raises(WrongSubject):
        conclude(APPOINTMENTS, {}, Reply(rows, Succeeded()), context(card=CARD))


@pytest.mark.parametrize("rows", [{}, {"OrderList": {}}, {"OrderList": {"Order": []}}])
def test_a_list_without_rows_is_about_nobody_else(rows: Record) -> None:
    """Nothing in it contradicts the subject."""
    assert conclude(APPOINTMENTS, {}, Reply(rows, Succeeded()), context(card=CARD)) == {"items": []}


def test_a_refusal_carries_the_hospitals_words_only_where_marked() -> None:
    """And says of a write that it was refused."""
    with pytest.raises(Rejection) as caught:
        concluded("hold-slot", replies.held(), Refused("refused", "请到窗口"))
    refused = caught.value
    assert (refused.slug, refused.outcome, refused.message, refused.refund_required) == (
        "refused", "refused", "请到窗口", False,
    )  # fmt: skip


def test_a_refusal_of_a_paid_write_asks_for_the_money_back() -> None:
    """Where the policy says that it comes after payment."""
    with pytest.raises(Rejection) as caught:
        conclude(
            route("pay-appointment"), {}, Reply({}, Refused("already-paid")), context(card=CARD)
        )
    assert caught.value.refund_required


def test_a_refused_read_has_no_outcome() -> None:
    """There was nothing to be carried out."""
    with pytest.raises(Rejection) as caught:
        conclude(route("list-departments"), {}, Reply({}, Refused("refused")), context())
    assert caught.value.outcome is None


def test_a_refused_question_says_nothing_of_the_write() -> None:
    """A refusal would be taken for the write's own end."""
    with pytest.raises(UpstreamFailure):
        conclude(route(ASK), {}, Reply({}, Refused("slot-taken")), context(card=CARD))


def test_a_write_that_found_nothing_is_not_believed() -> None:
    """It has neither happened nor been refused."""
    with pytest.raises(UnknownCode):
        conclude(HOLD, ASKED, Reply({}, Empty()), context(card=CARD))


def test_a_read_that_found_nothing_says_so_in_its_own_way() -> None:
    """An empty list, an unknown outcome, or not found."""
    assert conclude(route("list-departments"), {}, Reply({}, Empty()), context()) == {"items": []}
    assert conclude(route(ASK), {}, Reply({}, Empty()), context(card=CARD)) == {
        "outcome": "unknown"
    }
    with pytest.raises(Rejection) as caught:
        conclude(route("get-practitioner"), {}, Reply({}, Empty()), context())
    assert (caught.value.slug, caught.value.reason) == ("not-found", "hospital-has-none")


def test_a_response_off_its_own_schema_is_never_told() -> None:
    """The last check is against what the API document promises."""
    with pytest.raises(Untranslatable, match="breaks its own schema"):
        hold_response(HOLD, {"id": "x"})
