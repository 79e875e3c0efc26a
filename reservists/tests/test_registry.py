"""Editions of the registry, their papers and their publication (T4, O3.23, O8.3)."""

import subprocess
from datetime import date
from io import BytesIO

import pikepdf
import pytest
from django.urls import reverse
from openpyxl import load_workbook

from candidates.services.consents import withdraw_consent
from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.tests.factories import UserFactory, person_with
from reserve_portal.core import jobs as core_jobs
from reserve_portal.core.enums import JobState
from reserve_portal.core.gates import GateShut
from reserve_portal.core.jobs import claim_job, run_job
from reserve_portal.papers import making
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.regulations.models import Deadline, Parameter
from reservists import jobs
from reservists.models import RegistryEdition
from reservists.papers import issue_not_included
from reservists.services import registry as registry_services
from reservists.services.membership import make_inclusion_list
from reservists.services.registry import (
    issue_public_form,
    issue_registry,
    keep_published,
    publish_registry,
    shown_rows,
)
from reservists.services.registry_pdf import _pieces, registry_pdf
from reservists.services.registry_table import registry_columns, write_workbook

from .factories import ReservistFactory, assess, consent_to_publication, decide, make_procedure


def approved(edition, operator, *points):
    """A registry edition after a list with these points."""
    procedure = make_procedure(edition)
    for value in points or ("90",):
        assess(procedure, value)
    decision_list = make_inclusion_list(procedure, actor=operator)
    decide(decision_list, actor=operator)
    return decision_list.registry_edition


def work(job):
    """Run a job as the runner would, in this process."""
    token = claim_job(job.pk)
    assert token
    run_job(job.pk, token)
    job.refresh_from_db()
    assert job.state == JobState.DONE, job.error
    return job


def text_of(pdf: bytes) -> str:
    return subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()


def paper_text(paper: IssuedPaper) -> str:
    with paper.file.open("rb") as file:
        return text_of(file.read())


def test_papers_are_made_by_a_job_with_progress(tomsk, operator):
    """T4, quality.md: the registry is issued as PDF and XLSX off the request; asked twice, it is one job."""
    registry = approved(tomsk, operator, "90", "80.25", "12")
    job = issue_registry(registry, actor=operator)
    assert issue_registry(registry, actor=operator).pk == job.pk
    work(job)
    registry.refresh_from_db()
    assert job.done == job.total == 2
    text = paper_text(registry.paper)
    assert (
        "РЕЕСТР" in text
        and "Конфиденциально" in text
        and "80,25" in text
        and "12" not in text.split("80,25")[0][-3:]
    )
    with registry.table.open() as file:
        rows = list(load_workbook(BytesIO(file.read())).active.iter_rows(values_only=True))
    assert (
        rows[2][2] == registry.lines.first().cells["name"] and float(rows[3][rows[1].index("Баллы")]) == 80.25
    )


def test_the_job_of_one_document_waits_for_no_layout(tomsk, operator, monkeypatch):
    """quality.md: words and sheet are stored at once, the file is made from them as any other paper's."""
    registry = approved(tomsk, operator)
    monkeypatch.setattr(making, "html_to_pdf", lambda html: pytest.fail("set within the job"))
    paper = IssuedPaper.objects.get(pk=work(issue_registry(registry, actor=operator)).result["paper"])
    registry.refresh_from_db()
    assert registry.paper == paper and registry.table and not paper.sha256
    name = registry.lines.get().cells["name"]
    assert name in paper.html
    monkeypatch.undo()
    assert name.split()[0] in paper_text(paper) and paper.sha256


def test_job_run_twice_issues_one_paper(tomsk, operator):
    """process.md 9: an issued paper is never regenerated silently."""
    registry = approved(tomsk, operator)
    job = work(issue_registry(registry, actor=operator))
    core_jobs.Job.objects.filter(pk=job.pk).update(state=JobState.QUEUED)
    work(job)
    assert IssuedPaper.objects.filter(kind="registry").count() == 1


def test_job_killed_in_the_middle_makes_each_file_once(tomsk, operator, monkeypatch):
    """quality.md, Reliability: killed between the PDF and the sheet, the next run makes what is missing and no more."""
    registry = approved(tomsk, operator)
    job = issue_registry(registry, actor=operator)
    token = claim_job(job.pk)
    usual = jobs.store_table

    def killed(*args):
        raise SystemExit

    monkeypatch.setattr(jobs, "store_table", killed)
    with pytest.raises(SystemExit):
        run_job(job.pk, token)
    paper = IssuedPaper.objects.get(kind="registry")
    monkeypatch.setattr(jobs, "store_table", usual)
    core_jobs.Job.objects.filter(pk=job.pk).update(lease_until=job.created_at)
    work(job)
    registry.refresh_from_db()
    assert registry.paper == paper == IssuedPaper.objects.get(kind="registry") and registry.table


