"""What the other replicas know: their switches, asked for at the start and ever after."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

import aiohttp
import orjson

from gateway.closing.switch import Switch, SwitchRefused, read

PATH = "/switches"
EVERY_S = 10.0
FIRST_S = 1.0
"""How long a replica that starts waits for the others."""

_MOST_BYTES = 1 << 20


class Peers:
    """Asks the admin listeners at `addresses` (host:port), and believes what `secret` signed.

    `tell` learns of each change: an address, and why it cannot be heard or believed, or None.
    """

    def __init__(
        self,
        addresses: Iterable[str],
        secret: str,
        take: Callable[[tuple[Switch, ...]], Awaitable[object]],
        tell: Callable[[str, str | None], None],
    ) -> None:
        self._addresses = tuple(addresses)
        self._secret = secret
        self._take = take
        self._tell = tell
        self._faults: dict[str, str] = {}

    async def follow(self) -> None:
        """Ask again and again, until cancelled."""
        while True:
            await asyncio.sleep(EVERY_S)
            await self.learn()

    async def learn(self) -> None:
        """Take what every one of them knows; one that does not answer is not waited for."""
        timeout = aiohttp.ClientTimeout(total=FIRST_S)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            await asyncio.gather(*(self._ask(session, address) for address in self._addresses))

    async def _ask(self, session: aiohttp.ClientSession, address: str) -> None:
        try:
            async with session.get(f"http://{address}{PATH}", allow_redirects=False) as response:
                response.raise_for_status()
                switches = _read(await _body(response))
        except (aiohttp.ClientError, OSError):
            self._note(address, "unreachable")
        except SwitchRefused as refused:
            self._note(address, refused.why)
        else:
            # One that was signed with a secret since changed does not make the others untrue.
            believed = tuple(one for one in switches if one.is_of(self._secret))
            self._note(address, None if believed == switches else "signature")
            await self._take(believed)

    def _note(self, address: str, fault: str | None) -> None:
        if fault == self._faults.get(address):
            return
        if fault is None:
            del self._faults[address]
        else:
            self._faults[address] = fault
        self._tell(address, fault)


async def _body(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > _MOST_BYTES:
            raise SwitchRefused("malformed")
    return bytes(body)


def _read(body: bytes) -> tuple[Switch, ...]:
    try:
        return tuple(read(entry) for entry in orjson.loads(body)["switches"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise SwitchRefused("malformed") from None
