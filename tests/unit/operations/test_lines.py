"""Log lines leave together, and none is held back or lost."""

from __future__ import annotations

import asyncio
import io

import pytest

from gateway.operations.lines import Lines


class Counted(io.BytesIO):
    """A stream that counts its writes."""

    writes = 0

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self.writes += 1
        return super().write(data)


def say(lines: Lines, *texts: bytes) -> None:
    """Write lines as the logger does: each is flushed."""
    for text in texts:
        lines.write(text)
        lines.flush()


def test_lines_of_one_turn_leave_in_one_write() -> None:
    """In their order, by the next turn of the loop."""
    stream = Counted()
    lines = Lines(stream)

    async def run() -> None:
        say(lines, b"1\n", b"2\n", b"3\n")
        assert stream.writes == 0
        await asyncio.sleep(0)
        assert (stream.getvalue(), stream.writes) == (b"1\n2\n3\n", 1)
        say(lines, b"4\n")
        await asyncio.sleep(0)

    asyncio.run(run())
    assert (stream.getvalue(), stream.writes) == (b"1\n2\n3\n4\n", 2)


def test_lines_outside_a_loop_leave_at_once() -> None:
    """Before the loop runs, and after."""
    stream = Counted()
    say(Lines(stream), b"1\n", b"2\n")
    assert (stream.getvalue(), stream.writes) == (b"1\n2\n", 2)


def test_lines_of_the_last_turn_leave_by_a_drain() -> None:
    """The loop ended before it came to them."""
    stream = Counted()
    lines = Lines(stream)

    async def run() -> None:
        say(lines, b"last\n")

    asyncio.run(run())
    lines.drain()
    assert stream.getvalue() == b"last\n"


class Broken(io.BytesIO):
    """A stream whose reader has gone."""

    def write(self, data: bytes) -> int:  # type: ignore[override]
        raise BrokenPipeError


def test_a_broken_stream_is_told_to_the_next_writer_and_not_to_the_loop() -> None:
    """Who logs can count it; the loop would log it, and so fail again in each turn."""
    lines = Lines(Broken())
    told_to_the_loop: list[object] = []

    async def run() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: told_to_the_loop.append(context))
        say(lines, b"1\n")
        await asyncio.sleep(0)
        with pytest.raises(BrokenPipeError):
            say(lines, b"2\n")

    asyncio.run(run())
    lines.drain()
    assert told_to_the_loop == []


def test_lines_written_before_one_flush_leave_with_it() -> None:
    """Nothing depends on how often the writer flushes."""
    stream = Counted()
    lines = Lines(stream)

    async def run() -> None:
        lines.write(b"1\n")
        lines.write(b"2\n")
        lines.flush()
        await asyncio.sleep(0)

    asyncio.run(run())
    assert stream.getvalue() == b"1\n2\n"
