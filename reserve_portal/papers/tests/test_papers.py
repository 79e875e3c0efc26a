"""Numbers without gaps, papers that never change, a check page that reveals nothing more (process.md 9)."""

import hashlib
import os
from datetime import date
from io import BytesIO
from pathlib import Path
from string import Formatter

import pypdf
import pytest
from django.db import IntegrityError, transaction
from django.db.models import Max

from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.tests.factories import UserFactory, person_with
from reserve_portal.audit.models import AuditEvent
from reserve_portal.core.tests.threads import at_once
from reserve_portal.papers.kinds import paper_kinds
from reserve_portal.papers.models import IssuedPaper, NumberSequence
from reserve_portal.papers.perms import can_read_paper
from reserve_portal.papers.services import check_url, issue_paper, next_number
from reserve_portal.papers.tests.factories import KIND, PaperFactory

# --- numbers ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_each_series_counts_from_one():
    """1, 2, 3 …, each series its own."""
    assert [next_number("a") for _ in range(3)] == [1, 2, 3]
    assert next_number("b") == 1


@pytest.mark.django_db
def test_a_rollback_gives_the_number_back():
    """No gap: the number lives and dies with the transaction that uses it."""
    next_number("a")
    with pytest.raises(RuntimeError), transaction.atomic():
        assert next_number("a") == 2
        raise RuntimeError
    assert next_number("a") == 2


@pytest.mark.django_db
def test_a_rollback_of_the_first_number_leaves_no_series():
    """The series itself is opened in the same transaction."""
    with pytest.raises(RuntimeError), transaction.atomic():
        next_number("a")
        raise RuntimeError
    assert not NumberSequence.objects.exists() and next_number("a") == 1


@pytest.mark.django_db(transaction=True)
def test_a_number_is_not_taken_outside_a_transaction():
    """Otherwise it would be spent before it is used."""
    with pytest.raises(RuntimeError, match="inside the transaction"):
        next_number("a")


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_numbers_taken_at_once_have_no_gap_and_no_double():
    """Eight threads with 25 numbers each, every fourth rolled back, on a series that does not exist yet."""

    def take():
        taken = []
        for n in range(25):
            try:
                with transaction.atomic():
                    number = next_number("journal-2026")
                    if n % 4 == 3:
                        raise LookupError
                    taken.append(number)
            except LookupError:
                continue
        return taken

    outcome = at_once([take] * 8)
    numbers = sorted(number for taken in outcome for number in taken)
    assert numbers == list(range(1, 8 * 19 + 1))
    assert NumberSequence.objects.get().last == 8 * 19


# --- issuing ------------------------------------------------------------------------------------------------------


def _issue(person, **kwargs):
    return issue_paper(KIND.code, person, {"name": person.full_name}, actor=None, person=person, **kwargs)


@pytest.mark.django_db
def test_an_issued_paper_keeps_number_date_issuer_file_and_hash(own_templates, travel):
    """Stored with number, date, who issued it and the SHA-256 of the file."""
    operator, person = person_with("operator"), UserFactory(last_name="Ёлкин")
    with travel(date(2026, 9, 1)):
        paper = issue_paper(KIND.code, person, {"name": person.full_name}, actor=operator, person=person)
    with paper.file.open("rb") as file:
        content = file.read()
    paper.refresh_from_db()
    assert paper.sha256 == hashlib.sha256(content).hexdigest() and paper.size == len(content)
    assert (paper.number, paper.dated, paper.issued_by) == ("П-1/2026", date(2026, 9, 1), operator)
    assert (paper.subject, paper.person, paper.title) == (person, person, KIND.title)
    text = pypdf.PdfReader(BytesIO(content)).pages[0].extract_text()
    assert "Ёлкин" in text and paper.check_code in text.replace("\n", "")
    assert AuditEvent.objects.get(action="papers.issue").actor == operator
    assert AuditEvent.objects.get(action="papers.make").details["sha256"] == paper.sha256


@pytest.mark.django_db
def test_a_papers_file_has_a_name_that_tells_nothing_and_is_closed_to_others(own_templates, client_of):
    """Papers are never under a public address (quality.md, Security)."""
    paper = _issue(UserFactory(last_name="Elkin"))
    path = Path(paper.file.path)
    assert "elkin" not in str(path).lower() and os.stat(path).st_mode & 0o077 == 0
    browser = client_of(person_with("operator"))
    for address in (f"/{paper.file.name}", f"/media/{paper.file.name}", f"/static/{paper.file.name}"):
        assert browser.get(address).status_code == 404


@pytest.mark.django_db
def test_a_paper_carries_its_own_date_not_that_of_typing(own_templates, travel):
    """A protocol of last year's meeting is numbered in last year's series."""
    with travel(date(2027, 1, 11)):
        paper = _issue(UserFactory(), dated=date(2026, 12, 30))
    assert (paper.number, paper.dated) == ("П-1/2026", date(2026, 12, 30))


@pytest.mark.django_db
def test_a_number_of_a_kind_is_given_once(own_templates):
    """Whoever gives a number by hand cannot give one that exists."""
    _issue(UserFactory(), number="П-5/2026")
    with pytest.raises(IntegrityError), transaction.atomic():
        _issue(UserFactory(), number="П-5/2026")


