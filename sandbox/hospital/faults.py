"""Faults on call: which call suffers which, how often, and what is sent instead of an answer."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from random import Random
from typing import Any, Literal, get_args
from xml.sax.saxutils import escape

from sandbox.hospital.soap import Version

Kind = Literal["latency", "error", "fault", "silence", "garbage", "cut", "drip"]
At = Literal[
    "connect", "before-reading", "half-read", "after-reading", "before-reply", "inside-reply"
]

_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soap:Envelope xmlns:soap="{}"><soap:Body>{}</soap:Body></soap:Envelope>'
)
_NAMESPACES: dict[Version, str] = {
    "1.1": "http://schemas.xmlsoap.org/soap/envelope/",
    "1.2": "http://www.w3.org/2003/05/soap-envelope",
}
_FAULTS: dict[Version, str] = {
    "1.1": "<faultcode>soap:Server</faultcode><faultstring>{}</faultstring>",
    "1.2": (
        "<soap:Code><soap:Value>soap:Receiver</soap:Value></soap:Code>"
        '<soap:Reason><soap:Text xml:lang="zh">{}</soap:Text></soap:Reason>'
    ),
}
MEDIA_TYPES: dict[Version, str] = {
    "1.1": "text/xml; charset=utf-8",
    "1.2": "application/soap+xml; charset=utf-8",
}
_HTML = "<!DOCTYPE html><html><head><title>Error</title></head><body>系统维护中</body></html>"


class BadFault(ValueError):
    """The rule does not say something that can be done."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule. A rule for `latency` only delays; any other ends the search and is carried out.

    `times` None is for ever. With `commit` the hospital does its work before the fault; the cuts
    before and inside the reply always do. Latency and the pause of a drip are in seconds, either
    `seconds` or lognormal by `median` and `sigma`. `body` names the garbage (html, truncated,
    other-operation, empty) or is itself the text to send.
    """

    kind: Kind
    operation: str = "*"
    times: int | None = None
    probability: float = 1.0
    commit: bool = False
    seconds: float = 0.0
    median: float | None = None
    sigma: float = 0.5
    code: str = "-99"
    message: str = "系统繁忙，请稍后再试"
    body: str = "html"
    at: At = "after-reading"
    reset: bool = False

    @classmethod
    def parse(cls, rule: Any) -> Fault:
        """Return the rule that JSON gave; BadFault says what is wrong with it."""
        if not isinstance(rule, dict) or "kind" not in rule:
            raise BadFault("a fault is an object with a kind")
        unknown = set(rule) - {field.name for field in fields(cls)}
        if unknown:
            raise BadFault(f"unknown: {', '.join(sorted(unknown))}")
        fault = cls(**rule)
        if fault.kind not in get_args(Kind):
            raise BadFault(f"kind is one of {', '.join(get_args(Kind))}")
        if fault.at not in get_args(At):
            raise BadFault(f"at is one of {', '.join(get_args(At))}")
        return fault

    @property
    def commits(self) -> bool:
        """Tell whether the hospital does its work before the fault shows."""
        return self.commit or (self.kind == "cut" and self.at in ("before-reply", "inside-reply"))


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to happen to one call: a delay in seconds, then perhaps a fault."""

    delay: float = 0.0
    fault: Fault | None = None


class Faults:
    """The rules in force, in their order; used on the event loop only."""

    def __init__(self) -> None:
        self._rules: list[Fault] = []
        self._left: list[int | None] = []
        self._random = Random()

    def set(self, rules: Iterable[Fault]) -> None:
        """Replace the rules."""
        self._rules = list(rules)
        self._left = [rule.times for rule in self._rules]

    def listed(self) -> list[dict[str, Any]]:
        """Return the rules, each with how often it will still act."""
        return [
            asdict(rule) | {"times": left}
            for rule, left in zip(self._rules, self._left, strict=True)
        ]

    def cuts_connection(self) -> Fault | None:
        """Return the cut that meets a connection before it has said anything."""
        for index, rule in enumerate(self._rules):
            if rule.at == "connect" and rule.kind == "cut" and self._acts(index):
                return rule
        return None

    def plan(self, operation: str) -> Plan:
        """Return what is to happen to a call of this operation."""
        delay = 0.0
        for index, rule in enumerate(self._rules):
            if rule.operation not in ("*", operation) or rule.at == "connect":
                continue
            if not self._acts(index):
                continue
            if rule.kind != "latency":
                return Plan(delay, rule)
            delay += self._seconds(rule)
        return Plan(delay)

    def _acts(self, index: int) -> bool:
        left = self._left[index]
        if left == 0 or self._random.random() >= self._rules[index].probability:
            return False
        if left is not None:
            self._left[index] = left - 1
        return True

    def _seconds(self, rule: Fault) -> float:
        if rule.median is None:
            return rule.seconds
        return self._random.lognormvariate(math.log(rule.median), rule.sigma)


def envelope(body: str, version: Version = "1.1") -> bytes:
    """Return a SOAP message around the text of its body."""
    return _ENVELOPE.format(_NAMESPACES[version], body).encode()


def result(namespace: str, operation: str, code: str, message: str) -> bytes:
    """Return a reply of a typed operation that says only its result code."""
    return envelope(
        f'<{operation}Response xmlns="{escape(namespace)}">'
        f"<ResultCode>{escape(code)}</ResultCode><ResultMsg>{escape(message)}</ResultMsg>"
        f"</{operation}Response>"
    )


def soap_fault(message: str, version: Version) -> bytes:
    """Return a SOAP fault of the server."""
    said = _FAULTS[version].format(escape(message))
    return envelope(f"<soap:Fault>{said}</soap:Fault>", version)


def garbage(
    kind: str, namespace: str, operation: str, reply: bytes, version: Version
) -> tuple[str, bytes]:
    """Return content type and body of what is sent with status 200 instead of a reply."""
    soap = MEDIA_TYPES[version]
    match kind:
        case "html":
            return "text/html; charset=utf-8", _HTML.encode()
        case "empty":
            return soap, b""
        case "truncated":
            return soap, reply[: len(reply) * 2 // 3]
        case "other-operation":
            other = "QueryRules" if operation == "QueryStatus" else "QueryStatus"
            return soap, result(namespace, other, "0", "成功")
        case text:
            return soap, text.encode()
