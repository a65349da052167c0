"""From a checked policy and its contract to routes. Assumes that the check found nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import takewhile
from typing import Any, Literal

from gateway.policies.addresses import variable
from gateway.policies.match import matcher
from gateway.policies.model import (
    Effect,
    FieldPolicy,
    Policy,
    RoutePolicy,
    SettlePolicy,
    Steps,
    flat,
)
from gateway.policies.operations_resource import PATH_SCHEMA, QUERY_SCHEMA, template
from gateway.policies.resolve import CARD, always, chain_of, end_of, kind, leaf, type_of, variables
from gateway.policies.snapshot import Documents, Route, Snapshot, Subject, Upstream
from gateway.problems import REFUSALS
from gateway.rest.methods import WITH_BODY
from gateway.rest.rate import Rate
from gateway.rest.validation import JsonSchema, RequestShape
from gateway.soap.codec import Codec
from gateway.soap.contract import Contract
from gateway.soap.elements import Element, SimpleType
from gateway.translation.comparison import MEANT_BY, Comparison, Same
from gateway.translation.inbound import Each, Fixed, Group, Inbound, Leaf, Node
from gateway.translation.inquiries import OUTCOMES, Inquiry
from gateway.translation.outbound import Constant, Field, Location, Outbound
from gateway.translation.schemas import Schema
from gateway.translation.values import (
    Converter,
    code_converter,
    converter,
    sealed_converter,
)

INQUIRY_DEADLINE = 5.0
"""Seconds. Asking is one indexed look-up at the hospital, whatever the write was."""


def compile_snapshot(
    packs: Iterable[tuple[Policy, Contract]], environment: Mapping[str, str]
) -> Snapshot:
    """One immutable snapshot of all packs; its digest names everything that it was made from.

    `environment` holds the addresses that policies leave to it; `KeyError` when one is missing.
    """
    routes: list[Route] = []
    upstreams: dict[str, Upstream] = {}
    digest = hashlib.sha256()
    for policy, contract in packs:
        compiler = _Pack(policy, contract, environment)
        routes.extend(compiler.routes())
        upstream = policy.upstream
        upstreams[upstream.group] = Upstream(
            upstream.group, upstream.in_flight, upstream.keep_for_writes, upstream.breaker
        )
        digest.update(contract.digest.encode())
        digest.update(repr((policy.source.data, compiler.endpoints)).encode())
    return Snapshot(digest.hexdigest(), tuple(routes), upstreams, matcher(routes))


class _Pack:
    """Compiles the routes of one policy."""

    def __init__(self, policy: Policy, contract: Contract, environment: Mapping[str, str]) -> None:
        self.policy = policy
        self.contract = contract
        self.endpoints = tuple(
            text if (name := variable(text)) is None else environment[name]
            for text in policy.upstream.endpoints
        )
        self.codecs: dict[str, Codec] = {}

    def routes(self) -> Iterable[Route]:
        for policy in self.policy.routes:
            route = self.route(policy)
            yield route
            if policy.settle is not None:
                yield self.inquiry(policy, policy.settle, route)

    def codec(self, operation: str) -> Codec:
        if operation not in self.codecs:
            self.codecs[operation] = self.contract.codec(operation)
        return self.codecs[operation]

    def route(self, policy: RoutePolicy) -> Route:
        operation = self.contract.operations[policy.operation]
        effect = _effect(policy.effect)
        names = variables(policy.template)
        in_body = policy.method in WITH_BODY
        request = _Request(self.policy, operation.input, names, in_body)
        fields = request.fields(policy.request)
        schema = request.schema(policy.request)
        path = {name: schema["properties"].pop(name) for name in names}
        schema["required"] = [name for name in schema["required"] if name not in names]
        body = schema if in_body and schema["properties"] else None
        query = schema if not in_body and schema["properties"] else None
        start = end_of(operation.output, policy.reply)
        document = _Response(self.policy).schema(policy.response, start)
        subject = policy.subject
        settle = policy.settle
        return Route(
            id=policy.id,
            about=policy.about,
            service=self.policy.service,
            method=policy.method,
            template=policy.template,
            effect=effect,
            status=policy.status,
            deadline=policy.deadline,
            rate=Rate(policy.rate[0] / policy.rate[1], policy.rate[0]) if policy.rate else None,
            shape=_shape(names, query, body),
            outbound=Outbound(
                fields=fields,
                constants=self.constants(operation.input),
                serial=policy.key,
                subject=subject.request if subject else None,
            ),
            operation=policy.operation,
            codec=self.codec(policy.operation),
            endpoints=self.endpoints,
            upstream=self.policy.upstream.group,
            outcomes=self.policy.outcome,
            inbound=self.inbound(policy),
            response=JsonSchema(document),
            subject=Subject(subject.reply) if subject else None,
            inquiry_of=None,
            comparison=_comparison(policy, settle, operation.input) if settle else None,
            after_payment=policy.after_payment,
            documents=Documents(path, query, body, document, policy.shape),
        )

    def inquiry(self, policy: RoutePolicy, settle: SettlePolicy, write: Route) -> Route:
        """The read that asks how a write ended, answered at the operations resource."""
        operation = self.contract.operations[settle.operation]
        subject = policy.subject
        reply = (*settle.reply, *subject.reply) if subject and subject.reply else None
        document = _inquiry_schema(write.documents.response, after_payment=policy.after_payment)
        return Route(
            id=f"operations-{policy.id}",
            about=f"How a call of {policy.id} ended",
            service=self.policy.service,
            method="GET",
            template=template(policy.id),
            effect="read",
            status=200,
            deadline=INQUIRY_DEADLINE,
            rate=None,
            shape=_shape(tuple(PATH_SCHEMA), QUERY_SCHEMA, None),
            outbound=Outbound(
                fields=(), constants=self.constants(operation.input), serial=settle.key
            ),
            operation=settle.operation,
            codec=self.codec(settle.operation),
            endpoints=self.endpoints,
            upstream=self.policy.upstream.group,
            outcomes=self.policy.outcome,
            inbound=Inquiry(
                self.inbound(policy),
                self.policy.outcome,
                settle.reply,
                timedelta(seconds=settle.certain_after),
                policy.after_payment,
            ),
            response=JsonSchema(document),
            subject=Subject(reply) if subject else None,
            inquiry_of=policy.id,
            comparison=Comparison((Same(settle.key, settle.serial),)),
            after_payment=False,
            documents=Documents(PATH_SCHEMA, QUERY_SCHEMA, None, document, None),
        )

    def inbound(self, policy: RoutePolicy) -> Inbound:
        output = self.contract.operations[policy.operation].output
        nodes = _Response(self.policy).nodes(policy.response, end_of(output, policy.reply))
        return Inbound(nodes, policy.reply)

    def constants(self, inputs: Element) -> tuple[Constant, ...]:
        return tuple(
            Constant((name,), text, {}) if isinstance(text, str) else Constant((name,), None, text)
            for name, text in self.policy.constants.items()
            if leaf(inputs, (name,)) is not None
        )


def _effect(effect: Effect) -> Literal["read", "keyed"]:
    """What is served. Whatever else an effect may come to be, it is never taken for a read."""
    match effect:
        case "read" | "keyed":
            return effect
        case _:
            raise LookupError(effect)


def _comparison(route: RoutePolicy, settle: SettlePolicy, inputs: Element) -> Comparison:
    """The arguments that a success repeats, each compared as what it means."""
    stated = {field.hospital: field.as_ for field in flat(route.request) if field.as_}
    same: list[Same] = []
    for argument, path in settle.same.items():
        simple = type_of(inputs, argument)
        base = MEANT_BY.get(stated.get(argument, ""), simple.base)
        filled = argument in settle.filled
        same.append(Same(argument, path, base, simple.whitespace, filled))
    return Comparison(tuple(same))


def _shape(names: tuple[str, ...], query: Schema | None, body: Schema | None) -> RequestShape:
    types = {
        name: schema["type"]
        for name, schema in (query or {}).get("properties", {}).items()
        if schema["type"] != "string"
    }
    return RequestShape(
        names, JsonSchema(query) if query else None, JsonSchema(body) if body else None, types
    )


def _inquiry_schema(response: Mapping[str, Any], *, after_payment: bool) -> Schema:
    refusals = [f"/problems/{slug}" for slug in sorted(REFUSALS)]
    refund: Schema = {"refundRequired": {"type": "boolean", "const": True}}
    return {
        "type": "object",
        "properties": {
            "outcome": {"type": "string", "enum": list(OUTCOMES)},
            "response": dict(response),
            "problem": {
                "type": "object",
                "properties": {
                    "type": {"type": "string", "enum": refusals},
                    "title": {"type": "string"},
                    "message": {"type": "string"},
                    **(refund if after_payment else {}),
                },
                "required": ["type", "title", *(refund if after_payment else ())],
                "additionalProperties": False,
            },
        },
        "required": ["outcome"],
        "additionalProperties": False,
    }


def _converter(policy: Policy, field: FieldPolicy, simple: SimpleType) -> Converter:
    if field.code is not None:
        return code_converter(policy.codes[field.code])
    if field.sealed is not None:
        return sealed_converter(field.sealed, of_card=field.sealed != CARD)
    return converter(kind(field, simple), simple, pattern=field.format, within=field.within)


def _object(properties: dict[str, Any], required: list[str]) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _group(field: FieldPolicy) -> Steps:
    """The innermost group of arguments that holds all that an object's fields lead to."""
    parents = [one.hospital[:-1] for one in flat(field.fields) if one.kind == "value"]
    shared = takewhile(lambda level: len(set(level)) == 1, zip(*parents, strict=False))
    return tuple(level[0] for level in shared)


