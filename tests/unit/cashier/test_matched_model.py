"""Matched writes against a hospital that does what hospitals do, held against what it then has.

The hospital keeps one payment of a bill at a time, and that is all the help there is. Its answers
get lost, come late or are none; its desk takes and revokes payments too; several callers pay the
same bills, repeat themselves, and ask at every Location that they were ever given. Each request
meets a replica that knows of no other. All of it in virtual time.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from lxml import etree

from gateway.binding import Binder
from gateway.delivery import Delivery
from gateway.rest.admission import Admission, Client
from gateway.rest.messages import Answer
from gateway.soap.errors import CallFailed
from gateway.soap.transport import Received, Sink
from gateway.translation.values import HOSPITAL_ZONE
from tests.replies import CARD, OTHER_CARD
from tests.unit.cashier.test_matched import cashier, has, payment, refused, reply
from tests.unit.cashier.virtual_time import VirtualLoop
from tests.unit.rest.requests import EDGE_HEADERS, PROOF, incoming
from tests.unit.translation.contexts import NOW, SEALER
from tests.unit.world import FakeTransport, World, sealed

CERTAIN_AFTER = 60.0
"""Of the policy: the longest that a sending which nobody waits for may still be carried out."""
PRICE = {"B1": 1250, "B2": 800}
CLIENTS = {"booking": "ab" * 32, "kiosk": "cd" * 32}


@dataclass(frozen=True)
class Fate:
    """What becomes of one message.

    It is `delivered` and then carried out `after` seconds, or never; the answer is what the
    hospital did, or something else, `answered` seconds after the message. What was paid is done
    at once, or under way until `finishes` with this state; it is shown from `shown` seconds on.
    """

    delivered: bool = True
    after: float | None = 0.0
    answer: str = "honest"
    answered: float = 0.0
    finishes: tuple[float, str] | None = None
    shown: float = 0.0


HONEST = Fate()
_DELAYS = st.sampled_from([0.0, 0.0, 0.05, 3.0, 31.0, 59.9])
_ANSWERED = st.sampled_from([0.0, 0.3, 2.0])
PAYING = st.builds(
    Fate,
    delivered=st.sampled_from([True] * 7 + [False]),
    after=st.one_of(_DELAYS, _DELAYS, _DELAYS, st.none()),
    answer=st.sampled_from(
        ["honest"] * 3 + ["cut"] * 3 + ["silent", "garbage", "failed", "another", "stranger"]
    ),
    answered=_ANSWERED,
    finishes=st.one_of(
        st.none(), st.tuples(st.sampled_from([1.0, 40.0, 130.0]), st.sampled_from(["1", "9"]))
    ),
    shown=st.sampled_from([0.0, 0.0, 20.0]),
)
TELLING = st.one_of(
    *[st.just(HONEST)] * 4,
    st.builds(
        Fate,
        delivered=st.booleans(),
        answer=st.sampled_from(["another", "cut", "silent", "garbage", "failed", "stranger"]),
        answered=_ANSWERED,
    ),
)


@dataclass
class Payment:
    number: str
    bill: str
    trade: str
    amount: int
    state: str
    shown_from: float
    was_done: bool = False
    undone_at: float | None = None

    def turn(self, state: str) -> None:
        self.state = state
        self.was_done = self.was_done or state == "1"
        if state == "9":
            self.undone_at = now()

    @property
    def stands(self) -> bool:
        return self.state != "9"

    @property
    def row(self) -> str:
        return payment(
            PayNo=self.number, BillNo=self.bill, TradeNo=self.trade, State=self.state,
            Amount=f"{self.amount / 100:.2f}",
        )  # fmt: skip


@dataclass
class Sending:
    """One request to pay, and what it made of the hospital."""

    transaction: str
    delivered: int = 0
    effects: list[Payment] = field(default_factory=list)
    ended: float = float("inf")

    def stood(self, moment: float) -> list[Payment]:
        """What it did, at any time, that was not undone by then."""
        return [p for p in self.effects if p.undone_at is None or p.undone_at > moment]


SENDING: ContextVar[Sending | None] = ContextVar("SENDING", default=None)


def now() -> float:
    return asyncio.get_running_loop().time()


@dataclass
class Hospital(FakeTransport):
    """Implements the transport's port: a desk, its records, and a line that fails."""

    paying: Iterator[Fate] = field(default_factory=lambda: iter(()))
    telling: Iterator[Fate] = field(default_factory=lambda: iter(()))
    payments: list[Payment] = field(default_factory=list)
    busy: list[asyncio.Task[bytes]] = field(default_factory=list)

    def standing(self, bill: str) -> Payment | None:
        """The one payment that counts."""
        standing = [p for p in self.payments if p.bill == bill and p.stands]
        assert len(standing) <= 1
        return standing[0] if standing else None

    async def post(
        self, url: str, headers: object, body: bytes, *, accepts: str, deadline: float,
        sink: Sink | None = None,
    ) -> Received:  # fmt: skip
        """One message, as its fate has it."""
        asked = etree.fromstring(body)[-1][0]
        said = {etree.QName(one).localname: one.text or "" for one in asked}
        pays = etree.QName(asked).localname == "Pay"
        fate = next(self.paying if pays else self.telling, HONEST)
        if not fate.delivered:
            raise CallFailed(Delivery.NOT_SENT, "connect-refused")
        sending = SENDING.get()
        if pays:
            assert sending is not None
            sending.delivered += 1
        work = self._pay if pays else self._tell
        task = asyncio.create_task(self._worked(fate, lambda: work(said, fate, sending)))
        self.busy.append(task)
        return Received(200, await self._answered(pays, said, fate, task, deadline))

    async def _worked(self, fate: Fate, work: Callable[[], bytes]) -> bytes:
        if fate.after is None:
            return b""
        await asyncio.sleep(fate.after)
        return work()

    async def _answered(
        self, pays: bool, said: dict[str, str], fate: Fate, task: asyncio.Task[bytes], by: float
    ) -> bytes:
        begun = now()
        await asyncio.sleep(max(0.0, min(fate.answered, by - now())))
        if fate.answer == "cut":
            raise CallFailed(Delivery.MAYBE_SENT, "disconnected")
        if fate.answer == "honest" and fate.after is not None:
            await asyncio.wait([task], timeout=max(0.0, by - now()))
            if task.done() and now() <= by:
                return task.result()
        if fate.answer in ("honest", "silent") or now() >= by:
            await asyncio.sleep(max(0.0, by - now()))
            raise CallFailed(Delivery.MAYBE_SENT, "deadline", now() - begun)
        operation = "Pay" if pays else "QueryPayments"
        told = payment(BillNo=said["BillNo"], TradeNo="ANOTHER")
        if fate.answer == "stranger":
            told = payment(BillNo=said["BillNo"], CardNo=OTHER_CARD)
        if fate.answer == "another" and not pays:
            # Records of other bills beside what is asked for are nothing wrong.
            return has(payment(BillNo="B9"), *self._rows(said["BillNo"]))
        if fate.answer in ("garbage", "failed"):
            return b"OK" if fate.answer == "garbage" else reply(operation, code="-1")
        return reply(operation, told if pays else f"<PaymentList>{told}</PaymentList>")

    def _rows(self, bill: str) -> list[str]:
        return [p.row for p in self.payments if p.bill == bill and p.shown_from <= now()]

    def _tell(self, said: dict[str, str], fate: Fate, sending: Sending | None) -> bytes:
        return has(*self._rows(said["BillNo"]))

    def _pay(self, said: dict[str, str], fate: Fate, sending: Sending | None) -> bytes:
        bill, amount = said["BillNo"], round(float(said["Amount"]) * 100)
        if self.standing(bill):
            return refused("2")
        if amount != PRICE[bill]:
            return refused("3")
        made = self.take(bill, said["TradeNo"], amount, fate)
        assert sending is not None
        sending.effects.append(made)
        return reply("Pay", made.row)

    def take(self, bill: str, trade: str, amount: int, fate: Fate) -> Payment:
        """A payment, taken now."""
        shown = min(fate.shown, CERTAIN_AFTER - 0.1 - (fate.after or 0.0))
        made = Payment(f"P{len(self.payments)}", bill, trade, amount, "0", now() + shown)
        self.payments.append(made)
        if fate.finishes is None:
            made.turn("1")
        else:
            after, state = fate.finishes
            asyncio.get_running_loop().call_later(
                after, lambda: made.turn(state) if made.state == "0" else None
            )
        return made

    def at_the_desk(self, bill: str) -> None:
        """Somebody pays the bill, or has the payment revoked that stands."""
        standing = self.standing(bill)
        if standing is None:
            self.take(bill, f"DESK{len(self.payments)}", PRICE[bill], HONEST)
        else:
            standing.turn("9")


