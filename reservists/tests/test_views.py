"""Who sees what of the reserve, and the pages' deeds (process.md 12)."""

from datetime import timedelta

import pytest
from django.urls import reverse

from assessment.enums import ProcedureState
from commissions.models import DecisionList
from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.tests.factories import MunicipalityFactory, UserFactory, person_with
from reserve_portal.audit.models import AuditEvent
from reserve_portal.core import clock
from reserve_portal.core.models import Job
from reserve_portal.regulations.models import Ground, Parameter
from reservists import perms
from reservists.models import Event, EventsPlan, Participation, RegistryEdition, Reservist
from reservists.services.events import create_event, publish_events_plan, register_for_event
from reservists.services.registry import issue_registry

from .factories import EventFactory, ParticipationFactory, ReservistFactory, assess, decide, make_procedure
from .test_registry import approved

OVERSEERS = {Role.OPERATOR, Role.AUTHORITY, Role.AUDITOR}


def allowed_roles(check) -> set[str]:
    """Roles (each a person of its own) for which `check(person)` holds."""
    return {role for role in Role if check(person_with(role))}


def test_permissions_over_all_roles(tomsk):
    """process.md 12, rows «registry» and «register, review»: both ways over every role."""
    event, reservist = EventFactory(), ReservistFactory(edition=tomsk)
    seat = ParticipationFactory(event=event, reservist=reservist)
    assert allowed_roles(perms.can_manage_reserve) == {Role.OPERATOR}
    assert allowed_roles(perms.can_see_registry) == OVERSEERS
    assert allowed_roles(perms.can_list_reservists) == {*OVERSEERS, Role.MUNICIPAL}
    assert allowed_roles(perms.can_see_events) == {*OVERSEERS, Role.RESERVIST}
    assert allowed_roles(lambda user: perms.can_see_points(user, reservist)) == OVERSEERS
    assert allowed_roles(lambda user: perms.can_register_for_event(user, event, reservist)) == set()
    assert allowed_roles(lambda user: perms.can_refuse_participation(user, seat)) == set()
    own = reservist.user
    assert perms.can_see_points(own, reservist) and perms.can_see_zone(own, reservist)
    assert perms.can_register_for_event(own, event, reservist) and perms.can_refuse_participation(own, seat)


def test_inactive_account_sees_nothing(tomsk):
    """quality.md: a closed account has no role."""
    operator = UserFactory(operator=True, is_active=False)
    assert not perms.can_manage_reserve(operator) and not perms.can_see_registry(operator)


def test_zone_of_others_by_the_edition(tomsk, orenburg):
    """O8.3: a municipality does not see zones in Orenburg; where there are no zones nobody sees them of others (T4)."""
    for edition, overseers, municipal in ((tomsk, False, False), (orenburg, True, False)):
        reservist = ReservistFactory(edition=edition)
        official = person_with(Role.MUNICIPAL, municipality=reservist.municipality)
        assert perms.can_see_zone(person_with(Role.AUTHORITY), reservist) is overseers
        assert perms.can_see_zone(official, reservist) is municipal
        assert perms.can_see_zone(reservist.user, reservist)
    Parameter.objects.filter(edition=orenburg, key="municipal_sees_zone").update(value=True)
    orenburg.__dict__.pop("_values", None)
    assert perms.can_see_zone(official, reservist)
    assert not perms.can_see_zone(person_with(Role.MUNICIPAL), reservist)


def test_reservists_are_visible_to_whom_they_concern(tomsk):
    """process.md 12: own row; own municipality's people; all for operator, authority, auditor; nobody else any."""
    reservist = ReservistFactory(edition=tomsk)
    seen = allowed_roles(lambda user: Reservist.objects.visible_to(user).exists())
    assert seen == OVERSEERS
    official = person_with(Role.MUNICIPAL, municipality=reservist.municipality)
    assert Reservist.objects.visible_to(official).get() == reservist
    assert Reservist.objects.visible_to(reservist.user).get() == reservist


