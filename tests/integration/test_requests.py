"""A replica and what callers send: nothing that should not reaches the hospital."""

from __future__ import annotations

import pytest

from tests import replies
from tests.integration.replicas import Replica, new_key
from tests.integration.stub import Stub, answering
from tests.replies import CARD, DOCUMENT, NAME, ORDER, OTHER_CARD, PHONE, SLOT

PERSON = {
    "name": NAME,
    "documentType": "identity-card",
    "documentNumber": DOCUMENT,
    "phone": PHONE,
    "sex": "female",
    "birthDate": "1949-12-31",
    "verificationMethod": "real-name",
    "verifiedAt": "2031-03-14T01:00:00Z",
    "relation": "self",
}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Edge-Proof": "a guess"},
        {"Client-Certificate-Fingerprint": "ab" * 32},
    ],
)
def test_a_bare_replica_knows_nobody(replica: Replica, stub: Stub, headers: dict[str, str]) -> None:
    """Without the edge's proof there is no client, whatever the headers say."""
    known = replica.edge_headers
    for path in ("/v1/departments", "/openapi.json", "/v1/nothing"):
        answer = replica.send_raw("GET", path, b"", headers)
        assert answer.status == 401
        without_proof = {name: known[name] for name in known if name != "Edge-Proof"}
        assert replica.send_raw("GET", path, b"", without_proof | headers).status == 401
    assert stub.calls == []


def test_the_api_document_and_its_pages_are_for_known_clients(replica: Replica) -> None:
    """Served by the replica itself."""
    document = replica.call("GET", "/openapi.json")
    assert document.json["openapi"].startswith("3.1")
    assert replica.call("GET", "/problems/key-reused").status == 200


@pytest.mark.parametrize(
    "sealed_for",
    [
        {"client": "clinic-kiosk", "card": CARD},
        {"client": "booking", "card": OTHER_CARD},
        {"client": "booking", "card": ""},
    ],
)
def test_an_id_of_another_client_or_card_is_refused_before_any_call(
    replica: Replica, stub: Stub, sealed_for: dict[str, str]
) -> None:
    """It does not exist, and the hospital is not asked."""
    token = replica.seal("appointment", ORDER, **sealed_for)
    for method, path, key in (
        ("GET", f"/v1/appointments/{token}", None),
        ("POST", f"/v1/appointments/{token}/cancellation", new_key()),
    ):
        answer = replica.call(method, path, {} if key else None, card=CARD, key=key)
        assert answer.status == 404
    foreign = {"Patient-Card": replica.seal("card", CARD, client="clinic-kiosk")}
    assert replica.call("GET", "/v1/patient-card", headers=foreign).status == 404
    made_up = {"Patient-Card": "A" * 40}
    assert replica.call("GET", "/v1/patient-card", headers=made_up).status == 404
    assert stub.calls == []


def test_every_fault_of_a_request_has_its_pointer(replica: Replica, stub: Stub) -> None:
    """All at once, without a value, in the caller's language."""
    wrong = {
        **PERSON,
        "documentNumber": "110101199003071234567890-too-long-for-it",
        "sex": "none",
        "birthDate": "31.12.1949",
        "phone": 5,
        "relation": None,
        "unknown": 1,
        "guardian": {"name": NAME},
    }
    answer = replica.call(
        "POST", "/v1/patient-cards", wrong, key=new_key(), headers={"Accept-Language": "zh"}
    )
    assert answer.status == 422
    assert {error["pointer"] for error in answer.json["errors"]} == {
        "/documentNumber", "/sex", "/birthDate", "/phone", "/relation", "/unknown",
        "/guardian/documentType", "/guardian/documentNumber",
    }  # fmt: skip
    assert NAME not in answer.body.decode()
    assert stub.calls == []


def test_a_number_off_the_standard_and_a_day_out_of_reach_are_the_callers(
    replica: Replica, stub: Stub
) -> None:
    """What no schema can say is told in the same way."""
    wrong = {**PERSON, "documentNumber": DOCUMENT[:-1] + "1"}
    answer = replica.call("POST", "/v1/patient-cards", wrong, key=new_key())
    assert [error["pointer"] for error in answer.json["errors"]] == ["/documentNumber"]
    answer = replica.call("GET", "/v1/schedules?departmentId=0101&from=1999-01-01")
    assert (answer.status, [error["pointer"] for error in answer.json["errors"]]) == (
        422, ["/from"],
    )  # fmt: skip
    assert stub.calls == []


def test_a_moment_goes_out_as_the_hospitals_wall_clock(replica: Replica, stub: Stub) -> None:
    """Though the replica's machine stands in another zone."""
    stub.will("CreateCard", answering(replies.reply("CreateCard", replies.card())))
    answer = replica.call("POST", "/v1/patient-cards", PERSON, key=new_key())
    assert answer.status == 201
    assert b"<ns0:VerifyTime>2031-03-14T09:00:00</ns0:VerifyTime>" in stub.calls[0][1]
    assert answer.json["verifiedAt"] == "2031-03-14T09:00:00+08:00"


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        ("Request-Timeout", "0", 400),
        ("Request-Timeout", "-1", 400),
        ("Request-Timeout", "soon", 400),
        ("Request-Timeout", "0.000001", 503),
        ("Content-Encoding", "gzip", 415),
        ("Expect", "200-ok", 417),
    ],
)
def test_a_header_that_makes_no_sense_reaches_nobody(
    replica: Replica, stub: Stub, header: str, value: str, status: int
) -> None:
    """A deadline that has passed makes no call either."""
    answer = replica.call("GET", "/v1/departments", headers={header: value})
    assert (answer.status, stub.calls) == (status, [])


def test_nothing_of_a_person_is_ever_logged(replica: Replica, stub: Stub) -> None:
    """After successes, refusals, rejections and replies that break inside a person's data."""
    good = replies.reply("CreateCard", replies.card())
    stub.will(
        "CreateCard",
        answering(good),
        answering(replies.reply("CreateCard", code="2008")),
        answering(good.replace(PHONE.encode(), b"not a phone " + PHONE.encode())),
        answering(good[:-40]),
        answering(replies.fault(), status=500),
    )
    stub.will("QueryOrder", answering(replies.reply("QueryOrder", replies.order())))
    keys = [new_key() for _ in range(5)]
    for key in keys:
        replica.call("POST", "/v1/patient-cards", PERSON, key=key)
    replica.call("POST", "/v1/patient-cards", {**PERSON, "phone": NAME}, key=keys[0])
    replica.call("POST", "/v1/patient-cards", {NAME: DOCUMENT}, key=keys[0])
    replica.call("GET", f"/v1/practitioners/{PHONE}")
    replica.call("GET", f"/v1/departments?name={DOCUMENT}")
    replica.send_raw("POST", f"/v1/{PHONE}", NAME.encode(), {"X-Name": PHONE})
    token = replica.seal("appointment", ORDER, card=CARD)
    last = replica.call("GET", f"/v1/appointments/{token}", card=CARD)
    assert last.status == 200
    replica.logged(request_id=last.headers["request-id"])
    assert replica.child is not None
    written = replica.child.output()
    secrets = (NAME, PHONE, DOCUMENT, CARD, ORDER, SLOT, token, replies.MESSAGE, *keys)
    assert [secret for secret in secrets if secret in written] == []
    escaped = NAME.encode("unicode_escape").decode()
    assert escaped not in written
    figures = replica.admin("/metrics")[1]
    assert [secret for secret in secrets if secret in figures] == []
