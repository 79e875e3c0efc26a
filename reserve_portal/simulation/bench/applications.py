"""Very many applications, written straight into the tables: what the services leave behind, without their letters.

Every thousand is like every other: the same shares of states, municipalities and surnames, so that two sizes show the
same pages. The people are invented by chance of a fixed seed.
"""

import json
import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from candidates.enums import ApplicationState, CampaignState, TrackState, Verdict
from candidates.models import (
    Application,
    ApplicationTrack,
    Campaign,
    PackageFile,
    PackageItem,
    RegistrationEntry,
    RequirementFinding,
    SearchTerm,
)
from candidates.services.finding import words_for
from candidates.services.registration import journal_of
from candidates.workflow import APPLICATION
from commissions.enums import ListState
from commissions.models import DecisionLine, DecisionList
from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.models import Municipality, User
from reserve_portal.accounts.services import create_person, load_municipalities
from reserve_portal.core import clock
from reserve_portal.core.crypto import seal
from reserve_portal.core.management.commands.load_calendar import BUNDLED
from reserve_portal.core.models import TransitionLog
from reserve_portal.core.services import load_calendar
from reserve_portal.regulations.enums import Decision
from reserve_portal.regulations.models import Deadline, DocumentType, Edition, Requirement
from reserve_portal.regulations.services import load_regulation

from .rows import insert_rows, marks_for, reset_keys, spread_rows, table_of

S, T = ApplicationState, TrackState
OPERATOR = "operator@demo.example"
REGION_CODE = "70"
# Out of a hundred: an intake that is over, and the one at which the operators sit now.
ENDED = {S.REVIEWED: 72, S.REFUSED: 18, S.WITHDRAWN: 10}
RUNNING = {
    S.DRAFT: 8, S.SUBMITTED: 18, S.REGISTERED: 26, S.CORRECTION: 10, S.REVIEWED: 26, S.REFUSED: 7, S.WITHDRAWN: 5,
}  # fmt: skip
DECIDED = {T.INCLUDED: 50, T.NOT_INCLUDED: 30, T.NOT_ADMITTED: 20}
BEFORE_ASSESSMENT = {T.PENDING: 70, T.ADMITTED: 25, T.NOT_ADMITTED: 5}
INTAKES = 4
WINDOW, BETWEEN = timedelta(days=30), timedelta(days=180)
UNREGISTERED = (S.DRAFT, S.SUBMITTED)
BEING_REVIEWED = (S.REGISTERED, S.CORRECTION)
# A frequent surname, others, a seldom one that a few bear whatever the number of people, and one of two letters.
FREQUENT, SELDOM, SHORT = "Ромашкин", "Хворостинский", "Ли"
SURNAMES = {FREQUENT: 70, SHORT: 12, "Лимонов": 30, "Линейкин": 30, "Листвин": 10}
BEGINNINGS = ("Син", "Берёз", "Одуван", "Ёлоч", "Журав", "Карас", "Облач", "Пугов", "Снеж", "Троп", "Фонар", "Цвет",
              "Чай", "Щегл", "Яблоч", "Верб", "Гриб", "Дуд", "Зимород", "Клевер", "Мят", "Орех", "Топ")  # fmt: skip
ENDINGS = ("ов", "ин", "кин", "ский", "енко", "ых", "ович", "ников", "ушкин", "цев")
SELDOM_PLACES = (11, 47, 83)
NAMES = (
    "Анна",
    "Вера",
    "Дарья",
    "Елена",
    "Лейла",
    "Марина",
    "Нина",
    "Ольга",
    "Антон",
    "Глеб",
    "Олег",
    "Пётр",
    "Семён",
)
PATRONYMICS = (
    "Аркадьевна",
    "Викторовна",
    "Ильинична",
    "Олеговна",
    "Павловна",
    "Романовна",
    "Фёдоровна",
    "Эдуардовна",
)
CITY_SHARE = 30  # out of a hundred live in one city, the others everywhere


