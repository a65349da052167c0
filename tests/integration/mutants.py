"""A pytest plugin (`-p tests.integration.mutants`) that takes one safeguard out of the gateway.

`MUTANT` in the environment names it. Which tests then fail is in `test_mutants.py`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from gateway import carry_out
from gateway.closing.closings import Closings
from gateway.closing.switch import Switch
from gateway.delivery import Delivery
from gateway.document import Content
from gateway.soap import transport
from gateway.soap.document_codec import DocumentCodec
from gateway.soap.errors import CallFailed
from gateway.soap.payload.charset import Charset
from gateway.soap.payload.delimited_form import DelimitedForm
from gateway.soap.payload.record_schema import RecordSchema
from gateway.soap.payload.xml_form import XmlForm
from gateway.soap.spool import Spool
from gateway.translation.comparison import Comparison


class _Valid:
    """A schema that finds everything valid."""

    def validate(self, _element: object) -> bool:
        return True


class _AnyName:
    """A name that equals every other."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, _other: object) -> bool:
        return True

    def __ne__(self, _other: object) -> bool:
        return False


def _with(method: str, **swapped: object) -> None:
    """Let a method of every codec run with other attributes."""
    real: Callable[..., Any] = getattr(DocumentCodec, method)

    def mutated(self: DocumentCodec, *arguments: object) -> object:
        kept = {name: getattr(self, name) for name in swapped}
        for name, value in swapped.items():
            setattr(self, name, value)
        try:
            return real(self, *arguments)
        finally:
            for name, value in kept.items():
                setattr(self, name, value)

    setattr(DocumentCodec, method, mutated)


def without_the_reply_xsd() -> None:
    """Replies are read without being validated."""
    _with("decode", _schema=_Valid())


def without_the_request_xsd() -> None:
    """Requests are sent without being validated."""
    _with("encode", _schema=_Valid())


def without_the_name_check() -> None:
    """Any operation's reply will do."""
    _with("decode", _output_tag=_AnyName())


def without_the_delivery_classifier() -> None:
    """Whatever fails is taken for not sent."""

    def not_sent(_delivery: Delivery, reason: str) -> CallFailed:
        return CallFailed(Delivery.NOT_SENT, reason)

    vars(transport)["CallFailed"] = not_sent


def without_the_comparison_of_a_success() -> None:
    """Whatever a success says was done, it is taken for what was asked."""

    def alike(_comparison: Comparison, _asked: object, _replied: object) -> bool:
        return False

    # A frozen class with slots lets nobody set an attribute but through its type.
    type.__setattr__(Comparison, "differs", alike)


def without_asking_before_a_repeat() -> None:
    """A write without a serial is sent straight away."""

    async def send(_asking: object, _deadline: object) -> None:
        return None

    type.__setattr__(carry_out._Asking, "before", send)


def without_the_mark() -> None:
    """The long text of a reply is taken for its document, wherever it stood."""
    real = Spool.document

    def any_text(spool: Spool, text: str) -> Content:
        found = spool._document is not None
        return real(spool, spool._mark.decode() if found else text)

    type.__setattr__(Spool, "document", any_text)


def without_the_closings() -> None:
    """A closed function is called all the same."""

    def pass_by(_closings: Closings, _route: object) -> None:
        return None

    type.__setattr__(Closings, "hold", pass_by)


def without_the_signature() -> None:
    """A switch is believed whoever threw it."""

    def believed(_switch: Switch, _secret: str) -> bool:
        return True

    type.__setattr__(Switch, "is_of", believed)


def without_the_inner_schema() -> None:
    """A message in a string is read and written without being validated."""
    real = XmlForm.__init__

    def made(form: XmlForm, *arguments: Any) -> None:
        real(form, *arguments)
        vars(form)["_schema"] = _Valid()

    def nothing(_schema: RecordSchema, _record: object) -> tuple[()]:
        return ()

    type.__setattr__(XmlForm, "__init__", made)
    type.__setattr__(RecordSchema, "faults", nothing)


def without_the_charset_check() -> None:
    """Every charset is taken to carry every character."""

    def carried(_charset: Charset, _text: str) -> bool:
        return True

    type.__setattr__(Charset, "carries", carried)


def without_the_separator_check() -> None:
    """A value may hold what stands between fields."""

    def nothing(_form: DelimitedForm, *_: object) -> tuple[()]:
        return ()

    type.__setattr__(DelimitedForm, "_unwritable", nothing)


def without_credentials_of_each_attempt() -> None:
    """Who asks is said once, and again in the same words."""
    real = DocumentCodec.for_attempt
    said: dict[bytes, bytes] = {}

    def once(codec: DocumentCodec, envelope: bytes) -> bytes:
        return said.setdefault(envelope, real(codec, envelope))

    type.__setattr__(DocumentCodec, "for_attempt", once)


MUTANTS = {
    mutate.__name__.replace("_", " "): mutate
    for mutate in (
        without_the_reply_xsd,
        without_the_request_xsd,
        without_the_name_check,
        without_the_delivery_classifier,
        without_the_comparison_of_a_success,
        without_asking_before_a_repeat,
        without_the_mark,
        without_the_closings,
        without_the_signature,
        without_the_inner_schema,
        without_the_charset_check,
        without_the_separator_check,
        without_credentials_of_each_attempt,
    )
}

if "MUTANT" in os.environ:
    MUTANTS[os.environ["MUTANT"]]()
