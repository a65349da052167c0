"""What a translation needs to know of the exchange it stands in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from gateway.translation.sealing import Sealer


@dataclass(frozen=True, slots=True)
class Context:
    """One exchange as seen by translation.

    `card` is the hospital's card number of the subject, unsealed; `today` the hospital's date.
    """

    client: str
    sealer: Sealer
    today: date
    card: str | None = None
    serial: str | None = None
