"""The command contract: what a user types, what stdout, stderr and the exit code say."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT

TABLE = ROOT / "data/dress-treatment-evidence.tsv"


def dress_kg(
    *arguments: str | Path, stdin: str | bytes | None = None, cwd: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the command as a user would, in a process of its own."""
    data = stdin.encode("utf-8") if isinstance(stdin, str) else stdin
    path = {"PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        [sys.executable, "-c", "from dress_kg.cli import main; main()", *map(str, arguments)],
        input=data if data is not None else b"",
        capture_output=True,
        cwd=cwd or ROOT,
        env={**os.environ, **path, **environment},
        check=False,
    )
    out, err = done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
    return subprocess.CompletedProcess(done.args, done.returncode, out, err)


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's data folder for the session, so that no test touches the real one."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def built(home: Path) -> Path:
    """A build of the shipped table."""
    out = home / "out"
    done = dress_kg("build", "--out", out, XDG_DATA_HOME=str(home))
    assert done.returncode == 0, done.stderr
    return out


def test_build_says_what_came_out(home: Path) -> None:
    done = dress_kg("build", "--out", home / "said", XDG_DATA_HOME=str(home))
    assert "84 lines = 63 in 35 rows + 2 header + 6 section" in done.stdout
    assert "35 evidence items from 27 publications, on 16 agents" in done.stdout
    assert "Not advice" in done.stdout
    assert done.stderr == ""
    assert "\x1b[" not in done.stdout


def test_a_build_folder_holds_what_the_contract_names(built: Path) -> None:
    names = {"graph.nq", "tables", "report.json", "store", "manifest.json"}
    assert names <= {path.name for path in built.iterdir()}
    manifest = json.loads((built / "manifest.json").read_text("utf-8"))
    assert manifest["sources"]["dress"]["ledger"]["row"] == 63
    assert manifest["rows"]["evidence"] == 35
    report = json.loads((built / "report.json").read_text("utf-8"))
    assert report["conforms"] is True
    first = report["results"][0]
    assert {"file", "line", "column", "value", "rule", "severity", "suggestion"} <= set(first)


def test_the_same_input_gives_the_same_bytes(built: Path, tmp_path: Path) -> None:
    for seed, workers in (("1", "1"), ("77", "2")):
        out = tmp_path / seed
        noise = {f"NOISE_{n}": seed * n for n in range(5)}
        noise |= {"PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo", "LANG": "C", "XDG_DATA_HOME": str(tmp_path)}
        done = dress_kg("build", "--out", out, "--jobs", workers, stdin=None, cwd=None, **noise)
        assert done.returncode == 0, done.stderr
        assert (out / "graph.nq").read_bytes() == (built / "graph.nq").read_bytes()
        assert (out / "report.json").read_bytes() == (built / "report.json").read_bytes()
        for table in (out / "tables").iterdir():
            assert table.read_bytes() == (built / "tables" / table.name).read_bytes(), table.name


def test_queries_lists_one_a_line() -> None:
    lines = dress_kg("queries").stdout.splitlines()
    assert len(lines) >= 20
    assert all("/" in line.split()[0] for line in lines)


def test_query_formats(built: Path) -> None:
    for form in ("table", "csv", "tsv", "json", "markdown"):
        done = dress_kg("query", "conflicting-reports", "--format", form, "--graph", built)
        assert done.returncode == 0, done.stderr
        assert "cyclosporine" in done.stdout
    answer = json.loads(dress_kg("query", "conflicting-reports", "--format", "json", "--graph", built).stdout)
    assert answer["head"]["vars"][0] == "agent"


def test_query_with_a_parameter_and_explain(built: Path) -> None:
    done = dress_kg("query", "who-disagrees-on-an-agent", "--param", "agent=IVIG", "--graph", built)
    assert "Joly" in done.stdout
    bound = dress_kg(
        "query", "who-disagrees-on-an-agent", "--param", "agent=IVIG", "--explain", "--graph", built
    )
    assert "VALUES ?agent { <https://w3id.org/dress-kg/vocab/intravenous-immunoglobulin> }" in bound.stdout


def test_sparql_from_standard_input(built: Path) -> None:
    text = "SELECT (COUNT(?s) AS ?n) { ?s a <https://w3id.org/dress-kg/ontology#EvidenceItem> }"
    done = dress_kg("sparql", "-", "--format", "csv", "--graph", built, stdin=text)
    assert done.stdout.split() == ["n", "35"]


