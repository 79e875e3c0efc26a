"""«Мои данные»: everything about a person, as an archive for that person alone."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from candidates.enums import ScanState
from candidates.models import DataExport, PackageFile
from candidates.services.exports import ask_for_export, make_export, newest_export
from candidates.services.receipts import receipt_of
from candidates.tasks import drop_expired_exports
from reserve_portal.audit.models import AuditEvent
from reserve_portal.audit.services import record_read
from reserve_portal.core import clock
from reserve_portal.core.enums import JobState
from reserve_portal.core.gates import GateShut
from reserve_portal.core.jobs import claim_job, run_job
from reserve_portal.core.models import Job
from reserve_portal.core.tests.answers import content_of
from reserve_portal.core.tests.calendars import load_calendar_quickly
from reserve_portal.core.tests.threads import at_once
from reserve_portal.notifications.models import Letter

from .applying import INSIDE, person, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def inside_the_window(settings, tmp_path):
    settings.MEDIA_ROOT, settings.STATIC_ROOT = tmp_path / "files", tmp_path
    load_calendar_quickly()
    with clock.travel(INSIDE):
        yield


def made_for(user):
    row = ask_for_export(user)
    run_job(row.job_id, claim_job(row.job_id))
    row.refresh_from_db()
    return row


def archive_of(row):
    with row.file.open("rb") as stored:
        return zipfile.ZipFile(io.BytesIO(stored.read()))


def part(archive, code):
    return json.loads(archive.read(f"data/{code}.json"))


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def test_the_archive_holds_what_the_portal_knows_of_the_person():
    """152-FZ, article 14: account, questionnaire, applications, papers, consents, letters, who read them."""
    application = submitted()
    user = application.user
    receipt_of(application, actor=user)
    operator = person("op@demo.example", ("operator",), last_name="Читательская")
    record_read(application, actor=operator, person=user, what="candidates.read_package")
    archive = archive_of(made_for(user))
    assert part(archive, "account")[0]["Адрес электронной почты"] == user.email
    questionnaire = part(archive, "questionnaire")[0]
    assert (
        questionnaire["Дата рождения"] == "1985-05-17"
        and questionnaire["Гражданство"] == "Российская Федерация"
    )
    assert [row["Часов (для переподготовки)"] for row in questionnaire["Образование"]] == [None, 520]
    sent = part(archive, "applications")[0]
    assert sent["Анкета на момент подачи"]["person"]["email"] == user.email
    assert sent["Что произошло"][0]["Что"] == "Заявление начато"
    assert (
        part(archive, "consents")[0]["Адрес"] == "192.0.2.7" and part(archive, "consents")[0]["Полный текст"]
    )
    assert "ПОДАНО" in part(archive, "letters")[0]["Текст"]
    assert [row["Кто (запись)"] for row in part(archive, "reads")] == ["Читательская Анна Фёдоровна"]
    assert "Заявление подано" in [row["Действие"] for row in part(archive, "deeds")]
    assert [row["Действие"] for row in part(archive, "reads")] == ["Пакет документов прочитан"]
    files = [name for name in archive.namelist() if name.startswith("files/package/")]
    assert len(files) == len(part(archive, "package")) == PackageFile.objects.count() > 1
    with PackageFile.objects.first().file.open("rb") as stored:
        assert archive.read(files[0]) == stored.read()
    assert any(name.startswith("files/papers/") and name.endswith(".pdf") for name in archive.namelist())
    page = archive.read("Мои данные.html").decode()
    assert f'href="{files[0]}"' in page and "Берёзкина" in page and "{" not in page
    assert "password" not in page and user.password not in page


def test_nobody_elses_data_are_in_it():
    other = submitted(person("other@demo.example", last_name="Посторонняя"))
    mine = submitted(of=other.campaign)
    archive = archive_of(made_for(mine.user))
    for name in archive.namelist():
        text = archive.read(name).decode("utf-8", "replace")
        assert "other@demo.example" not in text and "Посторонняя" not in text


def test_what_waits_for_the_virus_scanner_is_named_and_not_given():
    application = submitted()
    PackageFile.objects.update(scan=ScanState.WAITING)
    archive = archive_of(made_for(application.user))
    assert not [name for name in archive.namelist() if name.startswith("files/package/")]
    assert "файла здесь нет" in archive.read("Мои данные.html").decode()


@pytest.mark.parametrize("name", ["../../etc/passwd.png", 'a<b>:"|?*.png', "....", "Диплом.png"])
def test_names_in_the_archive_lead_nowhere(name):
    application = submitted()
    PackageFile.objects.update(original_name=name)
    archive = archive_of(made_for(application.user))
    inside = [row for row in archive.namelist() if row.startswith("files/package/")]
    assert all(row.count("/") == 2 and row.endswith(".png") and ".." not in row.split()[0] for row in inside)


def test_the_job_tells_its_progress_and_sends_one_letter():
    application = submitted()
    row = made_for(application.user)
    job = Job.objects.get(pk=row.job_id)
    assert (job.state, job.done) == (JobState.DONE, job.total) and job.total > 3
    letter = Letter.objects.get(kind="data_export.ready")
    assert letter.to == application.user and reverse("candidates:my_data") in letter.body
    assert make_export(row.pk, lambda done, total: None) == {}  # run again: nothing is made twice
    assert Letter.objects.filter(kind="data_export.ready").count() == 1


def test_one_archive_is_made_at_a_time_and_a_new_one_takes_the_place_of_the_old(
    django_capture_on_commit_callbacks,
):
    user = submitted().user
    ask_for_export(user)
    with pytest.raises(GateShut, match="уже собирается"):
        ask_for_export(user)
    Job.objects.all().delete()
    old = made_for(user)
    path = old.file.path
    with django_capture_on_commit_callbacks(execute=True):
        new = made_for(user)
    assert list(DataExport.objects.all()) == [new]
    with pytest.raises(FileNotFoundError):
        io.FileIO(path)
    # Asked for anew while the first one was being made: its job finds its row gone.
    assert make_export(old.pk, lambda done, total: None) == {}


def test_the_archive_is_its_owners_alone_and_goes_after_a_week(django_capture_on_commit_callbacks):
    user = submitted().user
    row = made_for(user)
    url = reverse("candidates:export_file", args=[row.pk])
    answer = client_of(user).get(url)
    assert answer["Content-Disposition"].startswith("attachment") and content_of(answer)[:2] == b"PK"
    assert AuditEvent.objects.filter(action="candidates.download_export", actor=user).count() == 1
    for stranger in ("candidate", "operator", "administrator"):
        assert client_of(person(f"{stranger}@x.example", (stranger,))).get(url).status_code == 404
    assert Client().get(url).status_code == 302
    drop_expired_exports()
    assert DataExport.objects.exists()
    with clock.travel(INSIDE + timedelta(days=7)):
        assert client_of(user).get(url).status_code == 404 and newest_export(user) is None
        with django_capture_on_commit_callbacks(execute=True):
            drop_expired_exports()
    assert not DataExport.objects.exists()
    with pytest.raises(FileNotFoundError):
        io.FileIO(row.file.path)


def test_the_page_leads_from_the_button_over_the_progress_to_the_archive():
    user = submitted().user
    client = client_of(user)
    page, ask = reverse("candidates:my_data"), reverse("candidates:ask_for_export")
    text = client.get(page).content.decode()
    assert "Собрать архив" in text and "Согласия" in text
    assert client.post(ask).url == page
    text = client.get(page).content.decode()
    assert "Собираем архив" in text and "<progress" in text and "Собрать архив" not in text
    assert "уже собирается" in client.post(ask, follow=True).content.decode()
    row = DataExport.objects.get()
    run_job(row.job_id, claim_job(row.job_id))
    text = client.get(page, headers={"HX-Request": "true"}).content.decode()
    assert "Скачать архив" in text and "<html" not in text
    Job.objects.update(state=JobState.FAILED)
    DataExport.objects.update(file="", expires_at=None)
    assert "не получилось" in client.get(page).content.decode()
    assert client.post(ask).status_code == 302 and DataExport.objects.get().pk != row.pk


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_make_one_archive():
    user = submitted().user
    answers = at_once([lambda: ask_for_export(user)] * 3)
    assert sum(isinstance(answer, GateShut) for answer in answers) == 2
    assert DataExport.objects.count() == Job.objects.count() == 1


def test_a_picture_of_a_telephone_gets_the_ending_of_what_is_stored():
    application = submitted()
    PackageFile.objects.update(original_name="IMG_1.HEIC")
    archive = archive_of(made_for(application.user))
    inside = [name for name in archive.namelist() if name.startswith("files/package/")]
    assert inside and all(name.endswith("IMG_1.HEIC.png") for name in inside)
