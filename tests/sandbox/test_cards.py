"""Electronic patient cards."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from sandbox.hospital import identity
from tests.sandbox.world import CHANNEL, World, serial

_ADULT = {"Name": "测试甲", "DocType": "01", "Phone": "13900000001", "Relation": "0"}
_VERIFIED = {"VerifyMethod": "1", "VerifyTime": "2026-03-10T08:59:00"}


def _create(service: Any, **fields: Any) -> Any:
    return service.CreateCard(
        PlatformSerial=serial(), ChannelCode=CHANNEL, **(_ADULT | _VERIFIED | fields)
    )


def test_a_card_made_is_found_by_all_that_it_says(world: World, service: Any) -> None:
    """Sex and birth date are the identity number's; every partial match is no data."""
    number = identity.compose("110105", date(1987, 6, 5), 21)
    card = _create(service, DocNo=number).Card
    assert (card.SexCode, card.BirthDate) == ("1", date(1987, 6, 5))
    row = world.row("SELECT * FROM card WHERE card_no = :no", no=card.CardNo)
    assert (row["name"], row["doc_no"], row["phone"]) == ("测试甲", number, "13900000001")
    wanted = {"Name": "测试甲", "DocType": "01", "DocNo": number, "Phone": "13900000001"}
    assert service.FindCard(ChannelCode=CHANNEL, **wanted).Card == card
    assert service.QueryCard(ChannelCode=CHANNEL, CardNo=card.CardNo).Card == card
    for wrong in ({"Name": "测试乙"}, {"Phone": "13900000002"}, {"DocType": "02"}):
        miss = service.FindCard(ChannelCode=CHANNEL, **(wanted | wrong))
        assert (miss.ResultCode, miss.ResultMsg, miss.Card) == ("1", "无数据", None)


def test_a_document_has_one_card(world: World, service: Any) -> None:
    """Known under the same name or under another, whatever the phone; no second row is written."""
    number = identity.compose("110105", date(1987, 6, 5), 25)
    assert _create(service, DocNo=number).ResultCode == "0"
    for name, code in (("测试甲", "2011"), ("测试丙", "2012")):
        for phone in ("13900000001", "13900000002"):
            again = _create(service, DocNo=number, Name=name, Phone=phone)
            assert (again.ResultCode, again.Card) == (code, None)
    assert len(world.rows("SELECT 1 FROM card WHERE doc_no = :no", no=number)) == 1


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"DocNo": "110105198706050218"}, "2008"),
        ({"DocNo": identity.compose("110105", date(1988, 6, 5), 21), "SexCode": "2"}, "2012"),
        (
            {
                "DocNo": identity.compose("110105", date(1988, 6, 5), 23),
                "BirthDate": date(1988, 6, 6),
            },
            "2012",
        ),
        ({"DocNo": identity.compose("110105", date(2020, 6, 5), 21)}, "2008"),
        ({"DocType": "03", "DocNo": "E12345678"}, "2008"),
    ],
    ids=["check character", "sex", "birth date", "child without guardian", "passport alone"],
)
def test_what_does_not_fit_makes_no_card(service: Any, fields: dict[str, Any], code: str) -> None:
    """Each refusal has its code."""
    assert _create(service, **fields).ResultCode == code


def test_a_child_has_a_guardian(service: Any) -> None:
    """Under fourteen the card names who answers for the child."""
    guardian = {
        "Name": "测试父",
        "DocType": "01",
        "DocNo": identity.compose("110105", date(1990, 1, 2), 11),
    }
    number = identity.compose("110105", date(2020, 6, 5), 22)
    card = _create(service, DocNo=number, Relation="1", Guardian=guardian).Card
    assert card.Guardian.Name == "测试父"
    assert card.SexCode == "2"


def test_the_standards_own_example_is_valid() -> None:
    """GB 11643 gives this number as its example."""
    assert identity.is_valid("11010519491231002X")
    assert not identity.is_valid("110105194912310021")
    assert not identity.is_valid("11010519491331002X")
