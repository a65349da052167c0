"""Examples: every route has one, and one that does not translate as written is a finding."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.example_check import FILES
from gateway.examples import EXAMPLE_ENVIRONMENT, ExampleSealer
from gateway.packs import check_packs, pack_folders
from gateway.policies.compile import compile_snapshot
from gateway.translation.sealing import SealBroken
from tests.policies.packs import ROOT, with_examples

CASE = "examples/hold-slot/ok"


def findings_of(folder: Path) -> list[str]:
    """What the check says of the pack's examples, without the folder's own name."""
    found = check_packs((folder,)).findings
    return [str(finding).replace(f"{folder}/examples/", "") for finding in found]


@pytest.mark.parametrize("folder", pack_folders(ROOT / "contracts"), ids=lambda path: path.name)
def test_every_route_of_every_pack_has_an_example(folder: Path) -> None:
    """And all of them translate as written, for the check has no finding."""
    checked = check_packs((folder,))
    assert checked.findings == ()
    routes = compile_snapshot(checked.packs, EXAMPLE_ENVIRONMENT).routes
    shown = {case.parent.name for case in folder.glob("examples/*/*") if case.is_dir()}
    assert {route.id for route in routes if not route.asks} <= shown


def replaced(file: str, old: str, new: str) -> Callable[[Path], None]:
    """The change of one text in one file of the example."""

    def change(case: Path) -> None:
        text = (case / file).read_text("utf-8")
        assert text.count(old) == 1
        (case / file).write_text(text.replace(old, new), "utf-8")

    return change


MEND = "mend the example or the policy"
DIFFERS = "is not what is made of this example: it differs first at"
FAULTS: list[tuple[str, Callable[[Path], None], str, str]] = [
    (
        "another argument goes out",
        replaced("request.xml", "SL0301010900", "SL0301010930"),
        "request.xml",
        f"{DIFFERS} /LockSlot/SlotCode; {MEND}",
    ),
    (
        "one argument less goes out",
        replaced("request.xml", "  <ChannelCode>DY01</ChannelCode>\n", ""),
        "request.xml",
        f"{DIFFERS} /LockSlot; {MEND}",
    ),
    (
        "something else is answered",
        replaced("response.json", '"fee": 5000', '"fee": 50'),
        "response.json",
        f"{DIFFERS} /body/fee; {MEND}",
    ),
    (
        "the reply says something else",
        replaced("reply.xml", "<QueueNo>7</QueueNo>", "<QueueNo>8</QueueNo>"),
        "response.json",
        f"{DIFFERS} /body/queueNumber; {MEND}",
    ),
    (
        "the reply is off contract",
        replaced("reply.xml", "<RegFee>50.00</RegFee>", "<RegFee>50 yuan</RegFee>"),
        "response.json",
        f"{DIFFERS} /body; {MEND}",
    ),
    (
        "the caller may not say this",
        replaced("request.json", '"SL0301010900"\n  }', '"SL0301010900"\n  },\n  "body": {"a": 1}'),
        "request.json",
        f"is rejected as malformed; {MEND}",
    ),
    (
        "the contract does not allow the argument",
        replaced("request.json", "SL0301010900", "slot-1"),
        "request.json",
        f"does not fit the contract: SlotCode does not match [0-9A-Z]{{8,24}}; {MEND}",
    ),
    (
        "the policy does not know the client",
        replaced("request.json", '"booking"', '"kiosk"'),
        "request.json",
        f"is rejected as forbidden; {MEND}",
    ),
    (
        "the key is missing",
        replaced("request.json", '  "key": "example-key-0000000005",\n', ""),
        "request.json",
        "has no key (its serial is made from it); add what the route needs",
    ),
    (
        "another path variable is stated",
        replaced("request.json", '"slotId"', '"slot"'),
        "request.json",
        "states other path variables; add what the route needs",
    ),
    (
        "a field is misspelt",
        replaced("request.json", '"now"', '"when"'),
        "request.json",
        (
            "is not client, now, card, key, firstSent, asked, path, query and body as they "
            "must be; see docs/policies/README.md"
        ),
    ),
    (
        "the moment does not exist",
        replaced("request.json", "T09:30:00+08:00", "T23:59:60Z"),
        "request.json",
        "now or firstSent is a moment that does not exist; mend it",
    ),
    (
        "the JSON is broken",
        replaced("request.json", '"client"', "client"),
        "request.json",
        "cannot be read (JSONDecodeError); mend its JSON or XML",
    ),
    (
        "the XML is broken",
        replaced("reply.xml", "</LockSlotResponse>", ""),
        "reply.xml",
        "cannot be read (XMLSyntaxError); mend its JSON or XML",
    ),
]


@pytest.mark.parametrize(
    ("change", "file", "told"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS]
)
def test_an_example_that_is_not_so_is_found(
    change: Callable[[Path], None], file: str, told: str, tmp_path: Path
) -> None:
    """One thing changed in one file: the file, the place in it, and what to do."""
    folder = with_examples(tmp_path)
    change(folder / CASE)
    assert findings_of(folder) == [f"hold-slot/ok/{file}:1:1: hold-slot: {told} [example]"]


@pytest.mark.parametrize("file", FILES)
def test_a_missing_file_is_found(file: str, tmp_path: Path) -> None:
    """Each of the four files is part of the example."""
    folder = with_examples(tmp_path)
    (folder / CASE / file).unlink()
    assert findings_of(folder) == [
        (
            f"hold-slot/ok/{file}:1:1: hold-slot: the example has no {file}; add what is missing "
            "[example]"
        ),
    ]


def test_examples_of_a_route_that_is_gone_are_found(tmp_path: Path) -> None:
    """Else nobody would notice that they are no longer looked at."""
    folder = with_examples(tmp_path)
    (folder / "examples/hold-slot").rename(folder / "examples/lock-slot")
    assert findings_of(folder) == [
        (
            "lock-slot:1:1: lock-slot: the policy has no route of this name; rename or remove the "
            "folder [example]"
        ),
    ]


def test_a_changed_policy_shows_in_the_examples(tmp_path: Path) -> None:
    """A mapping that is valid and wrong is what examples are for."""
    times = "start: StartTime\n    end: EndTime"
    swapped = "start: EndTime\n    end: StartTime"
    folder = with_examples(tmp_path, (f"{times}\n    capacity", f"{swapped}\n    capacity"))
    found = findings_of(folder)
    assert [line.split(":")[0] for line in found] == ["list-slots/ok/response.json"]


def test_sealed_ids_can_be_read() -> None:
    """Kind, card and id are written out, and bind as real seals do."""
    sealer = ExampleSealer()
    token = sealer.seal("hold", "booking", "100000000017", "H1")
    assert token == "example-hold-100000000017-H1"
    assert sealer.open("hold", "booking", "100000000017", token) == "H1"
    with pytest.raises(SealBroken):
        sealer.open("hold", "booking", "100000000025", token)
