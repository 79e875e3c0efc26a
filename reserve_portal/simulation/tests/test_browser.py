"""Whole cycles in a browser, each against a running portal of its own with its background process."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from reserve_portal.simulation.tests import vacancy_scene, walk_orenburg, walk_tomsk, walk_vacancy
from reserve_portal.simulation.tests.portal import CHROMIUM, FLAGS, Portal
from reserve_portal.simulation.tests.walking import Name, Walk

pytestmark = pytest.mark.browser


@pytest.fixture
def portal(tmp_path: Path, migrated: Path, request: pytest.FixtureRequest) -> Iterator[Portal]:
    """A started portal of the region that the test asks for, with a scene where it names one."""
    region, scene = request.param
    portal = Portal(tmp_path, migrated, region, scene=scene)
    try:
        portal.start()
        yield portal
    finally:
        portal.stop()


@pytest.mark.parametrize("portal", [("tomsk", "")], indirect=True)
def test_tomsk_from_an_application_to_an_appointment(portal: Portal) -> None:
    """T1-T10: every step is done by its own person; letters are read as delivered, papers as PDF text."""
    take(portal, walk_tomsk.NAMES, walk_tomsk.STEPS)


@pytest.mark.parametrize("portal", [("orenburg", "")], indirect=True)
def test_orenburg_from_an_application_to_an_exclusion(portal: Portal) -> None:
    """O3-O6: two target groups, chains of bodies, experts, mentors, plans, the attestation, the exclusion."""
    take(portal, walk_orenburg.NAMES, walk_orenburg.STEPS)


@pytest.mark.parametrize("portal", [("tomsk", vacancy_scene.SCENE)], indirect=True)
def test_a_vacancy_from_its_report_to_the_second_nominees_appointment(portal: Portal) -> None:
    """T7-T10: a refusal, a declared conflict, two nominees by place, an appointment that falls through."""
    take(portal, walk_vacancy.NAMES, walk_vacancy.STEPS)


def take(portal: Portal, names: dict[str, Name], steps: Sequence[Callable[[Walk], None]]) -> None:
    """Walk step by step; no page may complain in its console, the audit trail is whole at the end."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        walk = Walk(portal, browser, names)
        try:
            for step in steps:
                try:
                    step(walk)
                    assert not walk.trouble()
                except BaseException as error:
                    walk.photograph(portal.folder)
                    error.add_note(f"in {step.__name__}; data and everybody's page lie in {portal.folder}")
                    raise
        finally:
            with contextlib.suppress(Exception):
                browser.close()
    assert portal.manage("verify_audit").startswith("Журнал цел")
