"""Others who bring applications: an official and a head nominate (T1), an operator enters what came on paper (O3.2)."""

from datetime import date, time

from candidates.models import Application, Campaign
from candidates.services.entry import begin_entry
from candidates.services.nominations import accept_nomination, decline_nomination, nominate_person
from candidates.uploads import inspecting_own_files
from reserve_portal.core import clock

from .cast import Cast
from .people import invent_people, sample_pdf
from .story import at, sign_up

NOMINATED = (("municipal", "municipality"), ("municipal", "municipality"), ("head", "head"))


def play_nominations(cast: Cast, campaign: Campaign) -> None:
    """One person has not answered yet, one declined, one took the nomination up; nothing where nobody nominates."""
    if set(campaign.edition.value("nomination_kinds")) == {"self"}:
        return
    for number, person in enumerate(invent_people(len(NOMINATED), seed=91, prefix="nominated")):
        name, kind = NOMINATED[number]
        if kind not in campaign.edition.value("nomination_kinds"):
            continue
        with at(date(2026, 10, 13 + number), 15), inspecting_own_files():
            nomination = nominate_person(
                actor=cast[name],
                campaign=campaign,
                kind=kind,
                email=person.email,
                last_name=person.last_name,
                first_name=person.first_name,
                patronymic=person.patronymic,
                groups=campaign.edition.target_groups.all()[:1],
                letter_name="письмо о выдвижении.pdf",
                letter=sample_pdf(f"Письмо о выдвижении {number}"),
            )
        with at(date(2026, 10, 16), 12):
            if number == 1:
                decline_nomination(nomination, actor=None)
            if number == 2:
                accept_nomination(nomination, actor=sign_up(person))


def begin_paper_entry(cast: Cast, campaign: Campaign) -> Application:
    """An application that came by mail and is being entered."""
    (person,) = invent_people(1, seed=93, prefix="paper")
    with at(date(2026, 10, 20), 16):
        return begin_entry(
            actor=cast["operator"],
            campaign=campaign,
            channel="mail",
            received_at=clock.at(date(2026, 10, 20), time(11, 30)),
            email=person.email,
            last_name=person.last_name,
            first_name=person.first_name,
            patronymic=person.patronymic,
        )
