"""The two exchanges that are measured: what is asked, and what the hospital answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import orjson

NAMESPACE: Final = "urn:bench:schedules"
CHANNEL: Final = "DY01"
CARD: Final = "880000012345"
SLOT: Final = "S20260301007"
ITEMS: Final = 30

_SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
_DEPARTMENTS: Final = ("心血管内科", "神经内科", "骨科", "儿科", "皮肤科")
_DOCTORS: Final = ("王建国", "李淑芬", "张伟", "欧阳明", "陈静怡", "刘洋")


@dataclass(frozen=True, slots=True)
class Case:
    """One exchange: its route, its operation, the request in REST and in SOAP, and the reply.

    `broken` is the reply with one value that its type does not allow: an amount of three
    decimals, which a client without validation takes for what it is not.
    """

    name: str
    about: str
    route: str
    operation: str
    method: str
    path: str
    body: bytes
    envelope: bytes
    reply: bytes
    broken: bytes
    refused_with: int


def _envelope(content: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<soap:Envelope xmlns:soap="{_SOAP}"><soap:Body>{content}</soap:Body></soap:Envelope>'
    ).encode()


def _elements(prefix: str, **values: object) -> str:
    return "".join(f"<{prefix}{name}>{value}</{prefix}{name}>" for name, value in values.items())


def _schedule(number: int) -> str:
    day, period = 1 + number // 3, 1 + number % 3
    return (
        "<t:Schedule>"
        + _elements(
            "t:",
            ScheduleCode=f"SCH202603{day:02}{period:02}{number:04}",
            WorkDate=f"2026-03-{day:02}",
            PeriodCode=period,
            DeptName=_DEPARTMENTS[number % len(_DEPARTMENTS)],
            DoctorName=_DOCTORS[number % len(_DOCTORS)],
            TitleCode=1 + number % 4,
            RegisterFee=f"{10 + number}.{number % 10}0",
            TotalNumber=20 + number,
            LeftNumber=number % 7,
            StartTime=f"2026-03-{day:02}T{8 + 4 * (period - 1):02}:00:00",
        )
        + "</t:Schedule>"
    )


def _query_reply() -> bytes:
    rows = "".join(_schedule(number) for number in range(ITEMS))
    return _envelope(
        f'<t:QuerySchedulesResponse xmlns:t="{NAMESPACE}">'
        + _elements("t:", ResultCode="0", ResultMsg="OK")
        + f"<t:ScheduleList>{rows}</t:ScheduleList></t:QuerySchedulesResponse>"
    )


def _write_reply() -> bytes:
    hold = _elements(
        "t:",
        HoldCode="H20260301007",
        SlotCode=SLOT,
        CardNo=CARD,
        QueueNo=7,
        RegisterFee="25.50",
        ExpireTime="2026-03-01T08:15:00",
    )
    return _envelope(
        f'<t:LockSlotResponse xmlns:t="{NAMESPACE}">'
        + _elements("t:", ResultCode="0", ResultMsg="held until the time that is given here")
        + f"<t:Hold>{hold}</t:Hold></t:LockSlotResponse>"
    )


QUERY: Final = Case(
    name="query",
    about="a query answered by 30 items of 10 fields",
    route="list-schedules",
    operation="QuerySchedules",
    method="GET",
    path="/v1/schedules?departmentId=0301&from=2026-03-01&to=2026-03-10",
    body=b"",
    envelope=_envelope(
        f'<QuerySchedules xmlns="{NAMESPACE}">'
        + _elements(
            "", ChannelCode=CHANNEL, DeptCode="0301", StartDate="2026-03-01", EndDate="2026-03-10"
        )
        + "</QuerySchedules>"
    ),
    reply=_query_reply(),
    broken=_query_reply().replace(b"<t:RegisterFee>39.90<", b"<t:RegisterFee>39.905<"),
    refused_with=502,
)
WRITE: Final = Case(
    name="write",
    about="a small write",
    route="hold-slot",
    operation="LockSlot",
    method="POST",
    path="/v1/holds",
    body=orjson.dumps({"slotId": SLOT, "phone": "13900000000"}),
    envelope=_envelope(
        f'<LockSlot xmlns="{NAMESPACE}">'
        + _elements(
            "",
            ChannelCode=CHANNEL,
            PlatformSerial="G0123456789abcdef0123456789abcde",
            CardNo=CARD,
            SlotCode=SLOT,
            Phone="13900000000",
        )
        + "</LockSlot>"
    ),
    reply=_write_reply(),
    broken=_write_reply().replace(b">25.50<", b">25.505<"),
    refused_with=202,
)
CASES: Final = (QUERY, WRITE)
