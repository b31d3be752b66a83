"""Takes the pictures of the documentation anew: starts the demo in a folder of its own and photographs its main pages.

Each page is taken wide in light and dark, and on a phone. Names on the command line take only these:
`python tools/screenshots.py war-room status`.
"""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "screenshots"
COMMAND = Path(sys.executable).parent / "quarterdeck"
CHROMIUM = Path("/usr/bin/chromium")
READY = re.compile(r"Quarterdeck is ready at (\S+)")
START_SECONDS = 600.0
LIVE = "Card payments fail at checkout for operators in western Europe"
REVIEWED = "The same cabin is sold twice on the Heraklion line"
COLOURS = 256
# Name -> (width, height, colour scheme).
LOOKS = {"light": (1440, 900, "light"), "dark": (1440, 900, "dark"), "phone": (390, 844, "light")}


def pages() -> dict[str, Callable[[Page], str]]:
    """Name -> what finds the path of the page, once signed in."""
    return {
        "now": lambda page: "/",
        "war-room": lambda page: found(page, "/incidents", LIVE),
        "communication": lambda page: draft(page, found(page, "/incidents", LIVE) + "/communication"),
        "on-call": lambda page: "/on-call/schedules/payments-primary",
        "alerts": lambda page: "/alerts?show=all",
        "status": lambda page: "/status/corvane/",
        "status-editor": lambda page: "/status-pages/corvane/look",
        "review": lambda page: found(page, "/reviews?show=reviewed", REVIEWED),
        "insights": lambda page: "/insights",
    }


def found(page: Page, where: str, title: str) -> str:
    """The address behind a title in a list; lists go on over several pages."""
    page.goto(where, wait_until="load")
    for _ in range(20):
        # From its beginning: the business response to an incident has its title in its own.
        link = page.get_by_role("link", name=re.compile("^" + re.escape(title)))
        if link.count():
            return str(link.first.get_attribute("href")).partition("?")[0]
        onward = page.locator('a[rel="next"]')
        if not onward.count():
            break
        page.goto(str(onward.first.get_attribute("href")), wait_until="load")
    raise SystemExit(f"{where} does not list “{title}”. Is the demo's story another one now?")


def draft(page: Page, board: str) -> str:
    """The board with the message open that waits for its release."""
    page.goto(board, wait_until="load")
    link = page.get_by_role("link", name=re.compile(r"^Draft"))
    return str(link.first.evaluate("a => a.href")).partition("#")[0] if link.count() else board


@contextmanager
def demo() -> Iterator[dict[str, Any]]:
    """A demo of its own on a free port; what it hands to visitors. Ends when the pictures are taken."""
    with tempfile.TemporaryDirectory(prefix="quarterdeck-screens-") as place:
        log = Path(place) / "demo.log"
        kept = ("QUARTERDECK_", "LIFELINE_", "DATABASE_URL", "PORT", "DJANGO_SETTINGS_MODULE")
        environment = {k: v for k, v in os.environ.items() if not k.startswith(kept)}
        with log.open("wb") as out:
            running = subprocess.Popen(
                [COMMAND, "demo", "--port", "0"],
                cwd=place,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        try:
            wait_until_ready(running, log)
            yield json.loads((Path(place) / "demo-credentials.json").read_text(encoding="utf-8"))
        finally:
            running.terminate()
            running.wait(timeout=30)


def wait_until_ready(running: subprocess.Popen[bytes], log: Path) -> None:
    """Until the demo says so and has handed out its keys."""
    end = time.monotonic() + START_SECONDS
    keys = log.parent / "demo-credentials.json"
    while not (READY.search(log.read_text(errors="replace")) and keys.exists()):
        if running.poll() is not None or time.monotonic() > end:
            raise SystemExit(f"The demo did not start:\n{log.read_text(errors='replace')}")
        time.sleep(0.2)


def sign_in(page: Page, login: dict[str, str]) -> None:
    page.goto("/accounts/login/", wait_until="load")
    page.locator('input[name="login"]').fill(login["email"])
    page.locator('input[name="password"]').fill(login["password"])
    page.locator('form:has(input[name="password"]) button[type="submit"]').first.click()
    page.wait_for_url(re.compile(r"^(?!.*/accounts/login)"))


def wait_for_status_page(base_url: str, page: Page) -> None:
    """The engine publishes it within seconds of its first start."""
    for _ in range(60):
        answer = page.request.get(f"{base_url}/status/corvane/")
        if answer.ok:
            return
        time.sleep(0.5)
    raise SystemExit("The status page was not published within half a minute.")


def take(browser: Browser, given: dict[str, Any], names: list[str]) -> None:
    """Every page in every look, written small."""
    state: Any = None
    for look, (width, height, scheme) in LOOKS.items():
        context = browser.new_context(
            base_url=given["base_url"],
            viewport={"width": width, "height": height},
            color_scheme=scheme,  # type: ignore[arg-type]
            reduced_motion="reduce",
            locale="en-GB",
            timezone_id="Europe/Berlin",
            storage_state=state,
        )
        page = context.new_page()
        if state is None:
            sign_in(page, given["login"])
            state = context.storage_state()
            wait_for_status_page(given["base_url"], page)
        for name in names:
            page.goto(pages()[name](page), wait_until="load")
            page.wait_for_timeout(700)
            path = FOLDER / f"{name}-{look}.png"
            path.write_bytes(small(page.screenshot()))
            print(f"{path.relative_to(ROOT)}  {path.stat().st_size // 1024} kB", flush=True)
        context.close()


def small(picture: bytes) -> bytes:
    """The picture with few colours, the rare ones kept: they mean something. The repository stays light."""
    with Image.open(io.BytesIO(picture)) as image:
        reduced = image.convert("RGB").quantize(
            COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE
        )
        out = io.BytesIO()
        reduced.save(out, "PNG", optimize=True)
        return out.getvalue()


def main() -> int:
    names = sys.argv[1:] or list(pages())
    strange = [name for name in names if name not in pages()]
    if strange:
        print(f"There is no page {strange[0]!r}. Choose from: {', '.join(pages())}.", file=sys.stderr)
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    with demo() as given, sync_playwright() as playwright:
        own = {"executable_path": str(CHROMIUM)} if CHROMIUM.exists() else {}
        browser = playwright.chromium.launch(args=["--no-sandbox"], **own)  # type: ignore[arg-type]
        take(browser, given, names)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
