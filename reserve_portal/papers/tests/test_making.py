"""The file of a paper is made after it was issued, once, from the words of that moment (pitfalls.md 8)."""

import hashlib
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import transaction

from reserve_portal.accounts.tests.factories import UserFactory
from reserve_portal.audit.models import AuditEvent
from reserve_portal.core import clock
from reserve_portal.core.enums import HealthLevel
from reserve_portal.core.tests.threads import at_once
from reserve_portal.papers import making
from reserve_portal.papers.health import check_papers
from reserve_portal.papers.making import TURN, make_due_papers, make_paper
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.papers.render import FetchRefused
from reserve_portal.papers.services import issue_paper
from reserve_portal.papers.tests.factories import KIND


@pytest.fixture(autouse=True)
def folder(own_templates, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def issue(db):
    def issued(name="Ёлкин", **context):
        person = UserFactory(last_name=name)
        return issue_paper(
            KIND.code, person, {"name": person.full_name, **context}, actor=person, person=person
        )

    return issued


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def test_issuing_waits_for_no_layout(issue, folder, monkeypatch):
    """Number and words are stored, the file is not: no lock is held while pages are set."""
    monkeypatch.setattr(making, "html_to_pdf", lambda html: pytest.fail("set within the transaction"))
    paper = issue()
    paper.refresh_from_db()
    assert paper.number.startswith("П-1/") and "Ёлкин" in paper.html
    assert not files(folder) and (paper.sha256, paper.size) == ("", None)


def test_whoever_opens_it_first_makes_it_and_it_is_never_made_again(issue, folder, monkeypatch):
    paper = issue()
    with paper.file.open("rb") as file:
        content = file.read()
    monkeypatch.setattr(making, "html_to_pdf", lambda html: pytest.fail("made twice"))
    again = IssuedPaper.objects.get()
    with again.file.open("rb") as file:
        assert file.read() == content
    assert again.sha256 == paper.sha256 == hashlib.sha256(content).hexdigest() and again.html == ""
    assert again.size == len(content) and len(files(folder)) == 1
    assert AuditEvent.objects.filter(action="papers.make").count() == 1


def test_the_words_are_those_of_the_issue(issue):
    """Who changes the name afterwards changes no issued paper."""
    paper = issue("Прежняя")
    paper.person.last_name = "Новая"
    paper.person.save()
    assert "Прежняя" in IssuedPaper.objects.get().html


def test_the_background_makes_what_nobody_has_opened(issue):
    papers = [issue(), issue()]
    assert make_due_papers() == 2 and make_due_papers() == 0
    assert all(IssuedPaper.objects.get(pk=paper.pk).sha256 for paper in papers)


@pytest.mark.parametrize(("rows", "elsewhere"), [(1, False), (making.LONG, True)])
def test_a_long_paper_is_drawn_by_a_process_of_its_own(issue, monkeypatch, rows, elsewhere):
    """quality.md: a process of the portal keeps to its memory, whoever opens the paper first."""
    monkeypatch.setattr(making, "render_document", lambda html: b"elsewhere")
    monkeypatch.setattr(making, "html_to_pdf", lambda html: b"here")
    issue(extra="x" * rows)
    with IssuedPaper.objects.get().file.open("rb") as file:
        assert file.read() == (b"elsewhere" if elsewhere else b"here")


def test_one_background_process_makes_papers_at_a_time(issue):
    issue()
    cache.add(TURN, True, 60)
    assert make_due_papers() == 0
    cache.delete(TURN)
    assert make_due_papers() == 1


def test_a_paper_that_cannot_be_made_holds_back_no_other_and_the_monitor_is_told(issue, caplog):
    """It keeps its number; nothing but a static file ever enters a paper."""
    bad = issue(extra='<img src="https://example.org/x.png">')
    good = issue()
    assert make_due_papers() == 1 and make_due_papers() == 0
    assert "cannot be made" in caplog.text
    with pytest.raises(FetchRefused):
        assert IssuedPaper.objects.get(pk=bad.pk).file
    assert IssuedPaper.objects.get(pk=good.pk).sha256
    assert check_papers().level == HealthLevel.OK
    with clock.travel(clock.now() + timedelta(minutes=6)):
        assert check_papers().level == HealthLevel.WARNING
    with clock.travel(clock.now() + timedelta(minutes=16)):
        assert check_papers().level == HealthLevel.FAILED
    IssuedPaper.objects.filter(pk=bad.pk).update(html="")
    assert check_papers().text == "Файлы всех выданных документов готовы."


def test_a_rollback_while_it_is_made_leaves_it_to_be_made(issue):
    """What a killed request had begun is done by the next one."""
    paper = issue()
    with transaction.atomic():
        assert paper.file
        transaction.set_rollback(True)
    fresh = IssuedPaper.objects.get()
    assert fresh.html and not fresh.sha256
    assert make_due_papers() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_many_makers_one_wins_and_no_file_is_left_over(issue, folder):
    """Eight who open it at the same moment all get the same file."""
    pk = issue().pk

    def made():
        paper = IssuedPaper.objects.get(pk=pk)
        make_paper(paper)
        return paper.stored.name, paper.sha256

    outcome = at_once([made] * 8)
    assert len(set(outcome)) == 1, outcome
    (path,) = files(folder)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == outcome[0][1]
    assert AuditEvent.objects.filter(action="papers.make").count() == 1
