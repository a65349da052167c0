"""The seeded hospital's patients: made-up people with valid identity numbers."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from sandbox.hospital import identity
from sandbox.hospital.seeding.names import person_name

# County codes by GB/T 2260; the last two are retired and still valid in numbers given before.
_REGIONS = ("110105", "120103", "310115", "330106", "370102", "440106", "510107", "610113")
_RETIRED_REGIONS = ("110103", "310103")
_PATIENTS = 480
_CHILDREN = 90
_PASSPORTS = 12
_GUARDIAN_BELOW = 14


def patients(random: Random, founded_on: date) -> list[dict[str, Any]]:
    """Return rows for the table card: adults, children with a guardian, a few with a passport."""
    rows: list[dict[str, Any]] = []
    for index in range(_PATIENTS):
        age = random.randint(0, 13) if index % (_PATIENTS // _CHILDREN) == 0 else _adult_age(random)
        born = founded_on - timedelta(days=age * 365 + age // 4 + random.randint(1, 360))
        sex = random.choice("12")
        number = _identity_number(random, born, sex)
        created = founded_on - timedelta(days=random.randint(20, 900))
        passport = index >= _PATIENTS - _PASSPORTS
        name = person_name(random, sex)
        row: dict[str, Any] = {
            "card_no": f"{index:04d}{random.randrange(10**8):08d}",
            "name": name,
            "doc_type": "03" if passport else "01",
            "doc_no": f"E{random.randrange(10**8):08d}" if passport else number,
            "phone": f"1{random.choice('3578')}{random.randrange(10**9):09d}",
            "sex": sex,
            "birth_date": born,
            "verify_method": random.choice("123"),
            "verify_time": datetime.combine(created, time(9, random.randrange(60))),
            "relation": "0",
            "guardian_name": None,
            "guardian_doc_type": None,
            "guardian_doc_no": None,
            "create_time": datetime.combine(created, time(10, random.randrange(60))),
        }
        if identity.age_on(born, founded_on) < _GUARDIAN_BELOW:
            row |= _guardian(random, name, founded_on)
        rows.append(row)
    return rows


def _adult_age(random: Random) -> int:
    return min(int(random.triangular(18, 92, 45)), 92)


def _identity_number(random: Random, born: date, sex: str) -> str:
    sequence = random.randrange(1, 998, 2) if sex == "1" else random.randrange(2, 999, 2)
    region = random.choice(_REGIONS if random.random() < 0.95 else _RETIRED_REGIONS)
    return identity.compose(region, born, sequence)


def _guardian(random: Random, child: str, founded_on: date) -> dict[str, str]:
    born = founded_on - timedelta(days=random.randint(28 * 365, 45 * 365))
    return {
        "relation": "1",
        "guardian_name": child[0] + person_name(random, "1")[1:],
        "guardian_doc_type": "01",
        "guardian_doc_no": _identity_number(random, born, "1"),
    }
