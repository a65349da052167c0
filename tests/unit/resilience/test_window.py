"""The sliding count."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.resilience.window import SlidingWindow


def test_counts_until_the_window_has_passed() -> None:
    """What was counted is forgotten once it is older than the window."""
    window = SlidingWindow(20)
    window.add_good(100)
    window.add_bad(110)
    assert (window.good, window.bad) == (1, 1)
    window.add_bad(120)
    assert (window.good, window.bad) == (0, 2)
    window.add_good(500)
    assert (window.good, window.bad) == (1, 0)
    window.clear()
    assert (window.good, window.bad) == (0, 0)


@given(
    st.lists(
        st.tuples(st.floats(min_value=0, max_value=30, allow_nan=False), st.booleans()),
        min_size=1,
        max_size=80,
    )
)
def test_agrees_with_a_list_of_moments(steps: list[tuple[float, bool]]) -> None:
    """It counts everything of the window but its oldest step, and nothing older than it."""
    window = SlidingWindow(20)
    at = 0.0
    seen: list[tuple[float, bool]] = []
    for pause, good in steps:
        at += pause
        (window.add_good if good else window.add_bad)(at)
        seen.append((at, good))
        for kind, counted in ((True, window.good), (False, window.bad)):
            moments = [moment for moment, which in seen if which is kind]
            assert counted <= sum(moment > at - 20 for moment in moments)
            assert counted >= sum(moment > at - 19 for moment in moments)
