"""Events as the data plane emits them."""

from __future__ import annotations

import dataclasses
from typing import TypeVar

from gateway.operations.events import Called, ExchangeEnded, Stage

VALIDATED: tuple[tuple[Stage, bool], ...] = (
    ("request-json", True),
    ("request-xsd", True),
    ("reply-xsd", True),
    ("response-json", True),
)

CALL = Called(
    route="list-schedules",
    operation="QuerySchedules",
    attempts=1,
    upstream_s=0.2,
    delivery="answered",
)

READ = ExchangeEnded(
    request_id="2f1c9a7e",
    trace_id="4bf92f3577b34da6a3ce929d0e0e4736",
    snapshot="5e1a",
    client="booking",
    route="list-schedules",
    operation="QuerySchedules",
    effect="read",
    outcome="succeeded",
    status=200,
    duration_s=0.25,
    calls=(CALL,),
    validations=VALIDATED,
)
"""A read that went well."""

STRANGER = ExchangeEnded(
    request_id="77aa",
    trace_id="00000000000000000000000000000001",
    snapshot="5e1a",
    outcome="rejected",
    problem="unauthenticated",
    status=401,
    duration_s=0.001,
)
"""A request that got no further than the door."""


Told = TypeVar("Told", ExchangeEnded, Called)


def but(event: Told, **changes: object) -> Told:
    """`event` with some of it changed."""
    return dataclasses.replace(event, **changes)  # type: ignore[arg-type]  # any of its fields
