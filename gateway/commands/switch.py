"""`dmz-gateway switch`: closes a function on every replica now, and opens it again."""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

from gateway.closing.peers import PATH
from gateway.closing.switch import LONGEST, Switch, SwitchRefused, is_whole, read
from gateway.policies.findings import PolicyError
from gateway.policies.near import near_name
from gateway.settings import Board, load_board
from gateway.translation.values import HOSPITAL_ZONE

_PATIENCE_S: Final = 5.0
_TICK: Final = timedelta(microseconds=1)
_CLOCK: Final = re.compile("[0-9]{2}:[0-9]{2}")
_REFUSED: Final = {
    "malformed": "does not understand it: is it of this version?",
    "signature": "does not believe it: its secret is another",
    "older": "has a newer one, or this has ended: run it again",
    "unknown-route": "has no such route",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `switch` takes."""
    parser.add_argument("action", choices=("off", "on", "list"), help="close, open, or show")
    parser.add_argument("route", nargs="?", help="a route's id; * at its end stands for any rest")
    parser.add_argument(
        "--until",
        metavar="TIME",
        help="when it opens: 18:00 (the next one) or 2026-12-01T06:00, 31 days at most",
    )
    parser.add_argument("--by", metavar="WHO", help="who closes or opens it")
    parser.add_argument("--reason", metavar="WHY", help="why it is closed; no patient's data")
    parser.add_argument(
        "--switchboard",
        metavar="FILE",
        type=Path,
        default=Path("var/switchboard.yaml"),
        help="names the replicas and the secret; default: %(default)s",
    )


def run(arguments: argparse.Namespace) -> int:
    """0 when every replica was told, 1 when one was not, 2 when it could not be run."""
    try:
        board = load_board(arguments.switchboard, os.environ)
    except PolicyError as error:
        for finding in error.findings:
            print(finding, file=sys.stderr)
        return 2
    if arguments.action == "list":
        return _list(_all(board, partial(_ask, "GET", None)))
    try:
        switch = _switch(arguments, datetime.now(HOSPITAL_ZONE))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    # Later than whatever stands, whatever the clocks of those who threw that said.
    known = _known(_all(board, partial(_ask, "GET", None)))
    newest = max((one.at for one in known if one.route == switch.route), default=switch.at)
    if newest >= switch.at:
        switch = _stamped(switch, newest + _TICK)
    body = json.dumps(switch.signed(board.secret).written()).encode()
    return _tell(switch, _all(board, partial(_ask, "POST", body)))


@dataclass(frozen=True, slots=True)
class _Answer:
    """What one replica said; `fault` where it could not be asked or did not agree."""

    address: str
    said: Mapping[str, Any]
    fault: str | None

    def __str__(self) -> str:
        return f"{self.address}  {self.said.get('replica', '')}".rstrip()


def _all(board: Board, ask: partial[_Answer]) -> list[_Answer]:
    """Every replica at once: one that hangs keeps no other waiting."""
    with ThreadPoolExecutor(len(board.admins)) as pool:
        return list(pool.map(ask, board.admins))


def _ask(method: str, body: bytes | None, address: str) -> _Answer:
    host, _, port = address.rpartition(":")
    connection = http.client.HTTPConnection(host.strip("[]"), int(port), timeout=_PATIENCE_S)
    try:
        connection.request(method, PATH, body=body)
        response = connection.getresponse()
        status, text = response.status, response.read()
    except (OSError, http.client.HTTPException) as error:
        return _Answer(address, {}, f"no answer ({error})")
    finally:
        connection.close()
    try:
        said = json.loads(text)
    except ValueError:
        return _Answer(address, {}, f"has no switchboard: answered {status}")
    fault = None
    if status != 200:
        fault = _REFUSED.get(said.get("refused"), f"answered {status}")
    elif not said.get("kept", True):
        fault = "done, but could not be written down: see its log"
    return _Answer(address, said, fault)


def _switch(arguments: argparse.Namespace, now: datetime) -> Switch:
    """What is asked for; raises `ValueError` in words for people."""
    closes = arguments.action == "off"
    wanted = ("route", "until", "by", "reason") if closes else ("route", "by")
    missing = [name for name in wanted if getattr(arguments, name) is None]
    if missing:
        named = ", ".join(name.upper() if name == "route" else f"--{name}" for name in missing)
        raise ValueError(f"switch {arguments.action} needs {named}")
    if not closes and (arguments.until or arguments.reason):
        raise ValueError("switch on takes neither --until nor --reason")
    switch = Switch(
        route=arguments.route,
        closed=closes,
        until=_moment(arguments.until, now) if closes else now + LONGEST,
        by=arguments.by,
        reason=arguments.reason or "",
        at=now,
    )
    if switch.until <= now:
        raise ValueError(f"--until {arguments.until} has passed")
    if switch.until > now + LONGEST:
        raise ValueError(
            f"--until {arguments.until} is more than {LONGEST.days} days ahead: "
            "close it in its policy"
        )
    if not is_whole(switch):
        raise ValueError("ROUTE is an id, --by has up to 64 characters and --reason up to 200")
    return switch


def _stamped(switch: Switch, at: datetime) -> Switch:
    """The switch, thrown at another time; one that opens is remembered as long from then on."""
    until = switch.until if switch.closed else at + LONGEST
    return Switch(switch.route, switch.closed, until, switch.by, switch.reason, at)


def _moment(text: str, now: datetime) -> datetime:
    """A time of the hospital's clock, today's or tomorrow's where no day is named."""
    try:
        if _CLOCK.fullmatch(text):
            moment = datetime.fromisoformat(f"{now.date()}T{text}").replace(tzinfo=HOSPITAL_ZONE)
            return moment if moment > now else moment + timedelta(days=1)
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"--until {text} is no time: write 18:00 or 2026-12-01T06:00") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=HOSPITAL_ZONE)


