"""Identity is proven on every hop of the running stack."""

from __future__ import annotations

import ssl
import urllib.error
import urllib.request

import pytest

from sandbox.stack import Stack
from tests.e2e.cloud import Cloud
from tests.e2e.hospital import Hospital


def test_without_a_certificate_the_handshake_fails(stack: Stack) -> None:
    """The edge ends it before any HTTP."""
    with pytest.raises((ssl.SSLError, ConnectionError)):
        Cloud(stack, client=None).call("GET", "/v1/departments")


def test_the_kiosk_may_look_at_departments_and_doctors_and_nothing_else(stack: Stack) -> None:
    """Under a channel of its own; what its scopes leave out never reaches the hospital."""
    kiosk = Cloud(stack, client="clinic-kiosk")
    assert kiosk.get("/v1/departments")["items"]
    before = Hospital(stack).control("GET", "/counters")["calls"]
    for method, path in (
        ("GET", "/v1/booking-rules"),
        ("GET", "/v1/schedules"),
        ("GET", "/v1/patient-card"),
        ("POST", "/v1/patient-cards"),
        ("DELETE", f"/v1/holds/{'A' * 44}"),
    ):
        answer = kiosk.call(method, path)
        assert (answer.status, answer.json["type"]) == (403, "/problems/forbidden"), path
    assert Hospital(stack).control("GET", "/counters")["calls"] == before


def test_a_bare_replica_answers_401(stack: Stack) -> None:
    """Also with the edge's headers forged, and whatever is asked for."""
    for path in ("/v1/departments", "/no/such/path", "/openapi.json"):
        forged = {"Edge-Proof": "x", "Client-Certificate-Fingerprint": "x"}
        request = urllib.request.Request(stack.rest_url(1) + path, headers=forged)
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=10)
        assert refused.value.code == 401
