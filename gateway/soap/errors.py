"""What can go wrong between an operation's arguments and its reply.

    Exception
    ├── ContractError    the pack's WSDL or XSD cannot be taken (at load, never in an exchange)
    ├── RequestInvalid   the arguments are not what the contract allows; nothing was sent
    ├── CallFailed       no usable answer over HTTP; carries its delivery
    ├── ReplyInvalid     an answer that is not exactly what the contract says
    ├── SoapFault        the hospital answered with a fault
    └── SpoolFailed      there is no room for the document in an answer: a fault of ours

No `str()` of these carries a value out of a message: values may be a patient's data.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gateway.delivery import Delivery


class ContractError(Exception):
    """A WSDL or XSD that the gateway will not serve: `file`, `line` if known, and what is wrong."""

    def __init__(self, file: Path, line: int | None, what: str) -> None:
        super().__init__(f"{file.name}:{line}: {what}" if line else f"{file.name}: {what}")
        self.file = file
        self.line = line
        self.what = what


class NoSuchPort(ContractError):
    """A WSDL has not the one port that is wanted, or several where none is named."""


@dataclass(frozen=True, slots=True)
class RecordFault:
    """One thing wrong with the arguments: local names from the body's child down, and why.

    `indexes` are the places, from 0, in the lists that the path leads through, the outer ones
    first, as far as they are known.
    """

    path: tuple[str, ...]
    reason: str
    indexes: tuple[int, ...] = ()


class RequestInvalid(Exception):
    """The arguments do not fit the operation's input; every fault found is in `faults`."""

    def __init__(self, faults: tuple[RecordFault, ...]) -> None:
        super().__init__("; ".join(f"{'/'.join(fault.path)} {fault.reason}" for fault in faults))
        self.faults = faults


class CallFailed(Exception):
    """An attempt without a usable answer; `reason` is a slug such as `connect-refused`.

    `lasted` is how long a `deadline` was waited for, in seconds.
    """

    def __init__(self, delivery: Delivery, reason: str, lasted: float = 0.0) -> None:
        super().__init__(f"{reason} ({delivery.value})")
        self.delivery = delivery
        self.reason = reason
        self.lasted = lasted


class ReplyInvalid(Exception):
    """An answer that breaks the contract; `reason` is a slug, `detail` holds names, no values."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class SoapFault(Exception):
    """A SOAP fault: the local name of its code; `text`, the hospital's words, is not in `str()`."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(code)
        self.code = code
        self.text = text


class SpoolFailed(Exception):
    """A document could not be put into a file of its own; the system's error is the cause."""
