"""How real hospital services differ, row by row: a policy says it, and both sides read it.

The rows are those of the table in docs/policies/README.md.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from gateway.packs import load_snapshot
from gateway.policies.findings import PolicyError
from gateway.problems import Rejection
from tests.policies.packs import ROOT
from tests.policies.small import small, write
from tests.policies.test_docs import language_fields

VALUE = "Code Text? Value?"

HERE = "policies/test_differences.py"
STRINGS = "unit/soap/payload"
MET = {
    "shape": {
        f"{STRINGS}/test_survival.py": ["test_a_message_survives_or_is_refused"],
        "breadth/test_writings.py": ["test_a_real_service_takes_and_gives_every_writing"],
        f"{STRINGS}/test_codec.py": ["test_a_refusal_without_a_message_is_what_stands_beside_it"],
    },
    "binding": {
        "unit/soap/test_rpc.py": [
            "test_the_wrapper_is_in_the_namespace_of_the_body_and_its_parts_in_none"
        ],
        "unit/soap/test_encoded.py": ["test_a_reply_means_the_same_however_it_is_written"],
        "breadth/test_real_services.py": [
            "test_a_document_goes_and_comes_with_every_kind_of_content"
        ],
        "breadth/test_axis.py": ["test_beans_in_arrays_come_back_from_many_references"],
    },
    "WSDL": {
        "unit/soap/test_contract.py": [
            "test_a_wsdl_may_stand_in_several_files",
            "test_nothing_is_read_from_outside_the_folder",
            "test_several_ports_must_be_chosen_from",
        ],
    },
    "success": {HERE: ["test_success", "test_success_of_one_operation"]},
    "fields": {"unit/soap/test_contract.py": ["test_a_path_that_is_not_there_has_a_nearest_one"]},
    "codes": {
        HERE: ["test_sex"],
        "policies/test_unlisted.py": [
            "test_a_new_code_has_the_word_of_all_that_are_not_listed",
            "test_without_such_a_word_a_new_code_is_no_answer",
        ],
    },
    "money": {HERE: ["test_money"]},
    "dates": {HERE: ["test_days_and_times", "test_a_time_of_another_offset"]},
    "empty": {
        HERE: ["test_nothing", "test_nothing_is_sent_as_the_hospital_wants_it"],
        "policies/test_styles.py": ["test_what_an_encoded_service_returns_as_nil_is_absent"],
    },
    "charset": {
        f"{STRINGS}/test_codec.py": [
            "test_a_reply_may_declare_its_charset_or_a_part_of_it",
            "test_a_character_outside_the_charset_is_not_sent",
        ],
    },
    "security": {
        "unit/soap/test_digest.py": ["test_a_digest_is_made_as_the_hospital_makes_it"],
        f"{STRINGS}/test_encryption.py": [
            "test_a_message_is_encrypted_as_openssl_does",
            "test_a_trades_messages_are_encrypted_both_ways",
        ],
        "policies/test_secrets.py": ["test_a_constant_can_stand_in_a_file"],
        HERE: ["test_name_and_password_in_the_url"],
        "unit/soap/test_security.py": ["test_the_token_is_the_one_that_zeep_makes"],
    },
    "serial": {
        "unit/test_exchange.py": [
            "test_the_location_of_an_unknown_write_is_answered_from_the_hospitals_record"
        ],
        "unit/cashier/test_matched.py": ["test_a_matched_write_ends_honestly_when_the_hospital"],
    },
    "timing": {"unit/test_exchange.py": ["test_an_expired_deadline_makes_no_call"]},
    "load": {
        "unit/resilience/test_bulkhead.py": [
            "test_any_crowd_keeps_the_limits_and_leaves_an_empty_house",
            "test_reads_never_take_what_is_kept_for_writes",
        ],
    },
}
"""By matter, the tests of what was met, by their file below tests/."""


def table() -> dict[str, str]:
    """The page's table: by matter, what it is said with."""
    page = (ROOT / "docs/policies/README.md").read_text("utf-8")
    rows = page.partition("| matter | met | said with |\n|---|---|---|\n")[2].partition("\n\n")[0]
    cells = (re.split(r" ?\| ?", row) for row in rows.splitlines())
    return {matter: said for _, matter, _, said, _ in cells}


def test_every_row_of_the_table_has_its_tests() -> None:
    """What is said to be possible is held to it."""
    assert table().keys() == MET.keys()
    for files in MET.values():
        for file, names in files.items():
            text = (ROOT / "tests" / file).read_text("utf-8")
            assert [name for name in names if f"def {name}(" not in text] == []


