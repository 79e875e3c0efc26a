"""Plans and reports in the portal: who sees what, what each may do, lists of a fixed cost (process.md 12)."""

from datetime import date

import pytest
from django.urls import reverse

from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.tests.factories import person_with
from reserve_portal.audit.models import AuditEvent
from reserve_portal.core.tests.answers import content_of
from reserve_portal.papers.models import IssuedPaper
from reservists import perms
from reservists.models import DevelopmentPlan, PlanReport, Reservist

from .development import FORM, guide_of, guided, make_mentor, make_plan, report_of
from .factories import ReservistFactory
from .test_views import OVERSEERS, allowed_roles

MENTEES, MONITORING = 19, 14  # queries of the two lists


def page(name: str, *args: int) -> str:
    return reverse(f"reservists:{name}", args=args)


def test_plans_and_reports_over_all_roles(orenburg):
    """process.md 12, row «plans and reports»: own, a mentor's own reservists, all for three roles; nobody else any."""
    plan = make_plan(guided(orenburg), state="agreed")
    report, own, mentor = report_of(plan), plan.reservist.user, guide_of(plan.reservist)
    for rows in (DevelopmentPlan.objects, PlanReport.objects):
        assert allowed_roles(lambda user, rows=rows: rows.visible_to(user).exists()) == OVERSEERS
        assert rows.visible_to(own).exists() and rows.visible_to(mentor).exists()
    deeds = (
        lambda user: perms.can_send_copy(user, plan),
        lambda user: perms.can_change_plan(user, plan),
        lambda user: perms.can_write_report(user, report),
        lambda user: perms.can_have_plan(user, plan.reservist),
    )
    for deed in deeds:
        assert allowed_roles(deed) == set() and deed(own) and not deed(mentor)
    assert allowed_roles(perms.can_monitor_plans) == OVERSEERS
    assert allowed_roles(perms.can_see_mentees) == {Role.MENTOR}
    plan.reservist.assignments.update(until=date(2026, 3, 11))
    assert not DevelopmentPlan.objects.visible_to(mentor).exists()  # guides somebody else now


def test_only_the_present_mentor_reviews(orenburg):
    """O4.9: agreeing and returning are the mentor's; nobody changes what waits with him or her."""
    plan = make_plan(guided(orenburg), state="submitted")
    assert allowed_roles(lambda user: perms.can_review_plan(user, plan)) == set()
    assert perms.can_review_plan(guide_of(plan.reservist), plan)
    assert not perms.can_write_plan(plan.reservist.user, plan)
    assert not perms.can_review_plan(make_mentor().user, plan)


def test_a_mentor_sees_result_and_row_of_own_reservists_alone(orenburg, client):
    """process.md 12, rows «results of others» and «registry»."""
    reservist, other = guided(orenburg), guided(orenburg)
    mentor = guide_of(reservist)
    assert Reservist.objects.visible_to(mentor).get() == reservist
    assert perms.can_see_points(mentor, reservist) and perms.can_see_zone(mentor, reservist)
    assert not perms.can_see_points(mentor, other) and not perms.can_see_zone(mentor, other)
    client.force_login(mentor)
    shown = client.get(page("person", reservist.pk)).content.decode()
    assert "Зелёная" in shown and page("mentees") in shown
    assert client.get(page("person", other.pk)).status_code == 404


@pytest.mark.parametrize(
    ("name", "roles"), [("mentees", {Role.MENTOR}), ("monitoring", OVERSEERS), ("my_plans", set())]
)
def test_lists_over_all_roles(orenburg, client, name, roles):
    """process.md 12: each list for its roles alone; a stranger is led to sign in."""
    assert client.get(page(name)).status_code == 302
    for role in Role:
        client.force_login(person_with(role))
        assert client.get(page(name)).status_code == (200 if role in roles else 403), role


