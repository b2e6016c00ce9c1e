"""Words of pages: segments of a cell, doses, and sentences that say no more than the facts."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dress_kg.pages.item_model import (
    Citation,
    Component,
    Context,
    Facts,
    Harm,
    Interval,
    Item,
    Line,
    Named,
    Statement,
    Step,
    Strategy,
    Study,
    Words,
)
from dress_kg.pages.regimen_words import step_words
from dress_kg.pages.segments import Mark, segments
from dress_kg.pages.sentence import sentences

MARKS = st.lists(
    st.builds(
        Mark,
        st.integers(-3, 40),
        st.integers(-3, 40),
        st.sampled_from(["fact", "finding", "unread", "line"]),
        st.integers(1, 9),
    ),
    max_size=12,
)


@given(st.text(max_size=30), MARKS)
def test_segments_are_the_text_and_each_mark_is_its_characters(text: str, marks: list[Mark]) -> None:
    found = segments(text, marks)
    assert "".join(each.text for each in found) == text
    assert all(each.text for each in found)
    assert [each.start for each in found] == sorted({each.start for each in found})
    covered: dict[tuple[str, int], set[int]] = {}
    for mark in marks:
        inside = range(max(mark.start, 0), min(mark.end, len(text)))
        covered.setdefault((mark.kind, mark.number), set()).update(inside)
    for each in found:
        span = set(range(each.start, each.start + len(each.text)))
        for number in range(1, 10):
            assert (number in each.facts) == (span <= covered.get(("fact", number), set()))
            assert (number in each.findings) == (span <= covered.get(("finding", number), set()))
            assert (number in each.facts) == bool(span & covered.get(("fact", number), set()))


def test_segments_count_code_points() -> None:
    found = segments("a😀é𝄞z", [Mark(1, 2, "fact", 1), Mark(2, 4, "fact", 2)])
    assert [(each.text, each.facts) for each in found] == [("a", ()), ("😀", (1,)), ("é𝄞", (2,)), ("z", ())]


DRUG = Named("urn:a", "drug")
STEP = Step("urn:s", (), DRUG, 1, 1, "as printed")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"low": 5, "high": 5, "unit": "mg/kg", "per": "day"}, "drug 5 mg/kg a day"),
        ({"low": 4, "high": 5, "unit": "mg", "per": "dose"}, "drug 4–5 mg a dose"),
        ({"low": 100, "high": 100, "unit": "mg", "per": "dose", "frequency": 2,
          "period": 1, "period_unit": "d"},
         "drug 100 mg twice daily"),
        ({"low": 1, "high": 1, "unit": "mg", "per": "dose", "frequency": 1,
          "period": 12, "period_unit": "h"},
         "drug 1 mg every 12 hours"),
        ({"low": 2, "high": 2, "unit": "g/kg", "per": "total", "divided": True, "duration": 5,
          "duration_unit": "d"},
         "drug 2 g/kg in total in divided doses over 5 days"),
        ({"low": 2, "high": 2, "unit": "{tablet}", "per": "day", "route": "oral"},
         "drug 2 tablets a day by mouth"),
        ({"qualitative": "high dose"}, "high dose drug"),
        ({"low": 1, "high": 1, "unit": "g", "route": "intravenous", "route_basis": "agent name"},
         "drug 1 g"),
        ({"high": 3, "unit": "ug", "per": "week", "as_needed": True}, "drug up to 3 µg a week, as needed"),
        ({"low": 1, "high": 1, "unit": "g", "every_low": 1, "every_high": 1, "every_unit": "mo",
          "cycle_count": 4},
         "drug 1 g, repeated every month, 4 cycles"),
        ({}, "drug"),
    ],
)  # fmt: skip
def test_a_dose_in_words(fields: dict[str, object], words: str) -> None:
    numbers = {"low", "high", "frequency", "period", "duration", "every_low", "every_high"}
    given_ = {name: Decimal(str(value)) if name in numbers else value for name, value in fields.items()}
    assert step_words(replace(STEP, **given_)) == words  # type: ignore[arg-type]


def _item(**facts: object) -> Item:
    empty = Facts(
        Citation("urn:c", "stated", (), "A et al. 2001", "A", True, "2001", None),
        Study("urn:st", "stated", (), Named("urn:d", "case report"), True, 1, "stated", ()),
        Strategy("urn:t", None, (), "Drug", "single", False, None),
        (Component("urn:k", "stated", (), DRUG, "index", 1, True),),
        (), (), (), (), (), (), (),
    )  # fmt: skip
    whole = replace(empty, **facts)  # type: ignore[arg-type]
    return Item(
        "urn:i", "a", "Drug – A 2001", "s", Named("urn:c", "DRESS"), None, None, whole, (), (), (), ()
    )


def _text(item: Item) -> str:
    return " ".join(clause.text for clause in sentences(item))


def _said(kind: str, direction: str, *, hedged: bool = False, basis: str = "stated") -> Statement:
    return Statement(
        "urn:f", basis, (), kind, direction, True, (DRUG,), False, "cited author", hedged, (), "drug may help"
    )  # fmt: skip


def test_an_outcome_is_reported_and_an_absent_one_is_said_to_be() -> None:
    improved = _text(_item(statements=(_said("reported-outcome", "effective"),)))
    assert "In a case report of 1 patient with DRESS, A et al. (2001) reported on drug." in improved
    assert "Improvement was reported with drug (in print: “drug may help”)." in improved
    assert "not printed" not in improved
    assert "How the patient fared under this treatment is not printed." in _text(_item())


@pytest.mark.parametrize("direction", ["effective", "not-effective", "mixed", "recommended", "conditional",
                                       "recommended-against", "not-stated"])  # fmt: skip
@pytest.mark.parametrize("kind", ["reported-outcome", "opinion", "recommendation"])
def test_no_sentence_says_that_a_drug_works(kind: str, direction: str) -> None:
    said = _text(_item(statements=(_said(kind, direction, hedged=True),)))
    assert "works" not in said
    assert "hedged" in said
    if kind != "reported-outcome":
        assert "reported with" not in said
        assert said.count("Opinion:" if kind == "opinion" else "Recommendation:") == 1
        assert "“drug may help”" in said


def test_what_is_not_stated_says_so() -> None:
    study = Study("urn:st", "inferred", (), Named("urn:d", "case report"), True, None, None, ())
    said = _text(_item(study=study, statements=(_said("reported-outcome", "effective", basis="curated"),)))
    assert "a case report (inferred) of a number of patients that is not printed" in said
    assert "Improvement was reported with drug (curated)." in said


def test_a_denied_harm_is_none() -> None:
    harm = Harm("urn:h", "stated", (), "death", (), 0, 7, None)
    assert "Harm: no death in 7 patients." in _text(_item(harms=(harm,)))
    one = _text(_item(harms=(replace(harm, patients=1),)))
    assert "Harm: death in 1 of 7 patients; no attribution to a treatment was read." in one
    blamed = _text(_item(harms=(replace(harm, patients=1, attributed=(DRUG,)),)))
    assert "Harm: death in 1 of 7 patients, attributed to drug." in blamed


def test_a_doubtful_dose_is_told_as_doubtful() -> None:
    item = _item(steps=(replace(STEP, low=Decimal("0.4"), high=Decimal("0.4"), unit="mg/kg", per="day"),))
    told = " ".join(clause.text for clause in sentences(item, frozenset({"urn:s"})))
    assert "drug 0.4 mg/kg a day (doubtful: a warning stands on it)." in told
    assert "doubtful" not in _text(item)


def test_a_line_that_only_an_opinion_names_is_the_opinions() -> None:
    words = (Words("comments", 0, 40, "drug may be considered as first-line use"),)
    said = replace(_said("opinion", "conditional", hedged=True), words=words)
    first = Line("urn:l", "stated", (Words("comments", 26, 36, "first-line"),), "first-line", "first-line")
    sparing = Line("urn:m", "stated", (Words("interval", 0, 7, "sparing"),), "x", "steroid-sparing")
    text = _text(_item(statements=(said,), lines=(first, sparing)))
    assert "Line of therapy: steroid-sparing. Line of therapy in the opinion: first-line." in text


def test_doses_of_other_treatments_are_told_as_theirs() -> None:
    other = Named("urn:b", "rescue drug")
    parts = (
        Component("urn:k", "stated", (), DRUG, "index", 1, True),
        Component("urn:l", "inferred", (), other, "subsequent", 2, False),
    )
    step = replace(STEP, agent=other, low=Decimal(5), high=Decimal(5), unit="mg", per="day")
    text = _text(_item(components=parts, steps=(step,)))
    assert "No dose of drug is printed. Dose as printed: rescue drug 5 mg a day" in text
    assert "(given after drug, inferred)." in text
    both = _text(_item(components=parts, steps=(step, replace(STEP, low=Decimal(1), unit="g"))))
    assert "No dose" not in both


@pytest.mark.parametrize(("length", "told"), [(4, True), (90, False)])
def test_a_time_is_told_unless_a_dose_has_the_very_same(length: int, told: bool) -> None:
    step = replace(STEP, duration=Decimal(90), duration_unit="d")
    whole = Interval("urn:v", "stated", (), "treatment-duration", "treatment duration", None,
                     Decimal(length), Decimal(length), "d", "as printed")  # fmt: skip
    assert ("Treatment duration" in _text(_item(steps=(step,), intervals=(whole,)))) is told


def test_repeated_doses_are_not_called_cycles() -> None:
    step = replace(STEP, low=Decimal(1), high=Decimal(1), unit="g", cycle_count=2)
    assert step_words(replace(step, verbatim="1 g, 2 doses")) == "drug 1 g, 2 doses"
    assert step_words(replace(step, verbatim="1 g, 2 cycles of 2 doses")) == "drug 1 g, 2 cycles"


def _context(label: str, *words: Words, hypothetical: bool = False) -> Context:
    return Context("urn:x", "stated", words, "other", "Other", label, None, hypothetical)


def test_circumstances_are_told_once_and_never_dropped_for_their_contrary() -> None:
    told = (_context("HIV infection"), _context("HIV patient"), _context("fever"), _context("no fever"))
    text = _text(_item(contexts=told))
    assert "Circumstances of the patient: HIV infection, fever, no fever." in text


def test_a_condition_of_a_dose_is_told_with_the_doses() -> None:
    step = replace(STEP, words=(Words("dose", 0, 5, "2 g/d"),), low=Decimal(2), unit="g", per="day")
    severe = _context("severe cases", Words("dose", 9, 21, "severe cases"), hypothetical=True)
    text = _text(_item(steps=(step,), contexts=(severe,)))
    assert "Conditions named with the doses: severe cases." in text
    assert "Circumstances" not in text


def test_an_outcome_of_many_words_is_not_quoted() -> None:
    long = replace(_said("reported-outcome", "effective"), verbatim="x" * 201)
    assert "Improvement was reported with drug." in _text(_item(statements=(long,)))


def test_a_row_without_a_treatment_says_so() -> None:
    text = _text(_item(strategy=None, components=()))
    assert "A et al. (2001) is cited on DRESS; the row names no treatment." in text
    assert "treatment in" not in text
