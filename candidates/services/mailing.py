"""A letter to many candidates at once: who gets it, who does not and why, and the job that writes the letters."""

from collections.abc import Callable
from typing import Any

from django.db import transaction

from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.core.jobs import enqueue_job, job, report_progress
from reserve_portal.core.models import Job
from reserve_portal.notifications.kinds import fill, letter_kinds, unknown_placeholders
from reserve_portal.notifications.models import Letter, Mailing
from reserve_portal.notifications.services import begin_mailing, common_values, send_mailed

from ..models import Application

KIND = "candidates.mailing"
CHUNK = 100


def receives() -> Callable[[Application], str]:
    """A judge of one list: why an application's person gets no letter; an empty text: gets it. Each person once."""
    seen: set[int] = set()

    def why_not(application: Application) -> str:
        user = application.user
        if not user.is_active:
            return "учётная запись закрыта"
        if not user.email:
            return "нет адреса электронной почты"
        if user.pk in seen:
            return "письмо получит по другому своему заявлению"
        seen.add(user.pk)
        return ""

    return why_not


def values_of(application: Application) -> dict[str, str]:
    """What fills the placeholders of a mailing for one application."""
    registration = getattr(application, "registration", None)
    return {
        "name": application.user.full_name,
        "number": str(registration) if registration else "",
        "campaign": application.campaign.name,
        "state": application.state_for_candidate,
    }


def text_blockers(subject: str, body: str) -> list[Blocker]:
    """What is wrong with the text of a mailing."""
    kind = letter_kinds.get(KIND)
    blockers = []
    for field, text in (("subject", subject), ("body", body)):
        unknown = unknown_placeholders(kind, text)
        if unknown:
            words = ", ".join(f"{{{{ {name} }}}}" for name in unknown)
            blockers.append(Blocker(f"Неизвестные подстановки: {words}.", field=field))
    return blockers


def filled_for(application: Application, subject: str, body: str) -> tuple[str, str]:
    """Subject and body as this person will read them; raises GateShut for unknown placeholders."""
    require_open(text_blockers(subject, body))
    values = {**values_of(application), **common_values(application.user)}
    return " ".join(fill(subject, values).split()), fill(body, values)


@transaction.atomic
def send_mailing(
    applications: list[Application], *, subject: str, body: str, token: str, actor: Any
) -> tuple[Mailing, Job]:
    """Begin a mailing to the persons of `applications`; the letters are written by a job. Once per `token`.

    Raises GateShut for unknown placeholders and for nobody to write to.
    """
    blockers = text_blockers(subject, body)
    if not applications:
        blockers.append(Blocker("Получателей нет."))
    require_open(blockers)
    mailing, _ = begin_mailing(token=token, subject=subject, body=body, total=len(applications), actor=actor)
    row = enqueue_job(
        KIND,
        key=f"{KIND}:{mailing.pk}",
        title=f"Рассылка: {subject}"[:200],
        params={"mailing": mailing.pk, "applications": [row.pk for row in applications]},
        actor=actor,
    )
    return mailing, row


@job(KIND)
def write_letters(row: Job) -> dict[str, Any]:
    """Write the letters of a mailing; run again, it writes those that are missing."""
    mailing = Mailing.objects.get(pk=row.params["mailing"])
    pks = row.params["applications"]
    report_progress(row, 0, len(pks))
    for start in range(0, len(pks), CHUNK):
        chunk = Application.objects.filter(pk__in=pks[start : start + CHUNK]).defer("snapshot")
        with transaction.atomic():
            for application in chunk.select_related("user", "campaign", "registration"):
                send_mailed(
                    mailing, KIND, to=application.user, values=values_of(application), about=application
                )
        report_progress(row, min(start + CHUNK, len(pks)), len(pks))
    return {"letters": Letter.objects.filter(mailing=mailing).count()}
