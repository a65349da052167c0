"""Single values, both ways: what comes out is what went in, or it is refused."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gateway.rest.validation import JsonSchema
from gateway.soap.elements import SimpleType
from gateway.translation.faults import NoSuchThing, ValueFault
from gateway.translation.schemas import LARGEST_FEN
from gateway.translation.values import (
    HOSPITAL_ZONE,
    KINDS,
    Converter,
    Date,
    FenFromYuan,
    Integer,
    LocalTime,
    code_converter,
    converter,
    relative_day,
    sealed_converter,
)
from tests.unit.translation.contexts import NOW, context

STRING = SimpleType("string", "string", "preserve")
FEN = converter("fen-from-yuan", SimpleType("decimal", "decimal"))
WHOLE = converter("integer", SimpleType("integer", "integer"))
DAY = converter("date", SimpleType("date", "date"))
COMPACT_DAY = converter("date", STRING, pattern="%Y%m%d")
MOMENT = converter("time", SimpleType("dateTime", "dateTime"))
COMPACT_MOMENT = converter("time", STRING, pattern="%Y%m%d%H%M%S")

# China kept summer time until 1991: one hour of each autumn stood for two.
MOMENTS = st.integers(
    int(datetime(1992, 1, 1, tzinfo=UTC).timestamp()),
    int(datetime(2100, 1, 1, tzinfo=UTC).timestamp()),
).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@pytest.fixture(params=["America/New_York", "Asia/Shanghai", "Pacific/Kiritimati"])
def machine_zone(request: pytest.FixtureRequest) -> Iterator[str]:
    """The machine stands elsewhere than the hospital."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield request.param
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


def refused(kind: Converter, text: str) -> bool:
    try:
        kind.inbound(text, context())
    except ValueFault:
        return True
    return False


# --- money ---


@given(st.integers(-LARGEST_FEN, LARGEST_FEN))
def test_fen_survive_the_way_to_yuan_and_back(fen: int) -> None:
    """Every amount, a debt too, comes back to the fen."""
    assert FEN.inbound(FEN.outbound(fen, context()), context()) == fen


@pytest.mark.parametrize(
    ("fen", "yuan"), [(0, "0.00"), (1, "0.01"), (-1, "-0.01"), (1250, "12.50"), (-199, "-1.99")]
)
def test_fen_are_written_as_yuan_with_two_places(fen: int, yuan: str) -> None:
    """No sign is lost on the way, nor a leading zero of the fen."""
    assert FEN.outbound(fen, context()) == yuan


@pytest.mark.parametrize(
    ("yuan", "fen"),
    [("12", 1200), ("12.5", 1250), ("12.500", 1250), ("+0012.50", 1250), (".5", 50), ("5.", 500)],
)
def test_any_way_to_write_an_amount_is_read(yuan: str, fen: int) -> None:
    """xs:decimal has more than one spelling for an amount."""
    assert FEN.inbound(yuan, context()) == fen


@pytest.mark.parametrize(
    "yuan",
    ["", ".", "-", "12.345", "12.001", "1e2", "1E+3", "NaN", "Infinity", "1_000", "1,000", " 12",
     "12\n", "\uff11\uff12", "0x10", "+-1", "9" * 40, "100000000000.01", "12." + "0" * 40 + "1"],
)  # fmt: skip
def test_what_is_no_whole_number_of_fen_is_refused(yuan: str) -> None:
    """Neither rounding nor a float's spelling makes an amount out of another."""
    assert refused(FEN, yuan)


def test_an_amounts_bounds_are_those_of_the_contract_in_fen() -> None:
    """The JSON Schema says what the XSD does, a hundredfold."""
    yuan = SimpleType("Amount", "decimal", min_inclusive="0.01", max_inclusive="9999.99")
    assert FenFromYuan(converter("fen-from-yuan", yuan).schema).schema == {
        "type": "integer",
        "minimum": 1,
        "maximum": 999_999,
        "description": "In fen, of which 100 are 1 CNY.",
    }


@pytest.mark.parametrize("text", ["1250", "0000001250", "+1250"])
def test_an_amount_kept_in_fen_is_the_whole_number_that_it_is(text: str) -> None:
    """As text it may be filled up with zeros."""
    fen = converter("fen", SimpleType("string", "string"))
    assert fen.inbound(text, context()) == 1250
    assert fen.outbound(1250, context()) == "1250"


