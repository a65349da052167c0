"""Trades as operations: what a service of one string can be asked, one by one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from gateway.soap.codec import Codec
from gateway.soap.contract import Contract
from gateway.soap.credentials import Credentials
from gateway.soap.elements import ComplexType, Element, always, follow
from gateway.soap.errors import ContractError
from gateway.soap.operation import Operation
from gateway.soap.payload.charset import CHARSETS, Charset
from gateway.soap.payload.codec import PayloadCodec, Reply, Request
from gateway.soap.payload.delimited_form import DelimitedForm
from gateway.soap.payload.encryption import MessageCipher
from gateway.soap.payload.form import Form
from gateway.soap.payload.json_form import JsonForm
from gateway.soap.payload.model import Payload, Style
from gateway.soap.payload.places import reply_at, request_at
from gateway.soap.payload.xml_form import XmlForm
from gateway.soap.places import only, without

FORMS: Mapping[Style, Callable[[Path, Path, Charset], Form]] = MappingProxyType(
    {"delimited": DelimitedForm, "json": JsonForm, "xml": XmlForm}
)
"""What reads a schema of a style, with what it imports from a folder."""


def with_payload(contract: Contract, payload: Payload, folder: Path) -> Contract:
    """The contract with each trade as an operation, in the place of the carriers.

    A trade's input has the members of its message and the arguments of its carrier that are said
    nowhere else; its output has the members of the reply's message and what stands beside it.
    A trade whose schemas cannot be taken is `refused`, with the first reason. Every place that
    `payload` names leads to a text: `gateway.policies.check` has seen to it.
    """
    made: dict[str, _Made] = {}
    refused = dict(contract.refused)
    for name in payload.trades:
        try:
            made[name] = _Made(contract, payload, folder, name)
        except ContractError as error:
            refused[name] = error
    carriers = {trade.operation for trade in payload.trades.values()}
    plain = {name: one for name, one in contract.operations.items() if name not in carriers}
    digest = hashlib.sha256(contract.digest.encode())
    for trade in made.values():
        digest.update(trade.digest.encode())
    return replace(
        contract,
        operations=MappingProxyType(
            plain | {name: trade.operation for name, trade in made.items()}
        ),
        codecs=MappingProxyType(
            {name: contract.codecs[name] for name in plain}
            | {name: trade.codec for name, trade in made.items()}
        ),
        digest=digest.hexdigest(),
        refused=MappingProxyType(refused),
    )


class _Made:
    """One trade, compiled: the operation that policies see, and the maker of its codec."""

    operation: Operation
    codec: Callable[[Credentials], Codec]
    digest: str

    def __init__(self, contract: Contract, payload: Payload, folder: Path, name: str) -> None:
        trade = payload.trades[name]
        carrier = contract.operations[trade.operation]
        charset = CHARSETS[payload.charset]
        form = FORMS[payload.style]
        sent_at = request_at(payload, trade, carrier) or ()
        told_at = reply_at(payload, carrier) or ()
        request = Request(
            form=form(folder / trade.request, folder, charset),
            at=sent_at,
            written=payload.request.written,
            arguments=trade.arguments,
            beside=without(carrier.input, {sent_at, *trade.arguments}),
        )
        reply = Reply(
            form=form(folder / trade.reply, folder, charset),
            at=told_at,
            written=payload.reply.written,
            beside=only(carrier.output, payload.reply.beside),
            optional=not always(follow(carrier.output, told_at) or ()),
        )
        told = _children(reply.form.root)
        if reply.optional:
            told = tuple(replace(child, min_occurs=0) for child in told)
        self.operation = Operation(
            name=name,
            input=_joined(
                name,
                _children(request.form.root),
                request.beside,
                folder / trade.request,
                "say that argument under the trade's arguments",
            ),
            output=_joined(
                f"{name}Response",
                told,
                reply.beside,
                folder / trade.reply,
                "leave it out of beside",
            ),
        )
        self.codec = lambda credentials: PayloadCodec(
            request,
            reply,
            charset,
            contract.codec(trade.operation, credentials),
            _cipher(payload, credentials),
        )
        self.digest = request.form.digest + reply.form.digest


def _cipher(payload: Payload, credentials: Credentials) -> MessageCipher | None:
    if payload.encryption is None:
        return None
    return MessageCipher(payload.encryption, credentials.message_key, payload.charset)


def _joined(
    name: str, inner: tuple[Element, ...], beside: tuple[Element, ...], schema: Path, remedy: str
) -> Element:
    names = {child.name for child in inner}
    twice = next((child.name for child in beside if child.name in names), None)
    if twice is not None:
        raise ContractError(schema, None, f"has {twice}, as the carrier of {name} has; {remedy}")
    return Element(name, "", ComplexType(name, (*inner, *beside)))


def _children(element: Element) -> tuple[Element, ...]:
    return element.type.children if isinstance(element.type, ComplexType) else ()