def test_a_reservist_of_an_edition_without_plans_has_no_such_page(tomsk, client):
    """Tomsk: neither page nor entry."""
    reservist = ReservistFactory(edition=tomsk)
    client.force_login(reservist.user)
    assert client.get(page("my_plans")).status_code == 403
    assert client.get(page("plan_start", reservist.pk)).status_code == 403
    assert "Мой план" not in client.get(reverse("home")).content.decode()


def test_the_home_page_names_the_group_and_what_was_returned(orenburg, client):
    """O4.14: a report sent back is not lost behind the term of the next one; two plans are told apart."""
    reservist = guided(orenburg)
    other = ReservistFactory(
        edition=orenburg,
        user=reservist.user,
        target_group=orenburg.target_groups.exclude(pk=reservist.target_group_id)[0],
    )
    report = PlanReport.objects.create(reservist=reservist, year=2026, quarter=1, state="returned")
    client.force_login(reservist.user)
    html = client.get(reverse("home")).content.decode()
    assert str(reservist.target_group) in html and str(other.target_group) in html
    assert f"{report}</a>" in html and "Исправьте и отправьте снова" in html


def test_a_plan_goes_from_the_first_word_to_its_copy_in_the_browser(orenburg, client):
    """O4.6-4.9: start, text, rows, mentor's remarks beside the row, agreement, paper, copy; errors beside the field."""
    reservist = guided(orenburg)
    mentor = guide_of(reservist)
    client.force_login(reservist.user)
    assert "Мой план развития" in client.get(reverse("home")).content.decode()
    client.post(page("plan_start", reservist.pk), {"year": "2026"})
    plan = DevelopmentPlan.objects.get()
    assert "уже есть" in client.post(page("plan_start", reservist.pk), {"year": "2026"}).content.decode()
    assert "хотя бы один пункт" in client.get(page("plan_submit", plan.pk)).content.decode()
    client.post(page("plan_edit", plan.pk), {"deficits": "Финансы", "goals": "Освоить"})
    row = {
        "area": "managerial", "form": FORM, "competence": "Финансы", "event": "Стажировка", "organiser": "Лицей",
        "starts_on": "2027-02-01", "ends_on": "2026-06-30", "result": "Проект", "evidence": "Дневник",
    }  # fmt: skip
    wrong = client.post(page("plan_item_add", plan.pk), row).content.decode()
    assert "раньше начала" in wrong and "Лицей" in wrong and not plan.items.exists()
    client.post(page("plan_item_add", plan.pk), row | {"starts_on": "2026-02-01"})
    item = plan.items.get()
    client.post(page("plan_item", plan.pk, item.pk), row | {"starts_on": "2026-03-01", "event": "Курсы"})
    client.post(page("plan_item_add", plan.pk), row | {"starts_on": "2026-02-01"})
    client.post(page("plan_item_remove", plan.pk, plan.items.exclude(pk=item.pk).get().pk))
    assert plan.items.get().event == "Курсы"
    client.post(page("plan_submit", plan.pk))
    assert client.get(page("plan_edit", plan.pk)).status_code == 403

    client.force_login(mentor)
    assert "1 план," in client.get(reverse("home")).content.decode()
    assert str(reservist.user.full_name) in client.get(page("mentees")).content.decode()
    client.post(page("plan_return", plan.pk), {"remarks": "Мало", f"comment_{item.pk}": "Сколько часов?"})
    client.force_login(reservist.user)
    assert "Сколько часов?" in client.get(page("development_plan", plan.pk)).content.decode()
    client.post(page("plan_submit", plan.pk))
    client.force_login(mentor)
    client.post(page("plan_agree", plan.pk))
    assert AuditEvent.objects.filter(is_read=True, person=reservist.user).count() == 0

    client.force_login(reservist.user)
    client.post(page("plan_copy", plan.pk))
    client.post(page("plan_progress", plan.pk, item.pk), {"progress": "30"})
    plan.refresh_from_db()
    item.refresh_from_db()
    assert plan.state == "copied" and item.progress == 30
    paper = IssuedPaper.objects.about(plan).get()
    client.force_login(mentor)
    answer = client.get(reverse("papers:download", args=[paper.pk]))
    assert answer.status_code == 200 and content_of(answer).startswith(b"%PDF")
    client.force_login(make_mentor().user)
    assert client.get(reverse("papers:download", args=[paper.pk])).status_code in (403, 404)


