"""Others who bring applications: an official and the head of a school nominate people of the autumn intake (T1)."""

from datetime import date

from candidates.models import Campaign
from candidates.services.nominations import accept_nomination, decline_nomination, nominate_person
from candidates.uploads import inspecting_own_files

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
