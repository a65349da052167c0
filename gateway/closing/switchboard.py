"""The switches of this replica. The newest of each name holds, from wherever it came."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Literal, TypeAlias

from gateway.closing.switch import Switch

Source: TypeAlias = Literal["command", "peer", "file"]


class Switchboard:
    """Takes switches and forgets those that have ended.

    `audit` is told of each before it takes effect; `keep` writes all of them and may raise
    `OSError`, which `report` is told of. `thrown` is looked at from several threads: it is one
    reference, replaced whole.
    """

    def __init__(
        self,
        clock: Callable[[], datetime],
        audit: Callable[[Switch, Source], None],
        keep: Callable[[tuple[Switch, ...]], None],
        report: Callable[[OSError], None],
    ) -> None:
        self._clock = clock
        self._audit = audit
        self._keep = keep
        self._report = report
        self._keeping = asyncio.Lock()
        self.thrown: tuple[Switch, ...] = ()

    def take(self, switches: Iterable[Switch], source: Source) -> tuple[Switch, ...]:
        """Let those hold that are newer than what does; returns these."""
        now = self._clock()
        held = {one.route: one for one in self.thrown if now < one.until}
        taken = []
        for switch in switches:
            known = held.get(switch.route)
            if now >= switch.until or (known is not None and not switch.replaces(known)):
                continue
            self._audit(switch, source)
            held[switch.route] = switch
            taken.append(switch)
        self.thrown = tuple(held[name] for name in sorted(held))
        return tuple(taken)

    async def keep(self) -> bool:
        """Write what holds; whether it could be. It holds all the same: closed is the safe side."""
        async with self._keeping:
            try:
                await asyncio.to_thread(self._keep, self.thrown)
            except OSError as error:
                self._report(error)
                return False
        return True
