"""The questionnaire of an application on paper, typed by the operator in one form."""

from typing import Any

from django.db import transaction

from reserve_portal.core.gates import Blocker, require_open

from ..models import Application, Profile
from ..perms import can_enter_application
from .applications import set_choices
from .profiles import (
    PROFILE_FIELDS,
    add_education,
    add_employment,
    change_education,
    change_employment,
    remove_education,
    remove_employment,
    save_profile,
)

WRITERS: dict[str, tuple[Any, Any, Any]] = {
    "education": (add_education, change_education, remove_education),
    "employment": (add_employment, change_employment, remove_employment),
}


@transaction.atomic
def save_questionnaire(application: Application, whole: Any, *, version: int, actor: Any) -> None:
    """Store a checked `WholeQuestionnaire` over the `version` of the person's questionnaire that the operator saw.

    Raises StaleProfile when the person changed it meanwhile, GateShut for choices that the edition does not allow.
    """
    if not can_enter_application(actor, application):
        require_open([Blocker("Это заявление уже внесено.")])
    profile = Profile.objects.get(user=application.user_id)
    fields = {name: whole.main.cleaned_data[name] for name in PROFILE_FIELDS}
    save_profile(profile, actor=actor, version=version, **fields)
    for what in WRITERS:
        _save_rows(profile, what, getattr(whole, what), actor)
    set_choices(application, actor=actor, **whole.choices.cleaned_data)


def _save_rows(profile: Profile, what: str, rows: Any, actor: Any) -> None:
    add, change, remove = WRITERS[what]
    for form in rows.forms:
        if form in rows.deleted_forms:
            if form.instance.pk:
                remove(form.instance, actor=actor)
        elif form.has_changed():
            fields = {name: form.cleaned_data[name] for name in form._meta.fields if name != "profile"}
            if form.instance.pk:
                change(form.instance, actor=actor, **fields)
            else:
                add(profile, actor=actor, **fields)
