"""Binds an exchange to its client, its patient card and its serial."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.policies.resolve import CARD
from gateway.policies.snapshot import Route
from gateway.problems import FieldError, Rejection
from gateway.rest.admission import KEY_PATTERN, PATIENT_CARD, Admitted
from gateway.translation.context import Context
from gateway.translation.sealing import SealBroken, Sealer, serial
from gateway.translation.values import HOSPITAL_ZONE

_SINCE: Final = "since"
_KEY = re.compile(KEY_PATTERN)


@dataclass(frozen=True, slots=True)
class Binder:
    """Makes the `Context` of an exchange, and the place where a write's end is asked for."""

    sealer: Sealer
    clock: Callable[[], datetime]

    def context(self, route: Route, admitted: Admitted, values: Mapping[str, object]) -> Context:
        """Raises `Rejection` 404 for a card or key that was not made here for this client."""
        client = admitted.client.id
        key, first_sent = admitted.key, None
        if route.asks and route.serial_of is not None:
            key = _path_key(values)
            first_sent = self._first_sent(client, route.serial_of, key, values.get(_SINCE))
        return Context(
            client=client,
            sealer=self.sealer,
            now=self.clock(),
            card=self._card(client, admitted.card) if route.subject is not None else None,
            serial=serial(client, route.serial_of, key) if route.serial_of and key else None,
            first_sent=first_sent,
        )

    def location(self, route: Route, admitted: Admitted) -> str:
        """Where it is told how this write ended; carries, sealed, when it was sent.

        The time is taken after the attempt: `certain_after` must not begin before it.
        """
        bound = f"{route.id}/{admitted.key}"
        moment = str(int(self.clock().timestamp()))
        since = self.sealer.seal(_SINCE, admitted.client.id, bound, moment)
        return f"/v1/operations/{bound}?{_SINCE}={since}"

    def _card(self, client: str, sealed: str | None) -> str:
        if sealed is None:
            missing = FieldError("header", f"/{PATIENT_CARD}", "is required", "必填")
            raise Rejection("malformed", errors=(missing,))
        try:
            return self.sealer.open(CARD, client, "", sealed)
        except SealBroken:
            raise Rejection("not-found", reason="card-not-sealed-here") from None

    def _first_sent(self, client: str, route: str, key: str, since: object) -> datetime | None:
        if not isinstance(since, str):
            return None
        try:
            moment = self.sealer.open(_SINCE, client, f"{route}/{key}", since)
        except SealBroken:
            raise Rejection("not-found", reason="since-not-sealed-here") from None
        return datetime.fromtimestamp(int(moment), HOSPITAL_ZONE)


def _path_key(values: Mapping[str, object]) -> str:
    key = values["idempotencyKey"]
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise Rejection("not-found", reason="no-such-key")
    return key
