"""People and applications for the tests of the candidate's side."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from io import BytesIO
from typing import Any
from unittest.mock import patch

from candidates import uploads
from candidates.enums import CampaignState, EducationField, EducationLevel, EmploymentKind
from candidates.models import Application, Campaign
from candidates.services import applications as services
from reserve_portal.accounts.models import Municipality, User
from reserve_portal.accounts.services import create_person
from reserve_portal.regulations.models import Edition
from reserve_portal.regulations.tests.editions import load_edition_quickly

OPENS = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
CLOSES = datetime(2026, 4, 3, 16, 59, 59, tzinfo=UTC)
INSIDE = datetime(2026, 3, 20, 5, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@lru_cache(maxsize=4)
def picture(colour: str = "white") -> bytes:
    """A small true PNG."""
    from PIL import Image

    out = BytesIO()
    Image.new("RGB", (60, 80), colour).save(out, "PNG")
    return out.getvalue()


# The child process that judges a file costs a twentieth of a second; the same picture is judged by it once.
_inspected_once = lru_cache(maxsize=8)(uploads._ask_inspector)


def edition(name: str = "tomsk") -> Edition:
    return load_edition_quickly(name)


def person(
    email: str = "candidate@demo.example", roles: tuple[str, ...] = ("candidate",), **fields: Any
) -> User:
    names = {"last_name": "Берёзкина", "first_name": "Анна", "patronymic": "Фёдоровна"}
    return create_person(email, roles=list(roles), actor=None, **{**names, **fields})


def campaign(preset: str = "tomsk", **fields: Any) -> Campaign:
    values = {"name": "Весна 2026", "opens_at": OPENS, "closes_at": CLOSES, "state": CampaignState.OPEN}
    return Campaign.objects.create(edition=edition(preset), **{**values, **fields})


def fill_profile(user: User) -> None:
    """A questionnaire that meets Tomsk's requirements."""
    town, _ = Municipality.objects.get_or_create(oktmo="69701000", defaults={"name": "Город Образцовый"})
    profile = services.get_profile(user)
    services.save_profile(
        profile,
        actor=user,
        version=profile.version,
        birth_date=date(1985, 5, 17),
        citizenship="RU",
        phone="+7 900 000-00-01",
        municipality=town,
        organisation_name="Школа № 1",
        post="Заместитель директора",
        no_criminal_record=True,
        state_language=True,
    )
    services.add_education(
        profile,
        actor=user,
        level=EducationLevel.SPECIALIST,
        field=EducationField.PEDAGOGY,
        institution="Педагогический университет",
        speciality="Математика",
        year=2007,
    )
    services.add_education(
        profile,
        actor=user,
        level=EducationLevel.RETRAINING,
        field=EducationField.MANAGEMENT,
        institution="Институт повышения квалификации",
        speciality="Менеджмент в образовании",
        year=2019,
        hours=520,
    )
    services.add_employment(
        profile,
        actor=user,
        kind=EmploymentKind.TEACHING,
        organisation="Школа № 1",
        post="Учитель",
        since=date(2010, 9, 1),
    )


def draft(user: User | None = None, *, of: Campaign | None = None) -> Application:
    """A draft without anything filled."""
    return services.start_application(user or person(), campaign=of or campaign())


def complete_draft(user: User | None = None, *, of: Campaign | None = None) -> Application:
    """A draft that may be submitted; make it inside the window."""
    application = draft(user, of=of)
    user = application.user
    fill_profile(user)
    edition_ = application.campaign.edition
    services.set_choices(
        application, actor=user, nominations=["self"], groups=list(edition_.target_groups.all()[:1])
    )
    for text in services.texts_of(edition_):
        if text.required:
            services.give_consent(user, text=text, address="192.0.2.7", actor=user)
    application.refresh_from_db()
    with patch.object(uploads, "_ask_inspector", _inspected_once):
        for item in services.slots_of(application):
            if item.document_type.is_required_for(application.nominations):
                services.add_file(item, name=f"{item.document_type.code}.png", data=picture(), actor=user)
    return application


def submitted(user: User | None = None, *, of: Campaign | None = None) -> Application:
    application = complete_draft(user, of=of)
    return services.submit_application(application, actor=application.user)
