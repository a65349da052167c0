"""Lab and examination reports, from the hospital's rows to the patient and no further."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from tests.e2e.cloud import Cloud
from tests.e2e.hospital import Hospital, Row, moment, without_absent
from tests.e2e.patients import card_id

_KIND = {"1": "lab", "2": "examination"}
_STATE = {"1": "final", "2": "amended", "3": "withheld"}
_CATEGORY = {
    "01": "routine",
    "02": "biochemistry",
    "03": "endocrine",
    "05": "imaging",
}
_FLAG = {"H": "high", "L": "low", "N": "normal"}
_SEX = {"1": "male", "2": "female"}
_VISIBLE = "r.audited AND r.category NOT IN ('08', '09') AND r.release_at <= :now"


def _rows(hospital: Hospital, where: str = _VISIBLE) -> list[Row]:
    sql = (
        "SELECT r.*, c.name, c.sex, c.birth_date, d.name AS department, p.name AS practitioner"
        " FROM report r JOIN card c ON c.card_no = r.card_no"
        " JOIN department d ON d.code = r.dept_code LEFT JOIN doctor p ON p.code = r.doctor_code"
        f" WHERE {where} ORDER BY r.reported_at DESC, r.report_no"
    )
    now = hospital.now().replace("T", " ")
    return hospital.rows(sql.replace(":now", "?"), *[now] * sql.count(":now"))


def _of_card(hospital: Hospital, card_no: str) -> list[Row]:
    return [row for row in _rows(hospital) if row["card_no"] == card_no]


def _summary(row: Row) -> Row:
    """What a list says of a report, without its sealed id."""
    return without_absent(
        {
            "reportNumber": row["report_no"],
            "kind": _KIND[row["kind"]],
            "category": _CATEGORY[row["category"]],
            "title": row["title"],
            "state": _STATE[row["state"]],
            "version": row["version"],
            "departmentName": row["department"],
            "practitionerName": row["practitioner"],
            "specimen": row["specimen"],
            "sampledAt": moment(row["sampled_at"]),
            "reportedAt": moment(row["reported_at"]),
            "auditedBy": row["auditor"],
            "auditedAt": moment(row["audited_at"]),
        }
    )


def _whole(hospital: Hospital, row: Row) -> Row:
    """What one report says, without its sealed id."""
    items = hospital.rows(
        "SELECT * FROM report_item WHERE report_no = ? ORDER BY line", row["report_no"]
    )
    results = [
        without_absent(
            {
                "code": item["code"],
                "name": item["name"],
                "value": item["value"],
                "unit": item["unit"],
                "range": item["reference"],
                "flag": _FLAG[item["flag"]],
            }
        )
        for item in items
    ]
    return _summary(row) | without_absent(
        {
            "patientName": row["name"],
            "sex": _SEX[row["sex"]],
            "birthDate": row["birth_date"],
            "results": results,
            "findings": row["findings"],
            "impression": row["impression"],
            "note": row["note"],
        }
    )


def _listed(cloud: Cloud, card: str, query: str = "") -> list[Row]:
    items: list[Row] = cloud.get(f"/v1/reports{query}", card=card)["items"]
    return items


def _bare(item: Row) -> Row:
    return {name: value for name, value in item.items() if name != "id"}


def _id(cloud: Cloud, hospital: Hospital, row: Row) -> tuple[str, str]:
    """The sealed ids of a visible report's card and of the report itself."""
    card = card_id(cloud, hospital, row["card_no"])
    (found,) = [
        item["id"] for item in _listed(cloud, card) if item["reportNumber"] == row["report_no"]
    ]
    return card, found


def _changes(cloud: Cloud, hospital: Hospital, since: str) -> list[Row]:
    start, end = (quote(f"{at}+08:00") for at in (since, hospital.now()[:10] + "T23:59:59"))
    items: list[Row] = cloud.get(f"/v1/changes?from={start}&to={end}&kind=report-amended")["items"]
    return items


