"""The map's script against the map's Python: the same marks and the same counts under every filter."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from pyoxigraph import Store

from dress_kg.pages.address import Address
from dress_kg.pages.asset_files import asset, assets, hashed
from dress_kg.pages.links import SiteLinks
from dress_kg.pages.map import map_page
from dress_kg.pages.map_count import count, words
from dress_kg.pages.map_filter import choices, fitting, wanted
from dress_kg.pages.map_read import read_map
from dress_kg.pages.map_view import STATEMENTS
from dress_kg.terms import DATA
from tests.browser import browsing, reading

if TYPE_CHECKING:
    from playwright.sync_api import Browser


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing() as running:
        yield running


@pytest.fixture(scope="module")
def address(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A plain web host with the static map and its assets."""
    folder: Path = tmp_path_factory.mktemp("map")
    page = map_page(store, DATA, SiteLinks(Address("map")))
    assert page is not None
    (folder / "index.html").write_text(page, "utf-8")
    for name in assets():
        found = asset(name)
        if found and "/" not in name:
            (folder / "assets").mkdir(exist_ok=True)
            (folder / "assets" / hashed(name)).write_bytes(found[0])
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


_SHOWN = """() => ({
  marks: document.querySelectorAll('.map .mark:not([hidden])').length,
  total: document.querySelector('[data-status] [data-count]').textContent,
  rows: Object.fromEntries([...document.querySelectorAll('.map tr[data-agent]')].filter((r) => !r.hidden)
    .map((r) => [r.dataset.agent, (r.querySelector('[data-count]') || {textContent: ''}).textContent])),
})"""


def test_every_filter_counts_in_the_browser_as_in_python(
    browser: Browser, address: str, store: Store
) -> None:
    facts = read_map(store)
    with reading(browser, address) as reader:
        page = reader.open("/index.html")
        tried = 0
        for choice in choices(facts.marks, facts, wanted({})):
            select = page.locator(f"select[name='{choice.name}']")
            for value, _ in choice.options:
                select.select_option(value)
                shown: dict[str, Any] = page.evaluate(_SHOWN)
                left = fitting(facts.marks, {choice.name: value}, facts)
                assert shown["marks"] == len(left), (choice.name, value)
                assert shown["total"] == words(count(left))
                for agent in {mark.agent for mark in left}:
                    told = shown["rows"].pop(facts.agents[agent].name)
                    own = words(count(mark for mark in left if mark.agent == agent))
                    assert told in (own, "")  # "" is a line of remarks only, which has no count
                assert shown["rows"] == {}
                tried += 1
            select.select_option("")
        assert tried > 40
        assert page.evaluate(_SHOWN)["marks"] == len(facts.marks)


def test_an_address_with_filters_opens_filtered_and_two_filters_narrow(
    browser: Browser, address: str, store: Store
) -> None:
    facts = read_map(store)
    with reading(browser, address) as reader:
        page = reader.open("/index.html?class=immunosuppressants&design=case-report&per=patients")
        left = fitting(facts.marks, {"class": "immunosuppressants", "design": "case-report"}, facts)
        assert page.evaluate(_SHOWN)["marks"] == len(left)
        signs = sum(m.item.patients or 1 if m.column not in STATEMENTS else 1 for m in left)
        assert page.locator(".map .mark:not([hidden]) .signs svg").count() == signs
        page.get_by_label("one sign a report").check()
        assert page.locator(".map .mark:not([hidden]) .signs svg").count() == len(left)
        assert page.url.endswith("?class=immunosuppressants&design=case-report")


def test_rows_of_one_case_light_up_together_also_by_keyboard(browser: Browser, address: str) -> None:
    with reading(browser, address) as reader:
        page = reader.open("/index.html")
        page.locator(".mark[data-case='B'] a").first.hover()
        by_pointer = page.locator(".linked").count()
        assert by_pointer > 2
        page.locator(".mark[data-case='C'] a").first.focus()
        assert page.locator(".linked[data-case='B']").count() == 0
        assert page.locator(".linked[data-case='C']").count() > 2