@pytest.mark.django_db
def test_a_paper_that_cannot_be_put_into_words_takes_no_number_and_leaves_no_row(own_templates):
    """The next one gets the number."""

    class Unspeakable:
        def __str__(self):
            raise LookupError

    person = UserFactory()
    with pytest.raises(LookupError):
        issue_paper(KIND.code, person, {"name": Unspeakable()}, actor=None)
    assert not IssuedPaper.objects.exists()
    assert _issue(person).number.startswith("П-1/")


def test_every_kinds_number_tells_its_series_apart():
    """Two series of one kind (two years, two bodies) must not give the same number twice."""

    def fields(pattern):
        return {name for _, name, _, _ in Formatter().parse(pattern) if name}

    kinds = [kind for kind in paper_kinds if "number" in fields(kind.number)]
    assert kinds
    assert [kind.code for kind in kinds if not fields(kind.series) <= fields(kind.number)] == []


# --- downloading --------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_whom_a_paper_concerns_downloads_it_as_an_attachment(client_of):
    """The person it is about; reading one's own is not recorded."""
    person = UserFactory()
    paper = PaperFactory(person=person, number="П-1/2026")
    answer = client_of(person).get(f"/papers/{paper.pk}/")
    assert b"".join(answer.streaming_content) == b"%PDF-1.7 a few bytes"
    assert answer["Content-Type"] == "application/pdf" and answer["Content-Disposition"].startswith(
        "attachment"
    )
    assert not AuditEvent.objects.filter(is_read=True).exists()


@pytest.mark.django_db
def test_a_staff_download_is_recorded(client_of):
    """The person can see who read the own paper (architecture.md, rule 10)."""
    operator, person = person_with("operator"), UserFactory()
    paper = PaperFactory(person=person)
    assert b"".join(client_of(operator).get(f"/papers/{paper.pk}/").streaming_content)
    event = AuditEvent.objects.get(action="papers.download")
    assert (event.actor, event.person, event.subject, event.is_read) == (operator, person, paper, True)


@pytest.mark.django_db
@pytest.mark.parametrize("role", Role.values)
def test_who_may_read_a_paper(role, client_of):
    """The operator and whom the kind names (here commission members); for the others it does not exist."""
    user, paper = person_with(role), PaperFactory(person=UserFactory())
    allowed = role in {"operator", "commission"}
    assert can_read_paper(user, paper) is allowed
    answer = client_of(user).get(f"/papers/{paper.pk}/")
    assert answer.status_code == (200 if allowed else 404)
    assert bool(b"".join(answer)) and answer.streaming is allowed


@pytest.mark.django_db
def test_a_stranger_is_asked_to_sign_in(client):
    """Login is required unless a view says otherwise."""
    paper = PaperFactory(person=UserFactory())
    answer = client.get(f"/papers/{paper.pk}/")
    assert answer.status_code == 302 and "/accounts/login/" in answer["Location"]
    missing = IssuedPaper.objects.aggregate(last=Max("pk"))["last"] + 1
    assert client.get(f"/papers/{missing}/").status_code == 302


# --- checking -----------------------------------------------------------------------------------------------------


@pytest.fixture
def checked(client):
    """Ask the public check page; gives the page's words."""

    def ask(**query):
        answer = client.get("/papers/check/", query)
        assert answer.status_code == 200
        return " ".join(answer.content.decode().split())

    return ask


@pytest.mark.django_db
def test_the_check_page_reveals_issued_date_and_kind_alone(checked):
    """No name, no title that may hold one, no issuer (process.md 9)."""
    person = UserFactory(last_name="Ёлкинсон", first_name="Пётр")
    paper = PaperFactory(person=person, title="Выписка о Ёлкинсоне", dated=date(2026, 9, 1))
    page = checked(code=paper.check_code)
    assert KIND.title in page and ("01.09.2026" in page or "1 сентября 2026" in page)
    assert "Ёлкинсон" not in page and person.email not in page


@pytest.mark.django_db
def test_the_check_page_tells_an_altered_file_from_the_issued_one(checked):
    """By code and hash, or by number and hash."""
    paper = PaperFactory(person=UserFactory())
    same, altered = (
        checked(code=paper.check_code, sha256=paper.sha256),
        checked(code=paper.check_code, sha256="0" * 64),
    )
    assert same != altered
    assert KIND.title in checked(number=paper.number, sha256=paper.sha256.upper())
    assert KIND.title not in checked(number=paper.number, sha256="0" * 64)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query", [{"code": "0" * 16}, {"number": "П-999/2026"}, {"code": " "}, {"code": "x" * 99}]
)
def test_an_unknown_paper_is_said_to_be_unknown(checked, query):
    """A number alone is not enough to learn that a paper exists."""
    PaperFactory(person=UserFactory(), number="П-999/2026")
    assert KIND.title not in checked(**query)


@pytest.mark.django_db
def test_the_qr_code_leads_to_the_check_page(client):
    """Without signing in."""
    paper = PaperFactory(person=UserFactory())
    address = check_url(paper)
    assert address.startswith("http://127.0.0.1:8000/papers/check/?code=")
    assert client.get(address.removeprefix("http://127.0.0.1:8000")).status_code == 200
