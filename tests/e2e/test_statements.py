"""The statement of a long day, page by page, against the hospital's books."""

from __future__ import annotations

import itertools
import sqlite3
from contextlib import closing
from datetime import date, timedelta
from typing import Any

import pytest

from tests.e2e.cloud import Cloud
from tests.e2e.hospital import Hospital, Row, moment, without_absent

_BUSINESS = {"1": "registration", "2": "bill"}
_DIRECTION = {"1": "payment", "2": "refund"}
_COPIED = (
    "INSERT INTO money_record"
    " SELECT 'D' || record_no, direction, business, 'DY01', serial, order_no, bill_no, pay_no,"
    " card_no, pay_trans_no, refund_no, amount_fen, ?, ? || substr(record_time, 11)"
    " FROM money_record"
)


@pytest.fixture(scope="module")
def long_day(hospital: Hospital) -> str:
    """A day on which this channel moved what all channels have moved since the founding."""
    day = (date.fromisoformat(hospital.now()[:10]) - timedelta(days=40)).isoformat()
    with closing(sqlite3.connect(hospital.stack.database, timeout=30)) as database, database:
        database.execute(_COPIED, (day, day))
    return day


def _pages(cloud: Cloud, path: str) -> list[Row]:
    pages: list[Row] = [cloud.get(path)]
    while "next" in pages[-1]:
        pages.append(cloud.get(pages[-1]["next"]))
    return pages


def _told(record: Row) -> Row:
    """A record without its sealed ids, which are others of each client."""
    sealed = ("appointmentId", "billId", "paymentId")
    return {name: value for name, value in record.items() if name not in sealed}


def _kept(row: Row) -> Row:
    return without_absent(
        {
            "id": row["record_no"],
            "direction": _DIRECTION[row["direction"]],
            "business": _BUSINESS[row["business"]],
            "serial": row["serial"],
            "transaction": row["pay_trans_no"],
            "refundNumber": row["refund_no"],
            "amount": row["amount_fen"],
            "at": moment(row["record_time"]),
        }
    )


def _of_what(item: dict[str, Any], names: tuple[str, ...]) -> tuple[bool, ...]:
    return tuple(item.get(name) is not None for name in names)


def test_a_long_day_comes_page_by_page_and_whole(
    cloud: Cloud, hospital: Hospital, long_day: str
) -> None:
    """Every record once, in the order of time, and on each page the sums of the whole day."""
    pages = _pages(cloud, f"/v1/statements/{long_day}")
    rows = hospital.rows(
        "SELECT * FROM money_record WHERE channel = 'DY01' AND record_date = ?"
        " ORDER BY record_time, direction, record_no",
        long_day,
    )
    items = [item for page in pages for item in page["items"]]
    assert len(pages) > 2
    assert len(items) == len(rows)
    for item, row in zip(items, rows, strict=True):
        assert _told(item) == _kept(row)
        assert _of_what(item, ("appointmentId", "billId", "paymentId")) == _of_what(
            row, ("order_no", "bill_no", "pay_no")
        )
    kinds = {(item["business"], item["direction"]) for item in items}
    assert kinds == set(itertools.product(_BUSINESS.values(), _DIRECTION.values()))
    paid, back = ([row["amount_fen"] for row in rows if row["direction"] == one] for one in "12")
    assert {
        (page["paymentCount"], page["paymentAmount"], page["refundCount"], page["refundAmount"])
        for page in pages
    } == {(len(paid), sum(paid), len(back), sum(back))}
    assert all(page["final"] for page in pages)


def test_a_day_without_money_has_an_empty_statement(cloud: Cloud, long_day: str) -> None:
    """Nothing moved is said as nothing, and is final as well."""
    before = date.fromisoformat(long_day) - timedelta(days=1)
    told = cloud.get(f"/v1/statements/{before}")
    assert (told["items"], told["paymentAmount"], told["refundAmount"]) == ([], 0, 0)
    assert (told["final"], "next" in told) == (True, False)


def test_a_day_to_come_has_no_statement(cloud: Cloud, hospital: Hospital) -> None:
    """Refused by the hospital, in its words."""
    tomorrow = date.fromisoformat(hospital.now()[:10]) + timedelta(days=1)
    answer = cloud.call("GET", f"/v1/statements/{tomorrow}")
    assert (answer.status, answer.json["type"]) == (409, "/problems/refused")
    assert answer.json["message"] == "对账日期有误"
