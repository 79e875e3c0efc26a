"""Who signs for the operator: under a post, not under the organisation's short name (GOST R 7.0.97-2025)."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template

from reserve_portal.accounts.tests.factories import UserFactory

LINE = Template("{% load papers %}{% operator_signature signer edition %}")


@pytest.mark.parametrize(
    ("post", "shown"),
    [("начальник отдела резерва", "Начальник отдела резерва"), ("", "Специалист ТОИПКРО")],
)
def test_the_operators_line_bears_post_and_name(tomsk, post, shown):
    """The account's post; a specialist of the operator where the account names none."""
    signer = UserFactory(post=post, first_name="Инна", patronymic="Юрьевна", last_name="Операторова")
    line = LINE.render(Context({"signer": signer, "edition": tomsk}))
    assert re.sub(r"<[^>]+>", "|", line).strip().split("|")[2] == shown
    assert "И. Ю. Операторова" in line


def test_a_paper_that_nobody_signed_yet_has_an_empty_name(tomsk):
    """The line is left to be filled by hand."""
    line = LINE.render(Context({"signer": None, "edition": tomsk}))
    assert "Специалист ТОИПКРО" in line and '<p class="signature-name"></p>' in line


def test_no_paper_is_signed_with_the_name_of_an_organisation():
    """The organisation stands in the heading."""
    templates = list(Path(settings.BASE_DIR, "templates").rglob("pdf/*.html"))
    signed = [line for path in templates for line in path.read_text().splitlines() if "signature" in line]
    assert len(signed) > 10
    assert [line for line in signed if re.search(r"post=\S*(operator|authority)_", line)] == []