@pytest.mark.parametrize("form", ["turtle", "trig", "nquads", "ntriples", "jsonld"])
def test_export_to_a_file_and_to_a_pipe_are_the_same(built: Path, tmp_path: Path, form: str) -> None:
    piped = dress_kg("export", "--format", form, "--graph", built)
    assert piped.returncode == 0, piped.stderr
    dress_kg("export", "--format", form, "--out", tmp_path / "file", "--graph", built)
    assert (tmp_path / "file").read_text("utf-8") == piped.stdout
    assert len(piped.stdout) > 100_000


def test_export_csvw_is_a_folder(built: Path, tmp_path: Path) -> None:
    assert dress_kg("export", "--format", "csvw", "--graph", built).returncode == 2
    done = dress_kg("export", "--format", "csvw", "--out", tmp_path / "t", "--graph", built)
    assert done.returncode == 0
    assert (tmp_path / "t/csv-metadata.json").exists()
    assert (tmp_path / "t/evidence.csv").read_bytes() == (built / "tables/evidence.csv").read_bytes()


def test_interpret_answers_the_example_of_the_contract() -> None:
    done = dress_kg("interpret", "dose", "100 mg orally twice daily per 7 days")
    answer = json.loads(done.stdout)
    expected = {"low": 100, "high": 100, "unit": "mg", "basis": "dose", "frequency": 2, "period": 1}
    expected |= {"period_unit": "d", "route": "oral", "duration": 7, "duration_unit": "d", "phase": 1}
    assert {key: answer["steps"][0][key] for key in expected} == expected
    assert answer["unread"] == []


def test_interpret_reads_lines_and_answers_one_object_a_line() -> None:
    done = dress_kg("interpret", "citation", stdin="Levine et al., 2005, Blood\n\nno citation here\n")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["year"] for answer in answers] == [2005, None, None]


def test_validate_tells_where_what_and_what_to_do() -> None:
    done = dress_kg("validate")
    assert done.returncode == 0
    assert "dress-treatment-evidence.tsv:35, DOSE: warning dose-implausible" in done.stdout
    assert "'0.4 mg/kg/d'" in done.stdout
    assert "→" in done.stdout


def test_validate_an_rdf_file(built: Path) -> None:
    done = dress_kg("validate", "--rdf", built / "graph.nq", "--format", "json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["items"] == 35


def test_a_graph_is_built_first_where_there_is_none(tmp_path: Path) -> None:
    done = dress_kg(
        "query", "conflicting-reports", "--format", "csv", XDG_DATA_HOME=str(tmp_path), DRESS_KG_GRAPH=""
    )
    assert done.returncode == 0, done.stderr
    assert "building the shipped table" in done.stderr
    assert done.stdout.startswith("agent,")
    again = dress_kg(
        "query", "conflicting-reports", "--format", "csv", XDG_DATA_HOME=str(tmp_path), DRESS_KG_GRAPH=""
    )
    assert again.stderr == ""


def test_help_is_quick() -> None:
    def best(*command: str) -> float:
        times = []
        for _ in range(12):
            start = time.perf_counter()
            subprocess.run([sys.executable, *command], capture_output=True, check=True,
                           env={**os.environ, "PYTHONPATH": str(ROOT / "src")})  # fmt: skip
            times.append(time.perf_counter() - start)
        return min(times)

    nothing = best("-c", "0")
    assert best(
        "-c", "import sys; sys.argv = ['dress-kg', '--help']; from dress_kg.cli import main; main()"
    ) < max(0.15, 10 * nothing)


# --------------------------------------------------------------------------- bad input


def fails(code: int, *expected: str, done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    for text in expected:
        assert text in done.stderr, done.stderr
    assert "Traceback" not in done.stderr


def build_of(content: bytes, tmp_path: Path, built: Path) -> subprocess.CompletedProcess[str]:
    """Build a file of this content over a published graph, and make sure that the graph still stands."""
    before = (built / "graph.nq").read_bytes()
    path = tmp_path / "table.tsv"
    path.write_bytes(content)
    done = dress_kg("build", "--source", path, "--out", built, XDG_DATA_HOME=str(tmp_path))
    if done.returncode:
        assert (built / "graph.nq").read_bytes() == before
        asked = dress_kg("query", "conflicting-reports", "--graph", built)
        assert asked.returncode == 0
    return done


def test_a_missing_file(tmp_path: Path) -> None:
    fails(2, "nowhere.tsv", "remedy", done=dress_kg("build", "--source", tmp_path / "nowhere.tsv"))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "empty"),
        (b"\x00\x01\x02PK\x03\x04" * 50, "binary"),
        ("Caf\xe9\tDOSE\n".encode("latin-1"), "UTF-8"),
        (b"one\ttwo\nthree\tfour\n", "header"),
    ],
)
def test_files_that_are_no_table(content: bytes, expected: str, tmp_path: Path, built: Path) -> None:
    fails(1, "table.tsv", expected, "remedy", done=build_of(content, tmp_path, built))


