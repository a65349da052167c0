"""From a request's values to the operation's arguments."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator, Mapping
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
_MOST_SAID: Final[tuple[Location, ...]] = ("body", "query", "path")
"""Where of a request the most of its values stand, if any do."""
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

    def error(self, detail: str, detail_zh: str, above: tuple[str, ...] = ()) -> FieldError:
        """A fault of this field, as callers are told of it; `above` leads to the entry it is in."""
        pointer = "/" + "/".join((*above, *self.name))
        return FieldError(self.location, pointer, detail, detail_zh)


@dataclass(frozen=True, slots=True)
class Items:
    """A list of the body, and the repeated element that each of its entries goes to.

    `name` and `target` lead to the list, those of `fields` on from an entry. The one field of a
    list of plain values has no name and no target: it is the entry.
    """

    name: tuple[str, ...]
    target: tuple[str, ...]
    fields: tuple[Field | Items, ...]
    location: Location = "body"


@dataclass(frozen=True, slots=True)
class Constant:
    """What the policy sets: a text, the same for all or by client, or the hospital's time.

    The text may be a secret.
    """

    target: tuple[str, ...]
    text: str | None = dataclasses.field(repr=False)
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

    fields: tuple[Field | Items, ...]
    constants: tuple[Constant, ...] = ()
    serial: tuple[str, ...] | None = None
    subject: tuple[str, ...] | None = None
    asks: Mapping[tuple[str, ...], tuple[str, ...]] = dataclasses.field(default_factory=dict)
    carried: tuple[tuple[str, ...], ...] = ()

    def __call__(self, values: Mapping[str, Any], context: Context) -> Record:
        """The arguments as a record; raises `Rejection` naming every value that cannot go."""
        errors: list[FieldError] = []
        record = _filled(self.fields, values, context, (), errors)
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

    def refused(
        self, faults: tuple[tuple[tuple[str, ...], str, tuple[int, ...]], ...]
    ) -> Rejection:
        """What the caller is told when the contract refuses the arguments.

        By (path, reason, indexes in the lists on the path), the empty path for the arguments as a
        whole. An id in the URL that the contract does not allow names nothing that exists.
        """
        by_target = {target: (location, name) for target, location, name in _places(self.fields)}
        locations = {location for location, _ in by_target.values()}
        whole = next((one for one in _MOST_SAID if one in locations), None)
        if whole is not None:
            by_target[()] = (whole, ())
        errors = []
        for path, reason, indexes in faults:
            if path not in by_target:
                # A constant or serial that the contract refuses is a fault of the policy.
                return Rejection("internal", reason="request-off-contract")
            location, name = by_target[path]
            if location == "path":
                return Rejection("not-found", reason="no-such-id")
            errors.append(
                FieldError(
                    location,
                    _pointer(name, indexes),
                    f"is not allowed by the hospital: {reason}",
                    "医院接口不接受此值",
                )
            )
        return Rejection("invalid", errors=tuple(errors))


def _filled(
    fields: tuple[Field | Items, ...],
    values: Mapping[str, Any],
    context: Context,
    above: tuple[str, ...],
    errors: list[FieldError],
) -> Record:
    """The record of an object's members; `above` leads to it, its faults go to `errors`."""
    record: Record = {}
    for field in fields:
        if isinstance(field, Items):
            _put(record, field.target, _entries(field, values, context, above, errors))
        else:
            _put(record, field.target, _text(field, values, context, above, errors))
    return record


def _entries(
    items: Items,
    values: Mapping[str, Any],
    context: Context,
    above: tuple[str, ...],
    errors: list[FieldError],
) -> list[Value] | None:
    entries = _find(values, items.name)
    if entries is None:
        return None
    found: list[Value] = []
    for index, entry in enumerate(entries):
        here = (*above, *items.name, str(index))
        match items.fields:
            case (Field(name=()) as plain,):
                found.append(_text(plain, entry, context, here, errors))
            case fields:
                found.append(_filled(fields, entry, context, here, errors))
    return found


def _text(
    field: Field, values: Any, context: Context, above: tuple[str, ...], errors: list[FieldError]
) -> str | None:
    try:
        return field.text(values, context)
    except ValueFault as fault:
        errors.append(field.error(fault.detail, fault.detail_zh, above))
        return None
    except NoSuchThing:
        raise Rejection("not-found", reason="id-not-sealed-here") from None


_Name = tuple[str | None, ...]
"""What leads to a value of the request; None stands for the place in a list."""


def _places(
    fields: tuple[Field | Items, ...], target: tuple[str, ...] = (), name: _Name = ()
) -> Iterator[tuple[tuple[str, ...], Location, _Name]]:
    for field in fields:
        leads, called = (*target, *field.target), (*name, *field.name)
        yield leads, field.location, called
        if isinstance(field, Items):
            yield from _places(field.fields, leads, (*called, None))


def _pointer(name: _Name, indexes: tuple[int, ...]) -> str:
    """The JSON Pointer as far as the places in lists are known."""
    known = iter(indexes)
    pointer = ""
    for part in name:
        step = next(known, None) if part is None else part
        if step is None:
            break
        pointer += f"/{step}"
    return pointer


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


def _put(record: Record, target: tuple[str, ...] | None, value: Value) -> None:
    if not target or value is None:
        return
    *parents, leaf = target
    for parent in parents:
        record = cast("Record", record.setdefault(parent, {}))
    record[leaf] = value