def test_zone_column_only_where_the_edition_has_zones(tomsk, orenburg):
    """O3.20 names the zone in the registry; Tomsk has none (T4)."""
    assert "zone" in [column.key for column in registry_columns(orenburg)]
    assert "zone" not in [column.key for column in registry_columns(tomsk)]


def test_table_keeps_formulas_as_text(tomsk):
    """quality.md: spreadsheet exports neutralise formulas."""
    columns = registry_columns(tomsk)
    with write_workbook("Реестр", columns, [{"name": '=HYPERLINK("http://x")', "points": "80,5"}]) as file:
        sheet = load_workbook(BytesIO(file.read())).active
    cell = sheet["C3"]
    assert cell.data_type == "s" and cell.value.startswith("=HYPERLINK") and cell.quotePrefix


def test_large_registry_is_merged_from_pieces_with_page_numbers(tomsk, operator):
    """pitfalls.md 8: above the limit separate documents, merged, numbered «N из M»; the rows go on counting."""
    seen = []
    context = {
        "paper": IssuedPaper(
            kind="registry", number="7", title="Реестр", dated=date(2026, 3, 11), check_code="ab"
        ),
        "check_url": "https://example.org/check",
        "registry": RegistryEdition(number=7, basis="протокол № 1"),
        "edition": tomsk,
        "total": 5,
        "columns": [{"key": "name", "heading": "ФИО"}],
        "signed_by": "И. И. Иванов",
    }
    rows = [[f"Резервист {letter}"] for letter in "АБВГД"]
    pdf = registry_pdf("reservists/pdf/registry.html", rows, 5, context, progress=seen.append, chunk=2)
    assert seen == [2, 4, 5]
    with pikepdf.open(BytesIO(pdf)) as document:
        assert len(document.pages) == 3
    pages = text_of(pdf).split("\f")
    assert "2 из 3" in pages[1] and "3 из 3" in pages[2] and "из 3" not in pages[0]
    assert "Резервист Д" in pages[2] and "5" in pages[2]
    drawn = list(_pieces("reservists/pdf/registry.html", rows, 5, context, 2))
    assert ["check-qr" in html for html in drawn] == [
        True,
        False,
        False,
    ]  # a code that no later sheet would show
    assert pages[0].count("РЕЕСТР") == 1 and "РЕЕСТР" not in pages[1] and "Иванов" in pages[2]


def test_names_are_published_with_consent_alone(tomsk, operator):
    """T4, 152-FZ art. 10.1: name and municipality with the consent in force, else the registration number."""
    registry = approved(tomsk, operator, "90", "80")
    first = registry.lines.first()
    consent_to_publication(first.user, tomsk)
    publish_registry(registry, actor=operator)
    named, nameless = registry.lines.all()
    assert named.published == {key: first.cells[key] for key in ("name", "municipality")}
    assert nameless.published == {}


def test_publication_closes_the_limit(tomsk, operator):
    """T4: published within 7 working days of the approval; an older edition's limit is closed with the newer list."""
    first = approved(tomsk, operator)
    second = approved(tomsk, operator)
    publish_registry(second, actor=operator)
    for registry in (first, second):
        assert not Deadline.objects.about(registry).get(limit__code="publication").is_open
    with pytest.raises(GateShut, match="более новая"):
        publish_registry(first, actor=operator)


def test_withdrawn_consent_hides_the_name_at_once(tomsk, operator, client):
    """152-FZ art. 10.1: the page is computed from the consents of this moment, over the snapshot."""
    registry = approved(tomsk, operator)
    row = registry.lines.first()
    person = row.user
    consent = consent_to_publication(person, tomsk)
    publish_registry(registry, actor=operator)
    url = reverse("reservists:public_list")
    assert person.full_name in client.get(url).content.decode()
    withdraw_consent(consent, actor=person)
    page = client.get(url).content.decode()
    assert person.full_name not in page and row.cells["number"] in page


def test_no_public_list_where_the_edition_is_confidential(orenburg, operator, client):
    """O8.3: no list anywhere: not published, no page, not even for the operator; nothing on the front page."""
    registry = approved(orenburg, operator)
    with pytest.raises(GateShut, match="не публикуется"):
        publish_registry(registry, actor=operator)
    with pytest.raises(GateShut, match="не публикуется"):
        issue_public_form(registry, actor=operator)
    url = reverse("reservists:public_list")
    assert client.get(url).status_code == 404
    assert url not in client.get(reverse("pages:front")).content.decode()
    client.force_login(operator)
    assert client.get(url).status_code == 404


