"""A policy as frozen types, with a default in the place of what it leaves out.

The breaker's limits and the result codes are of the types that work with them, which know their
own defaults and bounds.

Every part keeps `at`, its place in the file, so that a check can point to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from gateway.policies.load import Keys, Source
from gateway.policies.paging import FIRST, PAGE
from gateway.resilience.limits import BreakerLimits
from gateway.soap.digest import Digest
from gateway.soap.payload.model import Payload, ReplyPlace, RequestPlace, Trade
from gateway.translation.outcomes import Outcomes, Refusal

Steps = tuple[str, ...]
Texts = Mapping[Steps, frozenset[str]]
"""By path, the texts that may stand there."""
Effect = Literal["read", "keyed", "matched", "unconfirmed"]

MOST_FIELDS = 1000
"""Fields of one response, with those of all shapes in it: shapes in shapes multiply."""
MOST_LEVELS = 32
"""Objects in one another in one response."""

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0}
_PER = {"s": 1.0, "m": 60.0, "h": 3600.0}


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
    shape: str | None = None
    only: Texts = field(default_factory=dict)
    withhold: Texts = field(default_factory=dict)
    start: Steps = ()

    @property
    def is_argument(self) -> bool:
        """Whether a request's field stands for an argument, or for a list of them."""
        return self.kind in ("value", "values")


@dataclass(frozen=True, slots=True)
class ConstantPolicy:
    """An argument that no caller has a say in: one text, one for each client, or the time."""

    at: Keys
    text: str | None = None
    by_client: Mapping[str, str] | None = None
    now: str | None = None

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

    key: Steps
    serial: Steps


