"""The context of an exchange, as translation is handed one."""

from __future__ import annotations

from datetime import datetime

from gateway.translation.context import Context
from gateway.translation.sealing import Sealer
from gateway.translation.values import HOSPITAL_ZONE

SEALER = Sealer(bytes(range(64)))
NOW = datetime(2031, 3, 14, 9, 30, tzinfo=HOSPITAL_ZONE)


def context(
    *,
    client: str = "booking",
    now: datetime = NOW,
    card: str | None = None,
    serial: str | None = None,
    first_sent: datetime | None = None,
) -> Context:
    """A context at `NOW` that seals under one key."""
    return Context(client, SEALER, now, card, serial, first_sent)
