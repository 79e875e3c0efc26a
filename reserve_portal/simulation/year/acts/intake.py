"""Candidates: from the draft to the list for admission, with everything that goes wrong on the way."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Any

from candidates.enums import ApplicationState
from candidates.models import Application, Campaign, PackageItem, Profile
from candidates.services import applications, campaigns, intake
from candidates.services.admission import tracks_for_list
from candidates.uploads import inspecting_own_files
from commissions.services import send_list
from reserve_portal.core import calendar, clock
from reserve_portal.regulations.enums import GroundKind

from ...people import Person, invent_people, sample_pdf
from ...story import begin_application, sign_up
from ..year import Year
from . import assessment, bodies

# From the window's end to the inclusion so many days are needed at least.
DAYS_TO_DECIDE = 106
REASONS_TO_LEAVE = ("Изменились планы.", "Переезжаю в другой регион.", "Семейные обстоятельства.")
OLD_PEOPLE = 4
LISTS_AFTER = (12, 20)  # working days after the window's end


@dataclass(frozen=True)
class Manner:
    """How one candidate of the year behaves."""

    ending: str  # submits, abandons, is too late
    trouble: str  # nothing, incomplete, unfit, corrects, silent
    leaves: bool


def begin(year: Year) -> None:
    """Plan the intakes of the year, as many as the edition names, and who comes to each."""
    people = _people(year)
    windows = windows_of(year)
    for number, (opens, closes) in enumerate(windows, start=1):
        mine = people[number - 1 :: len(windows)]
        announced = calendar.subtract_working_days(opens, 4)
        year.plan(max(announced, year.first_day), 11, 0, _open, year, number, opens, closes, mine)


def _people(year: Year) -> list[Person]:
    """Invented people; where the reserve has an age to leave at, a few reach it in this November (O6.2)."""
    people = invent_people(year.candidates, seed=year.seed, prefix="year")
    age = year.edition.value("exclusion_age")
    if not age:
        return people
    birthday = date(year.number - age, 11, 12)
    old = [replace(person, born=birthday) for person in people[:OLD_PEOPLE]]
    return old + people[OLD_PEOPLE:]


def windows_of(year: Year) -> list[tuple[date, date]]:
    """First and last day of each intake: spread over the year, the last one early enough to be decided in it."""
    intakes = year.edition.value("intakes_a_year")
    length = 365 // intakes
    found = []
    for number in range(intakes):
        opens = year.first_day + timedelta(days=number * length + max(7, length - DAYS_TO_DECIDE))
        opens = calendar.next_working_day(opens)
        found.append((opens, calendar.next_working_day(opens + timedelta(days=min(32, length // 5)))))
    return found


def _open(year: Year, number: int, opens: date, closes: date, people: Sequence[Person]) -> None:
    campaign = campaigns.create_campaign(
        edition=year.edition,
        name=f"Набор {number} {year.number} года",
        opens_at=clock.at(opens, time(0)),
        closes_at=clock.end_of(closes),
        actor=year.cast["operator"],
    )
    campaigns.open_campaign(campaign, actor=year.cast["operator"])
    for place, person in enumerate(people):
        dice = year.dice("comes", person.email)
        manner = _manner(year, person)
        day = opens + timedelta(days=dice.randrange((closes - opens).days))
        year.plan(day, dice.randint(8, 21), dice.randrange(60), _begin, year, campaign, person, place, manner)
    for days in LISTS_AFTER:
        day = calendar.add_working_days(closes, days)
        year.plan(day, 12, 0, _propose_admission, year, campaign)


def _manner(year: Year, person: Person) -> Manner:
    dice = year.dice("manner", person.email)
    ending = dice.choices(("submits", "abandons", "late", "last minute"), (82, 9, 3, 6))[0]
    trouble = dice.choices(("", "incomplete", "unfit", "corrects", "silent"), (74, 6, 6, 11, 3))[0]
    return Manner(ending, trouble, leaves=dice.random() < 0.04)


def _begin(year: Year, campaign: Campaign, person: Person, place: int, manner: Manner) -> None:
    """The questionnaire; some never go further than that."""
    user = sign_up(person)
    application = begin_application(year.cast, user, campaign, person, place)
    if manner.trouble == "unfit":
        profile = Profile.objects.get(user=user)
        applications.save_profile(profile, actor=user, version=profile.version, no_criminal_record=False)
    if manner.ending == "abandons":
        return
    dice = year.dice("submits", person.email)
    last = clock.local(campaign.closes_at).date()
    if manner.ending == "late":
        year.plan(last, 21, 0, _prepare, year, application, person)
        year.plan(last + timedelta(days=1), 0, 5, _try_late, year, application)
    elif manner.ending == "last minute":
        year.plan(last, 23, 58, _submit, year, application, person, manner)
    else:
        day = min(clock.today() + timedelta(days=dice.randint(1, 4)), last)
        year.plan(day, dice.randint(9, 22), dice.randrange(60), _submit, year, application, person, manner)


def _prepare(year: Year, application: Application, person: Person) -> None:
    """Who nominates, the consents (not everybody agrees to what is optional), the package."""
    user, edition = application.user, application.campaign.edition
    dice = year.dice("package", person.email)
    kinds = edition.value("nomination_kinds")
    if len(kinds) > 1 and dice.random() < 0.15:
        groups = list(application.wanted_groups.all())
        applications.set_choices(application, actor=user, nominations=dice.sample(kinds, 2), groups=groups)
        application.refresh_from_db()
    for text in applications.texts_of(edition):
        if text.required or dice.random() < 0.7:
            applications.give_consent(user, text=text, address="127.0.0.1", actor=user)
    with inspecting_own_files():
        for item in applications.slots_of(application):
            needed = item.document_type.is_required_for(application.nominations)
            if needed or dice.random() < 0.2:
                _attach(item, person, user)


def _attach(item: PackageItem, person: Person, user: Any, version: int = 1) -> None:
    """A file of the person's own: the sample with a mark after its end, so that no two are the same."""
    data = sample_pdf(str(item.document_type)) + f"\n% {person.email} {version}\n".encode()
    applications.add_file(item, name="документ.pdf", data=data, actor=user)