@dataclass(frozen=True, slots=True, kw_only=True)
class ByMatch(SettlePolicy):
    """A matched write is asked about by what it is about: `ask` is argument by argument.

    The values of `same` are paths in the record at `reply`.
    """

    ask: Mapping[Steps, Steps]
    match: tuple[Steps, ...]
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
    key: Steps | None
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
    shape: str | None
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

    `partial`: some of its routes could not be read, so that what they use cannot be known.
    `sprawling`: the places of shapes and responses that shapes make too large; they lack these.
    """

    folder: Path
    source: Source
    service: str
    wsdl: str
    port: str | None
    upstream: UpstreamPolicy
    payload: Payload | None
    digest: DigestPolicy | None
    security: SecurityPolicy | None
    outcome: Outcomes
    codes: Mapping[str, Mapping[str, str]]
    constants: Constants
    empties: frozenset[str]
    shapes: Mapping[str, tuple[FieldPolicy, ...]]
    closed: tuple[ClosedPolicy, ...]
    routes: tuple[RoutePolicy, ...]
    partial: bool
    sprawling: frozenset[Keys]


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


def seconds(duration: str) -> float:
    """`500ms`, `5s`, `2m` in seconds."""
    number = duration.rstrip("ms")
    return int(number) * _UNITS[duration[len(number) :]]


def build(
    folder: Path,
    source: Source,
    skip: frozenset[int] = frozenset(),
    tables: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
) -> Policy:
    """The policy of a source that has the language's shape; routes in `skip` are left out.

    `tables` has the code tables that are files, by name.
    """
    data = source.data
    upstream = data["upstream"]
    empties = frozenset(data.get("empties", ()))
    shapes = _Shapes(data.get("shapes", {}))
    named = {name: shapes.named(name) for name in data.get("shapes", {})}
    routes = tuple(
        _route(route, ("routes", index), shapes, empties)
        for index, route in enumerate(data["routes"])
        if index not in skip
    )
    return Policy(
        folder=folder,
        source=source,
        service=data["service"],
        wsdl=data["contract"]["wsdl"],
        port=data["contract"].get("port"),
        upstream=UpstreamPolicy(
            endpoints=tuple(upstream["endpoints"]),
            group=upstream.get("group", data["service"]),
            in_flight=upstream["in_flight"],
            keep_for_writes=upstream.get("keep_for_writes", 0),
            breaker=_breaker(upstream.get("breaker", {})),
        ),
        payload=_payload(data["payload"]) if "payload" in data else None,
        digest=_digest(data["digest"]) if "digest" in data else None,
        security=_security(data["security"]) if "security" in data else None,
        outcome=_outcome(data["outcome"], empties),
        codes={**data.get("codes", {}), **tables},
        constants=_constants(data.get("constants", {}), ("constants",)),
        empties=empties,
        shapes=named,
        closed=tuple(
            ClosedPolicy(
                at=("closed", index),
                routes=tuple(closed["routes"]),
                daily=closed.get("daily"),
                days=tuple(closed.get("days", ())),
                start=closed.get("from", ""),
                end=closed.get("until", ""),
                message=closed.get("message"),
            )
            for index, closed in enumerate(data.get("closed", ()))
        ),
        routes=routes,
        partial=bool(skip),
        sprawling=frozenset(shapes.sprawling),
    )


def _digest(data: Mapping[str, Any]) -> DigestPolicy:
    return DigestPolicy(
        Digest(
            into=_steps(data["into"]),
            algorithm=data["algorithm"],
            over=tuple(_steps(path) for path in data["over"]),
            joined=data["joined"],
            key_name=data["key"].get("name", "key"),
            letters=data.get("letters", "lower"),
            charset=data.get("charset", "UTF-8"),
        ),
        data["key"]["file"],
    )


def _security(data: Mapping[str, Any]) -> SecurityPolicy:
    return SecurityPolicy(data["username"], data["password_file"], data["type"] == "digest")


def _payload(data: Mapping[str, Any]) -> Payload:
    request, reply = data.get("request", {}), data.get("reply", {})
    return Payload(
        style=data["style"],
        charset=data.get("charset", "UTF-8"),
        request=RequestPlace(
            at=_steps(request["at"]) if "at" in request else None,
            written=request.get("written", "escaped"),
        ),
        reply=ReplyPlace(
            at=_steps(reply["at"]) if "at" in reply else None,
            written=reply.get("written", "escaped"),
            beside=tuple(_steps(path) for path in reply.get("beside", ())),
        ),
        trades={
            name: Trade(
                operation=trade.get("operation", name),
                arguments={_steps(path): text for path, text in trade.get("arguments", {}).items()},
                request=trade["request"],
                reply=trade["reply"],
            )
            for name, trade in data["trades"].items()
        },
    )


def _outcome(data: Mapping[str, Any], empties: frozenset[str]) -> Outcomes:
    return Outcomes(
        code=_steps(data["code"]),
        empties=empties,
        message=_steps(data["message"]) if "message" in data else None,
        success=frozenset(data["success"]),
        empty=frozenset(data.get("empty", ())),
        refused={
            code: Refusal(rule)
            if isinstance(rule, str)
            else Refusal(rule["type"], rule.get("show_message", False))
            for code, rule in data.get("refused", {}).items()
        },
        upstream_failure=frozenset(data.get("upstream_failure", ())),
    )


def table_files(source: Source) -> Mapping[str, str]:
    """The files of code tables that are not in the policy itself, by the table's name."""
    codes = source.data.get("codes", {})
    return {name: table["file"] for name, table in codes.items() if "file" in table}


def _breaker(data: Mapping[str, Any]) -> BreakerLimits:
    default = BreakerLimits()
    return BreakerLimits(
        window_s=seconds(data["window"]) if "window" in data else default.window_s,
        failure_ratio=float(data.get("failure_ratio", default.failure_ratio)),
        minimum_calls=data.get("minimum_calls", default.minimum_calls),
        open_for_s=seconds(data["open_for"]) if "open_for" in data else default.open_for_s,
        probes=data.get("probes", default.probes),
    )


