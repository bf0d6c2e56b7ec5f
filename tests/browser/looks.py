"""What everybody must be able to use, measured on a page that is open: of axe, rows, targets and the width."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.test_looks import AXE, OVERLAPS, SMALL, VIOLATIONS


def faults(page: Page, look: str) -> list[object]:
    """All that is wrong with the page in this look; empty when nothing is."""
    page.wait_for_function("() => document.querySelectorAll('.loading').length === 0")
    page.evaluate("document.fonts.ready")
    page.evaluate(AXE.read_text())
    found = [*page.evaluate(VIOLATIONS), *page.evaluate(OVERLAPS), *page.evaluate(SMALL, 44 if look == "phone" else 40)]
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return [*found, *(["it scrolls sideways"] if wide else [])]
