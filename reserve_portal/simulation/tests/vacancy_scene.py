"""What the walk of a vacancy begins with: a small reserve, brought in by the services of an intake."""

from datetime import date, time
from decimal import Decimal

from assessment.models import Procedure
from candidates.models import Campaign
from candidates.services import applications, campaigns, intake
from reserve_portal.accounts.models import Organisation, User
from reserve_portal.core import calendar, clock
from reserve_portal.regulations.models import Edition
from reserve_portal.simulation.cast import DOMAIN, Cast
from reserve_portal.simulation.example import set_passwords
from reserve_portal.simulation.people import Person, invent_people
from reserve_portal.simulation.story import (
    accept_package,
    assess,
    at,
    begin_application,
    fill_package,
    pass_chain,
    sign_up,
)
from reservists.models import Reservist
from reservists.services import events, membership

# By their results; the last one has the events that put a reservist first (T7).
RESERVE = ("best", "second", "third", "active")
SHARES = [Decimal(part) / 100 for part in (96, 90, 84, 72)]
TRAININGS = (date(2026, 7, 16), date(2026, 8, 20), date(2026, 9, 17))
MORNING = date(2026, 10, 19)
# For the process that sets the portal up.
SCENE = "from reserve_portal.simulation.tests.vacancy_scene import lay_out\nlay_out()\n"


def invented() -> dict[str, Person]:
    """The people of the reserve by the names of their addresses."""
    return dict(zip(RESERVE, invent_people(len(RESERVE), seed=33, prefix="reserve"), strict=True))


def lay_out() -> None:
    """Four reservists, one of whom took part in three planned events; no vacancy yet."""
    people = {user.email.split("@")[0]: user for user in User.objects.all()}
    cast = Cast(Edition.objects.get(), people, list(Organisation.objects.all()))
    operator = cast["operator"]
    with at(date(2026, 4, 13)):
        campaign = campaigns.create_campaign(
            edition=cast.edition,
            name="Весенний набор 2026 года",
            opens_at=clock.at(date(2026, 4, 20), time(0)),
            closes_at=clock.end_of(date(2026, 5, 22)),
            actor=operator,
        )
        campaigns.open_campaign(campaign, actor=operator)
    for number, (name, person) in enumerate(invented().items()):
        _apply(cast, campaign, name, person, number)
    with at(date(2026, 5, 29)):
        campaigns.follow_windows()
        admission = intake.make_admission_list(campaign, actor=operator)
    day = calendar.add_working_days(pass_chain(cast, admission, first_day=date(2026, 6, 1)), 1)
    starts = calendar.add_working_days(day, 9)
    procedure = assess(cast, campaign, SHARES, announced=day, starts=starts, ends=starts)
    _include(cast, procedure, calendar.add_working_days(starts, 2))
    _train(cast, Reservist.objects.get(user__email=f"{RESERVE[-1]}@{DOMAIN}"))
    set_passwords()
    clock.move_to(clock.at(MORNING, time(9)))


def _apply(cast: Cast, campaign: Campaign, name: str, person: Person, number: int) -> None:
    with at(date(2026, 4, 21), 14, number):
        user = sign_up(person, email=f"{name}@{DOMAIN}")
        application = begin_application(cast, user, campaign, person, number)
        fill_package(application)
        applications.submit_application(application, actor=user)
    with at(date(2026, 4, 23), 11, number):
        intake.register_application(application, actor=cast["operator"])
        accept_package(application, actor=cast["operator"])
        intake.finish_review(application, actor=cast["operator"], admit=True)


def _include(cast: Cast, procedure: Procedure, day: date) -> None:
    with at(day, 11):
        inclusion = membership.make_inclusion_list(procedure, actor=cast["operator"])
    pass_chain(cast, inclusion, first_day=day)


def _train(cast: Cast, reservist: Reservist) -> None:
    for day in TRAININGS:
        with at(calendar.subtract_working_days(day, 5), 9):
            event = events.create_event(
                actor=cast["operator"],
                name=f"Семинар {day:%d.%m.%Y}",
                kind="planned",
                starts_at=clock.at(day, time(15)),
                ends_at=clock.at(day, time(17)),
                place="Онлайн",
                places=40,
            )
            events.register_for_event(event, participant=reservist, actor=reservist.user)
        with at(day, 17, 30):
            events.confirm_participation(event, participants=[reservist], actor=cast["operator"])