def _route(
    data: Mapping[str, Any], at: Keys, shapes: _Shapes, empties: frozenset[str]
) -> RoutePolicy:
    method, template = data["rest"].split(" ", 1)
    rate = data.get("rate")
    page = _page(data["page"], (*at, "page")) if "page" in data else None
    return RoutePolicy(
        at=at,
        id=data["id"],
        about=data.get("about", ""),
        method=method,
        template=template,
        operation=data["operation"],
        effect=data["effect"],
        status=data.get("status", 200),
        deadline=seconds(data["deadline"]),
        rate=(int(rate[:-2]), _PER[rate[-1]]) if rate else None,
        after_payment=data.get("after_payment", False),
        key=_steps(data["key"]) if "key" in data else None,
        subject=_subject(data["subject"], (*at, "subject")) if "subject" in data else None,
        settle=_settle(data["settle"], (*at, "settle")) if "settle" in data else None,
        outcome=_outcome(data["outcome"], empties) if "outcome" in data else None,
        constants=_constants(data.get("constants", {}), (*at, "constants")),
        request=(
            *_from((), _fields(data.get("request", {}), (*at, "request"), _Shapes({}))),
            *([_page_field(page)] if page is not None else ()),
        ),
        reply=_steps(data["reply"]) if "reply" in data else (),
        page=page,
        only=_texts(data.get("only", {})),
        withhold=_texts(data.get("withhold", {})),
        response=shapes.bounded(data.get("response", {}), (*at, "response")),
        shape=data["response"] if isinstance(data.get("response"), str) else None,
        document=_document(data["document"], (*at, "document")) if "document" in data else None,
    )


def _document(data: Mapping[str, Any], at: Keys) -> DocumentPolicy:
    return DocumentPolicy(
        at,
        _steps(data["hospital"]),
        data["media_type"],
        _steps(data["name"]) if "name" in data else None,
        int(data.get("limit", "20MB").removesuffix("MB")) * 1_000_000,
    )


def _page(data: Mapping[str, Any], at: Keys) -> PagePolicy:
    return PagePolicy(at, _steps(data["request"]), _steps(data["pages"]))


def _page_field(page: PagePolicy) -> FieldPolicy:
    """What a caller may say of the page; the first one is asked for where nothing is said."""
    return FieldPolicy(
        page.at, PAGE, "value", hospital=page.request, as_="integer", empty=str(FIRST)
    )


def _constants(data: Mapping[str, Any], at: Keys) -> Constants:
    return {
        _steps(path): ConstantPolicy((*at, path), text=constant)
        if isinstance(constant, str)
        else ConstantPolicy((*at, path), **constant)
        for path, constant in data.items()
    }


def _subject(data: Mapping[str, Any], at: Keys) -> SubjectPolicy:
    return SubjectPolicy(
        at,
        _steps(data["request"]) if "request" in data else None,
        _steps(data["reply"]) if "reply" in data else None,
    )


def _settle(data: Mapping[str, Any], at: Keys) -> SettlePolicy:
    common: dict[str, Any] = {
        "at": at,
        "operation": data["operation"],
        "reply": _steps(data["reply"]) if "reply" in data else (),
        "same": {_steps(name): _steps(path) for name, path in data["same"].items()},
        "filled": {_steps(name): why for name, why in data.get("filled", {}).items()},
        "unchecked": {_steps(name): why for name, why in data.get("unchecked", {}).items()},
        "certain_after": seconds(data["certain_after"]),
    }
    if "ask" not in data:
        return BySerial(**common, key=_steps(data["key"]), serial=_steps(data["serial"]))
    return ByMatch(
        **common,
        ask={_steps(theirs): _steps(ours) for theirs, ours in data["ask"].items()},
        match=tuple(_steps(argument) for argument in data["match"]),
        done={_steps(path): frozenset(texts) for path, texts in data["done"].items()},
        void={_steps(path): frozenset(texts) for path, texts in data.get("void", {}).items()},
        otherwise=data["otherwise"],
    )