PAGES = {
    "mine": (set(), 403),
    "people": ({*OVERSEERS, Role.MUNICIPAL}, 403),
    "events": ({*OVERSEERS, Role.RESERVIST}, 403),
    "registries": (OVERSEERS, 403),
}


@pytest.mark.parametrize("name", PAGES)
def test_pages_over_all_roles(tomsk, client, name):
    """process.md 12: each page for its roles alone; a stranger is led to sign in."""
    roles, refused = PAGES[name]
    url = reverse(f"reservists:{name}")
    assert client.get(url).status_code == 302
    for role in Role:
        client.force_login(person_with(role))
        assert client.get(url).status_code == (200 if role in roles else refused), role


def test_foreign_person_does_not_exist(tomsk, client):
    """process.md 12: a foreign object answers 404; reading somebody's row is recorded, one's own is not."""
    reservist = ReservistFactory(edition=tomsk)
    url = reverse("reservists:person", args=[reservist.pk])
    for role in Role:
        client.force_login(person_with(role))
        assert client.get(url).status_code == (200 if role in OVERSEERS else 404), role
    assert AuditEvent.objects.filter(person=reservist.user, is_read=True).count() == 3
    client.force_login(reservist.user)
    assert client.get(url).status_code == 200
    assert AuditEvent.objects.filter(person=reservist.user, is_read=True).count() == 3


def test_municipality_sees_name_and_group_without_points(orenburg, client):
    """O8.3: own municipality's people by name and group, no points, no zone; a neighbour's not at all."""
    reservist = ReservistFactory(edition=orenburg, points="81.25")
    stranger = ReservistFactory(edition=orenburg, user__last_name="Соседкин")
    client.force_login(person_with(Role.MUNICIPAL, municipality=reservist.municipality))
    listed = client.get(reverse("reservists:people")).content.decode()
    assert reservist.user.full_name in listed and str(reservist.target_group) in listed
    assert "Соседкин" not in listed and "Зелёная" not in listed
    page = client.get(reverse("reservists:person", args=[reservist.pk])).content.decode()
    assert "81,25" not in page and "Зелёная" not in page
    assert client.get(reverse("reservists:person", args=[stranger.pk])).status_code == 404


def test_search_does_not_mind_case_and_yo(tomsk, client, operator):
    """pitfalls.md 5: «елк» finds «Ёлкин»."""
    ReservistFactory(edition=tomsk, user__last_name="Ёлкин")
    ReservistFactory(edition=tomsk, user__last_name="Невидимкин")
    client.force_login(operator)
    page = client.get(reverse("reservists:people"), {"q": "елк"}).content.decode()
    assert "Ёлкин" in page and "Невидимкин" not in page


@pytest.mark.parametrize("rows", [1, 3])
def test_list_of_people_costs_the_same_queries(tomsk, client, operator, django_assert_num_queries, rows):
    """quality.md: the queries of a page do not grow with its rows."""
    for _ in range(rows):
        ReservistFactory(edition=tomsk)
    client.force_login(operator)
    with django_assert_num_queries(9):
        client.get(reverse("reservists:people"))


@pytest.mark.parametrize("rows", [1, 3])
def test_list_of_events_costs_the_same_queries(tomsk, client, django_assert_num_queries, rows):
    """quality.md: the queries of a page do not grow with its rows."""
    reservist = ReservistFactory(edition=tomsk)
    for _ in range(rows):
        ParticipationFactory(reservist=reservist, event=EventFactory())
    client.force_login(reservist.user)
    with django_assert_num_queries(13):
        client.get(reverse("reservists:events"))


def test_reservist_registers_and_refuses_in_the_portal(tomsk, client):
    """T6: registering and refusing with a reason; an empty reason is answered beside the field."""
    reservist, event = ReservistFactory(edition=tomsk), EventFactory()
    client.force_login(reservist.user)
    assert "Записаться" in client.get(reverse("reservists:event", args=[event.pk])).content.decode()
    client.post(reverse("reservists:register", args=[event.pk]))
    assert Participation.objects.get().state == "registered"
    refuse = reverse("reservists:refuse", args=[event.pk])
    assert "Заполните" in client.post(refuse, {"reason": ""}).content.decode()
    client.post(refuse, {"reason": "командировка"})
    assert Participation.objects.get().state == "refused"
    page = client.get(reverse("reservists:event", args=[event.pk])).content.decode()
    assert "отказался" in page and "Записаться" in page


