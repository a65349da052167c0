"""Import directions, as docs/architecture.md draws them: read from the source, not believed."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "gateway"
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
IO_LIBRARIES = {
    "aiohttp", "asyncio", "http", "lxml", "os", "pathlib", "prometheus_client", "requests",
    "select", "shutil", "socket", "ssl", "structlog", "subprocess", "tempfile", "threading",
    "urllib", "zeep",
}  # fmt: skip
TOP = (
    "api", "app", "binding", "carry_out", "client_check", "conclusion", "environment",
    "example_check", "examples", "exchange", "packs", "settlement", "upstreams",
)  # fmt: skip
"""What joins packages to one another; no package may lean on it."""


def modules() -> dict[str, Path]:
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in sorted(SOURCE.rglob("*.py"))
    }


MODULES = modules()


SHARED = {
    f"gateway.{name}"
    for line in PAGE.splitlines()
    if line.startswith("- what everyone shares")
    for name in re.findall(r"`(\w+)`", line)
}


def within(*packages: str) -> list[str]:
    return [
        name
        for name in MODULES
        if any(name == f"gateway.{one}" or name.startswith(f"gateway.{one}.") for one in packages)
    ]


@cache
def imports(module: str) -> frozenset[str]:
    """What a module imports when it runs; what only the type checker sees is no dependency."""
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    return frozenset(_imported(tree))


def _imported(node: ast.AST) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        if isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, "imports are absolute"
            base = child.module or ""
            for alias in child.names:
                name = f"{base}.{alias.name}"
                yield name if name in MODULES else base
        else:
            yield from _imported(child)


def leans_on(module: str, *packages: str) -> list[str]:
    targets = within(*packages)
    return sorted(set(targets) & imports(module))


@pytest.mark.parametrize("module", within("rest"))
def test_the_cloud_side_knows_no_soap(module: str) -> None:
    """Nor what policies make of the two, nor what joins them."""
    assert leans_on(module, "soap", "translation", "policies", *TOP) == []


@pytest.mark.parametrize("module", within("soap"))
def test_the_hospital_side_knows_no_rest(module: str) -> None:
    """Nor policies, nor translation."""
    assert leans_on(module, "rest", "policies", "translation", "resilience", *TOP) == []


@pytest.mark.parametrize("module", within("translation"))
def test_translation_is_pure(module: str) -> None:
    """No input or output, no XML, no HTTP, neither side's package."""
    assert leans_on(module, "rest", "soap", "policies", "resilience", "operations", *TOP) == []
    assert {name.partition(".")[0] for name in imports(module)} & IO_LIBRARIES == set()


@pytest.mark.parametrize("module", within("policies.check"))
def test_the_check_of_policies_is_pure(module: str) -> None:
    """It says what is wrong with what it was given, and reads and writes nothing."""
    assert {name.partition(".")[0] for name in imports(module)} & IO_LIBRARIES == set()
    assert leans_on(module, "operations", "policies.compile", *TOP) == []


@pytest.mark.parametrize("module", within("resilience"))
def test_resilience_knows_neither_side(module: str) -> None:
    """It guards calls of whatever kind."""
    outside = ("rest", "soap", "policies", "translation", "operations", *TOP)
    assert leans_on(module, *outside) == []


@pytest.mark.parametrize("module", within("operations"))
def test_listeners_know_the_data_plane_by_its_events_only(module: str) -> None:
    """The watch of one exchange alone sees the request that it follows."""
    allowed = ["gateway.rest.messages"] if module == "gateway.operations.watch" else []
    assert leans_on(module, "rest", "soap", "policies", "translation", *TOP) == allowed


@pytest.mark.parametrize("module", [name for name in MODULES if name in SHARED])
def test_what_everyone_shares_imports_nobody(module: str) -> None:
    """So that everyone may import it."""
    assert leans_on(module, *(name.removeprefix("gateway.") for name in MODULES)) == []


def test_only_the_composition_root_imports_everyone() -> None:
    """`app.py` composes; commands start it."""
    sides = [f"gateway.{name}" for name in ("rest.server", "soap.transport", "operations.metrics")]
    whole = {name for name in MODULES if all(side in imports(name) for side in sides)}
    assert whole == {"gateway.app"}
    importers = {name for name in MODULES if "gateway.app" in imports(name)}
    assert importers == {"gateway.commands.serve"}


