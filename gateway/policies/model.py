"""A policy as frozen types, with a default in the place of what it leaves out.

The breaker's limits and the result codes are of the types that work with them, which know their
own defaults and bounds.

Every part keeps `at`, its place in the file, so that a check can point to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from gateway.policies.glossary import Glossary
from gateway.policies.load import Keys, Source
from gateway.resilience.limits import BreakerLimits
from gateway.soap.digest import Digest
from gateway.soap.payload.model import Payload
from gateway.translation.outcomes import Outcomes

Steps = tuple[str, ...]
Texts = Mapping[Steps, frozenset[str]]
"""By path, the texts that may stand there."""
Effect = Literal["read", "keyed", "matched", "unconfirmed"]

MOST_FIELDS = 1000
"""Fields of one response, with those of all shapes in it: shapes in shapes multiply."""
MOST_LEVELS = 32
"""Objects in one another in one response."""


@dataclass(frozen=True, slots=True)
class FieldPolicy:
    """One field of a request or response; `kind` says which of the attributes speak.

    In a response `hospital` starts where the fields around it do. In a request it starts at the
    operation's input, and `start` is the list's element that the field is in, if it is in one.
    """

    at: Keys
    name: str
    kind: Literal["value", "values", "fixed", "gateway", "each", "object"]
    hospital: Steps = ()
    as_: str | None = None
    code: str | None = None
    unlisted: str | None = None
    format: str | None = None
    sealed: str | None = None
    card: Steps | None = None
    within: int | None = None
    default: str | None = None
    empty: str | None = None
    of: str | None = None
    optional: bool | None = None
    value: str = ""
    fields: tuple[FieldPolicy, ...] = ()
    only: Texts = field(default_factory=dict)
    withhold: Texts = field(default_factory=dict)
    start: Steps = ()

    @property
    def is_argument(self) -> bool:
        """Whether a request's field stands for an argument, or for a list of them."""
        return self.kind in ("value", "values")


@dataclass(frozen=True, slots=True)
class ConstantPolicy:
    """An argument that no caller has a say in: one text, one for each client, or the time.

    `secret` is the file that the text stands in, as `${NAME}`.
    """

    at: Keys
    text: str | None = None
    by_client: Mapping[str, str] | None = None
    now: str | None = None
    secret: str | None = None

    @property
    def texts(self) -> Mapping[str, str]:
        """The texts that it states, by client; "" for all."""
        return {"": self.text} if self.text is not None else self.by_client or {}


Constants = Mapping[Steps, ConstantPolicy]


@dataclass(frozen=True, slots=True)
class SubjectPolicy:
    at: Keys
    request: Steps | None
    reply: Steps | None


@dataclass(frozen=True, slots=True)
class SerialPolicy:
    """Where a question says the serial, and where its answer repeats it."""

    request: Steps
    reply: Steps


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlePolicy:
    """What every write says of how it is settled; `reply` is where the answer keeps it."""

    at: Keys
    operation: str
    reply: Steps
    same: Mapping[Steps, Steps]
    filled: Mapping[Steps, str]
    unchecked: Mapping[Steps, str]
    certain_after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BySerial(SettlePolicy):
    """A keyed write is asked about by its serial."""

    serial: SerialPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class ByMatch(SettlePolicy):
    """A matched write is asked about by what it is about: `ask` is argument by argument.

    The values of `same` are paths in the record at `reply`.
    """

    ask: Mapping[Steps, Steps]
    match: tuple[Steps, ...]
    whose: tuple[Steps, ...]
    done: Mapping[Steps, frozenset[str]]
    void: Mapping[Steps, frozenset[str]]
    otherwise: str


@dataclass(frozen=True, slots=True)
class DocumentPolicy:
    at: Keys
    hospital: Steps
    media_type: str
    name: Steps | None
    limit: int


@dataclass(frozen=True, slots=True)
class PagePolicy:
    at: Keys
    request: Steps
    pages: Steps


@dataclass(frozen=True, slots=True)
class RoutePolicy:
    at: Keys
    id: str
    about: str
    method: str
    template: str
    operation: str
    effect: Effect
    status: int
    deadline: float
    rate: tuple[int, float] | None
    after_payment: bool
    serial: Steps | None
    subject: SubjectPolicy | None
    settle: SettlePolicy | None
    outcome: Outcomes | None
    constants: Constants
    request: tuple[FieldPolicy, ...]
    reply: Steps
    page: PagePolicy | None
    only: Texts
    withhold: Texts
    response: tuple[FieldPolicy, ...]
    document: DocumentPolicy | None


@dataclass(frozen=True, slots=True)
class UpstreamPolicy:
    endpoints: tuple[str, ...]
    group: str
    in_flight: int
    keep_for_writes: int
    breaker: BreakerLimits


@dataclass(frozen=True, slots=True)
class ClosedPolicy:
    """Routes that are closed: `daily` as written, on `days` where some are named, or from `start`
    to `end`, which are "" then.
    """

    at: Keys
    routes: tuple[str, ...]
    daily: str | None
    days: tuple[str, ...]
    start: str
    end: str
    message: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class DigestPolicy:
    """A digest, and the file of its key, as `${NAME}`."""

    digest: Digest
    key_file: str


@dataclass(frozen=True, slots=True)
class SecurityPolicy:
    """A WS-Security user, and the file of the password, as `${NAME}`."""

    username: str
    password_file: str
    digest: bool


@dataclass(frozen=True, slots=True)
class Policy:
    """One pack's policy. `folder` is where its contract and examples stand.

    `message_key_file`: the file of the key of encrypted messages, as `${NAME}`.
    `partial`: not all of its routes and shapes could be read, so that what they use is not known.
    `doubtful`: the places outside of the routes at which it does not say what the file says.
    `shape_uses`: the places where a shape is named, and which.
    `sprawling`: the places of shapes and responses that shapes make too large; they lack these.
    `twice`: the places that give a response a field once more, and its name; they are left out.
    """

    folder: Path
    source: Source
    service: str
    about: str
    wsdl: str
    port: str | None
    upstream: UpstreamPolicy
    payload: Payload | None
    message_key_file: str | None
    digest: DigestPolicy | None
    security: SecurityPolicy | None
    outcome: Outcomes
    codes: Mapping[str, Mapping[str, str]]
    constants: Constants
    empties: frozenset[str]
    shapes: Mapping[str, tuple[FieldPolicy, ...]]
    shape_uses: Mapping[Keys, str]
    closed: tuple[ClosedPolicy, ...]
    routes: tuple[RoutePolicy, ...]
    glossary: Glossary | None
    partial: bool
    doubtful: frozenset[Keys]
    sprawling: frozenset[Keys]
    twice: frozenset[tuple[Keys, str]]


def constants_of(policy: Policy, route: RoutePolicy) -> Constants:
    """The constants of a route: its own, and those of the pack that it does not set itself."""
    return {**policy.constants, **route.constants}


def outcome_of(policy: Policy, route: RoutePolicy) -> Outcomes:
    """What the result codes of a route mean: as it says itself, or as the pack does."""
    return route.outcome or policy.outcome


def flat(fields: tuple[FieldPolicy, ...]) -> Iterator[FieldPolicy]:
    """Fields with all that is in them, outer ones first."""
    for one in fields:
        yield one
        yield from flat(one.fields)
