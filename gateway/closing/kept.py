"""The switches of a replica in its file, for its next life."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import orjson

from gateway.closing.switch import Switch, SwitchRefused, read


def load_switches(file: Path) -> tuple[Switch, ...]:
    """What was kept; nothing where there is no file. Raises `OSError`, or `SwitchRefused`."""
    try:
        data = orjson.loads(file.read_bytes())
    except FileNotFoundError:
        return ()
    except orjson.JSONDecodeError:
        raise SwitchRefused("malformed") from None
    if not isinstance(data, list):
        raise SwitchRefused("malformed")
    return tuple(read(entry) for entry in data)


def keep_switches(file: Path, switches: Iterable[Switch]) -> None:
    """Write all of them, whole or not at all; raises `OSError`."""
    file.parent.mkdir(parents=True, exist_ok=True)
    aside = file.with_name(f"{file.name}.new")
    text = orjson.dumps([one.written() for one in switches], option=orjson.OPT_INDENT_2)
    with aside.open("wb") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    aside.replace(file)
    # The name too has to outlive a power cut.
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
