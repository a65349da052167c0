"""Log lines on their way out, those of one turn of the event loop in one piece."""

from __future__ import annotations

import asyncio
from typing import BinaryIO


class Lines:
    """Writes to `stream`, but for what the loop still has to do in this turn first.

    A write of its own for each line is a system call more for each exchange. Under load many
    exchanges end in one turn; when there is none, nothing waits. Outside a loop each line is
    written at once. `drain` when the loop has ended, or the last turn's lines are lost.

    A stream that fails is told to whoever writes next, who can count it: raised in the loop it
    would be logged, and that line would fail in its turn, for ever.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._held: list[bytes] = []
        self._awaited = False
        self._failure: OSError | None = None

    def write(self, line: bytes) -> int:
        """Hold a line for the end of the turn; `OSError` when the lines before it were lost."""
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure
        self._held.append(line)
        return len(line)

    def flush(self) -> None:
        """See that what is held is written in this turn, or now outside a loop."""
        if self._awaited:
            return
        try:
            asyncio.get_running_loop().call_soon(self.drain)
        except RuntimeError:
            self.drain()
        else:
            self._awaited = True

    def drain(self) -> None:
        """Write what is held."""
        self._awaited = False
        held, self._held = self._held, []
        if not held:
            return
        try:
            self._stream.write(b"".join(held))
            self._stream.flush()
        except OSError as failure:
            self._failure = failure
