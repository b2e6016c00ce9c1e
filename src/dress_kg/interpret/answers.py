"""`dress-kg interpret`: one function a kind of text, each giving one JSON-ready object."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from dress_kg.interpret.agents import AgentLexicon, ConditionLexicon
from dress_kg.interpret.citation import citation_json
from dress_kg.interpret.finding import finding_json
from dress_kg.interpret.journals import Journals
from dress_kg.interpret.regimen import dose_json
from dress_kg.interpret.strategy import read_strategy, unread_drug
from dress_kg.interpret.study import read_study
from dress_kg.profile import load_profile

Answer = dict[str, Any]


def reader(kind: str, profile: str | None = None) -> Callable[[str], Answer]:
    """The function that reads texts of a kind; its dictionaries are loaded once.

    :param kind: `dose`, `citation`, `study`, `agents` or `finding`.
    :param profile: whose abbreviations hold, None for none.

    >>> reader("agents")("cyclosporine + prednisone")["operator"].value
    'combination'
    """
    abbreviations: Mapping[str, str] = load_profile(profile).abbreviations if profile else {}
    if kind == "citation":
        journals = Journals.load()
        return lambda text: citation_json(text, journals)
    if kind == "study":
        conditions = ConditionLexicon.load()
        return lambda text: study_json(text, conditions)
    lexicon = AgentLexicon.load(abbreviations=abbreviations)
    if kind == "dose":
        return lambda text: dose_json(text, lexicon)
    if kind == "finding":
        return lambda text: finding_json(text, lexicon)
    return lambda text: agents_json(text, lexicon)


def study_json(text: str, conditions: ConditionLexicon) -> Answer:
    """Design, patients and population that a STUDY DESIGN text states.

    >>> study_json("Case report *2 patients", ConditionLexicon.load())["patients"]
    2
    """
    study = read_study(text, "", conditions)
    return {
        "text": text,
        "design": study.design,
        "design_basis": study.design_basis,
        "patients": study.patients,
        "patients_basis": study.patients_basis,
        "population": [
            {"label": label, "start": where.start, "end": where.end} for label, where in study.population
        ],
        "spans": {
            "design": [[s.start, s.end] for s in study.design_selections],
            "patients": [[s.start, s.end] for s in study.patients_selections],
        },
        "unread": [[s.start, s.end] for s in study.unread],
    }


def agents_json(text: str, lexicon: AgentLexicon) -> Answer:
    """Operator and agents with their roles, as a DRUG cell of this text would be read.

    >>> agents_json("IVIG without associated steroids", AgentLexicon.load())["agents"][1]["role"].value
    'excluded'
    """
    strategy = read_strategy(text, lexicon)
    unread = [[s.start, s.end] for s in unread_drug(text, strategy)]
    if strategy is None:
        return {"text": text, "operator": None, "agents": [], "unread": unread}
    agents: list[dict[str, Any]] = [
        {
            **asdict(component.agent),
            "role": component.role,
            "spans": [[s.start, s.end] for s in component.selections],
        }
        for component in strategy.components
    ]
    return {
        "text": text,
        "operator": strategy.operator,
        "monotherapy_stated": strategy.monotherapy_stated,
        "agents": agents,
        "unread": unread,
    }
