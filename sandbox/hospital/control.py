"""The control port: faults, limits, the clock, what the hospital does by itself, and its ledger.

It stands for hands inside the hospital and has no protection of its own: loopback only.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.orm import Session

from sandbox.hospital import invoicing, model, reports, window
from sandbox.hospital.control_cashier import ACTS, Act
from sandbox.hospital.faults import BadFault, Fault
from sandbox.hospital.front import Front
from sandbox.hospital.platform import FUNCTIONS, Desk, Hospital, Refused
from sandbox.hospital.sample import sample
from sandbox.hospital.seeding.founding import carry_on

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Control:
    """The handlers; those that touch the database do so off the event loop."""

    def __init__(self, hospital: Hospital, front: Front) -> None:
        self._hospital = hospital
        self._front = front

    def application(self) -> web.Application:
        """Return the application to listen with."""
        made = web.Application(middlewares=[_problems])
        made.add_routes(
            [
                web.get("/healthz", self._health),
                web.get("/ledger", self._ledger),
                web.get("/counters", self._counters),
                web.delete("/counters", self._reset_counters),
                web.get("/sample", self._sample),
                web.get("/faults", self._list_faults),
                web.post("/faults", self._set_faults),
                web.delete("/faults", self._clear_faults),
                web.post("/limit", self._limit),
                web.post("/clock", self._clock),
                web.post("/functions/{code}", self._function),
                web.post("/schedules/{code}/stop", self._stop),
                web.post("/schedules/{code}/move", self._move),
                web.post("/schedules/{code}/replace-doctor", self._replace_doctor),
                web.post("/orders/{number}/window-refund", self._refund),
                web.post("/reports/{number}/amend", self._amend),
                web.post("/reports/{number}/release", self._release),
                web.post("/invoices/issue", self._issue),
                web.post("/invoices/document", self._document),
                *(web.post(path, self._cashier(act)) for path, act in ACTS.items()),
            ]
        )
        return made

    async def _health(self, _request: web.Request) -> web.Response:
        return _json({"status": "up", "now": self._hospital.clock.now().isoformat()})

    async def _ledger(self, request: web.Request) -> web.Response:
        serial = request.query.get("serial")

        def look(session: Session) -> list[dict[str, Any]]:
            wanted = select(model.Effect).order_by(model.Effect.id)
            if serial is not None:
                wanted = wanted.where(model.Effect.serial == serial)
            return [_row(effect) for effect in session.scalars(wanted)]

        effects = await asyncio.to_thread(self._hospital.database.read, look)
        return _json({"effects": effects})

    async def _counters(self, _request: web.Request) -> web.Response:
        counts = self._front.counts
        return _json(
            {
                "calls": dict(counts.calls),
                "in_flight": counts.in_flight,
                "most_in_flight": counts.most_in_flight,
            }
        )

    async def _reset_counters(self, request: web.Request) -> web.Response:
        self._front.counts.reset()
        return await self._counters(request)

    async def _sample(self, request: web.Request) -> web.Response:
        channel = request.query.get("channel", "VIDEO")
        found = await asyncio.to_thread(
            self._hospital.database.read,
            lambda session: sample(self._hospital.desk(session, channel)),
        )
        return _json(found)

    async def _list_faults(self, _request: web.Request) -> web.Response:
        return _json({"faults": self._front.faults.listed()})

    async def _set_faults(self, request: web.Request) -> web.Response:
        rules = await request.json()
        self._front.faults.set([Fault.parse(rule) for rule in rules])
        return _json({"faults": self._front.faults.listed()})

    async def _clear_faults(self, _request: web.Request) -> web.Response:
        self._front.faults.set([])
        return _json({"faults": []})

    async def _limit(self, request: web.Request) -> web.Response:
        concurrency: int | None = (await request.json())["concurrency"]
        self._front.limit = concurrency
        return _json({"concurrency": concurrency})

    async def _clock(self, request: web.Request) -> web.Response:
        now: str | None = (await request.json())["now"]
        clock = self._hospital.clock
        clock.set(_local_time(now))
        await asyncio.to_thread(
            carry_on, self._hospital.database, clock.today(), self._hospital.rules
        )
        return _json({"now": clock.now().isoformat()})

    async def _function(self, request: web.Request) -> web.Response:
        code, wish = request.match_info["code"], await request.json()
        if code not in FUNCTIONS:
            raise Refused("2009", f"one of {', '.join(FUNCTIONS)}")
        if wish["open"]:
            self._hospital.closed.pop(code, None)
        else:
            self._hospital.closed[code] = _local_time(wish.get("reopen"))
        return _json({"closed": sorted(self._hospital.closed)})

    async def _stop(self, request: web.Request) -> web.Response:
        code, wish = request.match_info["code"], await request.json()
        return await self._act(
            lambda desk: window.stop(desk, code, wish.get("reason"), wish.get("replacement"))
        )

    async def _move(self, request: web.Request) -> web.Response:
        code, wish = request.match_info["code"], await request.json()
        day = date.fromisoformat(wish["date"])
        return await self._act(
            lambda desk: window.move(desk, code, day, wish.get("period"), wish.get("reason"))
        )

    async def _replace_doctor(self, request: web.Request) -> web.Response:
        code, wish = request.match_info["code"], await request.json()
        return await self._act(
            lambda desk: window.replace_doctor(desk, code, wish["doctor"], wish.get("reason"))
        )

    async def _refund(self, request: web.Request) -> web.Response:
        number, wish = request.match_info["number"], await request.json()
        return await self._act(lambda desk: [window.refund(desk, number, wish.get("reason"))])

    async def _amend(self, request: web.Request) -> web.Response:
        number, wish = request.match_info["number"], await request.json()
        values, impression = wish.get("values", {}), wish.get("impression")
        return await self._act(
            lambda desk: reports.amend(
                desk, number, values, impression, wish.get("note"), wish.get("category")
            ),
            "reports",
        )

    async def _release(self, request: web.Request) -> web.Response:
        number = request.match_info["number"]
        return await self._act(lambda desk: reports.release(desk, number), "reports")

    async def _issue(self, _request: web.Request) -> web.Response:
        return await self._act(invoicing.issue_now, "invoices")

    async def _document(self, request: web.Request) -> web.Response:
        size: int | None = (await request.json())["bytes"]
        self._hospital.document_bytes = size
        return _json({"bytes": size})

    def _cashier(self, act: Act) -> _Handler:
        async def handle(request: web.Request) -> web.Response:
            number = request.match_info["number"]
            wish = await request.json() if request.can_read_body else {}
            done = await asyncio.to_thread(self._hospital.act, lambda desk: act(desk, number, wish))
            return _json(done)

        return handle

    async def _act(self, work: Callable[[Desk], list[str]], of: str = "orders") -> web.Response:
        done = await asyncio.to_thread(self._hospital.act, work)
        return _json({of: done})


@web.middleware
async def _problems(request: web.Request, handler: _Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Refused as refused:
        told = {"code": refused.reply.code, "message": refused.reply.message}
        return _json(told, status=409)
    except (BadFault, KeyError, TypeError, ValueError, json.JSONDecodeError) as error:
        return _json({"message": f"{type(error).__name__}: {error}"}, status=400)


def _json(data: Any, status: int = 200) -> web.Response:
    readable = json.dumps(data, ensure_ascii=False) + "\n"
    return web.Response(text=readable, status=status, content_type="application/json")


def _local_time(text: str | None) -> datetime | None:
    if text is None:
        return None
    parsed = datetime.fromisoformat(text)
    if parsed.tzinfo is not None:
        raise ValueError("the hospital's own time, without offset")
    return parsed


def _row(effect: model.Effect) -> dict[str, Any]:
    return {
        "id": effect.id,
        "serial": effect.serial,
        "kind": effect.kind,
        "card_no": effect.card_no,
        "slot_code": effect.slot_code,
        "order_no": effect.order_no,
        "bill_no": effect.bill_no,
        "amount_fen": effect.amount_fen,
        "at": effect.at.isoformat(),
    }
