"""Trades: what a write answered, kept under its serial in the form in which it was sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from lxml import etree
from spyne.util.xml import get_object_as_xml, get_xml_as_object
from sqlalchemy.orm import Session

from sandbox.hospital import model
from sandbox.hospital import registration_types as wire
from sandbox.hospital.operations import Reply

_KINDS: dict[str, Any] = {"Card": wire.Card, "Hold": wire.Hold, "Order": wire.Order}
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True)


def begin(
    session: Session, serial: str, channel: str, trade_type: str, now: datetime
) -> model.Trade:
    """Take the serial; whoever comes second with it waits here for the first to end."""
    trade = model.Trade(
        serial=serial,
        channel=channel,
        trade_type=trade_type,
        result_code="",
        result_msg="",
        reply="",
        trade_time=now,
    )
    session.add(trade)
    session.flush()
    return trade


def finish(trade: model.Trade, answer: Reply) -> None:
    """Keep the answer."""
    trade.result_code = answer.code
    trade.result_msg = answer.message
    trade.reply = "".join(
        etree.tostring(get_object_as_xml(value, _KINDS[name]), encoding="unicode")
        for name, value in answer.data.items()
    )


def reply(trade: model.Trade) -> Reply:
    """Return the answer as it was first given."""
    data: dict[str, Any] = {}
    if trade.reply:
        element = etree.fromstring(trade.reply, _PARSER)
        name = etree.QName(element).localname
        data[name] = get_xml_as_object(element, _KINDS[name])
    return Reply(trade.result_code, trade.result_msg, data)
