"""Whether a route may be called now: what policies say, and what was switched by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from gateway.closing.switch import Switch
from gateway.closing.window import Closure, Message
from gateway.problems import Rejection

_SECOND = timedelta(seconds=1)
_MOST_IN_A_ROW = 64
"""Closings that follow on one another; policies may state windows that leave no gap at all."""


class RouteTerms(Protocol):
    """What a closing has to know of a route."""

    @property
    def id(self) -> str:
        """Names the route."""

    @property
    def writes(self) -> bool:
        """Whether calling it may change something at the hospital."""

    @property
    def closures(self) -> tuple[Closure, ...]:
        """What its policy closes it by."""

    def closed_by(self, pattern: str) -> bool:
        """Whether a switch of this name means the route."""


@dataclass(frozen=True, slots=True)
class Closed:
    """A route that is closed, and when nothing closes it any more."""

    route: str
    reopens_at: datetime
    message: Message | None
    by: Literal["policy", "switch"]

    def told(self) -> dict[str, Any]:
        """As callers are told."""
        told: dict[str, Any] = {"route": self.route, "reopensAt": written(self.reopens_at)}
        return told if self.message is None else {**told, "message": dict(self.message)}


class Closings:
    """`routes` are those that are served, `switches` those that stand.

    `clock` gives the hospital's time.
    """

    def __init__(
        self,
        routes: Callable[[], Iterable[RouteTerms]],
        switches: Callable[[], tuple[Switch, ...]],
        clock: Callable[[], datetime],
    ) -> None:
        self._routes = routes
        self._switches = switches
        self._clock = clock

    def hold(self, route: RouteTerms) -> None:
        """Raise `Rejection`, `function-closed`, while the route is closed."""
        if not route.closures and not self._switches():
            return
        now = self._clock()
        closed = self._closed(route, now)
        if closed is None:
            return
        message = closed.message or {}
        raise Rejection(
            "function-closed",
            detail=message.get("en"),
            detail_zh=message.get("zh"),
            outcome="not-sent" if route.writes else None,
            retry_after=(closed.reopens_at - now).total_seconds(),
            reopens_at=written(closed.reopens_at),
            reason=f"closed-by-{closed.by}",
        )

    def closed(self, pattern: str | None = None) -> tuple[Closed, ...]:
        """Every route that is closed now; of those only that a pattern means, if one is given."""
        now = self._clock()
        found = (
            self._closed(route, now)
            for route in self._routes()
            if pattern is None or route.closed_by(pattern)
        )
        return tuple(one for one in found if one is not None)

    def told(self) -> list[dict[str, Any]]:
        """The same, as callers are told."""
        return [one.told() for one in self.closed()]

    def states(self) -> dict[str, bool]:
        """Of every route whether it is closed now."""
        closed = {one.route for one in self.closed()}
        return {route.id: route.id in closed for route in self._routes()}

    def means(self, pattern: str) -> bool:
        """Whether a switch of this name would close any route."""
        return any(route.closed_by(pattern) for route in self._routes())

    def _closed(self, route: RouteTerms, now: datetime) -> Closed | None:
        ends = list(self._ends(route, now))
        if not ends:
            return None
        longest = max(ends, key=lambda end: end[0])
        # What the caller reads: of several, the words of that which lasts longest.
        words = max((end for end in ends if end[1]), key=lambda end: end[0], default=longest)
        reopens = longest[0]
        for _ in range(_MOST_IN_A_ROW):
            following = [end[0] for end in self._ends(route, reopens)]
            if not following:
                break
            reopens = max(following)
        return Closed(route.id, reopens, words[1], longest[2])

    def _ends(
        self, route: RouteTerms, now: datetime
    ) -> Iterator[tuple[datetime, Message | None, Literal["policy", "switch"]]]:
        """Of each closing that holds at a time: when it ends, its words, and where it is from."""
        for closure in route.closures:
            end = closure.window.reopens(now)
            if end is not None:
                yield end, closure.message, "policy"
        for switch in self._switches():
            if switch.closed and now < switch.until and route.closed_by(switch.route):
                yield switch.until.astimezone(now.tzinfo), None, "switch"


def written(moment: datetime) -> str:
    """RFC 3339, to the second, never before the moment."""
    whole = moment.replace(microsecond=0)
    return (whole if whole == moment else whole + _SECOND).isoformat()
