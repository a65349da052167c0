"""The routes of each pack, and the snapshot of all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Literal

from gateway.closing.window import Closure
from gateway.policies.addresses import variable
from gateway.policies.choices import decided
from gateway.policies.closed import tells_closed, window
from gateway.policies.compile.document import document_of
from gateway.policies.compile.keyed import KeyedSettling
from gateway.policies.compile.matched import MatchedSettling
from gateway.policies.compile.request import Request
from gateway.policies.compile.response import Response, filter_of
from gateway.policies.compile.settling import Settling, Write, end_schema
from gateway.policies.match import matcher
from gateway.policies.model import (
    ByMatch,
    BySerial,
    Constants,
    Effect,
    Policy,
    RoutePolicy,
    SettlePolicy,
    Steps,
    constants_of,
    flat,
    outcome_of,
)
from gateway.policies.operations_resource import (
    INQUIRY_TOLD,
    PATH_SCHEMA,
    inquiry_id,
    query_schema,
    template,
)
from gateway.policies.paging import FIRST, NEXT, NEXT_SCHEMA, PAGE, PAGE_TOLD
from gateway.policies.resolve import end_of, leaf, variables
from gateway.policies.snapshot import Route, Schemas, Snapshot, Subject, Upstream
from gateway.rest.methods import WITH_BODY
from gateway.rest.rate import Rate
from gateway.rest.validation import JsonSchema, RequestShape
from gateway.soap.codec import Codec
from gateway.soap.contract import Contract
from gateway.soap.credentials import Credentials
from gateway.soap.elements import Element
from gateway.soap.security import Security
from gateway.translation.endings import ReadsEnd
from gateway.translation.formats import format_of
from gateway.translation.inbound import Inbound, NextPage
from gateway.translation.outbound import Constant, Outbound
from gateway.translation.schemas import Schema

INQUIRY_DEADLINE = 5.0
"""Seconds. Asking is one indexed look-up at the hospital, whatever the write was."""


def compile_snapshot(
    packs: Iterable[tuple[Policy, Contract]], environment: Mapping[str, str]
) -> Snapshot:
    """One immutable snapshot of all packs; its digest names everything that it was made from.

    `environment` holds what policies leave to it, by the variable's name: addresses, and of the
    files of secrets the content. `KeyError` when one is missing. Secrets are not in the digest.
    """
    routes: list[Route] = []
    services: dict[str, str] = {}
    upstreams: dict[str, Upstream] = {}
    digest = hashlib.sha256()
    for policy, contract in packs:
        compiler = _Pack(policy, contract, environment)
        routes.extend(compiler.routes())
        services[policy.service] = policy.about
        upstream = policy.upstream
        upstreams[upstream.group] = Upstream(
            upstream.group, upstream.in_flight, upstream.keep_for_writes, upstream.breaker
        )
        digest.update(contract.digest.encode())
        told = policy.glossary.source.data if policy.glossary else None
        digest.update(repr((policy.source.data, policy.codes, told, compiler.endpoints)).encode())
    return Snapshot(digest.hexdigest(), services, tuple(routes), upstreams, matcher(routes))


class _Pack:
    """Compiles the routes of one policy."""

    def __init__(self, policy: Policy, contract: Contract, environment: Mapping[str, str]) -> None:
        self.policy = policy
        self.contract = contract
        self.endpoints = tuple(
            text if (name := variable(text)) is None else environment[name]
            for text in policy.upstream.endpoints
        )
        self.environment = environment
        self.credentials = self.shown()
        self.codecs: dict[str, Codec] = {}

    def routes(self) -> Iterable[Route]:
        for policy in self.policy.routes:
            if policy.settle is None:
                yield self.closing(self.route(policy, None))
                continue
            settling = self.settling(policy, policy.settle)
            write = self.route(policy, settling)
            reads = settling.reads(self.inbound(policy))
            inquiry = self.inquiry(policy.settle.operation, settling, write, reads)
            write = replace(write, question=settling.question(inquiry, reads))
            yield from (self.closing(write), self.closing(inquiry))

    def settling(self, policy: RoutePolicy, settle: SettlePolicy) -> Settling:
        """How a write is settled, by the kind of write that it is."""
        write = Write(self.policy, self.contract, policy)
        match settle:
            case BySerial():
                return KeyedSettling(write, settle)
            case ByMatch():
                return MatchedSettling(write, settle)
            case _:
                raise LookupError(type(settle))

    def closing(self, route: Route) -> Route:
        """The route with all that the policy closes it by."""
        closures = tuple(
            Closure(window(closed), closed.message)
            for closed in self.policy.closed
            if any(route.closed_by(pattern) for pattern in closed.routes)
        )
        return replace(route, closures=closures)

    def secret(self, text: str) -> str:
        """What the file holds that a policy names as `${NAME}`."""
        return self.environment[variable(text) or ""]

    def shown(self) -> Credentials:
        """What the pack's service asks for."""
        policy, security = self.policy, self.policy.security
        return Credentials(
            Security(security.username, self.secret(security.password_file), security.digest)
            if security
            else None,
            self.secret(policy.digest.key_file) if policy.digest else "",
            self.secret(policy.message_key_file) if policy.message_key_file else "",
        )

    def codec(self, operation: str) -> Codec:
        if operation not in self.codecs:
            self.codecs[operation] = self.contract.codec(operation, self.credentials)
        return self.codecs[operation]

    def route(self, policy: RoutePolicy, settling: Settling | None) -> Route:
        operation = self.contract.operations[policy.operation]
        effect = _effect(policy.effect)
        names = variables(policy.template)
        in_body = policy.method in WITH_BODY
        subject = policy.subject
        constants = self.constants(constants_of(self.policy, policy), operation.input)
        inputs = decided(operation.input, _sent(policy, constants))
        request = Request(self.policy, inputs, names, in_body)
        fields = request.fields(policy.request)
        schema = request.schema(policy.request)
        if policy.page is not None:
            schema["properties"][PAGE] |= {"minimum": FIRST, "description": PAGE_TOLD}
        path = {name: schema["properties"].pop(name) for name in names}
        schema["required"] = [name for name in schema["required"] if name not in names]
        body = schema if in_body and schema["properties"] else None
        query = schema if not in_body and schema["properties"] else None
        start = end_of(operation.output, policy.reply)
        compiler = Response(self.policy)
        response = compiler.schema(policy.response, start)
        # With its next page a response is no longer the shape that it is named after.
        named = (*policy.at, "response") if policy.page is None else ()
        shapes = dict(compiler.shapes(policy.response, start, named))
        if policy.page is not None:
            response["properties"][NEXT] = dict(NEXT_SCHEMA)
        return Route(
            id=policy.id,
            about=policy.about,
            told=self.policy.glossary.routes.get(policy.id, "") if self.policy.glossary else "",
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
                constants=constants,
                serial=policy.serial,
                subject=subject.request if subject else None,
                carried=settling.carried() if settling else (),
            ),
            operation=policy.operation,
            codec=self.codec(policy.operation),
            endpoints=self.endpoints,
            upstream=self.policy.upstream.group,
            outcomes=outcome_of(self.policy, policy),
            inbound=self.inbound(policy),
            response=JsonSchema(response),
            document=document_of(self.policy, policy),
            subject=Subject(subject.reply) if subject else None,
            inquiry_of=None,
            comparison=settling.compared() if settling else None,
            question=None,
            after_payment=policy.after_payment,
            schemas=Schemas(path, query, body, response, shapes),
            paged=policy.page is not None,
            tells_closed=tells_closed(policy.response),
            unlisted=_unlisted(policy),
        )

    def inquiry(self, asks: str, settling: Settling, write: Route, reads: ReadsEnd) -> Route:
        """The read that asks how a write ended, answered at the operations resource."""
        operation = self.contract.operations[asks]
        response = end_schema(
            write.schemas.response, settling.refusals(), after_payment=write.after_payment
        )
        query = query_schema(required=bool(settling.carried()))
        subject = write.subject
        return Route(
            id=inquiry_id(write.id),
            about=f"How a call of {write.id} ended",
            told=INQUIRY_TOLD,
            service=self.policy.service,
            method="GET",
            template=template(write.id),
            effect="read",
            status=200,
            deadline=INQUIRY_DEADLINE,
            rate=None,
            shape=_shape(tuple(PATH_SCHEMA), query, None),
            outbound=settling.asking(self.constants(self.policy.constants, operation.input)),
            operation=operation.name,
            codec=self.codec(operation.name),
            endpoints=self.endpoints,
            upstream=self.policy.upstream.group,
            outcomes=self.policy.outcome,
            inbound=reads,
            response=JsonSchema(response),
            document=None,
            subject=Subject(subject.reply and settling.subject(subject.reply)) if subject else None,
            inquiry_of=write.id,
            comparison=settling.repeated(),
            question=None,
            after_payment=False,
            schemas=Schemas(PATH_SCHEMA, query, None, response, write.schemas.shapes),
            unlisted=write.unlisted,
        )

    def constants(self, constants: Constants, inputs: Element) -> tuple[Constant, ...]:
        """Those that are arguments of an operation."""
        return tuple(
            Constant(
                target,
                one.text if one.secret is None else self.secret(one.secret),
                one.by_client or {},
                format_of(one.now) if one.now is not None else None,
            )
            for target, one in constants.items()
            if leaf(inputs, target) is not None
        )

    def inbound(self, policy: RoutePolicy) -> Inbound:
        output = self.contract.operations[policy.operation].output
        nodes = Response(self.policy).nodes(policy.response, end_of(output, policy.reply))
        if policy.page is not None:
            nodes = (*nodes, NextPage(NEXT, policy.page.pages))
        return Inbound(nodes, policy.reply, self.policy.empties, filter_of(policy))


