"""What the public front page shows of the campaigns."""

from reserve_portal.core import clock
from reserve_portal.pages.public import PublicBlock, public_block_source

from .models import Campaign


@public_block_source
def campaigns_block() -> list[PublicBlock]:
    """Announced and running campaigns with their windows in the region's time."""
    campaigns = Campaign.objects.public().filter(closes_at__gte=clock.now())
    return [PublicBlock("candidates/public_block.html", {"campaigns": campaigns}, order=10)]
