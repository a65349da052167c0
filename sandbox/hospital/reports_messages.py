"""The messages inside `HIPMessageServer`: XML with a GBK prolog, every name in pinyin.

They are as such messages are: dates are yyyyMMdd, times `yyyy-MM-dd HH:mm:ss`, sex is 男 or 女,
and what is not there is "null", an empty text or the year 1900, as its programmer saw fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from lxml import etree

from sandbox.hospital import model
from sandbox.hospital.platform import Refused
from sandbox.hospital.reports_model import Report, ReportItem

_CHARSET = "GBK"
_NULL = "null"
_NO_TIME = "1900-01-01 00:00:00"
_SEXES = {"1": "男", "2": "女"}
DATA, NO_DATA, FAILED = "1", "0", "-1"
_LAB, _EXAMINATION = "1", "2"
_KEPT_BACK = "3"


@dataclass(frozen=True, slots=True)
class Told:
    """A report with whom and where it is of."""

    report: Report
    card: model.Card
    department: model.Department
    doctor: model.Doctor | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says, by element name."""

    fields: dict[str, str]

    def text(self, name: str) -> str | None:
        """Return a field, or None when it says nothing."""
        value = self.fields.get(name, "")
        return None if value in ("", _NULL) else value

    def require(self, name: str) -> str:
        """Return a field that has to be there."""
        value = self.text(name)
        if value is None:
            raise Refused(FAILED, f"入参{name}不能为空")
        return value

    def day(self, name: str) -> date | None:
        """Return a field that is a day, yyyyMMdd."""
        value = self.text(name)
        if value is None:
            return None
        try:
            return datetime.strptime(value, "%Y%m%d").date()  # noqa: DTZ007 # a date has no zone
        except ValueError:
            raise Refused(FAILED, f"入参{name}格式错误") from None


def read(message: str) -> Asked:
    """Read a request, in the charset that its prolog names."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        root = etree.fromstring(message.encode(_CHARSET), parser)
    except (UnicodeEncodeError, etree.XMLSyntaxError):
        raise Refused(FAILED, "入参不是有效的XML") from None
    if root.tag != "REQUEST":
        raise Refused(FAILED, "入参缺少REQUEST节点")
    return Asked({str(child.tag): child.text or "" for child in root})


def result(code: str, words: str) -> str:
    """Return a reply that says a result and no more."""
    return _written(_reply(code, words))


def listed(reports: Sequence[Told]) -> str:
    """Return the reply that lists reports without their contents."""
    if not reports:
        return result(NO_DATA, "无数据")
    reply = _reply(DATA, "成功")
    several = _below(reply, "BAOGAOLB")
    for told in reports:
        _head(_below(several, "BAOGAO"), told)
    return _written(reply)


def detail(told: Told, items: Sequence[ReportItem]) -> str:
    """Return the reply that tells one report; of one kept back only that it is there."""
    reply = _reply(DATA, "成功")
    report = told.report
    one = _below(reply, "BAOGAO")
    _head(one, told)
    shown = report.state != _KEPT_BACK
    if report.kind == _LAB and shown:
        several = _below(one, "MINGXILB")
        for item in items:
            _item(_below(several, "MINGXI"), item)
    if report.kind == _EXAMINATION:
        _below(one, "JIANCHASJ", (report.findings if shown else None) or _NULL)
        _below(one, "ZHENDUANYJ", (report.impression if shown else None) or _NULL)
    _below(one, "BEIZHU", report.note or "")
    return _written(reply)


def _head(element: etree._Element, told: Told) -> None:
    report, card = told.report, told.card
    _below(element, "JIANYANDH", report.report_no)
    _below(element, "BAOGAOLX", report.kind)
    _below(element, "BAOGAOFL", report.category)
    _below(element, "XIANGMUMC", report.title)
    _below(element, "KAHAO", card.card_no)
    _below(element, "BINGRENXM", card.name)
    _below(element, "XINGBIE", _SEXES.get(card.sex, _NULL))
    _below(element, "CHUSHENGRQ", f"{card.birth_date:%Y%m%d}")
    _below(element, "SONGJIANKS", told.department.name)
    _below(element, "SONGJIANYS", told.doctor.name if told.doctor else _NULL)
    _below(element, "BIAOBENMC", report.specimen or _NULL)
    _below(element, "CAIYANGSJ", _time(report.sampled_at))
    _below(element, "BAOGAORQ", f"{report.reported_at:%Y-%m-%d %H:%M:%S}")
    _below(element, "SHENHEBZ", "1" if report.audited else "0")
    _below(element, "SHENHEYS", report.auditor or _NULL)
    _below(element, "SHENHESJ", _time(report.audited_at))
    _below(element, "ZHUANGTAI", report.state)
    _below(element, "BANBEN", str(report.version))


def _item(element: etree._Element, item: ReportItem) -> None:
    _below(element, "XUHAO", str(item.line))
    _below(element, "XIANGMUDM", item.code)
    _below(element, "XIANGMUMC", item.name)
    _below(element, "JIEGUO", item.value)
    _below(element, "DANWEI", item.unit or _NULL)
    _below(element, "CANKAOFW", item.reference or "")
    _below(element, "JIEGUOBZ", item.flag)


def _time(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else _NO_TIME


def _reply(code: str, words: str) -> etree._Element:
    reply = etree.Element("RESPONSE")
    _below(reply, "RESULT", code)
    _below(reply, "MESSAGE", words)
    return reply


def _below(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    child = etree.SubElement(parent, name)
    child.text = text
    return child


def _written(reply: etree._Element) -> str:
    return f'<?xml version="1.0" encoding="{_CHARSET}"?>{etree.tostring(reply, encoding="unicode")}'
