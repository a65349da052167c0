"""What a translation needs to know of the exchange it stands in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from gateway.record import Record
from gateway.translation.sealing import Sealer


@dataclass(frozen=True, slots=True)
class Context:
    """One exchange as seen by translation.

    `now` is the hospital's clock time, with its offset; `card` the hospital's card number of the
    subject, unsealed. Of a write that is asked about `first_sent` is when it was first sent, and
    `asked`, where nothing but its arguments names it, are these; `nothing_on_its_way`: no
    sending of it is out that the hospital could yet carry out. `closed` lists the functions that
    the gateway holds closed, as callers are told. `page` is the page that a list is asked for, and
    `next_page` where the one after it is. `unlisted` is told each field of the response in which a
    code came that its table does not name.
    """

    client: str
    sealer: Sealer
    now: datetime
    card: str | None = None
    serial: str | None = None
    first_sent: datetime | None = None
    asked: Record | None = None
    nothing_on_its_way: bool = False
    closed: Callable[[], list[dict[str, Any]]] = list
    page: int = 1
    next_page: str = ""
    unlisted: Callable[[str], None] = lambda field: None

    @property
    def today(self) -> date:
        """The hospital's day, never the machine's."""
        return self.now.date()
