"""From a checked policy and its contract to routes. Assumes that the check found nothing."""

from __future__ import annotations

from gateway.policies.compile.pack import compile_snapshot

__all__ = ["compile_snapshot"]
