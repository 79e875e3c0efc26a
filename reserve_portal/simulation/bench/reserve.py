"""A reserve of very many people before one vacancy, written straight into the tables.

Every thousand is like every other: the same shares of those who are appointed, have taken their consent back, took part
in three events, are asked or considered elsewhere. The people are invented by chance of a fixed seed.
"""

import json
import random
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction

from candidates.models import Consent, Profile
from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.models import Municipality, Organisation, User
from reserve_portal.accounts.services import create_person, load_municipalities
from reserve_portal.core import clock
from reserve_portal.core.management.commands.load_calendar import BUNDLED
from reserve_portal.core.services import load_calendar
from reserve_portal.regulations.enums import ConsentKind
from reserve_portal.regulations.models import Edition
from reserve_portal.regulations.services import load_regulation
from reservists.enums import EventKind, ParticipationState, ReservistState
from reservists.models import Event, Participation, Reservist
from vacancies.models import Vacancy
from vacancies.services.cases import report_vacancy
from vacancies.services.matching import save_snapshot, start_matching
from vacancies.services.referrals import accept_offer, ask_reservist

from .applications import NAMES, OPERATOR, PATRONYMICS, REGION_CODE
from .rows import insert_rows, reset_keys

MAXIMUM = Decimal(100)
EVENTS = 6
APPOINTED, WITHDRAWN = 4, 2  # out of a hundred


def build_reserve(number: int) -> Vacancy:
    """Fill the present database, empty but for its tables, with `number` reservists; returns the vacancy."""
    load_calendar(json.loads(BUNDLED.read_text(encoding="utf-8")))
    edition = load_regulation("tomsk")
    load_municipalities(REGION_CODE)
    operator = create_person(
        OPERATOR, roles=[Role.OPERATOR], actor=None, last_name="Снегирёва", first_name="Инга"
    )
    towns = list(Municipality.objects.order_by("pk"))
    schools = [
        Organisation.objects.create(name=f"Школа № {place}", municipality=town)
        for place, town in enumerate(towns, start=1)
    ]
    with transaction.atomic():
        _store_people(number, edition, towns, schools)
        reset_keys(User, Reservist)
    vacancies = [_report(edition, school) for school in schools[:2]]
    for vacancy in vacancies:
        start_matching(vacancy, actor=operator)
    _engage(vacancies[1], operator)
    return vacancies[0]


def _store_people(
    number: int, edition: Edition, towns: list[Municipality], schools: list[Organisation]
) -> None:
    """Users with questionnaire and consent, their memberships and participations."""
    dice = random.Random(number)  # nosec B311: invented people, the same each time
    first = User.objects.latest("pk").pk + 1
    keys = range(first, first + number)
    places = [dice.randrange(len(towns)) for _ in keys]
    insert_rows(
        User(password="!", date_joined=clock.now()),  # nosec B106: nobody signs in with it
        ["id", "email", "last_name", "first_name", "patronymic", "organisation_id"],
        (
            (
                key,
                f"r{key}@demo.example",
                f"Резервин{key}",
                dice.choice(NAMES),
                dice.choice(PATRONYMICS),
                schools[at].pk,
            )
            for key, at in zip(keys, places, strict=True)
        ),
    )
    insert_rows(
        Profile(saved_at=clock.now()),
        ["user_id", "birth_date", "ready_to_move"],
        ((key, date(1970 + key % 30, 5, 4), dice.random() < 0.3) for key in keys),
    )
    text = edition.consent_texts.get(kind=ConsentKind.PROCESSING)
    insert_rows(
        Consent(text=text),
        ["user_id", "withdrawn_at"],
        ((key, clock.now() if key % 100 < WITHDRAWN else None) for key in keys),
    )
    insert_rows(
        Reservist(
            edition=edition,
            target_group=edition.target_groups.all()[0],
            zone="green",
            maximum=MAXIMUM,
            basis="протокол № 1",
        ),
        [
            "id",
            "user_id",
            "municipality_id",
            "state",
            "points",
            "rank",
            "managing_years",
            "planned_events",
            "included_on",
        ],
        (
            (
                key,
                key,
                towns[at].pk,
                ReservistState.APPOINTED if key % 100 >= 100 - APPOINTED else ReservistState.ACTIVE,
                Decimal(dice.randrange(7000, 10001)) / 100,
                dice.randrange(1, 200),
                dice.randrange(0, 15),
                key % EVENTS,
                date(2024, 1, 15) + timedelta(days=dice.randrange(700)),
            )
            for key, at in zip(keys, places, strict=True)
        ),
    )
    events = [
        Event.objects.create(
            name=f"Семинар {place}",
            place="Томск",
            kind=EventKind.PLANNED,
            starts_at=clock.now() - timedelta(days=place),
            ends_at=clock.now() - timedelta(days=place, hours=-2),
        )
        for place in range(1, EVENTS + 1)
    ]
    insert_rows(
        Participation(state=ParticipationState.CONFIRMED),
        ["event_id", "reservist_id"],
        ((event.pk, key) for key in keys for event in events[: key % EVENTS]),
    )


def _report(edition: Edition, school: Organisation) -> Vacancy:
    official = create_person(
        f"town{school.pk}@demo.example",
        roles=[Role.MUNICIPAL],
        actor=None,
        last_name="Городская",
        first_name="Нина",
        municipality=school.municipality,
    )
    return report_vacancy(
        edition=edition,
        municipality=school.municipality,
        organisation=school,
        target_group=edition.target_groups.all()[0],
        post="Директор",
        arose_on=clock.today() - timedelta(days=1),
        actor=official,
    )


def _engage(vacancy: Vacancy, operator: User) -> None:
    """Some are asked about the other vacancy and ready for it: considered elsewhere."""
    snapshot = save_snapshot(vacancy, actor=operator)
    for row in snapshot.rows[:5]:
        reservist = Reservist.objects.select_related("user").get(pk=row["reservist"])
        accept_offer(
            ask_reservist(vacancy, reservist=reservist, snapshot=snapshot, actor=operator),
            actor=reservist.user,
        )
