"""A second date for who was ill must not hold up those who came."""

from datetime import date, time
from decimal import Decimal

from assessment.services import invitations, procedures
from assessment.services.absences import mark_no_shows
from candidates.models import ApplicationTrack
from reserve_portal.core import clock
from reserve_portal.regulations.models import Edition
from reserve_portal.simulation.cast import make_cast
from reserve_portal.simulation.story import assess, at
from reserve_portal.simulation.tests.test_parameters import admitted
from reservists.services import membership


def test_the_list_for_inclusion_does_not_wait_for_who_has_a_second_date(tomsk: Edition) -> None:
    """T4: ten working days after the procedure; the second date is another procedure with a list of its own."""
    with at(date(2026, 4, 1)):
        cast = make_cast(tomsk)
    campaign = admitted(cast, 2)
    days = {"announced": date(2026, 6, 5), "starts": date(2026, 6, 22), "ends": date(2026, 6, 24)}
    procedure = assess(cast, campaign, [Decimal("0.9")], **days)
    operator = cast["operator"]
    with at(date(2026, 6, 25)):
        assert membership.inclusion_blockers(procedure)
        mark_no_shows(procedure, actor=operator)
        second = procedures.create_procedure(
            campaign,
            name="Вторая дата",
            starts_at=clock.at(date(2026, 7, 13), time(9)),
            ends_at=clock.at(date(2026, 7, 13), time(18)),
            place="https://testing.demo.example/",
            actor=operator,
        )
        procedures.schedule_procedure(second, actor=operator)
        absent = ApplicationTrack.objects.get(state="no_show")
        invitations.appoint_second_date(absent, procedure=second, actor=operator, reason="Был болен.")
        assert membership.inclusion_blockers(procedure) == []
        assert membership.make_inclusion_list(procedure, actor=operator).lines.count() == 1
