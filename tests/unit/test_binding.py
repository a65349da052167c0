"""An exchange is bound to its client, its card and its serial."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gateway.binding import Binder
from gateway.policies.snapshot import Route
from gateway.problems import Rejection
from gateway.resilience.deadline import Deadline
from gateway.rest.admission import Admitted, Client
from gateway.translation.context import Context
from gateway.translation.sealing import serial
from tests.replies import CARD, ORDER
from tests.unit.translation.contexts import NOW, SEALER
from tests.unit.world import KEY, route, sealed

WRITE, ASK = route("hold-slot"), route("operations-hold-slot")


def admitted(
    *, key: str | None = None, card: str | None = None, client: str = "booking"
) -> Admitted:
    return Admitted(
        client=Client(client, frozenset(), frozenset({"*"})),
        body=b"",
        deadline=Deadline(0.0),
        key=key,
        card=card,
        media_type=None,
        language="en",
    )


def bound(one: Route, request: Admitted, *, now: datetime = NOW, **values: object) -> Context:
    return Binder(SEALER, lambda: now).context(one, request, values)


def asked_at(now: datetime, **values: object) -> Context:
    return bound(ASK, admitted(card=sealed("card", CARD)), now=now, idempotencyKey=KEY, **values)


def test_a_write_has_the_serial_of_client_route_and_key() -> None:
    """And the card of the header, unsealed."""
    made = bound(WRITE, admitted(key=KEY, card=sealed("card", CARD)))
    assert (made.client, made.card, made.serial) == (
        "booking", CARD, serial("booking", "hold-slot", KEY),
    )  # fmt: skip
    assert (made.now, made.first_sent) == (NOW, None)


def test_the_question_how_a_write_ended_has_the_writes_serial() -> None:
    """From the key in its path, whatever key its own header has."""
    request = admitted(key="another-key-of-this-client", card=sealed("card", CARD))
    assert bound(ASK, request, idempotencyKey=KEY).serial == serial("booking", "hold-slot", KEY)


def test_a_read_has_neither_serial_nor_card() -> None:
    """A card that it does not need is not even opened."""
    made = bound(route("list-departments"), admitted(key=KEY, card="no card at all"))
    assert (made.serial, made.card) == (None, None)


def test_a_missing_card_is_a_malformed_request() -> None:
    """The header is named."""
    with pytest.raises(Rejection) as caught:
        bound(WRITE, admitted(key=KEY))
    (error,) = caught.value.errors
    assert (caught.value.slug, error.location, error.pointer) == (
        "malformed", "header", "/Patient-Card",
    )  # fmt: skip


@pytest.mark.parametrize(
    "token",
    [
        CARD,
        sealed("card", CARD, client="clinic-kiosk"),
        sealed("appointment", ORDER, card=CARD),
        sealed("card", CARD, card=CARD),
        "",
    ],
)
def test_a_card_that_was_not_sealed_for_this_client_is_not_found(token: str) -> None:
    """Bare, another client's, another kind's, or none."""
    with pytest.raises(Rejection) as caught:
        bound(WRITE, admitted(key=KEY, card=token))
    assert (caught.value.slug, caught.value.reason) == ("not-found", "card-not-sealed-here")


@pytest.mark.parametrize("key", ["short", "a" * 65, "0123456789abcde/", "0123456789abcdef\n"])
def test_a_key_in_the_path_that_can_be_no_key_is_not_found(key: str) -> None:
    """As any resource that does not exist."""
    with pytest.raises(Rejection) as caught:
        bound(ASK, admitted(card=sealed("card", CARD)), idempotencyKey=key)
    assert (caught.value.slug, caught.value.reason) == ("not-found", "no-such-key")


def test_a_location_carries_when_the_write_was_sent() -> None:
    """Sealed for the client, the route and the key, to the second; not before its end."""
    sent = datetime(2031, 3, 14, 1, 30, 0, 900_000, tzinfo=UTC)
    location = Binder(SEALER, lambda: sent).location(WRITE, admitted(key=KEY), {})
    path, _, since = location.partition("?since=")
    assert path == f"/v1/operations/hold-slot/{KEY}"
    later = asked_at(sent + timedelta(minutes=1), since=since)
    assert later.first_sent == sent.replace(microsecond=0) + timedelta(seconds=1)


@pytest.mark.parametrize(
    "since",
    [
        "A" * 40,
        sealed("since", "1", card=f"hold-slot/{KEY}x"),
        sealed("since", "1", card=f"take-number/{KEY}"),
        sealed("since", "1", card=f"hold-slot/{KEY}", client="clinic-kiosk"),
    ],
)
def test_a_time_of_sending_that_was_not_sealed_for_it_is_not_found(since: str) -> None:
    """A caller cannot bring forward the moment when "not-sent" may be said."""
    with pytest.raises(Rejection) as caught:
        asked_at(NOW, since=since)
    assert (caught.value.slug, caught.value.reason) == ("not-found", "since-not-sealed-here")


def test_without_a_time_of_sending_none_is_assumed() -> None:
    """So that nothing is ever certain by it."""
    assert asked_at(NOW).first_sent is None
