"""What can be asked of the doctors and the cashier at the control port: a path, and what it does.

The last part of a path says what is done, the part before it to which; the body may be empty.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from sandbox.hospital import cashier
from sandbox.hospital.platform import Desk

Act: TypeAlias = Callable[[Desk, str, Mapping[str, Any]], dict[str, str]]

ACTS: Mapping[str, Act] = {
    "/cards/{number}/bills": lambda desk, number, wish: {
        "bill": cashier.order(desk, number, wish.get("category"))
    },
    "/bills/{number}/change": lambda desk, number, wish: {
        "bill": cashier.change(desk, number, withdraw=wish.get("withdraw", False))
    },
    "/bills/{number}/perform": lambda desk, number, wish: {
        "bill": cashier.perform(desk, number, wish["items"])
    },
    "/bills/{number}/window-pay": lambda desk, number, _wish: {
        "payment": cashier.pay(desk, number)
    },
    "/payments/{number}/window-refund": lambda desk, number, wish: {
        "refund": cashier.refund(desk, number, wish.get("items"), wish.get("reason"))
    },
    "/refunds/{number}/fail": lambda desk, number, _wish: {"refund": cashier.fail(desk, number)},
}
