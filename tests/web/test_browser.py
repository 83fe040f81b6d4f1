"""What a real browser sees: needs Chromium."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import uvicorn

from tests.web.desk import MemoryActs, MemoryDesk, small_desk
from tocsin.web.app import create_app

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"needs Chromium at {CHROMIUM}"),
]
playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")


@pytest.fixture(scope="module")
def desk() -> MemoryDesk:
    return small_desk()


@pytest.fixture(scope="module")
def address(desk: MemoryDesk) -> Iterator[str]:
    app = create_app(lambda run: small_desk(run) if run else desk, MemoryActs(desk), b"s" * 32)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


@pytest.fixture(scope="module")
def chromium() -> Iterator[playwright.Browser]:
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


class Visit:
    """A page that remembers what it asked for and what went wrong."""

    def __init__(self, browser: playwright.Browser, **context: object) -> None:
        self.asked: list[str] = []
        self.said: list[str] = []
        self.context = browser.new_context(**context)
        self.page = self.context.new_page()
        self.page.set_default_timeout(30_000)
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))


@pytest.fixture
def visit(chromium: playwright.Browser) -> Iterator[Visit]:
    made = Visit(chromium)
    yield made
    made.context.close()


def test_the_map_draws_every_place_and_hatches_those_without_data(visit: Visit, address: str) -> None:
    visit.page.goto(address)
    visit.page.wait_for_selector("#map[data-drawn] svg")
    assert visit.page.locator("#map path.place").count() > 180
    fill = "e => getComputedStyle(e).fill"
    alarm = visit.page.locator("#map path.level-alarm").first
    assert alarm.evaluate(fill) == "rgb(194, 65, 12)"
    tuvalu = visit.page.locator("#map a[href='/country/TUV']")
    assert tuvalu.locator("path.hatched").count() == 1, "no data is hatched"
    assert tuvalu.locator("path.place").evaluate(fill) == "rgb(255, 255, 255)"
    assert visit.page.locator("#map a[href='/country/FRA'] path.hatched").count() == 0
    assert (
        visit.page.locator("#map a[href='/country/SSD'] title").first.text_content() == "South Sudan: Alarm"
    )


def test_no_country_covers_the_world(visit: Visit, address: str) -> None:
    visit.page.goto(address)
    visit.page.wait_for_selector("#map[data-drawn] svg")
    widest = "e => Math.max(...[...e.querySelectorAll('path.place')].map(p => p.getBBox().height))"
    assert visit.page.locator("#map svg").evaluate(widest) < 300, "a ring wound the wrong way fills the sea"


def test_pages_make_no_noise_and_no_request_leaves_the_machine(
    visit: Visit, address: str, desk: MemoryDesk
) -> None:
    pages = ["/", "/country/SSD", "/record/rec-1", "/alarms", f"/alarm/{desk.raised[0].id}", "/follow"]
    for path in [
        *pages,
        "/review",
        "/sources",
        "/about",
        "/replay/replay-1/",
        "/replay/replay-1/country/SSD",
    ]:
        visit.page.goto(address + path)
        visit.page.wait_for_load_state("networkidle")
    assert visit.said == [], "an error or a breach of the content security policy"
    assert {urlsplit(url).hostname for url in visit.asked} == {"127.0.0.1"}


def test_headings_sort_in_place_and_unknown_stays_last(visit: Visit, address: str) -> None:
    visit.page.goto(address)
    visit.page.wait_for_selector("#map[data-drawn]")
    rows = "rows => rows.map(r => r.dataset.iso3)"
    heading = visit.page.get_by_role("link", name="New mass killing")
    heading.click()
    assert visit.page.locator("#countries tbody tr").evaluate_all(rows) == ["SSD", "FRA", "TUV"]
    heading.click()
    assert visit.page.locator("#countries tbody tr").evaluate_all(rows) == ["FRA", "SSD", "TUV"]
    assert visit.page.url.rstrip("/") == address, "script sorts without asking the server"
    assert visit.page.locator("th[aria-sort=ascending]").count() == 1


def test_without_script_the_table_stands_and_sorts(chromium: playwright.Browser, address: str) -> None:
    plain = Visit(chromium, java_script_enabled=False)
    plain.page.goto(address)
    assert plain.page.get_by_text("The map needs script").is_visible()
    plain.page.get_by_role("link", name="New mass killing").click()
    plain.page.wait_for_url("**sort=killing**")
    rows = [row.get_attribute("data-iso3") for row in plain.page.locator("#countries tbody tr").all()]
    assert rows == ["SSD", "FRA", "TUV"] and "sort=killing" in plain.page.url
    plain.page.locator("#countries").get_by_role("link", name="South Sudan").click()
    plain.page.wait_for_url("**/country/SSD")
    plain.page.get_by_role("heading", name="What we cannot see").wait_for(state="visible", timeout=10_000)
    plain.context.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_is_wider_than_the_screen(
    chromium: playwright.Browser, address: str, desk: MemoryDesk, width: int
) -> None:
    narrow = Visit(chromium, viewport={"width": width, "height": 800})
    over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    cut = (
        "[...document.querySelectorAll('.scroll')].filter(e => e.scrollWidth > e.clientWidth).map(e => e.id)"
    )
    pages = ["/", "/country/SSD", "/record/rec-1", "/alarms", f"/alarm/{desk.raised[0].id}", "/follow"]
    for path in [*pages, "/review", "/sources", "/about", "/country/SSX", "/replays"]:
        narrow.page.goto(address + path)
        assert narrow.page.evaluate(over) <= 0, path
        assert narrow.page.evaluate(cut) == [], f"{path}: a table is cut at its edge"
    narrow.context.close()


def test_an_alarm_is_signed_in_the_browser(visit: Visit, address: str, desk: MemoryDesk) -> None:
    visit.page.goto(f"{address}/alarm/{desk.raised[0].id}")
    visit.page.get_by_label("Your name").fill("Ada")
    visit.page.get_by_label("Yes").check()
    visit.page.get_by_label("Reason").fill("Two origins agree.")
    visit.page.get_by_role("button", name="Sign").click()
    visit.page.get_by_text("consents, 2026-03-01: Two origins agree.").wait_for()


def test_a_foreign_page_cannot_sign_through_the_visitors_browser(
    visit: Visit, address: str, desk: MemoryDesk
) -> None:
    visit.page.goto(address)
    before = len(desk.signed)
    target = f"{address}/alarm/{desk.raised[0].id}/sign"
    foreign = (
        f"<form method=post action='{target}'><input name=signer value=Ben><input name=verdict value=yes>"
        "<input name=reason value=x><button>Go</button></form>"
    )
    visit.page.route(
        "http://foreign.test/", lambda route: route.fulfill(body=foreign, content_type="text/html")
    )
    visit.page.goto("http://foreign.test/")
    visit.page.get_by_role("button").click()
    visit.page.get_by_text("Refused: this change did not come from a page of this desk").wait_for()
    assert len(desk.signed) == before


def test_a_claim_is_reviewed_on_a_narrow_screen_without_script(
    chromium: playwright.Browser, address: str, desk: MemoryDesk
) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 800}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/record/rec-1")
    page.locator("#sig-3 summary").click()
    form = page.locator("#sig-3 form.review")
    form.locator("input[value=correct]").check()
    form.get_by_label("Time").select_option("denied")
    form.get_by_label("Your name").fill("Ada")
    form.get_by_label("Reason").fill("The words deny it.")
    assert form.evaluate("e => e.getBoundingClientRect().right") <= 390
    form.get_by_role("button").click()
    page.locator("#sig-3 table.readings").wait_for()
    assert "Ada: denied" in page.locator("#sig-3 table.readings").inner_text()
    assert page.locator("#sig-3 table.readings").evaluate("e => e.getBoundingClientRect().right") <= 390
    context.close()
    desk.told.clear()
