"""An evidence item as sentences that a clinician would write: no more than the facts say, as hedged.

One generator for every item of every table. What is inferred or curated says so, a flagged dose is called
doubtful, an opinion is never told as an outcome, and of an outcome only that it was reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from dress_kg.pages.item_model import Component, Facts, Harm, Item, Named, Statement, Step, Strategy
from dress_kg.pages.regimen_words import interval_words, step_words


@dataclass(frozen=True, slots=True)
class Clause:
    """A sentence. :ivar voice: `author`, `panel` or `program`. :ivar facts: IRIs of the nodes it tells of."""

    text: str
    voice: str
    facts: tuple[str, ...]


_OUTCOMES = {
    "effective": "improvement was reported with {}",
    "not-effective": "no improvement was reported with {}",
    "mixed": "a mixed course was reported with {}",
}
_OPINIONS = {
    "effective": "{} held to be helpful",
    "not-effective": "{} held not to be helpful",
    "mixed": "divided on {}",
    "recommended": "in favour of {}",
    "recommended-against": "against {}",
    "conditional": "{} could be considered",
}
_ADVICE = {
    "recommended": "to use {}",
    "recommended-against": "not to use {}",
    "conditional": "to consider {} under conditions",
    "effective": "to use {}, as helpful",
    "not-effective": "not to use {}, as not helpful",
}
_LEADS = {"opinion": "Opinion: ", "recommendation": "Recommendation: "}
_JOINING = frozenset(
    "after as because before during especially for if in only particularly unless when with".split()
)


def sentences(item: Item, doubtful: frozenset[str] = frozenset()) -> tuple[Clause, ...]:
    """The item in words.

    :param doubtful: IRIs of dose statements that a warning is about.
    """
    facts = item.facts
    made = [
        _who_gave_what(item),
        _patients(facts),
        _doses(facts.steps, doubtful),
        _times(facts),
        _nothing_said(facts),
        *(_said(alike, facts.strategy) for alike in _alike(facts.statements)),
        _line(facts),
        *map(_harm, facts.harms),
        _culprits(facts),
        *_rated(item),
    ]
    return tuple(clause for clause in made if clause is not None)


def listed(names: Iterable[str], word: str = "and") -> str:
    """Names in a row.

    >>> listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"], "or")
    ('a', 'a and b', 'a, b or c')
    """
    *first, final = list(names) or [""]
    return f"{', '.join(first)} {word} {final}" if first else final


def treatment(strategy: Strategy | None, components: Sequence[Component]) -> str:
    """What was given, by the roles that the row states."""
    printed = [each for each in components if each.printed]
    by = {role: [each.agent.label for each in printed if each.role == role]
          for role in ("index", "alternative", "concomitant", "prior", "subsequent", "excluded")}  # fmt: skip
    text = listed(by["index"] or by["alternative"], "and" if by["index"] else "or")
    if not text:
        return strategy.label if strategy else "treatment"
    if strategy and strategy.variant:
        text += f" ({strategy.variant})"
    parts = [text]
    if strategy and strategy.monotherapy:
        parts.append("as monotherapy")
    for role, word in (("concomitant", "with"), ("excluded", "without"), ("prior", "after"),
                       ("subsequent", "followed by")):  # fmt: skip
        if by[role]:
            parts.append(f"{word} {listed(by[role])}")
    return " ".join(parts)


def _marked(text: str, basis: str | None) -> str:
    return f"{text} ({basis})" if basis in ("inferred", "curated") else text


def _who_gave_what(item: Item) -> Clause:
    facts = item.facts
    citation, study = facts.citation, facts.study
    who = "The cited work"
    if citation and citation.author:
        who = citation.author + (" et al." if citation.et_al else "")
        who += f" ({citation.year})" if citation.year else ""
    what = treatment(facts.strategy, facts.components)
    condition = item.condition.label if item.condition else "the condition"
    involved = tuple(each.iri for each in (citation, study, facts.strategy) if each)
    involved += tuple(each.iri for each in facts.components if each.printed)
    if study is None or study.design is None:
        return Clause(f"{who} is cited on {what} in {condition}.", "author", involved)
    design = _marked(_article(study.design.label), study.basis)
    if study.on_patients is False and study.patients is None:
        did = "reported" if any(each.kind == "reported-outcome" for each in facts.statements) else "wrote"
        return Clause(f"In {design}, {who} {did} on {what} in {condition}.", "author", involved)
    number = "a number of patients that is not printed"
    if study.patients is not None:
        noun = "patient" if study.patients == 1 else "patients"
        number = _marked(f"{study.patients:,} {noun}", study.patients_basis)
    text = f"In {design} of {number} with {condition}, {who} reported on {what}."
    return Clause(text, "author", involved)


def _article(noun: str) -> str:
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def _patients(facts: Facts) -> Clause | None:
    """Circumstances of the patients of the report; those of advice stand with the advice."""
    own = [each for each in facts.contexts if not each.hypothetical]
    if not own:
        return None
    told = [_heading(kind) + ", ".join(_marked(each.label, each.basis) for each in own if each.kind == kind)
            for kind in dict.fromkeys(each.kind for each in own)]  # fmt: skip
    text = f"{_the_patients(facts)}, as printed: {'; '.join(told)}."
    return Clause(text, "author", tuple(each.iri for each in own))


def _the_patients(facts: Facts) -> str:
    return "The patient" if facts.study and facts.study.patients == 1 else "The patients"


def _heading(kind: str) -> str:
    """Comorbidities must not be read as signs of the reaction; other labels speak for themselves."""
    return "comorbidity: " if kind == "comorbidity" else ""


def _doses(steps: Sequence[Step], doubtful: frozenset[str]) -> Clause | None:
    """Dose statements: phases one after the other, groups apart, alternatives joined by "or"."""
    if not steps:
        return None
    groups = []
    for group, members in groupby(steps, key=lambda each: each.group):
        text = _phases(list(members), doubtful)
        groups.append(f"{group}: {text}" if group else text)
    lead = "Dose as printed" if len(steps) == 1 else "Doses as printed"
    return Clause(f"{lead}: {'; '.join(groups)}.", "author", tuple(step.iri for step in steps))


def _phases(steps: Sequence[Step], doubtful: frozenset[str]) -> str:
    text = ""
    before: Step | None = None
    for step in steps:
        same = before is not None and before.agent == step.agent
        told = step_words(step, with_agent=not same)
        if step.iri in doubtful:
            told += " (doubtful: a warning stands on it)"
        if before is not None:
            text += " or " if step.alternative else ", then " if step.phase != before.phase else "; "
        text += told
        before = step
    return text


def _times(facts: Facts) -> Clause | None:
    """Statements of time that no dose statement carries already."""
    told = [each for each in facts.intervals if each.kind not in _carried(facts.steps)]
    if not told:
        return None
    texts = [f"{each.label} {interval_words(each)}" + (f" ({each.group})" if each.group else "")
             for each in told]  # fmt: skip
    text = "; ".join(texts)
    return Clause(f"{text[:1].upper()}{text[1:]}.", "author", tuple(each.iri for each in told))


def _carried(steps: Sequence[Step]) -> set[str]:
    """The kinds of statements of time that dose statements hold."""
    carried = {"taper-unquantified"} if any(step.qualitative for step in steps) else set()
    if any(step.duration is not None or step.cycle_for is not None for step in steps):
        carried |= {"treatment-duration", "treatment-duration-recurring"}
    if any(step.cycle_count is not None or step.count is not None for step in steps):
        carried |= {"number-of-cycles", "number-of-doses"}
    if any(step.every_low is not None or step.period is not None for step in steps):
        carried |= {"interval-between-doses"}
    return carried


def _alike(statements: Sequence[Statement]) -> list[list[Statement]]:
    """Statements that differ in what they are about only, together; outcomes whatever their words."""
    grouped: dict[object, list[Statement]] = {}
    for each in statements:
        words = None if each.kind == "reported-outcome" else each.verbatim
        key = (each.kind, each.direction, each.hedged, each.conditions, words, each.basis)
        grouped.setdefault(key, []).append(each)
    return list(grouped.values())


def _said(alike: Sequence[Statement], strategy: Strategy | None) -> Clause:
    """One statement, or several that differ in what they are about only."""
    one = alike[0]
    about = list(dict.fromkeys(target.label for each in alike for target in each.targets))
    if any(each.whole for each in alike):
        together = strategy is not None and strategy.operator == "combination"
        about.insert(0, "this combination" if together else "this treatment")
    known = {"opinion": _OPINIONS, "recommendation": _ADVICE}.get(one.kind, _OUTCOMES)
    form = known.get(one.direction, "what is said of {} has no direction")
    negative = one.direction in ("recommended-against", "not-effective") or "not" in form
    text = form.format(listed(about, "or" if negative else "and") or "the treatment")
    if one.conditions and one.kind == "reported-outcome":
        text += f" ({'; '.join(one.conditions)})"
    elif one.conditions:
        text += f", {'; '.join(map(_uncapped, one.conditions))}"
    if one.kind != "reported-outcome" and one.verbatim:
        text += f" ({'in hedged words' if one.hedged else 'in print'}: “{one.verbatim}”)"
    elif one.hedged:
        text += " (in hedged words)"
    lead = _LEADS.get(one.kind)
    whole = f"{lead}{text}" if lead else f"{text[:1].upper()}{text[1:]}"
    voice = "program" if one.voice.startswith("curator") else "author"
    return Clause(_marked(whole, one.basis) + ".", voice, tuple(each.iri for each in alike))


def _uncapped(condition: str) -> str:
    """A condition to stand inside a sentence; names keep their capital.

    >>> _uncapped("In the presence of CMV"), _uncapped("Case 1")
    ('in the presence of CMV', 'Case 1')
    """
    first = condition.partition(" ")[0].lower()
    return first + condition[len(first) :] if first in _JOINING else condition


def _nothing_said(facts: Facts) -> Clause | None:
    """Where the row reports on patients and does not say how they fared under its treatment."""
    outcome = any(each.kind == "reported-outcome" and each.primary for each in facts.statements)
    if outcome or not (facts.study and facts.study.on_patients):
        return None
    text = f"How {_the_patients(facts).lower()} fared under this treatment is not printed."
    return Clause(text, "author", ())


def _line(facts: Facts) -> Clause | None:
    if not facts.lines:
        return None
    told = listed(_marked(each.label, each.basis) for each in facts.lines)
    return Clause(f"Line of therapy: {told}.", "author", tuple(each.iri for each in facts.lines))


def _harm(harm: Harm) -> Clause:
    """One harm; that none of the patients had it is told as that."""
    text = f"Harm: {'no ' if harm.patients == 0 else ''}{harm.event}"
    if harm.patients == 0:
        text += f" in {harm.of_patients:,} patients" if harm.of_patients is not None else ", as printed"
    elif harm.patients is not None:
        noun = "patient" if (harm.of_patients or harm.patients) == 1 else "patients"
        of = f" of {harm.of_patients:,}" if harm.of_patients is not None else ""
        text += f" in {harm.patients:,}{of} {noun}"
    if harm.attributed:
        text += f", {_marked('attributed', harm.basis)} to {_names(harm.attributed)}"
    return Clause(text + ".", "author", (harm.iri,))


def _culprits(facts: Facts) -> Clause | None:
    if not facts.culprits:
        return None
    texts = [_marked(("suspected " if each.suspected else "") + each.agent.label, each.basis)
             for each in facts.culprits]  # fmt: skip
    return Clause(f"Culprit: {listed(texts)}.", "author", tuple(each.iri for each in facts.culprits))


def _rated(item: Item) -> list[Clause]:
    made = []
    for each in item.assessments:
        parts = [f"{name} {printed}" for name, printed in
                 (("level", each.printed_level), ("grade", each.printed_grade)) if printed]  # fmt: skip
        if not parts:
            continue
        scale = f" (the scale is not named; probably {each.scale})" if each.basis == "inferred" else ""
        text = f"Rated {', '.join(parts)} by {each.panel or 'the panel'}{scale}."
        made.append(Clause(text, "panel", (each.iri,)))
    return made


def _names(agents: Sequence[Named]) -> str:
    return listed(each.label for each in agents)
