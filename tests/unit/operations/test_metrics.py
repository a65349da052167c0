"""The metrics: what each event counts, and that each metric is described."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from gateway.operations.events import (
    BreakerChanged,
    Ending,
    LifecycleChanged,
    SnapshotChanged,
    Stage,
    UpstreamState,
)
from gateway.operations.metrics import Metrics, new_registry
from gateway.resilience.errors import Reason
from tests.unit.operations.exchanges import CALL, READ, STRANGER, but

PAGE = Path(__file__).parents[3] / "docs" / "metrics.md"


class Figures:
    """A registry, its metrics and a way to read them."""

    def __init__(self, *upstreams: UpstreamState) -> None:
        self.registry = CollectorRegistry()
        self.metrics = Metrics(self.registry, lambda: upstreams, version="0.1.0")

    def value(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(name, labels)


@dataclass(frozen=True, slots=True)
class Hold:
    """A route that writes, and tells a kind that may be new."""

    id: str = "hold-slot"
    operation: str = "LockSlot"
    writes: bool = True
    unlisted: tuple[str, ...] = ("kind",)


def test_what_must_be_seen_from_its_first_event_begins_at_zero() -> None:
    """A rate is not seen of a series that is born with the event it is watched for."""
    figures = Figures()
    figures.metrics.expect([Hold()], ["core-his"])
    unknown = {"route": "hold-slot", "operation": "LockSlot", "outcome": "unknown"}
    assert figures.value("gateway_exchanges_total", problem="unknown", **unknown) == 0
    turned_away = {"route": "hold-slot", "reason": "breaker-open"}
    assert figures.value("gateway_not_admitted_total", **turned_away) == 0
    assert figures.value("gateway_unlisted_codes_total", route="hold-slot", field="kind") == 0
    assert figures.value("gateway_breaker_changes_total", upstream="core-his", to="open") == 0
    assert figures.value("gateway_listener_failures_total", listener="EventLog") == 0


def test_an_exchange_counts_once_everywhere() -> None:
    """Exchange, durations and each validation, under the names the policy gave."""
    figures = Figures()
    figures.metrics(READ)
    figures.metrics(but(READ, duration_s=0.75))
    assert (
        figures.value(
            "gateway_exchanges_total",
            route="list-schedules",
            operation="QuerySchedules",
            outcome="succeeded",
            problem="-",
        )
        == 2
    )
    assert figures.value("gateway_exchange_seconds_count", route="list-schedules") == 2
    assert figures.value("gateway_exchange_seconds_sum", route="list-schedules") == 1.0
    assert figures.value("gateway_upstream_seconds_count", operation="QuerySchedules") == 2
    for stage in ("request-json", "request-xsd", "reply-xsd", "response-json"):
        labels = {"route": "list-schedules", "stage": stage}
        assert figures.value("gateway_validations_total", result="valid", **labels) == 2
        assert figures.value("gateway_validations_total", result="refused", **labels) is None


def test_a_code_that_no_table_names_is_counted_by_its_field() -> None:
    """Once for an answer, however many of its rows have one."""
    figures = Figures()
    figures.metrics(READ)
    figures.metrics(but(READ, unlisted=("kind", "category")))
    for field in ("kind", "category"):
        labels = {"route": "list-schedules", "field": field}
        assert figures.value("gateway_unlisted_codes_total", **labels) == 1


def test_a_refused_message_is_counted_as_refused() -> None:
    """The stage at which it was refused shows, the stages before it as valid."""
    figures = Figures()
    figures.metrics(
        but(READ, validations=(("request-json", True), ("request-xsd", True), ("reply-xsd", False)))
    )
    labels = {"route": "list-schedules", "stage": "reply-xsd"}
    assert figures.value("gateway_validations_total", result="refused", **labels) == 1
    assert figures.value("gateway_validations_total", result="valid", **labels) is None


def test_an_exchange_without_a_route_has_a_dash() -> None:
    """Whatever path a stranger asks for, there is one series for it."""
    figures = Figures()
    figures.metrics(STRANGER)
    assert (
        figures.value(
            "gateway_exchanges_total",
            route="-",
            operation="-",
            outcome="rejected",
            problem="unauthenticated",
        )
        == 1
    )
    assert figures.value("gateway_upstream_seconds_count", operation="-") is None


def test_attempts_beyond_the_first_are_retries() -> None:
    """Three attempts are two retries, one is none."""
    figures = Figures()
    figures.metrics(but(READ, calls=(but(CALL, attempts=3),)))
    figures.metrics(READ)
    assert figures.value("gateway_retries_total", operation="QuerySchedules") == 2


def test_a_question_is_a_call_of_its_own_and_no_retry() -> None:
    """A matched write is asked about first: each operation has its time, and nobody retried."""
    figures = Figures()
    question = but(CALL, route="operations-pay", operation="QueryPayments", upstream_s=0.1)
    write = but(CALL, route="pay", operation="Pay", upstream_s=4.0)
    figures.metrics(but(READ, route="pay", operation="Pay", calls=(question, write)))
    for operation, seconds in (("QueryPayments", 0.1), ("Pay", 4.0)):
        assert figures.value("gateway_upstream_seconds_sum", operation=operation) == seconds
        assert figures.value("gateway_retries_total", operation=operation) == 0


@pytest.mark.parametrize("reason", get_args(Reason))
def test_calls_not_admitted_are_counted_by_reason(reason: str) -> None:
    """Each call, also of a write that was asked about before."""
    figures = Figures()
    not_made = but(CALL, attempts=0, upstream_s=0.0, not_admitted=reason)
    figures.metrics(but(READ, outcome="failed", reason=reason, calls=(CALL, not_made)))
    labels = {"route": "list-schedules", "reason": reason}
    assert figures.value("gateway_not_admitted_total", **labels) == 1
    assert figures.value("gateway_upstream_seconds_count", operation="QuerySchedules") == 1


@pytest.mark.parametrize("reason", ["connect-refused", "deadline"])
def test_a_call_that_was_made_and_failed_was_admitted(reason: str) -> None:
    """What was tried and failed, or sent and lost, is not among them."""
    figures = Figures()
    figures.metrics(but(READ, outcome="failed", reason=reason))
    labels = {"route": "list-schedules", "reason": reason}
    assert figures.value("gateway_not_admitted_total", **labels) is None


def test_upstreams_are_read_when_scraped() -> None:
    """In flight, its limit, waiting and the breaker's state as a number."""
    figures = Figures(
        UpstreamState("registration", 3, 10, 2, "half-open"),
        UpstreamState("billing", 0, 5, 0, "open"),
    )
    assert figures.value("gateway_in_flight", upstream="registration") == 3
    assert figures.value("gateway_in_flight_limit", upstream="registration") == 10
    assert figures.value("gateway_waiting", upstream="registration") == 2
    assert figures.value("gateway_breaker_state", upstream="registration") == 1
    assert figures.value("gateway_breaker_state", upstream="billing") == 2


