"""Where the faults' findings stand, written anew: `python -m tests.policies.positions`.

A line more in the registration policy moves every finding below it. This moves lines and columns
and nothing else: a finding that is told otherwise than before is left as it is, and its test fails.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from tests.policies.packs import check_changed, told
from tests.policies.test_findings import DOCS, FAULTS, FILE, changes

_PLACE = re.compile(r":[0-9]+:[0-9]+: ")


def moved() -> dict[str, str]:
    """Each finding that is told elsewhere now: as it was, and as it is."""
    found: dict[str, str] = {}
    for fault in FAULTS:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            policy, wsdl, glossary = (
                changes(fault.get(part, [])) for part in ("policy", "wsdl", "glossary")
            )
            checked = check_changed(folder, *policy, wsdl=wsdl, glossary=glossary)
            now = told(checked, folder)
        if len(now) == 1 and _PLACE.sub(":", now[0], 1) == _PLACE.sub(":", fault["found"], 1):
            found[fault["found"]] = now[0]
    return {old: new for old, new in found.items() if old != new}


if __name__ == "__main__":
    places = moved()
    for file in (FILE, DOCS):
        text = file.read_text("utf-8")
        for old, new in places.items():
            # As it stands there: in YAML's quotes, or as it is printed.
            for before, after in ((old, new), (old.replace("'", "''"), new.replace("'", "''"))):
                text = text.replace(before, after)
        file.write_text(text, "utf-8")
    print(f"{len(places)} moved")
