"""What must hold before a figure is believed: equal answers, real validation, honest counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import orjson
from prometheus_client.parser import text_string_to_metric_families

from bench.contenders import Contender, Gateway
from bench.load import CONNECTIONS
from bench.messages import CASES, Case
from bench.processes import BenchFailed, ask, get

STAGES: Final = ("request-json", "request-xsd", "reply-xsd", "response-json")
"""Every validation that an exchange which succeeds has to pass."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What gateway and stub counted of one case; `stages` as in `STAGES`, valid ones only."""

    succeeded: int
    stages: tuple[int, ...]
    at_stub: int

    def since(self, earlier: Counts) -> Counts:
        """What came on top."""
        return Counts(
            self.succeeded - earlier.succeeded,
            tuple(now - then for now, then in zip(self.stages, earlier.stages, strict=True)),
            self.at_stub - earlier.at_stub,
        )


@dataclass(frozen=True, slots=True)
class Refusal:
    """How one contender answered a reply that breaks its contract."""

    contender: str
    case: str
    status: int


def count(gateway: Gateway, stub_port: int, case: Case) -> Counts:
    """Read the gateway's own metrics and the stub's counter."""
    text = get(gateway.admin_port, "/metrics")[1].decode()
    succeeded, stages = 0, dict.fromkeys(STAGES, 0)
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = sample.labels
            if labels.get("route") != case.route:
                continue
            if sample.name == "gateway_exchanges_total" and labels["outcome"] == "succeeded":
                succeeded += int(sample.value)
            elif sample.name == "gateway_validations_total" and labels["result"] == "valid":
                stages[labels["stage"]] += int(sample.value)
    at_stub: int = orjson.loads(get(stub_port, "/counts")[1])[case.operation]
    return Counts(succeeded, tuple(stages.values()), at_stub)


def hold_counts(case: Case, counted: Counts, answered: int) -> None:
    """Each request that the stub saw was validated at every stage and answered with success.

    wrk breaks off the requests that are under way when its time is over: the gateway carries them
    out all the same, so its count may lie above what was answered, by no more than these.
    """
    if any(stage != counted.at_stub for stage in (*counted.stages, counted.succeeded)):
        raise BenchFailed(f"{case.name}: not every request was validated everywhere: {counted}")
    if not answered <= counted.at_stub <= answered + CONNECTIONS:
        raise BenchFailed(f"{case.name}: {answered} answers, but {counted.at_stub} at the stub")


def hold_equal_answers(contenders: Sequence[Contender]) -> None:
    """Who translates answers the same JSON, who does not hands on the stub's very bytes."""
    for case in CASES:
        answers = {one.name: _answer(one, case) for one in contenders if one.translates}
        first, *others = answers.values()
        if any(other != first for other in others):
            raise BenchFailed(f"{case.name}: the answers differ: {answers}")
        for one in contenders:
            if not one.translates and _body(one, case) != case.reply:
                raise BenchFailed(f"{case.name}: {one.name} does not hand on what it was given")


def refusals(contenders: Sequence[Contender], stub_port: int) -> tuple[Refusal, ...]:
    """Let the stub answer off its contract, and see who notices; the gateway has to."""
    get(stub_port, "/broken", "PUT")
    try:
        seen = tuple(
            Refusal(one.name, case.name, _ask(one, case)[0]) for case in CASES for one in contenders
        )
    finally:
        get(stub_port, "/sound", "PUT")
    for case in CASES:
        for refusal in seen:
            if (refusal.contender, refusal.case) == ("dmz-gateway", case.name) and (
                refusal.status != case.refused_with
            ):
                raise BenchFailed(f"{case.name}: a broken reply was answered {refusal.status}")
    return seen


def _ask(contender: Contender, case: Case) -> tuple[int, bytes]:
    asked = contender.ask(case)
    return ask(asked.port, asked.method, asked.path, asked.headers, asked.body)


def _body(contender: Contender, case: Case) -> bytes:
    status, body = _ask(contender, case)
    if status not in (200, 201):
        raise BenchFailed(f"{case.name}: {contender.name} answers {status}: {body[:300]!r}")
    return body


def _answer(contender: Contender, case: Case) -> object:
    answer: object = orjson.loads(_body(contender, case))
    return answer
