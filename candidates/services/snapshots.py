"""The application frozen as it was submitted: what was said, agreed to and handed in, with the digest of each file."""

from datetime import date
from typing import Any

from reserve_portal.core.crypto import seal, unseal
from reserve_portal.regulations.parameters import NOMINATION_KINDS

from ..models import Application, Consent, Profile

SNAPSHOT_FIELDS = (
    "former_names",
    "citizenship",
    "phone",
    "organisation_name",
    "post",
    "degree",
    "category",
    "achievements",
    "no_criminal_record",
    "state_language",
    "ready_to_move",
    "wanted_places",
)


def describe_profile(user: Any) -> dict[str, Any]:
    """Person, questionnaire, diplomas and work as plain JSON; an empty questionnaire for whoever has none yet."""
    profile = Profile.objects.select_related("municipality").filter(user=user).first() or Profile(user=user)
    has_rows = profile.pk is not None
    return {
        "person": {
            "last_name": user.last_name,
            "first_name": user.first_name,
            "patronymic": user.patronymic,
            "full_name": user.full_name,
            "email": user.email,
        },
        "profile": {
            **{name: getattr(profile, name) for name in SNAPSHOT_FIELDS},
            "birth_date": profile.birth_date.isoformat() if profile.birth_date else None,
            "post_since": profile.post_since.isoformat() if profile.post_since else None,
            "snils": seal(profile.snils),  # sealed here too: a snapshot is plain JSON
            "citizenship_label": profile.get_citizenship_display(),
            "municipality": profile.municipality.name if profile.municipality else "",
            "municipality_id": profile.municipality_id,
            "version": profile.version,
        },
        "education": [_education(row) for row in profile.education.all()] if has_rows else [],
        "employment": [_employment(row) for row in profile.employment.all()] if has_rows else [],
        "achievements": [_achievement(row) for row in profile.achievement_rows.all()] if has_rows else [],
    }


def describe_inventory(application: Application) -> list[dict[str, Any]]:
    """Every slot with its present files: name, kind, bytes, pages, SHA-256 (one entry per document type)."""
    from .packages import slots_of

    return [
        {
            "code": item.document_type.code,
            "name": item.document_type.name,
            "files": [
                {
                    "id": file.pk,
                    "name": file.original_name,
                    "kind": file.kind,
                    "size": file.size,
                    "pages": file.pages,
                    "sha256": file.sha256,
                }
                for file in item.present_files
            ],
        }
        for item in slots_of(application)
    ]


def describe_application(application: Application) -> dict[str, Any]:
    """Everything that is frozen at submission."""
    from .consents import texts_of

    edition = application.campaign.edition
    groups = list(application.wanted_groups.all())
    consents = Consent.objects.filter(
        user=application.user, text__in=texts_of(edition), withdrawn_at=None
    ).select_related("text")
    return {
        **describe_profile(application.user),
        "edition": edition.code,
        "campaign": application.campaign.name,
        "nominations": list(application.nominations),
        "groups": [{"code": group.code, "name": group.name} for group in groups],
        "consents": [
            {
                "id": consent.pk,
                "kind": consent.text.kind,
                "title": consent.text.title,
                "version": consent.text.version,
                "given_at": consent.given_at.isoformat(),
                "address": consent.address,
            }
            for consent in consents
        ],
        "inventory": describe_inventory(application),
    }


def readable_answers(data: dict[str, Any]) -> dict[str, Any]:
    """A snapshot for templates: `data` itself, and what JSON cannot hold: days, words of the nominations."""
    unasked = dict.fromkeys((*SNAPSHOT_FIELDS, "post_since"), "")  # by a questionnaire of an earlier form
    return {
        "data": data | {"profile": unasked | data["profile"]},
        "birth_date": _day(data["profile"]["birth_date"]),
        "post_since": _day(data["profile"].get("post_since")),
        "achievements": data.get("achievements", []),
        "snils": snils_of(data),
        "work": [
            {**row, "since": _day(row["since"]), "until": _day(row["until"])} for row in data["employment"]
        ],
        "nominations": [NOMINATION_KINDS.get(kind, kind) for kind in data.get("nominations", [])],
    }


def snils_of(data: dict[str, Any]) -> str:
    """The СНИЛС of a snapshot, readable; empty where none was given."""
    return unseal(data.get("profile", {}).get("snils", ""))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _education(row: Any) -> dict[str, Any]:
    names = ("level", "field", "institution", "speciality", "year", "diploma", "hours")
    labels = {"level_label": row.get_level_display(), "field_label": row.get_field_display()}
    return {name: getattr(row, name) for name in names} | labels


def _achievement(row: Any) -> dict[str, Any]:
    names = ("kind", "title", "year", "hours", "details")
    return {name: getattr(row, name) for name in names} | {"kind_label": row.get_kind_display()}


def _employment(row: Any) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "kind_label": row.get_kind_display(),
        "organisation": row.organisation,
        "post": row.post,
        "since": row.since.isoformat(),
        "until": row.until.isoformat() if row.until else None,
    }
