"""What the data plane tells those who watch it: frozen events, handed to each listener in turn.

No event carries what a patient or a hospital said: identifiers are the gateway's own, everything
else is a word of a closed list, a number or a digest.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

Ending: TypeAlias = Literal["succeeded", "refused", "unknown", "not-sent", "rejected", "failed"]
Stage: TypeAlias = Literal["request-json", "request-xsd", "reply-xsd", "response-json"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """One call to the hospital, all its attempts together; a matched write is asked about too."""

    route: str
    """Id of the exchange's own route, or of that which asks about it."""
    operation: str
    attempts: int
    """Attempts made, the first included; 0 when the call was not admitted."""
    upstream_s: float
    """Seconds spent in attempts."""
    delivery: str
    """What is known of the last attempt, a value of `gateway.delivery.Delivery`."""
    not_admitted: str | None = None
    """Why no attempt was made, a `gateway.resilience.errors.Reason`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeEnded:
    """One request was answered. `None` means that the exchange did not get that far."""

    request_id: str
    trace_id: str
    """W3C trace id, 32 hexadecimal digits."""
    snapshot: str
    """Digest of the snapshot that served it."""
    client: str | None = None
    route: str | None = None
    operation: str | None = None
    effect: str | None = None
    outcome: Ending
    problem: str | None = None
    """Slug of the problem type that was answered."""
    status: int
    duration_s: float
    """From the request's arrival to its answer, in seconds."""
    calls: tuple[Called, ...] = ()
    """In their order."""
    validations: tuple[tuple[Stage, bool], ...] = ()
    """Each validation that was done, and whether it held."""
    reason: str | None = None
    """Slug that says more than the problem: `breaker-open`, `off-schema`, `connect-refused`."""

    unlisted: tuple[str, ...] = ()
    """Fields of the response in which codes came that their tables do not name, each once."""

    @property
    def attempts(self) -> int:
        """Attempts of all calls."""
        return sum(call.attempts for call in self.calls)

    @property
    def upstream_s(self) -> float | None:
        """Seconds spent in attempts of all calls; `None` when none was made."""
        return sum(call.upstream_s for call in self.calls) if self.attempts else None

    @property
    def delivery(self) -> str | None:
        """Of the route's own call: what became of a question says nothing of the write."""
        return next((call.delivery for call in self.calls if call.route == self.route), None)


@dataclass(frozen=True, slots=True)
class SnapshotChanged:
    """Policies were loaded; with findings (`ok` false) the previous snapshot goes on serving."""

    digest: str
    """Of the snapshot that serves from now on."""
    previous: str | None
    ok: bool
    findings: int


@dataclass(frozen=True, slots=True)
class BreakerChanged:
    """An upstream's breaker went from one state to another: closed, open, half-open."""

    upstream: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class LifecycleChanged:
    """The replica entered a phase of its life: starting, ready, draining, stopped."""

    phase: str


@dataclass(frozen=True, slots=True)
class SwitchThrown:
    """Somebody closes a function by hand, or opens it again. Told before it takes effect."""

    route: str
    """Id, or a pattern that ends in "*"."""
    closed: bool
    until: str
    """RFC 3339: when the function is open again, or the switch forgotten."""
    by: str
    why: str
    source: str
    """`command`, `peer` (from another replica) or `file` (from this one's last life)."""


@dataclass(frozen=True, slots=True)
class FunctionChanged:
    """A function is closed from now on, by whatever closes it, or open."""

    route: str
    closed: bool
    until: str | None
    """RFC 3339, of one that is closed."""


@dataclass(frozen=True, slots=True)
class PeerChanged:
    """Another replica's switches cannot be had or believed any more, or can again."""

    peer: str
    reason: str | None
    """`None` when all is well."""


@dataclass(frozen=True, slots=True)
class UpstreamState:
    """One upstream at this moment: no event, but what is read when figures are asked for."""

    upstream: str
    in_flight: int
    in_flight_limit: int
    """This replica's share."""
    waiting: int
    breaker: str
    """`closed`, `half-open` or `open`."""


Event: TypeAlias = (
    ExchangeEnded
    | SnapshotChanged
    | BreakerChanged
    | LifecycleChanged
    | SwitchThrown
    | FunctionChanged
    | PeerChanged
)
Listener: TypeAlias = Callable[[Event], None]


class Emitter:
    """Hands each event to every listener, in their order.

    A listener that raises never disturbs the one who emits, nor the other listeners: the failure
    is reported to `on_failure` with the listener's class name.
    """

    def __init__(
        self,
        listeners: tuple[Listener, ...],
        on_failure: Callable[[str], None],
    ) -> None:
        self._listeners = listeners
        self._on_failure = on_failure

    def emit(self, event: Event) -> None:
        """Tell every listener; never raises."""
        for listener in self._listeners:
            try:
                listener(event)
            except Exception:  # noqa: BLE001  an answer must not depend on who watches
                with contextlib.suppress(Exception):
                    self._on_failure(type(listener).__name__)