def test_modules_do_not_import_one_another_in_a_circle() -> None:
    """Arrows run one way."""
    left = {name: set(imports(name)) & set(MODULES) - {name} for name in MODULES}
    while free := {name for name, needs in left.items() if not needs & left.keys()}:
        left = {name: needs for name, needs in left.items() if name not in free}
    assert left == {}


def test_the_packages_lean_on_what_the_page_says() -> None:
    """No arrow is drawn that is not there, and none is left out."""
    drawn = {
        package: set(re.findall(r"`(\w+)`", leans))
        for package, leans in re.findall(r"^\| `(\w+)/` \| .+ \|(.*)\|$", PAGE, re.MULTILINE)
    }
    packages = {path.name for path in SOURCE.iterdir() if (path / "__init__.py").is_file()}
    assert drawn.keys() == packages
    del drawn["commands"]
    assert drawn == {
        package: {
            other
            for other in packages - {package}
            if any(leans_on(module, other) for module in within(package))
        }
        for package in drawn
    }


def test_every_module_and_every_error_is_on_the_page() -> None:
    """Who opens the tree finds what each name is for."""
    told = set(re.findall(r"`([\w/]+?)(?:\.py)?`", PAGE))
    beside = {path.stem for path in SOURCE.glob("*.py")} - {"__init__", "__main__"}
    assert beside - told == set()
    assert errors() - told == set()


def errors() -> set[str]:
    """The names of all exceptions that are not some module's own."""
    classes = [
        node
        for path in MODULES.values()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    ]
    found = {"Exception", "ValueError"}
    for _ in classes:
        found |= {one.name for one in classes if {ast.unparse(base) for base in one.bases} & found}
    return found - {"Exception", "ValueError"}


@pytest.mark.parametrize(
    ("package", "other", "libraries"),
    [("rest", "soap", {"lxml", "zeep"}), ("soap", "rest", {"jsonschema_rs", "orjson"})],
)
def test_the_two_sides_do_not_meet_by_a_detour(
    package: str, other: str, libraries: set[str]
) -> None:
    """A process that imports one side whole has nothing of the other's in it."""
    loads = "".join(f"import {module}\n" for module in within(package))
    told = "import sys\nprint(*sys.modules)"
    process = subprocess.run(
        [sys.executable, "-c", loads + told], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(process.stdout.split())
    assert f"gateway.{package}" in loaded
    assert (
        loaded & ({f"gateway.{other}", "gateway.policies", "gateway.translation"} | libraries)
        == set()
    )


def test_the_way_is_on_one_screen_and_calls_the_steps_of_the_page() -> None:
    """`Exchange.__call__` shows the tables of docs/architecture.md from top to bottom."""
    tree = ast.parse((SOURCE / "exchange.py").read_text(encoding="utf-8"))
    methods = {
        node.name: node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    way = methods["__call__"]
    assert way.end_lineno is not None
    assert way.end_lineno - way.lineno < 50
    steps = re.findall(r"^\| \w+ \| `([\w.]+)` \| `([\w/]+)\.py` \|", PAGE, re.MULTILINE)
    for step, module in steps:
        assert (SOURCE / f"{module}.py").is_file(), f"{step}: there is no {module}.py"
    table = [step for step, _ in steps]
    assert [name for name in _called(way, methods) if name in table] == table


def _called(
    node: ast.AST, methods: Mapping[str, ast.FunctionDef | ast.AsyncFunctionDef]
) -> Iterator[str]:
    """The last two names of each call, in order; a method or local function where it is called."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(child, ast.Call):
            name = ast.unparse(child.func)
            yield ".".join(name.split(".")[-2:]).removeprefix("self.")
            if name.startswith("self.") and (own := name.removeprefix("self.")) in methods:
                yield from _called(methods[own], methods)
            # A method that is handed on is called by whoever gets it.
            for handed in map(ast.unparse, child.args):
                if handed.startswith("self.") and (own := handed.removeprefix("self.")) in methods:
                    yield from _called(methods[own], methods)
        if isinstance(child, ast.Name) and child.id in methods:
            yield from _called(methods[child.id], methods)
        yield from _called(child, methods)