def test_nobody_but_a_reservist_registers(tomsk, client):
    """T6: registering is the reservist's own deed; refusing somebody's seat does not exist for others."""
    seat = ParticipationFactory(reservist=ReservistFactory(edition=tomsk))
    for role in Role:
        client.force_login(person_with(role))
        assert client.post(reverse("reservists:register", args=[seat.event_id])).status_code == 403, role
        assert client.get(reverse("reservists:refuse", args=[seat.event_id])).status_code == 404, role


def test_home_and_own_page_show_the_counter(tomsk, client):
    """T7: «2 из 3 — ещё одно мероприятие до преимущества при назначении»."""
    reservist = ReservistFactory(edition=tomsk)
    for _ in range(2):
        ParticipationFactory(reservist=reservist, event=EventFactory(begun=True), state="confirmed")
    ParticipationFactory(reservist=reservist, event=EventFactory())
    Reservist.objects.all().count_events()
    client.force_login(reservist.user)
    for name in ("home", "reservists:mine"):
        page = client.get(reverse(name)).content.decode()
        assert "2 из 3 — ещё одно мероприятие до преимущества при назначении" in page, name
    assert "зелёная" in page


def test_plan_is_public_only_when_published(tomsk, operator, client):
    """T6: the yearly plan is a public page once it is published."""
    event = EventFactory()
    url = reverse("reservists:plan", args=[2026])
    assert client.get(url).status_code == 404
    assert client.get(reverse("reservists:newest_plan")).status_code == 404
    publish_events_plan(2026, actor=operator)
    assert event.name in client.get(url).content.decode()
    assert client.get(reverse("reservists:newest_plan")).url == url
    assert url in client.get(reverse("pages:front")).content.decode()


def test_progress_page_survives_a_reload(tomsk, operator, client):
    """quality.md: long work shows how far it is; reloading changes nothing; htmx gets the piece alone."""
    registry = approved(tomsk, operator)
    issue_registry(registry, actor=operator)
    Job.objects.update(done=1, total=2)
    client.force_login(operator)
    url = reverse("reservists:registry_progress", args=[registry.pk])
    for _ in range(2):
        page = client.get(url).content.decode()
        assert "Готово строк: 1 из 2" in page and "<html" in page
    assert "<html" not in client.get(url, headers={"HX-Request": "true"}).content.decode()
    Job.objects.update(state="failed", error="OSError: диск полон")
    assert "диск полон" in client.get(url).content.decode()
    client.force_login(person_with(Role.CANDIDATE))
    assert client.get(url).status_code == 403


def test_registry_page_shows_rows_and_records_the_reading(tomsk, client):
    """process.md 12: authority and auditor read the full registry; the reading is recorded."""
    registry = approved(tomsk, UserFactory(operator=True), "86.5")
    url = reverse("reservists:registry", args=[registry.pk])
    for role in Role:
        client.force_login(person_with(role))
        assert client.get(url).status_code == (200 if role in OVERSEERS else 403), role
    client.force_login(person_with(Role.AUTHORITY))
    assert "86,5" in client.get(url).content.decode()
    assert AuditEvent.objects.filter(action="reservists.read_registry").count() == 4


# --- the operator's admin -----------------------------------------------------------------------------------------


