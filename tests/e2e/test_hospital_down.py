"""With the hospital stopped every route says so; nothing is made up, and replicas stay ready."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from sandbox.stack import CHECKOUT, Stack
from tests.e2e.cloud import Cloud
from tests.e2e.hospital import Hospital, moment

POLICY = CHECKOUT / "contracts" / "registration" / "policy.yaml"
PERSON = {
    "name": "试停", "documentType": "passport", "documentNumber": "T00000001",
    "phone": "13800000001",
}  # fmt: skip
CARD = {
    **PERSON, "sex": "male", "birthDate": "1980-01-01", "verificationMethod": "real-name",
    "verifiedAt": "2026-01-05T09:30:00+08:00", "relation": "self",
}  # fmt: skip


@pytest.fixture(scope="module")
def requests(cloud: Cloud, hospital: Hospital) -> dict[str, tuple[str, str, Any]]:
    """A good request for every route of the pack, made while the hospital is up, and the card."""
    person = {**PERSON, "documentNumber": "T00000002"}
    card = cloud.call("POST", "/v1/patient-cards", {**CARD, **person}).json["id"]
    slots = hospital.rows(
        "SELECT t.code FROM slot t JOIN schedule s ON s.code = t.schedule_code"
        " JOIN department d ON d.code = s.dept_code WHERE d.kind IN ('1', '2') AND NOT s.stopped"
        " AND s.release_time <= ?1 AND s.clinic_date > ?1 ORDER BY s.clinic_date DESC",
        hospital.now().replace("T", " "),
    )
    holds = (cloud.call("POST", f"/v1/slots/{slot['code']}/holds", card=card) for slot in slots)
    hold = next(held.json["id"] for held in holds if held.status == 201)
    made = cloud.call("POST", "/v1/appointments", {"holdId": hold}, card=card).json
    payment = {
        "channel": "wechat", "transaction": "T0000000000000001", "amount": made["fee"],
        "paidAt": moment(hospital.now()),
    }  # fmt: skip
    bodies: dict[str, Any] = {
        "create-card": CARD, "find-card": PERSON, "create-appointment": {"holdId": hold},
        "pay-appointment": payment, "cancel-appointment": {},
    }  # fmt: skip
    queries = {
        "list-changes": "?from=2026-11-23T00:00:00Z&to=2026-11-24T00:00:00Z",
        "list-schedules": "?departmentId=0101",
    }
    ready: dict[str, tuple[str, str, Any]] = {"card": ("", card, None)}
    for route in yaml.safe_load(POLICY.read_text("utf-8"))["routes"]:
        method, path = route["rest"].split(" ")
        of_appointment = "appointments" in path
        for name, value in {
            "{slotId}": slots[0]["code"], "{holdId}": hold, "{date}": "2026-11-23",
            "{id}": made["id"] if of_appointment else "01010000",
        }.items():  # fmt: skip
            path = path.replace(name, value)
        path += queries.get(route["id"], "")
        ready[route["id"]] = (method, path, bodies.get(route["id"]))
    return ready


@pytest.fixture
def stopped(
    stack: Stack, hospital: Hospital, requests: dict[str, tuple[str, str, Any]]
) -> Iterator[None]:
    """The hospital is down; afterwards it is up again, at the time that it had."""
    assert len(requests) > 20
    before = hospital.now()
    stack.stop_hospital()
    try:
        yield
    finally:
        stack.start_hospital()
        hospital.control("POST", "/clock", {"now": before})


@pytest.mark.usefixtures("stopped")
def test_every_route_says_that_the_hospital_is_not_there(
    cloud: Cloud, stack: Stack, requests: dict[str, tuple[str, str, Any]]
) -> None:
    """503 for each, with when to try again, and a write was not sent; replicas stay ready."""
    card = requests["card"][1]
    for route, (method, path, body) in requests.items():
        if route == "card":
            continue
        answer = cloud.call(method, path, body, card=card)
        told = (route, answer.status, answer.body.decode())
        assert answer.status == 503, told
        assert answer.json["type"] in ("/problems/not-sent", "/problems/circuit-open"), told
        assert int(answer.headers["retry-after"]) >= 1
        if method != "GET" and route != "find-card":
            assert answer.json["outcome"] == "not-sent", told
    for replica in (1, 2, 3):
        with urllib.request.urlopen(stack.admin_url(replica) + "/readyz", timeout=10) as ready:
            assert ready.status == 200
