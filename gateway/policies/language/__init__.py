"""The policy language's shape, as a JSON Schema.

`contracts/policy.schema.json` is this document written out, for completion and checking in
editors (`python -m gateway.policies.language` prints it); `docs/policies/reference.md` explains
every field, those of a pack's glossary too. Tests hold them together.
"""

from __future__ import annotations

import json

from gateway.policies.language.glossary import GLOSSARY
from gateway.policies.language.pack import LANGUAGE
from gateway.policies.language.schema import Schema

__all__ = ["GLOSSARY", "LANGUAGE", "Schema", "document"]


def document() -> str:
    """The language as `contracts/policy.schema.json` holds it."""
    return json.dumps(LANGUAGE, indent=2) + "\n"
