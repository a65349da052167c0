"""`/switches` of the admin listener: what is switched, and who may switch it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import orjson
from aiohttp import web

from gateway.closing.closings import Closed, Closings, written
from gateway.closing.peers import PATH
from gateway.closing.switch import Switch, SwitchRefused, read
from gateway.closing.switchboard import Switchboard

_STATUS: Final = {"malformed": 400, "signature": 401, "older": 409, "unknown-route": 422}


class SwitchResource:
    """Takes switches that `secret` signed; shows them to whom the listener shows all the rest."""

    def __init__(
        self, replica: str, switchboard: Switchboard, closings: Closings, secret: str
    ) -> None:
        self._replica = replica
        self._switchboard = switchboard
        self._closings = closings
        self._secret = secret

    def routes(self) -> tuple[web.RouteDef, ...]:
        """What the listener serves of it."""
        return web.get(PATH, self._show), web.post(PATH, self._throw)

    async def _show(self, _request: web.Request) -> web.Response:
        switches = [one.written() for one in self._switchboard.thrown]
        return self._answer(200, {"switches": switches}, self._closings.closed())

    async def _throw(self, request: web.Request) -> web.Response:
        try:
            switch = _read(await request.read())
            if not switch.is_of(self._secret):
                raise SwitchRefused("signature")
            if not self._closings.means(switch.route):
                return self._refusal("unknown-route", routes=sorted(self._closings.states()))
            self._switchboard.take((switch,), "command")
            # What another replica has handed on in the meantime stands as well as what is new.
            if switch not in self._switchboard.thrown:
                raise SwitchRefused("older")
        except SwitchRefused as refused:
            return self._refusal(refused.why)
        kept = await self._switchboard.keep()
        return self._answer(200, {"kept": kept}, self._closings.closed(switch.route))

    def _refusal(self, why: str, **more: Any) -> web.Response:
        return self._answer(_STATUS[why], {"refused": why, **more})

    def _answer(
        self, status: int, more: Mapping[str, Any], closed: Iterable[Closed] = ()
    ) -> web.Response:
        told = {"replica": self._replica, **more, "closed": [_shown(one) for one in closed]}
        return web.Response(
            status=status,
            body=orjson.dumps(told),
            content_type="application/json",
            headers={"Cache-Control": "no-store"},
        )


def _read(body: bytes) -> Switch:
    try:
        return read(orjson.loads(body))
    except orjson.JSONDecodeError:
        raise SwitchRefused("malformed") from None


def _shown(closed: Closed) -> dict[str, str]:
    return {"route": closed.route, "reopensAt": written(closed.reopens_at), "by": closed.by}