@pytest.fixture(scope="module")
def busy(hospital: Hospital) -> str:
    """The card with the most reports that may be seen, of both kinds."""
    seen: dict[str, list[str]] = {}
    for row in _rows(hospital):
        seen.setdefault(row["card_no"], []).append(row["kind"])
    return max((card for card in seen if len(set(seen[card])) == 2), key=lambda one: len(seen[one]))


def test_the_list_is_what_the_rows_say(cloud: Cloud, hospital: Hospital, busy: str) -> None:
    """Every report that may be seen, word for word, the latest first."""
    items = _listed(cloud, card_id(cloud, hospital, busy))
    assert [_bare(item) for item in items] == [_summary(row) for row in _of_card(hospital, busy)]
    assert all(item["reportNumber"] not in item["id"] for item in items)


def test_kind_and_dates_choose(cloud: Cloud, hospital: Hospital, busy: str) -> None:
    """One kind, one day, and a day on which there is nothing."""
    card, rows = card_id(cloud, hospital, busy), _of_card(hospital, busy)
    for code, kind in _KIND.items():
        told = [item["reportNumber"] for item in _listed(cloud, card, f"?kind={kind}")]
        assert told == [row["report_no"] for row in rows if row["kind"] == code]
    day = rows[-1]["reported_at"][:10]
    told = [item["reportNumber"] for item in _listed(cloud, card, f"?from={day}&to={day}")]
    assert told == [row["report_no"] for row in rows if row["reported_at"][:10] == day]
    before = date.fromisoformat(day) - timedelta(days=1)
    assert _listed(cloud, card, f"?to={before}") == []


@pytest.mark.parametrize(
    "where",
    ["r.kind = '1' AND r.state = '1'", "r.kind = '2' AND r.state <> '3'"],
    ids=["lab", "examination"],
)
def test_one_report_is_told_whole(cloud: Cloud, hospital: Hospital, where: str) -> None:
    """Results with units, ranges and flags; or findings and impression."""
    row = _rows(hospital, f"{_VISIBLE} AND {where}")[0]
    card, report = _id(cloud, hospital, row)
    told = cloud.get(f"/v1/reports/{report}", card=card)
    assert told["id"] == report
    assert _bare(told) == _whole(hospital, row)


def test_a_report_that_the_doctor_tells_is_listed_and_no_more(
    cloud: Cloud, hospital: Hospital
) -> None:
    """Whatever the hospital's own query would give out with it."""
    row = _rows(hospital, f"{_VISIBLE} AND r.state = '3'")[0]
    card, report = _id(cloud, hospital, row)
    (listed,) = [one for one in _listed(cloud, card) if one["id"] == report]
    assert listed["state"] == "withheld"
    assert cloud.call("GET", f"/v1/reports/{report}", card=card).status == 404


def test_unsigned_and_withheld_reports_never_come(cloud: Cloud, hospital: Hospital) -> None:
    """Not in a list, and not by an id that their amendment gave out either."""
    hidden = {
        "unsigned": "NOT r.audited AND r.category NOT IN ('08', '09')",
        "infectious": "r.audited AND r.category = '08'",
        "genetic": "r.category = '09'",
    }
    for name, where in hidden.items():
        row = _rows(hospital, f"{where} AND r.release_at <= :now")[0]
        card = card_id(cloud, hospital, row["card_no"])
        numbers = {item["reportNumber"] for item in _listed(cloud, card)}
        assert numbers == {one["report_no"] for one in _of_card(hospital, row["card_no"])}, name
        assert row["report_no"] not in numbers, name
        before = hospital.now()
        known = {one["id"] for one in _changes(cloud, hospital, before)}
        hospital.control("POST", f"/reports/{row['report_no']}/amend", {})
        (told,) = [one for one in _changes(cloud, hospital, before) if one["id"] not in known]
        answer = cloud.call("GET", f"/v1/reports/{told['reportId']}", card=card)
        assert (answer.status, answer.json["type"]) == (404, "/problems/not-found"), name
        assert row["title"] not in answer.body.decode()


def test_a_report_comes_with_its_release(cloud: Cloud, hospital: Hospital) -> None:
    """Held back until the hospital's own time has come."""
    ordinary = _rows(hospital, "r.audited AND r.category NOT IN ('08', '09')")
    row = max(ordinary, key=lambda one: str(one["release_at"]))
    card = card_id(cloud, hospital, row["card_no"])
    release, now = datetime.fromisoformat(row["release_at"]), hospital.now()
    seen = []
    try:
        for at in (release - timedelta(minutes=5), release):
            hospital.control("POST", "/clock", {"now": at.isoformat()})
            numbers = {one["reportNumber"] for one in _listed(cloud, card)}
            seen.append(row["report_no"] in numbers)
    finally:
        hospital.control("POST", "/clock", {"now": now})
    assert seen == [False, True]


def test_an_amended_report_is_learnt_through_changes(cloud: Cloud, hospital: Hospital) -> None:
    """The change names the id that the list gave out, and the report says what it says now."""
    row = _rows(hospital, f"{_VISIBLE} AND r.kind = '1' AND r.state = '1' AND r.title = '血常规'")[
        0
    ]
    card, report = _id(cloud, hospital, row)
    before = hospital.now()
    wish = {"values": {"WBC": "6.66"}, "note": "复核更正"}
    hospital.control("POST", f"/reports/{row['report_no']}/amend", wish)
    told = [one for one in _changes(cloud, hospital, before) if one["reportId"] == report]
    assert [(one["kind"], one["reason"]) for one in told] == [("report-amended", "复核更正")]
    now: Any = cloud.get(f"/v1/reports/{report}", card=card)
    assert (now["state"], now["version"]) == ("amended", row["version"] + 1)
    assert {one["code"]: one["value"] for one in now["results"]}["WBC"] == "6.66"
    (fresh,) = _rows(hospital, f"r.report_no = '{row['report_no']}'")
    assert _bare(now) == _whole(hospital, fresh)


def test_a_category_that_is_new_takes_no_list_away(
    cloud: Cloud, hospital: Hospital, busy: str
) -> None:
    """It is not in it, nor told by its id, until somebody has said that its category may be."""
    row = _of_card(hospital, busy)[0]
    card, report = _id(cloud, hospital, row)
    before = _listed(cloud, card)
    amend = f"/reports/{row['report_no']}/amend"
    hospital.control("POST", amend, {"category": "11"})
    try:
        told = [item["id"] for item in _listed(cloud, card)]
        assert told == [item["id"] for item in before if item["id"] != report]
        assert cloud.call("GET", f"/v1/reports/{report}", card=card).status == 404
    finally:
        hospital.control("POST", amend, {"category": row["category"]})
    assert cloud.get(f"/v1/reports/{report}", card=card)["category"] == _CATEGORY[row["category"]]


def test_another_patients_report_is_worth_nothing(cloud: Cloud, hospital: Hospital) -> None:
    """Its id under another card is 404, and the hospital is not asked."""
    first = _rows(hospital)[0]
    other = next(row for row in _rows(hospital) if row["card_no"] != first["card_no"])
    _, report = _id(cloud, hospital, first)
    stranger = card_id(cloud, hospital, other["card_no"])
    before = hospital.control("GET", "/counters")["calls"]
    assert cloud.call("GET", f"/v1/reports/{report}", card=stranger).status == 404
    assert cloud.call("GET", f"/v1/reports/{report}").status in (400, 404, 422)
    assert hospital.control("GET", "/counters")["calls"] == before


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "error", "code": "-1"},
        {"kind": "garbage", "body": "html"},
        {"kind": "garbage", "body": "truncated"},
        {"kind": "fault", "message": "Object reference not set"},
    ],
    ids=["-1", "html", "truncated", "SOAP fault"],
)
def test_what_is_no_answer_is_not_told_as_one(
    cloud: Cloud, hospital: Hospital, busy: str, fault: Row
) -> None:
    """502, and nothing of the hospital's words."""
    card = card_id(cloud, hospital, busy)
    hospital.control("POST", "/faults", [{**fault, "operation": "queryReportList"}])
    try:
        answer = cloud.call("GET", "/v1/reports", card=card)
    finally:
        hospital.control("DELETE", "/faults")
    assert answer.status == 502
    assert "Object reference" not in answer.body.decode()
    assert "系统" not in answer.body.decode()
