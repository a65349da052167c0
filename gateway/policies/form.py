"""The languages that files are written in, and where a file leaves its own."""

from __future__ import annotations

from typing import Any, Final

import jsonschema_rs

from gateway.policies.language import GLOSSARY, LANGUAGE, Schema
from gateway.policies.load import Keys


class Form:
    """A language that files are written in, with what finds the places where one leaves it."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.errors = jsonschema_rs.Draft202012Validator(schema).iter_errors


POLICY_FORM: Final = Form(LANGUAGE)
GLOSSARY_FORM: Final = Form(GLOSSARY)


def place_of(error: jsonschema_rs.ValidationError, data: Any) -> Keys:
    """Where the error is. `instance_path` gives "01" as 1 and leaves the key "" out, so that it
    is walked as far as it leads.
    """
    path: Keys = ()
    for step in error.instance_path:
        found = _step(data, step)
        if found is None:
            break
        path = (*path, found)
        data = data[found]
    return path


def _step(data: Any, step: str | int) -> str | int | None:
    if isinstance(data, list):
        return step if isinstance(step, int) else None
    if not isinstance(data, dict):
        return None
    if step in data:
        return step
    return next((key for key in data if key.isdecimal() and int(key) == step), None)


def schema_of(error: jsonschema_rs.ValidationError, language: Schema) -> Schema:
    """The part of the language that was missed: what holds the keyword of the error."""
    schema: Any = language
    for step in list(error.schema_path)[:-1]:
        schema = schema[step]
    found: Schema = schema
    return found


def known_fields(error: jsonschema_rs.ValidationError, language: Schema) -> list[str]:
    """The fields that could stand where another one does."""
    return sorted(schema_of(error, language)["properties"])
