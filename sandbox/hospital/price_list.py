"""What doctors order, what it costs, and what of it a fund pays."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from sandbox.hospital.accounts import PUBLICLY_FUNDED

DRUG, EXAMINATION, LABORATORY, TREATMENT = "1", "2", "3", "4"
_PUBLIC_FUND_PAYS = 90  # per cent, of what the fund covers


@dataclass(frozen=True, slots=True)
class Priced:
    """One entry: name, kind, specification, unit, price in fen, and whether funds cover it."""

    name: str
    kind: str
    spec: str | None
    unit: str
    price_fen: int
    covered: bool = True


_ENTRIES = (
    Priced("阿莫西林胶囊", DRUG, "0.25g*24粒", "盒", 1385),
    Priced("苯磺酸氨氯地平片", DRUG, "5mg*28片", "盒", 2960),
    Priced("二甲双胍缓释片", DRUG, "0.5g*30片", "盒", 1872),
    Priced("奥美拉唑肠溶胶囊", DRUG, "20mg*14粒", "盒", 2415),
    Priced("布洛芬缓释胶囊", DRUG, "0.3g*20粒", "盒", 1590),
    Priced("复方甘草片", DRUG, "100片", "瓶", 1233),
    Priced("维生素C泡腾片", DRUG, "1g*10片", "支", 2650, covered=False),
    Priced("血细胞分析（五分类）", LABORATORY, None, "次", 2000),
    Priced("尿常规分析", LABORATORY, None, "次", 1350),
    Priced("肝功能（全套）", LABORATORY, None, "次", 8645),
    Priced("空腹血糖测定", LABORATORY, None, "次", 505),
    Priced("甲状腺功能（五项）", LABORATORY, None, "次", 16250),
    Priced("常规心电图检查", EXAMINATION, None, "次", 2730),
    Priced("胸部CT平扫", EXAMINATION, None, "次", 18000),
    Priced("腹部彩色多普勒超声", EXAMINATION, None, "次", 12050),
    Priced("颈椎磁共振平扫", EXAMINATION, None, "次", 49500),
    Priced("雾化吸入", TREATMENT, None, "次", 1475),
    Priced("红外线治疗", TREATMENT, None, "次", 2280, covered=False),
)
_COVERED = tuple(entry for entry in _ENTRIES if entry.covered)
_ITEMS = (2, 5)
_MOST_BOXES = 3


def share(percent: int, amount_fen: int) -> int:
    """Return what a fund pays of an amount; a part of a fen is the patient's."""
    return amount_fen * percent // 100


def ordered(random: Random, bill_no: str, category: str) -> list[dict[str, Any]]:
    """Return rows for the table bill_item: two to five things that a doctor orders at once.

    One of them at least is what a fund pays for.
    """
    first = random.choice(_COVERED)
    others = [entry for entry in _ENTRIES if entry is not first]
    chosen = [first, *random.sample(others, random.randint(*_ITEMS) - 1)]
    return [
        _line(random, bill_no, number, entry, category)
        for number, entry in enumerate(chosen, start=1)
    ]


def another(random: Random, bill_no: str, number: int, category: str) -> dict[str, Any]:
    """Return the row of one more thing."""
    return _line(random, bill_no, number, random.choice(_ENTRIES), category)


def _line(
    random: Random, bill_no: str, number: int, entry: Priced, category: str
) -> dict[str, Any]:
    quantity = random.randint(1, _MOST_BOXES) if entry.kind == DRUG else 1
    amount = entry.price_fen * quantity
    funded = category == PUBLICLY_FUNDED and entry.covered
    return {
        "bill_no": bill_no,
        "item_no": f"{number:02d}",
        "name": entry.name,
        "kind": entry.kind,
        "spec": entry.spec,
        "unit": entry.unit,
        "quantity": quantity,
        "price_fen": entry.price_fen,
        "amount_fen": amount,
        "fund_fen": share(_PUBLIC_FUND_PAYS, amount) if funded else 0,
        "performed": False,
        "refund_no": None,
    }
