"""Log lines on their way out, those of one turn of the event loop in one piece."""

from __future__ import annotations

import asyncio
from typing import BinaryIO


class Lines:
    """Writes to `stream`, but for what the loop still has to do in this turn first.

    A write of its own for each line costs a quarter of a small exchange. Under load many
    exchanges end in one turn; when there is none, nothing waits. Outside a loop each line is
    written at once. `drain` when the loop has ended, or the last turn's lines are lost.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._held: list[bytes] = []

    def write(self, line: bytes) -> int:
        """Hold a line for the end of the turn."""
        self._held.append(line)
        return len(line)

    def flush(self) -> None:
        """See that what is held is written in this turn, or now outside a loop."""
        if len(self._held) > 1:
            return
        try:
            asyncio.get_running_loop().call_soon(self.drain)
        except RuntimeError:
            self.drain()

    def drain(self) -> None:
        """Write what is held."""
        held, self._held = self._held, []
        if held:
            self._stream.write(b"".join(held))
            self._stream.flush()
