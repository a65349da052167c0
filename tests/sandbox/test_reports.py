"""The service `reports`: messages in a string, and which reports are told when."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from lxml import etree

from tests.sandbox.world import OPENED, World

_NONE = "null"


@pytest.fixture(scope="module")
def hip(world: World) -> Any:
    """The service's one operation."""
    return world.proxy("reports", "{http://tempuri.org/}HIPServiceSoap").HIPMessageServer


def _ask(hip: Any, action: str, **fields: str) -> etree._Element:
    """Call an action; the reply's root."""
    root = etree.Element("REQUEST")
    for name, value in fields.items():
        etree.SubElement(root, name).text = value
    message = '<?xml version="1.0" encoding="GBK"?>' + etree.tostring(root, encoding="unicode")
    replied = hip(action=action, message=message)
    assert replied.startswith('<?xml version="1.0" encoding="GBK"?>')
    return etree.fromstring(replied.encode("gbk"))


def _list(hip: Any, card: str, **fields: str) -> list[etree._Element]:
    asked = {"KAHAO": card, "BAOGAOLX": _NONE, "KAISHIRQ": _NONE, "JIESHURQ": _NONE} | fields
    reply = _ask(hip, "queryReportList", **asked)
    told = reply.findall("BAOGAOLB/BAOGAO")
    assert reply.findtext("RESULT") == ("1" if told else "0")
    return told


def _detail(hip: Any, row: Any) -> etree._Element:
    asked = {"KAHAO": row["card_no"], "JIANYANDH": row["report_no"]}
    return _ask(hip, "queryReportDetail", **asked)


def _one(world: World, where: str) -> Any:
    """The first released report of which something is so."""
    return world.rows(
        f"SELECT * FROM report WHERE release_at < '{OPENED}' AND {where} ORDER BY report_no"
    )[0]


def _of(world: World, card: str) -> list[Any]:
    now = world.hospital.clock.now()
    return world.rows(
        "SELECT * FROM report WHERE card_no = :card AND release_at <= :now"
        " ORDER BY reported_at DESC, report_no",
        card=card,
        now=now,
    )


def test_a_card_has_its_reports_the_latest_first(world: World, hip: Any) -> None:
    """By card, kind and dates, without contents."""
    card = world.rows(
        "SELECT card_no FROM report GROUP BY card_no HAVING count(DISTINCT kind) = 2"
        " ORDER BY count(*) DESC, card_no"
    )[0]["card_no"]
    rows = _of(world, card)
    assert [one.findtext("JIANYANDH") for one in _list(hip, card)] == [
        row["report_no"] for row in rows
    ]
    labs = [row["report_no"] for row in rows if row["kind"] == "1"]
    assert [one.findtext("JIANYANDH") for one in _list(hip, card, BAOGAOLX="1")] == labs
    day = datetime.fromisoformat(str(rows[0]["reported_at"]))
    of_day = _list(hip, card, KAISHIRQ=f"{day:%Y%m%d}", JIESHURQ=f"{day:%Y%m%d}")
    assert rows[0]["report_no"] in [one.findtext("JIANYANDH") for one in of_day]
    assert _list(hip, card, JIESHURQ="20200101") == []


def test_a_lab_report_tells_its_results(world: World, hip: Any) -> None:
    """Value, unit, range and flag as the rows have them, what is missing as null."""
    row = _one(world, "kind = '1' AND state = '1' AND title = '尿常规'")
    told = _detail(hip, row).findall("BAOGAO/MINGXILB/MINGXI")
    items = world.rows(
        "SELECT * FROM report_item WHERE report_no = :no ORDER BY line", no=row["report_no"]
    )
    names = ("XIANGMUDM", "XIANGMUMC", "JIEGUO", "DANWEI", "CANKAOFW", "JIEGUOBZ")
    columns = ("code", "name", "value", "unit", "reference", "flag")
    assert [[one.findtext(name) for name in names] for one in told] == [
        [item[column] or _NONE for column in columns] for item in items
    ]
    assert _NONE in {one.findtext("DANWEI") for one in told}


def test_an_examination_tells_findings_and_impression(world: World, hip: Any) -> None:
    """In words, and no items."""
    row = _one(world, "kind = '2' AND state = '1'")
    told = _detail(hip, row).find("BAOGAO")
    assert told is not None
    assert (told.findtext("JIANCHASJ"), told.findtext("ZHENDUANYJ")) == (
        row["findings"],
        row["impression"],
    )
    assert told.find("MINGXILB") is None
    assert told.findtext("XINGBIE") in ("男", "女")


