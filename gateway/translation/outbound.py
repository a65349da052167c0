"""From a request's values to the operation's arguments."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, cast

from gateway.problems import FieldError, Rejection
from gateway.record import Record, Value
from gateway.translation.context import Context
from gateway.translation.faults import NoSuchThing, ValueFault
from gateway.translation.formats import Format
from gateway.translation.inbound import texts_at
from gateway.translation.values import Converter, relative_day

Location = Literal["path", "query", "body"]

MOST_CARRIED: Final = 1024
"""Bytes of JSON that a Location has room for, sealed, in a URL that every proxy lets through."""
_TOO_LONG: Final = FieldError(
    "body",
    "",
    "is too long, all values together, to be asked about later",
    "各值合计过长，之后将无法查询其结果",
)


@dataclass(frozen=True, slots=True)
class Field:
    """One REST value and where it goes.

    `name` leads to it in the values, `target` in the record. `default` is a day as the policy
    names it (`today`, `today+7d`), `empty` the text for a value that is not given. `of` leads to
    the value that says what this one is of.
    """

    location: Location
    name: tuple[str, ...]
    target: tuple[str, ...]
    converter: Converter
    default: str | None = None
    empty: str | None = None
    of: tuple[str, ...] | None = None

    def text(self, values: Mapping[str, Any], context: Context) -> str | None:
        """The hospital's text; None when nothing is to be sent. Raises as a converter does."""
        value = _find(values, self.name)
        if value is None:
            if self.default is None:
                return self.empty
            value = relative_day(self.default, context.today)
        of = None if self.of is None else _find(values, self.of)
        return self.converter.outbound(value, context, of)

    def error(self, detail: str, detail_zh: str) -> FieldError:
        """A fault of this field, as the caller is told of it."""
        return FieldError(self.location, "/" + "/".join(self.name), detail, detail_zh)


@dataclass(frozen=True, slots=True)
class Constant:
    """What the policy sets: a text, the same for all or by client, or the hospital's time."""

    target: tuple[str, ...]
    text: str | None
    by_client: Mapping[str, str]
    now: Format | None = None

    def text_in(self, context: Context) -> str:
        """The text in an exchange; `Rejection` 403 for a client that the policy does not know."""
        if self.text is not None:
            return self.text
        if self.now is not None:
            return self.now.write(context.now)
        if self.lacks(context.client):
            raise Rejection("forbidden", reason="no-constant-for-client")
        return self.by_client[context.client]

    def lacks(self, client: str) -> bool:
        """Whether there is no text for a client."""
        return self.text is None and self.now is None and client not in self.by_client


@dataclass(frozen=True, slots=True)
class Outbound:
    """A route's request translation, compiled.

    `asks` are arguments taken from those of the write that is asked about. `carried` are the
    arguments that are needed to ask about this write.
    """

    fields: tuple[Field, ...]
    constants: tuple[Constant, ...] = ()
    serial: tuple[str, ...] | None = None
    subject: tuple[str, ...] | None = None
    asks: Mapping[tuple[str, ...], tuple[str, ...]] = dataclasses.field(default_factory=dict)
    carried: tuple[tuple[str, ...], ...] = ()

    def __call__(self, values: Mapping[str, Any], context: Context) -> Record:
        """The arguments as a record; raises `Rejection` naming every value that cannot go."""
        record: Record = {}
        errors: list[FieldError] = []
        for field in self.fields:
            try:
                text = field.text(values, context)
            except ValueFault as fault:
                errors.append(field.error(fault.detail, fault.detail_zh))
            except NoSuchThing:
                raise Rejection("not-found", reason="id-not-sealed-here") from None
            else:
                _put(record, field.target, text)
        if errors:
            raise Rejection("invalid", errors=tuple(errors))
        for constant in self.constants:
            _put(record, constant.target, constant.text_in(context))
        _put(record, self.serial, context.serial)
        _put(record, self.subject, context.card)
        for target, source in self.asks.items():
            _put(record, target, next(texts_at(context.asked or {}, source), None))
        if self.carried and len(self.carry(record).encode()) > MOST_CARRIED:
            raise Rejection("invalid", errors=(_TOO_LONG,))
        return record

    def carry(self, arguments: Record) -> str:
        """What has to be known to ask about this write, as JSON; nothing where a serial does."""
        if not self.carried:
            return ""
        picked = pick(arguments, self.carried)
        return json.dumps(picked, ensure_ascii=False, separators=(",", ":"))

    def refused(self, faults: tuple[tuple[tuple[str, ...], str], ...]) -> Rejection:
        """What the caller is told when the contract refuses the arguments, by (path, reason).

        An id in the URL that the contract does not allow names nothing that exists.
        """
        by_target = {field.target: field for field in self.fields}
        errors = []
        for path, reason in faults:
            field = by_target.get(path)
            if field is None:
                # A constant or serial that the contract refuses is a fault of the policy.
                return Rejection("internal", reason="request-off-contract")
            if field.location == "path":
                return Rejection("not-found", reason="no-such-id")
            errors.append(
                field.error(f"is not allowed by the hospital: {reason}", "医院接口不接受此值")
            )
        return Rejection("invalid", errors=tuple(errors))


def pick(value: Value, paths: Iterable[tuple[str, ...]]) -> Value:
    """What of a record these paths lead to, in its shape."""
    if isinstance(value, list):
        return [pick(entry, paths) for entry in value]
    inner: dict[str, list[tuple[str, ...]]] = {}
    for first, *rest in paths:
        inner.setdefault(first, []).append(tuple(rest))
    if not isinstance(value, dict):
        return value
    return {
        name: value[name] if () in rests else pick(value[name], rests)
        for name, rests in inner.items()
        if name in value
    }


def _find(values: Mapping[str, Any], name: tuple[str, ...]) -> Any:
    found: Any = values
    for part in name:
        found = found.get(part)
        if found is None:
            return None
    return found


def _put(record: Record, target: tuple[str, ...] | None, text: str | None) -> None:
    if not target or text is None:
        return
    *parents, leaf = target
    for parent in parents:
        record = cast("Record", record.setdefault(parent, {}))
    record[leaf] = text