@pytest.mark.parametrize("matter", MET)
def test_what_a_row_says_it_with_is_in_the_language(matter: str) -> None:
    """Each field by its path or its last name, each value one that it takes."""
    known = language_fields()
    for code in re.findall(r"`([^`]+)`", table()[matter]):
        name, _, value = code.partition(": ")
        meant = [one for path, one in known.items() if path == name or path.endswith(f".{name}")]
        assert meant, code
        assert not value or any(value in one.get("enum", ()) for one in meant), code


def read(folder: Path, text: str, how: str, *, pack: str = "", kind: str = "xs:string") -> Any:
    """What the cloud is told of `<Value>text</Value>`; None when the member is left out."""
    service = small(
        folder,
        answer=f"Code Text? Value?:{kind}",
        pack=pack,
        route=f"response: {{value: {{hospital: Value, {how}}}}}",
    )
    return service.tells(f"<Value>{text}</Value>").get("value")


def sent(folder: Path, value: Any, how: str, *, pack: str = "", kind: str = "xs:string") -> str:
    """What the hospital is sent for a value of the cloud."""
    service = small(
        folder,
        ask=f"Value?:{kind}",
        pack=pack,
        route=f"request: {{value: {{hospital: Value, {how}}}}}\n"
        "response: {said: {hospital: Text, optional: true}}",
    )
    return service.sends(value=value).removeprefix("<Value>").removesuffix("</Value>")


SEXES = {
    "1 male, 2 female": '{male: "1", female: "2"}',
    "0 female, 1 male": '{male: "1", female: "0"}',
    "M and F": "{male: M, female: F}",
    "in Chinese": "{male: 男, female: 女}",
}


@pytest.mark.parametrize("table", SEXES.values(), ids=SEXES)
@pytest.mark.parametrize("word", ["male", "female"])
def test_sex(table: str, word: str, tmp_path: Path) -> None:
    """One word here, any code there."""
    pack = f"codes: {{sex: {table}}}"
    code = sent(tmp_path / "1", word, "code: sex", pack=pack)
    assert read(tmp_path / "2", code, "code: sex", pack=pack) == word


@pytest.mark.parametrize(
    ("how", "kind", "text"),
    [
        ("as: fen-from-yuan", "xs:decimal", "12.50"),
        ("as: fen-from-yuan", "xs:string", "12.50"),
        ("as: fen", "xs:int", "1250"),
        ("as: fen", "xs:string", "1250"),
    ],
)
def test_money(how: str, kind: str, text: str, tmp_path: Path) -> None:
    """Yuan with decimals or whole fen, as a number or as text: here always whole fen."""
    assert read(tmp_path / "1", text, how, kind=kind) == 1250
    assert sent(tmp_path / "2", 1250, how, kind=kind) == text


@pytest.mark.parametrize(
    ("how", "kind", "text", "told"),
    [
        ("as: date", "xs:date", "2031-03-04", "2031-03-04"),
        ('as: date, format: "%Y-%m-%d"', "xs:string", "2031-03-04", "2031-03-04"),
        ('as: date, format: "%Y%m%d"', "xs:string", "20310304", "2031-03-04"),
        ("as: time", "xs:dateTime", "2031-03-04T16:05:06", "2031-03-04T16:05:06+08:00"),
        (
            'as: time, format: "%Y-%m-%d %H:%M:%S"',
            "xs:string",
            "2031-03-04 16:05:06",
            "2031-03-04T16:05:06+08:00",
        ),
        (
            'as: time, format: "%Y%m%d%H%M%S"',
            "xs:string",
            "20310304160506",
            "2031-03-04T16:05:06+08:00",
        ),
        (
            'as: time, format: "%Y/%-m/%-d %-I:%M:%S %p"',
            "xs:string",
            "2031/3/4 4:05:06 PM",
            "2031-03-04T16:05:06+08:00",
        ),
        (
            'as: time, format: "%Y-%m-%dT%H:%M:%S%:z"',
            "xs:string",
            "2031-03-04T16:05:06+08:00",
            "2031-03-04T16:05:06+08:00",
        ),
    ],
)
def test_days_and_times(how: str, kind: str, text: str, told: str, tmp_path: Path) -> None:
    """In whatever form, they are ISO 8601 here, with the hospital's offset."""
    assert read(tmp_path / "1", text, how, kind=kind) == told
    assert sent(tmp_path / "2", told, how, kind=kind) == text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2031-03-04T08:05:06Z", "2031-03-04T16:05:06+08:00"),
        ("2031-03-04T16:05:06.123+08:00", "2031-03-04T16:05:06+08:00"),
    ],
)
def test_a_time_of_another_offset(text: str, told: str, tmp_path: Path) -> None:
    """The same moment, on the hospital's clock."""
    assert read(tmp_path, text, "as: time", kind="xs:dateTime") == told


