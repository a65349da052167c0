"""What the project's packs leave to the environment, for tests that load all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

_CONTRACTS = Path(__file__).parents[1] / "contracts"
_SECRET = Path(__file__).with_name("made-up-secret")
_VARIABLE = re.compile(r"\$\{([A-Z_]+_(?:URL|FILE))\}")


def environment(url: str = "http://hospital.example") -> dict[str, str]:
    """Every variable that a policy names: all services at one address, all secrets one file's."""
    values = {"URL": url, "FILE": str(_SECRET)}
    return {name: values[name.rpartition("_")[2]] for name in _variables()}


def _variables() -> Iterator[str]:
    for policy in sorted(_CONTRACTS.glob("*/policy.yaml")):
        yield from _VARIABLE.findall(policy.read_text("utf-8"))
