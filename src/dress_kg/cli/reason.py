"""`dress-kg reason`: consistency and classification by OWL; publishes a version with the inferences."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from dress_kg.cli.graph import graph_option, open_graph
from dress_kg.errors import InconsistencyError
from dress_kg.store import default_out, find_graph

if TYPE_CHECKING:
    from dress_kg.reason import Reasoning
    from dress_kg.reason.explain import Explanation, Ground

REASONERS = ("auto", "hermit", "rl")


@click.command()
@click.option(
    "--reasoner",
    type=click.Choice(REASONERS),
    default="auto",
    show_default=True,
    help="hermit: OWL 2 DL, needs Java (it comes with the extra). rl: OWL 2 RL, for large graphs. "
    "auto: HermiT for up to 100 items.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0.1),
    default=120.0,
    show_default=True,
    metavar="SECONDS",
    help="What HermiT may take; then it is stopped and nothing is published.",
)
@click.option("--check", is_flag=True, help="Say what comes out; publish nothing.")
@graph_option
def reason(reasoner: str, timeout: float, check: bool, graph: str | None) -> None:
    """Check the published graph for contradictions and find the members of the defined classes.

    A new version is published, with the classes of the evidence items in the graphs `inferred`; inferences
    of an earlier run are replaced, and the next build has none. A contradiction is explained by axioms and
    cells (exit code 1), and nothing is published. Needs `pip install 'dress-kg[reason]'`.

    \b
    Examples:
      dress-kg reason
      dress-kg reason --reasoner rl --check
      dress-kg reason --graph out --timeout 30
    """
    from dress_kg.dataset import describe, without_description
    from dress_kg.publishing import publish_again
    from dress_kg.reason import inferred_quads, without
    from dress_kg.reason import reason as run

    build = open_graph(graph)
    base = build.manifest["base"]
    quads = without(build.store(), base)
    found = run(quads, reasoner=reasoner, timeout=timeout, base=base)
    if not found.consistent or found.unsatisfiable:
        raise InconsistencyError(contradiction(found), remedy="correct the cells or the axioms named above")
    click.echo(summary(found))
    if check:
        return
    whole = without_description(quads, base) | inferred_quads(found, base)
    whole |= describe(whole, base)
    published = publish_again(find_graph(graph) or default_out(), build, whole, {"reasoning": record(found)})
    click.echo(f"Published {published}")


def summary(found: Reasoning) -> str:
    """Members by class, and what found them."""
    counts = found.counts()
    width = max(map(len, counts), default=0)
    lines = [f"consistent: {found.reasoner}, ontology {found.ontology}, in {found.seconds:.1f} s"]
    return "\n".join([*lines, *(f"  {name:{width}}  {number:>5}" for name, number in counts.items())])


def record(found: Reasoning) -> dict[str, Any]:
    """What the manifest says of a run."""
    return {
        "reasoner": found.reasoner,
        "ontology": found.ontology,
        "seconds": round(found.seconds, 3),
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "members": found.counts(),
    }


def contradiction(found: Reasoning) -> str:
    """What contradicts what, and where it was read."""
    if found.consistent:
        names = ", ".join(found.unsatisfiable)
        return f"these classes can have no member by the axioms of the ontology: {names}"
    why = found.explanation
    return "the graph contradicts the ontology" + (_explained(why) if why else "")


def _explained(why: Explanation) -> str:
    head = "these facts" if why.minimal else "these facts (time ran out: not all of them may be needed)"
    grounds = "\n".join(f"    {ground.text}{_place(ground)}" for ground in why.grounds)
    axioms = "\n".join(f"    {text}" for text in why.axioms)
    return f"; {head}\n{grounds}\n  cannot all be true where\n{axioms}"


def _place(ground: Ground) -> str:
    place = ground.place
    if place.file is None:
        return ""
    lines = ", ".join(map(str, place.lines))
    column = f", column {place.column}" if place.column else ""
    value = f": {place.value!r}" if place.value else ""
    return f"  [{place.file}:{lines}{column}{value}]"
