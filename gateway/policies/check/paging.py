"""The checks of a route that answers page by page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gateway.policies.check.scope import Scope, written
from gateway.policies.findings import Finding
from gateway.policies.paging import NEXT, PAGE
from gateway.policies.resolve import fits, variables
from gateway.rest.methods import WITH_BODY
from gateway.soap.elements import Element, follow

if TYPE_CHECKING:
    from gateway.soap.operation import Operation


def check_page(scope: Scope, operation: Operation | None) -> Iterator[Finding]:
    """Every finding of it; what its argument is, is held like that of any field.

    Without an operation, those that need none.
    """
    route, page = scope.route, scope.route.page
    if page is None:
        return
    if route.effect != "read" or route.method in WITH_BODY:
        problem = "pages are for reads by GET, which have a query"
        yield scope.find("option", page.at, problem, "remove it", of_key=True)
    taken = [field.at for field in route.request if field.name == PAGE and field.at != page.at]
    taken += [(*route.at, "rest")] if PAGE in variables(route.template) else []
    taken += [field.at for field in route.response if field.name == NEXT]
    for at in taken:
        problem = f'"{PAGE}" and "{NEXT}" are the gateway\'s own where a list has pages'
        yield scope.find("option", at, problem, "rename it", of_key=True)
    if operation is None:
        return
    start: Element = (operation.output, *(follow(operation.output, route.reply) or ()))[-1]
    at = (*page.at, "pages")
    simple = yield from scope.single(start, page.pages, at)
    if simple is not None and not fits("integer", simple):
        problem = f'"{written(page.pages)}" is of type {simple.base}, which counts nothing'
        yield scope.find("type", at, problem, "name the element that says how many pages there are")
