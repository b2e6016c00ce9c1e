"""What can be read: each evidence item as text and as JSON-LD, and each agent with the items that name it.

Printed words stand in quotation marks, line breaks in them as escapes, so that nothing printed can pass for a
line of ours.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import quote, unquote

from dress_kg.errors import QueryError
from dress_kg.export.framed import framed
from dress_kg.mcp.answer import address, as_json, in_a_line
from dress_kg.mcp.facts import Facts, Printed
from dress_kg.pages.item_facts import grouped
from dress_kg.pages.item_read import read_item
from dress_kg.pages.sentence import sentences

TEXT, JSONLD = "text/markdown", "application/ld+json"
SCHEME = "dress-kg:///"
PAGE = 200
"""Entries of a page of the list."""
_SUFFIX = ".jsonld"
_VOICES = {
    "author": "the cited author, in the guideline's words",
    "guideline": "the guideline's own remark",
    "panel": "the guideline's panel",
    "program": "a curator of dress-kg",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A resource in the list. :ivar name: short and unique. :ivar media: its media type."""

    uri: str
    name: str
    title: str
    media: str


@dataclass(frozen=True, slots=True)
class Template:
    """A family of resources. :ivar pattern: an RFC 6570 template."""

    pattern: str
    name: str
    description: str
    media: str


TEMPLATES = (
    Template(
        SCHEME + "evidence/{source}/{key}", "evidence-item",
        "An evidence item: a sentence on it, its facts by voice, and the row as printed.", TEXT,
    ),
    Template(
        SCHEME + "evidence/{source}/{key}" + _SUFFIX, "evidence-item-jsonld",
        "An evidence item as one framed JSON-LD document.", JSONLD,
    ),
    Template(
        SCHEME + "agent/{agent}", "agent",
        "An agent by name or synonym: identifiers, and the evidence items that name it, with its role.", TEXT,
    ),
)  # fmt: skip


