"""What the documents tell a person to type does what they say."""

from __future__ import annotations

import datetime
import json
import re
import shutil
from collections.abc import Callable

import pytest

from gateway.translation.values import HOSPITAL_ZONE
from tests.docs.blocks import ROOT, Block, blocks, prints
from tests.docs.conftest import Terminal
from tests.e2e.hospital import Hospital, appointments

BLOCKS = blocks()
TOUR = "docs/tour/README.md"
"""Its blocks are run, and held against the rows, in `test_tour.py`."""
RUN = [block for block in BLOCKS if block.is_run and block.document != TOUR]

NOT_RUN = {
    ("docs/logs.md", "it looks for a request of the past"),
}
"""Every block that says so of itself."""

BOOKINGS = [block for block in RUN if block.document == "README.md" and "HOLD=" in block.text]

Open = Callable[[str], Terminal]


def test_blocks_that_are_not_run_are_known() -> None:
    """A command that nothing tests is an exception with a reason, not an oversight."""
    assert {(block.document, block.reason) for block in BLOCKS if block.reason} == NOT_RUN


@pytest.mark.parametrize("block", [one for one in BLOCKS if one.targets], ids=str)
def test_make_targets_of_documents_exist(block: Block) -> None:
    """`make run` and `make test` cannot be run inside a test; that they are there can be seen."""
    offered = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(block.targets) <= set(offered)


@pytest.mark.parametrize("block", RUN, ids=str)
def test_block_does_what_it_says(block: Block, terminal: Open) -> None:
    """It ends well and prints what the document shows."""
    _require_programs(block)
    done = terminal(block.document).run(block.text)
    assert done.returncode == 0, done.stdout + done.stderr
    if block.output is not None:
        assert prints(block.output, done.stdout), done.stdout


@pytest.mark.parametrize(
    ("shown", "is_shown"),
    [
        ("a\nb 1\nc", True),
        ("...\nb ...\n...", True),
        ("...\na\n...\nb 1\nc\n...", True),
        ("a\nb 1", False),
        ("b 1\n...", False),
        ("a\n...\n1\nc", False),
    ],
)
def test_dots_stand_for_any_lines_or_none(shown: str, *, is_shown: bool) -> None:
    """Whole lines, so that what is shown is not a part of another."""
    assert prints(shown, "a\nb 1\nc\n") == is_shown


@pytest.mark.parametrize("block", BOOKINGS, ids=str)
@pytest.mark.parametrize(
    ("days", "time"), [(1, "00:00:30"), (1, "06:59:30"), (2, "12:10:00"), (3, "23:58:30")]
)
def test_booking_by_hand_works_at_any_time(
    block: Block, days: int, time: str, terminal: Open, hospital: Hospital
) -> None:
    """Again on one database, at odd hours: one more booking each, printed as the rows have it."""
    _require_programs(block)
    day = datetime.datetime.now(HOSPITAL_ZONE).date() + datetime.timedelta(days=days)
    hospital.control("POST", "/clock", {"now": f"{day}T{time}"})
    before = _orders(hospital)
    done = terminal(block.document).run(block.text)
    assert done.returncode == 0, done.stdout + done.stderr
    orders = _orders(hospital)
    assert len(orders) == len(before) + 1
    assert (orders[-1]["state"], orders[-1]["channel"]) == ("4", "DY01")
    card = orders[-1]["card_no"]
    assert {order["card_no"] for order in orders} == {card}
    listed = re.fullmatch(r"(?s).*?(\{\s*\"items\".*)", done.stdout)
    assert listed is not None, done.stdout
    told = [
        {name: value for name, value in item.items() if name not in ("id", "actions")}
        for item in json.loads(listed[1])["items"]
    ]
    assert _sorted(told) == _sorted(appointments(hospital, "card_no", str(card)))


def _orders(hospital: Hospital) -> list[dict[str, object]]:
    """The registrations of the tour's card, the latest last."""
    return hospital.rows(
        "SELECT r.* FROM registration r JOIN card c ON c.card_no = r.card_no"
        " WHERE c.doc_no = 'TOUR000001' ORDER BY r.rowid"
    )


def _sorted(items: list[dict[str, object]]) -> list[dict[str, object]]:
    return sorted(items, key=lambda item: (str(item["createdAt"]), str(item["slotId"])))


def _require_programs(block: Block) -> None:
    for program in ("curl", "openssl"):
        if re.search(rf"\b{program}\b", block.text) and shutil.which(program) is None:
            pytest.skip(f"{program} is missing: apt-get install {program}")
