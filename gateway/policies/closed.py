"""What `closed` in a policy says: which routes its patterns mean, and when."""

from __future__ import annotations

from gateway.closing.window import DAYS, Window, daily, period
from gateway.policies.model import ClosedPolicy, FieldPolicy, flat
from gateway.policies.operations_resource import INQUIRY
from gateway.rest.admission import covers
from gateway.translation.values import HOSPITAL_ZONE


def means(pattern: str, route_id: str, *, tells_closed: bool) -> bool:
    """Whether a pattern, of a policy or of a switch, means a route.

    What a write has begun can be asked for while its function is closed, unless the pattern
    speaks of asking. `tells_closed`: the route lists what is closed, and goes on doing so while
    `*` closes all others.
    """
    if route_id.startswith(INQUIRY) and not pattern.startswith(INQUIRY):
        return False
    return pattern == route_id if tells_closed else covers(pattern, route_id)


def tells_closed(response: tuple[FieldPolicy, ...]) -> bool:
    """Whether a response lists what is closed."""
    return any(field.kind == "gateway" for field in flat(response))


def window(closed: ClosedPolicy) -> Window:
    """When it closes them; raises `ValueError`, in words for people, for what can be no window."""
    if closed.daily is not None:
        return daily(closed.daily, closed.days or DAYS)
    return period(closed.start, closed.end, HOSPITAL_ZONE)
