"""The switches of one replica."""

from __future__ import annotations

import asyncio
import itertools

from tests.unit.closing.switches import MINUTE, Board, off, on


def test_a_switch_is_audited_before_it_takes_effect() -> None:
    """With where it came from."""
    board = Board()
    board.switchboard.take([off()], "command")
    assert board.audited == [(off(), "command", ())]
    assert board.switchboard.thrown == (off(),)


def test_the_newest_of_each_name_holds_in_whatever_order_they_come() -> None:
    """Replicas that hear of the same switches agree."""
    switches = (
        off(), on(), off(by="Li"), off("pay-*"), off("*", at=off().at - MINUTE), off("*"),
    )  # fmt: skip
    held = set()
    for order in itertools.permutations(switches):
        board = Board()
        for switch in order:
            board.switchboard.take([switch], "peer")
        held.add(board.switchboard.thrown)
    assert held == {(off("*"), on(), off("pay-*"))}


def test_what_is_known_already_is_neither_taken_nor_audited_again() -> None:
    """Replicas tell each other the same every ten seconds."""
    board = Board()
    assert board.switchboard.take([off()], "command") == (off(),)
    assert board.switchboard.take([off(), off(at=off().at - MINUTE)], "peer") == ()
    assert len(board.audited) == 1


def test_a_switch_is_forgotten_when_it_has_ended() -> None:
    """And one that had ended when it came is not taken."""
    board = Board()
    board.switchboard.take([off(), off("pay-*", until=board.now + 2 * MINUTE)], "command")
    board.now += 2 * MINUTE
    assert board.switchboard.take([off("pay-*", until=board.now)], "peer") == ()
    assert board.switchboard.thrown == (off(),)


def test_all_that_holds_is_kept() -> None:
    """Whichever of them came last."""
    board = Board()
    board.switchboard.take([off(), off("pay-*")], "command")
    assert asyncio.run(board.switchboard.keep())
    assert board.kept == [(off(), off("pay-*"))]


def test_a_switch_that_cannot_be_kept_holds_all_the_same() -> None:
    """A full disk must not keep a function open that somebody has closed."""
    board = Board()
    board.disk_full = True
    board.switchboard.take([off()], "command")
    assert not asyncio.run(board.switchboard.keep())
    assert board.switchboard.thrown == (off(),)
    assert len(board.reports) == 1
