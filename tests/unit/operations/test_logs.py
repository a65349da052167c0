"""The log: one line an event, allowlisted fields, nothing that a library quotes."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import re
import warnings
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from gateway.delivery import Delivery
from gateway.operations.events import (
    BreakerChanged,
    Ending,
    FunctionChanged,
    LifecycleChanged,
    PeerChanged,
    SnapshotChanged,
    SwitchThrown,
)
from gateway.operations.health import Phase
from gateway.operations.logs import FIELDS, EventLog, new_logger, quiet_libraries, write_fault
from gateway.policies.snapshot import Route
from tests.unit.operations.exchanges import READ, STRANGER, but

PAGE = Path(__file__).parents[3] / "docs" / "logs.md"
SECRET = "张三 110101199003070000"


class Written:
    """A log and the lines it has written."""

    def __init__(self) -> None:
        self._stream = io.BytesIO()
        self.logger = new_logger(self._stream)
        self.log = EventLog(self.logger)

    @property
    def text(self) -> str:
        return self._stream.getvalue().decode()

    @property
    def lines(self) -> list[dict[str, object]]:
        assert self.text.endswith("\n") or not self.text
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def libraries() -> Iterator[Written]:
    """A log that has taken over the standard library's logging for the test."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level, logging.raiseExceptions)
    written = Written()
    quiet_libraries(written.logger)
    yield written
    root.handlers[:], root.level, logging.raiseExceptions = before
    logging.captureWarnings(False)


def test_an_exchange_is_one_line_with_all_its_fields() -> None:
    """Exactly these, with times in UTC."""
    written = Written()
    written.log(READ)
    (line,) = written.lines
    time = datetime.fromisoformat(str(line.pop("time")))
    assert time.utcoffset() == timedelta(0)
    assert line == {
        "level": "info",
        "event": "exchange",
        "request_id": "2f1c9a7e",
        "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
        "snapshot": "5e1a",
        "client": "booking",
        "route": "list-schedules",
        "operation": "QuerySchedules",
        "effect": "read",
        "outcome": "succeeded",
        "problem": None,
        "status": 200,
        "reason": None,
        "duration_s": 0.25,
        "upstream_s": 0.2,
        "attempts": 1,
        "delivery": "answered",
        "validations": {
            "request-json": True,
            "request-xsd": True,
            "reply-xsd": True,
            "response-json": True,
        },
        "unlisted": [],
    }


def test_a_code_that_no_table_names_is_told_by_its_field() -> None:
    """The code itself may say something of a patient."""
    written = Written()
    written.log(but(READ, unlisted=("kind",)))
    (line,) = written.lines
    assert (line["level"], line["unlisted"]) == ("info", ["kind"])


def test_an_exchange_that_ended_early_has_the_same_fields() -> None:
    """What it did not get to know is null."""
    written = Written()
    written.log(READ)
    written.log(STRANGER)
    long, short = written.lines
    assert long.keys() == short.keys()
    assert (short["route"], short["upstream_s"], short["validations"]) == (None, None, {})


@pytest.mark.parametrize(
    ("status", "outcome", "level"),
    [
        (200, "succeeded", "info"),
        (409, "refused", "info"),
        (422, "rejected", "info"),
        (202, "unknown", "warning"),
        (503, "not-sent", "warning"),
        (504, "failed", "warning"),
        (500, "failed", "error"),
    ],
)
def test_the_level_says_who_should_look(status: int, outcome: Ending, level: str) -> None:
    """A caller's mistake is information; what is unknown or failed is not."""
    written = Written()
    written.log(but(READ, status=status, outcome=outcome))
    assert written.lines[0]["level"] == level


def test_other_events_have_their_lines() -> None:
    """Breaker, snapshot and lifecycle."""
    written = Written()
    written.log(BreakerChanged("registration", "closed", "open"))
    written.log(SnapshotChanged("bbbb", "aaaa", ok=True, findings=0))
    written.log(SnapshotChanged("bbbb", "bbbb", ok=False, findings=5))
    written.log(LifecycleChanged("draining"))
    lines = [{name: line[name] for name in line if name != "time"} for line in written.lines]
    assert lines == [
        {
            "level": "warning",
            "event": "breaker",
            "upstream": "registration",
            "old": "closed",
            "new": "open",
        },
        {
            "level": "info",
            "event": "snapshot",
            "snapshot": "bbbb",
            "previous": "aaaa",
            "findings": 0,
        },
        {
            "level": "error",
            "event": "snapshot-refused",
            "snapshot": "bbbb",
            "previous": "bbbb",
            "findings": 5,
        },
        {"level": "info", "event": "lifecycle", "phase": "draining"},
    ]


def test_a_field_that_is_not_allowed_is_left_out() -> None:
    """Whatever a careless call passes, name and value stay out."""
    written = Written()
    written.logger.info("lifecycle", phase="ready", patient=SECRET)
    (line,) = written.lines
    assert line.keys() == {"time", "level", "event", "phase"}
    assert "patient" not in written.text


def test_a_value_cannot_begin_a_line_of_its_own() -> None:
    """Line breaks in a value are escaped."""
    written = Written()
    written.log(but(READ, request_id='x\r\n{"event":"exchange"}\u2028'))
    assert len(written.text.split("\n")) == 2


