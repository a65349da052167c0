"""Reports of the last weeks: labs and examinations of believable values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from sandbox.hospital.reports_model import flag_of
from sandbox.hospital.seeding.names import person_name

_LAB, _EXAMINATION = "1", "2"
_FINAL, _AMENDED, _KEPT_BACK = "1", "2", "3"
_DAYS = 60
_MANY = (0, 1, 1, 2, 2, 3)
_UNAUDITED_CHANCE = 0.08
_AMENDED_CHANCE = 0.06
_KEPT_BACK_CHANCE = 0.03
_LOW_CHANCE, _HIGH_CHANCE = 0.05, 0.13
# How long after its audit a report may be seen, in hours.
_RELEASE_HOURS = (0, 0, 0, 4, 48)


@dataclass(frozen=True, slots=True)
class _Measured:
    """What is measured, its unit, and the range of the healthy to so many decimals."""

    code: str
    name: str
    unit: str | None
    low: float
    high: float
    decimals: int = 1


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is found or not, and how often it is."""

    code: str
    name: str
    chance: float = 0.05


@dataclass(frozen=True, slots=True)
class _Panel:
    """A lab's order: title, category, specimen and what it says."""

    title: str
    category: str
    specimen: str
    items: tuple[_Measured | _Seen, ...]


_PANELS = (
    _Panel(
        "血常规",
        "01",
        "静脉血",
        (
            _Measured("WBC", "白细胞计数", "10^9/L", 3.5, 9.5, 2),
            _Measured("RBC", "红细胞计数", "10^12/L", 3.8, 5.1, 2),
            _Measured("HGB", "血红蛋白", "g/L", 115, 150, 0),
            _Measured("PLT", "血小板计数", "10^9/L", 125, 350, 0),
            _Measured("NEUT%", "中性粒细胞百分比", "%", 40, 75),
        ),
    ),
    _Panel(
        "尿常规",
        "01",
        "尿液",
        (
            _Measured("SG", "尿比重", None, 1.003, 1.03, 3),
            _Measured("PH", "酸碱度", None, 4.5, 8.0),
            _Seen("PRO", "尿蛋白"),
            _Seen("GLU", "尿糖"),
            _Seen("BLD", "尿隐血", 0.1),
        ),
    ),
    _Panel(
        "肝功能",
        "02",
        "血清",
        (
            _Measured("ALT", "丙氨酸氨基转移酶", "U/L", 9, 50, 0),
            _Measured("AST", "天门冬氨酸氨基转移酶", "U/L", 15, 40, 0),
            _Measured("TBIL", "总胆红素", "μmol/L", 0, 26),
            _Measured("ALB", "白蛋白", "g/L", 40, 55),
        ),
    ),
    _Panel(
        "肾功能",
        "02",
        "血清",
        (
            _Measured("UREA", "尿素", "mmol/L", 3.1, 8.0, 2),
            _Measured("CREA", "肌酐", "μmol/L", 57, 97, 0),
            _Measured("UA", "尿酸", "μmol/L", 208, 428, 0),
        ),
    ),
    _Panel(
        "糖代谢",
        "02",
        "静脉血",
        (
            _Measured("FPG", "空腹血糖", "mmol/L", 3.9, 6.1, 2),
            _Measured("HbA1c", "糖化血红蛋白", "%", 4.0, 6.0),
        ),
    ),
    _Panel(
        "甲状腺功能",
        "03",
        "血清",
        (
            _Measured("TSH", "促甲状腺激素", "mIU/L", 0.27, 4.2, 3),
            _Measured("FT3", "游离三碘甲状腺原氨酸", "pmol/L", 3.1, 6.8, 2),
            _Measured("FT4", "游离甲状腺素", "pmol/L", 12, 22, 2),
        ),
    ),
    _Panel(
        "感染性疾病筛查",
        "08",
        "血清",
        (
            _Seen("HBsAg", "乙型肝炎病毒表面抗原"),
            _Seen("HIV-Ab", "人类免疫缺陷病毒抗体", 0.01),
            _Seen("TP-Ab", "梅毒螺旋体抗体", 0.02),
        ),
    ),
    _Panel(
        "遗传性耳聋基因检测",
        "09",
        "外周血",
        (_Seen("GJB2", "GJB2基因"), _Seen("SLC26A4", "PDS基因")),
    ),
)
_PANEL_WEIGHTS = (6, 3, 4, 3, 3, 2, 2, 1)

# Title, findings and impression, as nothing is found and as something is.
_EXAMINATIONS = (
    (
        "胸部CT平扫",
        ("双肺纹理清晰，未见明显实变影，纵隔居中，心影大小正常。", "胸部CT平扫未见明显异常。"),
        (
            "右肺上叶见一实性小结节，直径约4mm，边界清。余双肺未见明显实变。",
            "右肺上叶小结节，建议定期复查。",
        ),
    ),
    (
        "腹部彩超",
        ("肝脏形态大小正常，回声均匀；胆囊壁光滑；胰脾双肾未见异常。", "肝胆胰脾双肾未见异常。"),
        (
            "肝脏回声增强、细密，远场衰减；胆囊内见强回声团，大小约8mm。",
            "脂肪肝（轻度）；胆囊结石。",
        ),
    ),
    (
        "十二导联心电图",
        ("窦性心律，心率72次/分，PR间期0.16s，ST-T未见异常。", "正常心电图。"),
        ("窦性心律，心率58次/分，V4－V6导联T波低平。", "窦性心动过缓；T波改变。"),
    ),
    (
        "头颅MRI平扫",
        ("脑实质未见异常信号，脑室系统无扩张，中线居中。", "头颅MRI平扫未见异常。"),
        ("双侧额叶皮层下见数个点状长T2信号，FLAIR呈高信号。", "脑白质少许缺血灶。"),
    ),
)
_EXAMINATION_CATEGORY = "05"
_EXAMINATION_CHANCE = 0.35
_NOTES = (None, None, None, "本报告仅对本次标本负责", "请结合临床")


