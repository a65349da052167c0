"""A word for codes that no table names: it describes, and nothing follows from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.policies.packs import check_changed
from tests.policies.small import findings, small
from tests.unit.cashier.test_check import found as cashier

CODES = "codes: {kind: {blood: B, urine: U}}"
ANSWER = "Code Text? Kind? Row*(Kind)"
GUESSED = "and a code without a word would be guessed; remove it, and add a word for each code"


@pytest.mark.parametrize("unlisted", ["other", "urine"])
def test_a_new_code_has_the_word_of_all_that_are_not_listed(unlisted: str, tmp_path: Path) -> None:
    """Which is one of those that the API document lists, and perhaps one of the table's."""
    service = small(
        tmp_path,
        answer=ANSWER,
        pack=CODES,
        route=f"response: {{kind: {{hospital: Kind, code: kind, unlisted: {unlisted}}}}}",
    )
    assert service.tells("<Kind>B</Kind>") == {"kind": "blood"}
    assert service.tells("<Kind>X</Kind>") == {"kind": unlisted}
    words = service.route.schemas.response["properties"]["kind"]["enum"]
    assert words == ["blood", "urine", *{unlisted} - {"urine"}]
    assert service.route.unlisted == ("kind",)


def test_without_such_a_word_a_new_code_is_no_answer(tmp_path: Path) -> None:
    """What follows from it would be a guess."""
    route = "response: {kind: {hospital: Kind, code: kind, optional: true}}"
    service = small(tmp_path, answer=ANSWER, pack=CODES, route=route)
    assert service.tells("<Kind>X</Kind>")["problem"] == "upstream-reply-invalid"


@pytest.mark.parametrize(
    ("pack", "route", "found"),
    [
        (
            "",
            "response: {kind: {hospital: Kind, unlisted: other}}",
            (
                "unlisted is for codes that a table does not name, and there is no code; "
                "add code, or remove it"
            ),
        ),
        (
            'codes: {kind: {"true": Y, "false": N}}',
            "response: {kind: {hospital: Kind, code: kind, unlisted: other}}",
            '"kind" is true or false, and there is no third word; remove it',
        ),
        (
            CODES,
            "response: {kind: {hospital: Code, code: kind, unlisted: other}}",
            f'"kind" says how the call ended, {GUESSED}',
        ),
        (
            CODES,
            "only: {Kind: [B]}\nresponse: {kind: {hospital: Kind, code: kind, unlisted: other}}",
            f'"kind" says whether there is an answer (only, withhold), {GUESSED}',
        ),
        (
            CODES,
            (
                "response: {rows: {each: Row, only: {Kind: [B]}, fields: "
                "{kind: {hospital: Kind, code: kind, unlisted: other}}}}"
            ),
            f'"kind" says which rows are shown (only, withhold), {GUESSED}',
        ),
        (
            CODES,
            (
                "response: {rows: {each: Row, withhold: {Kind: [B]}, fields: "
                "{kind: {hospital: Kind, code: kind, unlisted: other}}}}"
            ),
            f'"kind" says which rows are shown (only, withhold), {GUESSED}',
        ),
    ],
    ids=["no code", "a truth value", "a result code", "only", "only in a list", "withhold"],
)
def test_nothing_is_decided_by_a_word_for_the_unknown(
    pack: str, route: str, found: str, tmp_path: Path
) -> None:
    """One finding where it stands."""
    assert findings(tmp_path, answer=ANSWER, pack=pack, route=route) == [f"{found} [option]"]


def test_what_is_sent_has_a_code_of_its_own(tmp_path: Path) -> None:
    """In a request there is no such field."""
    route = "request: {kind: {hospital: Kind, code: kind, unlisted: other}}"
    (found,) = findings(tmp_path, ask="Kind?", pack=CODES, route=f"{route}\nresponse: {{}}")
    assert found.startswith('"unlisted" is not a field here')


@pytest.mark.parametrize(
    ("old", "decides"),
    [
        ("state: {hospital: State, code: payment", "says what became of the write (settle)"),
        ("transaction: {hospital: TradeNo, code: payment", "is compared with what was asked"),
    ],
)
def test_a_write_is_not_settled_by_what_is_unknown(old: str, decides: str, tmp_path: Path) -> None:
    """Neither its state nor what it repeats of what was asked."""
    field = old.partition(":")[0]
    now = {"state": "state: {hospital: State, code: payment}", "transaction": "number: PayNo\n"}
    change = f"{old}, unlisted: other}}"
    if field == "transaction":
        change = f"number: PayNo\n      {change.replace('transaction', 'trade')}\n"
    told = cashier(tmp_path, now[field], change)
    assert [one for one in told if decides in one and one.endswith("[option]")] != []


def test_a_truth_value_that_the_contract_lists_whole_has_one_finding(tmp_path: Path) -> None:
    """There is no third word, whatever the contract says."""
    flag = "numbered: {hospital: Numbered, code: yes-no"
    (found,) = check_changed(tmp_path, (f"{flag}}}", f"{flag}, unlisted: other}}")).findings
    assert found.problem == '"yes-no" is true or false, and there is no third word'


def test_a_contract_that_lists_all_codes_has_none_that_is_not_listed(tmp_path: Path) -> None:
    """There it would never be said."""
    checked = check_changed(
        tmp_path, ("code: department-kind}", "code: department-kind, unlisted: other}")
    )
    (found,) = checked.findings
    assert found.kind == "option"
    assert found.problem == 'the hospital may send no code for which "department-kind" has no word'
