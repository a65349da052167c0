"""What a policy compiles to: schemas of requests and responses, and what is sent and compared."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from gateway.examples import EXAMPLE_ENVIRONMENT
from gateway.packs import check_packs
from gateway.policies.compile import compile_snapshot
from gateway.policies.model import Effect
from gateway.policies.snapshot import Route
from tests.policies.golden import PACKS, effective, golden
from tests.policies.packs import POLICY, UNTOLD, Change, check_changed, pack


def compiled(folder: Path, route: str, *changes: Change, wsdl: tuple[Change, ...] = ()) -> Route:
    """One route of the changed pack."""
    checked = check_changed(folder, *changes, wsdl=wsdl)
    assert checked.findings == ()
    snapshot = compile_snapshot(checked.packs, EXAMPLE_ENVIRONMENT)
    return next(one for one in snapshot.routes if one.id == route)


def after(text: str, more: str) -> Change:
    """The change that puts `more` behind `text`."""
    return text, text + more


def body_of(route: Route) -> dict[str, Any]:
    """The schema of its body."""
    assert route.schemas.body is not None
    return dict(route.schemas.body)


@pytest.mark.parametrize("pack", PACKS, ids=lambda path: path.name)
def test_the_effective_policy_is_the_one_that_was_read(pack: Path) -> None:
    """What changes for callers or the hospital is seen: `python -m tests.policies.golden`."""
    assert effective(pack) == golden(pack).read_text("utf-8")


def test_what_the_contract_requires_is_required_of_the_caller(tmp_path: Path) -> None:
    """Optional arguments are optional; an object is, when the group that it stands for is."""
    schema = body_of(compiled(tmp_path, "create-card"))
    optional = schema["properties"].keys() - set(schema["required"])
    assert optional == {"sex", "birthDate", "guardian"}
    guardian = schema["properties"]["guardian"]
    assert guardian["required"] == ["name", "documentType", "documentNumber"]


CITY = "{fields: {city: Guardian/Home/City}}"
GUARDIAN = '<xs:element name="Guardian" type="tns:Guardian" minOccurs="0"/>\n        </xs:sequence>'


def test_an_object_of_required_arguments_is_required(tmp_path: Path) -> None:
    """Without it the contract would refuse the call."""
    wsdl = ((GUARDIAN, GUARDIAN.replace(' minOccurs="0"', "")),)
    assert "guardian" in body_of(compiled(tmp_path, "create-card", wsdl=wsdl))["required"]


def test_a_group_within_a_group_may_stay_away(tmp_path: Path) -> None:
    """What is required within an optional group is required only when the group is there."""
    home = (
        '<xs:element name="Home" minOccurs="0"><xs:complexType><xs:sequence>'
        '<xs:element name="City" type="tns:ShortText"/>'
        "</xs:sequence></xs:complexType></xs:element>"
    )
    wsdl = (after('<xs:complexType name="Guardian">\n        <xs:sequence>\n', home),)
    changes = (
        UNTOLD,
        after("      guardian:\n        fields:\n", f"          home: {CITY}\n"),
        after(
            "        Guardian/Name: Card/Guardian/Name\n",
            "        Guardian/Home/City: Card/Guardian/Home/City\n",
        ),
    )
    guardian = body_of(compiled(tmp_path, "create-card", *changes, wsdl=wsdl))["properties"][
        "guardian"
    ]
    assert guardian["required"] == ["name", "documentType", "documentNumber"]
    assert guardian["properties"]["home"]["required"] == ["city"]


def test_a_day_with_a_default_may_be_left_out(tmp_path: Path) -> None:
    """The contract requires both dates; the policy gives them."""
    query = compiled(tmp_path, "list-schedules", UNTOLD).schemas.query
    assert query is not None
    assert query["required"] == []
    assert query["properties"]["to"]["description"] == (
        "Within 30 days of today. By default 7 days after today."
    )


def test_what_the_contract_promises_is_promised_to_the_caller(tmp_path: Path) -> None:
    """Members are required as the contract's elements are; lists and fixed texts always."""
    schema = compiled(tmp_path, "list-departments").schemas.response
    assert schema["required"] == ["items"]
    row = schema["properties"]["items"]["items"]
    assert row["properties"].keys() - set(row["required"]) == {"location", "introduction"}
    hold = compiled(tmp_path / "2", "hold-slot").schemas.response
    assert hold["properties"].keys() - set(hold["required"]) == {"queueNumber"}


@pytest.mark.parametrize(
    ("written", "required"),
    [
        ("      releaseTime: ReleaseTime", True),
        ("      releaseTime: {hospital: ReleaseTime, optional: true}", False),
        ("      releaseTime: {hospital: ReleaseTime, optional: false}", True),
    ],
)
def test_a_policy_may_say_what_is_optional(written: str, required: bool, tmp_path: Path) -> None:
    """An element that is always there may be empty; then its member is left out."""
    change = ("      releaseTime: ReleaseTime\n", f"{written}\n")
    schema = compiled(tmp_path, "get-booking-rules", change).schemas.response
    assert ("releaseTime" in schema["required"]) is required