@pytest.mark.parametrize("text", ["12.50", "", "1,250", "12.5e2"])
def test_what_is_no_fen_is_refused(text: str) -> None:
    """Yuan among them."""
    assert refused(converter("fen", SimpleType("string", "string")), text)


def test_fens_bounds_are_those_of_the_contract() -> None:
    """And those of every amount where it has none."""
    bounded = SimpleType("Amount", "integer", min_inclusive="1", max_inclusive="99")
    told = {"type": "integer", "description": "In fen, of which 100 are 1 CNY."}
    assert converter("fen", bounded).schema == {**told, "minimum": 1, "maximum": 99}
    free = SimpleType("integer", "integer")
    assert converter("fen", free).schema == {**told, "minimum": 0, "maximum": 10_000_000_000_000}


# --- whole numbers, booleans, codes ---


@given(st.integers(-(10**18) + 1, 10**18 - 1))
def test_whole_numbers_survive_both_ways(number: int) -> None:
    """What JSON may carry comes back."""
    assert WHOLE.inbound(WHOLE.outbound(number, context()), context()) == number


@pytest.mark.parametrize("text", ["", "abc", "1.0", "1e2", "1_0", " 1", "٣", "9" * 19, "9" * 5000])
def test_what_is_no_whole_number_is_refused(text: str) -> None:
    """A text element that should hold a number may hold anything."""
    assert refused(WHOLE, text)


@pytest.mark.parametrize(("text", "value"), [("true", True), ("1", True), ("false", False)])
def test_xml_booleans_are_read_in_both_spellings(text: str, value: bool) -> None:
    """xs:boolean writes 1 and 0 as well."""
    assert converter("boolean", SimpleType("boolean", "boolean")).inbound(text, context()) is value


def test_a_code_table_goes_both_ways() -> None:
    """Words on one side, codes on the other, each for each."""
    table = {"male": "1", "female": "2"}
    sex = code_converter(table)
    assert sex.schema == {"type": "string", "enum": ["male", "female"]}
    assert {word: sex.outbound(word, context()) for word in table} == table
    assert {code: sex.inbound(code, context()) for code in "12"} == {"1": "male", "2": "female"}


def test_a_table_of_true_and_false_is_a_json_boolean() -> None:
    """`Y` and `N` are no words for the cloud."""
    flag = code_converter({"true": "Y", "false": "N"})
    assert flag.schema == {"type": "boolean"}
    assert (flag.outbound(True, context()), flag.outbound(False, context())) == ("Y", "N")
    assert (flag.inbound("Y", context()), flag.inbound("N", context())) == (True, False)


def test_a_code_without_a_word_is_refused() -> None:
    """Nothing is guessed for it."""
    assert refused(code_converter({"male": "1"}), "3")


def test_a_word_that_the_table_lacks_names_nothing() -> None:
    """A path's words are no part of a schema, so that only the table can tell."""
    with pytest.raises(NoSuchThing):
        code_converter({"male": "1"}).outbound("mail", context())


# --- days and moments ---


@given(st.dates())
def test_a_day_survives_the_contracts_own_type(day: date) -> None:
    """xs:date is ISO 8601 as the cloud has it."""
    assert DAY.inbound(DAY.outbound(day.isoformat(), context()), context()) == day.isoformat()


@given(st.dates())
def test_a_day_survives_a_text_of_eight_digits(day: date) -> None:
    """The policy's format goes both ways."""
    text = COMPACT_DAY.outbound(day.isoformat(), context())
    assert len(text) == 8
    assert COMPACT_DAY.inbound(text, context()) == day.isoformat()


@pytest.mark.parametrize("kind", [DAY, COMPACT_DAY])
@pytest.mark.parametrize(
    "text", ["2031-02-29", "20310229", "2031-W01-1", "2031111", "2031-1-1", "2031/01/01", "today",
             "2031-03-14Z", "2031-03-14-05:00", "\uff12031-03-14", ""]
)  # fmt: skip
def test_what_is_no_day_of_the_policys_format_is_refused(kind: Converter, text: str) -> None:
    """No lenient reading makes a day out of it."""
    assert refused(kind, text)


