"""The secrets that a policy leaves to files, each named by a variable as `${NAME_FILE}`."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.policies.load import Keys
from gateway.policies.model import Policy

EXAMPLE_SECRET = "a-made-up-secret"  # noqa: S105 - it keeps nothing
"""What stands for every secret where nothing is sent. It can be a key of AES, too."""

MESSAGE_KEY: Keys = ("payload", "encrypted", "key_file")
"""Where a policy names the key that messages in strings are encrypted with."""


def secrets_of(policy: Policy) -> Iterator[tuple[Keys, str]]:
    """Where the policy names a secret, and the variable as it is written there."""
    if policy.digest is not None:
        yield ("digest", "key", "file"), policy.digest.key_file
    if policy.security is not None:
        yield ("security", "password_file"), policy.security.password_file
    if policy.message_key_file is not None:
        yield MESSAGE_KEY, policy.message_key_file
    for constants in (policy.constants, *(route.constants for route in policy.routes)):
        for constant in constants.values():
            if constant.secret is not None:
                yield (*constant.at, "secret"), constant.secret
