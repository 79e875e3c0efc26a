"""Words of both sides beside a plan, files that prove what was done, what versions differ in (O4.6, O4.10, O4.13)."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from candidates.tasks import scan_files
from candidates.tests.scanner import NAME, scanner
from candidates.tests.test_quarantine import infected_pdf
from candidates.tests.test_uploads import picture
from candidates.uploads import RejectedUpload
from reserve_portal.accounts.tests.factories import UserFactory
from reserve_portal.audit.models import AuditEvent
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.core.personal_data import sources
from reserve_portal.core.tests.answers import content_of
from reserve_portal.notifications.models import Letter
from reservists.models import DevelopmentPlan, PlanEvidence
from reservists.services import plans, reports
from reservists.services.plan_notes import (
    FILES_OF_A_ROW,
    add_evidence,
    comment_plan,
    files_of,
    remove_evidence,
)

from .development import guide_of, guided, make_plan, report_of


def lay(item, title="Дневник", data=None):
    return add_evidence(
        item, title=title, name="дневник.png", data=data or picture("PNG"), actor=item.plan.reservist.user
    )


def test_both_sides_write_beside_a_row_and_learn_by_letter(orenburg):
    """O4.6: the plan is written under the mentor's guidance, from its draft on; each word has author and moment."""
    plan = make_plan(guided(orenburg))
    item, own, mentor = plan.items.get(), plan.reservist.user, guide_of(plan.reservist)
    comment_plan(plan, item=item, text=" Какая гимназия? ", actor=mentor)
    comment_plan(plan, item=item, text="Первая.", actor=own)
    comment_plan(plan, item=None, text="Хорошо.", actor=mentor)
    assert [(row.author, row.text) for row in item.comments.all()] == [
        (mentor, "Какая гимназия?"),
        (own, "Первая."),
    ]
    letters = Letter.objects.filter(kind="plan.commented").order_by("pk")
    assert [row.to for row in letters] == [own, mentor, own]
    assert item.event in letters[0].body and "план в целом" in letters[2].body


def test_words_stay_when_the_row_is_taken_out_or_the_plan_agreed(orenburg):
    """What was said is history: it names the row that is gone."""
    plan = make_plan(guided(orenburg))
    item, own = plan.items.get(), plan.reservist.user
    comment_plan(plan, item=item, text="Убираю", actor=own)
    event = item.event
    plans.remove_item(item, actor=own)
    kept = plan.comments.get()
    assert kept.item is None and kept.about == event


def test_nothing_is_said_without_words_or_of_a_version_of_the_past(orenburg):
    plan = make_plan(guided(orenburg), state="agreed")
    other = make_plan(guided(orenburg)).items.get()
    own, mentor = plan.reservist.user, guide_of(plan.reservist)
    with pytest.raises(GateShut, match="Напишите"):
        comment_plan(plan, item=None, text="  ", actor=own)
    with pytest.raises(GateShut, match="пункта в плане нет"):
        comment_plan(plan, item=other, text="Слова", actor=own)
    change = plans.start_change(plan, reason="Новое", actor=own)
    plans.submit_plan(change, actor=own)
    plans.agree_plan(change, actor=mentor)
    with pytest.raises(GateShut, match="в прошлом"):
        comment_plan(plan, item=None, text="Слова", actor=own)


def test_files_are_judged_by_content_and_follow_the_row_into_the_next_version(orenburg):
    """O4.13: proofs of a row stay with it through every version; the old version shows what it had."""
    plan = make_plan(guided(orenburg), state="agreed")
    item, own = plan.items.get(), plan.reservist.user
    with pytest.raises(RejectedUpload):
        lay(item, data=b"MZ not a picture")
    first = lay(item)
    assert first.sha256 and first.file.name.startswith("plans/") and "дневник" not in first.file.name
    change = plans.start_change(plan, reason="Новое", actor=own)
    with pytest.raises(GateShut, match="согласованному"):
        lay(change.items.get())
    plans.submit_plan(change, actor=own)
    plans.agree_plan(change, actor=guide_of(plan.reservist))
    change = DevelopmentPlan.objects.get(pk=change.pk)
    second = lay(change.items.get(), "Удостоверение")
    assert files_of(change.items.all())[change.items.get().pk] == [first, second]
    assert files_of([item])[item.pk] == [first]


def test_a_row_takes_so_many_files(orenburg):
    item = make_plan(guided(orenburg), state="agreed").items.get()
    row = lay(item)
    for _ in range(FILES_OF_A_ROW - 1):
        row.pk = None
        row.save()
    with pytest.raises(GateShut, match="больше нельзя"):
        lay(item)


def test_a_file_goes_until_a_report_rests_on_it(orenburg, django_capture_on_commit_callbacks):
    """O4.14: what an accepted report speaks of stays; what came after it may go, with its content."""
    plan = make_plan(guided(orenburg), state="agreed")
    item, own = plan.items.get(), plan.reservist.user
    gone, kept = lay(item), lay(item)
    storage, name = gone.file.storage, gone.file.name
    with django_capture_on_commit_callbacks(execute=True):
        remove_evidence(gone, actor=own)
    assert not storage.exists(name) and storage.exists(kept.file.name)
    report = report_of(plan)
    reports.submit_report(report, actor=own)
    reports.accept_report(report, remarks="", actor=guide_of(plan.reservist))
    with pytest.raises(GateShut, match="принятый отчёт"):
        remove_evidence(kept, actor=own)
    assert clock.today() == report_of(plan).accepted_on


