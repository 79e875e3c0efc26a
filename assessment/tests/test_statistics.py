"""Statistics by direction: a plot drawn on the server and the same numbers in a table beside it."""

import re
from datetime import date
from xml.etree import ElementTree

import pytest
from django.template.loader import render_to_string
from django.urls import reverse

from assessment.services.exports import export_headings
from assessment.services.statistics import section_plot, section_statistics, statistics_context
from assessment.tests.factories import give, make_open_procedure, make_track, moment
from reserve_portal.core import clock
from reserve_portal.core.plots import FIGURE, LONGEST, WIDTH

pytestmark = pytest.mark.django_db
WHOLE = WIDTH - FIGURE  # the length of a bar of a hundred percent


@pytest.fixture
def procedure(campaign, operator):
    tracks = [make_track(campaign) for _ in range(2)]
    found = make_open_procedure(campaign, operator, tracks, ended=True)
    give(found, tracks[0], "20", "5", "0", actor=operator)
    give(found, tracks[1], "10", "5", "0", actor=operator)
    return found


def test_bars_are_as_long_as_the_mean_shares(procedure):
    svg = section_plot(procedure, section_statistics(procedure))
    bars = [
        float(width)
        for width in re.findall(r'width="([\d.]+)" height="14" fill="currentColor" fill-opacity="1"', svg)
    ]
    assert bars == [WHOLE * 0.75, WHOLE * 0.25]
    assert set(re.findall(r'<line x1="([\d.]+)"', svg)) == {str(WHOLE * 0.7)}


def test_without_a_result_there_is_no_plot(campaign, operator):
    procedure = make_open_procedure(campaign, operator, [make_track(campaign)])
    assert statistics_context(procedure)["plot"] == ""


def test_the_drawing_is_sound_and_says_what_the_table_says(procedure):
    procedure.sections.update(
        name="Очень длинное название направления, которое не помещается над столбиком целиком"
    )
    html = render_to_string("assessment/includes/statistics.html", statistics_context(procedure))
    svg = html[html.index("<svg") : html.index("</svg>") + len("</svg>")]
    root = ElementTree.fromstring(svg)
    texts = [item.text for item in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "75 %" in texts and "порог 70 %" in texts
    assert all(len(text) <= LONGEST for text in texts)
    assert "<table" in html and "style=" not in html


def test_plot_and_table_stand_on_both_pages(client, procedure, operator):
    client.force_login(operator)
    for url in (
        reverse("assessment:results", args=[procedure.pk]),
        reverse("admin:assessment_procedure_change", args=[procedure.pk]),
    ):
        page = client.get(url).content.decode()
        assert "<svg role" in page and "Статистика по направлениям" in page


def test_the_operator_takes_the_results_as_a_table(client, procedure, operator):
    client.force_login(operator)
    with clock.travel(moment(date(2026, 12, 17))):
        answer = client.get(reverse("admin:assessment_procedure_export", args=[procedure.pk]))
    assert answer["Content-Type"].endswith("sheet") and answer.content.startswith(b"PK")
    assert export_headings(procedure)[4] == "Тест:Государственная политика в сфере образования (Значение)"