def _sent(policy: RoutePolicy, constants: Iterable[Constant]) -> list[Steps]:
    """The arguments that a route has a source for."""
    sent = [field.hospital for field in flat(policy.request) if field.kind == "value"]
    sent += [constant.target for constant in constants]
    if policy.serial is not None:
        sent.append(policy.serial)
    if policy.subject is not None and policy.subject.request is not None:
        sent.append(policy.subject.request)
    return sent


def _unlisted(policy: RoutePolicy) -> tuple[str, ...]:
    """The fields of the response in which codes may come that their tables do not name."""
    names = (field.name for field in flat(policy.response) if field.unlisted is not None)
    return tuple(dict.fromkeys(names))


def _effect(effect: Effect) -> Literal["read", "keyed", "matched"]:
    """What is served. Whatever else an effect may come to be, it is never taken for a read."""
    match effect:
        case "read" | "keyed" | "matched":
            return effect
        case _:
            raise LookupError(effect)


def _shape(names: tuple[str, ...], query: Schema | None, body: Schema | None) -> RequestShape:
    types = {
        name: schema["type"]
        for name, schema in (query or {}).get("properties", {}).items()
        if schema["type"] != "string"
    }
    return RequestShape(
        names, JsonSchema(query) if query else None, JsonSchema(body) if body else None, types
    )
