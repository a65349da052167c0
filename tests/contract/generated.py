"""Hypothesis strategies for records, made from a contract's own types and facets."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal

from hypothesis import strategies as st

from gateway.record import Record, Value
from gateway.soap.elements import VARIANT, ComplexType, Element, Group, SimpleType

# Every character of XML 1.0, with more of those that need escaping than chance would bring.
XML_TEXT = st.one_of(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")),
    st.sampled_from("<>&'\"]]>\t\n\r 中é𠮷"),
)
PLAIN_TEXT = st.characters(codec="utf-8", categories=("L", "N", "P", "S"))
_DAYS = st.dates(min_value=date(1000, 1, 1))
_MOMENTS = st.datetimes(min_value=datetime(1000, 1, 1)).map(  # noqa: DTZ001  # local times are meant
    lambda moment: moment.replace(microsecond=0)
)


def values(element: Element) -> st.SearchStrategy[Value]:
    """What a record may hold under the element's name, when it holds anything."""
    kind = element.type
    one = records(kind) if isinstance(kind, ComplexType) else texts(kind)
    if element.nillable:
        one = st.one_of(st.none(), one)
    if not element.repeats:
        return one
    most = element.min_occurs + 3 if element.max_occurs is None else element.max_occurs
    # A record cannot tell an empty list from an absent one on the wire, so the list has one item.
    return st.lists(one, min_size=max(element.min_occurs, 1), max_size=most)


def records(kind: ComplexType) -> st.SearchStrategy[Value]:
    """Records of this type: required elements always, the others by chance."""
    if kind.variants:
        return st.one_of(*(_variant(variant) for variant in kind.variants))
    fields = {child.name: values(child) for child in kind.children}
    if kind.model is None:
        return _members(kind.children, fields)
    in_model = _names(kind.model)
    beside = [child for child in kind.children if child.name not in in_model]
    return _joined(_members(beside, fields), _modelled(kind.model, fields))


def _variant(kind: ComplexType) -> st.SearchStrategy[Value]:
    return _joined(records(kind), st.just({VARIANT: kind.name}))


def _members(
    children: Iterable[Element], fields: Mapping[str, st.SearchStrategy[Value]]
) -> st.SearchStrategy[Value]:
    children = tuple(children)
    required = {child.name: fields[child.name] for child in children if child.min_occurs}
    optional = {child.name: fields[child.name] for child in children if not child.min_occurs}
    return st.fixed_dictionaries(required, optional=dict(sorted(optional.items())))


def _modelled(
    part: Element | Group, fields: Mapping[str, st.SearchStrategy[Value]]
) -> st.SearchStrategy[Value]:
    """What a group allows together: one branch of a choice, all of an optional group or nothing."""
    if isinstance(part, Element):
        return _members([part], fields)
    parts = [_modelled(each, fields) for each in part.parts]
    found = st.one_of(*parts) if part.choice else _joined(*parts)
    return st.one_of(st.just({}), found) if part.optional else found


def _joined(*parts: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
    return st.tuples(*parts).map(lambda found: {k: v for one in found for k, v in _items(one)})


def _items(value: Value) -> Iterable[tuple[str, Value]]:
    assert isinstance(value, dict)
    return value.items()


def _names(group: Group) -> set[str]:
    return {
        name
        for part in group.parts
        for name in ([part.name] if isinstance(part, Element) else _names(part))
    }


def texts(kind: SimpleType) -> st.SearchStrategy[str]:
    """Texts that the type allows, in the form that a reader gets them back in."""
    if kind.enumeration:
        return st.sampled_from(kind.enumeration)
    patterns = [re.compile(pattern) for pattern in kind.patterns]
    if patterns and kind.base == "string":
        found = st.from_regex(patterns[0], fullmatch=True)
    else:
        found = _BASES[kind.base](kind)
    return found.filter(lambda text: all(pattern.fullmatch(text) for pattern in patterns))


def _strings(kind: SimpleType) -> st.SearchStrategy[str]:
    alphabet = XML_TEXT if kind.whitespace == "preserve" else PLAIN_TEXT
    least = kind.length or kind.min_length or 0
    return st.text(alphabet, min_size=least, max_size=kind.length or kind.max_length or 40)


def _integers(kind: SimpleType) -> st.SearchStrategy[str]:
    low = [int(each) for each in (kind.min_inclusive,) if each]
    low += [int(each) + 1 for each in (kind.min_exclusive,) if each]
    high = [int(each) for each in (kind.max_inclusive,) if each]
    high += [int(each) - 1 for each in (kind.max_exclusive,) if each]
    return st.integers(max(low, default=None), min(high, default=None)).map(str)


def _decimals(kind: SimpleType) -> st.SearchStrategy[str]:
    places = 6 if kind.fraction_digits is None else kind.fraction_digits
    most = Decimal(10) ** ((kind.total_digits or 18) - places) - 1
    least = Decimal(kind.min_inclusive) if kind.min_inclusive else -most
    return st.decimals(least, most, places=places).map("{:f}".format)


_BASES: dict[str, Callable[[SimpleType], st.SearchStrategy[str]]] = {
    "string": _strings,
    "integer": _integers,
    "decimal": _decimals,
    "boolean": lambda _: st.sampled_from(("true", "false")),
    "date": lambda _: _DAYS.map(date.isoformat),
    "dateTime": lambda _: _MOMENTS.map(datetime.isoformat),
    "time": lambda _: st.times().map(lambda each: each.replace(microsecond=0)).map(time.isoformat),
    "base64Binary": lambda _: st.binary(max_size=60).map(lambda b: base64.b64encode(b).decode()),
}


def a_record(element: Element) -> st.SearchStrategy[Record]:
    """Records for an operation's input or output element."""
    kind = element.type
    assert isinstance(kind, ComplexType)
    return records(kind).map(_as_record)


def _as_record(value: Value) -> Record:
    assert isinstance(value, dict)
    return value
