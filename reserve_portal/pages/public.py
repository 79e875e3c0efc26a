"""Blocks of the public front page and whole public pages; stages plug in from their `public.py`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .models import Material


@dataclass(frozen=True)
class PublicBlock:
    """A block of the front page: template and context; lower `order` stands higher."""

    template: str
    context: dict[str, Any] = field(default_factory=dict)
    order: int = 50


BlockSource = Callable[[], list[PublicBlock]]
_sources: list[BlockSource] = []


def public_block_source(function: BlockSource) -> BlockSource:
    """Register a function that gives blocks of the front page."""
    _sources.append(function)
    return function


PageSource = Callable[[], list[PublicBlock]]
AddressSource = Callable[[], list[str]]
_page_sources: dict[str, list[PageSource]] = {}
_addresses: list[AddressSource] = []


def page_block_source(*slugs: str) -> Callable[[PageSource], PageSource]:
    """Register a function that gives blocks below the text of the public pages with these slugs."""

    def register(function: PageSource) -> PageSource:
        for slug in slugs:
            _page_sources.setdefault(slug, []).append(function)
        return function

    return register


def page_blocks(slug: str) -> list[PublicBlock]:
    """The blocks of one public page in their order."""
    sources = _page_sources.get(slug, [])
    return sorted((block for source in sources for block in source()), key=lambda block: block.order)


def public_address_source(function: AddressSource) -> AddressSource:
    """Register a function that gives addresses (paths) of public pages for search engines."""
    if function not in _addresses:
        _addresses.append(function)
    return function


def public_addresses() -> list[str]:
    """Every public address that a stage names."""
    return [address for source in _addresses for address in source()]


def public_blocks() -> list[PublicBlock]:
    """All blocks in their order."""
    return sorted((block for source in _sources for block in source()), key=lambda block: block.order)


@page_block_source("assessment", "regulation")
def materials_block() -> list[PublicBlock]:
    """Published files by section; nothing where there is none."""
    return [block for block in materials_page_block() if block.context["materials"]]


@page_block_source("materials")
def materials_page_block() -> list[PublicBlock]:
    """Published files by section; the page of materials itself says where there is none."""
    rows = list(Material.objects.filter(is_published=True))
    return [PublicBlock("pages/materials.html", {"materials": rows}, order=30)]
