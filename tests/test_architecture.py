"""The house rules that a reader should be able to rely on."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from tests.conftest import ROOT

SOURCES = sorted((ROOT / "src/dress_kg").rglob("*.py"))


def _module(path: Path) -> str:
    parts = path.relative_to(ROOT / "src").with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {_module(path): path for path in SOURCES}


def _imports(path: Path, *, everywhere: bool) -> set[str]:
    """The modules of ours that a module imports; also inside functions where `everywhere`."""
    tree = ast.parse(path.read_text("utf-8"))
    nodes = ast.walk(tree) if everywhere else iter(tree.body)
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if inner in MODULES else node.module)
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    own = _module(path)
    return {name for name in found if name in MODULES and name != own and not own.startswith(name + ".")}


def test_there_is_something_to_check() -> None:
    assert len(SOURCES) > 30


def test_no_import_cycles_not_even_inside_functions() -> None:
    graph = {name: _imports(path, everywhere=True) for name, path in MODULES.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as cycle:
        raise AssertionError(" -> ".join(cycle.args[1])) from cycle


def test_no_module_without_a_name_of_its_own() -> None:
    assert not [p for p in SOURCES if p.stem in {"utils", "helpers", "common", "misc", "core"}]


def test_modules_and_functions_stay_readable() -> None:
    long_modules = [p.name for p in SOURCES if p.read_text("utf-8").count("\n") > 400]
    assert not long_modules
    long_functions = [
        f"{path.name}:{node.lineno} {node.name}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno > 60
    ]
    assert not long_functions


def test_only_the_outermost_frame_catches_everything() -> None:
    broad = [
        f"{path.name}:{node.lineno}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and (
            node.type is None
            or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"})
        )
    ]
    assert [place.partition(":")[0] for place in broad] == ["__init__.py"], broad
