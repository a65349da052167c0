"""How Python functions become the SOAP operations of one service of this hospital."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from spyne import Service, rpc

_Handler = TypeVar("_Handler", bound=Callable[..., "Reply"])


@dataclass(frozen=True, slots=True)
class Reply:
    """What an operation answers: result code, message, and the data elements by name."""

    code: str
    message: str = ""
    data: dict[str, Any] = field(default_factory=dict)


def wire_name(python_name: str) -> str:
    """Return the wire's name of a snake-case name: `card_no` is `CardNo`."""
    return "".join(part.capitalize() for part in python_name.split("_"))


class Operations:
    """The operations of one service, collected by decorator, in the order of their definition.

    Document/literal wrapped: the response element of `LockSlot` is `LockSlotResponse`, its
    children those of `head` (result code and message), then the operation's own.
    """

    def __init__(self, service: str, *, port: str, head: dict[str, Any]) -> None:
        self.name = service
        self._port = port
        self._head = head
        self._published: dict[str, Callable[[], Any]] = {}

    def publish(self, reply: dict[str, Any], **request: Any) -> Callable[[_Handler], _Handler]:
        """Publish a function whose arguments are the hospital and then those of `request`.

        `reply` and `request` give the wire type of each element; the arguments' names are the
        wire's in snake case, and so is the function's.
        """

        def collect(handler: _Handler) -> _Handler:
            name = wire_name(handler.__name__)

            def call(ctx: Any, *values: Any) -> list[Any]:
                answer = handler(ctx.app.hospital, **dict(zip(request, values, strict=True)))
                return [answer.code, answer.message, *(answer.data.get(key) for key in reply)]

            call.__name__ = handler.__name__
            call.__doc__ = handler.__doc__
            # Said to spyne anew for each service made of it: it uses up what it is told.
            self._published[handler.__name__] = lambda: rpc(
                *request.values(),
                _args=[wire_name(argument) for argument in request],
                _returns=[*self._head.values(), *reply.values()],
                _out_variable_names=[*self._head, *reply],
                _operation_name=name,
                _out_message_name=f"{name}Response",
                _port_type=self._port,
            )(call)
            return handler

        return collect

    def service(self) -> Any:
        """Return the spyne service class of everything published so far."""
        members = {
            "__service_name__": self.name,
            "__port_types__": (self._port,),
            **{name: published() for name, published in self._published.items()},
        }
        return type(Service)(self.name, (Service,), members)