def test_a_policy_may_demand_what_the_contract_does_not(tmp_path: Path) -> None:
    """Totals that are only missing from refusals are promised of a success."""
    change = ("{hospital: Summary/RefundCount, optional: false}", "Summary/RefundCount")
    schema = compiled(tmp_path, "get-statement", change).schemas.response
    assert schema["properties"].keys() - set(schema["required"]) == {"refundCount", "next"}


def test_where_nothing_is_refused_no_refusal_is_told(tmp_path: Path) -> None:
    """A write of a service without refusals ends otherwise."""
    block = POLICY[POLICY.index("  refused:\n") : POLICY.index("  upstream_failure:")]
    asked = compiled(tmp_path, "operations-hold-slot", (block, "")).schemas.response
    assert asked["properties"].keys() == {"outcome", "response"}


def test_an_object_that_may_be_empty_is_not_promised(tmp_path: Path) -> None:
    """An element that is always there may hold nothing that is shown."""
    fields = "{fields: {introduction: Intro}}"
    change = ("    introduction: Intro\n", f"    texts: {fields}\n")
    row = compiled(tmp_path, "list-departments", UNTOLD, change).schemas.response["properties"][
        "items"
    ]
    assert "texts" not in row["items"]["required"]


def test_a_table_of_true_and_false_is_a_boolean(tmp_path: Path) -> None:
    """Y and N never reach the cloud, nor do words for them."""
    schema = compiled(tmp_path, "get-practitioner", UNTOLD).schemas.response
    assert schema["properties"]["onDuty"] == {"type": "boolean"}


def test_a_constant_is_sent_where_it_is_an_argument(tmp_path: Path) -> None:
    """PageSize goes with the one operation that takes it."""
    statement = compiled(tmp_path, "get-statement").outbound
    status = compiled(tmp_path / "2", "get-status").outbound
    assert [one.target for one in statement.constants] == [("ChannelCode",), ("PageSize",)]
    assert [one.target for one in status.constants] == [("ChannelCode",)]


@pytest.mark.parametrize("effect", ["unconfirmed", "reads"])
def test_an_effect_that_is_not_served_does_not_compile(effect: str, tmp_path: Path) -> None:
    """Taken for a read, a write would be made again."""
    ((policy, described),) = check_packs((pack(tmp_path),)).packs
    route = next(one for one in policy.routes if one.id == "get-status")
    changed = replace(policy, routes=(replace(route, effect=cast("Effect", effect)),))
    with pytest.raises(LookupError, match=effect):
        compile_snapshot([(changed, described)], EXAMPLE_ENVIRONMENT)


def test_a_write_has_a_route_that_asks_how_it_ended(tmp_path: Path) -> None:
    """It sends the same serial, reads what the hospital kept, and is of the write's scope."""
    route = compiled(tmp_path, "operations-hold-slot")
    assert route.template == "/v1/operations/hold-slot/{idempotencyKey}"
    assert (route.operation, route.effect, route.scope) == ("QueryBySerial", "read", "hold-slot")
    assert route.outbound.serial == ("Serial",)
    assert route.subject is not None
    assert route.subject.reply == ("Trade", "Hold", "CardNo")
    assert route.schemas.response["properties"]["outcome"]["enum"] == [
        "succeeded",
        "refused",
        "unknown",
        "not-sent",
    ]


def test_a_rate_is_a_number_a_second(tmp_path: Path) -> None:
    """30/m is half a request a second, 30 at once after a pause."""
    rate = compiled(tmp_path, "find-card").rate
    assert rate is not None
    assert (rate.per_second, rate.burst) == (0.5, 30)


CLOSED: Change = after(
    "service: registration\n",
    """
closed:
  - routes: [pay-*, operations-hold-slot]
    daily: "23:30-00:30"
    message: {en: Closing., zh: 日终结算。}
  - {routes: ["*"], from: 2026-12-31T20:00, until: 2027-01-01T06:00}
  - {routes: [pay-appointment], daily: "12:00-13:00", days: [sat, sun]}
""",
)


@pytest.mark.parametrize(
    ("route", "windows"),
    [
        (
            "pay-appointment",
            [
                "daily 23:30-00:30",
                "from 2026-12-31T20:00 until 2027-01-01T06:00",
                "daily 12:00-13:00, sat, sun",
            ],
        ),
        ("hold-slot", ["from 2026-12-31T20:00 until 2027-01-01T06:00"]),
        ("operations-hold-slot", ["daily 23:30-00:30"]),
        ("operations-pay-appointment", []),
        ("get-status", []),
    ],
)
def test_a_route_has_what_its_policy_closes_it_by(
    route: str, windows: list[str], tmp_path: Path
) -> None:
    """Neither asking how a write ended nor the list of what is closed are meant by the way."""
    closures = compiled(tmp_path, route, CLOSED).closures
    assert [str(closure.window) for closure in closures] == windows
    messages = [closure.message for closure in closures if str(closure.window).endswith("00:30")]
    assert messages == [{"en": "Closing.", "zh": "日终结算。"}] * len(messages)
