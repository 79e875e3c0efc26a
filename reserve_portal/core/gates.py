"""A gate answers with what still stands in the way: text, field, address of the place to mend it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Blocker:
    """One reason why a gate is shut; `url` leads to the place where it is mended."""

    text: str
    field: str = ""
    url: str = ""


class GateShut(Exception):
    """A service was called although its gate is shut."""

    def __init__(self, blockers: list[Blocker]):
        self.blockers = blockers
        super().__init__(" ".join(item.text for item in blockers))


def require_open(blockers: list[Blocker]) -> None:
    """Raise GateShut when there is any blocker."""
    if blockers:
        raise GateShut(blockers)
