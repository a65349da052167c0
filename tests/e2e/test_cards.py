"""Cards of children, of people by identity number, and a search that tells nobody anything."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest

from tests.e2e import hospital as truth
from tests.e2e.cloud import Cloud
from tests.e2e.hospital import Hospital, Row

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def _identity_number(chance: random.Random, born: date, sex: str) -> str:
    """A made-up number by GB 11643, of a region that was dissolved (GB/T 2260)."""
    sequence = 2 * chance.randrange(500) + (sex == "male")
    digits = f"110103{born:%Y%m%d}{sequence:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True))
    return digits + "10X98765432"[total % 11]


def _application(chance: random.Random, **more: object) -> dict[str, Any]:
    return {
        "name": "卡试" + chance.choice("甲乙丙丁戊己庚辛"),
        "documentType": "passport",
        "documentNumber": f"C{chance.randrange(10**8):08d}",
        "phone": f"137{chance.randrange(10**8):08d}",
        "verificationMethod": "real-name",
        "verifiedAt": "2026-01-05T09:30:00+08:00",
        "relation": "self",
        **more,
    }


def _kept(hospital: Hospital, number: str) -> Row:
    return truth.card(hospital.row("SELECT * FROM card WHERE doc_no = ?", number))


def _bare(card: Row) -> Row:
    return {name: value for name, value in card.items() if name != "id"}


@pytest.fixture
def child(hospital: Hospital, chance: random.Random) -> dict[str, Any]:
    """What is said of somebody of three years."""
    born = date.fromisoformat(hospital.now()[:10]) - timedelta(days=3 * 366)
    return _application(chance, sex="male", birthDate=born.isoformat(), relation="child")


def test_a_childs_card_needs_a_guardian(
    cloud: Cloud, hospital: Hospital, child: dict[str, Any], chance: random.Random
) -> None:
    """Refused in the hospital's words without one; made and found again with one."""
    refused = cloud.call("POST", "/v1/patient-cards", child)
    assert (refused.status, refused.json["type"]) == (409, "/problems/refused")
    assert refused.json["message"] == "未满14周岁须登记监护人"
    number = child["documentNumber"]
    assert hospital.rows("SELECT 1 FROM card WHERE doc_no = ?", number) == []
    guardian = {
        "name": "卡试长",
        "documentType": "identity-card",
        "documentNumber": _identity_number(chance, date(1990, 4, 1), "female"),
    }
    made = cloud.call("POST", "/v1/patient-cards", {**child, "guardian": guardian})
    assert (made.status, made.json["guardian"]) == (201, guardian), made.body
    assert _bare(made.json) == _kept(hospital, number)
    assert cloud.get("/v1/patient-card", card=made.json["id"]) == made.json


@pytest.mark.parametrize("sex", ["female", "male"])
def test_an_identity_number_says_sex_and_birth_date(
    cloud: Cloud, hospital: Hospital, chance: random.Random, sex: str
) -> None:
    """They need not be said beside it, and a region that is no more stays valid."""
    number = _identity_number(chance, date(1985, 12, 31), sex)
    asked = _application(chance, documentType="identity-card", documentNumber=number)
    made = cloud.call("POST", "/v1/patient-cards", asked)
    assert made.status == 201, made.body
    assert (made.json["sex"], made.json["birthDate"]) == (sex, "1985-12-31")
    assert _bare(made.json) == _kept(hospital, number)


def test_a_wrong_identity_number_is_told_at_its_field(
    cloud: Cloud, hospital: Hospital, chance: random.Random
) -> None:
    """Its check character does not fit: 422, and the hospital is not asked."""
    number = _identity_number(chance, date(1985, 12, 31), "female")
    wrong = number[:-1] + ("0" if number[-1] != "0" else "1")
    asked = _application(chance, documentType="identity-card", documentNumber=wrong)
    before = hospital.control("GET", "/counters")["calls"]
    answer = cloud.call("POST", "/v1/patient-cards", asked)
    assert hospital.control("GET", "/counters")["calls"] == before
    assert answer.status == 422
    assert [one["pointer"] for one in answer.json["errors"]] == ["/documentNumber"]
    assert wrong not in answer.body.decode()


def test_a_second_card_and_anothers_document_are_refused(
    cloud: Cloud, chance: random.Random
) -> None:
    """The same person has a card, whatever the phone; under another name it is somebody else's."""
    asked = _application(chance, sex="female", birthDate="1988-02-29")
    assert cloud.call("POST", "/v1/patient-cards", asked).status == 201
    for wish, problem in (
        (asked, "/problems/card-exists"),
        ({**asked, "phone": "13800000001"}, "/problems/card-exists"),
        ({**asked, "name": "卡试他"}, "/problems/identity-mismatch"),
    ):
        refused = cloud.call("POST", "/v1/patient-cards", wish)
        assert (refused.status, refused.json["type"]) == (409, problem)


def test_every_search_that_misses_is_answered_alike(cloud: Cloud, chance: random.Random) -> None:
    """Whether nobody has that document, or somebody with another name or phone."""
    asked = _application(chance, sex="female", birthDate="1988-02-29")
    made = cloud.call("POST", "/v1/patient-cards", asked).json
    wanted = {name: asked[name] for name in ("name", "documentType", "documentNumber", "phone")}
    assert cloud.call("POST", "/v1/patient-cards/search", wanted).json == made
    others = {"name": "卡试他", "documentNumber": "C99999999X", "phone": "13800000001"}
    answers = [
        cloud.call("POST", "/v1/patient-cards/search", {**wanted, name: other})
        for name, other in others.items()
    ]
    assert [answer.status for answer in answers] == [404, 404, 404]
    told = [
        {name: value for name, value in answer.json.items() if name != "instance"}
        for answer in answers
    ]
    assert told[0] == told[1] == told[2]
