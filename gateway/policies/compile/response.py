"""The fields of a response, compiled against the element that their paths start in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gateway.policies.compile.values import described, object_schema, value_converter
from gateway.policies.load import Keys
from gateway.policies.model import FieldPolicy, Policy, RoutePolicy
from gateway.policies.resolve import chain_of, end_of, type_of
from gateway.soap.elements import Element, always
from gateway.translation.inbound import (
    CLOSED_SCHEMA,
    Each,
    Filter,
    Fixed,
    Group,
    Held,
    Leaf,
    Node,
)
from gateway.translation.schemas import Schema
from gateway.translation.values import Converter


def filter_of(policy: FieldPolicy | RoutePolicy) -> Filter | None:
    """What a list or a route keeps back, if anything."""
    if not policy.only and not policy.withhold:
        return None
    return Filter(policy.only, policy.withhold)


@dataclass(frozen=True, slots=True)
class Response:
    """Compiles response fields against the element that their paths start in."""

    policy: Policy

    def nodes(self, fields: tuple[FieldPolicy, ...], start: Element) -> tuple[Node, ...]:
        return tuple(self.node(field, start) for field in fields)

    def node(self, field: FieldPolicy, start: Element) -> Node:
        if field.kind == "fixed":
            return Fixed(field.name, field.value)
        if field.kind == "gateway":
            return Held(field.name)
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
            return Each(field.name, field.hospital, inner, filter_of(field))
        return Group(field.name, field.hospital, inner, self.optional(field, start))

    def schema(self, fields: tuple[FieldPolicy, ...], start: Element) -> Schema:
        properties: dict[str, Any] = {}
        required: list[str] = []
        for field in fields:
            properties[field.name] = self.field_schema(field, start)
            if not self.optional(field, start):
                required.append(field.name)
        return object_schema(properties, required)

    def shapes(
        self, fields: tuple[FieldPolicy, ...], start: Element, at: Keys
    ) -> Iterator[tuple[str, Schema]]:
        """Each shape that is named at the place of the fields or inside, with what it is here."""
        name = self.policy.shape_uses.get(at)
        if name is not None:
            yield name, self.schema(fields, start)
        for field in fields:
            if field.kind in ("each", "object"):
                inner = end_of(start, field.hospital)
                yield from self.shapes(field.fields, inner, (*field.at, "fields"))

    def field_schema(self, field: FieldPolicy, start: Element) -> Schema:
        return described(self.policy, field, self._bare_schema(field, start))

    def _bare_schema(self, field: FieldPolicy, start: Element) -> Schema:
        if field.kind == "fixed":
            return {"type": "string", "const": field.value}
        if field.kind == "gateway":
            return dict(CLOSED_SCHEMA)
        if field.kind == "value":
            schema = dict(self.converter(field, start).schema)
            if schema["type"] == "string" and not schema.keys() & {"enum", "pattern", "minLength"}:
                schema["minLength"] = 1
            return schema
        inner = self.schema(field.fields, end_of(start, field.hospital))
        return {"type": "array", "items": inner} if field.kind == "each" else inner

    def optional(self, field: FieldPolicy, start: Element) -> bool:
        """Whether the member may be missing; an object also when nothing is in it."""
        if field.kind in ("fixed", "gateway", "each"):
            return False
        if field.optional is not None:
            return field.optional
        if not always(chain_of(start, field.hospital)):
            return True
        inner = end_of(start, field.hospital)
        return field.kind == "object" and all(self.optional(one, inner) for one in field.fields)

    def converter(self, field: FieldPolicy, start: Element) -> Converter:
        return value_converter(self.policy, field, type_of(start, field.hospital))
