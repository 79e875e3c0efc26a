from django.db.models import TextChoices


class JobState(TextChoices):
    QUEUED = "queued", "в очереди"
    RUNNING = "running", "выполняется"
    DONE = "done", "готово"
    FAILED = "failed", "не удалось"


class HealthLevel(TextChoices):
    """What a monitor is told; `warning` leaves time until tomorrow, `failed` does not."""

    OK = "ok", "в порядке"
    WARNING = "warning", "обратите внимание"
    FAILED = "failed", "не работает"