@dataclass
class Case:
    """One application before it is stored, with what hangs on it."""

    key: int
    user: User
    campaign: Campaign
    town: Municipality
    state: str
    track: str
    came: datetime
    entry: RegistrationEntry | None = None

    @property
    def is_draft(self) -> bool:
        return self.state == S.DRAFT


def build_applications(number: int) -> None:
    """Fill the present database, empty but for its tables, with `number` applications and an operator."""
    load_calendar(json.loads(BUNDLED.read_text(encoding="utf-8")))
    edition = load_regulation("tomsk")
    load_municipalities(REGION_CODE)
    operator = create_person(
        OPERATOR, roles=[Role.OPERATOR], actor=None, last_name="Снегирёва", first_name="Инга"
    )
    with transaction.atomic():
        cases = _invent(number, edition)
        _register(cases, edition)
        _store_people(cases)
        _store_applications(cases, edition, operator)
        Application.objects.all().note_admission()
        _store_deadlines(cases, edition)
        _add_timelines()
        _add_packages(edition)
        _add_lists(edition, operator)
        reset_keys(User, Application)


def _campaigns(edition: Edition) -> list[Campaign]:
    """The intakes, oldest first; the last one is open."""
    found = []
    for back in reversed(range(INTAKES)):
        opens = clock.now() - WINDOW + timedelta(days=2) - back * BETWEEN
        found.append(
            Campaign.objects.create(
                edition=edition,
                name=f"Набор с {clock.local(opens):%d.%m.%Y}",
                opens_at=opens,
                closes_at=opens + WINDOW,
                state=CampaignState.FINISHED if back else CampaignState.OPEN,
            )
        )
    return found


