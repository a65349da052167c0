"""One JSON line (RFC 8259) an event, to standard output; docs/logs.md describes each field.

Two ways lead here. The gateway's own lines go through structlog straight to bytes and carry
allowlisted fields only. What libraries log through the standard library comes out reduced to
where it was logged and what was raised: their messages quote bodies, and bodies are patients'.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Literal, TypeAlias, cast

import orjson
import structlog

from gateway.operations.events import (
    BreakerChanged,
    Event,
    ExchangeEnded,
    FunctionChanged,
    LifecycleChanged,
    PeerChanged,
    SnapshotChanged,
    SwitchThrown,
)
from gateway.operations.lines import Lines

FIELDS = frozenset(
    {
        "time",
        "level",
        "event",
        "request_id",
        "trace_id",
        "snapshot",
        "client",
        "route",
        "operation",
        "effect",
        "outcome",
        "problem",
        "status",
        "reason",
        "duration_s",
        "upstream_s",
        "attempts",
        "delivery",
        "validations",
        "unlisted",
        "upstream",
        "old",
        "new",
        "previous",
        "findings",
        "finding",
        "phase",
        "state",
        "until",
        "by",
        "why",
        "peer",
        "logger",
        "source",
        "error",
        "stack",
    }
)
"""The only fields that a line can have; whatever else is passed is left out."""

_FRAMES = 30
Level: TypeAlias = Literal["info", "warning", "error"]
Logger: TypeAlias = structlog.typing.FilteringBoundLogger


def new_logger(stream: BinaryIO | Lines | None = None) -> Logger:
    """A logger that writes to `stream`, by default standard output, a whole line at a time."""
    logger: Logger = structlog.wrap_logger(
        structlog.BytesLogger(cast("BinaryIO | None", stream)),
        processors=[_allow, _stamp, _render],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    ).bind()
    return logger


class EventLog:
    """A listener that writes one line for each event."""

    def __init__(self, logger: Logger) -> None:
        self._logger = logger

    def __call__(self, event: Event) -> None:
        """Write `event`'s line."""
        if isinstance(event, ExchangeEnded):
            self._exchange(event)
        elif isinstance(event, BreakerChanged):
            self._logger.warning("breaker", upstream=event.upstream, old=event.old, new=event.new)
        elif isinstance(event, SnapshotChanged):
            write = self._logger.info if event.ok else self._logger.error
            write(
                "snapshot" if event.ok else "snapshot-refused",
                snapshot=event.digest,
                previous=event.previous,
                findings=event.findings,
            )
        elif isinstance(event, LifecycleChanged):
            self._logger.info("lifecycle", phase=event.phase)
        else:
            self._closing(event)

    def _closing(self, event: SwitchThrown | FunctionChanged | PeerChanged) -> None:
        if isinstance(event, SwitchThrown):
            self._logger.warning(
                "switch",
                route=event.route,
                state="off" if event.closed else "on",
                until=event.until,
                by=event.by,
                why=event.why,
                source=event.source,
            )
        elif isinstance(event, FunctionChanged):
            state = "closed" if event.closed else "open"
            self._logger.info("function", route=event.route, state=state, until=event.until)
        else:
            write = self._logger.info if event.reason is None else self._logger.warning
            write("peer", peer=event.peer, reason=event.reason)

    def _exchange(self, event: ExchangeEnded) -> None:
        if event.status == 500:
            write = self._logger.error
        elif event.status > 500 or event.outcome == "unknown":
            write = self._logger.warning
        else:
            write = self._logger.info
        write(
            "exchange",
            request_id=event.request_id,
            trace_id=event.trace_id,
            snapshot=event.snapshot,
            client=event.client,
            route=event.route,
            operation=event.operation,
            effect=event.effect,
            outcome=event.outcome,
            problem=event.problem,
            status=event.status,
            reason=event.reason,
            duration_s=round(event.duration_s, 6),
            upstream_s=None if event.upstream_s is None else round(event.upstream_s, 6),
            attempts=event.attempts,
            delivery=event.delivery,
            validations=dict(event.validations),
            unlisted=event.unlisted,
        )


def quiet_libraries(logger: Logger) -> None:
    """Send what libraries log at WARNING and above to `logger`, without their messages.

    Takes over the root of the standard library's logging, warnings included, for the process.
    """
    root = logging.getLogger()
    for handler in tuple(root.handlers):
        root.removeHandler(handler)
    root.addHandler(_Reduced(logger))
    root.setLevel(logging.WARNING)
    logging.captureWarnings(True)
    # A handler that fails would have its record printed, arguments and all.
    logging.raiseExceptions = False


def write_fault(logger: Logger, error: BaseException, request_id: str | None) -> None:
    """Write the line of an exception that the gateway did not expect."""
    logger.error("fault", request_id=request_id, **_told(error))


class _Reduced(logging.Handler):
    """Writes where a library logged something, never what."""

    def __init__(self, logger: Logger) -> None:
        super().__init__(logging.WARNING)
        self._logger = logger

    def emit(self, record: logging.LogRecord) -> None:
        write = self._logger.error if record.levelno >= logging.ERROR else self._logger.warning
        error = record.exc_info[1] if record.exc_info else None
        write(
            "library",
            logger=record.name,
            source=f"{record.module}:{record.lineno} {record.funcName}",
            **(_told(error) if error is not None else {}),
        )


def _told(error: BaseException) -> dict[str, object]:
    """Types and places; neither messages nor the values of variables, which quote bodies."""
    return {"error": list(_types(error)), "stack": _places(error.__traceback__)}


def _types(error: BaseException | None) -> Iterator[str]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        kind = type(error)
        yield f"{kind.__module__}.{kind.__qualname__}"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _places(trace: TracebackType | None) -> list[str]:
    places = []
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{_short(code.co_filename)}:{trace.tb_lineno} {code.co_qualname}")
        trace = trace.tb_next
    return places[-_FRAMES:]


def _short(filename: str) -> str:
    """The file below the folder its packages lie in."""
    path = Path(filename)
    roots = sorted((Path(root) for root in sys.path if root), key=lambda root: -len(root.parts))
    for root in roots:
        if path.is_relative_to(root):
            return str(path.relative_to(root))
    return path.name


_Fields: TypeAlias = MutableMapping[str, Any]


def _allow(_logger: object, _method: str, fields: _Fields) -> _Fields:
    if fields.keys() <= FIELDS:
        return fields
    return {name: value for name, value in fields.items() if name in FIELDS}


def _stamp(_logger: object, method: str, fields: _Fields) -> _Fields:
    fields["time"] = datetime.now(UTC)
    fields["level"] = method
    return fields


def _render(_logger: object, _method: str, fields: Mapping[str, Any]) -> bytes:
    return orjson.dumps(fields, option=orjson.OPT_UTC_Z)
