"""Files that arrive in pieces: what is there so far survives a lost connection, a reload, another day."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from reserve_portal.core import clock

from .packages import PackageFile, PackageItem


class PartialUpload(models.Model):
    """One file on its way into a slot; its bytes lie in the private folder under `path` until it is whole.

    `name`, `size` and `modified` are what the browser says of the file: by them it is recognised when chosen again.
    """

    item = models.ForeignKey(PackageItem, models.CASCADE, related_name="partial_uploads")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    path = models.CharField(max_length=60, unique=True)
    name = models.CharField("Имя файла", max_length=160)
    size = models.PositiveIntegerField("Размер, байт")
    modified = models.CharField("Когда изменён, по словам браузера", max_length=20, blank=True)
    # In a correction round: the slot's old files stay beside this one.
    keep = models.BooleanField(default=False)
    received = models.PositiveIntegerField("Получено, байт", default=0)
    # True clock: whether the sender is still there has nothing to do with the portal's day.
    touched_at = models.DateTimeField("Последняя часть", default=clock.true_now, db_index=True)
    checked_until = models.DateTimeField("Проверяется до", null=True)
    finished_at = models.DateTimeField("Закончен", null=True)
    file = models.ForeignKey(PackageFile, models.SET_NULL, null=True, related_name="+")
    error = models.TextField("Почему не принят", blank=True)

    class Meta:
        verbose_name = "Незаконченная загрузка"
        verbose_name_plural = "Незаконченные загрузки"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "user", "name", "size", "modified"],
                condition=Q(finished_at=None),
                name="one_upload_of_a_file",
            ),
            models.CheckConstraint(condition=Q(received__lte=models.F("size")), name="upload_not_overfull"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_whole(self) -> bool:
        return self.received == self.size

    @property
    def percent(self) -> int:
        return self.received * 100 // self.size
