"""Many applications at once from a ready archive (O3.2): preview, all or nothing, repeatable, no bombs, no paths."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from candidates import archive
from candidates.archive_rows import guide_of, slot_code
from candidates.enums import ApplicationState, ArchiveState
from candidates.models import Application, ArchiveImport, Campaign, Consent, PackageFile
from candidates.services import archive_imports as services
from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.models import Municipality, User
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.core.jobs import claim_job, run_job
from reserve_portal.core.models import Job
from reserve_portal.core.tests.answers import content_of

from . import applying

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign(calendar_loaded: None, travel: Any) -> Any:
    with travel(applying.INSIDE):
        Municipality.objects.create(oktmo="69701000", name="Город Образцовый")
        yield applying.campaign()


@pytest.fixture
def operator(db: None) -> User:
    return applying.person("operator@demo.example", (Role.OPERATOR,))


def person(number: int, **cells: str) -> dict[str, str]:
    return {
        "folder": f"Папка {number}",
        "email": f"p{number}@demo.example",
        "last_name": "Архивная",
        "first_name": "Ольга",
        "received": "16.03.2026",
        "municipality": "город образцовый",
        "birth_date": "01.05.1985",
        "citizenship": "РФ",
        "no_criminal_record": "да",
        "nominations": "самовыдвижение",
        "consented_on": "15.03.2026",
        **cells,
    }


def table(campaign: Campaign, people: list[dict[str, str]]) -> bytes:
    """The blank table, filled."""
    book = load_workbook(io.BytesIO(archive.blank_table(guide_of(campaign.edition))))
    for cells in people:
        book[archive.PEOPLE].append([cells.get(name, "") for name, _ in archive.PEOPLE_COLUMNS])
        education = {"folder": cells["folder"], "level": "специалитет", "institution": "Университет", "year": "2007",
                     "field": "образование и педагогические науки", "speciality": "Математика"}  # fmt: skip
        book[archive.EDUCATION].append([education.get(name, "") for name, _ in archive.EDUCATION_COLUMNS])
        work = {"folder": cells["folder"], "kind": "педагогическая", "organisation": "Школа", "post": "Учитель",
                "since": "01.09.2010"}  # fmt: skip
        book[archive.WORK].append([work.get(name, "") for name, _ in archive.WORK_COLUMNS])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def packed(members: dict[str, bytes]) -> SimpleUploadedFile:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name, data in members.items():
            book.writestr(name, data)
    return SimpleUploadedFile("архив.zip", out.getvalue())


def ready(campaign: Campaign, people: list[dict[str, str]], **more: bytes) -> SimpleUploadedFile:
    members = {"таблица.xlsx": table(campaign, people)}
    for cells in people:
        members[f"{cells['folder']}/application.png"] = applying.picture()
        members[f"{cells['folder']}/education 1.png"] = applying.picture("grey")
        members[f"{cells['folder']}/consent_processing.png"] = applying.picture()
    return packed(members | more)


def lay_up(upload: SimpleUploadedFile, campaign: Campaign, operator: User) -> ArchiveImport:
    row = services.lay_up_archive(upload, campaign=campaign, channel="gosuslugi", actor=operator)
    run()
    row.refresh_from_db()
    return row


def run() -> None:
    """Run the job as the runner does."""
    job = Job.objects.latest("pk")
    run_job(job.pk, claim_job(job.pk) or "")
    job.refresh_from_db()
    assert job.state == "done", job.error


def enter(row: ArchiveImport, operator: User) -> None:
    services.order_applying(row, actor=operator)
    run()
    row.refresh_from_db()


def test_a_good_archive_is_checked_then_entered(operator: User, campaign: Campaign) -> None:
    """The check changes nothing; entered, each is submitted as of its receipt, the archive itself is destroyed."""
    row = lay_up(ready(campaign, [person(1), person(2)]), campaign, operator)
    assert [line["state"] for line in row.report["rows"]] == ["new", "new"], row.report
    assert not Application.objects.exists() and not User.objects.filter(email="p1@demo.example").exists()
    enter(row, operator)
    assert row.state == ArchiveState.APPLIED and not row.file
    applications = Application.objects.order_by("pk")
    assert [item.state for item in applications] == [ApplicationState.SUBMITTED] * 2
    first = applications[0]
    assert f"{clock.local(first.submitted_at):%d.%m.%Y}" == "16.03.2026" and first.channel == "gosuslugi"
    assert (
        first.snapshot["education"][0]["year"] == 2007
        and first.snapshot["employment"][0]["post"] == "Учитель"
    )
    assert PackageFile.objects.filter(item__application=first).count() == 2
    assert Consent.objects.get(user=first.user).proof


def test_the_same_archive_doubles_nothing(operator: User, campaign: Campaign) -> None:
    people = [person(1)]
    enter(lay_up(ready(campaign, people), campaign, operator), operator)
    again = lay_up(ready(campaign, [*people, person(2)]), campaign, operator)
    assert [line["state"] for line in again.report["rows"]] == ["known", "new"]
    enter(again, operator)
    assert Application.objects.count() == 2
    third = lay_up(ready(campaign, people), campaign, operator)
    with pytest.raises(GateShut):
        services.order_applying(third, actor=operator)


def test_errors_are_named_by_row_and_nothing_is_entered(operator: User, campaign: Campaign) -> None:
    applying.draft(applying.person("p4@demo.example", last_name="Архивная"), of=campaign)
    people = [
        person(1),
        person(2, email="нет", birth_date="вчера", municipality="Атлантида"),
        person(3, email="p1@demo.example", received="01.01.2026"),
        person(4),
        person(5, nominations="тётя"),
    ]
    extra = {"Папка 1/letter.png": applying.picture(), "Чужая/x.png": applying.picture()}
    row = lay_up(ready(campaign, people, **extra), campaign, operator)
    problems = {line["row"]: " ".join(line["problems"]) for line in row.report["rows"]}
    assert "letter.png" in problems[2]
    assert "Адрес почты" in problems[3] and "Дата рождения" in problems[3] and "Атлантида" in problems[3]
    assert "уже есть в строке 2" in problems[4]
    assert "черновик" in problems[5]
    assert "тётя" in problems[6]
    assert "Чужая/x.png" in row.report["problems"][0]
    with pytest.raises(GateShut):
        services.order_applying(row, actor=operator)
    assert not Application.objects.exclude(user__email="p4@demo.example").exists()


def test_a_bad_file_spoils_the_whole(operator: User, campaign: Campaign) -> None:
    bad = {"Папка 2/employment.pdf": b"MZ program"}
    row = lay_up(ready(campaign, [person(1), person(2)], **bad), campaign, operator)
    assert [line["state"] for line in row.report["rows"]] == ["new", "wrong"]
    assert "это программа" in row.report["rows"][1]["problems"][0]


def test_what_changed_since_the_check_stops_the_entering(operator: User, campaign: Campaign) -> None:
    """All or nothing: somebody applied by himself between the check and the order."""
    row = lay_up(ready(campaign, [person(1), person(2)]), campaign, operator)
    applying.draft(applying.person("p2@demo.example", last_name="Архивная"), of=campaign)
    enter(row, operator)
    assert row.state == ArchiveState.CHECKED
    assert not User.objects.filter(email="p1@demo.example").exists()


def test_a_failure_in_the_middle_leaves_no_row_and_no_file(
    operator: User, campaign: Campaign, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path  # the other tests' files lie elsewhere
    row = lay_up(ready(campaign, [person(1), person(2)]), campaign, operator)
    services.order_applying(row, actor=operator)
    real = services.entry.finish_entry

    def fails(application: Application, **more: Any) -> Any:
        if application.user.email.startswith("p2"):
            raise RuntimeError("power cut")
        return real(application, **more)

    monkeypatch.setattr(services.entry, "finish_entry", fails)
    before = sorted(settings.MEDIA_ROOT.rglob("*.png"))
    row = ArchiveImport.objects.get(pk=row.pk)
    with pytest.raises(RuntimeError):
        services.apply_archive(row, lambda done, total: None)
    assert sorted(settings.MEDIA_ROOT.rglob("*.png")) == before
    assert not Application.objects.exists() and not PackageFile.objects.exists()
    monkeypatch.setattr(services.entry, "finish_entry", real)
    assert services.apply_archive(ArchiveImport.objects.get(pk=row.pk), lambda done, total: None) == {
        "entered": 2
    }
    services.apply_archive(ArchiveImport.objects.get(pk=row.pk), lambda done, total: None)
    assert Application.objects.count() == 2


@pytest.mark.parametrize("name", ["../x.png", "/etc/x.png", "a/../../x.png", "C:\\x.png", "..\\x.png"])
def test_names_that_lead_elsewhere_are_refused(operator: User, campaign: Campaign, name: str) -> None:
    with pytest.raises(GateShut, match="Недопустимое имя"):
        lay_up(packed({name: b"x"}), campaign, operator)


def test_bombs_links_and_too_many_files_are_refused(
    operator: User, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(GateShut, match="велик"):
        lay_up(packed({"a/x.png": b"\0" * (2 * 1024 * 1024)}), campaign, operator)
    monkeypatch.setattr(archive, "MAX_MEMBERS", 2)
    with pytest.raises(GateShut, match="больше 2 файлов"):
        lay_up(packed({f"a/{number}": b"x" for number in range(3)}), campaign, operator)
    monkeypatch.setattr(archive, "MAX_UNPACKED", 100)
    with pytest.raises(GateShut, match="Распакованный"):
        lay_up(packed({"a/x": b"x" * 101}), campaign, operator)
    link = zipfile.ZipInfo("a/link.png")
    link.external_attr = 0o120777 << 16
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        book.writestr(link, "/etc/passwd")
    with pytest.raises(GateShut, match="ссылка"):
        lay_up(SimpleUploadedFile("a.zip", out.getvalue()), campaign, operator)
    with pytest.raises(GateShut, match="не архив"):
        lay_up(SimpleUploadedFile("a.zip", b"PK\x03\x04 nonsense"), campaign, operator)
    assert not ArchiveImport.objects.exists()


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"a/x.png": b"x"}, "ровно одна таблица"),
        ({"a.xlsx": b"x"}, "не открывается"),
        ({"a.xlsx": b"x", "b.xlsx": b"x"}, "ровно одна таблица"),
    ],
)
def test_an_archive_without_a_readable_table(
    operator: User, campaign: Campaign, members: dict[str, bytes], words: str
) -> None:
    row = lay_up(packed(members), campaign, operator)
    assert words in row.report["problems"][0] and not services.may_apply(row)


@pytest.mark.parametrize(
    ("member", "code"),
    [
        ("П/education 1.pdf", "education"),
        ("П/education/1.pdf", "education"),
        ("П/Application.PDF", "application"),
        ("П/applications.pdf", ""),
        ("П/nomination_letter.pdf", "nomination_letter"),
        ("П/паспорт.pdf", ""),
    ],
)
def test_a_files_name_begins_with_the_code_of_its_document(member: str, code: str) -> None:
    assert slot_code(member, ["application", "education", "nomination", "nomination_letter"]) == code


def test_the_operators_way_through_the_pages(operator: User, campaign: Campaign, client_of: Any) -> None:
    client = client_of(operator)
    blank = client.get(reverse("admin:candidates_application_import_table", args=[campaign.pk]))
    assert archive.PEOPLE in load_workbook(io.BytesIO(content_of(blank))).sheetnames
    page = reverse("admin:candidates_application_imports")
    data = {"campaign": campaign.pk, "channel": "mail"}
    assert "Приложите файл" in client.post(page, data).content.decode()
    refused = client.post(page, {**data, "archive": SimpleUploadedFile("a.zip", b"no")}).content.decode()
    assert "не архив ZIP" in refused
    answer = client.post(page, {**data, "archive": ready(campaign, [person(1)])})
    assert "Обновить" in client.get(answer.url).content.decode()
    run()
    checked = client.get(answer.url).content.decode()
    assert "Внести все заявления (1)" in checked and "Трудовая книжка" in checked  # what is missing is told
    client.post(f"{answer.url}apply/")
    run()
    assert "Внесено заявлений: 1" in client.get(f"{answer.url}progress/").content.decode()
    other = client.post(page, {**data, "archive": ready(campaign, [person(2, email="x")])})
    run()
    client.post(f"{other.url}drop/")
    assert (
        ArchiveImport.objects.get(pk=other.url.rstrip("/").rsplit("/", 1)[-1]).state == ArchiveState.DROPPED
    )
    for role in (Role.ADMINISTRATOR, Role.AUDITOR):
        user = applying.person(f"{role}@demo.example", (role,))
        assert client_of(user).get(page).status_code == 403
