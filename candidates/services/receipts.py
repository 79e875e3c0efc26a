"""The candidate's papers. Receipt and consent are issued at the first reading, from what was frozen, and stay."""

from typing import Any

from django.db import transaction

from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, GateShut
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.papers.render import render_pdf
from reserve_portal.papers.services import issue_paper

from ..models import Application, Consent
from .consents import consents_of
from .snapshots import describe_application, readable_answers


@transaction.atomic
def receipt_of(application: Application, *, actor: Any) -> IssuedPaper:
    """Return the receipt with the inventory and the SHA-256 of each file (O3.4), issued once.

    Raises GateShut for an application that was not submitted.
    """
    application = (
        Application.objects.select_for_update(of=("self",))
        .select_related("campaign__edition", "user")
        .get(pk=application.pk)
    )
    if application.submitted_at is None:
        raise GateShut([Blocker("Заявление не подано: расписки ещё нет.")])
    standing = IssuedPaper.objects.about(application).filter(kind="receipt").first()
    if standing is not None:
        return standing
    return issue_paper(
        "receipt",
        application,
        {
            "edition": application.campaign.edition,
            "campaign": application.campaign,
            "submitted_at": application.submitted_at,
            "channel": application.get_channel_display(),
            **_readable(application.snapshot),
        },
        actor=actor,
        person=application.user,
        dated=clock.local(application.submitted_at).date(),
    )


@transaction.atomic
def consent_paper_of(consent: Consent, *, actor: Any) -> IssuedPaper:
    """Return the consent as a paper: full text, version, who, when, from which address; issued once."""
    consent = (
        Consent.objects.select_for_update(of=("self",))
        .select_related("text__edition", "user")
        .get(pk=consent.pk)
    )
    standing = IssuedPaper.objects.about(consent).filter(kind="consent").first()
    if standing is not None:
        return standing
    return issue_paper(
        "consent",
        consent,
        {"edition": consent.text.edition, "consent": consent, "text": consent.text},
        actor=actor,
        person=consent.user,
        dated=clock.local(consent.given_at).date(),
        title=consent.text.title,
    )


def render_form(application: Application) -> bytes:
    """Return the filled application form as PDF, to print, sign and upload; a draft's form is no issued paper."""
    data = application.snapshot or describe_application(application)
    pairs = consents_of(application.user, application.campaign.edition)
    context = {
        "edition": application.campaign.edition,
        "campaign": application.campaign.name,
        "dash": "—",
        "line": "не указано",
        "records": "нет,есть,—",
        "readiness": "да,нет,—",
        "blank": False,
        "given_consents": [pair for pair in pairs if pair[1]],
        "today": clock.today(),
        **_readable(data),
    }
    return render_pdf("candidates/pdf/application_form.html", context)


def _readable(data: dict[str, Any]) -> dict[str, Any]:
    """The snapshot with words and days in place of codes."""
    files = [file for slot in data["inventory"] for file in slot["files"]]
    return {
        **readable_answers(data),
        "file_count": len(files),
        "total_size": sum(file["size"] for file in files),
    }
