"""Peer: FastAPI with zeep in the thread pool, the way that most would write it first.

One zeep client a process over requests, plain `def` endpoints, pydantic models both ways. The
reply is not held against its schema: zeep reads what is there.
"""

from __future__ import annotations

import hashlib
import os
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import requests
import zeep
from fastapi import FastAPI, Header, HTTPException, Query
from pydantic import BaseModel, ConfigDict, Field
from requests.adapters import HTTPAdapter
from zeep.transports import Transport

from bench.messages import CHANNEL, NAMESPACE

WSDL = Path(__file__).parent.parent / "packs" / "schedules" / "schedules.wsdl"
THREADS = 40
"""As many as Starlette's thread pool has: fewer pooled connections would be opened anew."""

PERIODS = {"1": "morning", "2": "afternoon", "3": "evening"}
TITLES = {"1": "chief", "2": "associate-chief", "3": "attending", "4": "resident"}
ZONE = ZoneInfo("Asia/Shanghai")


class Schedule(BaseModel):
    """One item of the query's answer."""

    id: str
    date: str
    period: str
    departmentName: str  # noqa: N815 - as the API spells it
    practitionerName: str  # noqa: N815
    title: str
    fee: int
    total: int
    remaining: int
    startsAt: str  # noqa: N815


class Schedules(BaseModel):
    """The query's answer."""

    items: list[Schedule]


class HoldRequest(BaseModel):
    """The write's body."""

    model_config = ConfigDict(extra="forbid", strict=True)

    slotId: str = Field(pattern="^[A-Z0-9]{2,32}$")  # noqa: N815
    phone: str = Field(pattern="^1[0-9]{10}$")


class Hold(BaseModel):
    """The write's answer."""

    id: str
    slotId: str  # noqa: N815
    queueNumber: int  # noqa: N815
    fee: int
    expiresAt: str  # noqa: N815


def _service() -> Any:
    session = requests.Session()
    session.mount("http://", HTTPAdapter(pool_connections=1, pool_maxsize=THREADS))
    client = zeep.Client(str(WSDL), transport=Transport(session=session))
    binding = f"{{{NAMESPACE}}}SchedulesSoap"
    return client.create_service(binding, os.environ["BENCH_STUB_URL"])


app = FastAPI()
service = _service()


@app.get("/v1/schedules")
def list_schedules(
    department: Annotated[str, Query(alias="departmentId", pattern="^[A-Z0-9]{2,32}$")],
    start: Annotated[date, Query(alias="from")],
    end: Annotated[date, Query(alias="to")],
) -> Schedules:
    """The schedules of a department between two days."""
    reply = service.QuerySchedules(
        ChannelCode=CHANNEL, DeptCode=department, StartDate=start, EndDate=end
    )
    if reply.ResultCode != "0":
        raise HTTPException(502)
    rows = reply.ScheduleList.Schedule if reply.ScheduleList else []
    return Schedules(items=[_schedule(row) for row in rows])


@app.post("/v1/holds", status_code=201)
def hold_slot(
    wanted: HoldRequest,
    card: Annotated[str, Header(alias="Card-Number", pattern="^[0-9]{12}$")],
    key: Annotated[str, Header(alias="Idempotency-Key", pattern="^[A-Za-z0-9_-]{16,64}$")],
) -> Hold:
    """Hold a slot for a card."""
    reply = service.LockSlot(
        ChannelCode=CHANNEL,
        PlatformSerial="G" + hashlib.sha256(key.encode()).hexdigest()[:31],
        CardNo=card,
        SlotCode=wanted.slotId,
        Phone=wanted.phone,
    )
    if reply.ResultCode != "0":
        raise HTTPException(502)
    hold = reply.Hold
    if hold.CardNo != card or hold.SlotCode != wanted.slotId:
        raise HTTPException(502)
    return Hold(
        id=hold.HoldCode,
        slotId=hold.SlotCode,
        queueNumber=hold.QueueNo,
        fee=_fen(hold.RegisterFee),
        expiresAt=_moment(hold.ExpireTime),
    )


def _schedule(row: Any) -> Schedule:
    return Schedule(
        id=row.ScheduleCode,
        date=row.WorkDate.isoformat(),
        period=PERIODS[row.PeriodCode],
        departmentName=row.DeptName,
        practitionerName=row.DoctorName,
        title=TITLES[row.TitleCode],
        fee=_fen(row.RegisterFee),
        total=row.TotalNumber,
        remaining=row.LeftNumber,
        startsAt=_moment(row.StartTime),
    )


def _fen(amount: Decimal) -> int:
    return int(amount * 100)


def _moment(moment: datetime) -> str:
    return moment.replace(tzinfo=ZONE).isoformat()