def test_pages_of_words_and_files(client, orenburg):
    """process.md 12: both sides write, the reservist lays files, whoever sees the plan reads them, on record."""
    plan = make_plan(guided(orenburg), state="agreed")
    item, own, mentor = plan.items.get(), plan.reservist.user, guide_of(plan.reservist)
    at_row = reverse("reservists:plan_item_comment", args=[plan.pk, item.pk])
    address = reverse("reservists:evidence_add", args=[plan.pk, item.pk])
    client.force_login(mentor)
    assert client.get(at_row).status_code == 200 and client.get(address).status_code == 403
    assert "Заполните это поле" in client.post(at_row, {"text": " "}).content.decode()
    client.post(at_row, {"text": "Приложите дневник"})
    client.force_login(own)
    page = client.post(address, {"title": "Дневник", "file": SimpleUploadedFile("d.png", b"text")})
    assert (
        page.status_code == 200 and "Дневник" in page.content.decode() and not PlanEvidence.objects.exists()
    )
    client.post(address, {"title": "Дневник практики", "file": SimpleUploadedFile("d.png", picture("PNG"))})
    file = PlanEvidence.objects.get()
    shown = client.get(reverse("reservists:development_plan", args=[plan.pk])).content.decode()
    assert "Приложите дневник" in shown and "Дневник практики" in shown
    report = client.get(reverse("reservists:report", args=[report_of(plan).pk])).content.decode()
    assert "Дневник практики" in report
    client.force_login(mentor)
    answer = client.get(reverse("reservists:evidence", args=[file.pk]))
    assert content_of(answer).startswith(b"\x89PNG") and "attachment" in answer["Content-Disposition"]
    assert AuditEvent.objects.filter(action="reservists.read_evidence", actor=mentor).exists()
    assert client.post(reverse("reservists:evidence_remove", args=[file.pk])).status_code == 403
    client.force_login(UserFactory(roles=["mentor"]))
    assert client.get(reverse("reservists:evidence", args=[file.pk])).status_code == 404
    client.force_login(own)
    client.post(reverse("reservists:evidence_remove", args=[file.pk]))
    assert not PlanEvidence.objects.exists()


def test_versions_tell_what_was_and_what_is(orenburg):
    """O4.10: the change sheet names each field with both values, the texts of the plan too."""
    plan = make_plan(guided(orenburg), state="agreed")
    own = plan.reservist.user
    change = plans.start_change(plan, reason="Новое", actor=own)
    plans.save_plan(change, actor=own, goals="Освоить закупки")
    item = change.items.get()
    plans.save_item(change, item=item, actor=own, ends_on=item.ends_on.replace(month=5), area="expert")
    (sheet,) = plans.changes_of(DevelopmentPlan.objects.get(pk=change.pk))
    words = " ".join(row["words"] for row in sheet["rows"])
    assert "было «Освоить финансы», стало «Освоить закупки»" in words
    assert "окончание: было «30.06.2026», стало «30.05.2026»" in words
    assert "область: было «управленческая», стало «экспертно-профессиональная»" in words


def test_own_copy_of_the_data_holds_words_and_files(orenburg):
    plan = make_plan(guided(orenburg), state="agreed")
    comment_plan(plan, item=None, text="Моё слово", actor=plan.reservist.user)
    lay(plan.items.get(), "Моё удостоверение")
    part = sources.get("plans").collect(plan.reservist.user)
    assert "Моё слово" in str(part.rows) and "Моё удостоверение" in str(part.rows)
    assert [file.name for file in part.files] == ["дневник.png"]


def test_a_file_waits_for_the_virus_scanner_and_an_infected_one_is_destroyed(
    client, orenburg, settings, django_capture_on_commit_callbacks
):
    """quality.md, Security: as a candidate's upload; both sides see why the proof of a row is gone (O4.13)."""
    plan = make_plan(guided(orenburg), state="agreed")
    item, own, mentor = plan.items.get(), plan.reservist.user, guide_of(plan.reservist)
    page = reverse("reservists:development_plan", args=[plan.pk])
    with scanner() as server:
        settings.CLAMAV_ADDRESS = server.address
        good, bad = lay(item), lay(item, "Диплом", infected_pdf())
        addresses = [reverse("reservists:evidence", args=[file.pk]) for file in (good, bad)]
        for user in (own, mentor):
            client.force_login(user)
            assert [client.get(address).status_code for address in addresses] == [404, 404]
            shown = client.get(page).content.decode()
            assert shown.count("проверяется на вирусы") == 2 and f'"{addresses[0]}"' not in shown
        storage, name = bad.file.storage, bad.file.name
        with django_capture_on_commit_callbacks(execute=True):
            scan_files()
    bad.refresh_from_db()
    assert (bad.scan, bad.scan_found, bad.file.name, storage.exists(name)) == ("infected", NAME, "", False)
    letter = Letter.objects.get(kind="plan.infected_evidence")
    assert letter.to == own and bad.original_name in letter.body and page in letter.body
    assert AuditEvent.objects.get(action="reservists.infected_evidence").details["sha256"] == bad.sha256
    assert content_of(client.get(addresses[0])) and client.get(addresses[1]).status_code == 404
    for address in (page, reverse("reservists:report", args=[report_of(plan).pk])):
        assert "файл удалён: найден вирус" in client.get(address).content.decode()
    assert [bool(file.file) for file in sources.get("plans").collect(own).files] == [True, False]
    with django_capture_on_commit_callbacks(execute=True):
        remove_evidence(bad, actor=own)
    assert PlanEvidence.objects.get() == good and storage.exists(good.file.name)


def test_an_infected_file_takes_no_place_of_a_row(orenburg):
    item = make_plan(guided(orenburg), state="agreed").items.get()
    row = lay(item)
    row.scan = "infected"
    for _ in range(FILES_OF_A_ROW):
        row.pk = None
        row.save()
    assert lay(item).pk
