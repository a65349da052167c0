"""Everything compiled from all packs: immutable, named by its digest, swapped as one reference."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from gateway.closing.window import Closure
from gateway.policies.closed import means
from gateway.record import Record
from gateway.resilience.limits import BreakerLimits
from gateway.rest.rate import Rate
from gateway.rest.validation import JsonSchema, RequestShape
from gateway.soap.codec import Codec
from gateway.translation.comparison import Comparison
from gateway.translation.context import Context
from gateway.translation.documents import DocumentRule
from gateway.translation.endings import ReadsEnd
from gateway.translation.outbound import Outbound
from gateway.translation.outcomes import Outcomes

Path = tuple[str, ...]


class ReadsReply(Protocol):
    """What turns a successful reply into a response: an `Inbound` or an `Inquiry`."""

    def __call__(self, record: Record, context: Context) -> dict[str, Any]:
        """The response's body."""

    def empty(self, record: Record, context: Context) -> dict[str, Any] | None:
        """The body when the reply says that there is nothing; None when it means "not found"."""


@dataclass(frozen=True, slots=True)
class Schemas:
    """A route's JSON Schemas, as the OpenAPI document publishes them.

    `path` has one for each variable, `query` and `body` are objects. `shapes` are the parts of the
    response that the policy has a name for.
    """

    path: Mapping[str, Any]
    query: Mapping[str, Any] | None
    body: Mapping[str, Any] | None
    response: Mapping[str, Any]
    shapes: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Subject:
    """A route about a patient card. `reply` leads to the card numbers that the reply names."""

    reply: Path | None


@dataclass(frozen=True, slots=True)
class Question:
    """How a matched write is asked about, before it is sent and when it is not known to have ended.

    `route` is what asks, and `reads` what reads its answer. `otherwise` is the refusal
    that may be of our own earlier doing. `confirm`: a success does not repeat all that was asked,
    so that it is asked about too, and so is one that is not `done` by what it says of its state.
    """

    route: Route
    reads: ReadsEnd
    otherwise: str
    confirm: bool
    done: Mapping[Path, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Route:
    """One REST method and path bound to one operation.

    `about` is one line, `told` what it leaves open, if anything.
    `document`: success is answered with a document, and not with what `inbound` makes.
    `inquiry_of` is the id of the write that the route asks the end of; None for every other.
    `paged`: its list comes page by page.
    `after_payment`: the caller has taken money, so a refusal means that it has to go back.
    `tells_closed`: its response lists what is closed. `closures` are those of its policy.
    `unlisted` are the fields of its response in which codes may come that their tables do not name.
    """

    id: str
    about: str
    told: str
    service: str
    method: str
    template: str
    effect: Literal["read", "keyed", "matched"]
    status: int
    deadline: float
    rate: Rate | None
    shape: RequestShape
    outbound: Outbound
    operation: str
    codec: Codec
    endpoints: tuple[str, ...]
    upstream: str
    outcomes: Outcomes
    inbound: ReadsReply
    response: JsonSchema
    document: DocumentRule | None
    subject: Subject | None
    inquiry_of: str | None
    comparison: Comparison | None
    question: Question | None
    after_payment: bool
    schemas: Schemas
    paged: bool = False
    tells_closed: bool = False
    closures: tuple[Closure, ...] = ()
    unlisted: tuple[str, ...] = ()

    @property
    def scope(self) -> str:
        """The route id that a client needs among its scopes."""
        return self.inquiry_of or self.id

    @property
    def writes(self) -> bool:
        """Whether calling it may change something at the hospital."""
        return self.effect != "read"

    @property
    def asks(self) -> bool:
        """Whether it asks how a write ended."""
        return self.inquiry_of is not None

    def closed_by(self, pattern: str) -> bool:
        """Whether a pattern of a closing means it."""
        return means(pattern, self.id, tells_closed=self.tells_closed)

    @property
    def serial_of(self) -> str | None:
        """The id of the write that a serial names: a write's own, or that which is asked about."""
        return self.id if self.writes else self.inquiry_of


Find = Callable[[str], tuple[Mapping[str, Route], list[str]] | None]
"""From a raw path to the routes there by method, and the texts in the place of its variables."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """One group of services, limited together; `in_flight` is over all replicas."""

    group: str
    in_flight: int
    keep_for_writes: int
    breaker: BreakerLimits


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a replica serves. `find` is the compiled path matcher.

    `services` are the packs, each with what its policy says that it is about.
    """

    digest: str
    services: Mapping[str, str]
    routes: tuple[Route, ...]
    upstreams: Mapping[str, Upstream]
    find: Find
