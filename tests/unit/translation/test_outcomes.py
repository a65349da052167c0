"""What a result code says happened."""

from __future__ import annotations

import pytest

from gateway.record import Record
from gateway.translation.outcomes import (
    Empty,
    Outcome,
    Outcomes,
    Refusal,
    Refused,
    Succeeded,
    UnknownCode,
    UpstreamFailure,
)

OUTCOMES = Outcomes(
    code=("Head", "Code"),
    message=("Head", "Message"),
    success=frozenset({"0"}),
    empty=frozenset({"1"}),
    refused={"2001": Refusal("slot-taken"), "2008": Refusal("refused", show_message=True)},
    upstream_failure=frozenset({"-99"}),
)


def reply(code: str | None, message: str | None = "仅供内部") -> Record:
    return {"Head": {"Code": code, "Message": message}}


@pytest.mark.parametrize(
    ("record", "outcome"),
    [
        (reply("0"), Succeeded()),
        (reply("1"), Empty()),
        (reply("2001"), Refused("slot-taken", None)),
        (reply("2008", "请到窗口办理"), Refused("refused", "请到窗口办理")),
        (reply("2008", ""), Refused("refused", None)),
        (reply("2008", None), Refused("refused", None)),
    ],
)
def test_a_listed_code_is_what_the_policy_says(record: Record, outcome: Outcome) -> None:
    """The hospital's words pass only where the policy marks them for the patient."""
    assert OUTCOMES.read(record) == outcome


def test_a_failure_that_the_hospital_reports_is_no_outcome() -> None:
    """Nothing is known of what it did before it failed."""
    with pytest.raises(UpstreamFailure):
        OUTCOMES.read(reply("-99"))


@pytest.mark.parametrize(
    "record",
    [reply("2"), reply(""), reply(None), reply("00"), reply(" 0"), reply("0\n"), {}, {"Head": None},
     {"Head": {}}, {"Head": "0"}, {"Head": {"Code": ["0"]}}, {"Head": {"Code": {}}}],
)  # fmt: skip
def test_any_other_code_or_none_is_not_believed(record: Record) -> None:
    """An empty or nil code is no success, nor is one that only looks like it."""
    with pytest.raises(UnknownCode):
        OUTCOMES.read(record)


def test_a_code_is_read_where_an_inquiry_keeps_it() -> None:
    """The first reply's own code, not that of the answer around it."""
    record: Record = {**reply("0"), "Trade": reply("2001")}
    assert OUTCOMES.read(record, ("Trade",)) == Refused("slot-taken")


def test_without_a_message_element_a_refusal_has_none() -> None:
    """A service may have only codes."""
    outcomes = Outcomes(("C",), None, frozenset(), frozenset(), OUTCOMES.refused, frozenset())
    assert outcomes.read({"C": "2008"}) == Refused("refused", None)
