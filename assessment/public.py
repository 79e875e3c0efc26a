"""What everybody sees: announced procedures and their sample questions (T3)."""

from django.urls import reverse

from candidates.dates import CampaignDate, campaign_dates
from candidates.models import Campaign
from reserve_portal.pages.public import (
    PublicBlock,
    page_block_source,
    public_address_source,
    public_block_source,
)

from .models import Procedure, Programme

SHOWN = 5


@public_block_source
@page_block_source("assessment", "materials")
def announced_procedures() -> list[PublicBlock]:
    """The next procedures with dates and a link to place, instruction and sample questions."""
    procedures = list(
        Procedure.objects.announced().only("name", "starts_at", "ends_at", "questions_published_at")[:SHOWN]
    )
    if not procedures:
        return []
    return [PublicBlock("assessment/public/procedures.html", {"procedures": procedures}, order=40)]


@page_block_source("programmes")
def programmes_block() -> list[PublicBlock]:
    """The catalogue of programmes of training."""
    programmes = Programme.objects.filter(is_active=True)
    return [PublicBlock("assessment/public/programmes.html", {"programmes": programmes}, order=20)]


@campaign_dates
def procedure_dates(campaign: Campaign) -> list[CampaignDate]:
    """When the announced procedures of a campaign go on (T3)."""
    return [
        CampaignDate(
            f"procedure-{row.pk}",
            f"Оценка: {row.name}",
            row.starts_at,
            row.ends_at,
            reverse("assessment:announced", args=[row.pk]),
        )
        for row in Procedure.objects.announced().filter(campaign=campaign)
    ]


@public_address_source
def procedure_addresses() -> list[str]:
    """Pages of announced procedures with their sample questions."""
    keys = Procedure.objects.announced().values_list("pk", flat=True)
    return [reverse("assessment:announced", args=[pk]) for pk in keys]
