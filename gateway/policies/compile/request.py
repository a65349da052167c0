"""The fields of a request, compiled against an operation's input."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from gateway.policies.compile.values import described, object_schema, sentences, value_converter
from gateway.policies.model import FieldPolicy, Policy, Steps, flat
from gateway.policies.resolve import chain_of, type_of
from gateway.soap.elements import Element, always
from gateway.translation.outbound import Field, Items, Location
from gateway.translation.schemas import Schema
from gateway.translation.values import Converter

MOST_ITEMS = 100
"""Entries of a list that the contract sets no bound to."""


@dataclass(frozen=True, slots=True)
class Request:
    """Compiles request fields against an operation's input."""

    policy: Policy
    inputs: Element
    variables: tuple[str, ...]
    in_body: bool

    def fields(
        self, fields: tuple[FieldPolicy, ...], above: tuple[str, ...] = ()
    ) -> tuple[Field | Items, ...]:
        found: list[Field | Items] = []
        for field in fields:
            name = (*above, field.name)
            target = field.hospital[len(field.start) :]
            if field.kind == "object":
                found.extend(self.fields(field.fields, name))
            elif field.kind == "each":
                found.append(Items(name, target, self.fields(field.fields)))
            elif field.kind == "values":
                entry = Field("body", (), (), self.converter(field))
                found.append(Items(name, target, (entry,)))
            else:
                found.append(
                    Field(
                        location="body" if field.start else self.location(name),
                        name=name,
                        target=target,
                        converter=self.converter(field),
                        default=field.default,
                        empty=field.empty,
                        of=(*above, field.of) if field.of else None,
                    )
                )
        return tuple(found)

    def schema(self, fields: tuple[FieldPolicy, ...], above: Steps = ()) -> Schema:
        """The object of these fields, which stands for the group of arguments at `above`."""
        properties: dict[str, Any] = {}
        required: list[str] = []
        for field in fields:
            properties[field.name] = self.field_schema(field)
            if self.needed(field, above):
                required.append(field.name)
        return object_schema(properties, required)

    def field_schema(self, field: FieldPolicy) -> Schema:
        return described(self.policy, field, self._bare_schema(field))

    def _bare_schema(self, field: FieldPolicy) -> Schema:
        match field.kind:
            case "object":
                return self.schema(field.fields, _group(field))
            case "each":
                return self.list_schema(field, self.schema(field.fields, field.hospital))
            case "values":
                return self.list_schema(field, dict(self.converter(field).schema))
        schema = dict(self.converter(field).schema)
        if field.default is not None:
            schema["description"] = sentences(
                schema.get("description"), f"By default {_day(field.default)}"
            )
        return schema

    def list_schema(self, field: FieldPolicy, items: Schema) -> Schema:
        """As many as the contract takes, and never more than a request should hold."""
        element = chain_of(self.inputs, field.hospital)[-1]
        most = MOST_ITEMS if element.max_occurs is None else element.max_occurs
        schema: Schema = {"type": "array", "items": items, "maxItems": most}
        if element.min_occurs:
            schema["minItems"] = element.min_occurs
        return schema

    def needed(self, field: FieldPolicy, above: Steps) -> bool:
        """Whether the contract needs the argument, once the group around it is there."""
        if field.kind == "object":
            return any(self.needed(one, above) for one in field.fields)
        if field.default is not None or field.empty is not None:
            return False
        chain = chain_of(self.inputs, field.hospital)[len(above) :]
        # Where the contract requires the group around a list, an empty list brings the group.
        around = chain[:-1] if field.kind in ("each", "values") and len(chain) > 1 else chain
        return always(around)

    def location(self, name: tuple[str, ...]) -> Location:
        if name[0] in self.variables:
            return "path"
        return "body" if self.in_body else "query"

    def converter(self, field: FieldPolicy) -> Converter:
        return value_converter(self.policy, field, type_of(self.inputs, field.hospital))


def _day(default: str) -> str:
    """`today` or `today+7d` in words."""
    days = default.removeprefix("today").strip("+d")
    return f"{days} days after today" if days else default


def _group(field: FieldPolicy) -> Steps:
    """The innermost group of arguments that holds all that an object's fields lead to."""
    parents = [one.hospital[:-1] for one in flat(field.fields) if one.is_argument]
    shared = takewhile(lambda level: len(set(level)) == 1, zip(*parents, strict=False))
    return tuple(level[0] for level in shared)
