"""The way of one request, from admission to the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import cycle

from gateway.binding import Binder
from gateway.carry_out import carry_out
from gateway.closing.closings import Closings
from gateway.conclusion import Reply, hold_response
from gateway.delivery import Delivery
from gateway.operations.events import Called, Event
from gateway.operations.watch import Watch
from gateway.policies.match import match
from gateway.policies.snapshot import Route, Snapshot, Upstream
from gateway.problems import Rejection
from gateway.record import Record
from gateway.resilience.deadline import Deadline
from gateway.resilience.errors import NotAdmitted
from gateway.resilience.guard import Guard, Spent, spent_on
from gateway.rest.admission import Admission, Admitted
from gateway.rest.messages import Answer, Incoming
from gateway.rest.render import problem, success
from gateway.rest.validation import validate
from gateway.settlement import (
    FAILURES,
    TOLD_AT_LOCATION,
    delivery_of,
    ending_of,
    judge,
    settle,
    unforeseen,
)
from gateway.soap.spool import Spool
from gateway.soap.transport import Transport


@dataclass(frozen=True, slots=True)
class Exchange:
    """Answers requests. Holds what outlives a request, and nothing of any one.

    `report` is told of what nobody foresaw, with the request's id.
    """

    snapshot: Callable[[], Snapshot]
    admission: Admission
    closings: Closings
    binder: Binder
    guards: Callable[[Upstream], Guard]
    transport: Transport
    emit: Callable[[Event], None]
    report: Callable[[BaseException, str | None], None]

    async def __call__(self, incoming: Incoming) -> Answer:
        """The whole way. A step raises what ends it early; only `render` picks a status."""
        snapshot = self.snapshot()
        watch = Watch(incoming, snapshot.digest)
        admitted: Admitted | None = None
        route: Route | None = None
        arguments: Record = {}
        called = False
        try:
            admitted = await self.admission.admit(incoming)
            watch.admitted(admitted.client.id)
            matched = match(snapshot, incoming.method, incoming.path)
            route = matched.route
            watch.matched(route.id, route.operation, route.effect)
            self.admission.permit(route, admitted)
            self.closings.hold(route)
            deadline = admitted.deadline.within(route.deadline, incoming.received)
            with watch.validating("request-json"):
                values = validate(
                    route.shape, matched.path, incoming.query, admitted.media_type, admitted.body
                )
            context = self.binder.context(route, admitted, values, watch.unlisted)
            arguments = route.outbound(values, context)
            guard = self.guards(snapshot.upstreams[route.upstream])
            called = True
            body = await carry_out(
                route, arguments, context, deadline,
                encode=partial(self._encode, watch),
                send=partial(self._send, guard, incoming, watch),
            )  # fmt: skip
            with watch.validating("response-json"):
                hold_response(route, body)
            answer = success(route.status, body, incoming)
            watch.ended(self.emit, "succeeded", answer.status, None)
            return answer
        except Exception as ended:  # noqa: BLE001 - a write under way must not end as a mere failure
            rejection = self._rejection(ended, route, incoming, called=called)
            return self._refuse(rejection, route, admitted, arguments, incoming, watch)

    @staticmethod
    def _encode(watch: Watch, route: Route, arguments: Record) -> bytes:
        with watch.validating("request-xsd"):
            return route.codec.encode(arguments)

    async def _send(
        self,
        guard: Guard,
        incoming: Incoming,
        watch: Watch,
        route: Route,
        envelope: bytes,
        deadline: Deadline,
    ) -> Reply:
        headers = {**route.codec.headers, "traceparent": incoming.trace.onward()}
        endpoints = cycle(route.endpoints)

        async def attempt(until: Deadline) -> Reply:
            spool = None if route.document is None else Spool(route.document.limit)
            try:
                message = route.codec.for_attempt(envelope)
                received = await self.transport.post(
                    next(endpoints), headers, message,
                    accepts=route.codec.accepts, deadline=until.at, sink=spool,
                )  # fmt: skip
                with watch.validating("reply-xsd"):
                    record = route.codec.decode(received.body, received.status)
                return Reply(record, route.outcomes.read(record), spool)
            except BaseException:
                if spool is not None:
                    spool.close()
                raise

        try:
            guarded = await guard.run(
                attempt, write=route.writes or route.asks, deadline=deadline, judge=judge(route)
            )
        except Exception as failure:
            refused = failure.reason if isinstance(failure, NotAdmitted) else None
            watch.called(_called(route, spent_on(failure), delivery_of(failure), refused))
            raise
        watch.called(_called(route, guarded.spent, Delivery.ANSWERED))
        return guarded.value

    def _rejection(
        self, ended: Exception, route: Route | None, incoming: Incoming, *, called: bool
    ) -> Rejection:
        if isinstance(ended, Rejection):
            return ended
        if route is not None and isinstance(ended, FAILURES):
            return settle(route, ended)
        self.report(ended, incoming.request_id)
        return unforeseen(route, called=called)

    def _refuse(
        self,
        rejection: Rejection,
        route: Route | None,
        admitted: Admitted | None,
        arguments: Record,
        incoming: Incoming,
        watch: Watch,
    ) -> Answer:
        location = None
        if rejection.slug in TOLD_AT_LOCATION and route is not None and admitted is not None:
            location = self.binder.location(route, admitted, arguments)
        answer = problem(rejection, incoming, incoming.language, location=location)
        watch.failed(rejection.reason)
        watch.ended(self.emit, ending_of(rejection), answer.status, rejection.slug)
        return answer


def _called(
    route: Route, spent: Spent, delivery: Delivery, not_admitted: str | None = None
) -> Called:
    return Called(
        route=route.id,
        operation=route.operation,
        attempts=spent.attempts,
        upstream_s=spent.upstream_s,
        delivery=delivery.value,
        not_admitted=not_admitted,
    )
