"""The API document that a snapshot's routes make."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from gateway.api.document import api_document
from gateway.packs import load_snapshot
from gateway.policies.snapshot import Snapshot
from gateway.problems import TYPES
from gateway.rest.pages import pages
from tests.environment import environment

CONTRACTS = Path(__file__).parents[3] / "contracts"


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment().items():
            patch.setenv(name, value)
        return load_snapshot(CONTRACTS)


@pytest.fixture(scope="module")
def openapi(snapshot: Snapshot) -> dict[str, Any]:
    return api_document(CONTRACTS, snapshot)


PROMISED = """
    GET /v1/appointments
    POST /v1/appointments
    GET /v1/appointments/{id}
    POST /v1/appointments/{id}/cancellation
    POST /v1/appointments/{id}/payments
    POST /v1/appointments/{id}/take-number
    GET /v1/bills
    GET /v1/bills/{id}
    GET /v1/booking-rules
    GET /v1/changes
    GET /v1/departments
    GET /v1/departments/{id}/practitioners
    DELETE /v1/holds/{holdId}
    GET /v1/invoices
    GET /v1/invoices/{id}
    GET /v1/invoices/{id}/document
    GET /v1/patient-card
    POST /v1/patient-cards
    POST /v1/patient-cards/search
    POST /v1/payments
    GET /v1/payments/{id}
    POST /v1/payments/{id}/refunds
    GET /v1/practitioners/{id}
    GET /v1/refunds/{id}
    GET /v1/reports
    GET /v1/reports/{id}
    GET /v1/schedules
    GET /v1/schedules/{id}/slots
    POST /v1/settlements
    POST /v1/slots/{slotId}/holds
    GET /v1/statements/{date}
    GET /v1/status
"""
"""What is promised to booking platforms; each write can be asked about."""


def operations(openapi: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        operation["operationId"]: operation
        for path in openapi["paths"].values()
        for operation in path.values()
    }


def test_document_is_valid_openapi_3_1(openapi: dict[str, Any]) -> None:
    """Schemas, references and parameters hold, by an independent judge."""
    assert openapi["openapi"].startswith("3.1.")
    validate(openapi)


def test_document_has_every_route_at_its_method_and_path(
    snapshot: Snapshot, openapi: dict[str, Any]
) -> None:
    """Nothing is served that is not published, and the reverse."""
    published = {
        (operation["operationId"], method.upper(), path)
        for path, methods in openapi["paths"].items()
        for method, operation in methods.items()
    }
    assert published == {(route.id, route.method, route.template) for route in snapshot.routes}


def test_every_promised_route_is_published_and_every_write_can_be_asked_about(
    openapi: dict[str, Any],
) -> None:
    """A route that goes missing breaks the platforms that call it."""
    published = {
        f"{method.upper()} {path}": operation["operationId"]
        for path, methods in openapi["paths"].items()
        for method, operation in methods.items()
    }
    promised = {line.strip() for line in PROMISED.strip().splitlines()}
    asking = {one for one in published if "/v1/operations/" in one}
    assert published.keys() - asking == promised
    writes = promised - {"POST /v1/patient-cards/search", "POST /v1/settlements"}
    assert asking == {
        f"GET /v1/operations/{published[one]}/{{idempotencyKey}}"
        for one in writes
        if not one.startswith("GET ")
    }


def test_document_is_the_same_each_time(snapshot: Snapshot, openapi: dict[str, Any]) -> None:
    """A committed copy changes only when a policy does."""
    assert json.dumps(api_document(CONTRACTS, snapshot)) == json.dumps(openapi)


def test_parameters_and_body_are_those_of_the_route(
    snapshot: Snapshot, openapi: dict[str, Any]
) -> None:
    """Path, query, card and key as validation and admission ask them."""
    told = operations(openapi)
    for route in snapshot.routes:
        operation = told[route.id]
        named = {(one["in"], one["name"]) for one in operation["parameters"] if "in" in one}
        query = route.schemas.query or {"properties": {}}
        assert named == {("path", name) for name in route.shape.path} | {
            ("query", name) for name in query["properties"]
        }
        references = {
            one["$ref"].rpartition("/")[2] for one in operation["parameters"] if "$ref" in one
        }
        assert ("PatientCard" in references) == (route.subject is not None)
        assert ("IdempotencyKey" in references) == route.writes
        assert ("requestBody" in operation) == (route.shape.body is not None)


def test_write_tells_of_the_unknown_outcome_and_how_to_call_it(
    snapshot: Snapshot, openapi: dict[str, Any]
) -> None:
    """A 202 with its Location, 428 without a key; a read has neither. Any answer may be late."""
    told = operations(openapi)
    for route in snapshot.routes:
        operation = told[route.id]
        responses = operation["responses"]
        assert str(route.status) in responses
        assert ("202" in responses) == route.writes
        assert ("428" in responses) == route.writes
        assert "504" in responses
        line = f"dmz-gateway call {route.method} {route.template}"
        assert (line in operation.get("description", "")) == route.writes


def test_problem_responses_name_every_type_they_stand_for(openapi: dict[str, Any]) -> None:
    """The reader of a status finds what it may mean."""
    for name, response in openapi["components"]["responses"].items():
        status = int(name.removeprefix("Problem"))
        for kind in TYPES.values():
            assert (f"]({kind.uri})" in response["description"]) == (kind.status == status)


def fields(node: Any, at: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every property that a schema somewhere in `node` has, and every parameter, by its place."""
    if isinstance(node, list):
        for index, one in enumerate(node):
            yield from fields(one, f"{at}/{index}")
    elif isinstance(node, dict):
        if "in" in node and "name" in node:
            yield f"{at}/{node['name']}", node
        for name, value in node.items():
            if name in ("example", "examples"):
                continue
            if name == "properties":
                yield from ((f"{at}/{one}", schema) for one, schema in value.items())
            yield from fields(value, f"{at}/{name}")


