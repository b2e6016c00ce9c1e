"""Environments of the programs that run beside ours, kept in the checkout's `.cache/`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.peers.morph_kgc import EnvironmentMissingError, make_environment


@pytest.fixture(scope="session")
def morph_kgc_python() -> Path:
    """The Python of an environment with morph-kgc; the test is skipped where none can be made."""
    try:
        return make_environment(ROOT / ".cache/peers/morph-kgc-2.10")
    except EnvironmentMissingError as problem:
        pytest.skip(str(problem))
