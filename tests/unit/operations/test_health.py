"""The phases of a replica."""

from __future__ import annotations

from gateway.operations.health import Health, Phase


def test_is_ready_in_one_phase_only() -> None:
    """Before it is ready and while it drains, the edge is to send nothing."""
    health = Health()
    seen = [(health.phase, health.ready)]
    for phase in (Phase.READY, Phase.DRAINING, Phase.STOPPED):
        health.become(phase)
        seen.append((health.phase, health.ready))
    assert seen == [
        (Phase.STARTING, False),
        (Phase.READY, True),
        (Phase.DRAINING, False),
        (Phase.STOPPED, False),
    ]


def test_never_goes_back_and_tells_each_phase_once() -> None:
    """A replica that drains does not become ready again."""
    told: list[Phase] = []
    health = Health(told.append)
    for phase in (Phase.READY, Phase.READY, Phase.DRAINING, Phase.READY, Phase.STARTING):
        health.become(phase)
    assert told == [Phase.READY, Phase.DRAINING]
    assert health.phase is Phase.DRAINING
