"""How a route's call is carried out: most are made once, a matched write is asked about too.

A replica cannot know whether a matched write was sent before, by itself or by another, and the
hospital cannot tell a repeat. So it is asked first, each time; and what was sent and is not known
to have ended is asked about again, while there is time.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from gateway.conclusion import NotComparable, Reply, Response, conclude, ended
from gateway.delivery import Delivery
from gateway.policies.snapshot import Question, Route
from gateway.problems import REFUSALS, Rejection
from gateway.record import Record
from gateway.resilience.deadline import Deadline
from gateway.resilience.errors import NotAdmitted
from gateway.settlement import FAILURES, delivery_of, reason_of
from gateway.translation.context import Context
from gateway.translation.endings import Ended
from gateway.translation.inbound import Untranslatable
from gateway.translation.matching import says

Encode = Callable[[Route, Record], bytes]
"""The envelope of a route's operation with these arguments; `RequestInvalid` where it has none."""
Send = Callable[[Route, bytes, Deadline], Awaitable[Reply]]
"""Calls a route's operation with this envelope, and ends by the deadline."""

_ASK_SHARE: Final = 0.25
"""The share of what is left that a question may take: the write itself must have most of it."""


async def carry_out(
    route: Route,
    arguments: Record,
    context: Context,
    deadline: Deadline,
    *,
    encode: Encode,
    send: Send,
) -> Response:
    """The response's body; raises as `encode`, `send` and `conclude` do when there is none."""
    # What the contract refuses is told before anything is asked.
    envelope = encode(route, arguments)
    if route.question is None:
        return conclude(route, arguments, await send(route, envelope, deadline), context)
    asking = _Asking(route, route.question, replace(context, asked=arguments), encode, send)
    found = await asking.before(deadline)
    if found is not None:
        return found
    uncertain: Exception = NotComparable()
    try:
        reply = await send(route, envelope, _early(deadline, _ASK_SHARE))
        body = conclude(route, arguments, reply, context)
        if not route.question.confirm and says(reply.record, route.question.done):
            return body
    except Rejection as refusal:
        if refusal.slug != route.question.otherwise:
            raise
        # Done already: by another, or by an earlier sending of the same write.
        uncertain = Rejection("unknown", outcome="unknown", reason="refused-as-done")
        return await asking.after(uncertain, deadline, on_its_way=False)
    except FAILURES as failure:
        if delivery_of(failure) is Delivery.NOT_SENT:
            raise
        uncertain = failure
    return await asking.after(uncertain, deadline, on_its_way=True)


@dataclass(frozen=True, slots=True)
class _Asking:
    """Asks about one write."""

    route: Route
    question: Question
    context: Context
    encode: Encode
    send: Send

    async def before(self, deadline: Deadline) -> dict[str, Any] | None:
        """The response if it was done already, as it is asked for now; None if it is to be sent."""
        try:
            told = await self._ask(_early(deadline, 1 - _ASK_SHARE), on_its_way=False)
        except NotAdmitted:
            raise
        except Untranslatable as failure:
            # It was done as it is asked now, and only what came of it cannot be told.
            raise Rejection("unknown", outcome="unknown", reason=reason_of(failure)) from failure
        except FAILURES as failure:
            reason = f"not-asked-{reason_of(failure)}"
            raise Rejection(
                "not-sent", outcome="not-sent", retry_after=1.0, reason=reason
            ) from failure
        if told.outcome == "not-sent":
            return None
        if told.outcome == "unknown":
            raise Rejection("unknown", outcome="unknown", reason="under-way")
        return self._response(told)

    async def after(
        self, uncertain: Exception, deadline: Deadline, *, on_its_way: bool
    ) -> dict[str, Any]:
        """The response if it was done; raises `uncertain` if that cannot be told."""
        try:
            told = await self._ask(deadline, on_its_way=on_its_way)
        except FAILURES as failure:
            raise uncertain from failure
        if told.outcome in ("unknown", "not-sent"):
            raise uncertain
        return self._response(told)

    async def _ask(self, until: Deadline, *, on_its_way: bool) -> Ended:
        """How the write ended, by a question; `on_its_way`: what was sent may yet be done."""
        route = self.question.route
        context = replace(self.context, nothing_on_its_way=not on_its_way)
        arguments = route.outbound({}, context)
        reply = await self.send(route, self.encode(route, arguments), until)
        return ended(self.question, arguments, reply, context)

    @staticmethod
    def _response(told: Ended) -> dict[str, Any]:
        if told.problem is not None:
            raise Rejection(
                told.problem,
                outcome="refused" if told.problem in REFUSALS else None,
                refund_required=told.refund_required,
                reason="done-otherwise",
            )
        return told.response or {}


def _early(deadline: Deadline, share: float) -> Deadline:
    """The moment that leaves this share of the time."""
    return Deadline(deadline.at - share * deadline.remaining())
