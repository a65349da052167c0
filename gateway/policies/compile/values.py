"""What requests and responses are made of alike: values, and the schemas of objects."""

from __future__ import annotations

from typing import Any

from gateway.policies.glossary import path_of
from gateway.policies.model import FieldPolicy, Policy
from gateway.policies.resolve import CARD, kind
from gateway.soap.elements import SimpleType
from gateway.translation.schemas import Schema
from gateway.translation.values import (
    Converter,
    code_converter,
    converter,
    open_code_converter,
    sealed_converter,
)


def value_converter(policy: Policy, field: FieldPolicy, simple: SimpleType) -> Converter:
    """The converter of a field that stands for one value of the contract."""
    if field.code is not None and field.unlisted is not None:
        return open_code_converter(policy.codes[field.code], field.name, field.unlisted)
    if field.code is not None:
        return code_converter(policy.codes[field.code])
    if field.sealed is not None:
        return sealed_converter(field.sealed, of_card=field.sealed != CARD)
    return converter(kind(field, simple), simple, pattern=field.format, within=field.within)


def described(policy: Policy, field: FieldPolicy, schema: Schema) -> Schema:
    """The schema of a field, with all that callers are told of it: what the glossary says, what is
    so of each value of its kind, and what its words mean.
    """
    glossary = policy.glossary
    if glossary is None:
        return schema
    said = glossary.field(path_of(policy.source, field.at))
    words = glossary.words.get(field.code or "", {})
    listed = "\n".join(f"* `{word}`: {meaning}" for word, meaning in words.items())
    text = sentences(said, schema.get("description"))
    told = "\n\n".join(part for part in (text, listed) if part)
    return {**schema, "description": told} if told else schema


def sentences(*parts: str | None) -> str:
    """Texts one after the other, each a sentence; what is None or empty is left out."""
    return " ".join(f"{part.rstrip('.')}." for part in parts if part)


def object_schema(properties: dict[str, Any], required: list[str]) -> Schema:
    """An object of these members and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }
