"""Pages: what each person sees and does in the browser; query counts."""

from io import BytesIO

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import InMemoryUploadedFile, SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from icalendar import Calendar

from reserve_portal.accounts.models import User
from reserve_portal.accounts.tests.factories import OrganisationFactory, UserFactory, person_with
from reserve_portal.audit.models import AuditEvent
from reserve_portal.core import clock
from reserve_portal.core.context import begin_unit_of_work
from reserve_portal.core.dashboard import cards_for
from reserve_portal.core.tests.answers import content_of
from reserve_portal.regulations.models import Edition
from reservists.models import Reservist
from vacancies.dashboard import vacancy_entries
from vacancies.models import Appointment, MatchSnapshot, Referral, Vacancy
from vacancies.services.appointment import decide_agreement

from .factories import (
    MOMENT,
    accepted,
    ask,
    close_defence,
    hand_in,
    make_commission,
    make_official,
    make_reservist,
    make_vacancy,
    open_defence,
    presented,
    recommended,
    scheduled,
)
from .test_defence import pdf


def signed(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]


def queries_of(client: Client, address: str) -> int:
    begin_unit_of_work()
    client.get(address)
    begin_unit_of_work()
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_official_reports_a_vacancy_in_one_form(tomsk: Edition) -> None:
    """T8: own organisations only; lateness in working days is shown."""
    official = make_official()
    school, foreign = OrganisationFactory(municipality=official.municipality), OrganisationFactory()
    client = signed(official)
    page = text(client.get(reverse("vacancies:report")))
    assert school.name in page and f">{foreign.name}<" not in page
    data = {
        "organisation": school.pk,
        "post": "Директор",
        "arose_on": "2026-02-25",
        "target_group": tomsk.target_groups.get().pk,
    }
    assert client.post(reverse("vacancies:report"), {**data, "organisation": foreign.pk}).status_code == 200
    assert not Vacancy.objects.exists()
    response = client.post(reverse("vacancies:report"), data, follow=True)
    assert "опоздание: 2 рабочих дня" in text(response)
    assert "Письмо о вакансии № В-2026-001" in text(response)


def test_what_was_typed_stays_when_a_report_is_refused(tomsk: Edition) -> None:
    official = make_official()
    school = OrganisationFactory(municipality=official.municipality)
    group = tomsk.target_groups.get().pk
    data = {
        "organisation": school.pk,
        "post": "Завуч",
        "arose_on": "2026-03-20",
        "target_group": group,
        "conditions": "Дом",
    }
    page = text(signed(official).post(reverse("vacancies:report"), data))
    assert "дата впереди" in page and "Завуч" in page and "Дом" in page


def test_operator_walks_the_case_in_the_workplace(tomsk: Edition, operator: User) -> None:
    """process.md 8: start, try other weights, save, ask, present, call the defence."""
    make_commission(tomsk)
    vacancy = make_vacancy(tomsk)
    best, second = make_reservist(tomsk, events=3), make_reservist(tomsk)
    client = signed(operator)
    client.post(reverse("admin:vacancies_start", args=[vacancy.pk]))
    address = reverse("admin:vacancies_matching", args=[vacancy.pk])
    assert "плановых мероприятий: 3, для преимущества нужно 3" in text(client.get(address))
    assert "Показан расчёт с другими весами" in text(client.get(address, {"rating": 100}))
    refused = client.post(address, {f"place_{second.pk}": "1"})
    assert f'name="place_{second.pk}" value="1"' in text(refused)
    assert "укажите причину" in text(refused) and not MatchSnapshot.objects.exists()
    client.post(address, {f"place_{second.pk}": "1", "reason": "знает школу"})
    snapshot = MatchSnapshot.objects.get()
    assert [row["reservist"] for row in snapshot.rows] == [second.pk, best.pk]
    client.post(reverse("admin:vacancies_ask", args=[snapshot.pk, best.pk]))
    referral = Referral.objects.get()
    signed(best.user).post(reverse("vacancies:accept", args=[referral.pk]))
    assert client.get(reverse("admin:vacancies_present", args=[referral.pk])).status_code == 200
    client.post(reverse("admin:vacancies_present", args=[referral.pk]))
    data = {"day": "2026-03-18", "at": "10:00", "place": "Томск"}
    client.post(reverse("admin:vacancies_defence", args=[vacancy.pk]), data)
    vacancy.refresh_from_db()
    assert vacancy.state == "defence"
    for name in ("case", "snapshot"):
        pk = snapshot.pk if name == "snapshot" else vacancy.pk
        assert client.get(reverse(f"admin:vacancies_{name}", args=[pk])).status_code == 200
    assert client.get(reverse("admin:vacancies_vacancy_changelist"), {"q": "ДИРЕКТОР"}).status_code == 200


