"""The review workspace: keys, who works on what, the history of verdicts."""

from datetime import timedelta

import pytest
from django.urls import reverse

from candidates.enums import ApplicationState, Verdict
from candidates.models import ReviewClaim
from candidates.services import intake
from candidates.services.applications import send_corrections
from candidates.services.claims import CLAIM_LASTS, claim_review
from candidates.services.packages import add_file
from candidates.tests.applying import picture
from candidates.tests.intake_data import (
    accept_all,
    ground_of,
    make_operator,
    make_person,
    make_registered,
    make_reviewed,
)
from reserve_portal.accounts.enums import Role
from reserve_portal.core import clock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("april")]


def page(application):
    return reverse("admin:candidates_application_change", args=[application.pk])


def test_a_second_operator_sees_who_works_on_it_and_may_take_over(web, client, campaign, operator):
    application = make_registered(campaign, operator)
    first = make_operator()
    claim_review(application, actor=first)
    assert first.full_name in web.get(page(application)).content.decode()
    assert ReviewClaim.objects.get().user == first  # looking takes nothing away
    item = application.items.first()
    web.post(
        reverse("admin:candidates_application_item", args=[application.pk, item.pk]),
        {"verdict": "refused", "words": "Чужой"},
    )
    item.refresh_from_db()
    assert item.verdict == Verdict.REFUSED  # a claim stops nobody
    web.post(reverse("admin:candidates_application_claim", args=[application.pk]))
    assert ReviewClaim.objects.get().user == operator
    assert "сейчас работает" not in web.get(page(application)).content.decode()


def test_a_claim_ends_by_itself_and_lives_while_one_works(web, campaign, operator):
    application = make_registered(campaign, operator)
    first = make_operator()
    began = clock.now()
    claim_review(application, actor=first)
    with clock.travel(began + CLAIM_LASTS - timedelta(seconds=1)):
        assert claim_review(application, actor=operator).user == first
        claim_review(application, actor=first)
    with clock.travel(began + CLAIM_LASTS):
        assert claim_review(application, actor=operator).since == began
    with clock.travel(began + 2 * CLAIM_LASTS):
        assert claim_review(application, actor=operator) is None
        assert ReviewClaim.objects.get().user == operator


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR])
def test_only_operators_claim(client, campaign, operator, role):
    application = make_registered(campaign, operator)
    client.force_login(make_person(role))
    assert (
        client.post(reverse("admin:candidates_application_claim", args=[application.pk])).status_code == 403
    )
    client.get(page(application))
    assert not ReviewClaim.objects.exists()


def test_the_list_names_who_works(web, campaign, operator):
    claim_review(make_registered(campaign, operator), actor=make_operator())
    body = web.get(reverse("admin:candidates_application_changelist")).content.decode()
    assert ReviewClaim.objects.get().user.short_name in body


def test_next_passes_over_what_others_work_on_and_leads_on_after_the_review(web, campaign, operator):
    reviewed = make_reviewed(campaign, operator)
    first, taken, last = [make_registered(campaign, operator) for _ in range(3)]
    claim_review(taken, actor=make_operator())
    context = web.get(page(first)).context
    assert (context["previous_application"], context["next_application"]) == ("", page(last))
    context = web.get(page(last)).context
    assert (context["previous_application"], context["next_application"]) == (page(first), "")
    assert web.get(page(reviewed)).context["next_application"] == page(first)


def test_every_way_by_key_is_a_link_too_and_the_legend_names_it(web, campaign, operator):
    make_registered(campaign, operator)
    second = make_registered(campaign, operator)
    make_registered(campaign, operator)
    item = second.items.all()[1]
    body = web.get(page(second), {"item": item.pk}).content.decode()
    for key in "JKNPFR":
        assert f"<kbd>{key}</kbd>" in body
        assert f'data-key="Key{key}"' in body, key
    assert "data-review-switch" in body and "js/review" in body


def test_a_replaced_file_is_judged_anew_and_the_old_verdict_stays(web, campaign, operator):
    """The verdict on a replaced file starts anew, the old one stays in history."""
    application = make_registered(campaign, operator)
    accept_all(application, operator)
    item = application.items.filter(files__isnull=False).first()
    ground = ground_of(campaign, "correction")
    intake.review_item(item, verdict=Verdict.CORRECT, ground=ground, words="Нет печати", actor=operator)
    intake.request_correction(application, actor=operator)
    application.refresh_from_db()
    item.refresh_from_db()
    add_file(item, name="новый.png", data=picture(), actor=application.user)
    send_corrections(application, actor=application.user)
    item.refresh_from_db()
    assert item.verdict == Verdict.PENDING
    context = web.get(page(application), {"item": item.pk}).context
    assert [(row.verdict, row.words, row.files) for row in context["earlier_verdicts"]] == [
        (Verdict.CORRECT, "Нет печати", ["скан.pdf"]),
        (Verdict.ACCEPTED, "", ["скан.pdf"]),
    ]
    assert "verdict" not in context["verdict_form"].initial
    intake.review_item(item, verdict=Verdict.ACCEPTED, actor=operator)
    rows = web.get(page(application), {"item": item.pk}).context["earlier_verdicts"]
    assert [row.verdict for row in rows] == [Verdict.CORRECT, Verdict.ACCEPTED]
    assert item.verdicts.first().files == ["новый.png"]
    application.refresh_from_db()
    assert application.state == ApplicationState.REGISTERED
