"""The registration pack, changed in one place and checked."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

from gateway.packs import Checked, check_packs
from gateway.soap.contract import Contract, load_contract

ROOT = Path(__file__).parents[2]
REGISTRATION = ROOT / "contracts/registration"
POLICY = (REGISTRATION / "policy.yaml").read_text("utf-8")

Change = tuple[str, str]
"""A text of the policy that stands there once, and what takes its place."""
UNTOLD: Change = ("glossary: glossary.yaml\n", "")
"""The pack without its glossary, for changes that make fields of which there is nothing to tell."""


def changed(text: str, *changes: Change) -> str:
    """`text` with each change made; a change that would hit no place, or two, is an error."""
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
        text = text.replace(old, new)
    return text


def pack(
    folder: Path,
    *changes: Change,
    wsdl: tuple[Change, ...] = (),
    glossary: tuple[Change, ...] = (),
) -> Path:
    """A copy of the pack in `folder`, changed; without examples."""
    copy = folder / "contracts/registration"
    copy.mkdir(parents=True)
    (copy / "policy.yaml").write_text(changed(POLICY, *changes), "utf-8")
    for name, changes_of in (("registration.wsdl", wsdl), ("glossary.yaml", glossary)):
        text = (REGISTRATION / name).read_text("utf-8")
        (copy / name).write_text(changed(text, *changes_of), "utf-8")
    return copy


def with_examples(folder: Path, *changes: Change) -> Path:
    """Such a copy, with the examples."""
    copy = pack(folder, *changes)
    shutil.copytree(REGISTRATION / "examples", copy / "examples")
    return copy


def check_changed(
    folder: Path,
    *changes: Change,
    wsdl: tuple[Change, ...] = (),
    glossary: tuple[Change, ...] = (),
) -> Checked:
    """What the check says of the changed pack."""
    return check_packs((pack(folder, *changes, wsdl=wsdl, glossary=glossary),))


def told(checked: Checked, root: Path) -> list[str]:
    """The findings as they are printed beside `root`."""
    return [
        str(finding).removeprefix(f"{root}/contracts/registration/") for finding in checked.findings
    ]


@cache
def contract() -> Contract:
    """The registration contract, read once."""
    return load_contract(REGISTRATION / "registration.wsdl")
