"""One headless Chromium for every test that needs a page; it can reach nothing but this machine."""

from __future__ import annotations

import os
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Frame, Page

LEAFLET = Path(__file__).parents[1] / "static/node_modules/leaflet/dist/leaflet.js"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    # Any outside name fails to resolve, which turns a request to it into a visible fault.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]
PATIENCE_MS = 60_000


def until(page: Page | Frame, asked: str, value: object = None) -> None:
    """Wait until a function in a page brings something true, or a promise of it.

    The browser's own waiting takes a promise itself for true, and evaluates text in the page, which the policy of our pages forbids.
    """
    page.evaluate(
        f"""async (value) => {{
            const end = Date.now() + {PATIENCE_MS};
            while (!await ({asked})(value)) {{
                if (Date.now() > end) throw new Error("never true: " + value);
                await new Promise((again) => setTimeout(again, 50));
            }}
        }}""",
        value,
    )


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not LEAFLET.is_file():
        pytest.fail(
            "static/node_modules is missing: run ./scripts/test, which installs the browser libraries"
        )
    executable = os.environ.get("CHROMIUM") or which("chromium-headless-shell") or which("chromium")
    if not executable:
        pytest.fail("no browser here: run ./scripts/test, or set CHROMIUM to a Chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield opened
        opened.close()
