"""Russian words that stand for codes."""

import pytest

from reserve_portal.core.words import clause_in_words


@pytest.mark.parametrize(
    ("clause", "words"),
    [
        ("O3.2к", "подп. «к» п. 3.2 Порядка"),
        ("O1.17, O3.23", "п. 1.17 Порядка, п. 3.23 Порядка"),
        ("O6.2, образец", "п. 6.2 Порядка, образец"),
        ("T2, ст. 331 ТК РФ", "п. 2 алгоритма раздела 4, ст. 331 ТК РФ"),
        ("T10", "п. 10 алгоритма раздела 4"),
        ("образец", "образец"),
        ("152-ФЗ, ст. 20", "152-ФЗ, ст. 20"),
        ("З 15", "З 15"),
        ("", ""),
    ],
)
def test_the_codes_of_clauses_are_told_in_words(clause, words):
    """quality.md: nobody is shown a code that is explained nowhere; what an edition writes in words stays."""
    assert clause_in_words(clause) == words
