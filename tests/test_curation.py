"""Curations: read with clear errors, applied with their reason, left alone when their cell has changed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dress_kg.errors import CallError, CurationError
from dress_kg.interpret.curated_dose import step_value
from dress_kg.interpret.curated_facts import context_value, harm_value
from dress_kg.interpret.curation import (
    COLUMNS,
    apply_curation,
    check_items,
    curations_of,
    is_stale,
    latest,
    load_curation,
    misfit,
    stale_curations,
)
from dress_kg.profile import load_profile
from dress_kg.records import (
    Agent,
    AgentKind,
    Basis,
    Cell,
    Component,
    ContextKind,
    ContextStatement,
    Culprit,
    Curation,
    Direction,
    Evidence,
    Finding,
    FindingKind,
    Harm,
    LineOfTherapy,
    RegimenStep,
    Role,
    Row,
    Selection,
    Study,
)
from dress_kg.resources import folder
from tests.reading import agent, gold_strategy, lexicon, read_gold, single

TEXT = "They used it and it went well enough"
LINE = {
    "item": "rituximab-doe-2020",
    "field": "direction",
    "value": "effective",
    "reason": "the tone says so",
    "curator": "A Curator",
    "date": "2026-11-22",
    "cell": "comments",
    "cell_text": TEXT,
}


def _curation(change: dict[str, str] | None = None, line: int | None = None) -> Curation:
    cells = {**LINE, **(change or {})}
    return Curation(
        cells["item"],
        cells["field"],
        cells["value"],
        cells["reason"],
        cells["curator"],
        cells["date"],
        cells["cell"],
        cells["cell_text"],
        line,
    )


def _file(path: Path, *lines: dict[str, str], header: str = "\t".join(COLUMNS)) -> Path:
    body = ["# judgements", header, "", *("\t".join(line.values()) for line in lines)]
    path.write_text("\n".join(body) + "\n", "utf-8")
    return path


def _cell(text: str, joined: str | None = None) -> Cell:
    return Cell("comments", "COMMENTS", text, joined or text, (), ())


def _evidence(text: str = TEXT, joined: str | None = None) -> Evidence:
    finding = Finding(
        FindingKind.OPINION, Direction.CONDITIONAL, (), True, (Selection("comments", 0, 4, text[:4]),)
    )
    return Evidence(
        "x",
        "rituximab-doe-2020",
        Row(1, (1,), None, {"comments": _cell(text, joined)}),
        single("rituximab"),
        (),
        (),
        (),
        None,
        Study(None, None, None, None),
        (finding,),
        Direction.CONDITIONAL,
        Basis.STATED,
        (),
        (),
        (),
        (),
        None,
    )


def test_read_back(tmp_path: Path) -> None:
    (curation,) = load_curation(_file(tmp_path / "a.tsv", LINE))
    assert curation == _curation(line=4)


@pytest.mark.parametrize(
    ("change", "column", "message"),
    [
        ({"field": "dose"}, "field", "no curation can set"),
        ({"value": "works"}, "value", "does not take"),
        ({"field": "finding", "value": "prednisone"}, "value", "does not take"),
        ({"field": "patients", "value": "0"}, "value", "does not take"),
        ({"field": "line_of_therapy", "value": "fourth"}, "value", "does not take"),
        ({"reason": " "}, "reason", "empty"),
        ({"cell_text": ""}, "cell_text", "empty"),
        ({"date": "22.11.2026"}, "date", "not a date"),
    ],
)
def test_a_bad_line_names_its_place(
    tmp_path: Path, change: dict[str, str], column: str, message: str
) -> None:
    path = _file(tmp_path / "a.tsv", LINE, {**LINE, **change})
    with pytest.raises(CurationError, match=message) as caught:
        load_curation(path)
    assert (caught.value.line, caught.value.column, caught.value.file) == (5, column, str(path))
    assert caught.value.remedy


def test_bad_files(tmp_path: Path) -> None:
    with pytest.raises(CurationError, match="cannot be read"):
        load_curation(tmp_path / "absent.tsv")
    with pytest.raises(CurationError, match="header"):
        load_curation(_file(tmp_path / "a.tsv", LINE, header="item\tvalue"))
    short = tmp_path / "b.tsv"
    short.write_text("\t".join(COLUMNS) + "\na\tb\n", "utf-8")
    with pytest.raises(CurationError, match="2 cells"):
        load_curation(short)
    empty = tmp_path / "c.tsv"
    empty.write_text("", "utf-8")
    with pytest.raises(CurationError, match="header"):
        load_curation(empty)
    latin = tmp_path / "d.tsv"
    latin.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CurationError, match="cannot be read"):
        load_curation(latin)


def test_an_item_that_is_not_there() -> None:
    with pytest.raises(CurationError, match="does not have") as caught:
        check_items([_curation(line=7)], ["other-2020"])
    assert caught.value.line == 7


def test_direction_is_set_and_says_why() -> None:
    curated = apply_curation(_evidence(), [_curation()])
    assert (curated.direction, curated.direction_basis) == (Direction.EFFECTIVE, Basis.CURATED)
    first, second = curated.findings
    assert (first.primary, first.basis, first.reason) == (True, Basis.CURATED, "the tone says so")
    assert not second.primary
    assert curated.curations == (_curation(),)
    assert curated.key == "rituximab-doe-2020"


def test_other_fields() -> None:
    values = {
        "finding": "not effective: prednisone + cyclosporine",
        "line_of_therapy": "rescue",
        "culprit": "vancomycin (suspected)",
        "patients": "12",
    }
    lines = [_curation({"field": f, "value": v}) for f, v in values.items()]
    curated = apply_curation(_evidence(), lines, lexicon().resolve)
    made = curated.findings[-1]
    assert {t.label for t in made.targets} == {"prednisone", "cyclosporine"}
    assert (made.direction, made.primary, made.basis) == (Direction.NOT_EFFECTIVE, False, Basis.CURATED)
    assert [(line.value, line.basis) for line in curated.lines_of_therapy] == [("rescue", Basis.CURATED)]
    assert [(c.agent.label, c.suspected, c.basis) for c in curated.culprits] == [
        ("vancomycin", True, Basis.CURATED)
    ]
    assert (curated.study.patients, curated.study.patients_basis) == (12, Basis.CURATED)
    assert len(curated.curations) == 4


def test_an_unknown_agent_is_an_error() -> None:
    line = _curation({"field": "finding", "value": "effective: moonshine"}, line=3)
    with pytest.raises(CurationError, match="names an agent") as caught:
        apply_curation(_evidence(), [line], lexicon().resolve)
    assert (caught.value.line, caught.value.value) == (3, "moonshine")


def test_a_changed_cell_makes_it_stale() -> None:
    line = _curation()
    changed = _evidence("They used it and it went badly")
    assert stale_curations(changed, [line]) == (line,)
    assert apply_curation(changed, [line]) == changed
    assert not is_stale(_evidence(TEXT.replace(" ", "  ")), line)
    assert not is_stale(_evidence("mended", joined=TEXT), line)
    assert stale_curations(replace(changed, key="other"), [line]) == ()


def test_the_shipped_curations_fit_the_table(gold_items: list[dict[str, Any]]) -> None:
    """At most 8, each on words that the table prints; with them nothing of the gold is missing."""
    curations = load_curation(folder("mappings") / "curation" / "dress.tsv")
    assert 0 < len(curations) <= 8
    printed = {item["cells"]["comments"]: item for item in gold_items}
    for curation in curations:
        item = printed[curation.cell_text or ""]
        reading = read_gold(item)
        base = replace(
            _evidence(curation.cell_text or ""),
            key=curation.item,
            strategy=gold_strategy(item),
            findings=reading.findings.findings,
            lines_of_therapy=reading.lines,
            others=reading.others,
        )
        curated = apply_curation(base, curations, lexicon().resolve)
        assert curated.curations == (curation,)
        lines = {line.value for line in curated.lines_of_therapy}
        assert lines == set(item["finding"]["line_of_therapy"])
        for expected in item["finding"]["secondary"]:
            wanted = agent(expected["target"]).id
            assert any(
                f.direction.value == expected["direction"] and wanted in {t.id for t in f.targets}
                for f in curated.findings
            )


def _dosed() -> Evidence:
    words = (Selection("comments", 0, 4, TEXT[:4]),)
    step = RegimenStep(1, agent("rituximab"), 1, words, low=Decimal(4), high=Decimal(4), unit="mg")
    other = Component(Agent("gammagard", "Gammagard", AgentKind.UNKNOWN), Role.MENTIONED, words)
    return replace(
        _evidence(),
        steps=(step,),
        others=(other,),
        harms=(Harm("rash", None, None, None, False, words, Basis.INFERRED),),
        lines_of_therapy=(LineOfTherapy("rescue", Basis.INFERRED, words),),
        culprits=(Culprit(agent("vancomycin"), True, words, Basis.INFERRED),),
    )


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("amount", "0.4-1", {"low": Decimal("0.4"), "high": Decimal(1), "unit": "mg"}),
        ("amount", "not stated", {"low": None, "high": None, "unit": None}),
        ("low", "2", {"low": Decimal(2), "high": Decimal(4)}),
        ("high", "8", {"low": Decimal(4), "high": Decimal(8)}),
        ("unit", "g/kg", {"unit": "g/kg"}),
        ("basis", "day", {"basis_per": "day"}),
        (
            "frequency",
            "1-2/4 wk",
            {"frequency": Decimal(1), "frequency_max": Decimal(2), "period": Decimal(4), "period_unit": "wk"},
        ),
        ("frequency", "2/d", {"frequency": Decimal(2), "period": Decimal(1), "period_unit": "d"}),
        (
            "duration",
            "3-6 mo",
            {"duration": Decimal(3), "duration_max": Decimal(6), "duration_unit": "mo"},
        ),
        ("route", "oral", {"route": "oral", "route_basis": "curated"}),
        ("route", "not stated", {"route": None, "route_basis": None}),
    ],
)
def test_fields_of_a_dose_statement(field: str, value: str, expected: dict[str, object]) -> None:
    name = f"step.1.{field}"
    assert misfit(name, value, "2026-11-22") is None
    curated = apply_curation(_dosed(), [_curation({"field": name, "value": value})])
    assert {key: getattr(curated.steps[0], key) for key in expected} == expected
    assert (_dosed().steps[0].basis, curated.steps[0].basis) == (None, Basis.CURATED)
    assert step_value(curated.steps[0], field) == value


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("step.1.amount", "4 mg"),
        ("step.1.unit", "spoons"),
        ("step.1.unit", "mg/d"),
        ("step.1.basis", "hour"),
        ("step.1.frequency", "twice"),
        ("step.1.duration", "5"),
        ("step.1.route", "by mail"),
        ("step.0.route", "oral"),
        ("step.1.colour", "blue"),
        ("design", "anecdote"),
        ("role", "prednisone"),
        ("role", "prednisone: leader"),
        ("agent", "Gammagard"),
        ("harm", "; serious"),
        ("context", "epilepsy"),
        ("context", "mood: low"),
        ("flag", "dose-to-verify"),
        ("flag", "dose-to-verify: perhaps"),
        ("patients", "1.5"),
        ("patients", "\u0663"),
    ],
)
def test_values_that_do_not_fit(field: str, value: str) -> None:
    assert misfit(field, value, "2026-11-22") is not None


def test_a_dose_statement_that_is_not_there() -> None:
    with pytest.raises(CurationError, match="no dose statement 2"):
        apply_curation(_dosed(), [_curation({"field": "step.2.route", "value": "oral"})])
    with pytest.raises(CurationError, match="reversed"):
        apply_curation(_dosed(), [_curation({"field": "step.1.amount", "value": "5-4"})])
    with pytest.raises(CurationError, match="number of 0"):
        apply_curation(_dosed(), [_curation({"field": "step.1.amount", "value": "0"})])


def test_circumstances() -> None:
    words = (Selection("comments", 0, 4, TEXT[:4]),)
    kidney = ContextStatement(
        ContextKind.ORGAN, "kidney involvement", words, organ="kidney", basis=Basis.INFERRED
    )
    values = [
        "organ involvement: kidney involvement",
        "comorbidity: epilepsy",
        "severity: life-threatening (hypothetical)",
        "reject: comorbidity: gout",
    ]
    gout = ContextStatement(ContextKind.COMORBIDITY, "gout", words)
    lines = [_curation({"field": "context", "value": value}) for value in values]
    assert all(misfit("context", value, "2026-11-22") is None for value in values)
    curated = apply_curation(replace(_dosed(), contexts=(kidney, gout)), lines)
    assert curated.contexts[0] == replace(kidney, basis=Basis.CURATED)
    assert [(c.kind, c.label, c.hypothetical, c.basis) for c in curated.contexts[1:]] == [
        (ContextKind.COMORBIDITY, "epilepsy", False, Basis.CURATED),
        (ContextKind.SEVERITY, "life-threatening", True, Basis.CURATED),
    ]
    assert [context_value(c) for c in curated.contexts] == values[:3]
    assert all(c.selections for c in curated.contexts)


def test_study_population_harm() -> None:
    values = [
        ("design", "case-series"),
        ("population", "adults"),
        ("harm", "death; agent rituximab; 1 of 2; serious"),
        ("harm", "reject: rash"),
        ("line_of_therapy", "reject: rescue"),
        ("culprit", "reject: vancomycin"),
    ]
    lines = [_curation({"field": field, "value": value}) for field, value in values]
    curated = apply_curation(_dosed(), lines, lexicon().resolve)
    assert (curated.study.design, curated.study.design_basis) == ("case-series", Basis.CURATED)
    assert [label for label, _ in curated.study.population] == ["adults"]
    (harm,) = curated.harms
    assert (harm.event, harm.patients, harm.of_patients, harm.serious) == ("death", 1, 2, True)
    assert (harm.agent and harm.agent.id, harm.basis) == ("rituximab", Basis.CURATED)
    assert harm_value(harm) == values[2][1]
    assert (curated.lines_of_therapy, curated.culprits) == ((), ())
    assert len(curated.curations) == len(values)
    cleared = apply_curation(curated, [_curation({"field": "design", "value": "not stated"})])
    assert (cleared.study.design, cleared.study.design_basis) == (None, None)


def test_what_is_confirmed_keeps_its_words() -> None:
    read = _dosed()
    lines = [
        _curation({"field": "line_of_therapy", "value": "rescue"}),
        _curation({"field": "culprit", "value": "vancomycin (suspected)"}),
        _curation({"field": "harm", "value": "rash"}),
        _curation({"field": "direction", "value": "conditional"}),
    ]
    curated = apply_curation(read, lines)
    assert curated.lines_of_therapy == (replace(read.lines_of_therapy[0], basis=Basis.CURATED),)
    assert curated.culprits == (replace(read.culprits[0], basis=Basis.CURATED),)
    assert curated.harms == (replace(read.harms[0], basis=Basis.CURATED),)
    why = LINE["reason"]
    assert curated.findings == (replace(read.findings[0], basis=Basis.CURATED, reason=why),)


def test_an_unmapped_name_is_mapped_everywhere() -> None:
    curated = apply_curation(
        _dosed(), [_curation({"field": "agent", "value": "Gammagard: IVIG"})], lexicon().resolve
    )
    (other,) = curated.others
    assert (other.agent.id, other.basis) == ("intravenous-immunoglobulin", Basis.CURATED)
    left = apply_curation(_dosed(), [_curation({"field": "agent", "value": "Gammagard: unmapped"})])
    assert left.others == _dosed().others
    for value, message in (("Privigen: IVIG", "no such agent"), ("Gammagard: rum", "does not know")):
        with pytest.raises(CurationError, match=message):
            apply_curation(_dosed(), [_curation({"field": "agent", "value": value})], lexicon().resolve)


def test_roles() -> None:
    curated = apply_curation(_dosed(), [_curation({"field": "role", "value": "Gammagard: prior"})])
    assert (curated.others[0].role, curated.others[0].basis) == (Role.PRIOR, Basis.CURATED)
    with pytest.raises(CurationError, match="does not name") as caught:
        apply_curation(_dosed(), [_curation({"field": "role", "value": "aspirin: prior"})])
    assert "Gammagard" in (caught.value.remedy or "")


def test_the_later_of_two_decisions_holds(tmp_path: Path) -> None:
    changes = [
        {"value": "mixed"},
        {"field": "flag", "value": "word-split: confirmed"},
        {"value": "effective"},
    ]
    path = _file(tmp_path / "a.tsv", *({**LINE, **change} for change in changes))
    assert [each.value for each in latest(load_curation(path))] == ["word-split: confirmed", "effective"]


def test_decisions_of_one_s_own_stand_beside_the_shipped_ones(tmp_path: Path) -> None:
    profile = load_profile("dress")
    shipped = curations_of(profile)
    assert len(shipped) > 1
    mine = {**LINE, "item": shipped[0].item, "field": shipped[0].field, "value": shipped[0].value}
    own = _file(tmp_path / "dress.tsv", mine, LINE)
    for setting in (own, tmp_path):
        found = curations_of(profile, setting)
        assert len(found) == len(shipped) + 1
        assert [each.curator for each in found if each.item == shipped[0].item] == ["A Curator"]
    with pytest.raises(CallError, match="no such curation"):
        curations_of(profile, tmp_path / "absent.tsv")
