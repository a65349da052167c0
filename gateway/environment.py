"""What policies leave to the environment: addresses, and the files that hold secrets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from gateway.policies.addresses import is_address, variable
from gateway.policies.findings import Finding
from gateway.policies.load import Keys
from gateway.policies.model import Policy
from gateway.policies.secrets import MESSAGE_KEY, secrets_of
from gateway.soap.payload.encryption import is_key


def read_environment(
    policies: Iterable[Policy], environment: Mapping[str, str]
) -> tuple[Mapping[str, str], tuple[Finding, ...]]:
    """What the policies need, by the variable's name, and what of it is missing.

    Of an address that is the variable's text, of a secret what stands in the file that it names,
    without the line break at its end.
    """
    values: dict[str, str] = {}
    findings: list[Finding] = []
    for policy in policies:
        findings += _addresses(policy, environment, values)
        findings += _secrets(policy, environment, values)
    return values, tuple(findings)


def _addresses(
    policy: Policy, environment: Mapping[str, str], values: dict[str, str]
) -> Iterator[Finding]:
    for index, text in enumerate(policy.upstream.endpoints):
        name = variable(text)
        if name is None:
            continue
        address = environment.get(name, "")
        if is_address(address):
            values[name] = address
            continue
        what = "holds no address" if name in environment else "is not set"
        yield _finding(
            policy,
            ("upstream", "endpoints", index),
            f"the variable {name} {what}",
            "set it to the service's address, such as http://10.0.0.8/registration",
        )


def _secrets(
    policy: Policy, environment: Mapping[str, str], values: dict[str, str]
) -> Iterator[Finding]:
    for at, text in secrets_of(policy):
        name = variable(text) or ""
        if name not in environment:
            what = f"the variable {name} is not set"
            yield _finding(policy, at, what, "set it to the name of the file")
            continue
        secret = _secret(Path(environment[name]))
        if secret is None:
            what = f"the file that {name} names cannot be read, or is no secret in one line"
            yield _finding(policy, at, what, "write the secret into it, readable here")
        elif at == MESSAGE_KEY and not is_key(secret):
            what = f"the file that {name} names holds no AES key of 16, 24 or 32 bytes"
            yield _finding(policy, at, what, "write the key that the hospital gave you into it")
        else:
            values[name] = secret


def _secret(file: Path) -> str | None:
    try:
        secret = file.read_text("utf-8").rstrip("\r\n")
    except (OSError, ValueError):
        return None
    return secret if secret and secret.isprintable() else None


def _finding(policy: Policy, at: Keys, problem: str, remedy: str) -> Finding:
    return Finding(policy.source.mark(at), "environment", "", problem, remedy)
