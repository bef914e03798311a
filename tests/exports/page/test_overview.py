"""The overview page as a file: complete without JavaScript, safe with hostile text, and usable in a browser."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from exports.page import overview
from exports.page.charts import chart
from exports.page.overview import render
from schemas.columns import COURSES
from schemas.overview import AccountOverview, Overview

SCRIPT = "<script>alert(1)</script>"
SA, SALES = COURSES[:2]


def account(name: str, people: int, has: int, **more: object) -> AccountOverview:
    """An account of which `has` people have each course."""
    rest = {"tier": None, "next": None, "lacks": {}} | more
    return {  # type: ignore[typeddict-item]  rest has what is missing
        "account": name,
        "account_id": f"id{people}",
        "people": people,
        "courses": dict.fromkeys(COURSES, has),
        **rest,
    }


def sample() -> Overview:
    """Three accounts, one of them hostile; two nights."""
    accounts = [
        account("Ångström AB", 1200, 3, tier="Silver", next="Gold", lacks={SA: 2, SALES: 1}),
        account(SCRIPT, 9, 0, tier=SCRIPT),
        account("Zürich & Co", 41, 40),
    ]
    totals = {"accounts": 4, "written": 3, "held": 1, "people": 1250, "rows_read": 1251, "guarded_cells": 0}
    nights = [("20261122", totals | {"people": 1249}), ("20261121", totals)]
    return {
        "courses": [{"course": course, "people": 43, "accounts": 2} for course in COURSES],
        "accounts": accounts,
        "runs": [
            {
                "run": f"{day}T020000Z-nightly-1",
                "kind": "nightly",
                "started": "2026-11-21T02:00:00Z",
                "status": "held",
                "totals": of_day,
            }  # type: ignore[typeddict-item]  a union of dicts is one
            for day, of_day in nights
        ],
        "people": 1250,
        "certified": 60,
        "released": "2026-11-22T09:00:00Z",
        "tiers": [
            {"tier": "Silver", "accounts": 1, "asks": {SALES: 1}},
            {"tier": "Gold", "accounts": 0, "asks": {SA: 5, SALES: 4}},
            {"tier": SCRIPT, "accounts": 1, "asks": {}},
        ],
    }


def test_partners_text_is_escaped() -> None:
    """In accounts and tiers; and the page loads nothing."""
    page = render(sample()).decode()
    assert page.count("<script>") == 1
    assert page.count("&lt;script&gt;alert(1)") == 3
    assert "http:" not in page
    assert "https:" not in page


def test_an_empty_overview_says_so() -> None:
    """And what to do."""
    page = render(sample() | {"accounts": [], "runs": [], "tiers": [], "released": ""}).decode()  # type: ignore[arg-type]
    assert "Nothing is ready yet" in page
    assert "none yet" in page
    assert page.endswith("</html>")


def test_the_page_in_a_browser(browser: Browser, tmp_path: Path) -> None:
    """Sorting and search with the script, complete without it, no axe violation in light, dark and forced colours."""
    path = tmp_path / "overview.html"
    path.write_bytes(render(sample()))
    for colours in ({"color_scheme": "light"}, {"color_scheme": "dark"}, {"forced_colors": "active"}):
        with browser.new_context(**colours) as context:  # type: ignore[arg-type]  one of the two each
            page = context.new_page()
            complaints: list[str] = []
            page.on("console", lambda message, to=complaints: to.append(message.text))
            page.on("pageerror", lambda error, to=complaints: to.append(str(error)))
            page.goto(path.as_uri())
            assert Axe().run(page).response["violations"] == []
            names = page.locator(".all tbody th")
            expect(names).to_have_text(["Ångström AB", SCRIPT, "Zürich & Co"])
            page.get_by_role("button", name="People").click()
            expect(page.locator(".all tbody td:nth-child(3)")).to_have_text(["1,200", "41", "9"])
            page.get_by_role("button", name="Lacks for it").click()
            expect(names.first).to_have_text("Ångström AB")
            expect(page.locator("[aria-sort]")).to_have_text("Lacks for it")
            page.get_by_role("searchbox").fill("zurich")
            expect(page.get_by_role("status")).to_have_text("1 of 3")
            expect(names.filter(visible=True)).to_have_text("Zürich & Co")
            assert complaints == []
    with browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 640}) as context:
        page = context.new_page()
        page.goto(path.as_uri())
        expect(page.locator(".all tbody tr")).to_have_count(3)
        expect(page.get_by_role("searchbox")).to_have_count(0)
        expect(page.get_by_role("img").first).to_have_accessible_name(
            "People in reports: 1,250 on 2026-11-21, 1,249 on 2026-11-21; "
            "between 1,249 and 1,250; rose 0 and fell 1 of 1 times"
        )


def test_several_tables_sort_and_filter_as_one(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Browsers lay out one huge table slowly, so it is split."""
    monkeypatch.setattr(overview, "LOT", 3)
    accounts = [account(f"Partner {number}", number, 1) for number in range(1, 9)]
    path = tmp_path / "overview.html"
    path.write_bytes(render(sample() | {"accounts": accounts}))  # type: ignore[arg-type]
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(path.as_uri())
        names = page.locator(".all tbody th")
        expect(page.locator("table.all")).to_have_count(3)
        page.get_by_role("button", name="People").click()
        expect(names).to_have_text([f"Partner {number}" for number in range(8, 0, -1)])
        page.get_by_role("searchbox").fill("7 partn")
        expect(page.get_by_role("status")).to_have_text("1 of 8")
        expect(names.filter(visible=True)).to_have_text("Partner 7")
        expect(page.locator("table.all").filter(visible=True)).to_have_count(1)
        page.get_by_role("searchbox").fill("")
        expect(names.filter(visible=True)).to_have_count(8)


def test_a_chart_stays_in_its_box() -> None:
    """For any counts; one night is a point."""
    for counts in ([0], [5], [7, 7, 7], [0, 10**9], [*range(400)]):
        drawn = chart("People", ["2026-11-21"] * len(counts), counts)
        numbers = [float(part) for pair in drawn.line[1:].split("L") for part in pair.split()]
        assert all(0 <= x <= drawn.width for x in numbers[::2])
        assert all(0 <= y <= drawn.height for y in numbers[1::2])
