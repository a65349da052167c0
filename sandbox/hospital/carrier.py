"""A service of one operation: a function's name and a message in a string, answered in a string."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from spyne import Service, Unicode, rpc

_STRING = Unicode.customize(min_occurs=1, nillable=False)


def carrier(
    service: str,
    *,
    port: str,
    operation: str,
    function: str,
    message: str,
    result: str,
    answer: Callable[[Any, str, str], str],
) -> Any:
    """Return the spyne service whose `operation` takes `function` and `message`, gives `result`.

    `answer` has the hospital, the function's name and the message, and returns the reply's text.
    """

    def call(ctx: Any, name: str, text: str) -> str:
        return answer(ctx.app.hospital, name, text)

    call.__name__ = operation
    published = rpc(
        _STRING,
        _STRING,
        _args=[function, message],
        _returns=_STRING,
        _out_variable_name=result,
        _operation_name=operation,
        _out_message_name=f"{operation}Response",
        _port_type=port,
    )(call)
    members = {"__service_name__": service, "__port_types__": (port,), operation: published}
    return type(Service)(service, (Service,), members)