def test_a_row_with_too_many_cells(tmp_path: Path, built: Path) -> None:
    lines = TABLE.read_bytes().split(b"\n")
    lines[4] += b"\tmore\tand more"
    fails(1, "table.tsv:5", "column 9", "'more'", "remedy", done=build_of(b"\n".join(lines), tmp_path, built))


def test_a_header_wider_than_the_rows(tmp_path: Path, built: Path) -> None:
    content = (
        TABLE.read_bytes()
        .replace(b"COMMENTS\t", b"COMMENTS\tx\t", 1)
        .replace(b"COMENTS\t", b"COMENTS\tx\t", 1)
    )
    done = build_of(content.replace(b"\tx\t", b"\tPRICE\t"), tmp_path, built)
    fails(1, "table.tsv", "remedy", done=done)


def test_an_unknown_column(tmp_path: Path, built: Path) -> None:
    content = TABLE.read_bytes().replace(b"COMMENTS", b"SHOE SIZE", 1)
    fails(1, "table.tsv:1", "SHOE SIZE", "remedy", done=build_of(content, tmp_path, built))


def test_a_profile_with_a_typo(tmp_path: Path) -> None:
    text = (ROOT / "mappings/dress.toml").read_text("utf-8")
    (tmp_path / "mine.toml").write_text(text.replace("rating_scale =", "ratingscale ="), "utf-8")
    done = dress_kg("build", tmp_path / "mine.toml", "--out", tmp_path / "out")
    fails(2, "mine.toml", "ratingscale", "rating_scale", done=done)
    fails(2, "dres", "did you mean 'dress'", done=dress_kg("build", "dres"))


def test_an_output_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    fails(3, "cannot be written", "--out", done=dress_kg("build", "--out", tmp_path / "file/out"))


def test_an_output_folder_with_other_things(tmp_path: Path) -> None:
    (tmp_path / "thesis.doc").write_text("mine")
    fails(2, "thesis.doc", "remedy", done=dress_kg("build", "--out", tmp_path))


def test_a_shape_file_that_does_not_parse(tmp_path: Path) -> None:
    (tmp_path / "mine.ttl").write_text("@prefix sh: <http://www.w3.org/ns/shacl#> .\n<x> sh:path ; .\n")
    fails(1, "mine.ttl", done=dress_kg("validate", "--shapes", tmp_path / "mine.ttl"))


def test_a_violation_blocks_publication(tmp_path: Path, built: Path) -> None:
    content = TABLE.read_text("utf-8").replace("4-5 mg /kg per day", "5-4 mg /kg per day")
    done = build_of(content.encode("utf-8"), tmp_path, built)
    fails(1, "violation", "table.tsv:4", "DOSE", "still stands", done=done)


def test_an_unknown_query_parameter_and_command(built: Path) -> None:
    fails(2, "confl", "conflicting-reports", done=dress_kg("query", "confl-reports", "--graph", built))
    done = dress_kg("query", "who-disagrees-on-an-agent", "--param", "agent=aspirine", "--graph", built)
    fails(2, "aspirine", "remedy", done=done)
    fails(
        2,
        "agnt",
        "agent",
        done=dress_kg("query", "who-disagrees-on-an-agent", "--param", "agnt=x", "--graph", built),
    )
    fails(2, "Did you mean 'export'", done=dress_kg("exprot"))


def test_a_term_that_the_ontology_has_not_is_warned_of_and_the_query_runs(built: Path) -> None:
    text = "PREFIX dk: <https://w3id.org/dress-kg/ontology#> SELECT ?s { ?s dk:componet ?o }"
    done = dress_kg("sparql", "-", "--format", "csv", "--graph", built, stdin=text)
    assert done.returncode == 0
    assert done.stdout.strip() == "s"
    assert "warning: line 1: the ontology has no dk:componet; did you mean dk:component?" in done.stderr


def test_sparql_that_does_not_parse_or_writes(built: Path) -> None:
    fails(2, "parse", done=dress_kg("sparql", "-", "--graph", built, stdin="SELECT ?s { ?s ?p }"))
    fails(2, "", done=dress_kg("sparql", "-", "--graph", built, stdin="INSERT DATA { <a:a> <a:b> <a:c> }"))


def test_a_folder_without_a_graph(tmp_path: Path) -> None:
    fails(
        2,
        "no dress-kg graph",
        "dress-kg build",
        done=dress_kg("query", "conflicting-reports", "--graph", tmp_path),
    )


def test_standard_input_that_is_not_utf8() -> None:
    fails(1, "standard input:2", "UTF-8", done=dress_kg("interpret", "dose", stdin=b"5 mg\n\xe9 mg\n"))
