"""What the check says of policies that only a service of another kind could have."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.policies.packs import POLICY, UNTOLD, check_changed
from tests.policies.small import findings


def test_pages_are_for_reads_by_get(tmp_path: Path) -> None:
    """A body is no query, and has no next one."""
    parts = {"ask": "No:xs:int", "answer": "Code Text? Pages:xs:int Row*(No)"}
    route = "page: {request: No, pages: Pages}\nresponse: {items: {each: Row, fields: {no: No}}}"
    assert findings(tmp_path, route=route, **parts) == [
        "pages are for reads by GET, which have a query; remove it [option]"
    ]


def test_an_empty_text_that_would_never_be_sent(tmp_path: Path) -> None:
    """Of a day that has a default."""
    route = (
        'request: {day: {hospital: Day, default: today, empty: "-"}}\n'
        "response: {said: {hospital: Text, optional: true}}"
    )
    assert findings(tmp_path, ask="Day:xs:date", route=route) == [
        "there is a value each time, so that this is never sent; remove it [option]"
    ]


def test_an_empty_text_that_the_contract_does_not_take(tmp_path: Path) -> None:
    """It would be refused each time."""
    route = (
        'request: {day: {hospital: Day, empty: "-"}}\n'
        "response: {said: {hospital: Text, optional: true}}"
    )
    assert findings(tmp_path, ask="Day:xs:date", route=route) == [
        (
            'the contract does not allow this text for "Day"; '
            "see the limits of date in the contract [constant]"
        )
    ]


def test_a_code_that_means_nothing(tmp_path: Path) -> None:
    """It would never be told."""
    pack = 'empties: ["0"]\ncodes: {sex: {unknown: "0", male: "1"}}'
    route = "response: {sex: {hospital: Text, code: sex, optional: true}}"
    assert findings(tmp_path, pack=pack, route=route) == [
        (
            '"0" is the code of "unknown", and among the empties it means nothing; '
            "keep it in one of the two [code-clash]"
        )
    ]


SAID = "\nresponse: {said: {hospital: Text, optional: true}}"


def test_lists_end_where_an_element_repeats(tmp_path: Path) -> None:
    """At this one, and at no other."""
    ask = "Items?(Item*(No Part*(Code)))"
    assert findings(
        tmp_path / "1", ask=ask, route=f"request: {{items: {{each: Items, fields: {{}}}}}}{SAID}"
    ) == [
        (
            '"Items" is not a list of one level; '
            "end the path at the element that repeats, and at no other [list]"
        )
    ]
    assert findings(
        tmp_path / "2",
        ask="Items?(Item*(Part*(Code)))",
        route=f"request: {{codes: {{each: Items/Item/Part/Code}}}}{SAID}",
    )[0].endswith("[list]")
    assert findings(
        tmp_path / "3",
        ask=ask,
        route="request: {items: {each: Items/Item, fields: {no: Mo}}}" + SAID,
    ) == ['"Mo" is not in Item; did you mean "No"? [unknown-path]']


@pytest.mark.parametrize(
    ("path", "remedy"),
    [
        ("Items", "read the list in it: each: Items/Item"),
        ("Items/Item", "read it as a list: each: Items/Item, and fields"),
        ("Items/Item/Doctor", "read it as a list: each: Items/Item, and fields"),
        ("Doctor", "name one of those in it, such as Doctor/No"),
    ],
)
def test_what_holds_other_elements_is_read_by_those(path: str, remedy: str, tmp_path: Path) -> None:
    """A list as a list, and anything else by what it leads to."""
    answer = "Code Text? Items(Item*(Doctor(No))) Doctor(No)"
    (found,) = findings(tmp_path, answer=answer, route=f"response: {{x: {path}}}")
    assert found == f'"{path}" holds other elements and no value; {remedy} [unknown-path]'


def test_a_name_is_known_by_its_letters_whatever_their_case(tmp_path: Path) -> None:
    """Contracts have names in any case, and who writes one down has it in the ear."""
    (found,) = findings(tmp_path, route="response: {x: {hospital: Text, as: DATE}}")
    assert found.endswith('did you mean "date"? [wrong-value]')


def test_a_port_that_is_not_there_is_told_where_it_is_chosen(tmp_path: Path) -> None:
    """The contract is as it should be; the policy says which of its ports is meant."""
    wsdl = "  wsdl: registration.wsdl\n"
    (found,) = check_changed(tmp_path, (wsdl, f"{wsdl}  port: Old\n")).findings
    assert found.mark.line == POLICY[: POLICY.index(wsdl)].count("\n") + 2
    assert found.problem.startswith("registration.wsdl has no SOAP port Old; it has: ")
    assert found.remedy == "name one of them as port"


def test_a_query_has_no_lists(tmp_path: Path) -> None:
    """Only a body has."""
    routes = "routes:\n  - id: ask\n    rest: GET /v1/x\n    operation: Ask\n"
    assert findings(
        tmp_path,
        ask="Items?(Item*)",
        routes=routes + "    effect: read\n    deadline: 5s\n",
        route=f"request: {{items: {{each: Items/Item}}}}{SAID}",
    ) == [
        (
            '"items" is a list, and only a body has such; '
            "map single values, or take it in the body of a POST [dead-field]"
        )
    ]


ASKED = """  - id: ask-number
    about: x
    rest: POST /v1/numbers
    operation: TakeNumber
    effect: read
    deadline: 5s
    constants: {ChannelCode: %s}
    subject: {request: CardNo, reply: Order/CardNo}
    request: {id: {hospital: OrderNo, sealed: appointment}, serial: PlatformSerial}
    reply: Order
    response: appointment
  - id: get-status
"""


@pytest.mark.parametrize(("channel", "kinds"), [("ASK", []), ("TAKE", ["effect-clash"])])
def test_a_constant_tells_two_functions_of_one_operation_apart(
    channel: str, kinds: list[str], tmp_path: Path
) -> None:
    """An operation that is told by an argument what to do is as many as it is told."""
    checked = check_changed(
        tmp_path,
        UNTOLD,
        ("  - id: get-status\n", ASKED % channel),
        (
            "    operation: TakeNumber\n    effect: keyed\n",
            "    operation: TakeNumber\n    constants: {ChannelCode: TAKE}\n    effect: keyed\n",
        ),
    )
    assert [finding.kind for finding in checked.findings] == kinds