def test_every_field_and_parameter_is_told(openapi: dict[str, Any]) -> None:
    """A client is built from the document alone."""
    told = list(fields(openapi, ""))
    assert len(told) > 400
    assert [place for place, field in told if not field.get("description")] == []


def test_route_says_how_long_and_how_often(openapi: dict[str, Any]) -> None:
    """What a client sets its own patience by, beside what the policy says of it."""
    told = operations(openapi)["find-card"]["description"]
    assert told.startswith("All that is given has to fit")
    assert "Takes at most 5 s; the answer is then 504." in told
    assert "More than 30 calls in 60 s may be answered 429, sooner or later: each replica" in told
    assert "is then 202" in operations(openapi)["hold-slot"]["description"]


def test_refusals_of_a_route_are_those_of_its_service(
    snapshot: Snapshot, openapi: dict[str, Any]
) -> None:
    """What the hospital cannot answer here is not told as if it could."""
    told = operations(openapi)
    for route in snapshot.routes:
        can = set() if route.asks else {one.type for one in route.outcomes.refused.values()}
        if route.question is not None:
            can.add(route.question.otherwise)
        can.discard("not-found")
        described = told[route.id]["responses"].get("409", {"description": ""})["description"]
        assert set(re.findall(r"\(/problems/([a-z-]+)\)", described)) == can


def test_asking_tells_the_refusals_that_the_write_may_end_in(openapi: dict[str, Any]) -> None:
    """What a hospital cannot have refused it for is not among them."""
    told = operations(openapi)["operations-create-payment"]["responses"]["200"]["content"]
    problem = told["application/json"]["schema"]["properties"]["problem"]
    assert problem["properties"]["type"]["enum"] == [
        "/problems/already-paid",
        "/problems/key-reused",
    ]


def test_query_parameters_show_how_they_are_written(openapi: dict[str, Any]) -> None:
    """As a pack's example asks."""
    parameters = operations(openapi)["list-changes"]["parameters"]
    shown = {one["name"]: one.get("example") for one in parameters if one.get("in") == "query"}
    assert shown == {
        "from": "2026-03-02T08:00:00+08:00",
        "to": "2026-03-02T09:00:00+08:00",
        "kind": None,
    }


def test_shared_shape_is_one_component(openapi: dict[str, Any]) -> None:
    """A generated client gets one class for what several routes answer with."""
    references = json.dumps(openapi["paths"]).count("#/components/schemas/Appointment")
    assert references > 1