def _invent(number: int, edition: Edition) -> list[Case]:
    """The cases in the order of their coming."""
    dice = random.Random(number)  # nosec B311: invented people, the same each time
    campaigns = _campaigns(edition)
    towns = list(Municipality.objects.order_by("pk"))
    surnames = {**SURNAMES, **dict.fromkeys((b + e for b in BEGINNINGS for e in ENDINGS), 4)}
    keys = count(User.objects.latest("pk").pk + 1)
    found = []
    for place in range(number):
        campaign = campaigns[place * INTAKES // number]
        is_running = campaign is campaigns[-1]
        state = _draw(dice, RUNNING if is_running else ENDED)
        track = (
            _draw(dice, BEFORE_ASSESSMENT if is_running else DECIDED) if state == S.REVIEWED else T.PENDING
        )
        user = User(
            pk=next(keys),
            email=f"person{place}@demo.example",
            last_name=SELDOM if place in SELDOM_PLACES else _draw(dice, surnames),
            first_name=dice.choice(NAMES),
            patronymic=dice.choice(PATRONYMICS),
        )
        user.set_search_key()
        part = (place * INTAKES % number) / number
        found.append(
            Case(
                key=place + 1,
                user=user,
                campaign=campaign,
                town=towns[0] if dice.randrange(100) < CITY_SHARE else dice.choice(towns),
                state=state,
                track=T.WITHDRAWN if state == S.WITHDRAWN else track,
                came=campaign.opens_at + part * (min(campaign.closes_at, clock.now()) - campaign.opens_at),
            )
        )
    return found


def _draw(dice: random.Random, shares: dict[Any, int]) -> Any:
    return dice.choices(list(shares), list(shares.values()))[0]


def _register(cases: list[Case], edition: Edition) -> None:
    """Give every registered case the next number of its year."""
    numbers: dict[int, int] = {}
    pattern = edition.value("registration_pattern")
    for case in cases:
        if case.state in UNREGISTERED:
            continue
        moment = min(case.came + timedelta(days=1), clock.now())
        year = clock.local(moment).year
        numbers[year] = number = numbers.get(year, 0) + 1
        case.entry = RegistrationEntry(
            series=journal_of(edition, year),
            number=number,
            text=pattern.format(year=year, number=number),
            registered_at=moment,
        )


def _store_people(cases: list[Case]) -> None:
    columns = ["id", "email", "last_name", "first_name", "patronymic", "search_key"]
    like = User(password="!", date_joined=clock.now())  # nosec B106: nobody signs in with it
    insert_rows(like, columns, (tuple(getattr(case.user, name) for name in columns) for case in cases))
    group = Group.objects.get_or_create(name=Role.CANDIDATE)[0]
    insert_rows(User.groups.through(group=group), ["user_id"], ((case.user.pk,) for case in cases))


def _store_applications(cases: list[Case], edition: Edition, operator: User) -> None:
    """Applications with their tracks, lines of the journal and words of the search."""
    insert_rows(
        Application(nominations=["self"]),
        [
            "id",
            "campaign_id",
            "user_id",
            "state",
            "created_at",
            "submitted_at",
            "municipality_id",
            "snapshot",
        ],
        (
            (
                case.key,
                case.campaign.pk,
                case.user.pk,
                case.state,
                case.came,
                None if case.is_draft else case.came,
                case.town.pk,
                _snapshot(case),
            )
            for case in cases
        ),
    )
    submitted = [case for case in cases if not case.is_draft]
    tracks = ApplicationTrack(target_group=edition.target_groups.all()[0])
    insert_rows(tracks, ["application_id", "state"], ((case.key, case.track) for case in submitted))
    insert_rows(
        RegistrationEntry(registered_by=operator, files=3, pages=6),
        ["application_id", "series", "number", "text", "received_at", "registered_at"],
        (
            (
                case.key,
                case.entry.series,
                case.entry.number,
                case.entry.text,
                case.came,
                case.entry.registered_at,
            )
            for case in cases
            if case.entry
        ),
    )
    insert_rows(
        SearchTerm(),
        ["application_id", "term"],
        ((case.key, word) for case in submitted for word in words_for(case.user, case.entry, _snils(case))),
    )


def _snils(case: Case) -> str:
    return f"{case.key:011d}"


def _snapshot(case: Case) -> dict[str, Any]:
    diploma = {
        "level": "specialist", "level_label": "специалитет", "field": "pedagogy",
        "field_label": "образование и педагогические науки", "institution": "Педагогический университет",
        "speciality": "Математика", "year": 2005, "diploma": "", "hours": None,
    }  # fmt: skip
    work = {"kind": "teaching", "kind_label": "педагогическая", "organisation": "Школа № 1", "post": "учитель",
            "since": "2010-09-01", "until": None}  # fmt: skip
    return {
        "person": {"full_name": case.user.full_name, "email": case.user.email},
        "profile": {
            "birth_date": "1980-05-01", "citizenship": "RU", "citizenship_label": "Российская Федерация",
            "phone": "+7 900 000-00-00", "municipality": case.town.name, "municipality_id": case.town.pk,
            "organisation_name": "Школа № 1", "post": "заместитель директора", "category": "", "achievements": "",
            "no_criminal_record": True, "state_language": True, "ready_to_move": True, "version": 1,
            "snils": seal(_snils(case)),
        },
        "education": [diploma, {**diploma, "level_label": "профессиональная переподготовка", "hours": 520}],
        "employment": [work],
        "inventory": [],
    }  # fmt: skip


def _store_deadlines(cases: list[Case], edition: Edition) -> None:
    """The operator's limits: to register, and to review what is registered."""
    kind = ContentType.objects.get_for_model(Application)
    for starts, days, states in (
        ("application.submitted", 7, {S.SUBMITTED}),
        ("application.registered", 14, {S.REGISTERED, S.CORRECTION}),
    ):
        limit = edition.time_limits.get(starts=starts)
        lines = []
        for case in cases:
            if case.is_draft or (starts == "application.registered" and not case.entry):
                continue
            day = clock.local(case.came).date()
            done = None if case.state in states else day + timedelta(days=5)
            lines.append(
                (case.key, f"{case.user}, {case.entry or ''}", day, day + timedelta(days=days), done)
            )
        insert_rows(
            Deadline(limit=limit, title=limit.title, content_type=kind, responsible=limit.responsible),
            ["object_id", "about", "opened_on", "due_on", "closed_on"],
            lines,
        )


def _add_timelines() -> None:
    """The log of states as the workflow writes it."""
    done: dict[str, list[str]] = {
        "submit": [state for state in S.values if state != S.DRAFT],
        "register": [state for state in S.values if state not in UNREGISTERED],
        "finish_review": [S.REVIEWED],
        "refuse": [S.REFUSED],
        "withdraw": [S.WITHDRAWN],
    }
    for name, states in done.items():
        item = APPLICATION.transitions[name]
        row = TransitionLog(
            content_type=ContentType.objects.get_for_model(Application),
            workflow=APPLICATION.name,
            transition=name,
            label=item.done,
            from_state=min(item.sources),
            to_state=item.target,
        )
        moment = {"at": "a.submitted_at", "object_id": "a.id", "actor_id": "a.user_id"}
        spread_rows(
            row, f"{table_of(Application)} a WHERE a.state IN ({marks_for(states)})", *states, **moment
        )


def _add_packages(edition: Edition) -> None:
    """A slot for each document, a file in each that wants one, a finding for each requirement."""
    a, kinds = table_of(Application), f"{table_of(DocumentType)} d"
    judged = "a.state IN ('reviewed')"
    for verdict, where in ((Verdict.ACCEPTED, judged), (Verdict.PENDING, f"NOT {judged}")):
        source = f"{a} a JOIN {kinds} ON d.edition_id = %s WHERE {where} ORDER BY a.id, d.id"
        spread_rows(
            PackageItem(verdict=verdict), source, edition.pk, application_id="a.id", document_type_id="d.id"
        )
    wanting = [kind.pk for kind in edition.document_types.all() if kind.is_required_for(["self"])]
    file = PackageFile(
        file="packages/2026/10/scan.pdf", original_name="скан.pdf", kind="pdf", content_type="application/pdf",
        size=40_000, pages=2, sha256="0" * 64,
    )  # fmt: skip
    source = f"{table_of(PackageItem)} i WHERE i.document_type_id IN ({marks_for(wanting)})"
    spread_rows(file, source, *wanting, item_id="i.id")
    source = f"{a} a JOIN {table_of(Requirement)} r ON r.edition_id = %s WHERE a.state NOT IN ('draft', 'submitted')"
    finding = RequirementFinding(met=True, found="Стаж: 16 лет")
    spread_rows(finding, source, edition.pk, application_id="a.id", requirement_id="r.id")


def _add_lists(edition: Edition, operator: User) -> None:
    """A decided list for admission of each intake, with everybody on whom was decided."""
    track = ContentType.objects.get_for_model(ApplicationTrack)
    decided: list[str] = [state for state in T.values if state not in (T.PENDING, T.WITHDRAWN)]
    for campaign in Campaign.objects.all():
        decision_list = DecisionList.objects.create(
            decision=Decision.ADMISSION,
            edition=edition,
            title=f"О допуске к оценке: {campaign.name}",
            subject=campaign,
            state=ListState.DECIDED,
            decided_on=date(2026, 10, 1),
            created_by=operator,
        )
        line = DecisionLine(list=decision_list, content_type=track, label="—", proposal=True, outcome=True)
        source = (
            f"{table_of(ApplicationTrack)} t JOIN {table_of(Application)} a ON a.id = t.application_id "
            f"WHERE a.campaign_id = %s AND t.state IN ({marks_for(decided)})"
        )
        columns = {"object_id": "t.id", "person_id": "a.user_id"}
        spread_rows(line, source, campaign.pk, *decided, **columns)