@dataclass(frozen=True)
class Write:
    """What a caller wants to be paid: under its key, by its own transaction."""

    client: str
    key: str
    bill: str
    amount: int

    @property
    def transaction(self) -> str:
        return f"T-{self.client}-{self.key}-{self.bill}-{self.amount}"


_KEYS = "key-0123456789abcdef", "key-fedcba9876543210"
WRITES = st.sampled_from(
    [
        *[Write("booking", _KEYS[0], "B1", 1250)] * 4,
        Write("booking", _KEYS[1], "B1", 1250),
        Write("booking", _KEYS[0], "B1", 800),
        Write("booking", _KEYS[0], "B2", 800),
        Write("kiosk", _KEYS[0], "B1", 1250),
    ]
)
MOMENTS = st.sampled_from([0.0, 0.0, 0.01, 0.5, 1.0, 7.3, 15.0, 35.0, 60.0, 70.5, 130.0])


@dataclass
class Story:
    """Everything that is sent, told and had, and what must hold of it."""

    hospital: Hospital
    world: World = field(init=False)
    sendings: list[tuple[Write, Sending]] = field(default_factory=list)
    locations: list[tuple[Write, str, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.world = World(self.hospital, served=cashier())

    def clock(self) -> datetime:
        return (NOW + timedelta(seconds=now())).astimezone(HOSPITAL_ZONE)

    async def request(self, client: str, **request: Any) -> Answer:
        """One request to a replica that has never seen another."""
        clients = (Client(name, frozenset({mark}), frozenset({"*"})) for name, mark in _clients())
        exchange = replace(
            self.world.exchange(),
            admission=Admission(clients, PROOF),
            binder=Binder(SEALER, self.clock),
        )
        headers = {**EDGE_HEADERS, "Client-Certificate-Fingerprint": CLIENTS[client]}
        fields = [("Patient-Card", sealed("card", CARD, client=client)), *request.pop("extra", ())]
        answer = await exchange(incoming(*fields, headers=headers, **request))
        assert self.world.reports == []
        return answer

    async def pay(self, write: Write, patience: str | None = None) -> int:
        sending = Sending(write.transaction)
        self.sendings.append((write, sending))
        SENDING.set(sending)
        extra = [("Idempotency-Key", write.key), ("Content-Type", "application/json")]
        extra += [("Request-Timeout", patience)] if patience else []
        body = json.dumps({"transaction": write.transaction, "amount": write.amount}).encode()
        path = f"/v1/bills/{write.bill}/payments"
        answer = await self.request(write.client, method="POST", path=path, body=body, extra=extra)
        sending.ended = now()
        told = json.loads(answer.body)
        assert sending.delivered <= 1
        if answer.status == 201:
            self.hold_success(write, told)
        elif answer.status == 202:
            self.locations.append((write, dict(answer.headers)["Location"], now()))
        elif answer.status == 409:
            assert told["refundRequired"] is True
            await self.hold_none([sending], now())
        else:
            assert (answer.status, told["outcome"]) == (503, "not-sent")
            assert sending.delivered == 0
        return answer.status

    async def ask(self, write: Write, location: str, since: float) -> str | None:
        path, _, query = location.partition("?")
        answer = await self.request(write.client, path=path, query=query)
        told = json.loads(answer.body)
        if answer.status != 200:
            return None
        if told["outcome"] == "succeeded":
            self.hold_success(write, told["response"])
        elif told["outcome"] != "unknown":
            assert ("problem" in told) == (told["outcome"] == "refused")
            assert told.get("problem", {}).get("refundRequired", True) is True
            earlier = [s for w, s in self.sendings if w == write and s.ended <= since]
            await self.hold_none(earlier, now())
        return str(told["outcome"])

    def hold_success(self, write: Write, told: dict[str, Any]) -> None:
        """It was done, exactly as it was asked for, by whom it is told."""
        (paid,) = [p for p in self.hospital.payments if p.number == told["number"]]
        assert paid.was_done
        assert (paid.bill, paid.trade, paid.amount) == (write.bill, write.transaction, write.amount)
        assert (told["transaction"], told["amount"]) == (write.transaction, write.amount)
        assert told["state"] == "paid"

    async def hold_none(self, sendings: list[Sending], told_at: float) -> None:
        """None of them has an effect that stands, and none will have one later."""
        assert not [p for one in sendings for p in one.stood(told_at)]
        self.final.append(lambda: all(not one.stood(told_at) for one in sendings))

    final: list[Callable[[], bool]] = field(default_factory=list)

    async def at(self, moment: float, what: Callable[[], Awaitable[Any]]) -> None:
        await asyncio.sleep(moment)
        await what()

    async def ask_everywhere(self) -> None:
        for write, location, since in list(self.locations):
            await self.ask(write, location, since)

    async def end(self) -> None:
        """The dust settles; then each Location tells what is, and each repeat has an end."""
        self.hospital.paying = self.hospital.telling = iter(())
        await asyncio.sleep(1000.0)
        assert all(task.done() for task in self.hospital.busy)
        assert all(held() for held in self.final)
        for write, location, since in self.locations:
            assert await self.ask(write, location, since) == self.truth(write)
            await self.hold_sealed(write, location)
        for write in {write for write, _ in self.sendings}:
            # What is void is none: a repeat pays a bill afresh whose payment was revoked.
            assert await self.pay(write) in (201, 409)

    def truth(self, write: Write) -> str:
        standing = self.hospital.standing(write.bill)
        if standing is None:
            return "not-sent"
        ours = (standing.trade, standing.amount) == (write.transaction, write.amount)
        return "succeeded" if ours else "refused"

    async def hold_sealed(self, write: Write, location: str) -> None:
        """A Location is of its client and its key."""
        path, _, query = location.partition("?")
        other = next(name for name in CLIENTS if name != write.client)
        assert (await self.request(other, path=path, query=query)).status == 404
        changed = path[:-1] + ("x" if path[-1] != "x" else "y")
        assert (await self.request(write.client, path=changed, query=query)).status == 404


def _clients() -> list[tuple[str, str]]:
    return sorted(CLIENTS.items())


_OURS = (0.0, Write("booking", _KEYS[0], "B1", 1250), None)
_LOST = Fate(answer="cut", answered=0.3)


@example(  # late, and just before it is certain: at a part of a second
    paying=[replace(_LOST, answered=0.0, after=59.9)], telling=[],
    payings=[(0.5, *_OURS[1:])], desk=[], asking=[60.0],
)  # fmt: skip
@example(  # late, when the desk has paid the bill and revoked that
    paying=[replace(_LOST, after=3.0)], telling=[],
    payings=[_OURS], desk=[(0.01, "B1"), (1.0, "B1")], asking=[1.0],
)  # fmt: skip
@example(  # paid, and under way to be revoked
    paying=[Fate(finishes=(40.0, "9"))], telling=[],
    payings=[_OURS, (70.5, *_OURS[1:])], desk=[], asking=[35.0],
)  # fmt: skip
@example(  # twice at once, of which one is refused as done
    paying=[Fate(after=3.0), Fate(after=3.0)], telling=[],
    payings=[_OURS, _OURS], desk=[], asking=[],
)  # fmt: skip
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    paying=st.lists(PAYING, min_size=1, max_size=6),
    telling=st.lists(TELLING, max_size=8),
    payings=st.lists(
        st.tuples(MOMENTS, WRITES, st.sampled_from([None, None, "1", "4"])), min_size=1, max_size=6
    ),
    desk=st.lists(st.tuples(MOMENTS, st.sampled_from(["B1", "B1", "B1", "B2"])), max_size=4),
    asking=st.lists(MOMENTS, max_size=4),
)
def test_whatever_happens_nobody_is_told_what_is_not(
    paying: list[Fate],
    telling: list[Fate],
    payings: list[tuple[float, Write, str | None]],
    desk: list[tuple[float, str]],
    asking: list[float],
) -> None:
    """No success of another's payment, no refusal or end of one that is made, and an end of all."""

    async def story() -> None:
        told = Story(Hospital([], paying=iter(paying), telling=iter(telling)))
        loop = asyncio.get_running_loop()
        for moment, bill in desk:
            loop.call_later(moment, told.hospital.at_the_desk, bill)
        pays = (
            told.at(moment, partial(told.pay, write, patience))
            for moment, write, patience in payings
        )
        asks = (told.at(moment + 0.2, told.ask_everywhere) for moment in asking)
        await asyncio.gather(*pays, *asks)
        await told.end()

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(story())
