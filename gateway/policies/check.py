"""Whether a policy would work, held against its contract before anything runs.

Pure: data in, findings out. Every function here looks at one concern and yields what it finds;
nothing stops at the first fault.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass

from gateway.policies.findings import Finding
from gateway.policies.load import Keys
from gateway.policies.model import FieldPolicy, Policy, RoutePolicy, SettlePolicy, Steps
from gateway.policies.resolve import (
    CARD,
    arguments,
    fits,
    follow,
    kind,
    leaf,
    variables,
)
from gateway.soap.contract import Contract, Element, Operation, SimpleType, nearest
from gateway.translation.values import KINDS, json_pattern

LONGEST_DEADLINE = 30.0
"""Seconds; the edge waits a little longer (haproxy/README.md)."""
OPERATIONS_PREFIX = "/v1/operations/"


def check(policy: Policy, contract: Contract) -> tuple[Finding, ...]:
    """Every finding of one pack."""
    findings = [*_upstream(policy), *_outcome(policy, contract), *_constants(policy, contract)]
    for route in policy.routes:
        findings.extend(_Route(policy, contract, route).check())
    findings.extend(_code_tables(policy))
    findings.extend(_shapes(policy))
    return tuple(sorted(set(findings)))


def check_together(policies: Iterable[Policy]) -> tuple[Finding, ...]:
    """What only shows when all packs are seen: routes that answer the same request, limits."""
    findings: list[Finding] = []
    by_id: dict[str, RoutePolicy] = {}
    by_rest: dict[tuple[str, str], RoutePolicy] = {}
    groups: dict[str, Policy] = {}
    for policy in policies:
        for route in policy.routes:
            if by_id.setdefault(route.id, route) is not route:
                mark = policy.source.mark((*route.at, "id"))
                findings.append(
                    Finding(mark, "same-route", route.id, "another route has this id", "rename it")
                )
            shape = (route.method, re.sub(r"\{[^}]*\}", "{}", route.template))
            other = by_rest.setdefault(shape, route)
            if other is not route:
                mark = policy.source.mark((*route.at, "rest"))
                findings.append(
                    Finding(
                        mark, "same-route", route.id,
                        f"answers the same requests as {other.id}", "change one of the two paths",
                    )
                )  # fmt: skip
        first = groups.setdefault(policy.upstream.group, policy)
        if _limits(first) != _limits(policy):
            mark = policy.source.mark(("upstream",))
            findings.append(
                Finding(
                    mark, "limits", "",
                    f'states other limits than "{first.service}", which is of the same group',
                    "state the same ones",
                )
            )  # fmt: skip
    return tuple(sorted(set(findings)))


def _limits(policy: Policy) -> object:
    upstream = policy.upstream
    return (upstream.in_flight, upstream.keep_for_writes, upstream.breaker)


def _upstream(policy: Policy) -> Iterator[Finding]:
    upstream = policy.upstream
    if upstream.keep_for_writes >= upstream.in_flight:
        yield Finding(
            policy.source.mark(("upstream", "keep_for_writes")), "limits", "",
            "keeps every call for writes, so that no read could run",
            f"keep fewer than in_flight ({upstream.in_flight})",
        )  # fmt: skip


def _outcome(policy: Policy, contract: Contract) -> Iterator[Finding]:
    outcome = policy.outcome
    lists = {
        "success": outcome.success,
        "empty": outcome.empty,
        "refused": frozenset(outcome.refused),
        "upstream_failure": outcome.upstream_failure,
    }
    counted = Counter(code for codes in lists.values() for code in codes)
    for name, codes in lists.items():
        for code in sorted(codes):
            if counted[code] > 1 and name != "success":
                yield Finding(
                    policy.source.mark(("outcome", name)), "code-clash", "",
                    f'the result code "{code}" is listed under {name} and elsewhere',
                    "a code has one meaning: keep it in one list",
                )  # fmt: skip
    used = {route.operation for route in policy.routes} | {
        route.settle.operation for route in policy.routes if route.settle
    }
    for name, steps in (("code", outcome.code), ("message", outcome.message)):
        if steps is None:
            continue
        for operation in sorted(used & set(contract.operations)):
            output = contract.operations[operation].output
            if leaf(output, steps) is None:
                yield Finding(
                    policy.source.mark(("outcome", name)), "unknown-path", "",
                    f'"{"/".join(steps)}" is not in the reply of {operation}',
                    _near(output, steps),
                )  # fmt: skip


def _constants(policy: Policy, contract: Contract) -> Iterator[Finding]:
    for name, constant in policy.constants.items():
        at: Keys = ("constants", name)
        takers = [
            operation
            for operation in contract.operations.values()
            if leaf(operation.input, (name,)) is not None
        ]
        if not takers:
            yield Finding(
                policy.source.mark(at, of_key=True), "unknown-path", "",
                f'no operation has the argument "{name}"', "remove it, or mend its name",
            )  # fmt: skip
            continue
        texts = {"": constant} if isinstance(constant, str) else constant
        simple = leaf(takers[0].input, (name,))
        for client, text in texts.items():
            if simple is not None and not _allowed(simple, text):
                place = (*at, "by_client", client) if client else at
                yield Finding(
                    policy.source.mark(place), "constant", "",
                    f'the contract does not allow this text for "{name}"', _allowed_texts(simple),
                )  # fmt: skip


def _code_tables(policy: Policy) -> Iterator[Finding]:
    used = {
        field.code
        for route in policy.routes
        for field in (*_flat(route.request), *_flat(route.response))
    }
    for name, table in policy.codes.items():
        at: Keys = ("codes", name)
        if name not in used:
            yield Finding(
                policy.source.mark(at, of_key=True), "unused-codes", "",
                f'no field uses the code table "{name}"', "use it or remove it",
            )  # fmt: skip
        for code, times in Counter(table.values()).items():
            if times > 1:
                yield Finding(
                    policy.source.mark(at), "code-clash", "",
                    f'two words of "{name}" have the code "{code}"', "a code has one word",
                )  # fmt: skip


def _shapes(policy: Policy) -> Iterator[Finding]:
    used: set[str] = set()
    places = [
        *((route.shape, (*route.at, "response")) for route in policy.routes),
        *(
            (field.shape, (*field.at, "fields"))
            for fields in (*(r.response for r in policy.routes), *policy.shapes.values())
            for field in _flat(fields)
        ),
    ]
    for name, at in places:
        if name is None:
            continue
        used.add(name)
        if name not in policy.shapes or (at[0] == "shapes" and at[1] == name):
            near = difflib.get_close_matches(name, list(policy.shapes), n=1)
            yield Finding(
                policy.source.mark(at), "unknown-shape", "",
                f'there is no shape "{name}" to use here',
                f'did you mean "{near[0]}"?' if near else "add it under shapes",
            )  # fmt: skip
    for name in policy.shapes:
        if name not in used:
            yield Finding(
                policy.source.mark(("shapes", name), of_key=True), "unused-shape", "",
                f'no route answers with the shape "{name}"', "use it or remove it",
            )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Route:
    """The checks of one route."""

    policy: Policy
    contract: Contract
    route: RoutePolicy

    def find(
        self, kind_: str, at: Keys, problem: str, remedy: str, *, of_key: bool = False
    ) -> Finding:
        mark = self.policy.source.mark(at, of_key=of_key)
        # A fault in a shape is one fault, however many routes answer with it.
        where = f"shape {at[1]}" if at[0] == "shapes" else self.route.id
        return Finding(mark, kind_, where, problem, remedy)

    def check(self) -> Iterator[Finding]:
        route = self.route
        yield from self.basics()
        operation = self.contract.operations.get(route.operation)
        if operation is None:
            known = list(self.contract.operations)
            near = difflib.get_close_matches(route.operation, known, n=1)
            yield self.find(
                "unknown-operation", (*route.at, "operation"),
                f'the contract has no operation "{route.operation}"',
                f'did you mean "{near[0]}"?' if near else "see the WSDL's portType",
            )  # fmt: skip
            return
        yield from self.request(operation)
        yield from self.response(operation)
        yield from self.subject(operation)
        yield from self.effect(operation)

    def basics(self) -> Iterator[Finding]:
        route = self.route
        if route.deadline > LONGEST_DEADLINE or route.deadline <= 0:
            yield self.find(
                "deadline", (*route.at, "deadline"), "is longer than the edge waits, or nothing",
                f"state at most {LONGEST_DEADLINE:.0f}s",
            )  # fmt: skip
        if route.template.startswith(OPERATIONS_PREFIX):
            yield self.find(
                "same-route", (*route.at, "rest"), "is where the gateway tells how writes ended",
                "choose another path",
            )  # fmt: skip
        for name, times in Counter(variables(route.template)).items():
            if times > 1:
                yield self.find(
                    "dead-field", (*route.at, "rest"), f'has "{{{name}}}" twice', "rename one"
                )
        if route.effect != "read" and route.method == "GET":
            yield self.find(
                "method", (*route.at, "rest"), "is a write behind GET, which callers repeat freely",
                "use POST, PUT or DELETE",
            )  # fmt: skip

    # --- request ---

    def request(self, operation: Operation) -> Iterator[Finding]:
        route = self.route
        inputs = operation.input
        named = {field.name for field in route.request}
        for name in variables(route.template):
            if name not in named:
                yield self.find(
                    "dead-field", (*route.at, "rest"), f'"{{{name}}}" leads nowhere',
                    "say under request which argument it is",
                )  # fmt: skip
        for field in _flat(route.request):
            yield from self.request_field(field, inputs)
        yield from self.sources(operation)

    def request_field(self, field: FieldPolicy, inputs: Element) -> Iterator[Finding]:
        route = self.route
        if field.kind == "object":
            if route.method in ("GET", "DELETE"):
                yield self.find(
                    "dead-field", field.at, f'"{field.name}" is an object, and there is no body',
                    "map its members one by one", of_key=True,
                )  # fmt: skip
            return
        simple = yield from self.path(inputs, field.hospital, (*field.at, "hospital"), field.at)
        if simple is None:
            return
        chain = follow(inputs, field.hospital) or ()
        if any(element.repeats for element in chain):
            yield self.find(
                "list", field.at, f'"{_path(field)}" repeats, and a single value is sent',
                "choose an element that occurs once", of_key=True,
            )  # fmt: skip
        yield from self.value(field, simple, outbound=True)
        yield from self.options(field, simple)
        yield from self.exposure(field, simple)

    def exposure(self, field: FieldPolicy, simple: SimpleType) -> Iterator[Finding]:
        in_url = self.route.method in ("GET", "DELETE") or field.name in variables(
            self.route.template
        )
        cards = {route.subject.request for route in self.policy.routes if route.subject is not None}
        plain_card = field.hospital in cards and field.sealed is None
        if in_url and (plain_card or field.as_ == "identity-number"):
            yield self.find(
                "personal-data", field.at, f'"{field.name}" would put patient data into the URL',
                "seal it, or take it in the body of a POST", of_key=True,
            )  # fmt: skip

    def options(self, field: FieldPolicy, simple: SimpleType) -> Iterator[Finding]:
        what = kind(field, simple)
        if (field.within is not None or field.default) and what != "date":
            yield self.find(
                "option", field.at, "within and default are for dates", "remove them", of_key=True
            )
        if field.of is not None:
            siblings = {one.name: one for one in self.siblings(field)}
            other = siblings.get(field.of)
            words = self.policy.codes.get(other.code or "", {}) if other else {}
            if what != "identity-number" or "identity-card" not in words:
                yield self.find(
                    "option", (*field.at, "of"),
                    "names no field whose words include identity-card, beside an identity-number",
                    "name the field that says which document it is",
                )  # fmt: skip
        elif what == "identity-number":
            yield self.find(
                "option", field.at, "identity-number needs to know which document it is",
                "add of: and the name of that field", of_key=True,
            )  # fmt: skip

    def siblings(self, field: FieldPolicy) -> tuple[FieldPolicy, ...]:
        def within(fields: tuple[FieldPolicy, ...]) -> tuple[FieldPolicy, ...]:
            if field in fields:
                return fields
            for one in fields:
                found = within(one.fields)
                if found:
                    return found
            return ()

        return within(self.route.request)

    def sources(self, operation: Operation) -> Iterator[Finding]:
        """Each argument the contract requires has exactly one source."""
        route = self.route
        given: Counter[Steps] = Counter(
            field.hospital for field in _flat(route.request) if field.kind == "value"
        )
        if route.key is not None:
            given[route.key] += 1
        if route.subject is not None and route.subject.request is not None:
            given[route.subject.request] += 1
        for name in self.policy.constants:
            if leaf(operation.input, (name,)) is not None:
                given[(name,)] += 1
        for path, times in given.items():
            if times > 1:
                yield self.find(
                    "two-sources", (*route.at, "request"),
                    f'the argument "{"/".join(path)}" has {times} sources', "keep one",
                    of_key=True,
                )  # fmt: skip
        for argument in arguments(operation.input):
            if argument.required and argument.path not in given:
                yield self.find(
                    "missing-argument", (*route.at, "request"),
                    f'the required argument "{"/".join(argument.path)}" of {operation.name} '
                    "has no source",
                    "map a field to it, or make it a constant", of_key=True,
                )  # fmt: skip

    # --- response ---

    def response(self, operation: Operation) -> Iterator[Finding]:
        route = self.route
        start = operation.output
        if route.reply:
            chain = follow(start, route.reply)
            if not chain:
                yield self.unknown(start, route.reply, (*route.at, "reply"), operation.output.name)
                return
            if any(element.repeats for element in chain):
                yield self.find(
                    "list", (*route.at, "reply"), f'"{"/".join(route.reply)}" repeats',
                    "use each under response",
                )  # fmt: skip
                return
            start = chain[-1]
        yield from self.response_fields(route.response, start)

    def response_fields(self, fields: tuple[FieldPolicy, ...], start: Element) -> Iterator[Finding]:
        for field in fields:
            if field.kind == "fixed":
                continue
            if field.kind == "value":
                yield from self.response_value(field, start)
                continue
            chain = follow(start, field.hospital)
            key = "each" if field.kind == "each" else "in"
            if chain is None:
                yield self.unknown(start, field.hospital, (*field.at, key), start.name)
                continue
            inner = chain[-1] if chain else start
            repeats = [element for element in chain if element.repeats]
            if field.kind == "each" and repeats != [inner]:
                yield self.find(
                    "list", (*field.at, key),
                    f'"{_path(field)}" is not a list of one level',
                    "name the element that repeats, and only that one",
                )  # fmt: skip
            if field.kind == "object" and repeats:
                yield self.find(
                    "list", (*field.at, key), f'"{_path(field)}" repeats',
                    "use each instead of in",
                )  # fmt: skip
            if isinstance(inner.type, SimpleType):
                yield self.find(
                    "unknown-path", (*field.at, key),
                    f'"{_path(field)}" is a single value and has no fields',
                    "map it as a value",
                )  # fmt: skip
                continue
            yield from self.response_fields(field.fields, inner)

    def response_value(self, field: FieldPolicy, start: Element) -> Iterator[Finding]:
        simple = yield from self.path(start, field.hospital, (*field.at, "hospital"), field.at)
        if simple is None:
            return
        chain = follow(start, field.hospital) or ()
        if any(element.repeats for element in chain):
            yield self.find(
                "list", field.at, f'"{_path(field)}" repeats, and a single value is read',
                "use each", of_key=True,
            )  # fmt: skip
        yield from self.value(field, simple, outbound=False)
        if field.card is not None and leaf(start, field.card) is None:
            yield self.unknown(start, field.card, (*field.at, "card"), start.name)

    # --- values ---

    def value(self, field: FieldPolicy, simple: SimpleType, *, outbound: bool) -> Iterator[Finding]:
        stated = [
            name
            for name, value in (("as", field.as_), ("code", field.code), ("sealed", field.sealed))
            if value is not None
        ]
        if len(stated) > 1:
            yield self.find(
                "option", field.at, f"{' and '.join(stated)} exclude one another", "keep one",
                of_key=True,
            )  # fmt: skip
        elif field.code is not None:
            yield from self.code(field, simple, outbound=outbound)
        elif field.sealed is not None:
            yield from self.seal(field, simple)
        elif simple.enumeration:
            yield self.find(
                "code-missing", field.at,
                f'"{_path(field)}" is a code of the hospital, which the cloud must not see',
                "add code: and a table of words", of_key=True,
            )  # fmt: skip
        else:
            yield from self.kind(field, simple)

    def kind(self, field: FieldPolicy, simple: SimpleType) -> Iterator[Finding]:
        what = kind(field, simple)
        if what is None:
            usable = sorted(name for name, bases in KINDS.items() if simple.base in bases)
            yield self.find(
                "type", field.at, f'"{_path(field)}" is of type {simple.base}',
                f"say as: {' or '.join(usable)}" if usable else "leave it out", of_key=True,
            )  # fmt: skip
        elif not fits(what, simple):
            usable = sorted(name for name, bases in KINDS.items() if simple.base in bases)
            yield self.find(
                "type", (*field.at, "as"), f"{what} cannot stand for the type {simple.base}",
                f"use {' or '.join(usable)}" if usable else "leave it out",
            )  # fmt: skip
        elif what in ("date", "time") and simple.base == "string" and field.format is None:
            yield self.find(
                "type", field.at, f"the hospital writes this {what} as text", "add its format",
                of_key=True,
            )  # fmt: skip

    def code(self, field: FieldPolicy, simple: SimpleType, *, outbound: bool) -> Iterator[Finding]:
        table = self.policy.codes.get(field.code or "")
        if table is None:
            near = difflib.get_close_matches(field.code or "", list(self.policy.codes), n=1)
            yield self.find(
                "unknown-codes", (*field.at, "code"), f'there is no code table "{field.code}"',
                f'did you mean "{near[0]}"?' if near else "add it under codes",
            )  # fmt: skip
            return
        if simple.enumeration and not outbound:
            for code in simple.enumeration:
                if code not in table.values():
                    yield self.find(
                        "code-missing", (*field.at, "code"),
                        f'the hospital may send "{code}", for which "{field.code}" has no word',
                        "add a word for it",
                    )  # fmt: skip
        for word, code in table.items():
            if not _allowed(simple, code):
                yield self.find(
                    "code-missing", (*field.at, "code"),
                    f'the contract does not allow "{code}", the code of "{word}"',
                    _allowed_texts(simple),
                )  # fmt: skip

    def seal(self, field: FieldPolicy, simple: SimpleType) -> Iterator[Finding]:
        if simple.base != "string":
            yield self.find("type", (*field.at, "sealed"), "only text is sealed", "remove sealed")
        if field.sealed != CARD and field.card is None and self.route.subject is None:
            yield self.find(
                "unbound-id", (*field.at, "sealed"), "there is no card to bind this id to",
                "give the route a subject, or the field a card",
            )  # fmt: skip

    # --- subject and effect ---

    def subject(self, operation: Operation) -> Iterator[Finding]:
        subject = self.route.subject
        if subject is None:
            return
        if subject.request is not None and leaf(operation.input, subject.request) is None:
            yield self.unknown(
                operation.input, subject.request, (*subject.at, "request"), operation.input.name
            )
        if subject.reply is not None and leaf(operation.output, subject.reply) is None:
            yield self.unknown(
                operation.output, subject.reply, (*subject.at, "reply"), operation.output.name
            )
        seals = any(field.sealed not in (None, CARD) for field in _flat(self.route.request))
        if subject.request is None and subject.reply is None and not seals:
            yield self.find(
                "unbound-subject", subject.at,
                "the card is neither sent, nor received, nor sealed into an id",
                "say where the hospital takes or gives the card number", of_key=True,
            )  # fmt: skip

    def effect(self, operation: Operation) -> Iterator[Finding]:
        route = self.route
        if route.effect == "unconfirmed":
            yield self.find(
                "unconfirmed", (*route.at, "effect"), "nobody has said what calling it does",
                "ask the hospital, then write read or keyed",
            )  # fmt: skip
        if route.effect == "read":
            for name, given in (("key", route.key), ("settle", route.settle)):
                if given is not None:
                    yield self.find(
                        "option", (*route.at, name), f"a read has no {name}", "remove it",
                        of_key=True,
                    )  # fmt: skip
        if route.effect != "keyed":
            return
        for name, given in (("key", route.key), ("settle", route.settle)):
            if given is None:
                yield self.find(
                    "no-settle", (*route.at, "effect"), f"a keyed write has no {name}",
                    "say where the serial goes, and which operation asks by it",
                )  # fmt: skip
        if route.key is not None and leaf(operation.input, route.key) is None:
            yield self.unknown(operation.input, route.key, (*route.at, "key"), operation.input.name)
        yield from self.settle(operation)

    def settle(self, operation: Operation) -> Iterator[Finding]:
        settle = self.route.settle
        if settle is None:
            return
        asked = self.contract.operations.get(settle.operation)
        if asked is None:
            near = difflib.get_close_matches(settle.operation, list(self.contract.operations), n=1)
            yield self.find(
                "unknown-operation", (*settle.at, "operation"),
                f'the contract has no operation "{settle.operation}"',
                f'did you mean "{near[0]}"?' if near else "see the WSDL's portType",
            )  # fmt: skip
            return
        writes = {route.operation for route in self.policy.routes if route.effect != "read"}
        if settle.operation in writes:
            yield self.find(
                "settle-not-read", (*settle.at, "operation"),
                f"{settle.operation} is a write, and asking must not do anything",
                "name an operation that only reads",
            )  # fmt: skip
        if leaf(asked.input, settle.key) is None:
            yield self.unknown(asked.input, settle.key, (*settle.at, "key"), asked.input.name)
        yield from self.settle_sources(settle, asked)
        kept = follow(asked.output, settle.reply)
        if kept is None:
            yield self.unknown(asked.output, settle.reply, (*settle.at, "reply"), asked.output.name)
            return
        inner = kept[-1] if kept else asked.output
        yield from self.same_reply(settle, inner)
        yield from self.same(settle, operation, inner)

    def settle_sources(self, settle: SettlePolicy, asked: Operation) -> Iterator[Finding]:
        given = {settle.key, *((name,) for name in self.policy.constants)}
        for argument in arguments(asked.input):
            if argument.required and argument.path not in given:
                yield self.find(
                    "missing-argument", (*settle.at, "operation"),
                    f'the required argument "{"/".join(argument.path)}" of {asked.name} '
                    "has no source",
                    "only the serial and constants are known when asking",
                )  # fmt: skip

    def same_reply(self, settle: SettlePolicy, kept: Element) -> Iterator[Finding]:
        """What the inquiry keeps must hold all that the response is made of."""
        route = self.route
        start = kept
        if route.reply:
            chain = follow(kept, route.reply)
            if not chain:
                yield self.unknown(kept, route.reply, (*settle.at, "reply"), kept.name)
                return
            start = chain[-1]
        for field in route.response:
            if field.kind != "fixed" and field.hospital and follow(start, field.hospital) is None:
                yield self.unknown(start, field.hospital, field.at, f"the inquiry's {start.name}")
        if leaf(kept, self.policy.outcome.code) is None:
            yield self.unknown(kept, self.policy.outcome.code, (*settle.at, "reply"), kept.name)

    def same(self, settle: SettlePolicy, operation: Operation, kept: Element) -> Iterator[Finding]:
        route = self.route
        for argument, path in settle.same.items():
            at = (*settle.at, "same", "/".join(argument))
            if leaf(operation.input, argument) is None:
                yield self.unknown(operation.input, argument, at, operation.input.name, key=True)
            if leaf(operation.output, path) is None:
                yield self.unknown(operation.output, path, at, operation.output.name)
            elif leaf(kept, path) is None:
                yield self.unknown(kept, path, at, f"the inquiry's {kept.name}")
        for argument in settle.unchecked:
            at = (*settle.at, "unchecked", "/".join(argument))
            if leaf(operation.input, argument) is None:
                yield self.unknown(operation.input, argument, at, operation.input.name, key=True)
        told = {*settle.same, *settle.unchecked}
        sent = [field.hospital for field in _flat(route.request) if field.kind == "value"]
        if route.subject is not None and route.subject.request is not None:
            sent.append(route.subject.request)
        for steps in sent:
            if steps not in told and leaf(operation.input, steps) is not None:
                yield self.find(
                    "not-compared", (*settle.at, "same"),
                    f'the argument "{"/".join(steps)}" changes the effect and is not compared',
                    "add it to same, or to unchecked with the reason", of_key=True,
                )  # fmt: skip

    # --- paths ---

    def path(
        self, start: Element, steps: Steps, at: Keys, shorthand: Keys
    ) -> Generator[Finding, None, SimpleType | None]:
        chain = follow(start, steps)
        if chain is None:
            place = at if at in self.policy.source.values else shorthand
            yield self.unknown(start, steps, place, start.name)
            return None
        end = chain[-1]
        if not isinstance(end.type, SimpleType):
            place = at if at in self.policy.source.values else shorthand
            yield self.find(
                "unknown-path", place, f'"{"/".join(steps)}" is no single value',
                "name one of the elements in it",
            )  # fmt: skip
            return None
        return end.type

    def unknown(
        self, start: Element, steps: Steps, at: Keys, within: str, *, key: bool = False
    ) -> Finding:
        return self.find(
            "unknown-path", at, f'"{"/".join(steps)}" is not in {within}', _near(start, steps),
            of_key=key,
        )  # fmt: skip


def _flat(fields: tuple[FieldPolicy, ...]) -> Iterator[FieldPolicy]:
    for field in fields:
        yield field
        yield from _flat(field.fields)


def _path(field: FieldPolicy) -> str:
    return "/".join(field.hospital)


def _near(start: Element, steps: Steps) -> str:
    near = nearest(start, "/".join(steps))
    return f'did you mean "{near}"?' if near else "see the contract"


def _allowed(simple: SimpleType, text: str) -> bool:
    if simple.enumeration:
        return text in simple.enumeration
    if simple.max_length is not None and len(text) > simple.max_length:
        return False
    return all(_pattern(pattern)(text) for pattern in simple.patterns)


def _pattern(pattern: str) -> Callable[[str], object]:
    return re.compile(json_pattern(pattern)).fullmatch


def _allowed_texts(simple: SimpleType) -> str:
    if simple.enumeration:
        return f"it allows {', '.join(simple.enumeration)}"
    return f"it must match {' and '.join(simple.patterns)}" if simple.patterns else "shorten it"
