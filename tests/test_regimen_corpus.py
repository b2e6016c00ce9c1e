"""The dose interpreter on prescription texts of others, scored as `benchmarks/dose_corpus.py` says."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

from dress_kg.interpret.agents import AgentLexicon


def _benchmark() -> ModuleType:
    path = Path(__file__).resolve().parents[1] / "benchmarks" / "dose_corpus.py"
    spec = importlib.util.spec_from_file_location("dose_corpus", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_targets_on_the_corpus(shared: Path) -> None:
    text = (shared / "corpora" / "dose.jsonl").read_text("utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    assert len(lines) == 234
    benchmark = _benchmark()
    lexicon = AgentLexicon.load()
    whole = benchmark.score(lines, lexicon, disputed=False)
    assert whole.precision >= 0.97
    assert whole.recall >= 0.85
    undisputed = benchmark.score(lines, lexicon, disputed=True)
    assert len(undisputed.wrong_steps) / len(lines) <= 0.01
    assert len(benchmark.DISPUTED) < 40
    assert all(benchmark.DISPUTED.values())
