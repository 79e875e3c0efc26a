"""Is the virus scanner there, where one is configured, and do files wait for it?"""

from datetime import timedelta

from reserve_portal.core import clock
from reserve_portal.core.enums import HealthLevel
from reserve_portal.core.health import Finding, health_check

from . import virus_scanner
from .services.quarantine import oldest_waiting

STUCK = timedelta(minutes=30)


@health_check("virus_scanner")
def check_virus_scanner() -> Finding:
    """A scanner that is away costs a warning at once, a failure once a file waits for it half an hour."""
    if not virus_scanner.is_configured():
        return Finding(HealthLevel.OK, "Проверка на вирусы не настроена (CLAMAV_ADDRESS).")
    oldest = oldest_waiting()
    age = clock.now() - oldest if oldest else timedelta(0)
    waits = f" Старейший файл ждёт проверки {int(age.total_seconds() // 60)} мин." if oldest else ""
    try:
        virus_scanner.ping()
    except virus_scanner.ScannerUnavailable as error:
        level = HealthLevel.FAILED if age > STUCK else HealthLevel.WARNING
        return Finding(level, f"Проверка на вирусы не отвечает: {error}.{waits}")
    level = HealthLevel.FAILED if age > STUCK else HealthLevel.OK
    return Finding(level, f"Проверка на вирусы отвечает.{waits}")
