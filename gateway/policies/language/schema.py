"""The words that the language is written in: parts of a JSON Schema (2020-12)."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]


def text(pattern: str, *examples: str) -> Schema:
    """Text of a form; the examples are shown to whoever misses it."""
    return {"type": "string", "pattern": pattern, "examples": list(examples)}


def mapping(of: Schema, names: Schema, **more: Any) -> Schema:
    """An object with names of a form, and the same in each."""
    return {"type": "object", "propertyNames": names, "additionalProperties": of, **more}


def members(properties: Schema, required: tuple[str, ...] = (), **more: Any) -> Schema:
    """An object with these members, and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
        **more,
    }


def cases(*several: tuple[str, Schema], otherwise: Schema) -> Schema:
    """An object with a field that says which case it is; so that errors speak of what was meant."""
    schema = otherwise
    for name, then in reversed(several):
        schema = {"if": {"required": [name]}, "then": then, "else": schema}
    return schema


def or_text(short: Schema, long: Schema) -> Schema:
    """A text, or where that says too little, an object."""
    return {"if": {"type": "object"}, "then": long, "else": short}


def one_or_several(of: Schema) -> Schema:
    """One, or a list of different ones."""
    several = {"type": "array", "items": of, "minItems": 1, "uniqueItems": True}
    return {"if": {"type": "array"}, "then": several, "else": of}


def told(schema: Schema, description: str) -> Schema:
    """The schema with what it is for, in one line."""
    return {**schema, "description": description}