def test_a_report_kept_back_says_nothing_of_itself(world: World, hip: Any) -> None:
    """It is there, and its contents are the doctor's to tell."""
    row = _one(world, "state = '3' AND kind = '1'")
    told = _detail(hip, row).find("BAOGAO")
    assert told is not None
    assert (told.findtext("ZHUANGTAI"), told.find("MINGXILB")) == ("3", None)


def test_unsigned_reports_are_told_with_their_mark(world: World, hip: Any) -> None:
    """Whoever asks has to heed it; an absent time is the year 1900."""
    row = _one(world, "NOT audited")
    told = {one.findtext("JIANYANDH"): one for one in _list(hip, row["card_no"])}
    unsigned = told[row["report_no"]]
    assert unsigned.findtext("SHENHEBZ") == "0"
    assert unsigned.findtext("SHENHESJ") == "1900-01-01 00:00:00"
    assert unsigned.findtext("SHENHEYS") == _NONE


def test_a_report_is_seen_from_its_release_on(world: World, hip: Any) -> None:
    """By the hospital's clock, or when it is released at once."""
    row = world.rows(f"SELECT * FROM report WHERE release_at > '{OPENED + timedelta(minutes=5)}'")
    held = row[0]
    assert _detail(hip, held).findtext("RESULT") == "0"
    with world.time(OPENED + timedelta(days=3)):
        assert _detail(hip, held).findtext("RESULT") == "1"
    other = row[1]
    path = f"/reports/{other['report_no']}/release"
    assert world.control("POST", path) == {"reports": [other["report_no"]]}
    assert _detail(hip, other).findtext("BAOGAO/SHENHEBZ") == "1"


def test_an_amended_report_has_a_new_version_and_is_told(world: World, hip: Any) -> None:
    """The corrected value, the next version, and a change for whoever has read it."""
    row = _one(world, "kind = '1' AND state = '1' AND title = '血常规' AND audited")
    wish = {"values": {"WBC": "19.9"}, "note": "复核更正"}
    world.control("POST", f"/reports/{row['report_no']}/amend", wish)
    told = _detail(hip, row).find("BAOGAO")
    assert told is not None
    first = told.find("MINGXILB/MINGXI")
    assert first is not None
    assert (first.findtext("JIEGUO"), first.findtext("JIEGUOBZ")) == ("19.9", "H")
    state, version = told.findtext("ZHUANGTAI"), told.findtext("BANBEN")
    assert (state, version) == ("2", str(row["version"] + 1))
    event = world.row("SELECT * FROM change_event WHERE report_no = :no", no=row["report_no"])
    assert (event["kind"], event["card_no"], event["channel"]) == ("7", row["card_no"], None)
    assert world.control("POST", "/reports/L00000000/amend", {})["status"] == 409


def test_another_cards_report_is_not_told(world: World, hip: Any) -> None:
    """A number alone opens nothing."""
    row = _one(world, "audited")
    stranger = world.patient()
    assert row["card_no"] != stranger
    asked = {"KAHAO": stranger, "JIANYANDH": row["report_no"]}
    assert _ask(hip, "queryReportDetail", **asked).findtext("RESULT") == "0"


@pytest.mark.parametrize(
    ("action", "fields", "words"),
    [
        ("deleteReport", {"KAHAO": "1"}, "未知的交易类型：deleteReport"),
        ("queryReportList", {}, "入参KAHAO不能为空"),
        ("queryReportList", {"KAHAO": "1", "KAISHIRQ": "2026-03-01"}, "入参KAISHIRQ格式错误"),
    ],
)
def test_what_is_not_understood_fails(
    hip: Any, action: str, fields: dict[str, str], words: str
) -> None:
    """-1 and what was wrong, never a SOAP fault."""
    reply = _ask(hip, action, **fields)
    assert (reply.findtext("RESULT"), reply.findtext("MESSAGE")) == ("-1", words)


def test_a_fault_is_of_the_action_and_in_its_words(world: World, hip: Any) -> None:
    """Faults are asked for by action, and an error has the service's own form."""
    asked = {"KAHAO": world.patient(), "JIANYANDH": "L1"}
    rule = {"kind": "error", "operation": "queryReportDetail", "code": "-1", "times": 1}
    with world.faults(rule):
        assert _ask(hip, "queryReportList", **asked).findtext("RESULT") in ("0", "1")
        assert _ask(hip, "queryReportDetail", **asked).findtext("RESULT") == "-1"
    assert world.control("GET", "/counters")["calls"]["queryReportDetail"] >= 1
