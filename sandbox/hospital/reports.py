"""The service `reports`: one operation of a .NET maker, XML in a string, named in pinyin.

`HIPMessageServer(action, message)` answers a message that says RESULT 1 when there is data, 0 when
there is none and -1 when it failed. The messages are in `reports_messages`. Reports that no
auditor has signed are told too, with SHENHEBZ 0: not to show them is left to whoever asks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from xml.sax.saxutils import escape

from sqlalchemy import select

from sandbox.hospital import changes, faults, model
from sandbox.hospital import reports_messages as messages
from sandbox.hospital.carrier import carrier
from sandbox.hospital.operations import Reply
from sandbox.hospital.platform import Desk, Hospital, Refused
from sandbox.hospital.reports_messages import Asked, Told
from sandbox.hospital.reports_model import Report, ReportItem, flag_of

NAMESPACE = "http://tempuri.org/"
NAME = "HIPService"

_AMENDED = "2"
_RESULT = "HIPMessageServerResult"


def publish() -> Any:
    """Return the spyne service."""
    return carrier(
        NAME,
        port="HIPServiceSoap",
        operation="HIPMessageServer",
        function="action",
        message="message",
        result=_RESULT,
        answer=answer,
    )


def answer(hospital: Hospital, action: str, message: str) -> str:
    """Answer one message."""
    work = _ACTIONS.get(action)
    if work is None:
        return messages.result(messages.FAILED, f"未知的交易类型：{action}")
    reply = hospital.read("", lambda desk: work(desk, messages.read(message)))
    if "message" not in reply.data:
        return messages.result(messages.FAILED, reply.message)
    return str(reply.data["message"])


def result(operation: str, code: str, words: str) -> bytes:
    """Return a whole reply that says a result and its words, and no more."""
    inner = escape(messages.result(code, words))
    return faults.envelope(
        f'<{operation}Response xmlns="{NAMESPACE}"><{_RESULT}>{inner}</{_RESULT}>'
        f"</{operation}Response>"
    )


def amend(
    desk: Desk,
    report_no: str,
    values: dict[str, str],
    impression: str | None,
    note: str | None,
    category: str | None = None,
) -> list[str]:
    """Correct a report: results by item code, the impression, a note, the category it is of.

    Tell it where it was seen.
    """
    report = _required(desk, report_no)
    for item in items_of(desk, report_no):
        if item.code in values:
            item.value = values[item.code]
            item.flag = flag_of(item.value, item.reference)
    report.impression = impression or report.impression
    report.note = note or report.note
    report.category = category or report.category
    report.state, report.version = _AMENDED, report.version + 1
    report.reported_at = desk.now
    if report.audited:
        report.audited_at = desk.now
    if report.release_at <= desk.now:
        changes.tell(
            desk, changes.REPORT_AMENDED, report_no=report_no, card_no=report.card_no, reason=note
        )
    return [report_no]


def release(desk: Desk, report_no: str) -> list[str]:
    """Let a report be seen from now on, signed."""
    report = _required(desk, report_no)
    report.release_at = min(report.release_at, desk.now)
    if not report.audited:
        report.audited, report.auditor, report.audited_at = True, "值班审核", desk.now
    return [report_no]


def items_of(desk: Desk, report_no: str) -> Sequence[ReportItem]:
    """Return the results of a lab report, in their order."""
    return desk.session.scalars(
        select(ReportItem).where(ReportItem.report_no == report_no).order_by(ReportItem.line)
    ).all()


def _list(desk: Desk, asked: Asked) -> Reply:
    """List a card's released reports of some days, the latest first, without their contents."""
    wanted = _released(desk, asked.require("KAHAO"))
    kind = asked.text("BAOGAOLX")
    if kind is not None:
        wanted = wanted.where(Report.kind == kind)
    since, until = asked.day("KAISHIRQ"), asked.day("JIESHURQ")
    if since is not None:
        wanted = wanted.where(Report.reported_at >= datetime.combine(since, time.min))
    if until is not None:
        after = datetime.combine(until + timedelta(days=1), time.min)
        wanted = wanted.where(Report.reported_at < after)
    rows = desk.session.execute(wanted.order_by(Report.reported_at.desc(), Report.report_no))
    return _told(messages.listed([Told(*row) for row in rows]))


def _one(desk: Desk, asked: Asked) -> Reply:
    """Tell one released report of a card with all that it says."""
    wanted = _released(desk, asked.require("KAHAO"))
    row = desk.session.execute(
        wanted.where(Report.report_no == asked.require("JIANYANDH"))
    ).one_or_none()
    if row is None:
        return _told(messages.result(messages.NO_DATA, "无数据"))
    told = Told(*row)
    return _told(messages.detail(told, items_of(desk, told.report.report_no)))


def _released(desk: Desk, card_no: str) -> Any:
    return (
        select(Report, model.Card, model.Department, model.Doctor)
        .join(model.Card, model.Card.card_no == Report.card_no)
        .join(model.Department, model.Department.code == Report.dept_code)
        .outerjoin(model.Doctor, model.Doctor.code == Report.doctor_code)
        .where(Report.card_no == card_no, Report.release_at <= desk.now)
    )


def _told(message: str) -> Reply:
    return Reply("0", data={"message": message})


def _required(desk: Desk, report_no: str) -> Report:
    report = desk.session.get(Report, report_no, with_for_update=True)
    if report is None:
        raise Refused("2009", "报告不存在")
    return report


_ACTIONS: dict[str, Callable[[Desk, Asked], Reply]] = {
    "queryReportList": _list,
    "queryReportDetail": _one,
}