@dataclass(frozen=True, slots=True)
class _Request:
    """Compiles request fields against an operation's input."""

    policy: Policy
    inputs: Element
    variables: tuple[str, ...]
    in_body: bool

    def fields(
        self, fields: tuple[FieldPolicy, ...], above: tuple[str, ...] = ()
    ) -> tuple[Field, ...]:
        found: list[Field] = []
        for field in fields:
            name = (*above, field.name)
            if field.kind == "object":
                found.extend(self.fields(field.fields, name))
                continue
            found.append(
                Field(
                    location=self.location(name),
                    name=name,
                    target=field.hospital,
                    converter=self.converter(field),
                    default=field.default,
                    of=(*above, field.of) if field.of else None,
                )
            )
        return tuple(found)

    def schema(self, fields: tuple[FieldPolicy, ...], above: Steps = ()) -> Schema:
        """The object of these fields, which stands for the group of arguments at `above`."""
        properties: dict[str, Any] = {}
        required: list[str] = []
        for field in fields:
            if field.kind == "object":
                properties[field.name] = self.schema(field.fields, _group(field))
            else:
                properties[field.name] = dict(self.converter(field).schema)
                if field.default is not None:
                    properties[field.name]["description"] = f"By default {field.default}."
            if self.needed(field, above):
                required.append(field.name)
        return _object(properties, required)

    def needed(self, field: FieldPolicy, above: Steps) -> bool:
        """Whether the contract needs the argument, once the group around it is there."""
        if field.kind == "object":
            return any(self.needed(one, above) for one in field.fields)
        return field.default is None and always(chain_of(self.inputs, field.hospital)[len(above) :])

    def location(self, name: tuple[str, ...]) -> Location:
        if name[0] in self.variables:
            return "path"
        return "body" if self.in_body else "query"

    def converter(self, field: FieldPolicy) -> Converter:
        return _converter(self.policy, field, type_of(self.inputs, field.hospital))