def test_a_day_may_carry_the_hospitals_own_offset() -> None:
    """Some SOAP stacks write xs:date with a zone; this one changes nothing."""
    assert DAY.inbound("2031-03-14+08:00", context()) == "2031-03-14"


@given(MOMENTS, OFFSETS)
def test_a_moment_survives_whatever_offset_the_caller_writes(
    moment: datetime, offset: timezone
) -> None:
    """The hospital gets its wall clock, the cloud the same moment with the hospital's offset."""
    for kind in (MOMENT, COMPACT_MOMENT):
        told = moment.astimezone(offset)
        text = kind.outbound(told.isoformat(), context())
        assert "+" not in text
        back = kind.inbound(text, context())
        assert datetime.fromisoformat(back) == told
        assert back.endswith("+08:00")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2031-03-14T09:30:00", "2031-03-14T09:30:00+08:00"),
        ("2031-03-14T01:30:00Z", "2031-03-14T09:30:00+08:00"),
        ("2031-03-13T20:30:00-05:00", "2031-03-14T09:30:00+08:00"),
        ("2031-03-14T09:30:00.123", "2031-03-14T09:30:00+08:00"),
    ],
)
def test_a_hospitals_moment_is_told_with_its_offset(text: str, told: str) -> None:
    """Without a zone it is the hospital's wall clock; with one it is converted."""
    assert MOMENT.inbound(text, context()) == told


@pytest.mark.parametrize("kind", [MOMENT, COMPACT_MOMENT])
@pytest.mark.parametrize(
    "text", ["2031-03-14", "20310314T093000", "2031-03-14 09:30:00", "2031-03-14T25:00:00",
             "2031-03-14T09:30:60", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", ""]
)  # fmt: skip
def test_what_is_no_moment_is_refused(kind: Converter, text: str) -> None:
    """A day is not taken for its midnight, nor a leap second for another minute."""
    assert refused(kind, text)


@pytest.mark.parametrize("text", ["", " 1", "1 ", "+1", "01", "-0", "1.0", "\u0661", "9" * 19, "x"])
def test_a_text_in_a_path_that_is_no_number_names_nothing(text: str) -> None:
    """No schema has seen it: it goes as a number is written, or not at all."""
    assert WHOLE.outbound("12", context()) == "12"
    with pytest.raises(NoSuchThing):
        WHOLE.outbound(text, context())


def test_a_moment_before_clocks_had_whole_minutes_is_refused() -> None:
    """No offset could say when it was, and the hospital's clock would be told minutes off."""
    assert MOMENT.outbound("1901-01-01T00:00:00+08:00", context()) == "1901-01-01T00:00:00"
    with pytest.raises(ValueFault):
        MOMENT.outbound("1900-01-01T00:00:00+08:00", context())


@pytest.mark.parametrize(
    "value", ["2031-02-29T09:30:00+08:00", "0001-01-01T00:00:00+14:00", "2031-03-14T09:30:00+99:99"]
)
def test_a_callers_moment_that_does_not_exist_is_refused(value: str) -> None:
    """Its shape is the schema's to hold; that it exists is held here."""
    with pytest.raises(ValueFault):
        MOMENT.outbound(value, context())


def test_days_and_moments_are_the_hospitals_wherever_the_machine_stands(machine_zone: str) -> None:
    """The machine's zone changes neither today nor a wall clock."""
    assert os.environ["TZ"] == machine_zone
    assert MOMENT.inbound("2031-03-14T09:30:00", context()) == "2031-03-14T09:30:00+08:00"
    assert MOMENT.outbound("2031-03-14T01:30:00Z", context()) == "2031-03-14T09:30:00"
    just_after_midnight = datetime(2031, 3, 13, 16, 0, 1, tzinfo=UTC).astimezone(HOSPITAL_ZONE)
    assert context(now=just_after_midnight).today == date(2031, 3, 14)


@pytest.mark.parametrize(
    ("day", "fits"),
    [("2031-02-12", True), ("2031-02-11", False), ("2031-04-13", True), ("2031-04-14", False)],
)
def test_a_day_must_lie_within_what_the_policy_allows(day: str, fits: bool) -> None:
    """Counted from the hospital's today, to both sides."""
    near = Date({}, None, within=30)
    assert near.inbound(day, context()) == day
    if fits:
        assert near.outbound(day, context()) == day
    else:
        with pytest.raises(ValueFault, match="within 30 days"):
            near.outbound(day, context())


def test_a_default_day_is_counted_from_today() -> None:
    """As the policy writes it."""
    assert relative_day("today", NOW.date()) == "2031-03-14"
    assert relative_day("today+7d", NOW.date()) == "2031-03-21"
    assert relative_day("today+300d", NOW.date()) == "2032-01-08"


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-02T09:30:00Z",
        "2026-03-02T09:30:00.000Z",
        "2026-03-02T09:30:00.999999999Z",
        "2026-03-02T17:30:00.5+08:00",
        "2026-03-02t09:30:00.9z",
    ],
)
def test_a_callers_fraction_of_a_second_is_cut(written: str) -> None:
    """Languages write moments with three, six or nine digits of it; the hospital has none."""
    assert JsonSchema(MOMENT.schema).holds(written)
    assert MOMENT.outbound(written, context()) == "2026-03-02T17:30:00"
    assert COMPACT_MOMENT.outbound(written, context()) == "20260302173000"