def test_parameter_decides_about_the_public_page(tomsk, operator, client):
    """T4 / O8.3: the same published list vanishes when the edition says that lists are confidential."""
    registry = approved(tomsk, operator)
    publish_registry(registry, actor=operator)
    assert client.get(reverse("reservists:public_list")).status_code == 200
    Parameter.objects.filter(edition=tomsk, key="public_list").update(value=False)
    assert client.get(reverse("reservists:public_list")).status_code == 404


def test_public_form_is_issued_from_the_consents_of_the_moment(tomsk, operator):
    """T4: the public form has neither birth date nor points."""
    registry = approved(tomsk, operator)
    publish_registry(registry, actor=operator)
    job = work(issue_public_form(registry, actor=operator))
    text = paper_text(IssuedPaper.objects.get(pk=job.result["paper"]))
    cells = registry.lines.first().cells
    assert cells["number"] in text and cells["name"] not in text
    assert "04.05.1980" not in text and "90" not in text.split("СПИСОК")[1].split("Проверка")[0]


def test_list_of_those_not_included(tomsk, operator):
    """T4: the list of those who did not get in, with points and the reason."""
    registry = approved(tomsk, operator, "90", "69.99")
    paper = issue_not_included(registry.decision_list, actor=operator)
    text = " ".join(paper_text(paper).split())
    assert "69,99" in text and "Не включены: 1" in text
    other = approved(tomsk, operator, "95")
    with pytest.raises(GateShut, match="нет тех, кто не включён"):
        issue_not_included(other.decision_list, actor=operator)


def test_snapshot_costs_the_same_queries_for_one_and_three_rows(tomsk, django_assert_num_queries):
    """quality.md: the number of queries does not depend on the number of rows."""
    ReservistFactory(edition=tomsk)
    with django_assert_num_queries(1):
        list(registry_services.snapshot_rows())
    ReservistFactory(edition=tomsk)
    ReservistFactory(edition=tomsk)
    with django_assert_num_queries(1):
        list(registry_services.snapshot_rows())


def test_full_registry_is_read_by_authority_and_auditor_alone(tomsk, operator, client):
    """process.md 12, O8.3: the paper of the full registry for operator, authority, auditor; 404 for all others."""
    registry = approved(tomsk, operator)
    work(issue_registry(registry, actor=operator))
    registry.refresh_from_db()
    paper, table = (
        reverse("papers:download", args=[registry.paper.pk]),
        reverse("reservists:registry_table", args=[registry.pk]),
    )
    for role in Role:
        client.force_login(person_with(role))
        reads = role in (Role.OPERATOR, Role.AUTHORITY, Role.AUDITOR)
        for url, refused in ((paper, 404), (table, 403)):
            response = client.get(url)
            assert response.status_code == (200 if reads else refused), (role, url)
            if response.streaming:
                assert b"".join(response.streaming_content)


@pytest.mark.parametrize(
    ("items", "prohibitions", "who", "municipality"),
    [
        (["name", "municipality"], [], "Иванова Анна", "Город Образцовый"),
        (["name"], [], "Иванова Анна", ""),
        (["municipality"], [], "Рег. № 7", "Город Образцовый"),
        (
            ["name"],
            ["transfer", "processing"],
            "Иванова Анна (другим запрещено передавать эти сведения другим; обрабатывать их, кроме чтения)",
            "",
        ),
        (None, [], "Рег. № 7", ""),
    ],
)
def test_of_a_person_the_list_shows_what_the_person_allows_and_what_is_forbidden_to_others(
    tomsk, operator, items, prohibitions, who, municipality
):
    """152-FZ, art. 10.1: item by item; what is not allowed is not even kept among the published rows."""
    user = UserFactory()
    if items is not None:
        given = consent_to_publication(user, tomsk)
        given.items, given.prohibitions = items, prohibitions
        given.save()
    registry = approved(tomsk, operator)
    registry.lines.update(
        user=user,
        cells={
            "number": "7",
            "group": "1",
            "name": "Иванова Анна",
            "municipality": "Город Образцовый",
            "zone": "green",
        },
    )
    assert keep_published(registry) == (items is not None)
    row = registry.lines.get()
    assert sorted(row.published) == sorted(items or [])
    assert shown_rows([row]) == [{"who": who, "municipality": municipality, "group": "1"}]