def _known(answers: list[_Answer]) -> list[Switch]:
    """The switches that stand, the newest of each name."""
    newest: dict[str, Switch] = {}
    for answer in answers:
        for switch in _switches(answer):
            known = newest.get(switch.route)
            if known is None or switch.replaces(known):
                newest[switch.route] = switch
    return [newest[name] for name in sorted(newest)]


def _switches(answer: _Answer) -> list[Switch]:
    try:
        return [read(entry) for entry in answer.said.get("switches", ())]
    except SwitchRefused:
        return []


def _tell(switch: Switch, answers: list[_Answer]) -> int:
    if all(answer.fault == _REFUSED["unknown-route"] for answer in answers):
        known = {route for answer in answers for route in answer.said.get("routes", ())}
        remedy = near_name(switch.route, known, "the API document names each as operationId")
        print(f'no replica has a route "{switch.route}"; {remedy}')
        return 1
    for answer in answers:
        if answer.fault is not None:
            print(f"{answer}  {answer.fault}")
            continue
        print(f"{answer}  {'closed' if switch.closed else 'switched on'}")
        for one in answer.said["closed"]:
            still = "" if switch.closed else "still closed, "
            print(f"    {one['route']}  {still}until {one['reopensAt']}, by {one['by']}")
    return _status(answers)


def _list(answers: list[_Answer]) -> int:
    known = _known(answers)
    for switch in known:
        until = switch.until.astimezone(HOSPITAL_ZONE).isoformat(timespec="seconds")
        at = switch.at.astimezone(HOSPITAL_ZONE).isoformat(timespec="seconds")
        if switch.closed:
            print(f"off  {switch.route}  until {until}  by {switch.by}, {at}: {switch.reason}")
        else:
            print(f"on   {switch.route}  by {switch.by}, {at}")
    closed = {one["route"]: one for answer in answers for one in answer.said.get("closed", ())}
    for name, one in sorted(closed.items()):
        print(f"closed  {name}  until {one['reopensAt']}, by {one['by']}")
    if not known and not closed and not any(answer.fault for answer in answers):
        print("nothing is closed")
    for answer in answers:
        if answer.fault is not None:
            print(f"{answer}  {answer.fault}")
        elif _known([answer]) != known:
            print(f"{answer}  has other switches: replicas agree within ten seconds")
    return 1 if any(answer.fault is not None for answer in answers) else 0


def _status(answers: list[_Answer]) -> int:
    """What is left to do, where a replica did not do it."""
    faults = sum(answer.fault is not None for answer in answers)
    if not faults:
        return 0
    print(
        f"{faults} of {len(answers)} replicas did not do it: run this again once they can; one "
        "that was down has it from the others when it is back",
        file=sys.stderr,
    )
    return 1
