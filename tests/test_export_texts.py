"""Exports made of texts are what the libraries write of the same statements in the same order."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    RdfFormat,
    Store,
    Triple,
    parse,
    serialize,
)

from dress_kg import terms
from dress_kg.export import export
from dress_kg.export.quads import sorted_lines
from dress_kg.export.statements import CHUNK, TYPE, described, described_by_graph, graphs
from dress_kg.export.turtle import PREFIXES, TurtleTerms
from tests.gold_score import graph
from tests.test_export import hostile_quads

XSD = terms.PREFIXES["xsd"]


@pytest.fixture(scope="module", params=["shipped", "hostile"])
def store(request: pytest.FixtureRequest) -> Store:
    loaded = Store()
    loaded.bulk_extend(graph().quads if request.param == "shipped" else hostile_quads(3000))
    return loaded


def _written(store: Store, form: str) -> str:
    out = io.BytesIO()
    export(store, form, out)
    return out.getvalue().decode()


def _statements(
    store: Store, among: list[NamedNode | DefaultGraph], chunk: int = CHUNK
) -> list[tuple[str, str, str]]:
    found = []
    for subject, told in described(store, among, chunk=chunk):
        for each in told:
            predicate, value = each.split(" ", 1)
            found.append((subject, predicate, value))
    return found


def _triples(texts: list[tuple[str, str, str]]) -> list[Triple]:
    lines = "".join(f"{' '.join(text)} .\n" for text in texts)
    quads = parse(lines.encode(), format=RdfFormat.N_TRIPLES, rename_blank_nodes=False)
    return [quad.triple for quad in quads]


def test_turtle_is_what_the_library_writes(store: Store) -> None:
    triples = _triples(_statements(store, graphs(store)))
    library = serialize(triples, format=RdfFormat.TURTLE, prefixes=PREFIXES) or b""
    notice, _, ours = _written(store, "turtle").partition("\n")
    assert notice.startswith("# ")
    header = ours.index("\n\n") + 1
    assert ours[:header] + ours[header:].replace("\n\n", "\n").removeprefix("\n") == library.decode()
    assert ours.count("\n\n") == len({triple.subject for triple in triples})


def test_trig_is_what_the_library_writes(store: Store) -> None:
    quads = [
        Quad(triple.subject, triple.predicate, triple.object, each)
        for each in graphs(store)
        for triple in _triples(_statements(store, [each]))
    ]
    library = serialize(quads, format=RdfFormat.TRIG, prefixes=PREFIXES) or b""
    assert _written(store, "trig").partition("\n")[2] == library.decode()


def test_lines_are_those_of_the_quads(store: Store) -> None:
    assert _written(store, "nquads") == "".join(sorted({f"{quad} .\n" for quad in store}))
    assert _written(store, "ntriples") == "".join(sorted({f"{quad.triple} .\n" for quad in store}))


def test_jsonld_is_what_the_library_writes(store: Store) -> None:
    text = _written(store, "jsonld")
    document = json.loads(text)
    entries = ",\n".join(json.dumps(each, ensure_ascii=False, indent=1) for each in document["@graph"])
    context = json.dumps(document["@context"], ensure_ascii=False, indent=1)
    assert text == f'{{\n"@context": {context},\n"@graph": [\n{entries}\n]\n}}\n'


def test_small_chunks_give_the_same(store: Store, tmp_path: Path) -> None:
    every = graphs(store)
    assert _statements(store, every, chunk=97) == _statements(store, every)
    for each in every[:3]:
        assert _statements(store, [each], chunk=5) == _statements(store, [each])
    store.dump(tmp_path / "graph.nq", RdfFormat.N_QUADS)
    apart, whole = (
        [(graph, list(given)) for graph, given in described_by_graph(tmp_path / "graph.nq", chunk=chunk)]
        for chunk in (97, CHUNK)
    )
    assert apart == whole
    assert [graph for graph, _ in whole] == ["" if each == DefaultGraph() else str(each) for each in every]


@pytest.mark.parametrize("form", ["turtle", "trig", "nquads", "ntriples", "jsonld"])
def test_a_file_of_quads_is_exported_as_its_store_is(form: str, store: Store, tmp_path: Path) -> None:
    store.dump(tmp_path / "graph.nq", RdfFormat.N_QUADS)
    out = io.BytesIO()
    export(tmp_path / "graph.nq", form, out)
    assert out.getvalue().decode() == _written(store, form)
    (tmp_path / "empty.nq").write_bytes(b"")
    empty = io.BytesIO()
    export(tmp_path / "empty.nq", form, empty)
    assert empty.getvalue().decode() == _written(Store(), form)


def test_what_graphs_say_together_comes_once(store: Store) -> None:
    every = graphs(store)
    told = _statements(store, every)
    assert len(told) == len(set(told)) == len({quad.triple for quad in store})
    apart = [statement for each in every for statement in _statements(store, [each])]
    assert len(apart) == len(store)
    assert set(apart) == set(told)


def test_each_subject_stands_once_with_its_types_first(store: Store) -> None:
    subjects = [subject for subject, _ in described(store, graphs(store))]
    assert len(subjects) == len(set(subjects))
    for _, told in described(store, graphs(store)):
        types = [each for each in told if each.startswith(f"{TYPE} ")]
        others = [each for each in told if not each.startswith(f"{TYPE} ")]
        assert told == [*sorted(types), *sorted(others)]


_LOCAL = st.text(st.sampled_from("aZ09_-./#:~%é·?'()𐀀"), max_size=5)
_IRI = st.builds(
    lambda space, local: space + local,
    st.sampled_from(
        [*PREFIXES.values(), terms.VOCABULARY + "role", terms.DATA, "urn:a:", "http://a.example/"]
    ),
    _LOCAL,
)
_TEXT = st.text(max_size=4) | st.sampled_from(
    ["1", "-1", "1.", ".5", "+1.50", "1e5", ".e5", "true", "TRUE", "٣", "1\n"]
)
_TERM = st.one_of(
    st.builds(NamedNode, _IRI.filter(lambda iri: _sound(NamedNode, iri))),
    st.builds(Literal, _TEXT),
    st.builds(lambda text: Literal(text, language="en-GB"), _TEXT),
    st.builds(
        lambda text, kind: Literal(text, datatype=NamedNode(XSD + kind)),
        _TEXT,
        st.sampled_from(["boolean", "integer", "decimal", "double", "date", "a/b"]),
    ),
    st.just(BlankNode("b")),
)


def _sound(kind: type[NamedNode], text: str) -> bool:
    try:
        kind(text)
    except ValueError:
        return False
    return True


@given(st.lists(_TERM, min_size=1, max_size=4))
def test_any_term_is_written_as_the_library_does(made: list[NamedNode | Literal | BlankNode]) -> None:
    written = TurtleTerms(PREFIXES)
    start = "<urn:s> <urn:p> "
    for term in made:
        triple = Triple(NamedNode("urn:s"), NamedNode("urn:p"), term)
        text = (serialize([triple], format=RdfFormat.TURTLE, prefixes=PREFIXES) or b"").decode()
        assert f"{start}{written[str(term)]} .\n" == start + text.rpartition(start)[2]


@given(
    st.lists(st.text(st.characters(exclude_characters="\n", codec="utf-8"), max_size=3)), st.integers(1, 5)
)
def test_lines_are_sorted_by_code_point_each_once(texts: list[str], chunk: int) -> None:
    lines = [f"{text}\n" for text in texts]
    ours = list(sorted_lines(lines, chunk))
    assert ours == sorted(set(lines))
    assert [line.encode() for line in ours] == sorted({line.encode() for line in lines})


def test_a_graph_without_a_statement() -> None:
    assert list(described(Store(), [DefaultGraph()])) == []
    assert graphs(Store()) == []
    store = Store()
    store.add(Quad(NamedNode("urn:s"), NamedNode("urn:p"), Literal("\u2028\x85\x0c\x1c"), DefaultGraph()))
    assert _statements(store, [DefaultGraph()]) == [
        ("<urn:s>", "<urn:p>", str(Literal("\u2028\x85\x0c\x1c")))
    ]
