"""What columns declare outright: a list of agents with its operator, a direction, a condition, a number.

An export of a database says in codes what a guideline's table says in prose. The profile says what the
codes stand for; a code that it does not name is "not stated", never guessed at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from dress_kg.interpret.agents import AgentLexicon, ConditionLexicon
from dress_kg.interpret.drug_names import unmapped_agent
from dress_kg.profile import Coded, Column, Directions, Profile
from dress_kg.records import (
    Basis,
    Component,
    Condition,
    Direction,
    Finding,
    FindingKind,
    Operator,
    Role,
    Selection,
    Strategy,
    Study,
)

_COUNT = re.compile(r"(?:n\s*=\s*)?(\d{1,3}(?:[ ,]\d{3})+|\d{1,7})", re.IGNORECASE)
_LATER = {
    Operator.COMBINATION: Role.CONCOMITANT,
    Operator.SEQUENCE: Role.SUBSEQUENT,
    Operator.NOT_STATED: Role.INDEX,
}


def whole(text: str, field: str) -> Selection | None:
    """A cell's text without the blanks around it, None where there is none."""
    bare = text.strip()
    start = text.index(bare) if bare else 0
    return Selection(field, start, start + len(bare), bare) if bare else None


def parts_of(text: str, separator: re.Pattern[str], field: str) -> Iterator[Selection]:
    """The values of a list in a cell; a separator between two digits is part of a name.

    >>> [p.exact for p in parts_of("CP-724,714,Gefitinib", re.compile(","), "drug")]
    ['CP-724,714', 'Gefitinib']
    """
    at = 0
    for hit in separator.finditer(text):
        if not (text[: hit.start()][-1:].isdecimal() and text[hit.end() :][:1].isdecimal()):
            yield from _part(text, at, hit.start(), field)
            at = hit.end()
    yield from _part(text, at, len(text), field)


def _part(text: str, start: int, end: int, field: str) -> Iterator[Selection]:
    bare = text[start:end].strip()
    if bare:
        begin = text.index(bare, start)
        yield Selection(field, begin, begin + len(bare), bare)


def listed_strategy(
    text: str, operator: str, column: Column, operators: Mapping[str, str], lexicon: AgentLexicon
) -> Strategy | None:
    """The strategy of a cell that lists agents, or None where it names none.

    :param operator: the text of the row's operator cell, "" where it is empty or there is none.
    :param operators: printed operator, in lower case, to operator.

    One agent without an operator is single; several are joined as declared, else "not stated". A name
    that the vocabulary lacks is an unmapped agent under that name.
    """
    if column.separator is None or column.is_empty(text):
        return None
    parts = list(parts_of(text, column.separator, column.field))
    declared = operators.get(operator.strip().casefold())
    if declared is not None:
        joined = Operator(declared)
    else:
        joined = Operator.SINGLE if len(parts) == 1 else Operator.NOT_STATED
    components: dict[str, Component] = {}
    for part in parts:
        agent = lexicon.resolve(part.exact) or unmapped_agent(part.exact)
        role = Role.ALTERNATIVE if joined is Operator.ALTERNATIVES else _LATER.get(joined, Role.INDEX)
        if not components and role is not Role.ALTERNATIVE:
            role = Role.INDEX
        known = components.get(agent.id)
        if known is None:
            components[agent.id] = Component(agent, role, (part,))
        else:
            components[agent.id] = replace(known, selections=(*known.selections, part))
    told = whole(operator, "operator") if declared else None
    return Strategy(joined, tuple(components.values()), selections=(told,) if told else ())


def declared_finding(cells: Mapping[str, str], directions: Directions) -> Finding | None:
    """What the row's codes say of its strategy, None where the profile names no direction for them."""
    printed = tuple(cells.get(field, "").strip().casefold() for field in directions.columns)
    direction = directions.values.get(printed)
    if direction is None:
        return None
    held = (whole(cells.get(field, ""), field) for field in directions.holds_when)
    # The last column first: it is the one that says most of the direction.
    told = (whole(cells.get(field, ""), field) for field in reversed(directions.columns))
    return Finding(
        kind=FindingKind(directions.kind),
        direction=Direction(direction),
        targets=(),
        primary=True,
        selections=tuple(selection for selection in told if selection),
        voice=directions.voice,
        conditions=tuple(selection for selection in held if selection),
    )


def declared_condition(
    cells: Mapping[str, str], profile: Profile, lexicon: ConditionLexicon
) -> Condition | None:
    """The condition that the row's own cell names, None where it has none."""
    label = cells.get("condition", "").strip()
    column = profile.column("condition")
    if not label or (column is not None and column.is_empty(label)):
        return None
    printed = cells.get("condition_id", "").strip()
    identifier = None
    if profile.condition_ids and re.fullmatch(r"[A-Za-z0-9._:-]+", printed):
        identifier = profile.condition_ids + printed
    return Condition(whole_condition(label, lexicon), label, identifier)


def whole_condition(label: str, lexicon: ConditionLexicon) -> str | None:
    """The concept that a whole name stands for, or None: a name that only holds one is another's.

    >>> lexicon = ConditionLexicon.load()
    >>> whole_condition("DRESS syndrome", lexicon), whole_condition("hepatitis B vaccination", lexicon)
    ('dress-syndrome', None)
    """
    found = lexicon.find(label)
    if len(found) == 1 and (found[0].start, found[0].end) == (0, len(label)):
        return found[0].concept
    return None


def declared_identifier(cells: Mapping[str, str], identifiers: Coded) -> str | None:
    """The id of the cited work with its scheme (`pmid:16081687`), None where scheme or id is missing."""
    printed = cells.get("publication_id", "").strip()
    code = cells.get(identifiers.column, "") if identifiers.column else ""
    scheme = identifiers.meaning(code)
    return f"{scheme}:{printed}" if scheme and printed and not re.search(r"\s", printed) else None


def with_declared(study: Study, cells: Mapping[str, str], profile: Profile) -> Study:
    """The study with the number of patients and the design that columns of their own declare."""
    count = _COUNT.fullmatch(cells.get("patients", "").strip())
    if count is not None and study.patients is None:
        chosen = whole(cells["patients"], "patients")
        study = replace(
            study,
            patients=int(re.sub(r"\D", "", count[1])) or None,
            patients_basis=Basis.STATED,
            patients_selections=(chosen,) if chosen else (),
        )
        study = study if study.patients else replace(study, patients_basis=None, patients_selections=())
    coded = profile.designs
    if coded is None or coded.column is None or study.design is not None:
        return study
    text = cells.get(coded.column, "")
    design, chosen = coded.meaning(text), whole(text, coded.column)
    if design is None or chosen is None:
        return study
    return replace(study, design=design, design_basis=Basis.INFERRED, design_selections=(chosen,))
