"""Small pieces of the machinery: registries, gates, search keys, what is remembered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reserve_portal.core import context
from reserve_portal.core.gates import Blocker, GateShut, require_open
from reserve_portal.core.registry import Registry
from reserve_portal.core.search import search_key


def test_a_code_is_taken_once():
    """Two plugs under one code are a mistake, the same plug twice (a module imported again) is not."""
    registry = Registry("letter")
    plug = object()
    registry.add("a", plug)
    registry.add("a", plug)
    with pytest.raises(ValueError, match="letter «a» is registered twice"):
        registry.add("a", object())
    assert registry.get("a") is plug
    assert "a" in registry and registry.codes() == ["a"] and list(registry) == [plug]


def test_an_unknown_code_is_named():
    """The error says which plug of which registry is missing."""
    with pytest.raises(LookupError, match="letter «b» is not registered"):
        Registry("letter").get("b")


def test_a_shut_gate_lists_every_blocker():
    """A gate answers with all that stands in the way, not with the first thing (architecture.md, rule 5)."""
    with pytest.raises(GateShut, match=r"Нет диплома\. Нет согласия\.") as caught:
        require_open([Blocker("Нет диплома.", "education"), Blocker("Нет согласия.", url="/consents/")])
    assert [item.field for item in caught.value.blockers] == ["education", ""]
    require_open([])


@pytest.mark.parametrize(
    ("parts", "key"),
    [
        (("Иванов", "Пётр", ""), "иванов петр"),
        (("  ЁЛКИН ", "Артём\tСемёнович"), "елкин артем семенович"),
        (("Ivanova@Example.ORG",), "ivanova@example.org"),
        ((), ""),
    ],
)
def test_case_and_yo_do_not_matter_to_a_search(parts, key):
    """«иванов» finds «Иванов», «Ёлкин» and «Елкин» are one (pitfalls.md 5)."""
    assert search_key(*parts) == key


@given(st.text())
def test_a_search_key_is_its_own_key(text):
    """What a person types goes through the same function as what is stored."""
    assert search_key(search_key(text)) == search_key(text)


def test_a_value_is_computed_once_in_a_unit_of_work():
    """Remembered until the next unit of work begins or the value is forgotten."""
    calls = []

    def compute():
        calls.append(1)
        return len(calls)

    assert [context.remembered("k", compute) for _ in range(3)] == [1, 1, 1]
    context.forget("k")
    assert context.remembered("k", compute) == 2
    context.begin_unit_of_work()
    assert context.remembered("k", compute) == 3
