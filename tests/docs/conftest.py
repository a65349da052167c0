"""A running stack on free ports, and a checkout's likeness in which documents' commands run."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.stack import Ports, Stack
from tests.docs.blocks import ROOT
from tests.e2e.hospital import Hospital

COPIED = ("contracts", "deploy", "docs", "gateway", "haproxy", "sandbox", "Makefile")
"""What commands of documents may read; copied, so that one that writes hurts nobody."""

PATIENCE = 120.0

_WRAPPER = """\
#!/bin/sh
command=$1
shift
if [ "$command" = call ]; then set -- --edge {edge} "$@"; fi
exec {python} -m gateway "$command" "$@"
"""


@dataclass(frozen=True, slots=True)
class Terminal:
    """A person's terminal in a fresh checkout in which `make run` is up."""

    folder: Path
    ports: dict[str, str]

    def here(self, commands: str) -> str:
        """The commands with the stack's ports in the place of the fixed ones."""
        fixed = re.compile(rf"\b(?:{'|'.join(self.ports)})\b")
        return fixed.sub(lambda match: self.ports[match.group()], commands)

    def run(self, commands: str) -> subprocess.CompletedProcess[str]:
        """Run commands as they are written, only with the stack's ports."""
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", self.here(commands)],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """What `make run` starts."""
    with Stack(tmp_path_factory.mktemp("stack"), ports=Ports.free()) as running:
        yield running


@pytest.fixture(scope="session")
def hospital(stack: Stack) -> Hospital:
    """The hospital's truth."""
    return Hospital(stack)


@pytest.fixture(scope="session")
def terminal(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Terminal]:
    """A terminal by document: what one block leaves behind, the next one finds."""
    opened: dict[str, Terminal] = {}

    def of(document: str) -> Terminal:
        if document not in opened:
            opened[document] = _terminal(stack, tmp_path_factory.mktemp("checkout"))
        return opened[document]

    return of


def _terminal(stack: Stack, folder: Path) -> Terminal:
    leave = shutil.ignore_patterns("__pycache__")
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=leave)
        else:
            shutil.copy(ROOT / name, folder / name)
    (folder / "var").symlink_to(stack.state)
    commands = folder / ".venv" / "bin"
    commands.mkdir(parents=True)
    python = shlex.quote(sys.executable)
    for name in ("python", "python3"):
        _write_program(commands / name, f'#!/bin/sh\nexec {python} "$@"\n')
    _write_program(
        commands / "dmz-gateway", _WRAPPER.format(python=python, edge=shlex.quote(stack.edge_url))
    )
    here = dict(stack.ports.named())
    ports = {str(fixed): str(here[name]) for name, fixed in Ports.fixed().named()}
    terminal = Terminal(folder, ports)
    for script in (folder / "docs").rglob("*.sh"):
        script.write_text(terminal.here(script.read_text()))
    return terminal


def _write_program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)