@pytest.mark.parametrize("written", ["2026-03-02T09:30:00", "2026-03-02 09:30:00Z", "2026-03-02"])
def test_what_is_no_moment_is_one_fault_in_words(written: str) -> None:
    """Told as what is expected, and once."""
    (fault,) = JsonSchema(MOMENT.schema).faults(written, "body")
    assert fault.detail == "must be a time as RFC 3339 writes it, with its offset"


@pytest.mark.parametrize("written", ["today", "20260302", "2026-W10-1", ""])
def test_a_day_in_a_path_is_told_how_it_is_written(written: str) -> None:
    """As one in a query is, which the schema holds."""
    with pytest.raises(ValueFault) as caught:
        DAY.outbound(written, context())
    assert caught.value.detail == "must be a date, YYYY-MM-DD"


# --- sealed ids ---


@given(st.text(min_size=1, max_size=64), st.text(min_size=1, max_size=20))
def test_an_id_survives_its_seal(plain: str, card: str) -> None:
    """Whatever the hospital calls a thing."""
    order = sealed_converter("appointment", of_card=True)
    bound = context(card=card)
    assume(len(order.inbound(plain, bound)) <= 512)
    assert order.outbound(order.inbound(plain, bound), bound) == plain


def test_an_id_of_another_card_or_client_does_not_exist() -> None:
    """The caller cannot tell it from one that was made up."""
    order = sealed_converter("appointment", of_card=True)
    token = order.inbound("20310314000001", context(card="1"))
    for stranger in (context(card="2"), context(card="1", client="clinic-kiosk"), context()):
        with pytest.raises(NoSuchThing):
            order.outbound(token, stranger)


def test_a_cards_own_id_is_bound_to_the_client_alone() -> None:
    """It is what the Patient-Card header carries, before any card is known."""
    card = sealed_converter("card", of_card=False)
    assert card.outbound(card.inbound("100000000001", context(card="9")), context()) == (
        "100000000001"
    )


# --- what stands on what ---


def test_a_number_kept_in_text_needs_no_bounds_of_the_contract() -> None:
    """`as: integer` on a string has only what an integer has."""
    assert converter("integer", STRING).schema == {"type": "integer"}
    assert isinstance(converter("integer", STRING), Integer)


def test_an_integers_bounds_are_the_contracts() -> None:
    """Inclusive, exclusive and enumerated."""
    bounded = SimpleType("N", "integer", min_inclusive="1", max_exclusive="10", enumeration=("2",))
    assert converter("integer", bounded).schema == {
        "type": "integer",
        "minimum": 1,
        "exclusiveMaximum": 10,
        "enum": [2],
    }


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_the_language_has_a_converter(kind: str) -> None:
    """The policy language offers nothing that translation cannot do."""
    base = min(KINDS[kind])
    made = converter(kind, SimpleType(base, base))
    assert made.schema["type"] in ("string", "integer", "boolean")
    assert not isinstance(made, LocalTime) or kind == "time"