class Reports:
    """Rows for the tables report and report_item."""

    def __init__(self, random: Random, today: date, doctors: list[dict[str, Any]]) -> None:
        self.reports: list[dict[str, Any]] = []
        self.items: list[dict[str, Any]] = []
        self._random = random
        self._today = today
        self._doctors = doctors
        self._auditors = [person_name(random, random.choice("12")) for _ in range(12)]

    def write(self, patients: Iterable[dict[str, Any]]) -> None:
        """Give most patients some reports."""
        for patient in patients:
            for _ in range(self._random.choice(_MANY)):
                self._add(patient)

    def _add(self, patient: dict[str, Any]) -> None:
        random = self._random
        if random.random() < _EXAMINATION_CHANCE:
            report = self._report(patient, _EXAMINATION) | self._examination()
        else:
            report = self._report(patient, _LAB)
            (panel,) = random.choices(_PANELS, _PANEL_WEIGHTS)
            report |= {
                "category": panel.category,
                "title": panel.title,
                "specimen": panel.specimen,
            }
            for line, item in enumerate(panel.items, start=1):
                row = self._measured(item) if isinstance(item, _Measured) else self._seen(item)
                self.items.append({"report_no": report["report_no"], "line": line} | row)
        self.reports.append(report)

    def _report(self, patient: dict[str, Any], kind: str) -> dict[str, Any]:
        random = self._random
        ago = min(random.randrange(1, _DAYS), random.randrange(1, _DAYS))
        day = self._today - timedelta(days=ago)
        sampled = datetime.combine(day, time(random.randrange(7, 12), random.randrange(60)))
        reported = sampled + timedelta(minutes=random.randrange(60, 360))
        audited = random.random() >= _UNAUDITED_CHANCE
        audited_at = reported + timedelta(minutes=random.randrange(5, 90)) if audited else None
        released = (audited_at or reported) + timedelta(hours=random.choice(_RELEASE_HOURS))
        doctor = random.choice(self._doctors)
        state = random.choices(
            (_AMENDED, _KEPT_BACK, _FINAL),
            (_AMENDED_CHANCE, _KEPT_BACK_CHANCE, 1 - _AMENDED_CHANCE - _KEPT_BACK_CHANCE),
        )[0]
        letter = "L" if kind == _LAB else "E"
        return {
            "report_no": f"{letter}{day:%Y%m%d}{len(self.reports) + 1:05d}",
            "kind": kind,
            "card_no": patient["card_no"],
            "dept_code": doctor["dept_code"],
            "doctor_code": doctor["code"] if random.random() < 0.9 else None,
            "specimen": None,
            "sampled_at": sampled if kind == _LAB or random.random() < 0.5 else None,
            "reported_at": reported,
            "audited": audited,
            "auditor": random.choice(self._auditors) if audited else None,
            "audited_at": audited_at,
            "release_at": released,
            "state": state,
            "version": 2 if state == _AMENDED else 1,
            "findings": None,
            "impression": None,
            "note": random.choice(_NOTES),
        }

    def _examination(self) -> dict[str, Any]:
        title, nothing, something = self._random.choice(_EXAMINATIONS)
        findings, impression = nothing if self._random.random() < 0.6 else something
        return {
            "category": _EXAMINATION_CATEGORY,
            "title": title,
            "findings": findings,
            "impression": impression,
        }

    def _measured(self, item: _Measured) -> dict[str, Any]:
        span, chance = item.high - item.low, self._random.random()
        measured = self._random.uniform(item.low + span * 0.1, item.high - span * 0.1)
        if chance < _LOW_CHANCE and item.low > 0:
            measured = item.low * self._random.uniform(0.6, 0.85)
        elif chance < _LOW_CHANCE + _HIGH_CHANCE:
            measured = item.high + span * self._random.uniform(0.1, 0.6)
        value = f"{measured:.{item.decimals}f}"
        reference = f"{item.low:.{item.decimals}f}-{item.high:.{item.decimals}f}"
        return self._item(item.code, item.name, value, item.unit, reference)

    def _seen(self, item: _Seen) -> dict[str, Any]:
        value = "阳性(+)" if self._random.random() < item.chance else "阴性(-)"
        return self._item(item.code, item.name, value, None, "阴性")

    def _item(
        self, code: str, name: str, value: str, unit: str | None, reference: str
    ) -> dict[str, Any]:
        return {
            "code": code,
            "name": name,
            "value": value,
            "unit": unit,
            "reference": reference,
            "flag": flag_of(value, reference),
        }
