"""Tomsk's whole cycle in a browser, against the running portal with its background process."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from reserve_portal.simulation.tests.portal import FLAGS, Portal
from reserve_portal.simulation.tests.walk import STEPS, Walk

pytestmark = pytest.mark.browser


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    portal = Portal(tmp_path)
    portal.start()
    yield portal
    portal.stop()


def test_the_twelve_steps_from_an_application_to_an_appointment(portal: Portal) -> None:
    """T1-T10: every step is done by its own person; letters are read as delivered, papers as PDF text."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        walk = Walk(portal, browser)
        for step in STEPS:
            try:
                step(walk)
            except BaseException as error:
                error.add_note(f"in {step.__name__}; the portal's data lie in {portal.folder}")
                raise
            finally:
                with contextlib.suppress(Exception):
                    for context in browser.contexts:
                        context.close()
        browser.close()
    assert portal.manage("verify_audit").startswith("Журнал цел")
