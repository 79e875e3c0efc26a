"""The questionnaire: saved as one types, never overwritten silently by another tab."""

from typing import Any

from django.db import transaction

from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.services import grant_role
from reserve_portal.audit.services import record_event
from reserve_portal.core import clock

from ..models import Achievement, Education, Employment, Profile

PROFILE_FIELDS = (
    "former_names",
    "birth_date",
    "citizenship",
    "snils",
    "phone",
    "municipality",
    "organisation_name",
    "post",
    "post_since",
    "degree",
    "category",
    "achievements",
    "no_criminal_record",
    "state_language",
    "ready_to_move",
    "wanted_places",
)


class StaleProfile(Exception):
    """The questionnaire was changed elsewhere meanwhile; `profile` is as stored now, `wanted` what was to be saved."""

    def __init__(self, profile: Profile, wanted: dict[str, Any]):
        super().__init__("Анкету уже изменили в другой вкладке или на другом устройстве.")
        self.profile = profile
        self.wanted = wanted


@transaction.atomic
def get_profile(user: Any) -> Profile:
    """Return the user's questionnaire, begun with what the account already knows."""
    profile, created = Profile.objects.get_or_create(
        user=user, defaults={"phone": user.phone, "municipality": user.municipality, "post": user.post}
    )
    if created:
        grant_role(user, Role.CANDIDATE, actor=user)
        record_event("candidates.start_profile", profile, actor=user, person=user)
    return profile


@transaction.atomic
def save_profile(profile: Profile, *, actor: Any, version: int, **fields: Any) -> Profile:
    """Save some fields of the questionnaire over the `version` that the person saw; returns the stored profile.

    Raises StaleProfile when the stored version is another and any of the fields differs from what is to be saved,
    and TypeError for a field the questionnaire does not have.
    """
    unknown = set(fields) - set(PROFILE_FIELDS)
    if unknown:
        raise TypeError(f"Not fields of the questionnaire: {', '.join(sorted(unknown))}")
    stored = Profile.objects.select_for_update().get(pk=profile.pk)
    changed = [name for name, value in fields.items() if getattr(stored, name) != value]
    if changed and stored.version != version:
        raise StaleProfile(stored, fields)
    if changed:
        for name in changed:
            setattr(stored, name, fields[name])
        stored.version += 1
        stored.saved_at = clock.now()
        stored.save(update_fields=[*changed, "version", "saved_at"])
        record_event(
            "candidates.save_profile", stored, actor=actor, person=stored.user, fields=sorted(changed)
        )
    return stored


def add_education(profile: Profile, *, actor: Any, **fields: Any) -> Education:
    """Add a diploma."""
    return _add_row(Education(profile=profile), "candidates.add_education", actor, fields)


def change_education(row: Education, *, actor: Any, **fields: Any) -> Education:
    """Change a diploma."""
    return _change_row(row, "candidates.change_education", actor, fields)


def remove_education(row: Education, *, actor: Any) -> None:
    """Remove a diploma; what was submitted stays in the application's snapshot."""
    _remove_row(row, "candidates.remove_education", actor)


def add_employment(profile: Profile, *, actor: Any, **fields: Any) -> Employment:
    """Add a period of work; raises IntegrityError when it ends before it begins."""
    return _add_row(Employment(profile=profile), "candidates.add_employment", actor, fields)


def change_employment(row: Employment, *, actor: Any, **fields: Any) -> Employment:
    """Change a period of work."""
    return _change_row(row, "candidates.change_employment", actor, fields)


def remove_employment(row: Employment, *, actor: Any) -> None:
    """Remove a period of work; what was submitted stays in the application's snapshot."""
    _remove_row(row, "candidates.remove_employment", actor)


def add_achievement(profile: Profile, *, actor: Any, **fields: Any) -> Achievement:
    """Add an award, a contest, a project, a publication or a course."""
    return _add_row(Achievement(profile=profile), "candidates.add_achievement", actor, fields)


def change_achievement(row: Achievement, *, actor: Any, **fields: Any) -> Achievement:
    """Change an achievement."""
    return _change_row(row, "candidates.change_achievement", actor, fields)


def remove_achievement(row: Achievement, *, actor: Any) -> None:
    """Remove an achievement; what was submitted stays in the application's snapshot."""
    _remove_row(row, "candidates.remove_achievement", actor)


@transaction.atomic
def _add_row(row: Any, deed: str, actor: Any, fields: dict[str, Any]) -> Any:
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()
    _touch(row.profile)
    record_event(deed, row, actor=actor, person=row.profile.user)
    return row


@transaction.atomic
def _change_row(row: Any, deed: str, actor: Any, fields: dict[str, Any]) -> Any:
    stored = type(row).objects.select_for_update().get(pk=row.pk)
    for name, value in fields.items():
        setattr(stored, name, value)
    stored.save()
    _touch(stored.profile)
    record_event(deed, stored, actor=actor, person=stored.profile.user)
    return stored


@transaction.atomic
def _remove_row(row: Any, deed: str, actor: Any) -> None:
    record_event(deed, row, actor=actor, person=row.profile.user)
    _touch(row.profile)
    row.delete()


def _touch(profile: Profile) -> None:
    """Rows are tables of their own: they move the moment of saving, not the version of the questionnaire's fields."""
    Profile.objects.filter(pk=profile.pk).update(saved_at=clock.now())
