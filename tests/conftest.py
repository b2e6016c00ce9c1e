"""Fixtures for all tests: where the shared data lie, and the gold reading of the DRESS table."""

from __future__ import annotations

import json
import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pyoxigraph import Store

from dress_kg.pipeline import build, make_graph

if TYPE_CHECKING:
    from tests.service import Service

ROOT = Path(__file__).resolve().parents[1]
NO_SKIPS = "DRESS_KG_TESTS_MAY_NOT_SKIP"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where CI has installed everything, a test that skips has found a hole: it fails instead."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get(NO_SKIPS):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} skipped although CI has all it needs: {report.longrepr}"
    return report


def _shared_folder() -> Path:
    return Path(os.environ.get("DRESS_KG_SHARED", ROOT.parent / "shared"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of data we may test with but not ship; the test is skipped where it is absent."""
    path = _shared_folder()
    if not path.is_dir():
        pytest.skip("the shared data folder (gold, corpora, suites) is not beside this checkout")
    return path


@pytest.fixture(scope="session")
def gold(shared: Path) -> dict[str, Any]:
    """Two curators' agreed reading of the DRESS table (`conventions` in it says how)."""
    loaded: dict[str, Any] = json.loads((shared / "gold/dress-treatment-evidence.json").read_text("utf-8"))
    return loaded


@pytest.fixture(scope="session")
def gold_items(gold: dict[str, Any]) -> list[dict[str, Any]]:
    """The 35 rows of the gold, in order."""
    items: list[dict[str, Any]] = gold["items"]
    assert len(items) == 35
    return items


@pytest.fixture(scope="session")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a build of the shipped table, for tests that only read it."""
    out = tmp_path_factory.mktemp("graph") / "out"
    with pytest.MonkeyPatch.context() as patch:  # the last build of whoever runs the tests stays theirs
        patch.setenv("XDG_DATA_HOME", str(out.parent))
        build(out=out)
    return out


@pytest.fixture(scope="session")
def store() -> Store:
    """The graph that a build of the shipped table makes, in memory, for tests that only read it."""
    loaded = Store()
    loaded.bulk_extend(make_graph(["dress"]).quads)
    return loaded


@pytest.fixture(scope="module")
def service(graph: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A running service of that build."""
    from tests.service import serving  # it looks in here, too

    with serving(graph, tmp_path_factory.mktemp("service")) as running:
        yield running
