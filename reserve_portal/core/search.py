"""Search keys: case and ё/е do not matter (SQLite compares Cyrillic case-sensitively)."""


def search_key(*parts: str) -> str:
    """Return the parts joined, casefolded, ё as е, spaces collapsed."""
    return " ".join(" ".join(part for part in parts if part).casefold().replace("ё", "е").split())
