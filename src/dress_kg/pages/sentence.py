"""An evidence item as sentences that a clinician would write: no more than the facts say, as hedged.

One generator for every item of every table. What is inferred or curated says so, a flagged dose is called
doubtful, an opinion is never told as an outcome, and of an outcome only that it was reported.
"""

from __future__ import annotations

from collections.abc import Sequence

from dress_kg.pages.clause import Clause, listed, marked
from dress_kg.pages.dose_sentences import doses, times
from dress_kg.pages.item_model import (
    Component,
    Context,
    Facts,
    Harm,
    Item,
    Line,
    Named,
    Read,
    Statement,
    Strategy,
)

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
_ADVISING = {"opinion": "the opinion", "recommendation": "the recommendation"}
_LEADS = {"opinion": "Opinion: ", "recommendation": "Recommendation: "}
_JOINING = frozenset(
    "after as because before during especially for if in only particularly unless when with".split()
)
_PERSONS = frozenset("case cases patient patients".split())
_DENYING = frozenset("no not without".split())
QUOTED = 200
"""Characters of an outcome's own words that stand in its sentence at most."""


def sentences(item: Item, doubtful: frozenset[str] = frozenset()) -> tuple[Clause, ...]:
    """The item in words.

    :param doubtful: IRIs of dose statements that a warning is about.
    """
    facts = item.facts
    made = [
        _who_gave_what(item),
        _patients(facts),
        doses(facts, doubtful),
        *_conditions(facts),
        times(facts),
        _nothing_said(facts),
        *(_said(alike, facts.strategy) for alike in _alike(facts.statements)),
        *_lines(facts),
        *map(_harm, facts.harms),
        _culprits(facts),
        *_rated(item),
    ]
    return tuple(clause for clause in made if clause is not None)


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
    if facts.strategy is None and not facts.components:
        return Clause(f"{who} is cited on {condition}; the row names no treatment.", "author", involved)
    if study is None or study.design is None:
        return Clause(f"{who} is cited on {what} in {condition}.", "author", involved)
    design = marked(_article(study.design.label), study.basis)
    if study.on_patients is False and study.patients is None:
        did = (
            "reported on"
            if any(each.kind == "reported-outcome" for each in facts.statements)
            else "wrote about"
        )
        return Clause(f"In {design}, {who} {did} {what} in {condition}.", "author", involved)
    number = "a number of patients that is not printed"
    if study.patients is not None:
        noun = "patient" if study.patients == 1 else "patients"
        number = marked(f"{study.patients:,} {noun}", study.patients_basis)
    text = f"In {design} of {number} with {condition}, {who} reported on {what}."
    return Clause(text, "author", involved)


def _article(noun: str) -> str:
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def _patients(facts: Facts) -> Clause | None:
    """Circumstances of the patients of the report; those of advice stand with the advice."""
    own = [each for each in facts.contexts if not each.hypothetical]
    if not own:
        return None
    once = _once(own)
    told = [_heading(kind) + ", ".join(marked(each.label, each.basis) for each in once if each.kind == kind)
            for kind in dict.fromkeys(each.kind for each in once)]  # fmt: skip
    text = f"Circumstances of {_the_patients(facts).lower()}: {'; '.join(told)}."
    return Clause(text, "author", tuple(each.iri for each in own))


def _once(contexts: Sequence[Context]) -> list[Context]:
    """Without those whose name stands within another's: "HIV patient" beside "HIV infection"."""
    bare = [[word for word in each.label.casefold().split() if word not in _PERSONS] for each in contexts]
    return [
        each
        for at, each in enumerate(contexts)
        if not any(at != i and _covers(bare[at], other, earlier=i < at) for i, other in enumerate(bare))
    ]


def _covers(few: Sequence[str], many: Sequence[str], *, earlier: bool) -> bool:
    """Whether `many` says what `few` says, and not that it is not so; of two alike the earlier does."""
    length = len(few)
    runs = (list(many[at : at + length]) for at in range(len(many) - length + 1))
    longer = len(many) > length and not _DENYING & (set(many) - set(few))
    return bool(few) and list(few) in runs and (longer or (earlier and list(few) == list(many)))


