"""Concepts wait for the virus scanner like every other upload (quality.md, Security; T10)."""

from pathlib import Path
from typing import Any

from django.urls import reverse

from candidates.tasks import scan_files
from candidates.tests.scanner import NAME, scanner
from candidates.tests.test_quarantine import infected_pdf
from reserve_portal.accounts.models import User
from reserve_portal.audit.models import AuditEvent
from reserve_portal.core.personal_data import sources
from reserve_portal.core.tests.answers import content_of
from reserve_portal.notifications.models import Letter
from reserve_portal.regulations.models import Edition
from vacancies.next_step import wants_concept
from vacancies.services.defence import upload_concept

from .factories import make_commission, make_reservist, make_vacancy, presented, scheduled
from .test_defence import pdf
from .test_pages import signed, text


def test_nobody_opens_a_concept_before_the_verdict(tomsk: Edition, operator: User, settings: Any) -> None:
    members = make_commission(tomsk)
    nominee = presented(make_vacancy(tomsk), make_reservist(tomsk), operator)
    own = nominee.reservist.user
    readers = (own, operator, members[0])
    with scanner() as server:
        settings.CLAMAV_ADDRESS = server.address
        concept = upload_concept(nominee, name="к.pdf", data=pdf(), actor=own)
        scheduled(nominee.vacancy, operator)
        address = reverse("vacancies:concept", args=[concept.pk])
        assert [signed(user).get(address).status_code for user in readers] == [404] * 3
        for user, name in ((own, "offer"), (members[0], "nominee")):
            shown = text(signed(user).get(reverse(f"vacancies:{name}", args=[nominee.pk])))
            assert "проверяется на вирусы" in shown and address not in shown
        scan_files()
    for user in readers:
        assert content_of(signed(user).get(address)).startswith(b"%PDF")
    read = AuditEvent.objects.filter(action="vacancies.read_concept").order_by("pk")
    assert [event.actor for event in read] == [operator, members[0]]  # only what was handed out


def test_an_infected_concept_is_destroyed_and_the_version_before_it_stands(
    tomsk: Edition, operator: User, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    members = make_commission(tomsk)
    nominee = presented(make_vacancy(tomsk), make_reservist(tomsk), operator)
    own = nominee.reservist.user
    with scanner() as server:
        settings.CLAMAV_ADDRESS = server.address
        good = upload_concept(nominee, name="Чистая.pdf", data=pdf(), actor=own)
        bad = upload_concept(nominee, name="Больная.pdf", data=infected_pdf(), actor=own)
        scheduled(nominee.vacancy, operator)
        path = bad.file.path
        with django_capture_on_commit_callbacks(execute=True):
            scan_files()
    bad.refresh_from_db()
    assert (bad.scan, bad.scan_found, bad.file.name, Path(path).exists()) == ("infected", NAME, "", False)
    letter = Letter.objects.get(kind="vacancy.infected_concept")
    assert letter.to == own and "Больная.pdf" in letter.body and NAME in letter.body
    assert AuditEvent.objects.get(action="vacancies.infected_concept").details["sha256"] == bad.sha256
    assert signed(own).get(reverse("vacancies:concept", args=[bad.pk])).status_code == 404
    assert "найден вирус" in text(signed(own).get(reverse("vacancies:offer", args=[nominee.pk])))
    shown = text(signed(members[0]).get(reverse("vacancies:nominee", args=[nominee.pk])))
    assert "Скачать версию 1" in shown and "ерсию 2" not in shown and "ерсия 2" not in shown
    defence = nominee.vacancy.defences.get()
    assert "версия 1" in text(signed(members[0]).get(reverse("vacancies:defence", args=[defence.pk])))
    assert "версия 1" in text(
        signed(operator).get(reverse("admin:vacancies_case", args=[nominee.vacancy_id]))
    )
    part = sources.get("concepts").collect(own)
    assert [bool(file.file) for file in part.files] == [True, False]
    assert not wants_concept(nominee)
    nominee.concepts.filter(pk=good.pk).delete()
    assert wants_concept(nominee)  # an infected one is none
