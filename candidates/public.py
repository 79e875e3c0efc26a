"""What the public site shows of the candidates' stage."""

from django.urls import reverse

from reserve_portal.core import clock
from reserve_portal.pages.public import (
    PublicBlock,
    page_block_source,
    public_address_source,
    public_block_source,
)
from reserve_portal.regulations.models import Edition

from .models import Campaign
from .services.consents import texts_of


@public_block_source
@page_block_source("intakes", "how-to-apply")
def campaigns_block() -> list[PublicBlock]:
    """Announced and running campaigns with their windows in the region's time."""
    campaigns = Campaign.objects.public().filter(closes_at__gte=clock.now())
    return [PublicBlock("candidates/public_block.html", {"campaigns": campaigns}, order=10)]


@page_block_source("documents")
def blanks_block() -> list[PublicBlock]:
    """Blank forms of the edition in force."""
    edition = Edition.objects.filter(in_force=True).first()
    if edition is None:
        return []
    return [PublicBlock("candidates/public_blanks.html", {"texts": texts_of(edition)}, order=20)]


@page_block_source("requirements")
def check_block() -> list[PublicBlock]:
    """The way to the self-check."""
    return [PublicBlock("candidates/public_check.html", order=10)]


@public_address_source
def candidates_addresses() -> list[str]:
    """Campaigns that are announced or running, and the self-check; nothing before the rules are loaded."""
    if not Edition.objects.filter(in_force=True).exists():
        return []
    campaigns = Campaign.objects.public().filter(closes_at__gte=clock.now()).values_list("pk", flat=True)
    pages = [reverse("candidates:campaign", args=[pk]) for pk in campaigns]
    return [reverse("candidates:self_check"), *pages]
