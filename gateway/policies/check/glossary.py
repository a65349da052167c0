"""The checks of a glossary: it tells every field of the pack, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gateway.policies.check.scope import written
from gateway.policies.findings import Finding
from gateway.policies.glossary import Glossary, Path, path_of
from gateway.policies.load import Keys
from gateway.policies.model import Policy, flat
from gateway.policies.near import near_name


def check_glossary(policy: Policy) -> tuple[Finding, ...]:
    """Every finding of a pack's glossary; none of a pack that has none."""
    glossary = policy.glossary
    if glossary is None:
        return ()
    fields = _fields(policy)
    used = {glossary.entry(path) for path in fields.values()}
    return tuple(
        sorted(
            {
                *_undescribed(policy, glossary, fields),
                *_unused(glossary, fields, used),
                *_routes(policy, glossary),
                *_words(policy, glossary),
            }
        )
    )


def _fields(policy: Policy) -> Mapping[Keys, Path]:
    """The path of every field, by its place; one in a shape once, however many answer with it.

    Without those that the gateway tells of by itself: its own, and the page of a list.
    """
    return {
        field.at: path_of(policy.source, field.at)
        for route in policy.routes
        for field in (*flat(route.request), *flat(route.response))
        if field.kind != "gateway" and (route.page is None or field.at != route.page.at)
    }


def _undescribed(
    policy: Policy, glossary: Glossary, fields: Mapping[Keys, Path]
) -> Iterator[Finding]:
    for at, path in fields.items():
        if glossary.entry(path) is None:
            yield Finding(
                policy.source.mark(at, of_key=True),
                "undescribed",
                path[0] if at[0] == "routes" else f"shape {path[0]}",
                f'the glossary does not tell what "{path[-1]}" is',
                f'add "{path[-1]}" to its fields, or "{written(path)}" for this one alone',
            )


def _unused(
    glossary: Glossary, fields: Mapping[Keys, Path], used: set[Path | None]
) -> Iterator[Finding]:
    for entry in glossary.fields.keys() - used:
        key = written(entry)
        if any(path[-len(entry) :] == entry for path in fields.values()):
            problem = f'every field that "{key}" means has a longer entry'
            remedy = "remove it"
        else:
            problem = f'no field is "{key}"'
            ends = {written(path[-len(entry) :]) for path in fields.values()}
            remedy = near_name(key, ends, "remove it")
        mark = glossary.source.mark(("fields", key), of_key=True)
        yield Finding(mark, "unused-entry", "", problem, remedy)


def _routes(policy: Policy, glossary: Glossary) -> Iterator[Finding]:
    known = {route.id for route in policy.routes}
    for name in glossary.routes.keys() - known:
        mark = glossary.source.mark(("routes", name), of_key=True)
        remedy = near_name(name, known, "remove it")
        yield Finding(mark, "unused-entry", "", f'no route is "{name}"', remedy)


def _words(policy: Policy, glossary: Glossary) -> Iterator[Finding]:
    """A code table that is told of has all of its words told."""
    for name, words in glossary.words.items():
        mark = glossary.source.mark(("words", name), of_key=True)
        table = policy.codes.get(name)
        if table is None:
            remedy = near_name(name, policy.codes, "remove it")
            yield Finding(mark, "unused-entry", "", f'no code table is "{name}"', remedy)
            continue
        for word in words.keys() - table:
            problem = f'"{name}" has no word "{word}"'
            at = glossary.source.mark(("words", name, word), of_key=True)
            yield Finding(at, "unused-entry", "", problem, near_name(word, table, "remove it"))
        for word in table.keys() - words:
            problem = f'the glossary does not tell what "{word}" of "{name}" means'
            yield Finding(mark, "undescribed", "", problem, "add it")
