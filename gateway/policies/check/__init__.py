"""Whether policies would work, held against their contracts before anything runs.

Pure: data in, findings out. Every function looks at one concern and yields what it finds; nothing
stops at the first fault, and one fault is found once.
"""

from __future__ import annotations

from gateway.policies.check.constants import check_secrets
from gateway.policies.check.digest import check_digest, meant_digest
from gateway.policies.check.glossary import check_glossary
from gateway.policies.check.pack import check_pack as check
from gateway.policies.check.payload import check_payload, check_trade
from gateway.policies.check.together import check_together

__all__ = [
    "check",
    "check_digest",
    "check_glossary",
    "check_payload",
    "check_secrets",
    "check_together",
    "check_trade",
    "meant_digest",
]
