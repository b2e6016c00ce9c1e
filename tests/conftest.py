"""Fixtures for all tests: where the shared data lie, and the gold reading of the DRESS table."""

from __future__ import annotations

import json
import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

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