def entries(facts: Facts, start: int) -> tuple[tuple[Entry, ...], int | None]:
    """A page of the items, each as text and as JSON-LD; and where the next starts, None after the last."""
    items = facts.items()
    shown = items[start : start + PAGE // 2]
    names = facts.labels(shown)
    found = []
    for item in shown:
        key, uri = item.removeprefix(f"{facts.base}evidence/"), address(item, facts.base)
        found.append(Entry(uri, key, names.get(item, key), TEXT))
        found.append(Entry(uri + _SUFFIX, key + _SUFFIX, f"{names.get(item, key)} (JSON-LD)", JSONLD))
    after = start + len(shown)
    return tuple(found), after if after < len(items) else None


def read(uri: str, facts: Facts) -> tuple[str, str]:
    """A resource's media type and text.

    :raises QueryError: there is none of this address.
    """
    kind, _, rest = uri.removeprefix(SCHEME).partition("/")
    if uri.startswith(SCHEME) and kind == "evidence":
        item = facts.base + "evidence/" + rest.removesuffix(_SUFFIX)
        if item in facts.items():
            if rest.endswith(_SUFFIX):
                return JSONLD, _document(item, facts)
            return TEXT, item_text(item, facts)
    if uri.startswith(SCHEME) and kind == "agent":
        return TEXT, agent_text(unquote(rest), facts)
    raise QueryError("there is no such resource", value=uri[:200], remedy="resources/list names the items")


def complete(argument: str, value: str, given: dict[str, str], facts: Facts) -> tuple[str, ...]:
    """Values of a template's argument that start with what was typed, then those that hold it."""
    if argument == "agent":
        known = list(facts.agents())
    else:
        pairs = [item.removeprefix(f"{facts.base}evidence/").split("/")[:2] for item in facts.items()]
        source = given.get("source")
        known = sorted(
            {pair[argument == "key"] for pair in pairs if argument == "source" or source in (None, pair[0])}
        )
    typed = value.casefold()
    near = [name for name in known if typed in name.casefold()]
    return tuple(sorted(near, key=lambda name: not name.casefold().startswith(typed)))


def _document(item: str, facts: Facts) -> str:
    return json.dumps(framed(facts.store, item, facts.base), ensure_ascii=False, indent=1)


def item_text(item: str, facts: Facts) -> str:
    """An item to read: in a sentence, fact by fact with the words it rests on, and the printed row."""
    found = read_item(facts.store, facts.base, item)
    if found is None:
        raise QueryError("there is no such evidence item", value=item)
    printed = facts.printed(item)
    lines = [
        f"# {_quoted(printed.label or item)}",
        "",
        f"IRI: {item}",
        "",
        *_notice(facts),
        "## In words",
        "",
    ]
    lines += [f"- {in_a_line(each.text)}" for each in sentences(found)]
    for group in grouped(found):
        lines += ["", f"## {group.heading} (voice: {_VOICES[group.voice]})", ""]
        for fact in group.facts:
            basis = f" ({fact.basis}, not printed)" if fact.basis else ""
            tag = f"{fact.tag[1]}: " if fact.tag else ""
            words = "".join(f" [{each.field}: {_quoted(each.exact)}]" for each in fact.words)
            lines.append(f"- {in_a_line(f'{fact.label}: {tag}{fact.text}')}{basis}{words}")
    return "\n".join([*lines, "", *_row(printed), ""])


def _row(printed: Printed) -> list[str]:
    where = f"{printed.file or 'the source'}, {_lines(printed.lines)}"
    cells = [
        f"- {in_a_line(cell.column)} ({_lines(cell.lines)}): {_quoted(cell.text)}" for cell in printed.cells
    ]
    lines = [f"## The row as printed ({where})", "", *cells]
    if printed.warnings:
        lines += ["", "## Warnings", "", *(f"- {in_a_line(each)}" for each in printed.warnings)]
    return lines


def agent_text(name: str, facts: Facts) -> str:
    """An agent to read.

    :raises QueryError: no row names an agent so.
    """
    known = {each.casefold(): iri for each, iri in reversed(facts.agents().items())}
    iri = known.get(name.casefold()) or known.get(name.replace("-", " ").casefold())
    if iri is None:
        raise QueryError(
            "no row names an agent of this name", value=name[:200],
            remedy="complete the argument `agent`, or ask `agents-at-a-glance`",
        )  # fmt: skip
    agent = facts.agent(iri)
    lines = [f"# {_quoted(agent.names[0])}", "", f"IRI: {iri}", f"Kind: {', '.join(agent.kinds) or 'agent'}"]
    if agent.names[1:]:
        lines.append(f"Also called: {', '.join(map(_quoted, agent.names[1:]))}")
    lines += ["", *_notice(facts)]
    if agent.matches:
        matches = (f"- {relation}: {in_a_line(iri)}" for relation, iri in agent.matches)
        lines += ["## Identifiers elsewhere, each verified", "", *matches, ""]
    labels = facts.labels({item for item, _ in agent.roles})
    lines += ["## Evidence items that name it, and its role there", ""]
    for item, role in agent.roles:
        title = _quoted(labels.get(item, item))
        lines.append(f"- {role}: {title} {address(item, facts.base)}")
    return "\n".join([*lines, ""])


def agent_address(name: str) -> str:
    """The resource of an agent.

    >>> agent_address("intravenous immunoglobulin")
    'dress-kg:///agent/intravenous%20immunoglobulin'
    """
    return f"{SCHEME}agent/{quote(name, safe='')}"


def _notice(facts: Facts) -> list[str]:
    return [line for text in facts.notice() for line in (f"> {in_a_line(text)}", "")]


def _quoted(text: str) -> str:
    return as_json(text)


def _lines(numbers: tuple[int, ...]) -> str:
    if not numbers:
        return "no line"
    return f"line{'s' * (len(numbers) > 1)} {', '.join(map(str, numbers))}"
