"""The command line: one module a command, and a client that says what is wrong."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from gateway.cli import COMMANDS, main
from gateway.pki import make_pki


def test_every_command_has_its_module_and_every_module_its_command() -> None:
    """Nothing is listed that cannot be run, and the reverse."""
    folder = Path(importlib.import_module("gateway.commands").__file__ or "").parent
    assert {path.stem for path in folder.glob("*.py")} - {"__init__"} == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_tells_what_it_takes(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With its one line of what it does."""
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert COMMANDS[command] in " ".join(capsys.readouterr().out.split())


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """A person finds all of them."""
    with pytest.raises(SystemExit):
        main(["--help"])
    out = capsys.readouterr().out
    assert all(f"  {name:9} {about}" in out for name, about in COMMANDS.items())


def test_an_unknown_command_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    """Status 2, as for all that cannot run."""
    with pytest.raises(SystemExit) as ended:
        main(["sreve"])
    assert ended.value.code == 2
    assert "sreve" in capsys.readouterr().err


def test_a_value_may_begin_with_a_dash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sealed id in 64 does, and so may a key."""
    monkeypatch.chdir(tmp_path)
    asked = ["call", "GET", "/v1/patient-card", "--card", "-jfaHhCSQHNYZlD7S1cQ", "--key", "--x"]
    assert main(asked) == 2
    assert "run this in the checkout" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main([*asked[:4], "-v"])
    assert "--card: expected one argument" in capsys.readouterr().err


def test_serve_names_every_finding_and_starts_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line each, with the place, and status 2."""
    settings = tmp_path / "settings.yaml"
    settings.write_text("replica: a\nreplicas: none\n")
    assert main(["serve", "--settings", str(settings)]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) >= 2
    assert all(line.startswith(f"{settings}:") for line in lines)


def test_call_in_another_folder_says_where_to_run_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is not the edge that is missing."""
    assert main(["call", "GET", "/v1/departments", "--state", str(tmp_path)]) == 2
    assert capsys.readouterr().err == (
        f"there is no {tmp_path}/pki/ca.pem; run this in the checkout, or name --state\n"
    )


def test_call_as_an_unknown_client_lists_those_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The edge's own certificate is no client's."""
    make_pki(tmp_path)
    arguments = ["call", "GET", "/v1/departments", "--state", str(tmp_path)]
    assert main([*arguments, "--client", "kiosk"]) == 2
    assert capsys.readouterr().err == (
        f"there is no client kiosk in {tmp_path}/pki; there are: booking, clinic-kiosk\n"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["v1/departments"], "v1/departments is no path here; begin the path with /\n"),
        (
            ["/v1/departments", "--edge", "localhost:8443"],
            "--edge localhost:8443 is no address of an edge; begin it with https://\n",
        ),
    ],
)
def test_call_says_how_a_path_and_an_edge_begin(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is sent."""
    assert main(["call", "GET", *arguments]) == 2
    assert capsys.readouterr().err == said


def test_call_without_its_data_file_names_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And does not blame the edge."""
    missing = tmp_path / "card.json"
    arguments = ["call", "POST", "/v1/patient-cards", "-d", f"@{missing}"]
    assert main([*arguments, "--state", str(tmp_path)]) == 2
    err = capsys.readouterr().err
    assert str(missing) in err
    assert "make run" not in err


def test_call_without_an_edge_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In one line, with where it looked."""
    make_pki(tmp_path)
    edge = "https://127.0.0.1:9"
    arguments = ["call", "GET", "/v1/departments", "--state", str(tmp_path), "--edge", edge]
    assert main(arguments) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert edge in line
    assert "make run" in line
