"""Cells of noise: nothing crashes, every selection holds, and no cell without a drug yields one."""

from __future__ import annotations

import random
import string
from pathlib import Path

import pytest

from dress_kg.interpret.item import Interpreter
from dress_kg.interpret.spans import selections_of
from dress_kg.pipeline import Clock, read_source
from dress_kg.profile import load_profile
from dress_kg.records import Cell, RawCell, Row

FIELDS = ("drug", "dose", "interval", "reference", "study_design", "comments", "level", "grade")
PIECES = (
    *"+ / ( ) [ ] , ; : - – — . ' \" % ± ≥ µ ° § \u202e \u200b \u2028 \x00 \x85 é ß 中 ١ ２ 𝟛".split(" "),
    *"mg mg/kg g/d kg/m2 bid q12h x3 d wk mo 0 1 2.5 1,000 1e9 ½ 10-20 <5 >= n=12 p<0.05 [48] et al.".split(),
    *"or and plus then followed by without previous not no did improve effective death patient".split(),
    "9" * 400, "(" * 60, "a" * 300, " ", "\t", "",
)  # fmt: skip


def cell_text(chance: random.Random) -> str:
    kind = chance.randrange(4)
    if kind == 0:
        return "".join(chance.choice(string.printable) for _ in range(chance.randrange(60)))
    if kind == 1:
        return "".join(
            chr(
                chance.choice(
                    (
                        chance.randrange(0x300),
                        chance.randrange(0x2000, 0x2100),
                        chance.randrange(0x1F000, 0x1F700),
                    )
                )
            )
            for _ in range(chance.randrange(40))
        )
    glue = chance.choice((" ", "", ", "))
    return glue.join(chance.choice(PIECES) for _ in range(chance.randrange(14)))


def noise_row(chance: random.Random, ordinal: int) -> Row:
    cells = {}
    for field in FIELDS:
        text = " ".join(cell_text(chance).split())
        cells[field] = Cell(field, field, text, text, (), (RawCell(ordinal, 1, text),))
    return Row(ordinal, (ordinal,), None, cells)


def read_noise(rows: int, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a fuzz test, not a secret
    interpreter = Interpreter.of(load_profile("dress"))
    for ordinal in range(1, rows + 1):
        row = noise_row(chance, ordinal)
        evidence = interpreter.read(row)
        assert evidence.key
        for selection in selections_of(evidence):
            text = row.cells[selection.field].text
            assert text[selection.start : selection.end] == selection.exact


def test_thousands_of_cells_of_noise_crash_nothing() -> None:
    read_noise(5_000 // len(FIELDS), seed=1)


@pytest.mark.slow
def test_a_hundred_thousand_cells_of_noise_crash_nothing() -> None:
    read_noise(100_000 // len(FIELDS), seed=2)


NO_DRUGS = {
    "birds": (
        "Species\tCount\tSite\tComments\n",
        [
            "House sparrow\t12\tPark north\tSeen daily; 3 young did not survive",
            "Blue tit\t4\tGarden\tEffective nesting in 2 boxes, 10 days",
            "Kingfisher\t1\tRiver\tNot seen in 2019 [3]",
        ],
    ),
    "rainfall": (
        "Month\tAmount\tStation\tNotes\n",
        [
            "January\t35 mm/day\tA\tgauge replaced",
            "February\t12-20 mm\tB\t2 times per week",
            "March\t-\tC\t5 g/l",
        ],
    ),
    "staff": (
        "Name\tRole\tOffice\tRemarks\n",
        ["Ann Smith\tNurse\t3/4\tIV team, 2 shifts daily", "J. Doe et al.\tClerk\tD\tleft in 2016"],
    ),
}


@pytest.mark.parametrize("name", NO_DRUGS)
def test_a_table_without_drugs_yields_none(name: str, tmp_path: Path) -> None:
    from dress_kg.drafting import draft_profile

    header, rows = NO_DRUGS[name]
    path = tmp_path / f"{name}.tsv"
    path.write_text(header + "\n".join(rows) + "\n", encoding="utf-8")
    draft = tmp_path / f"{name}.toml"
    draft.write_text(draft_profile(path), encoding="utf-8")
    source = read_source(load_profile(draft), path, 1, Clock())
    assert len(source.evidence) == len(rows)
    for item in source.evidence:
        assert item.strategy is None
        assert not item.others
        assert not item.culprits
        assert all(step.agent is None for step in item.steps)
