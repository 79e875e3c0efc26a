"""For the health page: papers that are issued and whose file is still missing."""

from datetime import timedelta

from django.db.models import Min

from reserve_portal.core import clock
from reserve_portal.core.enums import HealthLevel
from reserve_portal.core.health import Finding, by_age, health_check

from .models import IssuedPaper

SLOW, STUCK = timedelta(minutes=5), timedelta(minutes=15)


@health_check("papers")
def check_papers() -> Finding:
    oldest = IssuedPaper.objects.to_be_made().aggregate(at=Min("issued_at"))["at"]
    if oldest is None:
        return Finding(HealthLevel.OK, "Файлы всех выданных документов готовы.")
    return by_age(clock.now() - oldest, SLOW, STUCK, "Файл выданного документа не готов уже {minutes} мин.")
