"""Questionnaire, applications, papers, consents and requests, for the person's own copy of the data."""

from typing import Any

from django.db.models import Q

from reserve_portal.core.personal_data import Part, PersonalFile, described, history, personal_data_source

from .models import Application, Consent, Nomination, PackageFile, Profile, SubjectRequest
from .services.profiles import PROFILE_FIELDS
from .services.snapshots import snils_of
from .uploads import EXTENSIONS


@personal_data_source("questionnaire", "Анкета")
def questionnaire(user: Any) -> Part:
    """The questionnaire as it stands, with diplomas and work; applications keep their own frozen copy."""
    profile = Profile.objects.filter(user=user).select_related("municipality").first()
    if profile is None:
        return Part([])
    diplomas = ("level", "field", "institution", "speciality", "year", "diploma", "hours")
    periods = ("kind", "organisation", "post", "since", "until")
    deeds = ("kind", "title", "year", "hours", "details")
    return Part(
        [
            described(profile, "saved_at", *PROFILE_FIELDS)
            | {
                "Образование": [described(row, *diplomas) for row in profile.education.all()],
                "Трудовая деятельность": [described(row, *periods) for row in profile.employment.all()],
                "Достижения": [described(row, *deeds) for row in profile.achievement_rows.all()],
            }
        ]
    )


@personal_data_source("applications", "Заявления")
def applications(user: Any) -> Part:
    """Applications with the questionnaire as submitted, the verdicts and what happened."""
    rows = Application.objects.filter(user=user).select_related("campaign").order_by("pk")
    return Part([_application(row) for row in rows])


def _application(row: Application) -> dict[str, Any]:
    tracks = list(row.tracks.select_related("target_group"))
    registration = getattr(row, "registration", None)
    items = row.items.select_related("document_type", "ground")
    return {
        **described(row, "campaign", "channel", "created_at", "submitted_at", "nominations"),
        "Состояние": row.state_for_candidate,
        "Регистрационный номер": registration.text if registration else None,
        "Целевые группы": {str(track.target_group): track.state_for_candidate for track in tracks},
        "Документы": [described(item, "document_type", "verdict", "ground", "words") for item in items],
        "Что произошло": history([row, *tracks]),
        "Анкета на момент подачи": _opened(row.snapshot) if row.snapshot else None,
    }


@personal_data_source("package", "Файлы заявлений")
def package(user: Any) -> Part:
    """Every file of the packages, replaced ones too; what waits for the virus scanner is named, not given."""
    rows = PackageFile.objects.filter(item__application__user=user).select_related("item__document_type")
    fields = ("original_name", "kind", "size", "pages", "sha256", "uploaded_at", "removed_at", "scan")
    files = [PersonalFile(row.original_name, row.file if row.may_be_opened else None) for row in rows]
    return Part([{"Документ": str(row.item)} | described(row, *fields) for row in rows], files)


@personal_data_source("consents", "Согласия")
def consents(user: Any) -> Part:
    """Consents given and withdrawn, with their full texts."""
    rows = Consent.objects.filter(user=user).select_related("text").order_by("pk")
    return Part(
        [
            described(row, "text", "given_at", "address", "withdrawn_at", "proof_sha256", "scan")
            | {
                "Можно публиковать": row.items_in_words,
                "Запрещено другим": row.prohibitions_in_words,
                "Версия": row.text.version,
                "Полный текст": row.text.text,
            }
            for row in rows
        ],
        [
            PersonalFile(
                f"Скан согласия: {row.text}.{EXTENSIONS[row.proof_kind]}",
                row.proof if row.may_be_opened else None,
            )
            for row in rows
            if row.proof
        ],
    )


@personal_data_source("nominations", "Выдвижения")
def nominations(user: Any) -> Part:
    """Nominations of the person (by the address) and those the person sent, with the letters; no secret links."""
    rows = Nomination.objects.filter(Q(email__iexact=user.email) | Q(nominator=user)).order_by("pk")
    rows = rows.select_related("campaign", "nominator", "municipality", "organisation")
    fields = (
        "campaign",
        "kind",
        "nominator",
        "municipality",
        "organisation",
        "state",
        "created_at",
        "answered_at",
        "scan",
    )
    return Part(
        [{"Кого": str(row)} | described(row, *fields) for row in rows],
        [PersonalFile(row.letter_name, row.letter if row.may_be_opened else None) for row in rows],
    )


@personal_data_source("requests", "Запросы о персональных данных")
def requests(user: Any) -> Part:
    """Requests about the own data, with their answers."""
    rows = SubjectRequest.objects.filter(user=user).order_by("pk")
    fields = ("kind", "text", "received_at", "state", "answer", "answered_at")
    return Part([described(row, *fields) for row in rows])


def _opened(snapshot: dict[str, Any]) -> dict[str, Any]:
    """The questionnaire as submitted, its СНИЛС readable: it goes to the person alone."""
    return snapshot | {"profile": snapshot["profile"] | {"snils": snils_of(snapshot)}}