def test_admin_deeds_are_the_operators_alone(tomsk, client, operator):
    """process.md 12: an auditor reads, changes nothing; everybody else is kept out of the admin."""
    registry = approved(tomsk, operator)
    reservist, event = Reservist.objects.first(), EventFactory(begun=True)
    deeds = [
        reverse("admin:reservists_reservist_exclude", args=[reservist.pk]),
        reverse("admin:reservists_event_new"),
        reverse("admin:reservists_event_edit", args=[event.pk]),
        reverse("admin:reservists_event_attendance", args=[event.pk]),
        reverse("admin:reservists_event_held", args=[event.pk]),
        reverse("admin:reservists_event_cancel", args=[event.pk]),
        reverse("admin:reservists_eventsplan_publish"),
        reverse("admin:reservists_registryedition_inclusion"),
        reverse("admin:reservists_registryedition_issue", args=[registry.pk]),
        reverse("admin:reservists_registryedition_publish", args=[registry.pk]),
        reverse("admin:reservists_registryedition_public_form", args=[registry.pk]),
        reverse("admin:reservists_registryedition_not_included", args=[registry.pk]),
    ]
    for role in Role:
        client.force_login(person_with(role))
        for url in deeds:
            status = client.get(url).status_code
            if role == Role.OPERATOR:
                assert status == 200, url
            else:
                assert status in (302, 403), (role, url)


@pytest.mark.parametrize("model", ["reservist", "event", "eventsplan", "registryedition"])
def test_admin_lists_and_cases_open_for_readers(tomsk, client, operator, model):
    """process.md 12: operator and auditor read; adding and deleting by hand is closed."""
    approved(tomsk, operator)
    EventsPlan.objects.create(year=2026)
    row = {
        "reservist": Reservist,
        "event": Event,
        "eventsplan": EventsPlan,
        "registryedition": RegistryEdition,
    }[model]
    EventFactory()
    pk = row.objects.first().pk
    for user in (operator, person_with(Role.AUDITOR)):
        client.force_login(user)
        assert client.get(reverse(f"admin:reservists_{model}_changelist")).status_code == 200
        assert client.get(reverse(f"admin:reservists_{model}_change", args=[pk])).status_code == 200
        assert client.get(reverse(f"admin:reservists_{model}_add")).status_code == 403
        assert client.get(reverse(f"admin:reservists_{model}_delete", args=[pk])).status_code == 403
    client.force_login(person_with(Role.ADMINISTRATOR))
    assert client.get(reverse(f"admin:reservists_{model}_changelist")).status_code == 403


def test_operator_enters_changes_and_marks_an_event(tomsk, client, operator):
    """T6, T7: the whole way of an event in the admin, participation in bulk and from a list."""
    client.force_login(operator)
    fields = {
        "name": "Школа директора",
        "description": "",
        "kind": "planned",
        "starts_at": "2026-03-11T10:00",
        "ends_at": "2026-03-11T12:00",
        "place": "Томск",
        "places": "",
    }
    bad = client.post(reverse("admin:reservists_event_new"), {**fields, "ends_at": "2026-03-11T09:00"})
    assert "позже начала" in bad.content.decode() and not Event.objects.exists()
    client.post(reverse("admin:reservists_event_new"), fields)
    event = Event.objects.get()
    client.post(reverse("admin:reservists_event_edit", args=[event.pk]), {**fields, "place": "Северск"})
    event.refresh_from_db()
    assert event.place == "Северск"
    seat = ParticipationFactory(event=event, reservist=ReservistFactory(edition=tomsk))
    guest = ReservistFactory(edition=tomsk)
    url = reverse("admin:reservists_event_attendance", args=[event.pk])
    client.post(url, {"people": [seat.pk], "confirm": "1"})
    by_list = reverse("admin:reservists_event_attendance_list", args=[event.pk])
    wrong = client.post(by_list, {"text": f"{guest.user.email}\nnobody@example.org"})
    assert "Строка 2: адреса nobody@example.org" in wrong.content.decode()
    assert Participation.objects.filter(state="confirmed").count() == 1
    step = client.post(by_list, {"text": guest.user.email}).context["step"]
    client.post(by_list, {"rows": step.packed, "shown": step.plan.digest})
    assert Participation.objects.filter(state="confirmed").count() == 2
    client.post(url, {"people": [seat.pk], "absent": "1"})
    assert Participation.objects.filter(state="absent").get() == seat
    client.post(reverse("admin:reservists_event_held", args=[event.pk]))
    event.refresh_from_db()
    assert event.state == "held"
    again = client.post(reverse("admin:reservists_event_cancel", args=[event.pk]), {"reason": "карантин"})
    assert "недоступно" in again.content.decode()


