"""What the project's packs leave to the environment, for tests that load all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

_CONTRACTS = Path(__file__).parents[1] / "contracts"
_ADDRESS = re.compile(r"\$\{([A-Z]+_URL)\}")


def environment(url: str = "http://hospital.example") -> dict[str, str]:
    """Every variable that a policy names, all at one address."""
    return dict.fromkeys(_variables(), url)


def _variables() -> Iterator[str]:
    for policy in sorted(_CONTRACTS.glob("*/policy.yaml")):
        yield from _ADDRESS.findall(policy.read_text("utf-8"))