def test_a_change_is_begun_and_given_up_in_the_browser(orenburg, client):
    """The change sheet is shown on the new version."""
    plan = make_plan(guided(orenburg), state="agreed")
    client.force_login(plan.reservist.user)
    assert "Заполните" in client.post(page("plan_change", plan.pk), {"reason": ""}).content.decode()
    client.post(page("plan_change", plan.pk), {"reason": "Новая программа"})
    change = DevelopmentPlan.objects.get(version=2)
    assert "Лист изменений" in client.get(page("development_plan", change.pk)).content.decode()
    client.post(page("plan_discard", change.pk))
    change.refresh_from_db()
    assert change.state == "discarded"


def test_a_report_is_written_returned_and_accepted_in_the_browser(orenburg, client, operator):
    """O4.14: rows with errors beside the field, remarks, acceptance; the reading of others is recorded."""
    plan = make_plan(guided(orenburg), state="agreed")
    report, mentor = report_of(plan), guide_of(plan.reservist)
    row = report.rows.get()
    client.force_login(plan.reservist.user)
    lacking = client.post(page("report_row", report.pk, row.pk), {"progress": "40"}).content.decode()
    assert "Напишите, что сделано" in lacking
    client.post(
        page("report_row", report.pk, row.pk), {"progress": "40", "done": "Две недели", "hours": "12,5"}
    )
    client.post(page("report_edit", report.pk), {"achievements": "Грант", "proposals": ""})
    client.post(page("report_submit", report.pk))
    client.force_login(mentor)
    assert "Заполните" in client.post(page("report_return", report.pk), {"remarks": ""}).content.decode()
    client.post(page("report_return", report.pk), {"remarks": "Сколько часов?"})
    client.force_login(plan.reservist.user)
    assert "Сколько часов?" in client.get(page("report", report.pk)).content.decode()
    client.post(page("report_submit", report.pk))
    client.force_login(mentor)
    client.post(page("report_accept", report.pk), {"remarks": ""})
    report.refresh_from_db()
    assert report.state == "accepted" and str(report.rows.get().hours) == "12.5"
    client.force_login(operator)
    assert "Грант" in client.get(page("report", report.pk)).content.decode()
    assert AuditEvent.objects.filter(is_read=True, action="reservists.read_report").count() == 1


@pytest.mark.parametrize("rows", [1, 3])
def test_the_desk_of_a_mentor_costs_the_same_queries(orenburg, client, django_assert_num_queries, rows):
    """quality.md: the queries of a page do not grow with its rows."""
    mentor = make_mentor()
    for _ in range(rows):
        make_plan(guided(orenburg, mentor), state="submitted")
    client.force_login(mentor.user)
    client.get(page("mentees"))  # what a process learns once
    with django_assert_num_queries(MENTEES):
        client.get(page("mentees"))


@pytest.mark.parametrize("rows", [1, 3])
def test_the_monitoring_costs_the_same_queries_and_finds_the_late(
    orenburg, client, operator, travel, django_assert_num_queries, rows
):
    """O4.13, O4.15; quality.md: the queries of a page do not grow with its rows."""
    for _ in range(rows):
        make_plan(guided(orenburg), state="submitted")
    client.force_login(operator)
    client.get(page("monitoring"))  # what a process learns once
    with django_assert_num_queries(MONITORING):
        client.get(page("monitoring"))
    assert "Никого не найдено" in client.get(page("monitoring") + "?late=on").content.decode()
    with travel(date(2026, 4, 14)):
        client.force_login(operator)
        late = client.get(page("monitoring") + "?late=on").content.decode()
        assert f"Найдено: {rows}" in late and "Согласовать план развития" in late