EMPTIES = 'empties: ["null", "1900-01-01"]'


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "<Day/>",
        '<Day i:nil="true"/>',
        "<Day>null</Day>",
        "<Day>1900-01-01</Day>",
    ],
    ids=["absent", "empty", "nil", "null", "1900-01-01"],
)
def test_nothing(reply: str, tmp_path: Path) -> None:
    """Said in any way, the member is not there; where the response needs it, that is no answer."""
    parts = {"answer": "Code Text? Day?~", "pack": EMPTIES}
    day = 'hospital: Day, as: date, format: "%Y-%m-%d"'
    may = small(tmp_path / "1", route=f"response: {{day: {{{day}}}}}", **parts)
    must = small(tmp_path / "2", route=f"response: {{day: {{{day}, optional: false}}}}", **parts)
    assert may.tells(reply) == {}
    assert must.tells(reply)["problem"] == "upstream-reply-invalid"
    assert must.tells("<Day>2031-03-04</Day>") == {"day": "2031-03-04"}


def test_nothing_is_sent_as_the_hospital_wants_it(tmp_path: Path) -> None:
    """An argument that the contract requires is optional to the caller then."""
    service = small(
        tmp_path,
        ask="Phone Note?",
        route="request: {phone: {hospital: Phone, empty: 'null'}, note: Note}\n"
        "response: {said: {hospital: Text, optional: true}}",
    )
    assert service.sends(note="x") == "<Phone>null</Phone><Note>x</Note>"
    assert service.sends(phone="1") == "<Phone>1</Phone>"
    assert service.sends() == "<Phone>null</Phone>"


def test_leading_zeros(tmp_path: Path) -> None:
    """An id is text, whatever it looks like."""
    assert read(tmp_path / "1", "000123", "as: text") == "000123"
    assert sent(tmp_path / "2", "000123", "as: text") == "000123"


def test_one_or_many(tmp_path: Path) -> None:
    """A list is a list with one row, with several and with none."""
    service = small(
        tmp_path,
        answer="Code Text? Rows?(Row*(No))",
        route="response: {items: {each: Rows/Row, fields: {no: No}}}",
    )
    row = "<Row><No>{}</No></Row>"
    assert service.tells("") == {"items": []}
    assert service.tells("<Rows/>") == {"items": []}
    assert service.tells(f"<Rows>{row.format(1)}</Rows>") == {"items": [{"no": "1"}]}
    rows = "".join(row.format(number) for number in (1, 2))
    assert service.tells(f"<Rows>{rows}</Rows>") == {"items": [{"no": "1"}, {"no": "2"}]}


def test_what_every_call_carries(tmp_path: Path) -> None:
    """In a head of its own: the channel of each client, the time of the call, the trade."""
    service = small(
        tmp_path,
        ask="Head(Channel At Trade)",
        pack='constants: {Head/Channel: {by_client: {booking: DY01}}, Head/Trade: "1"}',
        route='constants: {Head/Trade: MZ2001, Head/At: {now: "%Y%m%d%H%M%S"}}\n'
        "response: {said: {hospital: Text, optional: true}}",
    )
    assert service.sends() == (
        "<Head><Channel>DY01</Channel><At>20310314093000</At><Trade>MZ2001</Trade></Head>"
    )


