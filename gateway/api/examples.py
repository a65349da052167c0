"""Examples in the API document: what packs state of their routes, in OpenAPI's form."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.problems import TYPES

Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Example:
    """One request and its answer: `response` is a success's body, `problem` a problem's slug.

    `path` holds the variables of the path, `query` the parameters as they stand in a URL, `request`
    the body or None.
    """

    name: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    request: object | None
    status: int
    problem: str | None
    response: object | None
    outcome: str | None
    message: str | None
    refund_required: bool


def path_example(examples: Sequence[Example], name: str) -> Node:
    """The `example` of a path parameter; empty where no example has succeeded."""
    for example in examples:
        if example.problem is None:
            return {"example": example.path[name]}
    return {}


def query_example(examples: Sequence[Example], name: str, schema: Mapping[str, Any]) -> Node:
    """The `example` of a query parameter; empty where none that has succeeded states it."""
    for example in examples:
        if example.problem is None and name in example.query:
            text = example.query[name]
            return {"example": text if schema["type"] == "string" else json.loads(text)}
    return {}


def request_examples(examples: Sequence[Example]) -> Node:
    """The `examples` of a request body: those that succeed."""
    return _named(
        {one.name: one.request for one in examples if one.problem is None and one.request}
    )


def response_examples(examples: Sequence[Example]) -> Node:
    """The `examples` of a success's body."""
    return _named({one.name: one.response for one in examples if one.problem is None})


def problem_examples(examples: Sequence[Example], status: int) -> Node:
    """The `examples` of a status's problems."""
    return _named(
        {
            one.name: _problem(one, one.problem)
            for one in examples
            if one.problem is not None and one.status == status
        }
    )


def _problem(example: Example, slug: str) -> Node:
    kind = TYPES[slug]
    problem: Node = {
        "type": kind.uri,
        "title": kind.title,
        "status": kind.status,
        "detail": kind.detail,
        "instance": "881ed422-2d06-4816-9895-223386ec04d9",
        "retryable": kind.retryable,
    }
    if example.outcome is not None:
        problem["outcome"] = example.outcome
    if example.message is not None:
        problem["message"] = example.message
    if example.refund_required:
        problem["refundRequired"] = True
    return problem


def _named(values: Mapping[str, object]) -> Node:
    return (
        {"examples": {name: {"value": value} for name, value in values.items()}} if values else {}
    )