def test_what_if_shows_who_moved_and_carries_the_weights_to_the_comparison(
    tomsk: Edition, operator: User
) -> None:
    """process.md 8: visible weights; a try changes nothing and says by how many places each one moved."""
    vacancy = make_vacancy(tomsk)
    near = make_reservist(tomsk, municipality=vacancy.municipality, points=70)
    strong = make_reservist(tomsk, points=100)
    client, page = signed(operator), reverse("admin:vacancies_matching", args=[vacancy.pk])
    assert "выше на" not in text(client.get(page))
    tried = text(client.get(page, {"rating": 100}))
    assert "выше на 1" in tried and "ниже на 1" in tried
    assert not MatchSnapshot.objects.exists()
    shown = client.get(
        reverse("admin:vacancies_compare", args=[vacancy.pk]), {"who": [near.pk, strong.pk], "rating": 100}
    )
    assert [(number, place.facts.reservist_id) for number, place in shown.context["people"]] == [
        (1, strong.pk),
        (2, near.pk),
    ]
    assert [row["title"] for row in shown.context["criteria"]] == ["Результат оценки"]


def test_comparison_holds_four_people_at_most(tomsk: Edition, operator: User) -> None:
    vacancy = make_vacancy(tomsk)
    people = [make_reservist(tomsk) for _ in range(5)]
    answer = signed(operator).get(
        reverse("admin:vacancies_compare", args=[vacancy.pk]), {"who": [item.pk for item in people]}
    )
    assert len(answer.context["people"]) == 4 and "не больше 4" in text(answer)


def test_coverage_names_municipalities_and_schools_without_a_reserve(tomsk: Edition) -> None:
    """Which schools and municipalities have nobody in the reserve; a municipality asks about itself alone."""
    official = make_official()
    covered = OrganisationFactory(municipality=official.municipality)
    bare = OrganisationFactory(municipality=official.municipality)
    foreign = OrganisationFactory()
    person = make_reservist(tomsk, municipality=official.municipality)
    User.objects.filter(pk=person.user_id).update(organisation=covered)
    page = reverse("vacancies:coverage")
    rows = {row.name: row for row in signed(person_with("auditor")).get(page).context["rows"]}
    own, other = rows[official.municipality.name], rows[foreign.municipality.name]
    assert (own.reservists, own.schools, own.bare) == (1, 2, 1)
    assert (other.reservists, other.schools, other.bare) == (0, 1, 1)
    answer = signed(official).get(page, {"municipality": official.municipality_id})
    assert [row.name for row in answer.context["rows"]] == [official.municipality.name]
    assert list(answer.context["schools"]) == [bare]
    assert foreign.name not in text(signed(official).get(page, {"municipality": foreign.municipality_id}))


def test_reservist_refuses_with_a_reason(tomsk: Edition, operator: User) -> None:
    reservist = make_reservist(tomsk)
    referral = ask(make_vacancy(tomsk), reservist, operator)
    client = signed(reservist.user)
    assert "Ответьте до 16 марта 2026" in text(client.get(reverse("vacancies:offer", args=[referral.pk])))
    assert "Заполните это поле" in text(
        client.post(reverse("vacancies:refuse", args=[referral.pk]), {"reason": ""})
    )
    client.post(reverse("vacancies:refuse", args=[referral.pk]), {"reason": "семья"})
    referral.refresh_from_db()
    assert (referral.state, referral.refusal_reason) == ("refused", "семья")