def test_name_and_password_in_the_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address is left to the environment, so that it stands in no policy."""
    write(tmp_path)
    address = "http://hospital.invalid/his.asmx?user=platform&pass=opensesame"
    monkeypatch.setenv("SMALL_URL", address)
    (route,) = load_snapshot(tmp_path).routes
    assert route.endpoints == (address,)
    monkeypatch.setenv("SMALL_URL", f"{address} ")
    with pytest.raises(PolicyError) as raised:
        load_snapshot(tmp_path)
    assert "opensesame" not in " ".join(str(finding) for finding in raised.value.findings)


CONVENTIONS = {
    "0 is done": ('success: ["0"], refused: {"-1": refused}', {"0": "told", "-1": "refused"}),
    "1 is done": ('success: ["1"], refused: {"0": refused}', {"1": "told", "0": "refused"}),
    "the text 0 is true": ('success: ["0"], refused: {"1": refused}', {"0": "told"}),
    "below 0 in an error number": (
        'success: ["0"], refused: {"<0": refused}',
        {"0": "told", "-1": "refused", "-20013": "refused", "7": "upstream-reply-invalid"},
    ),
    "1 none, -1 failed": (
        'success: ["0"], empty: ["1"], upstream_failure: ["-1"]',
        {"0": "told", "1": "not-found", "-1": "upstream-failure"},
    ),
    "1 data, 0 none, -1 failed": (
        'success: ["1"], empty: ["0"], upstream_failure: ["<0"]',
        {"1": "told", "0": "not-found", "-1": "upstream-failure", "-2": "upstream-failure"},
    ),
    "10 a duplicate, 13 a message": (
        'success: ["0"], refused: {"10": already-paid, "13": {type: refused, show_message: true}}',
        {"0": "told", "10": "already-paid", "13": "refused"},
    ),
}


@pytest.mark.parametrize(("meaning", "told"), CONVENTIONS.values(), ids=CONVENTIONS)
def test_success(meaning: str, told: dict[str, str], tmp_path: Path) -> None:
    """Whatever a hospital takes for a yes; what it does not say is never one."""
    service = small(tmp_path, outcome=f"outcome: {{code: Code, message: Text, {meaning}}}\n")
    for code, expected in told.items():
        body = service.tells(f"<Code>{code}</Code><Text>words</Text>")
        assert body.get("problem", "told") == expected, code
    assert service.tells("<Code></Code>")["problem"] == "upstream-reply-invalid"


def test_success_of_one_operation(tmp_path: Path) -> None:
    """One of a service may have result codes of its own, at a place of its own."""
    service = small(
        tmp_path,
        answer="Code Text? Info(State)",
        route='outcome: {code: Info/State, success: ["T"], empty: ["F"]}\n'
        "response: {said: {hospital: Text, optional: true}}",
    )
    assert service.tells("<Info><State>T</State></Info>") == {}
    assert service.tells("<Info><State>F</State></Info>")["problem"] == "not-found"
    assert service.tells("<Info><State>0</State></Info>")["problem"] == "upstream-reply-invalid"


def test_rows_that_are_not_to_be_shown(tmp_path: Path) -> None:
    """A hospital's own query gives them all: audited or not, and of classes that stay with it."""
    service = small(
        tmp_path,
        answer="Code Text? Report*(No Audit? Class?)",
        route="response:\n  items:\n    each: Report\n"
        '    only: {Audit: ["1"]}\n    withhold: {Class: ["HIV", "STD"]}\n    fields: {no: No}',
    )
    row = "<Report><No>{}</No>{}</Report>"
    told = service.tells(
        row.format(1, "<Audit>1</Audit>")
        + row.format(2, "<Audit>0</Audit>")
        + row.format(3, "")
        + row.format(4, "<Audit>1</Audit><Class>HIV</Class>")
        + row.format(5, "<Audit>1</Audit><Class>CBC</Class>")
    )
    assert told == {"items": [{"no": "1"}, {"no": "5"}]}


def test_a_thing_that_is_not_to_be_shown(tmp_path: Path) -> None:
    """It is not found, as if there were none."""
    service = small(
        tmp_path,
        answer="Code Text? Report(Audit? Class?)",
        route='reply: Report\nonly: {Audit: ["1"]}\nwithhold: {Class: ["HIV"]}\n'
        "response: {class: Class}",
    )
    shown = "<Report><Audit>1</Audit><Class>CBC</Class></Report>"
    assert service.tells(shown) == {"class": "CBC"}
    for kept in ("<Audit>0</Audit>", "", "<Audit>1</Audit><Class>HIV</Class>"):
        assert service.tells(f"<Report>{kept}</Report>")["problem"] == "not-found"


PAGED = {
    "ask": "Kind? Day:xs:date PageNo:xs:int",
    "answer": "Code Text? PageCount?:xs:int Row*(No)",
    "route": "request: {day: Day, kind: Kind}\n"
    "page: {request: PageNo, pages: PageCount}\n"
    "response: {items: {each: Row, fields: {no: No}}}",
    "routes": "routes:\n  - id: ask\n    rest: GET /v1/days/{day}/rows\n    operation: Ask\n"
    "    effect: read\n    deadline: 5s\n",
}