def _conditions(facts: Facts) -> list[Clause]:
    """Conditions of advice that no sentence on the advice carries, such as those that stand with a dose."""
    advice = [each for each in facts.statements if each.kind in _ADVISING]
    loose = [each for each in facts.contexts if each.hypothetical and each.words
             and not any(_inside(each, said) for said in advice)]  # fmt: skip
    dosed = {word.field for step in facts.steps for word in step.words}
    made = []
    for place, with_dose in (("doses", True), ("advice", False)):
        mine = [each for each in loose if any(word.field in dosed for word in each.words) is with_dose]
        if mine:
            told = ", ".join(marked(each.label, each.basis) for each in _once(mine))
            text = f"Conditions named with the {place}: {told}."
            made.append(Clause(text, "author", tuple(each.iri for each in mine)))
    return made


def _inside(inner: Read, outer: Read) -> bool:
    """Whether all characters of the one are among those of the other."""
    return bool(inner.words) and all(
        any(word.field == each.field and each.start <= word.start and word.end <= each.end
            for each in outer.words)
        for word in inner.words
    )  # fmt: skip


def _the_patients(facts: Facts) -> str:
    return "The patient" if facts.study and facts.study.patients == 1 else "The patients"


def _heading(kind: str) -> str:
    """Comorbidities must not be read as signs of the reaction; other labels speak for themselves."""
    return "comorbidity: " if kind == "comorbidity" else ""


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
    elif quoted := _quoted(alike):
        text += f" ({'in hedged words' if one.hedged else 'in print'}: “{quoted}”)"
    elif one.hedged:
        text += " (in hedged words)"
    lead = _LEADS.get(one.kind)
    whole = f"{lead}{text}" if lead else f"{text[:1].upper()}{text[1:]}"
    voice = "program" if one.voice.startswith("curator") else "author"
    return Clause(marked(whole, one.basis) + ".", voice, tuple(each.iri for each in alike))


def _quoted(alike: Sequence[Statement]) -> str | None:
    """What the row prints of the outcome of its own treatment, None where that is nothing or long."""
    own = [each for each in alike if each.kind == "reported-outcome" and each.primary]
    words = dict.fromkeys(each.verbatim for each in own if each.verbatim and each.basis != "curated")
    text = " … ".join(words)
    return text if 0 < len(text) <= QUOTED else None


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


def _lines(facts: Facts) -> list[Clause]:
    """Lines of therapy: those of the report, then those that stand in words of advice only."""
    of: dict[str | None, list[Line]] = {None: []}
    for line in facts.lines:
        held = [each for each in facts.statements if _inside(line, each)]
        advice = held[0].kind if held and all(each.kind in _ADVISING for each in held) else None
        of.setdefault(advice, []).append(line)
    made = []
    for kind, lines in of.items():
        if lines:
            told = listed(marked(each.label, each.basis) for each in lines)
            where = f" in {_ADVISING[kind]}" if kind else ""
            made.append(
                Clause(f"Line of therapy{where}: {told}.", "author", tuple(each.iri for each in lines))
            )
    return made


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
        text += f", {marked('attributed', harm.basis)} to {_names(harm.attributed)}"
    elif harm.patients != 0:
        text += "; no attribution to a treatment was read"
    return Clause(text + ".", "author", (harm.iri,))


def _culprits(facts: Facts) -> Clause | None:
    if not facts.culprits:
        return None
    texts = [marked(("suspected " if each.suspected else "") + each.agent.label, each.basis)
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
        text = f"Rated {', '.join(parts)} by {_panel(each.panel)}{scale}."
        made.append(Clause(text, "panel", (each.iri,)))
    return made


def _panel(name: str | None) -> str:
    """The panel with its article.

    >>> _panel("Guideline panel"), _panel("The panel"), _panel(None)
    ('the Guideline panel', 'The panel', 'the panel')
    """
    return name if name and name.casefold().startswith("the ") else f"the {name or 'panel'}"


def _names(agents: Sequence[Named]) -> str:
    return listed(each.label for each in agents)
