"""Packs as a whole: all or nothing, with what the environment has to give."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.packs import check_packs, load_snapshot, pack_folders
from gateway.policies.findings import PolicyError
from tests.environment import environment
from tests.policies.packs import POLICY, ROOT, UNTOLD, changed, pack

URL = "http://127.0.0.1:1/registration"


def findings_of(folder: Path) -> list[str]:
    """What loading `folder` is refused with."""
    with pytest.raises(PolicyError) as refused:
        load_snapshot(folder)
    return [str(finding) for finding in refused.value.findings]


def test_every_pack_of_the_project_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is in contracts/ is served."""
    for name, value in environment(URL).items():
        monkeypatch.setenv(name, value)
    snapshot = load_snapshot(ROOT / "contracts")
    packs = {folder.name for folder in pack_folders(ROOT / "contracts")}
    assert {route.service for route in snapshot.routes} == packs
    assert {route.endpoints for route in snapshot.routes} == {(URL,)}


def test_the_digest_names_what_is_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same packs and addresses have one digest; any difference has another."""
    monkeypatch.setenv("REGISTRATION_URL", URL)
    first = load_snapshot(pack(tmp_path / "a").parent).digest
    same = load_snapshot(pack(tmp_path / "b").parent).digest
    other = load_snapshot(pack(tmp_path / "c", ("in_flight: 30", "in_flight: 31")).parent).digest
    monkeypatch.setenv("REGISTRATION_URL", URL + "2")
    moved = load_snapshot(tmp_path / "a/contracts").digest
    assert first == same
    assert len({first, other, moved}) == 3


def test_one_finding_refuses_all_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A snapshot without the faulty route would be another policy than was written."""
    monkeypatch.setenv("REGISTRATION_URL", URL)
    folder = pack(tmp_path, ("each: SlotList/Slot", "each: SlotList/Slots")).parent
    assert [finding.split("[")[1] for finding in findings_of(folder)] == ["unknown-path]"]


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (None, "the variable REGISTRATION_URL is not set"),
        ("hospital:8200", "the variable REGISTRATION_URL holds no address"),
        ("", "the variable REGISTRATION_URL holds no address"),
        ("http://hospital:99999/", "the variable REGISTRATION_URL holds no address"),
        ("http://user:secret@hospital/", "the variable REGISTRATION_URL holds no address"),
    ],
)
def test_an_address_that_is_missing_is_a_finding(
    value: str | None, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Addresses come from the environment, and are looked at before anything runs."""
    if value is None:
        monkeypatch.delenv("REGISTRATION_URL", raising=False)
    else:
        monkeypatch.setenv("REGISTRATION_URL", value)
    policy = pack(tmp_path) / "policy.yaml"
    lines = policy.read_text("utf-8").splitlines()
    line = lines.index('  endpoints: ["${REGISTRATION_URL}"]') + 1
    assert findings_of(tmp_path / "contracts") == [
        (
            f"{policy}:{line}:15: {problem}; set it to the service's address, such as "
            "http://10.0.0.8/registration [environment]"
        )
    ]


def test_a_folder_without_packs_is_refused(tmp_path: Path) -> None:
    """Nothing to serve is a fault, not an empty gateway."""
    assert findings_of(tmp_path) == [
        f"{tmp_path}:1:1: holds no pack; add a folder with policy.yaml [yaml]"
    ]


def test_two_packs_are_seen_together(tmp_path: Path) -> None:
    """Ids and paths are unique over all packs, and a group has one set of limits."""
    first = pack(tmp_path)
    second = first.parent / "again"
    second.mkdir()
    (second / "registration.wsdl").write_bytes((first / "registration.wsdl").read_bytes())
    text = changed(POLICY, ("service: registration\n", "service: again\n"), UNTOLD)
    (second / "policy.yaml").write_text(changed(text, ("in_flight: 30", "in_flight: 20")), "utf-8")
    checked = check_packs(pack_folders(first.parent))
    told = {(finding.kind, finding.problem) for finding in checked.findings}
    assert ("limits", 'states other limits than "again", which is of the same group') in told
    assert ("same-route", "another route has this id") in told
    assert ("same-route", "answers the same requests as get-status") in told
    assert len(checked.findings) == 41


def test_an_id_of_another_pack_is_known_only_where_all_are_seen(tmp_path: Path) -> None:
    """What a pack that cannot be read gives out is not held against the others."""
    opens = "holdId: {hospital: HoldCode, sealed: hold}\n    reply: Hold\n"
    folder = pack(tmp_path, (opens, opens.replace("sealed: hold", "sealed: bed")))
    assert [one.kind for one in check_packs((folder,)).findings] == ["unknown-seal"]
    beside = check_packs((folder, tmp_path / "nowhere")).findings
    assert [one.kind for one in beside] == ["yaml"]
