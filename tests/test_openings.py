"""A recogniser of the dose grammar is asked only where it may begin; asking all of them gives the same."""

from __future__ import annotations

import json
import random
import re

from dress_kg.interpret.agents import AgentLexicon
from dress_kg.interpret.regimen.grammar import RECOGNISERS, phrases
from dress_kg.interpret.regimen.lexer import tokenize
from dress_kg.interpret.regimen.openings import OPENINGS
from dress_kg.interpret.regimen.vocabulary import LINKS, MASS_UNITS, ROUTES
from tests.conftest import ROOT

LEXICON = AgentLexicon.load()


def printed() -> list[str]:
    """The dosing texts of the cases, and mixtures of them with the grammar's own words."""
    cases = ROOT / "tests/cases"
    texts = [json.loads(line)["text"] for line in (cases / "dose.jsonl").read_text("utf-8").splitlines()]
    for path in sorted(cases.glob("unseen/dose_*.tsv")):
        texts += [line.partition("\t")[0] for line in path.read_text("utf-8").splitlines()]
    source = "".join(
        path.read_text("utf-8") for path in sorted((ROOT / "src/dress_kg/interpret/regimen").glob("*.py"))
    )
    words = sorted(
        {
            *re.findall(r'"([a-z]{1,12})"', source),
            *(first for t in (ROUTES, LINKS, MASS_UNITS) for first, *_ in t),
        }
    )
    draw = random.Random(3)  # noqa: S311
    mixed = []
    for _ in range(1500):
        parts = re.findall(r"\w+|[^\w\s]", draw.choice(texts))[:12]
        parts.insert(draw.randrange(len(parts) + 1), draw.choice(words))
        mixed.append(" ".join(parts) + draw.choice(("", ".", " 10^", " × 10⁹/")))
    return texts + mixed


def test_each_recogniser_says_how_it_begins() -> None:
    assert set(OPENINGS) == set(RECOGNISERS)
    assert len(RECOGNISERS) > 25


def test_where_it_is_not_asked_a_recogniser_reads_nothing() -> None:
    asked = passed_over = 0
    for text in printed():
        tokens = tokenize(text, LEXICON.find(text))
        for i, token in enumerate(tokens):
            if token.mention is not None:
                continue
            for each in RECOGNISERS:
                if OPENINGS[each].may_be(token):
                    asked += 1
                else:
                    passed_over += 1
                    assert each(tokens, i) is None, (each.__name__, text, token.text)
    assert asked * 3 < passed_over, "most tokens are shown to few"


def test_a_text_that_ends_within_a_phrase() -> None:
    for text in ("40 mg 50× 10⁹/", "WBC 1x10⁹/", "2 x 10^"):
        found = phrases(text, LEXICON.find(text))
        assert found[-1].end == len(text)