def test_breaker_changes_are_counted_by_the_state_entered() -> None:
    """A breaker that flaps between two scrapes still shows."""
    figures = Figures()
    figures.metrics(BreakerChanged("registration", "closed", "open"))
    figures.metrics(BreakerChanged("registration", "open", "half-open"))
    figures.metrics(BreakerChanged("registration", "half-open", "open"))
    labels = {"upstream": "registration"}
    assert figures.value("gateway_breaker_changes_total", to="open", **labels) == 2
    assert figures.value("gateway_breaker_changes_total", to="half-open", **labels) == 1


def test_one_digest_is_shown_at_a_time() -> None:
    """A new snapshot replaces the old one's series; a refused one changes neither."""
    figures = Figures()
    figures.metrics(SnapshotChanged("aaaa", None, ok=True, findings=0))
    figures.metrics(SnapshotChanged("bbbb", "aaaa", ok=True, findings=0))
    figures.metrics(SnapshotChanged("bbbb", "bbbb", ok=False, findings=5))
    assert figures.value("gateway_snapshot_info", digest="aaaa") is None
    assert figures.value("gateway_snapshot_info", digest="bbbb") == 1
    assert figures.value("gateway_snapshot_reloads_total", result="accepted") == 2
    assert figures.value("gateway_snapshot_reloads_total", result="refused") == 1
    assert figures.value("gateway_snapshot_findings") == 5


