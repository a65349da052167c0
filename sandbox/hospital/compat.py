"""Lets spyne 2.14 be imported on Python 3.12 and 3.13.

spyne bundles a `six` whose lazy importer for `six.moves` speaks a protocol that Python 3.12 took
away. The `six` package of today has the same modules and the right protocol: it is served under
the bundled name. (spyne also imports `cgi`, gone in 3.13; the package legacy-cgi brings it back.)
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

_BUNDLED = "spyne.util.six.moves"
_PACKAGE = "six.moves"


class _SixMoves(MetaPathFinder, Loader):
    """Answers the bundled name, and what is below it, with the package's module."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname == _BUNDLED or fullname.startswith(f"{_BUNDLED}."):
            return importlib.util.spec_from_loader(fullname, self)
        return None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return importlib.import_module(spec.name.replace(_BUNDLED, _PACKAGE, 1))

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: the module has run under its own name."""


def install() -> None:
    """Serve `six.moves` where spyne looks for it; on 3.11 its own works."""
    if sys.version_info >= (3, 12):
        sys.meta_path.insert(0, _SixMoves())
