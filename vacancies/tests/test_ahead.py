"""What an offer puts before a reservist, beside plans and events (process.md 8)."""

from django.urls import reverse

from reserve_portal.accounts.models import User
from reserve_portal.core.dashboard import ahead_of
from reserve_portal.regulations.models import Edition
from vacancies.models import Referral

from .factories import ask, make_commission, make_reservist, make_vacancy, presented, scheduled


def test_an_offer_lies_ahead_with_its_term_and_the_defence_with_its_day(
    tomsk: Edition, operator: User
) -> None:
    make_commission(tomsk)
    vacancy, reservist = make_vacancy(tomsk), make_reservist(tomsk)
    ask(vacancy, reservist, operator)
    offer = Referral.objects.get()
    (row,) = ahead_of(reservist.user)
    assert row.on == offer.answer_until and row.is_limit
    assert row.url == reverse("vacancies:offer", args=[offer.pk])
    Referral.objects.all().delete()
    presented(vacancy, reservist, operator)
    assert [(row.on, row.is_limit) for row in ahead_of(reservist.user)] == [(None, False)]
    defence = scheduled(vacancy, operator)
    assert [row.on for row in ahead_of(reservist.user)] == [defence.meeting.starts_at.date()]
