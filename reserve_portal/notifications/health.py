from datetime import timedelta

from django.db.models import Min

from reserve_portal.core import clock
from reserve_portal.core.enums import HealthLevel
from reserve_portal.core.health import Finding, by_age, health_check

from .enums import LetterState
from .models import Letter

# A receiver's server that asks to come again later delays a letter by minutes; half an hour is the own mail server.
SLOW, STUCK = timedelta(minutes=15), timedelta(minutes=30)


@health_check("letters")
def check_letters() -> Finding:
    """The age of the oldest letter that has not left; those given up wait on the operator's desk."""
    waiting = Letter.objects.filter(state__in=[LetterState.QUEUED, LetterState.SENDING])
    oldest = waiting.aggregate(oldest=Min("created_at"))["oldest"]
    if oldest is None:
        return Finding(HealthLevel.OK, "Все письма отправлены.")
    return by_age(clock.now() - oldest, SLOW, STUCK, "Старейшее неотправленное письмо ждёт {minutes} мин.")