def test_a_fault_shows_types_and_places_but_no_values() -> None:
    """Causes are named outermost first; messages and arguments are not."""

    def read(card: str) -> None:
        try:
            int(card)
        except ValueError as error:
            raise LookupError(card) from error

    written = Written()
    try:
        read(SECRET)
    except LookupError as error:
        write_fault(written.logger, error, "77aa")
    (line,) = written.lines
    assert (line["event"], line["level"], line["request_id"]) == ("fault", "error", "77aa")
    assert line["error"] == ["builtins.LookupError", "builtins.ValueError"]
    stack = line["stack"]
    assert isinstance(stack, list)
    assert re.fullmatch(r"tests/unit/operations/test_logs.py:\d+ .*read", stack[-1])
    assert SECRET not in json.dumps(line, ensure_ascii=False)


def test_libraries_are_heard_without_what_they_quote(libraries: Written) -> None:
    """Of an error with a body in its message, its arguments and its exception, none is left."""
    try:
        raise ValueError(SECRET)
    except ValueError:
        logging.getLogger("spyne.protocol").exception(f"bad document {SECRET}: %r", SECRET)  # noqa: G004  libraries do
    (line,) = libraries.lines
    assert (line["event"], line["level"]) == ("library", "error")
    assert (line["logger"], line["error"]) == ("spyne.protocol", ["builtins.ValueError"])
    assert re.fullmatch(r"test_logs:\d+ test_libraries_\w+", str(line["source"]))
    assert SECRET not in libraries.text


def test_libraries_whisper_in_vain(libraries: Written) -> None:
    """Below WARNING, where zeep logs whole envelopes, nothing is written.

    Not even by a logger that was set to a lower level; for the others the record is not made.
    """
    logger = logging.getLogger("zeep.transports")
    assert not logger.isEnabledFor(logging.INFO)
    logger.setLevel(logging.DEBUG)
    logger.debug("HTTP Post: %s", SECRET)
    logger.setLevel(logging.NOTSET)
    assert libraries.text == ""


def test_a_task_that_nobody_awaited_does_not_tell_its_exception(libraries: Written) -> None:
    """asyncio quotes the exception in its message; the line has its type alone."""

    async def fail() -> None:
        raise ValueError(SECRET)

    async def main() -> None:
        task = asyncio.create_task(fail())
        await asyncio.sleep(0)
        del task

    asyncio.run(main())
    (line,) = libraries.lines
    assert (line["logger"], line["error"]) == ("asyncio", ["builtins.ValueError"])
    assert SECRET not in libraries.text


def test_warnings_come_out_as_lines_too(libraries: Written) -> None:
    """Standard error stays empty of them."""
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn(SECRET, stacklevel=1)
    (line,) = libraries.lines
    assert line["logger"] == "py.warnings"
    assert SECRET not in libraries.text


def test_a_log_that_cannot_be_written_does_not_print_what_it_was_given(
    libraries: Written, capsys: pytest.CaptureFixture[str]
) -> None:
    """The standard library's habit of printing the record to standard error is off."""

    class Full(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            try:
                raise OSError(28, "No space left on device")
            except OSError:
                self.handleError(record)

    logging.getLogger().addHandler(Full())
    logging.getLogger("aiohttp.server").error("Error handling request %s", SECRET)
    assert SECRET not in capsys.readouterr().err


def test_a_switch_is_a_line_that_says_who_and_why_and_until_when() -> None:
    """This is what remains of it."""
    written = Written()
    until = "2031-03-14T10:30:00+08:00"
    written.log(SwitchThrown("pay-*", True, until, "Wang, IT", "号源 are wrong", "command"))
    (line,) = written.lines
    del line["time"]
    assert line == {
        "level": "warning",
        "event": "switch",
        "route": "pay-*",
        "state": "off",
        "until": until,
        "by": "Wang, IT",
        "why": "号源 are wrong",
        "source": "command",
    }


def test_functions_and_peers_are_lines_when_they_change() -> None:
    """A peer that cannot be believed is worth a look, one that can again is not."""
    written = Written()
    until = "2031-03-14T10:30:00+08:00"
    written.log(FunctionChanged("pay-bill", True, until))
    written.log(FunctionChanged("pay-bill", False, None))
    written.log(PeerChanged("10.0.9.12:8111", "unreachable"))
    written.log(PeerChanged("10.0.9.12:8111", None))
    told = [
        (line["level"], line["event"], line.get("state"), line.get("until"), line.get("reason"))
        for line in written.lines
    ]
    assert told == [
        ("info", "function", "closed", until, None),
        ("info", "function", "open", None, None),
        ("warning", "peer", None, None, "unreachable"),
        ("info", "peer", None, None, None),
    ]


def test_every_field_is_described() -> None:
    """The page's table has the allowlist's fields, each once."""
    table = PAGE.read_text(encoding="utf-8").split("\n## Fields\n")[1].split("\n## ")[0]
    described = re.findall(r"^\| `(\w+)` \| .+ \|$", table, re.M)
    assert sorted(described) == sorted(FIELDS)


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("effect", get_args(get_type_hints(Route)["effect"])),
        ("outcome", get_args(Ending)),
        ("delivery", [delivery.value for delivery in Delivery]),
        ("phase", [phase.value for phase in Phase]),
    ],
)
def test_the_words_of_a_field_are_the_programs(field: str, words: Sequence[str]) -> None:
    """No more and no fewer are described than can be written."""
    row = re.search(rf"^\| `{field}` \| (.+) \|$", PAGE.read_text(encoding="utf-8"), re.M)
    assert row is not None
    assert sorted(re.findall(r"`([a-z-]+)`", row[1])) == sorted(words)
