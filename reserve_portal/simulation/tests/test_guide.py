"""The operator's guide can't rot: its pictures have recipes, its labels stand in the portal's own sources."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from reserve_portal.simulation.guide import RECIPES, disagreements, read_guide, read_text

ROOT = Path(settings.BASE_DIR)
STAGES = ("reserve_portal", "commissions", "candidates", "assessment", "reservists", "vacancies")
# What Django's own admin says in Russian.
OF_DJANGO = {"Добавить", "Действие", "Выполнить", "Фильтр"}
_GIVEN = re.compile(r'="([^"]*)"')  # what a template hands to its parts
_MARKUP = re.compile(r"<[^>]*>|\{[%{#].*?[%}#]\}", re.DOTALL)


def test_guide_and_recipes_of_its_pictures_agree() -> None:
    """Each picture of the guide has a recipe with its words, each recipe is used, each label is accounted for."""
    assert list(disagreements(read_guide())) == []


def test_a_picture_or_a_label_without_a_recipe_is_named() -> None:
    """Guide and recipes are compared both ways."""
    guide = read_guide()
    text = f"{guide.text}\n![Новое](pictures/new.png) **«Чего нет»**".replace("(pictures/desk.png)", "")
    found = " ".join(disagreements(read_text(text)))
    assert "The picture new of the guide has no recipe." in found
    assert "The guide does not show the picture desk" in found
    assert "The label «Чего нет» of the guide is on no page" in found


def test_each_label_of_the_guide_stands_in_a_template_or_in_the_code() -> None:
    """Whoever renames a button learns that the guide names it."""
    unknown = {label for label in read_guide().labels if _plain(label) not in _interface()}
    assert unknown - OF_DJANGO == set()


def test_a_label_that_nobody_shows_would_be_found() -> None:
    """The check is no formality: words that are merely part of a longer label do not pass."""
    assert _plain("Зарегистрировать всё") not in _interface()


def test_each_task_says_when_it_is_due_and_what_comes_of_it() -> None:
    """Every task has the same shape; the last part is about mishaps, not tasks."""
    tasks = read_guide().text.split("\n## Если что-то пошло не так")[0].split("\n### ")[1:]
    assert len(tasks) > 15
    shapeless = [
        task.splitlines()[0] for task in tasks if not {"**Когда:**", "**Что произойдёт:**"} <= _bold(task)
    ]
    assert shapeless == []


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_each_recipe_begins_at_a_page_of_the_portal(recipe) -> None:
    assert reverse(recipe.start).startswith("/")


def _bold(text: str) -> set[str]:
    return set(re.findall(r"\*\*[^*]+\*\*", text))


def _plain(text: str) -> str:
    """Without count, punctuation and the size of the first letter, which the admin changes."""
    words = " ".join(text.split()).strip(" :.,?—(")
    return words[:1].lower() + words[1:]


@cache
def _interface() -> frozenset[str]:
    """Every piece of text that the portal's templates and code hold, plain."""
    found: set[str] = set()
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        found.update(_MARKUP.split(text))
        found.update(_GIVEN.findall(text))
    for stage in STAGES:
        for path in (ROOT / stage).rglob("*.py"):
            if not {"tests", "migrations", "simulation"} & set(path.parts):
                found.update(_strings(path))
    return frozenset(_plain(text) for text in found)


def _strings(path: Path) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
