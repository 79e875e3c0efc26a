"""Blocks of the public front page and whole public pages; stages plug in from their `public.py`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


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


def public_blocks() -> list[PublicBlock]:
    """All blocks in their order."""
    return sorted((block for source in _sources for block in source()), key=lambda block: block.order)
