"""Replies of the registration service, written by hand: valid ones, and what goes wrong in them."""

from __future__ import annotations

NAMESPACE = "urn:internet-hospital:registration"
CARD, OTHER_CARD = "100000000001", "100000000002"
SLOT, OTHER_SLOT = "S2031031401", "S2031031402"
HOLD = "H2031031400001"
ORDER = "20310314000001"
NAME = "欧阳测试"
PHONE = "13800000000"
DOCUMENT = "11010519491231002X"
"""The example of the standard for identity numbers (GB 11643), nobody's."""
MESSAGE = "仅供院内参考的提示"

_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">'
    "<soap:Body>{}</soap:Body></soap:Envelope>"
)


def envelope(content: str) -> bytes:
    """Any content of a SOAP 1.1 body."""
    return _ENVELOPE.format(content).encode()


def reply(operation: str, content: str = "", *, code: str = "0", message: str = MESSAGE) -> bytes:
    """An operation's reply: its result, then `content`."""
    return envelope(
        f'<{operation}Response xmlns="{NAMESPACE}"><ResultCode>{code}</ResultCode>'
        f"<ResultMsg>{message}</ResultMsg>{content}</{operation}Response>"
    )


def fault(code: str = "Server") -> bytes:
    """A SOAP fault with words that must not leave the hospital."""
    return envelope(
        f"<soap:Fault><faultcode>soap:{code}</faultcode>"
        f"<faultstring>{MESSAGE}</faultstring></soap:Fault>"
    )


def empty_response(operation: str) -> bytes:
    """The response element with nothing in it."""
    return envelope(f'<{operation}Response xmlns="{NAMESPACE}"/>')


def nil_result(operation: str) -> bytes:
    """A result code that is nil."""
    return envelope(
        f'<{operation}Response xmlns="{NAMESPACE}" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f'<ResultCode xsi:nil="true"/><ResultMsg>{MESSAGE}</ResultMsg></{operation}Response>'
    )


def department(code: str = "0101") -> str:
    """One department."""
    return (
        f"<Department><DeptCode>{code}</DeptCode><DeptName>内科</DeptName><DeptKind>1</DeptKind>"
        "<CampusCode>01</CampusCode><CampusName>本部</CampusName></Department>"
    )


def departments(*codes: str) -> bytes:
    """The reply to `QueryDepartments`."""
    rows = "".join(map(department, codes))
    return reply("QueryDepartments", f"<DepartmentList>{rows}</DepartmentList>")


def hold(*, slot: str = SLOT, card: str = CARD, code: str = HOLD) -> str:
    """A hold on a slot."""
    return (
        f"<Hold><HoldCode>{code}</HoldCode><SlotCode>{slot}</SlotCode>"
        f"<ScheduleCode>D20310314</ScheduleCode><CardNo>{card}</CardNo><QueueNo>0012</QueueNo>"
        "<ExpireTime>2031-03-14T09:45:00</ExpireTime><RegFee>12.50</RegFee></Hold>"
    )


def held(*, slot: str = SLOT, card: str = CARD) -> bytes:
    """The reply to `LockSlot`."""
    return reply("LockSlot", hold(slot=slot, card=card))


def order(*, card: str = CARD, number: str = ORDER) -> str:
    """A registration."""
    return (
        f"<Order><OrderNo>{number}</OrderNo><CardNo>{card}</CardNo><OrderKind>2</OrderKind>"
        f"<Origin>1</Origin><State>2</State><SlotCode>{SLOT}</SlotCode>"
        "<ScheduleCode>D20310314</ScheduleCode><DeptCode>0101</DeptCode><DeptName>内科</DeptName>"
        "<CampusName>本部</CampusName><ClinicDate>2031-03-15</ClinicDate>"
        "<PeriodCode>1</PeriodCode><StartTime>09:00</StartTime><EndTime>09:30</EndTime>"
        f"<RegFee>12.50</RegFee><HoldCode>{HOLD}</HoldCode>"
        "<CreateTime>2031-03-14T09:30:00</CreateTime><ActionList/></Order>"
    )


def card(*, number: str = CARD) -> str:
    """A patient card, with a person's data that nothing may log."""
    return (
        f"<Card><CardNo>{number}</CardNo><Name>{NAME}</Name><DocType>01</DocType>"
        f"<DocNo>{DOCUMENT}</DocNo><Phone>{PHONE}</Phone><SexCode>2</SexCode>"
        "<BirthDate>1949-12-31</BirthDate><VerifyMethod>1</VerifyMethod>"
        "<VerifyTime>2031-03-14T09:00:00</VerifyTime><Relation>0</Relation>"
        "<CreateTime>2031-03-14T09:30:00</CreateTime></Card>"
    )


def trade(serial: str, content: str = "", *, code: str = "0", kind: str = "LockSlot") -> bytes:
    """The reply to `QueryBySerial`: what the hospital keeps of a write."""
    return reply(
        "QueryBySerial",
        f"<Trade><Serial>{serial}</Serial><TradeType>{kind}</TradeType>"
        f"<ResultCode>{code}</ResultCode><ResultMsg>{MESSAGE}</ResultMsg>"
        f"<TradeTime>2031-03-14T09:30:00</TradeTime>{content}</Trade>",
    )