def test_a_long_list(tmp_path: Path) -> None:
    """It comes page by page; each but the last leads to the next one of the same query."""
    service = small(tmp_path, **PAGED)
    reply = "<PageCount>3</PageCount><Row><No>7</No></Row>"
    asked: dict[str, Any] = {"path": {"day": "2031-03-14"}}
    first = service.translate(reply, **asked, query="kind=a%26b+%E7%94%B7")
    assert b">1</" in first.request_xml
    assert first.response["body"] == {
        "items": [{"no": "7"}],
        "next": "/v1/days/2031-03-14/rows?kind=a%26b%20%E7%94%B7&page=2",
    }
    second = service.translate(reply, **asked, query="page=2&kind=x")
    assert b">2</" in second.request_xml
    assert second.response["body"]["next"] == "/v1/days/2031-03-14/rows?page=3&kind=x"
    assert service.tells(reply, **asked, query="page=3") == {"items": [{"no": "7"}]}
    assert service.tells("<PageCount>0</PageCount>", **asked) == {"items": []}
    assert service.tells("<Code>1</Code>", **asked) == {"items": []}


def test_a_list_that_does_not_say_how_long_it_is(tmp_path: Path) -> None:
    """It would end early, and nobody would notice."""
    service = small(tmp_path, **PAGED)
    answer = service.tells("<Row><No>7</No></Row>", path={"day": "2031-03-14"})
    assert answer["problem"] == "upstream-reply-invalid"


@pytest.mark.parametrize("page", ["0", "-1", "x", "1.5"])
def test_a_page_that_there_is_not(page: str, tmp_path: Path) -> None:
    """Pages count from 1."""
    service = small(tmp_path, **PAGED)
    with pytest.raises(Rejection, match="invalid"):
        service.translate(path={"day": "2031-03-14"}, query=f"page={page}")


LISTS = {
    "ask": "Items(Item*(No Fee:xs:decimal Day?)) Codes?(Code*)",
    "pack": 'codes: {kind: {drug: "1", exam: "2"}}',
    "route": "request:\n"
    "  items:\n    each: Items/Item\n    fields:\n      no: No\n"
    "      amount: {hospital: Fee, as: fen-from-yuan}\n"
    '      when: {fields: {day: {hospital: Day, as: date, format: "%Y%m%d"}}}\n'
    "  kinds: {each: Codes/Code, code: kind}\n"
    "response: {said: {hospital: Text, optional: true}}",
}


def test_a_list_of_arguments(tmp_path: Path) -> None:
    """Of elements or of plain values; the API says how many there may be."""
    service = small(tmp_path, **LISTS)
    items = [{"no": "007", "amount": 1250, "when": {"day": "2031-03-14"}}, {"no": "8", "amount": 5}]
    assert service.sends(items=items, kinds=["exam", "drug"]) == (
        "<Items><Item><No>007</No><Fee>12.50</Fee><Day>20310314</Day></Item>"
        "<Item><No>8</No><Fee>0.05</Fee></Item></Items>"
        "<Codes><Code>2</Code><Code>1</Code></Codes>"
    )
    assert service.sends(items=[]) == "<Items/>"
    body = service.route.schemas.body
    assert body is not None
    assert body["required"] == ["items"]
    listed = body["properties"]["items"]
    assert (listed["type"], listed["maxItems"]) == ("array", 100)
    assert listed["items"]["required"] == ["no", "amount"]
    assert body["properties"]["kinds"]["items"] == {"type": "string", "enum": ["drug", "exam"]}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"items": [{"no": "1", "amount": 1}, {"no": "2"}]}, "/items/1/amount"),
        ({"items": [{"no": "1", "amount": 1, "when": {"day": "2031-02-30"}}]}, "/items/0/when/day"),
        ({"items": [], "kinds": ["drug", "food"]}, "/kinds/1"),
        ({"items": [{"no": "1", "amount": 1}] * 101}, "/items"),
    ],
)
def test_a_fault_in_a_list(body: dict[str, Any], pointer: str, tmp_path: Path) -> None:
    """It is told at its entry."""
    with pytest.raises(Rejection) as caught:
        small(tmp_path, **LISTS).translate(body=body)
    assert [error.pointer for error in caught.value.errors] == [pointer]
