"""Sealed ids and serials: the same on every replica, of use to nobody else."""

from __future__ import annotations

import hashlib
import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.translation.sealing import LONGEST_PLAIN, SERIAL_BITS, SealBroken, Sealer, serial

KEY = bytes(range(64))
SEALER = Sealer(KEY)
URL_SAFE = string.ascii_letters + string.digits + "-_"
NAMES = st.text(min_size=0, max_size=12)
IDS = st.text(min_size=1, max_size=40)


@given(NAMES, NAMES, NAMES, IDS)
def test_an_id_opens_for_the_same_three_on_any_replica(
    kind: str, client: str, card: str, plain: str
) -> None:
    """One key, one token, each time."""
    token = SEALER.seal(kind, client, card, plain)
    assert token == Sealer(KEY).seal(kind, client, card, plain)
    assert set(token) <= set(URL_SAFE)
    assert Sealer(KEY).open(kind, client, card, token) == plain


@given(st.tuples(NAMES, NAMES, NAMES), st.tuples(NAMES, NAMES, NAMES), IDS)
def test_an_id_opens_for_no_other_three(
    made_for: tuple[str, str, str], asked_by: tuple[str, str, str], plain: str
) -> None:
    """Nor do two triples run together."""
    token = SEALER.seal(*made_for, plain)
    if [part or "\0" for part in made_for] == [part or "\0" for part in asked_by]:
        return
    with pytest.raises(SealBroken):
        SEALER.open(*asked_by, token)


def test_parts_do_not_run_together() -> None:
    """`ab` + `c` is not `a` + `bc`."""
    token = SEALER.seal("card", "ab", "c", "1")
    with pytest.raises(SealBroken):
        SEALER.open("card", "a", "bc", token)


def test_another_key_opens_nothing() -> None:
    """A token of another hospital is a made-up one."""
    with pytest.raises(SealBroken):
        Sealer(bytes(64)).open("card", "booking", "", SEALER.seal("card", "booking", "", "1"))


@given(st.data())
def test_any_changed_character_breaks_the_seal(data: st.DataObject) -> None:
    """The last one too, of which base64 has several spellings for the same bytes."""
    plain = data.draw(IDS)
    token = SEALER.seal("card", "booking", "", plain)
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from(URL_SAFE + "=+/ \n%é"))
    changed = token[:place] + other + token[place + 1 :]
    if changed == token:
        return
    with pytest.raises(SealBroken):
        SEALER.open("card", "booking", "", changed)


@pytest.mark.parametrize(
    "spelling",
    [
        lambda token: token + "=",
        lambda token: token + "==",
        lambda token: token + "\n",
        lambda token: " " + token,
        lambda token: token.replace("-", "+").replace("_", "/") + "=",
        lambda token: token[:-1],
        lambda token: token + token,
    ],
)
def test_an_id_has_one_spelling_only(spelling: object) -> None:
    """Or one id could be passed off as two."""
    assert callable(spelling)
    token = SEALER.seal("card", "booking", "", "12-id_with>chars?")
    with pytest.raises(SealBroken):
        SEALER.open("card", "booking", "", spelling(token))


@given(st.text(max_size=600))
def test_anything_made_up_is_refused_quietly(token: str) -> None:
    """Of whatever length and script."""
    with pytest.raises(SealBroken):
        SEALER.open("card", "booking", "", token)


@pytest.mark.parametrize("token", ["", "A", "AA", "A" * 21, "A" * 22, "A" * 512, "A" * 513])
def test_a_token_of_any_length_is_refused(token: str) -> None:
    """Too short to hold a tag, or too long to be ours."""
    with pytest.raises(SealBroken):
        SEALER.open("card", "booking", "", token)


# --- serials ---

CLIENT, ROUTE, WRITE_KEY = "booking", "hold-slot", "0123456789abcdef"


def test_the_longest_id_that_is_sealed_opens_again() -> None:
    """One byte more makes a token that is taken from nobody."""
    longest = "1" * LONGEST_PLAIN
    assert SEALER.open("hold", CLIENT, "1", SEALER.seal("hold", CLIENT, "1", longest)) == longest
    with pytest.raises(SealBroken):
        SEALER.open("hold", CLIENT, "1", SEALER.seal("hold", CLIENT, "1", longest + "1"))


def test_a_serial_is_known() -> None:
    """A replica of another version must make the same, or a repeat would be a second write."""
    digest = hashlib.sha256(b"booking\0hold-slot\x000123456789abcdef").hexdigest()
    assert serial(CLIENT, ROUTE, WRITE_KEY) == "G" + digest[:31]
    assert serial(CLIENT, ROUTE, WRITE_KEY) == "G2a340e58ed38d2094c8b88637463d33"


@given(st.text("abc-", min_size=1), st.text("abc-", min_size=1), st.from_regex(r"\A[\w-]{16,64}\Z"))
def test_a_serial_has_its_length_and_alphabet(client: str, route: str, key: str) -> None:
    """Of more than 96 bits, and never mistaken for a number."""
    assert re.fullmatch("G[0-9a-f]{31}", serial(client, route, key))
    assert SERIAL_BITS == 124


def test_a_serial_is_of_all_three() -> None:
    """Another client, route or key makes another, and the three do not run together."""
    made = {
        serial(CLIENT, ROUTE, WRITE_KEY),
        serial(CLIENT + "x", ROUTE, WRITE_KEY),
        serial(CLIENT, ROUTE + "x", WRITE_KEY),
        serial(CLIENT, ROUTE, WRITE_KEY + "x"),
        serial(CLIENT + "-" + ROUTE, "", WRITE_KEY),
    }
    assert len(made) == 5
