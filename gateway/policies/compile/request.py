"""The fields of a request, compiled against an operation's input."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from gateway.policies.compile.values import object_schema, value_converter
from gateway.policies.model import FieldPolicy, Policy, Steps, flat
from gateway.policies.resolve import always, chain_of, type_of
from gateway.soap.elements import Element
from gateway.translation.outbound import Field, Location
from gateway.translation.schemas import Schema
from gateway.translation.values import Converter


@dataclass(frozen=True, slots=True)
class Request:
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
            if field.kind == "object":
                properties[field.name] = self.schema(field.fields, _group(field))
            else:
                properties[field.name] = dict(self.converter(field).schema)
                if field.default is not None:
                    properties[field.name]["description"] = f"By default {field.default}."
            if self.needed(field, above):
                required.append(field.name)
        return object_schema(properties, required)

    def needed(self, field: FieldPolicy, above: Steps) -> bool:
        """Whether the contract needs the argument, once the group around it is there."""
        if field.kind == "object":
            return any(self.needed(one, above) for one in field.fields)
        if field.default is not None or field.empty is not None:
            return False
        return always(chain_of(self.inputs, field.hospital)[len(above) :])

    def location(self, name: tuple[str, ...]) -> Location:
        if name[0] in self.variables:
            return "path"
        return "body" if self.in_body else "query"

    def converter(self, field: FieldPolicy) -> Converter:
        return value_converter(self.policy, field, type_of(self.inputs, field.hospital))


def _group(field: FieldPolicy) -> Steps:
    """The innermost group of arguments that holds all that an object's fields lead to."""
    parents = [one.hospital[:-1] for one in flat(field.fields) if one.kind == "value"]
    shared = takewhile(lambda level: len(set(level)) == 1, zip(*parents, strict=False))
    return tuple(level[0] for level in shared)
