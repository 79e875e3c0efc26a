"""What the codes of recorded deeds mean, in the words that an inspector reads.

An app says it in its own `deeds.py`, autodiscovered. What is stored is the code: the words may be bettered at any time
without breaking a seal.
"""

from collections.abc import Mapping

from reserve_portal.core.registry import Registry

_words: Registry[str] = Registry("deed")


def name_deeds(words: Mapping[str, str]) -> None:
    """Register the Russian words of deeds by their codes; raises ValueError for a code that has other words."""
    for code, said in words.items():
        _words.add(code, said)


def words_of(code: str) -> str:
    """What was done, in Russian; a code that nobody knows any more says itself."""
    return _words.get(code) if code in _words else code


name_deeds({"core.export_list": "Список выгружен таблицей"})