def test_nominee_uploads_the_concept_and_sees_only_the_own_case(tomsk: Edition, operator: User) -> None:
    """T10: date, place, own result after the decision; nobody else's name, no sheets."""
    members = make_commission(tomsk)
    vacancy = make_vacancy(tomsk)
    rival = presented(
        vacancy, make_reservist(tomsk, user=UserFactory(reservist=True, last_name="Соперников")), operator
    )
    reservist = make_reservist(tomsk)
    nominee = presented(vacancy, reservist, operator)
    defence = scheduled(vacancy, operator)
    client = signed(reservist.user)
    address = reverse("vacancies:offer", args=[nominee.pk])
    upload = reverse("vacancies:upload", args=[nominee.pk])
    assert "«к.pdf»" in text(client.post(upload, {"file": SimpleUploadedFile("к.pdf", b"x")}))
    assert not nominee.concepts.exists()
    client.post(upload, {"file": SimpleUploadedFile("к.pdf", pdf())})
    assert nominee.concepts.count() == 1
    open_defence(defence)
    for sheet in defence.sheets.all():
        hand_in(sheet, 2 if sheet.referral_id == nominee.pk else 1)
    assert "Средний балл" not in text(client.get(address))
    close_defence(defence)
    page = text(client.get(address))
    assert "16,00 из 16" in page and "18 марта 2026" in page
    assert "Соперников" not in page and all(f">{member.full_name}<" not in page for member in members)
    assert client.get(reverse("vacancies:offer", args=[rival.pk])).status_code == 404


