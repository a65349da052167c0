"""Who follows one exchange for the listeners. The exchange itself never reads from it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType

from gateway.operations.events import Called, Ending, Event, ExchangeEnded, Stage
from gateway.rest.messages import Incoming


class Watch:
    """Notes how far an exchange got, and tells it once, as `ExchangeEnded`."""

    __slots__ = (
        "_calls", "_client", "_effect", "_operation", "_reason", "_received", "_request_id",
        "_route", "_snapshot", "_trace_id", "_unlisted", "_validations",
    )  # fmt: skip

    def __init__(self, incoming: Incoming, snapshot: str) -> None:
        self._request_id = incoming.request_id
        self._trace_id = incoming.trace.trace_id
        self._received = incoming.received
        self._snapshot = snapshot
        self._client: str | None = None
        self._route: str | None = None
        self._operation: str | None = None
        self._effect: str | None = None
        self._calls: list[Called] = []
        self._reason: str | None = None
        self._validations: list[tuple[Stage, bool]] = []
        self._unlisted: dict[str, None] = {}

    def admitted(self, client: str) -> None:
        """The client is known."""
        self._client = client

    def matched(self, route: str, operation: str, effect: str) -> None:
        """The route is known."""
        self._route, self._operation, self._effect = route, operation, effect

    def validating(self, stage: Stage) -> Validating:
        """Around a validation: it held if nothing was raised."""
        return Validating(self._validations, stage)

    def called(self, call: Called) -> None:
        """The hospital was called, or was about to be; perhaps not for the first time."""
        self._calls.append(call)

    def unlisted(self, field: str) -> None:
        """A code came in this field of the response that its table does not name."""
        self._unlisted[field] = None

    def failed(self, reason: str | None) -> None:
        """Why it ended other than in success, as a slug."""
        self._reason = reason

    def ended(
        self, emit: Callable[[Event], None], outcome: Ending, status: int, problem: str | None
    ) -> None:
        """Tell the listeners."""
        emit(
            ExchangeEnded(
                request_id=self._request_id,
                trace_id=self._trace_id,
                snapshot=self._snapshot,
                client=self._client,
                route=self._route,
                operation=self._operation,
                effect=self._effect,
                outcome=outcome,
                problem=problem,
                status=status,
                duration_s=asyncio.get_running_loop().time() - self._received,
                calls=tuple(self._calls),
                validations=tuple(self._validations),
                reason=self._reason,
                unlisted=tuple(self._unlisted),
            )
        )


class Validating:
    """One validation under way. A class, since a generator would cost twice as much."""

    __slots__ = ("_done", "_stage")

    def __init__(self, done: list[tuple[Stage, bool]], stage: Stage) -> None:
        self._done = done
        self._stage: Stage = stage

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._done.append((self._stage, kind is None))
