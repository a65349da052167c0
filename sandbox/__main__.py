"""`python -m sandbox`: everything on the fixed ports, in the foreground, until Ctrl-C."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path

from sandbox.stack import CHECKOUT, ChildFailed, HaproxyMissing, PortTaken, Stack

STATE = CHECKOUT / "var"
LOOK_EVERY = 0.5


def describe(stack: Stack) -> str:
    """What a person needs to start using the stack."""
    certificate, key = stack.client_certificate()
    replicas = "\n".join(
        f"  replica-{number}          {stack.rest_url(number)}   admin {stack.admin_url(number)}"
        for number in range(1, len(stack.ports.rest) + 1)
    )
    return f"""
  edge (mutual TLS)  {stack.edge_url}
{replicas}
  edge statistics    {stack.stats_url}   figures {stack.stats_url}/metrics
  hospital (SOAP)    {stack.hospital_url}/registration?wsdl   control {stack.control_url}
  logs               {_short(stack.logs)}/

Call it:
  .venv/bin/dmz-gateway call GET /v1/departments
  curl --cacert {_short(stack.ca)} --cert {_short(certificate)} --key {_short(key)} \\
       {stack.edge_url}/v1/departments

Ctrl-C ends everything.
"""


def run(stack: Stack) -> int:
    """Start the stack and keep it until a signal or until a child dies; return the status."""
    # Of both: a shell that starts something in the background has it ignore SIGINT.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        print("starting the hospital, three replicas and the edge ...", flush=True)
        stack.start()
        print(describe(stack), flush=True)
        while True:
            time.sleep(LOOK_EVERY)
            stack.require_running()
    except KeyboardInterrupt:
        return 0
    except (PortTaken, HaproxyMissing) as missing:
        print(f"dmz-gateway: {missing}", file=sys.stderr)
        return 2
    except ChildFailed as failed:
        print(f"dmz-gateway: {failed}", file=sys.stderr)
        return 1
    finally:
        # A second Ctrl-C must not leave half of the children behind.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        stack.stop()


def _short(path: Path) -> str:
    return str(path.relative_to(CHECKOUT)) if path.is_relative_to(CHECKOUT) else str(path)


if __name__ == "__main__":
    sys.exit(run(Stack(STATE)))
