"""What the operators of the browser tests find in the morning: packages to review, applications to register."""

from datetime import date, time

from candidates.models import Application, Campaign
from candidates.services import applications, campaigns, intake
from candidates.services.packages import store_file
from candidates.tests.applying import picture
from candidates.uploads import AcceptedUpload, UploadLimits, check_upload
from reserve_portal.accounts.models import Organisation, User
from reserve_portal.core import clock
from reserve_portal.regulations.models import Edition
from reserve_portal.simulation.cast import DOMAIN, Cast
from reserve_portal.simulation.people import Person, invent_people
from reserve_portal.simulation.story import at, begin_application, sign_up

CAMPAIGN = "Осенний набор 2026 года"
DAY = date(2026, 9, 15)
PACKAGES, ARRIVED = 20, 12
# For the process that sets the portal up.
SCENE = "from reserve_portal.simulation.tests.intake_scene import lay_out\nlay_out()\n"


def lay_out() -> None:
    """An open campaign; the first applications are registered and wait for their review, the others just came."""
    edition = Edition.objects.get()
    cast = Cast(edition, schools=list(Organisation.objects.all()))
    operator = User.objects.get(email=f"operator@{DOMAIN}")
    scan = check_upload("скан.png", picture(), UploadLimits())
    with at(date(2026, 9, 7)):
        campaign = campaigns.create_campaign(
            edition=edition,
            name=CAMPAIGN,
            opens_at=clock.at(date(2026, 9, 14), time(0)),
            closes_at=clock.end_of(date(2026, 10, 16)),
            actor=operator,
        )
        campaigns.open_campaign(campaign, actor=operator)
    for number, person in enumerate(invent_people(PACKAGES + ARRIVED, seed=15, prefix="came")):
        with at(DAY, 9, number):
            application = _hand_in(cast, campaign, person, number, scan)
            if number < PACKAGES:
                intake.register_application(application, actor=operator)
    clock.move_to(clock.at(DAY, time(10)))


def _hand_in(
    cast: Cast, campaign: Campaign, person: Person, number: int, scan: AcceptedUpload
) -> Application:
    user = sign_up(person)
    application = begin_application(cast, user, campaign, person, number)
    for text in campaign.edition.consent_texts.all():
        applications.give_consent(user, text=text, address="127.0.0.1", actor=user)
    for item in application.items.select_related("document_type"):
        if item.document_type.is_required_for(["self"]):
            store_file(item, scan, actor=user)
    return applications.submit_application(application, actor=user)
