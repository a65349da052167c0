"""The internal platform: database, clock and rules in one hand, and how a call runs on them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from sandbox.hospital import model, trades
from sandbox.hospital.clock import Clock
from sandbox.hospital.database import Database
from sandbox.hospital.operations import Reply
from sandbox.hospital.rules import Rules

_log = logging.getLogger(__name__)

SYSTEM_FAILURE = Reply("-99", "系统繁忙，请稍后再试")

FUNCTIONS = ("CARD", "SCHEDULE", "REGISTER", "PAY", "TAKE")
_FUNCTION_OF_TRADE = {
    "CreateCard": "CARD",
    "LockSlot": "REGISTER",
    "Book": "REGISTER",
    "PayRegistration": "PAY",
    "TakeNumber": "TAKE",
}


class Refused(Exception):  # a refusal is an answer of the hospital, not an error
    """The hospital says no; the transaction keeps nothing but that answer."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.reply = Reply(code, message)


@dataclass(frozen=True, slots=True)
class Desk:
    """What one call works with: a transaction, the time it is, who asks, and under what rules."""

    session: Session
    now: datetime
    rules: Rules
    channel: str
    closed: dict[str, datetime | None]
    serial: str | None = None

    @property
    def today(self) -> date:
        """Return the hospital's date."""
        return self.now.date()

    def effect(
        self,
        kind: str,
        *,
        card_no: str | None,
        slot_code: str | None = None,
        order_no: str | None = None,
        bill_no: str | None = None,
        amount_fen: int | None = None,
    ) -> None:
        """Write what really happened into the ledger, in this same transaction."""
        self.session.add(
            model.Effect(
                serial=self.serial,
                kind=kind,
                card_no=card_no,
                slot_code=slot_code,
                order_no=order_no,
                bill_no=bill_no,
                amount_fen=amount_fen,
                at=self.now,
            )
        )

    def require_open(self, function: str) -> None:
        """Refuse when the function is closed."""
        if function in self.closed:
            raise Refused("2013", "该功能暂停服务，请稍后再试")


@dataclass(slots=True)
class Hospital:
    """One hospital. `closed` holds the closed functions and when each opens again, if known.

    `invoices_key` signs the calls of the service `invoices`, which answers none without it;
    `document_bytes` is the least size of an invoice's document, where one was asked for.
    """

    database: Database
    clock: Clock
    rules: Rules = field(default_factory=Rules)
    closed: dict[str, datetime | None] = field(default_factory=dict)
    invoices_key: str | None = None
    document_bytes: int | None = None

    def desk(self, session: Session, channel: str, serial: str | None = None) -> Desk:
        """Return the desk of one call."""
        return Desk(session, self.clock.now(), self.rules, channel, dict(self.closed), serial)

    def read(self, channel: str, work: Callable[[Desk], Reply]) -> Reply:
        """Answer a query."""

        return _guarded(
            lambda: self.database.read(lambda session: work(self.desk(session, channel)))
        )

    def write(
        self, trade_type: str, serial: str, channel: str, work: Callable[[Desk], Reply]
    ) -> Reply:
        """Do a write once for its serial, and answer a repeat as the first time.

        The trade's row is written first: a concurrent twin waits for it, then finds the answer.
        A refusal is an answer and is kept; a failure of the system keeps nothing.
        """

        def transact(session: Session) -> Reply:
            known = session.get(model.Trade, serial)
            if known is not None:
                return trades.reply(known)
            desk = self.desk(session, channel, serial)
            trade = trades.begin(session, serial, channel, trade_type, desk.now)
            try:
                with session.begin_nested():
                    if trade_type in _FUNCTION_OF_TRADE:
                        desk.require_open(_FUNCTION_OF_TRADE[trade_type])
                    answer = work(desk)
            except Refused as refused:
                answer = refused.reply
            trades.finish(trade, answer)
            return answer

        return _guarded(lambda: self.database.write(transact))

    def trade(self, channel: str, work: Callable[[Desk], Reply]) -> Reply:
        """Do a write that has no serial: a repeat of it is another write."""

        return _guarded(
            lambda: self.database.write(lambda session: work(self.desk(session, channel)))
        )

    def act(self, work: Callable[[Desk], Any]) -> Any:
        """Do something that the hospital does by itself; a refusal is raised."""
        return self.database.write(lambda session: work(self.desk(session, "")))


def _guarded(call: Callable[[], Reply]) -> Reply:
    try:
        return call()
    except Refused as refused:
        return refused.reply
    except Exception as error:  # noqa: BLE001 # a real platform answers -99, whatever it was
        # The statement and its parameters are patient data: only the kind of error is logged.
        _log.error("call failed: %s", type(error).__name__)
        return SYSTEM_FAILURE
