"""The file of a replica's switches."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.closing.kept import keep_switches, load_switches
from gateway.closing.switch import SwitchRefused
from tests.unit.closing.switches import off, on


def test_what_is_kept_is_loaded(tmp_path: Path) -> None:
    """Into a folder that is made when needed, over what was there."""
    file = tmp_path / "switches" / "replica-1.json"
    assert load_switches(file) == ()
    keep_switches(file, [off(), off("pay-*")])
    keep_switches(file, [on(), off("pay-*")])
    assert load_switches(file) == (on(), off("pay-*"))
    assert [path.name for path in file.parent.iterdir()] == [file.name]


@pytest.mark.parametrize("content", ["", "{", "{}", "[1]", '[{"route": "hold-slot"}]'])
def test_a_file_that_holds_something_else_is_refused(content: str, tmp_path: Path) -> None:
    """Nobody guesses what was closed."""
    file = tmp_path / "switches.json"
    file.write_text(content)
    with pytest.raises(SwitchRefused):
        load_switches(file)


def test_what_cannot_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    """All of it or nothing."""
    file = tmp_path / "switches.json"
    keep_switches(file, [off()])
    (tmp_path / "switches.json.new").mkdir()
    with pytest.raises(OSError, match="directory"):
        keep_switches(file, [on()])
    assert load_switches(file) == (off(),)
