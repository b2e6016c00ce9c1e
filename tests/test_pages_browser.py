"""Pages in a real browser, of the service and of a static site: what a reader does, what may never be."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from dress_kg.pages.rows import rows
from dress_kg.pages.site import write_site
from dress_kg.pipeline import build
from dress_kg.store import open_build
from dress_kg.terms import DATA
from tests.browser import NARROW, WIDE, Scheme, browsing, reading
from tests.conftest import ROOT
from tests.service import Service, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ITEM = "/id/evidence/dress/cyclosporine-kirchhof-2016"
PAGES = {
    "map": "/",
    "agents": "/agents",
    "agent": "/vocab/cyclosporine",
    "items": "/items",
    "item": ITEM,
    "table": "/table/dress",
    "quality": "/quality/dress",
    "publications": "/publications",
    "publication": "/id/publication/kirchhof-2016",
    "queries": "/queries",
    "query": "/queries/clinician/dose-range-per-agent?agent=IVIG",
    "fault": "/queries/clinician/dose-range-per-agent?agent=nobody",
    "editor": "/editor",
    "about": "/about",
    "ontology": "/ontology",
    "node": "/vocab/role/index",
    "missing": "/nowhere",
}
_EVIL = """SELECT DISTINCT ?item {
  ?item a dk:EvidenceItem ; dk:row/dk:cell/dk:text ?text FILTER(CONTAINS(?text, "hacked")) } ORDER BY ?item"""
FAILING = ("fault", "missing")
"""Pages whose status is an error, which a browser mentions on its console."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing() as running:
        yield running


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def site(graph: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the static site, as a plain web host serves it."""
    out = tmp_path_factory.mktemp("site") / "public"
    few = tmp_path_factory.mktemp("queries")
    for name in ("dose-range-per-agent", "conflicting-reports", "evidence-profile-of-an-agent"):
        (few / "clinician").mkdir(exist_ok=True)
        shutil.copy(ROOT / f"queries/clinician/{name}.rq", few / "clinician")
    write_site(open_build(graph), out, (few,))
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(out)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("width", "scheme"), [(WIDE, "light"), pytest.param(NARROW, "dark", marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("name", PAGES)
def test_no_page_shuts_a_reader_out(
    browser: Browser, service: Service, name: str, width: int, scheme: Scheme
) -> None:
    """No serious fault for axe-core, no word on the console, no request elsewhere, no scrolling sideways."""
    faultless = name not in FAILING
    with reading(browser, service.address, width=width, scheme=scheme, faultless=faultless) as reader:
        reader.open(PAGES[name])
        assert reader.grave() == []
        assert not reader.wider_than_screen()
        assert reader.page.locator("main h1").count() == 1
        assert "advice for prescribing" in reader.page.inner_text("body")


def test_filter_the_map_and_open_an_item(browser: Browser, service: Service) -> None:
    with reading(browser, service.address) as reader:
        page = reader.open("/")
        marks = page.locator(".map .mark:visible")
        before = marks.count()
        page.get_by_label("Agent class").select_option("immunosuppressants")
        assert 0 < marks.count() < before
        page.locator(".map .mark:visible a").first.click()
        page.wait_for_load_state()
        assert "/id/evidence/dress/" in page.url
        assert page.locator("main h1").count() == 1


def lit(page: Page) -> str:
    """The printed characters that are highlighted now."""
    return " ".join(page.locator(".seg.lit").all_inner_texts())


def test_the_highlight_moves_with_what_is_pointed_at(browser: Browser, service: Service) -> None:
    with reading(browser, service.address) as reader:
        page = reader.open(ITEM)
        facts = page.locator(".fact:has(.from)")
        seen = set()
        for number in range(3):
            facts.nth(number).hover()
            quoted = facts.nth(number).locator(".from q").first.inner_text().strip()
            assert quoted[:10] in lit(page)
            seen.add(lit(page))
        assert len(seen) > 1
        facts.nth(0).locator(".from a").first.focus()
        assert lit(page)


def test_ask_a_query_sort_and_download(browser: Browser, service: Service) -> None:
    with reading(browser, service.address) as reader:
        page = reader.open("/queries/clinician/dose-range-per-agent")
        page.get_by_label("Agent", exact=True).fill("IVIG")
        page.get_by_role("button", name="Ask").click()
        page.wait_for_load_state()
        assert "agent=IVIG" in page.url
        rows = page.locator("main tbody tr")
        shown = rows.count()
        assert shown > 1
        head = page.get_by_role("button", name="low")
        head.click()
        head.click()
        column = page.locator("main th", has=head).evaluate("each => each.cellIndex + 1")
        assert page.locator("main th", has=head).get_attribute("aria-sort") == "descending"
        low = [text for text in page.locator(f"main td:nth-child({column})").all_inner_texts() if text]
        assert [float(text) for text in low] == sorted(map(float, low), reverse=True)
        with page.expect_download() as waiting:
            page.get_by_role("link", name="Download CSV").click()
        text = Path(waiting.value.path()).read_text("utf-8")
        assert len(list(csv.DictReader(io.StringIO(text)))) == shown
        page.locator("main tbody a").first.click()
        page.wait_for_load_state()
        assert page.url.endswith("/vocab/intravenous-immunoglobulin")


def test_with_the_keyboard_only(browser: Browser, service: Service) -> None:
    with reading(browser, service.address) as reader:
        page = reader.open("/queries/clinician/dose-range-per-agent")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        for _ in range(6):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.id") == "p-agent":
                break
        page.keyboard.type("cyclosporine")
        page.keyboard.press("Enter")
        page.wait_for_url("**agent=cyclosporine**")
        assert page.locator("main tbody tr").count() > 0


def test_the_keyboard_is_not_caught_in_the_editor(browser: Browser, service: Service) -> None:
    with reading(browser, service.address) as reader:
        page = reader.open("/editor")
        page.locator("#example").focus()
        seen = []
        for _ in range(3):
            page.keyboard.press("Tab")
            seen.append(page.evaluate("document.activeElement.id"))
        assert "run" in seen, seen


def test_the_editor_asks_this_host_only(browser: Browser, service: Service) -> None:
    with reading(browser, service.address) as reader:
        page = reader.open("/editor?example=clinician%2Fconflicting-reports")
        page.get_by_role("button", name="Run").click()
        page.locator("#answer tbody tr").first.wait_for()
        assert page.locator("#answer tbody tr").count() == 3
        link = page.locator("#answer tbody a").first
        assert str(link.get_attribute("href")).startswith("/vocab/")
        page.locator(".CodeMirror").click()
        page.keyboard.press("Control+a")
        page.keyboard.type("PREFIX dk: <https://w3id.org/dress-kg/ontology#> SELECT * { ?s a dk:Evid")
        page.keyboard.press("Control+Space")
        page.wait_for_timeout(300)
        page.keyboard.press("Escape")
        page.keyboard.type(" }")
        page.get_by_role("button", name="Run").click()
        page.locator("#said", has_text=" in ").wait_for()
        assert reader.grave() == []


@pytest.mark.parametrize(
    ("query", "says"),
    [("SELECT * { ?s", "does not parse"), ("SELECT * { SERVICE <http://127.0.0.1:9/> {} }", "SERVICE")],
)
def test_the_editor_says_what_is_wrong(browser: Browser, service: Service, query: str, says: str) -> None:
    with reading(browser, service.address, faultless=False) as reader:
        page = reader.open("/editor")
        page.evaluate("query => document.querySelector('.CodeMirror').CodeMirror.setValue(query)", query)
        page.get_by_role("button", name="Run").click()
        page.locator("#said.failed").wait_for()
        assert says in page.inner_text("#said")
        assert not any(fault.startswith("asked") for fault in reader.faults)


def test_without_scripts_all_can_be_read(browser: Browser, service: Service) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    for path in ("/", ITEM, "/queries/clinician/dose-range-per-agent?agent=IVIG", "/table/dress"):
        answer = page.goto(service.address + path)
        assert answer is not None and answer.status == 200
        assert len(page.inner_text("main")) > 300, path
    page.goto(service.address + "/editor")
    page.get_by_role("button", name="Run").click()
    page.wait_for_load_state()
    assert page.url.startswith(service.address + "/sparql?query=")
    context.close()


def test_what_a_table_says_is_text(browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that wants to run scripts, turn text around and lead astray is shown as it is printed."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    evil = "</script><script>hacked=1</script><img src=x onerror=hacked=1> \u202elive javascript:hacked=1"
    text = (ROOT / "data/dress-treatment-evidence.tsv").read_text("utf-8")
    assert text.count("successfully") > 1
    (tmp_path / "evil.tsv").write_text(text.replace("successfully", f"successfully {evil}"), "utf-8")
    build(out=tmp_path / "out", source=tmp_path / "evil.tsv")
    store = open_build(tmp_path / "out").store()
    found = [iri for [iri] in rows(store, _EVIL) if iri]
    item = "/id/" + found[0].removeprefix(DATA)
    del store
    with serving(tmp_path / "out", tmp_path) as running, reading(browser, running.address) as reader:
        page = reader.page
        page.on("dialog", lambda dialog: reader.faults.append(dialog.message))
        for path in ("/", item, "/table/dress", "/quality/dress", "/queries/data/flat-table"):
            reader.open(path)
            assert page.evaluate("typeof hacked") == "undefined", path
            assert page.locator("img[onerror], a[href^='javascript:'], main script").count() == 0, path
            assert "\u202e" not in page.content(), path
        reader.open(item)
        assert "<script>hacked=1</script>" in page.inner_text("main")


@pytest.mark.slow
def test_the_static_site_holds_together(browser: Browser, site: str) -> None:
    """From the map over an item to its data and an answer, on files alone."""
    with reading(browser, site) as reader:
        page = reader.open("/index.html")
        marks = page.locator(".map .mark:visible")
        before = marks.count()
        page.get_by_label("Agent class").select_option("immunosuppressants")
        assert 0 < marks.count() < before
        page.locator(".map .mark:visible a").first.click()
        page.wait_for_load_state()
        assert reader.grave() == []
        turtle = page.locator("a[href$='.ttl']").first.get_attribute("href")
        assert "dk:EvidenceItem" in page.evaluate("href => fetch(href).then(answer => answer.text())", turtle)
        reader.open("/queries/clinician/dose-range-per-agent.html")
        page.get_by_role("link", name="cyclosporine", exact=True).first.click()
        page.wait_for_load_state()
        assert "cyclosporine" in page.url
        assert page.locator("main tbody tr").count() > 0
        assert reader.grave() == []
