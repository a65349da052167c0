"""The replica as a whole, as far as no process is needed: what it loads, and how it reloads."""

from __future__ import annotations

import asyncio
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.app import Loaded, Replica, load, packs_fingerprint, remembered
from gateway.closing.kept import keep_switches
from gateway.operations.logs import new_logger
from gateway.policies.findings import Finding, Mark, PolicyError
from gateway.policies.load import Source
from gateway.settings import Address, Board, Settings, Switches
from tests.environment import environment
from tests.unit.closing.switches import off
from tests.unit.world import CONTRACTS, snapshot

SECRET = "欧阳测试 13800000000"
SETTINGS = Settings(
    replica="replica-1",
    replicas=3,
    rest=Address("127.0.0.1", 0),
    admin=Address("127.0.0.1", 0),
    packs=CONTRACTS,
    edge_proof="",
    sealing_key=bytes(64),
    ceiling=30.0,
    drain_notice=0.0,
    drain_finish=0.0,
    watch=60.0,
    switches=None,
    clients=(),
    source=Source("settings.yaml", {}, {}, {}),
)


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    """A folder of packs, as far as its files go."""
    folder = tmp_path / "packs"
    (folder / "registration").mkdir(parents=True)
    (folder / "registration" / "policy.yaml").write_text("a: b\n")
    return folder


def test_a_fingerprint_changes_with_what_is_written_added_or_removed(packs: Path) -> None:
    """And with nothing else, so that nothing is loaded for nothing."""
    seen = [packs_fingerprint(packs)]
    assert packs_fingerprint(packs) == seen[0]
    policy = packs / "registration" / "policy.yaml"
    policy.write_text("a: longer\n")
    seen.append(packs_fingerprint(packs))
    (packs / "registration" / "new.xsd").write_text("")
    seen.append(packs_fingerprint(packs))
    policy.unlink()
    seen.append(packs_fingerprint(packs))
    assert len(set(seen)) == len(seen)


def test_a_fingerprint_bears_files_that_come_and_go(packs: Path) -> None:
    """An editor's own files are gone before they can be looked at."""
    (packs / "dangling").symlink_to(packs / "nothing")
    assert packs_fingerprint(packs)
    assert packs_fingerprint(packs / "not there")


class Case:
    """A replica that is not started, what it logs, and what its packs come to next."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._written = io.BytesIO()
        self.next: Loaded | Exception = Loaded("one", snapshot(), {})
        self.replica = Replica(SETTINGS, self.next, new_logger(self._written))
        monkeypatch.setattr("gateway.app.load", self._load)

    def _load(self, packs: Path) -> Loaded:
        assert packs == CONTRACTS
        if isinstance(self.next, Exception):
            raise self.next
        return self.next

    def reload(self, becomes: Loaded | Exception) -> list[dict[str, Any]]:
        """The lines that a reload writes."""
        self.next = becomes
        start = self._written.tell()
        asyncio.run(self.replica._reload())
        return [json.loads(line) for line in self._written.getvalue()[start:].splitlines()]


def test_findings_are_logged_and_the_snapshot_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each with its place, its kind and what to do."""
    case = Case(monkeypatch)
    before = case.replica.snapshot
    finding = Finding(Mark("policy.yaml", 3, 5), "unknown-path", "r", "is not there", "write it")
    lines = case.reload(PolicyError((finding, finding)))
    assert [line["event"] for line in lines] == ["finding", "finding", "snapshot-refused"]
    assert (lines[0]["source"], lines[0]["error"], lines[0]["finding"]) == (
        "policy.yaml:3:5", "unknown-path", "is not there; write it",
    )  # fmt: skip
    assert (lines[-1]["findings"], lines[-1]["snapshot"]) == (2, before.digest)
    assert case.replica.snapshot is before


def test_a_reload_that_breaks_is_reported_and_the_snapshot_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A replica that serves does not end by it, nor does it stop looking at its packs."""
    case = Case(monkeypatch)
    before = case.replica.snapshot
    lines = case.reload(RuntimeError(SECRET))
    assert [line["event"] for line in lines] == ["fault", "snapshot-refused"]
    assert lines[0]["error"] == ["builtins.RuntimeError"]
    assert SECRET not in json.dumps(lines, ensure_ascii=False)
    assert case.replica.snapshot is before
    (line,) = case.reload(Loaded("two", before, {}))
    assert line["event"] == "snapshot"


def test_what_is_loaded_is_served_with_its_api_document(monkeypatch: pytest.MonkeyPatch) -> None:
    """The snapshot and its document cannot part."""
    for name, value in environment().items():
        monkeypatch.setenv(name, value)
    loaded = load(CONTRACTS)
    assert loaded.fingerprint == packs_fingerprint(CONTRACTS)
    paths = json.loads(loaded.documents["/openapi.json"].body)["paths"]
    assert {route.template for route in loaded.snapshot.routes} == set(paths)
    assert "/docs/" in loaded.documents


def test_switches_of_an_earlier_life_are_remembered_or_the_replica_does_not_start(
    tmp_path: Path,
) -> None:
    """What somebody has closed is not opened because a file cannot be read."""
    file = tmp_path / "switches.json"
    board = Board(("127.0.0.1:8111",), "secret")
    settings = replace(SETTINGS, switches=Switches(board, (), file))
    assert remembered(SETTINGS) == remembered(settings) == ()
    keep_switches(file, [off()])
    assert remembered(settings) == (off(),)
    file.write_text("{")
    with pytest.raises(PolicyError) as caught:
        remembered(settings)
    assert [finding.problem for finding in caught.value.findings] == [
        f"{file} holds no switches that can be read"
    ]
