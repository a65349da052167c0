"""The command line: `dmz-gateway COMMAND`. One module a command, in `gateway/commands/`."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

COMMANDS = {
    "serve": "run one replica",
    "check": "say what is wrong with the packs, before anything runs",
    "explain": "show what a request would do, step by step; sends nothing",
    "openapi": "write the cloud-side API document",
    "pki": "make the sandbox's certificates and secrets",
    "switch": "close a function on every replica now, and open it again",
    "call": "call the gateway through its edge, with the sandbox's certificate",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the status for the shell: 0 fine, 1 a negative answer, 2 cannot run."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(
        prog="dmz-gateway",
        description="REST to SOAP gateway between booking platforms and a hospital.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="\n".join(f"  {name:9} {about}" for name, about in COMMANDS.items()),
    )
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND", help="one of those below")
    name = parser.parse_args(given[:1]).command
    # Loaded when asked for: `call` need not wait for all that `serve` needs.
    command = importlib.import_module(f"gateway.commands.{name}")
    options = argparse.ArgumentParser(prog=f"dmz-gateway {name}", description=COMMANDS[name])
    command.add_arguments(options)
    status: int = command.run(options.parse_args(_joined(options, given[1:])))
    return status


def _joined(options: argparse.ArgumentParser, given: list[str]) -> list[str]:
    """The arguments, with values that begin with a dash tied to their options.

    Sealed ids and keys may begin so, and argparse would take them for options.
    """
    known = {name: action for action in options._actions for name in action.option_strings}
    joined: list[str] = []
    for argument in given:
        before = known.get(joined[-1]) if joined else None
        takes_one = before is not None and before.nargs is None
        if takes_one and argument.startswith("-") and argument not in known:
            joined[-1] += f"={argument}"
        else:
            joined.append(argument)
    return joined