@dataclass(frozen=True, slots=True)
class _Response:
    """Compiles response fields against the element that their paths start in."""

    policy: Policy

    def nodes(self, fields: tuple[FieldPolicy, ...], start: Element) -> tuple[Node, ...]:
        return tuple(self.node(field, start) for field in fields)

    def node(self, field: FieldPolicy, start: Element) -> Node:
        if field.kind == "fixed":
            return Fixed(field.name, field.value)
        if field.kind == "value":
            return Leaf(
                field.name,
                field.hospital,
                self.converter(field, start),
                self.optional(field, start),
                field.card,
            )
        inner = self.nodes(field.fields, end_of(start, field.hospital))
        if field.kind == "each":
            return Each(field.name, field.hospital, inner)
        return Group(field.name, field.hospital, inner, self.optional(field, start))

    def schema(self, fields: tuple[FieldPolicy, ...], start: Element) -> Schema:
        properties: dict[str, Any] = {}
        required: list[str] = []
        for field in fields:
            properties[field.name] = self.field_schema(field, start)
            if not self.optional(field, start):
                required.append(field.name)
        return _object(properties, required)

    def field_schema(self, field: FieldPolicy, start: Element) -> Schema:
        if field.kind == "fixed":
            return {"type": "string", "const": field.value}
        if field.kind == "value":
            schema = dict(self.converter(field, start).schema)
            if schema["type"] == "string" and not schema.keys() & {"enum", "pattern", "minLength"}:
                schema["minLength"] = 1
            return schema
        inner = self.schema(field.fields, end_of(start, field.hospital))
        return {"type": "array", "items": inner} if field.kind == "each" else inner

    def optional(self, field: FieldPolicy, start: Element) -> bool:
        """Whether the member may be missing; an object also when nothing is in it."""
        if field.kind in ("fixed", "each"):
            return False
        if field.optional is not None:
            return field.optional
        if not always(chain_of(start, field.hospital)):
            return True
        inner = end_of(start, field.hospital)
        return field.kind == "object" and all(self.optional(one, inner) for one in field.fields)

    def converter(self, field: FieldPolicy, start: Element) -> Converter:
        return _converter(self.policy, field, type_of(start, field.hospital))
