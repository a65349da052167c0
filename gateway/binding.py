"""Binds an exchange to its client, its patient card and its serial."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any

from gateway.policies.operations_resource import LONGEST_SINCE, SINCE, Asked, asked, location
from gateway.policies.paging import FIRST, page_of, url_of
from gateway.policies.resolve import CARD
from gateway.policies.snapshot import Route
from gateway.problems import FieldError, Rejection
from gateway.record import Record
from gateway.rest.admission import PATIENT_CARD, Admitted
from gateway.translation.context import Context
from gateway.translation.sealing import SealBroken, Sealer, serial
from gateway.translation.values import HOSPITAL_ZONE


def bind(
    route: Route,
    values: Mapping[str, object],
    *,
    client: str,
    sealer: Sealer,
    now: datetime,
    card: str | None,
    key: str | None,
    first_sent: datetime | None = None,
    asked_for: Record | None = None,
    closed: Callable[[], list[dict[str, Any]]] = list,
    unlisted: Callable[[str], None] = lambda field: None,
) -> Context:
    """The `Context` of a request: the only way to one.

    `card` is the hospital's number, unsealed, and `key` the Idempotency-Key of the header; a
    route that has no use for one leaves it aside. The question how a write ended has its key in
    the path: raises `Rejection` 404 for one that can be none.
    """
    if route.asks:
        key = asked(values).key
    write = route.serial_of
    page = page_of(values) if route.paged else FIRST
    return Context(
        client=client,
        sealer=sealer,
        now=now,
        card=card if route.subject is not None else None,
        serial=serial(client, write, key) if write is not None and key is not None else None,
        first_sent=first_sent,
        page=page,
        next_page=url_of(route.template, route.shape.path, values, page + 1) if route.paged else "",
        asked=asked_for,
        closed=closed,
        unlisted=unlisted,
    )


@dataclass(frozen=True, slots=True)
class Binder:
    """Opens what a request is bound to, and tells the place where a write's end is asked for."""

    sealer: Sealer
    clock: Callable[[], datetime]
    closed: Callable[[], list[dict[str, Any]]] = list

    def context(
        self,
        route: Route,
        admitted: Admitted,
        values: Mapping[str, object],
        unlisted: Callable[[str], None] = lambda field: None,
    ) -> Context:
        """Raises `Rejection` 404 for a card or key that was not made here for this client."""
        client = admitted.client.id
        first_sent, asked_for = None, None
        if route.inquiry_of is not None:
            first_sent, asked_for = self._sending(client, route.inquiry_of, asked(values))
        return bind(
            route,
            values,
            client=client,
            sealer=self.sealer,
            now=self.clock(),
            card=self._card(client, admitted.card) if route.subject is not None else None,
            key=admitted.key,
            first_sent=first_sent,
            asked_for=asked_for,
            closed=self.closed,
            unlisted=unlisted,
        )

    def location(self, route: Route, admitted: Admitted, arguments: Record) -> str:
        """Where it is told how this write ended; carries, sealed, when it was sent.

        And what was asked, where no serial tells. The time is taken after the attempt, and
        rounded up to the second: `certain_after` must not begin before it.
        """
        key = admitted.key or ""  # admission has seen to it that a write has one
        sending = f"{ceil(self.clock().timestamp())} {route.outbound.carry(arguments)}".rstrip()
        since = self.sealer.seal(SINCE, admitted.client.id, _call(route.id, key), sending)
        return location(route.id, key, since)

    def _card(self, client: str, sealed: str | None) -> str:
        if sealed is None:
            missing = FieldError("header", f"/{PATIENT_CARD}", "is required", "必填")
            raise Rejection("malformed", errors=(missing,))
        try:
            return self.sealer.open(CARD, client, "", sealed)
        except SealBroken:
            raise Rejection("not-found", reason="card-not-sealed-here") from None

    def _sending(
        self, client: str, write: str, what: Asked
    ) -> tuple[datetime | None, Record | None]:
        if what.since is None:
            return None, None
        call = _call(write, what.key)
        try:
            sending = self.sealer.open(SINCE, client, call, what.since, longest=LONGEST_SINCE)
        except SealBroken:
            raise Rejection("not-found", reason="since-not-sealed-here") from None
        moment, _, arguments = sending.partition(" ")
        return (
            datetime.fromtimestamp(int(moment), HOSPITAL_ZONE),
            json.loads(arguments) if arguments else None,
        )


def _call(write: str, key: str) -> str:
    """What a moment of sending is sealed for: one call, so that no other can be hastened by it."""
    return f"{write}/{key}"