def _submit(year: Year, application: Application, person: Person, manner: Manner) -> None:
    _prepare(year, application, person)
    applications.submit_application(application, actor=application.user)
    dice = year.dice("registration", person.email)
    days = dice.choices((0, 1, 2, 3, 4, 7), (5, 30, 30, 20, 11, 4))[0]
    year.soon(days, _register, year, application, person, manner, hour=dice.randint(10, 17))
    if manner.leaves:
        year.soon(dice.randint(1, 25), _leave, year, application, hour=20)


def _try_late(year: Year, application: Application) -> None:
    """A moment after the window's end is late (Civil Code 194)."""
    year.refused(
        "заявление после конца приёма",
        applications.submit_application,
        application,
        actor=application.user,
    )


def _leave(year: Year, application: Application) -> None:
    if not applications.withdrawal_blockers(_fresh(application)):
        reason = year.dice("leaves", application.user.email).choice(REASONS_TO_LEAVE)
        applications.withdraw_application(application, actor=application.user, reason=reason)


def _register(year: Year, application: Application, person: Person, manner: Manner) -> None:
    if _fresh(application).state != ApplicationState.SUBMITTED:
        return
    operator = year.cast["operator2"]
    intake.register_application(application, actor=operator)
    year.refused("вторая регистрация", intake.register_application, application, actor=operator)
    dice = year.dice("review", person.email)
    days = dice.choices((2, 3, 4, 5, 7, 9, 11), (20, 20, 20, 15, 12, 9, 4))[0]
    year.soon(days, _review, year, application, person, manner, hour=dice.randint(9, 17), minute=30)


def _review(year: Year, application: Application, person: Person, manner: Manner) -> None:
    """A verdict on each document, then what follows: finished, refused, sent back."""
    if _fresh(application).state != ApplicationState.REGISTERED:
        return
    operator = year.cast["operator"]
    items = [item for item in applications.slots_of(application) if item.present_files]
    bad = items[len(items) // 2]
    for item in items:
        verdict = "accepted"
        if item == bad and manner.trouble in ("corrects", "silent"):
            verdict = "correct"
        elif item == bad and manner.trouble == "incomplete":
            verdict = "refused"
        ground = year.ground(GroundKind.CORRECTION) if verdict == "correct" else None
        words = "" if verdict == "accepted" else "Нет второй страницы."
        intake.review_item(item, verdict=verdict, actor=operator, ground=ground, words=words)
    if manner.trouble == "incomplete":
        _refuse(year, application)
    elif manner.trouble in ("corrects", "silent"):
        intake.request_correction(application, actor=operator, note="")
        if manner.trouble == "corrects":
            days = year.dice("corrects", person.email).randint(1, 3)
            year.soon(days, _correct, year, application, person, bad, hour=21)
        else:
            year.soon(6, _stop_waiting, year, application, hour=16)
    else:
        _finish(year, application)


def _correct(year: Year, application: Application, person: Person, item: PackageItem) -> None:
    if _fresh(application).state != ApplicationState.CORRECTION:
        return
    with inspecting_own_files():
        _attach(PackageItem.objects.get(pk=item.pk), person, application.user, version=2)
    applications.send_corrections(application, actor=application.user)
    year.soon(2, _review, year, application, person, Manner("submits", "", leaves=False), hour=15)


def _stop_waiting(year: Year, application: Application) -> None:
    """Nobody answered: the review goes on with what is there, which is not complete."""
    if _fresh(application).state == ApplicationState.CORRECTION:
        intake.end_correction(application, actor=year.cast["operator"], reason="Срок исправления прошёл.")
        for item in application.items.filter(verdict="correct"):
            intake.review_item(
                item, verdict="refused", actor=year.cast["operator"], words="Документ не исправлен."
            )
        _refuse(year, application)


def _refuse(year: Year, application: Application) -> None:
    ground = year.ground(GroundKind.INCOMPLETE)
    intake.refuse_application(
        application, actor=year.cast["operator"], ground=ground, words="Нет второй страницы документа."
    )


def _finish(year: Year, application: Application) -> None:
    """Propose to admit; where a requirement is not met the portal refuses that, and the proposal is not to."""
    operator = year.cast["operator"]
    unmet = [finding for finding in application.findings.all() if not finding.holds]
    if not unmet:
        intake.finish_review(application, actor=operator, admit=True)
        return
    year.refused(
        "допуск без выполненного требования", intake.finish_review, application, actor=operator, admit=True
    )
    intake.finish_review(
        application,
        actor=operator,
        admit=False,
        ground=year.ground(GroundKind.NOT_ADMITTED),
        words=f"Не выполнено: {unmet[0].requirement}.",
    )


def _propose_admission(year: Year, campaign: Campaign) -> None:
    """The list of those reviewed by now goes to the first body; who is reviewed later comes on the next one."""
    if not tracks_for_list(campaign).exists():
        return
    operator = year.cast["operator"]
    admission = intake.make_admission_list(campaign, actor=operator)
    send_list(admission, actor=operator)
    bodies.carry(year, admission, then=lambda: assessment.announce(year, campaign))


def _fresh(application: Application) -> Application:
    application.refresh_from_db(fields=["state"])
    return application