def test_concept_over_the_limit_is_refused_before_it_is_read(
    tomsk: Edition, operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The edition's limit of a file holds for concepts as well; what is too large never comes into memory."""
    nominee = presented(make_vacancy(tomsk), make_reservist(tomsk), operator)
    tomsk.parameters.filter(key="max_file_mb").update(value=0)
    monkeypatch.setattr(InMemoryUploadedFile, "read", lambda *_: pytest.fail("it was read"))
    file = BytesIO(pdf())
    file.name = "концепция.pdf"
    answer = signed(nominee.reservist.user).post(
        reverse("vacancies:upload", args=[nominee.pk]), {"file": file}
    )
    assert "больше 0 МБ" in text(answer) and not nominee.concepts.exists()


def test_nominee_takes_the_day_of_the_defence_along(tomsk: Edition, operator: User) -> None:
    """T10: date and place as ICS, for the nominee alone."""
    make_commission(tomsk)
    nominee = presented(make_vacancy(tomsk), make_reservist(tomsk), operator)
    page = reverse("vacancies:defence_calendar", args=[nominee.pk])
    client = signed(nominee.reservist.user)
    assert client.get(page).status_code == 404
    defence = scheduled(nominee.vacancy, operator)
    answer = client.get(page)
    assert answer["Content-Type"].startswith("text/calendar")
    event = Calendar.from_ical(content_of(answer)).walk("VEVENT")[0]
    assert (
        event.decoded("dtstart") == defence.meeting.starts_at and event["location"] == defence.meeting.place
    )
    assert signed(person_with("reservist")).get(page).status_code == 404


def test_member_reads_the_concept_and_scores_it(tomsk: Edition, operator: User) -> None:
    """T10: reading is recorded; errors keep what was typed; the sheet is handed in and printed."""
    members = make_commission(tomsk)
    vacancy = make_vacancy(tomsk)
    nominee = presented(vacancy, make_reservist(tomsk), operator)
    signed(nominee.reservist.user).post(
        reverse("vacancies:upload", args=[nominee.pk]), {"file": SimpleUploadedFile("к.pdf", pdf())}
    )
    defence = scheduled(vacancy, operator)
    client = signed(members[0])
    assert client.get(reverse("vacancies:nominee", args=[nominee.pk])).status_code == 200
    response = client.get(reverse("vacancies:concept", args=[nominee.concepts.get().pk]))
    assert response["Content-Disposition"].startswith("attachment")
    content_of(response)
    assert (
        AuditEvent.objects.filter(is_read=True, person=nominee.reservist.user, actor=members[0]).count() == 2
    )
    open_defence(defence)
    sheet = defence.sheets.get(member__user=members[0])
    address = reverse("vacancies:sheet", args=[sheet.pk])
    criteria = list(defence.criteria.all())
    data = {f"points_{item.pk}": "2" for item in criteria} | {
        f"points_{criteria[0].pk}": "1",
        "comment": "Дельно",
    }
    page = text(client.post(address, {**data, "hand_in": "1"}))
    assert "балл ниже наибольшего" in page and "Дельно" in page
    client.post(address, {**data, "draft": "1"})
    assert sheet.scores.count() == 8
    client.post(address, {**data, f"comment_{criteria[0].pk}": "Слабо обосновано", "hand_in": "1"})
    sheet.refresh_from_db()
    assert sheet.state == "handed_in"
    shown = text(client.get(address))
    assert "Слабо обосновано" in shown and "Сумма баллов: 15 из 16" in shown
    assert client.post(reverse("vacancies:print_sheet", args=[sheet.pk])).status_code == 302
    for name, args in (("defences", []), ("defence", [defence.pk])):
        shown = client.get(reverse(f"vacancies:{name}", args=args))
        assert shown.status_code == 200
    assert "15 из 16" in text(shown)


def test_department_agrees_and_municipality_appoints(tomsk: Edition, operator: User) -> None:
    """T9: agreement with number and date, then the order closes the vacancy."""
    make_commission(tomsk)
    vacancy = make_vacancy(tomsk)
    referral = recommended(vacancy, make_reservist(tomsk), operator)
    official = person_with("authority")
    client = signed(official)
    assert referral.reservist.user.full_name in text(client.get(reverse("vacancies:agreements")))
    address = reverse("vacancies:agreement", args=[referral.pk])
    wrong = client.post(address, {"agreed": "no", "number": "7", "dated": "2026-03-11"})
    assert "нуждается в причине" in text(wrong)
    client.post(address, {"agreed": "yes", "number": "7", "dated": "2026-03-11"})
    clerk = signed(vacancy.reported_by)
    case = reverse("vacancies:case", args=[vacancy.pk])
    assert "Записать назначение" in text(clerk.get(case))
    order = {"referral": referral.pk, "order_number": "45-р", "order_dated": "2026-03-11"}
    page = clerk.post(reverse("vacancies:appoint", args=[vacancy.pk]), order, follow=True)
    assert "вакансия закрыта" in text(page) and Appointment.objects.get().from_reserve
    undo = reverse("vacancies:fall_through", args=[Appointment.objects.get().pk])
    assert clerk.get(undo).status_code == 200
    clerk.post(undo, {"reason": "отказался"})
    clerk.post(reverse("vacancies:cancel", args=[vacancy.pk]), {"reason": "школа закрыта"})
    vacancy.refresh_from_db()
    assert vacancy.state == "cancelled"


def test_an_order_about_an_outsider_says_whom_it_passes_by(orenburg: Edition, operator: User) -> None:
    """O7.3: somebody else may be appointed, but not by mistake."""
    vacancy = make_vacancy(orenburg)
    referral = presented(vacancy, make_reservist(orenburg), operator)
    clerk, address = signed(vacancy.reported_by), reverse("vacancies:appoint", args=[vacancy.pk])
    page = text(clerk.get(address))
    assert f"представлен резервист: {referral.reservist.user.full_name}" in page
    assert 'name="referral"' not in page and "Рекомендованных резервистов по этой вакансии нет" in page
    order = {"order_number": "45-р", "order_dated": "2026-03-11"}
    clerk.post(address, order)
    assert not Appointment.objects.exists()
    clerk.post(address, order | {"person_name": "Сторонний Иван Петрович"})
    assert not Appointment.objects.get().from_reserve


def test_who_was_appointed_still_finds_the_reserve_on_the_home_page(tomsk: Edition, operator: User) -> None:
    """process.md 8: the way ends with the appointment, not with an empty page."""
    reservist = make_reservist(tomsk)
    reservist.user.groups.add(Group.objects.get_or_create(name="reservist")[0])
    Reservist.objects.filter(pk=reservist.pk).update(
        state="appointed", ended_on=clock.today(), end_basis="приказ № 45-р"
    )
    page = text(signed(reservist.user).get(reverse("home")))
    assert "Вы назначены на должность" in page and "приказ № 45-р" in page
    assert reverse("reservists:mine") in page


def test_search_ignores_case_of_cyrillic(tomsk: Edition) -> None:
    vacancy = make_vacancy(tomsk, post="Директор лицея")
    client = signed(vacancy.reported_by)
    assert "Директор лицея" in text(client.get(reverse("vacancies:list"), {"q": "ЛИЦЕЯ"}))
    assert "Вакансий нет" in text(client.get(reverse("vacancies:list"), {"q": "гимназия"}))


def test_cards_wait_for_the_right_people(tomsk: Edition, operator: User) -> None:
    members, vacancy = make_commission(tomsk), make_vacancy(tomsk)
    reservist = make_reservist(tomsk)
    ask(vacancy, reservist, operator)
    assert "Вам предлагают должность" in [card.title for card in cards_for(reservist.user)]
    Referral.objects.all().delete()
    nominee = presented(vacancy, reservist, operator)
    open_defence(scheduled(vacancy, operator))
    assert [card.urgent for card in cards_for(members[0]) if card.title == "Защита концепции"] == [True]
    close_defence(vacancy.defences.get())
    official = person_with("authority")
    assert "Согласование назначений" in [card.title for card in cards_for(official)]
    nominee.refresh_from_db()
    decide_agreement(nominee, agreed=True, number="1", dated=MOMENT.date(), reason="", actor=official)
    assert [card.urgent for card in cards_for(vacancy.reported_by) if card.title == "Вакансии"] == [True]
    for person in (reservist.user, members[0], official, vacancy.reported_by, operator):
        assert signed(person).get(reverse("home")).status_code == 200
    assert signed(operator).get(reverse("admin:index")).status_code == 200


@pytest.mark.parametrize("agrees", [True, False])
def test_t9_the_department_has_the_entry_of_agreements_where_the_edition_wants_them(
    tomsk: Edition, agrees: bool
) -> None:
    tomsk.parameters.filter(key="agreement").update(value=agrees)
    labels = [entry.label for entry in vacancy_entries(person_with("authority"))]
    assert ("Согласования" in labels) is agrees and "Вакансии" in labels


@pytest.mark.parametrize(
    "name",
    [
        "list",
        "agreements",
        "case",
        "desk_case",
        "matching",
        "snapshot",
        "changelist",
        "fit",
        "compare",
        "coverage",
    ],
)
def test_queries_do_not_grow_with_rows(tomsk: Edition, operator: User, name: str) -> None:
    """quality.md: the same number of queries at 1 and at 3 rows."""
    make_commission(tomsk)
    vacancy, auditor = make_vacancy(tomsk), person_with("auditor")
    counts = []
    for extra in (1, 2):
        for _ in range(extra):
            accepted(vacancy, make_reservist(tomsk), operator)
            other = make_vacancy(tomsk)
            Referral.objects.filter(pk=accepted(other, make_reservist(tomsk), operator).pk).update(
                state="recommended"
            )
            make_reservist(tomsk)
        address, reader = {
            "list": (reverse("vacancies:list"), auditor),
            "agreements": (reverse("vacancies:agreements"), person_with("authority")),
            "case": (reverse("vacancies:case", args=[vacancy.pk]), auditor),
            "desk_case": (reverse("admin:vacancies_case", args=[vacancy.pk]), operator),
            "matching": (reverse("admin:vacancies_matching", args=[vacancy.pk]), operator),
            "snapshot": (
                reverse("admin:vacancies_snapshot", args=[MatchSnapshot.objects.first().pk]),
                operator,
            ),  # type: ignore[union-attr]
            "fit": (reverse("admin:vacancies_fit", args=[Reservist.objects.last().pk]), operator),  # type: ignore[union-attr]
            "compare": (f"{reverse('admin:vacancies_compare', args=[vacancy.pk])}?who=1", operator),
            "coverage": (reverse("vacancies:coverage"), auditor),
            "changelist": (reverse("admin:vacancies_vacancy_changelist"), operator),
        }[name]
        counts.append(queries_of(signed(reader), address))
    assert counts[0] == counts[1]
