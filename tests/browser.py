"""A real browser for tests of pages: Chromium under Playwright, and what goes wrong in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page, Request

Scheme = Literal["light", "dark"]
_ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
)  # fmt: skip
WIDE, NARROW = 1280, 360
_GRAVE = ("serious", "critical")


@contextmanager
def browsing() -> Iterator[Browser]:
    """Chromium, until the end of the block; the test is skipped where it is not installed."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(_ARGUMENTS))
        yield browser
        browser.close()


@dataclass
class Reader:
    """A page in a browser, and what went wrong on it.

    :ivar faults: messages on the console, errors of scripts, and requests to another host.
    """

    page: Page
    root: str
    faults: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Go to a path of the site."""
        self.page.goto(self.root + path)
        return self.page

    def grave(self) -> list[str]:
        """What axe-core finds serious or critical on the page as it is now."""
        package = pytest.importorskip(
            "axe_playwright_python", reason="axe-playwright-python is not installed"
        )
        script = (Path(str(package.__file__)).parent / "axe.min.js").read_text("utf-8")
        self.page.evaluate(script)
        found: dict[str, Any] = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{fault['id']}: {node['html'][:200]}"
            for fault in found["violations"]
            if fault["impact"] in _GRAVE
            for node in fault["nodes"]
        ]

    def wider_than_screen(self) -> bool:
        """Whether the page as a whole must be scrolled sideways."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1"))


@contextmanager
def reading(
    browser: Browser, root: str, *, width: int = WIDE, scheme: Scheme = "light", faultless: bool = True
) -> Iterator[Reader]:
    """A page in a context of its own. At the end of the block nothing may have gone wrong on it.

    :param root: what all requests must start with, no slash at the end.
    :param faultless: False for a page that is meant to fail, such as one with the status 404.
    """
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    reader = Reader(context.new_page(), root)

    def said(message: ConsoleMessage) -> None:
        reader.faults.append(f"{message.type}: {message.text}")

    def asked(request: Request) -> None:
        if not request.url.startswith((root, "data:", "blob:")):
            reader.faults.append(f"asked {request.url}")

    reader.page.on("console", said)
    reader.page.on("pageerror", lambda error: reader.faults.append(f"script: {error}"))
    reader.page.on("request", asked)
    try:
        yield reader
        assert not (reader.faults and faultless), reader.faults
    finally:
        context.close()