class _Shapes:
    """The shapes of a policy, each made once, whatever uses it.

    A shape may use others, but not itself. What would grow beyond its bounds is made without the
    shapes in it, and its place is kept in `sprawling`, so that nothing has to walk through it.
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = data
        self._made: dict[str, tuple[FieldPolicy, ...]] = {}
        self._open: list[str] = []
        self.sprawling: set[Keys] = set()

    def fields(self, data: Any, at: Keys) -> tuple[tuple[FieldPolicy, ...], str | None]:
        """The fields written at a place, or those of the shape that is named there."""
        if isinstance(data, str):
            return self.named(data), data
        return _fields(data, at, self), None

    def named(self, name: str) -> tuple[FieldPolicy, ...]:
        """The fields of a shape; none while it is being made, nor of one that is not there."""
        if name in self._made:
            return self._made[name]
        if name in self._open or name not in self._data:
            return ()
        if len(self._open) == MOST_LEVELS:
            self.sprawling.add(("shapes", self._open[0]))
            return ()
        self._open.append(name)
        self._made[name] = self.bounded(self._data[name], ("shapes", name))
        self._open.pop()
        return self._made[name]

    def bounded(self, data: Any, at: Keys) -> tuple[FieldPolicy, ...]:
        """The fields written at `at`, with the shapes in them as far as there is room."""
        fields = self.fields(data, at)[0]
        if not _sprawl(fields):
            return fields
        self.sprawling.add(at)
        return _Shapes({}).fields(data, at)[0]


def _sprawl(fields: tuple[FieldPolicy, ...]) -> bool:
    beyond = islice(flat(fields), MOST_FIELDS, None)
    return next(beyond, None) is not None or _levels(fields) > MOST_LEVELS


def _levels(fields: tuple[FieldPolicy, ...]) -> int:
    return 1 + max((_levels(field.fields) for field in fields if field.fields), default=0)


def _fields(data: Mapping[str, Any], at: Keys, shapes: _Shapes) -> tuple[FieldPolicy, ...]:
    return tuple(_field(name, value, (*at, name), shapes) for name, value in data.items())


def _from(start: Steps, fields: tuple[FieldPolicy, ...]) -> tuple[FieldPolicy, ...]:
    """A request's fields, with paths from the operation's input and not from the list's element."""
    found = []
    for one in fields:
        path = (*start, *one.hospital)
        inner = _from(path if one.kind == "each" else start, one.fields)
        found.append(replace(one, hospital=path, start=start, fields=inner))
    return tuple(found)


def _field(name: str, data: Any, at: Keys, shapes: _Shapes) -> FieldPolicy:
    if isinstance(data, str):
        return FieldPolicy(at, name, "value", hospital=_steps(data))
    if "value" in data:
        return FieldPolicy(at, name, "fixed", value=data["value"])
    if "gateway" in data:
        return FieldPolicy(at, name, "gateway")
    if "fields" in data:
        fields, shape = shapes.fields(data["fields"], (*at, "fields"))
        return FieldPolicy(
            at,
            name,
            "each" if "each" in data else "object",
            hospital=_steps(data.get("each") or data.get("in") or ""),
            fields=fields,
            shape=shape,
            only=_texts(data.get("only", {})),
            withhold=_texts(data.get("withhold", {})),
        )
    return FieldPolicy(
        at,
        name,
        "values" if "each" in data else "value",
        hospital=_steps(data.get("each") or data["hospital"]),
        as_=data.get("as"),
        code=data.get("code"),
        format=data.get("format"),
        sealed=data.get("sealed"),
        card=_steps(data["card"]) if "card" in data else None,
        within=int(data["within"][:-1]) if "within" in data else None,
        default=data.get("default"),
        empty=data.get("empty"),
        of=data.get("of"),
        optional=data.get("optional"),
    )


def _texts(data: Mapping[str, list[str]]) -> Texts:
    return {_steps(path): frozenset(texts) for path, texts in data.items()}


def _steps(path: str) -> Steps:
    return tuple(path.split("/")) if path else ()