def test_operator_makes_lists_and_registry_in_the_admin(tomsk, client, operator):
    """T4: list for inclusion, papers, publication, list of those not included, exclusion: each by its page."""
    procedure = make_procedure(tomsk, state=ProcedureState.ENDED)
    assess(procedure, "90")
    assess(procedure, "40")
    client.force_login(operator)
    made = client.post(reverse("admin:reservists_registryedition_inclusion"), {"procedure": procedure.pk})
    decision_list = DecisionList.objects.get()
    assert made.status_code == 302 and str(decision_list.pk) in made.url
    decide(decision_list, actor=operator)
    registry = RegistryEdition.objects.get()
    started = client.post(reverse("admin:reservists_registryedition_issue", args=[registry.pk]))
    assert started.url == reverse("reservists:registry_progress", args=[registry.pk])
    client.post(reverse("admin:reservists_registryedition_publish", args=[registry.pk]))
    registry.refresh_from_db()
    assert registry.is_published
    client.post(reverse("admin:reservists_registryedition_not_included", args=[registry.pk]))
    ground = Ground.objects.filter(edition=tomsk, kind="exclusion").first()
    reservist = Reservist.objects.get()
    url = reverse("admin:reservists_reservist_exclude", args=[reservist.pk])
    client.post(url, {"ground": ground.pk, "words": "Заявление"})
    assert DecisionList.objects.filter(decision="exclusion").count() == 1
    for answer in (client.get(url), client.post(url, {"ground": ground.pk, "words": ""})):
        page = answer.content.decode()
        assert "уже составлен" in page and "Вернуться" in page and "Составить список" not in page
    page = client.get(reverse("admin:reservists_registryedition_inclusion")).content.decode()
    assert "Нет законченной процедуры оценки" in page and 'type="submit"' not in page.split("<main")[-1]


def test_desk_counts_what_waits(tomsk, operator, client):
    """process.md 7: the operator sees what waits: lists to make, to publish, events to mark."""
    approved(tomsk, operator)
    assess(make_procedure(tomsk), "90")
    now = clock.now()
    EventFactory(starts_at=now - timedelta(hours=3), ends_at=now - timedelta(hours=1))
    client.force_login(operator)
    page = client.get(reverse("admin:index")).content.decode()
    for words in ("Составить список для включения", "Опубликовать список резервистов", "Отметить участие"):
        assert words in page


def test_municipality_without_people_sees_an_empty_list(tomsk, client):
    """A page with nothing on it says so."""
    client.force_login(person_with(Role.MUNICIPAL, municipality=MunicipalityFactory()))
    assert "Никого не найдено" in client.get(reverse("reservists:people")).content.decode()


def test_registration_of_a_full_event_is_refused_in_words(tomsk, client, operator):
    """The last place is taken: the page says so, the deed answers with the same words."""
    event = create_event(
        actor=operator,
        name="Семинар",
        kind="planned",
        starts_at=EventFactory.build().starts_at,
        ends_at=EventFactory.build().ends_at,
        place="Томск",
        places=1,
    )
    first, second = ReservistFactory(edition=tomsk), ReservistFactory(edition=tomsk)
    register_for_event(event, participant=first, actor=first.user)
    client.force_login(second.user)
    page = reverse("reservists:event", args=[event.pk])
    assert "Встать в лист ожидания" in client.get(page).content.decode()
    answer = client.post(reverse("reservists:register", args=[event.pk]), follow=True)
    assert "Свободных мест не осталось" in answer.content.decode()
    client.post(reverse("reservists:register", args=[event.pk]), {"wait": "1"})
    assert "1-й из 1" in client.get(page).content.decode()
    client.post(reverse("reservists:leave_list", args=[event.pk]))
    assert "Встать в лист ожидания" in client.get(page).content.decode()
    client.post(reverse("reservists:register", args=[event.pk]), {"wait": "1"})
    client.force_login(first.user)
    client.post(reverse("reservists:refuse", args=[event.pk]), {"reason": "Болезнь"})
    client.force_login(second.user)
    assert "Отказаться от участия" in client.get(page).content.decode()