def test_readiness_follows_the_phase() -> None:
    """1 in the phase `ready` only."""
    figures = Figures()
    shown = [figures.value("gateway_ready")]
    for phase in ("ready", "draining"):
        figures.metrics(LifecycleChanged(phase))
        shown.append(figures.value("gateway_ready"))
    assert shown == [0, 1, 0]


def test_failures_of_listeners_are_counted() -> None:
    """By the class of the listener."""
    figures = Figures()
    figures.metrics.listener_failed("EventLog")
    assert figures.value("gateway_listener_failures_total", listener="EventLog") == 1


def test_the_build_is_shown() -> None:
    """Version and Python of the replica."""
    assert b'gateway_build_info{python="3.' in generate_latest(Figures().registry)


def test_a_closed_function_is_seen_at_the_next_scrape() -> None:
    """Each route has its series, whether it is closed or not."""
    registry = CollectorRegistry()
    closed = {"hold-slot": False, "pay-appointment": True}
    Metrics(registry, closed=lambda: closed)
    assert registry.get_sample_value("gateway_function_closed", {"route": "hold-slot"}) == 0
    assert registry.get_sample_value("gateway_function_closed", {"route": "pay-appointment"}) == 1
    closed["hold-slot"] = True
    assert registry.get_sample_value("gateway_function_closed", {"route": "hold-slot"}) == 1


def test_a_registry_brings_the_processs_own_figures() -> None:
    """Memory and garbage collection of the replica are scraped with the rest."""
    names = {family.name for family in new_registry().collect()}
    assert {"process_resident_memory_bytes", "python_gc_collections"} <= names


def test_every_metric_is_described_as_it_is() -> None:
    """The page has each metric once, with its type, its labels and its help text; no other."""
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    metrics(READ)
    described = {
        name: (kind, labels)
        for name, kind, labels in re.findall(
            r"^### `(\w+)`\n\n(\w+); labels: (.+)\.$", PAGE.read_text(encoding="utf-8"), re.M
        )
    }
    assert described == {
        name: (kind, ", ".join(f"`{label}`" for label in labels) or "none")
        for name, kind, labels in _registered(registry)
    }


def _registered(registry: CollectorRegistry) -> list[tuple[str, str, tuple[str, ...]]]:
    """Name, type and label names of each metric, as the registry's collectors declare them."""
    found = []
    for collector in registry._collector_to_names:
        for family in collector.describe():  # type: ignore[attr-defined]  # each one of ours has it
            # Those that are read when scraped have theirs in the family.
            own = getattr(family, "_labelnames", ())
            labels = tuple(getattr(collector, "_labelnames", own))
            name = family.name + ("_total" if family.type == "counter" else "")
            found.append((name, family.type, labels))
    return found


def test_each_metric_has_a_query() -> None:
    """Every entry of the page shows a PromQL line that names its metric."""
    sections = re.split(r"^### ", PAGE.read_text(encoding="utf-8"), flags=re.M)[1:]
    for section in sections:
        name = section.split("`")[1]
        assert re.search(rf"```promql\n.*{name}.*\n```", section), name


@pytest.mark.parametrize(
    ("metric", "words"),
    [
        ("gateway_exchanges_total", get_args(Ending)),
        ("gateway_validations_total", get_args(Stage)),
        ("gateway_not_admitted_total", get_args(Reason)),
    ],
)
def test_the_words_of_a_label_are_explained(metric: str, words: tuple[str, ...]) -> None:
    """Each word that a closed list has stands in the metric's entry."""
    (entry,) = re.findall(
        rf"^### `{metric}`\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.M | re.S
    )
    assert set(words) <= set(re.findall(r"`([a-z-]+)`", entry))
