"""What requests and responses are made of alike: values, and the schemas of objects."""

from __future__ import annotations

from typing import Any

from gateway.policies.model import FieldPolicy, Policy
from gateway.policies.resolve import CARD, kind
from gateway.soap.elements import SimpleType
from gateway.translation.schemas import Schema
from gateway.translation.values import (
    Converter,
    code_converter,
    converter,
    sealed_converter,
)


def value_converter(policy: Policy, field: FieldPolicy, simple: SimpleType) -> Converter:
    """The converter of a field that stands for one value of the contract."""
    if field.code is not None:
        return code_converter(policy.codes[field.code])
    if field.sealed is not None:
        return sealed_converter(field.sealed, of_card=field.sealed != CARD)
    return converter(kind(field, simple), simple, pattern=field.format, within=field.within)


def object_schema(properties: dict[str, Any], required: list[str]) -> Schema:
    """An object of these members and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }
