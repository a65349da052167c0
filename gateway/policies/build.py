"""A policy's types from its data, which has the language's shape."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from gateway.policies.as_meant import Understood
from gateway.policies.build_fields import Shapes, request_fields, steps, texts
from gateway.policies.glossary import Glossary
from gateway.policies.load import Keys, Source
from gateway.policies.model import (
    ByMatch,
    BySerial,
    ClosedPolicy,
    ConstantPolicy,
    Constants,
    DigestPolicy,
    DocumentPolicy,
    FieldPolicy,
    PagePolicy,
    Policy,
    RoutePolicy,
    SecurityPolicy,
    SerialPolicy,
    SettlePolicy,
    SubjectPolicy,
    UpstreamPolicy,
)
from gateway.policies.paging import FIRST, PAGE
from gateway.resilience.limits import BreakerLimits
from gateway.soap.digest import Digest
from gateway.soap.payload.model import Encryption, Payload, ReplyPlace, RequestPlace, Trade
from gateway.translation.outcomes import Outcomes, Refusal

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0}
_PER = {"s": 1.0, "m": 60.0, "h": 3600.0}


def seconds(duration: str) -> float:
    """`500ms`, `5s`, `2m` in seconds."""
    number = duration.rstrip("ms")
    return int(number) * _UNITS[duration[len(number) :]]


def build(
    folder: Path,
    understood: Understood,
    tables: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
    glossary: Glossary | None = None,
) -> Policy:
    """The policy of what can be read of a source; broken routes are left out.

    `tables` has the code tables that are files, by name; the glossary is a file, too.
    """
    source = understood.source
    data = source.data
    upstream = data["upstream"]
    empties = frozenset(data.get("empties", ()))
    shapes = Shapes(data.get("shapes", {}))
    named = {name: shapes.named(name) for name in data.get("shapes", {})}
    routes = tuple(
        _route(route, ("routes", index), shapes, empties)
        for index, route in enumerate(data["routes"])
        if index not in understood.broken
    )
    return Policy(
        folder=folder,
        source=source,
        service=data["service"],
        about=data.get("about", ""),
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
        message_key_file=data.get("payload", {}).get("encrypted", {}).get("key_file"),
        digest=_digest(data["digest"]) if "digest" in data else None,
        security=_security(data["security"]) if "security" in data else None,
        outcome=_outcome(data["outcome"], empties),
        codes={**data.get("codes", {}), **tables},
        constants=_constants(data.get("constants", {}), ("constants",)),
        empties=empties,
        shapes=named,
        shape_uses=shapes.uses,
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
        glossary=glossary,
        partial=bool(understood.broken) or any(at[0] == "shapes" for at in understood.doubtful),
        doubtful=understood.doubtful,
        sprawling=frozenset(shapes.sprawling),
        twice=frozenset(shapes.twice),
    )


def _digest(data: Mapping[str, Any]) -> DigestPolicy:
    return DigestPolicy(
        Digest(
            into=steps(data["into"]),
            algorithm=data["algorithm"],
            over=tuple(steps(path) for path in data["over"]),
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
            at=steps(request["at"]) if "at" in request else None,
            written=request.get("written", "escaped"),
        ),
        reply=ReplyPlace(
            at=steps(reply["at"]) if "at" in reply else None,
            written=reply.get("written", "escaped"),
            beside=tuple(steps(path) for path in reply.get("beside", ())),
        ),
        encryption=Encryption(data["encrypted"].get("as", "base64"))
        if "encrypted" in data
        else None,
        trades={
            name: Trade(
                operation=trade.get("operation", name),
                arguments={steps(path): text for path, text in trade.get("arguments", {}).items()},
                request=trade["request"],
                reply=trade["reply"],
            )
            for name, trade in data["trades"].items()
        },
    )


def _outcome(data: Mapping[str, Any], empties: frozenset[str]) -> Outcomes:
    return Outcomes(
        code=steps(data["code"]),
        empties=empties,
        message=steps(data["message"]) if "message" in data else None,
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
    data: Mapping[str, Any], at: Keys, shapes: Shapes, empties: frozenset[str]
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
        serial=steps(data["serial"]) if "serial" in data else None,
        subject=_subject(data["subject"], (*at, "subject")) if "subject" in data else None,
        settle=_settle(data["settle"], (*at, "settle")) if "settle" in data else None,
        outcome=_outcome(data["outcome"], empties) if "outcome" in data else None,
        constants=_constants(data.get("constants", {}), (*at, "constants")),
        request=(
            *request_fields(data.get("request", {}), (*at, "request")),
            *([_page_field(page)] if page is not None else ()),
        ),
        reply=steps(data["reply"]) if "reply" in data else (),
        page=page,
        only=texts(data.get("only", {})),
        withhold=texts(data.get("withhold", {})),
        response=shapes.bounded(data.get("response", {}), (*at, "response")),
        document=_document(data["document"], (*at, "document")) if "document" in data else None,
    )


def _document(data: Mapping[str, Any], at: Keys) -> DocumentPolicy:
    return DocumentPolicy(
        at,
        steps(data["hospital"]),
        data["media_type"],
        steps(data["name"]) if "name" in data else None,
        int(data.get("limit", "20MB").removesuffix("MB")) * 1_000_000,
    )


def _page(data: Mapping[str, Any], at: Keys) -> PagePolicy:
    return PagePolicy(at, steps(data["request"]), steps(data["pages"]))


def _page_field(page: PagePolicy) -> FieldPolicy:
    """What a caller may say of the page; the first one is asked for where nothing is said."""
    return FieldPolicy(
        page.at, PAGE, "value", hospital=page.request, as_="integer", empty=str(FIRST)
    )


def _constants(data: Mapping[str, Any], at: Keys) -> Constants:
    return {
        steps(path): ConstantPolicy((*at, path), text=constant)
        if isinstance(constant, str)
        else ConstantPolicy((*at, path), **constant)
        for path, constant in data.items()
    }


def _subject(data: Mapping[str, Any], at: Keys) -> SubjectPolicy:
    return SubjectPolicy(
        at,
        steps(data["request"]) if "request" in data else None,
        steps(data["reply"]) if "reply" in data else None,
    )


def _settle(data: Mapping[str, Any], at: Keys) -> SettlePolicy:
    common: dict[str, Any] = {
        "at": at,
        "operation": data["operation"],
        "reply": steps(data["reply"]) if "reply" in data else (),
        "same": {steps(name): steps(path) for name, path in data["same"].items()},
        "filled": {steps(name): why for name, why in data.get("filled", {}).items()},
        "unchecked": {steps(name): why for name, why in data.get("unchecked", {}).items()},
        "certain_after": seconds(data["certain_after"]),
    }
    if "ask" not in data:
        serial = data["serial"]
        return BySerial(
            **common, serial=SerialPolicy(steps(serial["request"]), steps(serial["reply"]))
        )
    return ByMatch(
        **common,
        ask={steps(theirs): steps(ours) for theirs, ours in data["ask"].items()},
        match=tuple(steps(argument) for argument in data["match"]),
        whose=tuple(steps(argument) for argument in data.get("whose", ())),
        done={steps(path): frozenset(texts) for path, texts in data["done"].items()},
        void={steps(path): frozenset(texts) for path, texts in data.get("void", {}).items()},
        otherwise=data["otherwise"],
    )
