"""People, campaigns and applications for the tests of the operator's side, made by the services themselves."""

import itertools
from datetime import date, datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile

from candidates.enums import Verdict
from candidates.models import Application, ApplicationTrack, Campaign, PackageFile, PackageItem
from candidates.services import campaigns, intake
from candidates.services.finding import index_application
from candidates.workflow import APPLICATION
from commissions.models import Body, BodyMember
from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.models import Municipality, User
from reserve_portal.accounts.services import create_person
from reserve_portal.core import clock
from reserve_portal.core.models import CalendarYear
from reserve_portal.regulations.deadlines import event_happened
from reserve_portal.regulations.models import Edition, Ground
from reserve_portal.regulations.tests.editions import load_edition_quickly

_numbers = itertools.count(1)
SPECIALIST = {
    "level": "specialist",
    "level_label": "специалитет",
    "field": "pedagogy",
    "field_label": "образование и педагогические науки",
    "institution": "ТГПУ",
    "speciality": "Математика",
    "year": 2005,
    "diploma": "",
    "hours": None,
}
RETRAINING = {
    **SPECIALIST,
    "level": "retraining",
    "level_label": "профессиональная переподготовка",
    "field": "management",
    "speciality": "Менеджмент",
    "year": 2015,
    "hours": 520,
}


def load_years(*years: int) -> None:
    """Load plain working calendars, without holidays."""
    for year in years:
        CalendarYear.objects.get_or_create(year=year)


def make_edition(name: str = "tomsk") -> Edition:
    """Load a preset and the calendars around it."""
    load_years(2026, 2027)
    return load_edition_quickly(name)


def make_person(*roles: str, **fields: Any) -> User:
    """A person with these roles; a candidate when none is given."""
    number = next(_numbers)
    fields = {"last_name": f"Петров{number}", "first_name": "Пётр", "patronymic": "Петрович", **fields}
    return create_person(
        f"person{number}@example.org", roles=list(roles or (Role.CANDIDATE,)), actor=None, **fields
    )


def make_operator() -> User:
    return make_person(Role.OPERATOR)


def make_campaign(operator: User, edition: Edition, *, is_open: bool = True, **fields: Any) -> Campaign:
    """A campaign whose window runs now."""
    now = clock.now()
    fields = {"opens_at": now - timedelta(days=5), "closes_at": now + timedelta(days=20), **fields}
    campaign = campaigns.create_campaign(
        edition=edition, name=fields.pop("name", f"Набор {next(_numbers)}"), actor=operator, **fields
    )
    if is_open:
        campaigns.open_campaign(campaign, actor=operator)
    return campaign


def snapshot_for(user: User, municipality: Municipality, **profile: Any) -> dict[str, Any]:
    """A snapshot of somebody who meets every requirement of Tomsk."""
    return {
        "person": {"full_name": user.full_name, "email": user.email},
        "profile": {
            "birth_date": "1980-05-01",
            "citizenship": "RU",
            "citizenship_label": "Российская Федерация",
            "phone": "+7 900 000-00-00",
            "municipality": municipality.name,
            "municipality_id": municipality.pk,
            "organisation_name": "Школа № 1",
            "post": "заместитель директора",
            "category": "",
            "achievements": "",
            "no_criminal_record": True,
            "state_language": True,
            "ready_to_move": True,
            "version": 1,
            **profile,
        },
        "education": [SPECIALIST, RETRAINING],
        "employment": [
            {
                "kind": "teaching",
                "kind_label": "педагогическая",
                "organisation": "Школа № 1",
                "post": "учитель",
                "since": "2010-09-01",
                "until": None,
            }
        ],
        "inventory": [],
    }


def make_municipality(name: str = "Город Томск") -> Municipality:
    return Municipality.objects.get_or_create(name=name, defaults={"oktmo": f"{next(_numbers):08d}"})[0]


def make_submitted(
    campaign: Campaign, *, user: User | None = None, municipality: Municipality | None = None, **profile: Any
) -> Application:
    """A submitted application with one file in every required slot, as the candidate's side leaves it."""
    user = user or make_person()
    application = Application.objects.create(campaign=campaign, user=user, nominations=["self"])
    for kind in campaign.edition.document_types.all():
        item = PackageItem.objects.create(application=application, document_type=kind)
        if kind.is_required_for(application.nominations):
            add_plain_file(item)
    for group in campaign.edition.target_groups.all()[:1]:
        ApplicationTrack.objects.create(application=application, target_group=group)
    APPLICATION.start(application, actor=user, label="Заявление начато")
    APPLICATION.apply(application, "submit", actor=user)
    application.submitted_at = clock.now()
    application.snapshot = snapshot_for(user, municipality or make_municipality(), **profile)
    application.save(update_fields=["submitted_at", "snapshot"])
    index_application(application)
    event_happened("application.submitted", application, edition=campaign.edition, on=clock.today())
    return application


def add_plain_file(item: PackageItem, pages: int = 2) -> PackageFile:
    row = PackageFile(
        item=item,
        original_name="скан.pdf",
        kind="pdf",
        content_type="application/pdf",
        size=10,
        pages=pages,
        sha256="0" * 64,
    )
    row.file.save("scan.pdf", ContentFile(b"%PDF-1.4"), save=False)
    row.save()
    return row


def make_registered(campaign: Campaign, operator: User, **fields: Any) -> Application:
    application = make_submitted(campaign, **fields)
    intake.register_application(application, actor=operator)
    return application


def accept_all(application: Application, operator: User) -> None:
    """Accept every document that has a file."""
    for item in application.items.all():
        if item.current_files().exists():
            intake.review_item(item, verdict=Verdict.ACCEPTED, actor=operator)


def make_reviewed(campaign: Campaign, operator: User, *, admit: bool = True, **fields: Any) -> Application:
    application = make_registered(campaign, operator, **fields)
    accept_all(application, operator)
    ground = None if admit else ground_of(campaign, "not_admitted")
    words = "" if admit else "Нет переподготовки"
    intake.finish_review(application, actor=operator, admit=admit, ground=ground, words=words)
    return application


def ground_of(campaign: Campaign, kind: str) -> Ground:
    return campaign.edition.grounds.filter(kind=kind).first()


def make_commission(size: int = 3) -> list[User]:
    """The commission of Tomsk's preset with a chair, a secretary who does not vote, and members."""
    body = Body.objects.create(code="commission", name="Комиссия")
    people = [make_person(Role.COMMISSION) for _ in range(size + 1)]
    positions = ["chair", "secretary", *["member"] * (size - 1)]
    for person, position in zip(people, positions, strict=True):
        BodyMember.objects.create(
            body=body, user=person, position=position, votes=position != "secretary", since=date(2020, 1, 1)
        )
    return people


def moment(year: int, month: int, day: int, hour: int = 12) -> datetime:
    from datetime import time

    return clock.at(date(year, month, day), time(hour))
