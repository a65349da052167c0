"""The trace context that comes in and goes on."""

from __future__ import annotations

import re

import pytest

from gateway.rest.trace import Trace, read_trace

TRACE_ID, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


def test_sane_traceparent_is_continued() -> None:
    """Its trace, parent and flags are kept."""
    assert read_trace(f"00-{TRACE_ID}-{PARENT}-01") == Trace(TRACE_ID, PARENT, "01")


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        f"ff-{TRACE_ID}-{PARENT}-01",
        f"00-{'0' * 32}-{PARENT}-01",
        f"00-{TRACE_ID}-{'0' * 16}-01",
        f"00-{TRACE_ID.upper()}-{PARENT}-01",
        f"00-{TRACE_ID}-{PARENT}",
        f"00-{TRACE_ID}-{PARENT}-01-more",
        f"00-{TRACE_ID}-{PARENT}-01\n",
    ],
)
def test_senseless_traceparent_starts_a_trace(header: str | None) -> None:
    """A new trace has an id of its own and no parent."""
    trace = read_trace(header)
    assert re.fullmatch("[0-9a-f]{32}", trace.trace_id)
    assert trace.trace_id != read_trace(header).trace_id
    assert trace.parent_id is None
    assert trace.flags == "00"


def test_each_call_onward_is_a_span_of_its_own() -> None:
    """The trace stays, the span id is new each time."""
    trace = Trace(TRACE_ID, PARENT, "01")
    first, second = trace.onward(), trace.onward()
    assert first != second
    assert re.fullmatch(f"00-{TRACE_ID}-[0-9a-f]{{16}}-01", first)
    assert PARENT not in first
