"""The whole world on one machine: hospital, three replicas and the edge, started and ended."""

from __future__ import annotations

from sandbox.stack.children import ChildFailed
from sandbox.stack.ports import Ports, PortTaken
from sandbox.stack.stack import CHECKOUT, HaproxyMissing, Stack

__all__ = ["CHECKOUT", "ChildFailed", "HaproxyMissing", "PortTaken", "Ports", "Stack"]