def test_pages_load_nothing_from_elsewhere(openapi: dict[str, Any]) -> None:
    """What the page names is among the pages; the policy forbids the rest."""
    shown = pages(openapi)
    index = shown["/docs/"].body.decode()
    for quoted in index.split('"')[1::2]:
        if quoted.startswith("/"):
            assert quoted in shown
    assert "//" not in index
    for answer in shown.values():
        headers = dict(answer.headers)
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
    assert json.loads(shown["/openapi.json"].body) == openapi
    assert b'supportedSubmitMethods: ["get"]' in shown["/docs/start.js"].body


def test_every_problem_type_leads_to_a_page_in_both_languages(openapi: dict[str, Any]) -> None:
    """`type` is a reference that answers."""
    shown = pages(openapi)
    for kind in TYPES.values():
        page = shown[kind.uri].body.decode()
        assert kind.title in page
        assert kind.title_zh in page
        assert kind.detail_zh in page


def test_page_package_reads_openapi_3_1() -> None:
    """Swagger UI 4 shows an error instead of a 3.1 document."""
    shown = pages({})
    assert b"isOAS31" in shown["/docs/swagger-ui-bundle.js"].body


def test_problems_of_the_edge_are_told_too(openapi: dict[str, Any]) -> None:
    """A client meets them at the same address, and knows no difference."""
    edge = (CONTRACTS.parent / "haproxy" / "haproxy.cfg").read_text()
    used = set(re.findall(r"/problems/[a-z-]+", edge))
    assert used <= set(openapi["components"]["schemas"]["Problem"]["properties"]["type"]["enum"])


@pytest.mark.parametrize(
    ("route", "component"),
    [
        ("list-schedules", "Schedule"),
        ("list-slots", "Slot"),
        ("list-invoices", "InvoiceSummary"),
        ("get-statement", "StatementRecord"),
    ],
)
def test_rows_that_the_policy_names_are_components(
    route: str, component: str, openapi: dict[str, Any]
) -> None:
    """A generated client has a class for a row, be it of one list alone or of one with pages."""
    content = operations(openapi)[route]["responses"]["200"]["content"]["application/json"]
    items = content["schema"]["properties"]["items"]
    assert items["items"] == {"$ref": f"#/components/schemas/{component}"}


def test_shared_shape_is_referred_to_inside_lists_too(openapi: dict[str, Any]) -> None:
    """A list's items and the single thing are one class for a generated client."""
    listed = operations(openapi)["list-appointments"]["responses"]["200"]["content"]
    items = listed["application/json"]["schema"]["properties"]["items"]
    assert items["items"] == {"$ref": "#/components/schemas/Appointment"}


def test_every_route_of_a_policy_shows_an_answer_that_its_schema_allows(
    snapshot: Snapshot, openapi: dict[str, Any]
) -> None:
    """Examples are read more than schemas; those of a request and of problems hold too."""
    told = operations(openapi)
    for route in snapshot.routes:
        operation = told[route.id]
        body = operation.get("requestBody", {}).get("content", {})
        for status, response in [("", {"content": body}), *operation["responses"].items()]:
            for media_type, media in response.get("content", {}).items():
                if route.document is not None and media_type == route.document.media_type:
                    continue  # OpenAPI 3.1 has no schema for bytes
                schema = {**media["schema"], "components": openapi["components"]}
                judge = Draft202012Validator(schema)
                for example in media.get("examples", {}).values():
                    judge.validate(example["value"])
                assert "examples" in media or route.asks or status != str(route.status)


def test_refusals_of_a_route_are_shown_as_the_caller_gets_them(openapi: dict[str, Any]) -> None:
    """Type, title and what is certain; the text is the problem's own."""
    refused = operations(openapi)["hold-slot"]["responses"]["409"]["content"]
    problem = refused["application/problem+json"]["examples"]["slot-taken"]["value"]
    kind = TYPES["slot-taken"]
    assert problem["type"] == kind.uri
    assert problem["detail"] == kind.detail
    assert problem["outcome"] == "refused"
