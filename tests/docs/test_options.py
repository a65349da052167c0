"""docs/commands.md has every command and every argument, and none that is not there."""

from __future__ import annotations

import argparse
import importlib
import re
from pathlib import Path

import pytest

from gateway.cli import COMMANDS
from tests.docs.blocks import ROOT

DOCUMENT = (ROOT / "docs" / "commands.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^## `([a-z]+)`\n(.*?)(?=^## |\Z)", DOCUMENT, re.MULTILINE | re.DOTALL))


def arguments(command: str) -> list[argparse.Action]:
    """What a command takes, without the help that every one has."""
    parser = argparse.ArgumentParser(add_help=False)
    importlib.import_module(f"gateway.commands.{command}").add_arguments(parser)
    return parser._actions


def names(action: argparse.Action) -> list[str]:
    """An argument's names as the page writes them."""
    return list(action.option_strings) or [action.dest.upper()]


def rows(command: str) -> list[tuple[str, str]]:
    """Names and default of each row of a command's table."""
    return [
        (row[0], row[1])
        for row in re.findall(r"^\| (`.+?) \| .+? \| (.*?) ?\|$", SECTIONS[command], re.MULTILINE)
    ]


def test_every_command_has_its_section_in_the_order_of_the_help() -> None:
    """And no section is about a command that has gone."""
    assert list(SECTIONS) == list(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_argument_has_its_row_and_no_other(command: str) -> None:
    """Options by all their names, positional arguments in capitals."""
    told = [re.findall(r"`(-{0,2}[A-Za-z-]+)", one) for one, _ in rows(command)]
    taken = [names(action) for action in arguments(command)]
    assert sorted(told) == sorted(taken)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_default_is_the_one_of_the_program(command: str) -> None:
    """A default that is a word is that word in the row; what must be there is needed."""
    told = {re.findall(r"`(-{0,2}[A-Za-z-]+)", one)[0]: default for one, default in rows(command)}
    for action in arguments(command):
        default = told[names(action)[0]]
        if action.nargs == "*":
            assert default == "all in `contracts/`"
        elif action.required:
            assert default == "needed"
        elif isinstance(action.default, str | Path):
            assert default == f"`{action.default}`"
        else:
            assert "`" not in default


@pytest.mark.parametrize("command", COMMANDS)
def test_every_choice_is_told(command: str) -> None:
    """A reader need not try what is taken."""
    for action in arguments(command):
        for choice in action.choices or ():
            assert f"`{choice}`" in SECTIONS[command]
