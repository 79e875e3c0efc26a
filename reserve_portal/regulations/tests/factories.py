"""Limits and deadlines for tests; whole editions come from the fixtures `tomsk` and `orenburg`."""

import factory
from django.contrib.contenttypes.models import ContentType

from reserve_portal.core import clock
from reserve_portal.regulations.enums import Unit
from reserve_portal.regulations.models import Deadline, Edition, TimeLimit


def edition_in_use() -> Edition:
    """The edition that the test loaded; a limit needs one."""
    return Edition.objects.order_by("pk").first()


class TimeLimitFactory(factory.django.DjangoModelFactory):
    edition = factory.LazyFunction(edition_in_use)
    code = factory.Sequence(lambda n: f"limit{n}")
    title = "Сделать дело"
    starts = "tests.begun"
    closes = "tests.done"
    amount = 5
    unit = Unit.WORKING_DAYS
    responsible = "operator"

    class Meta:
        model = TimeLimit


class DeadlineFactory(factory.django.DjangoModelFactory):
    """A dated limit about the edition itself, or about `subject`."""

    limit = factory.SubFactory(TimeLimitFactory)
    title = "Сделать дело"
    about = "Дело"
    opened_on = factory.LazyFunction(clock.today)
    due_on = factory.LazyFunction(clock.today)
    responsible = factory.SelfAttribute("limit.responsible")
    subject = factory.LazyFunction(edition_in_use)
    content_type = factory.LazyAttribute(lambda row: ContentType.objects.get_for_model(row.subject))
    object_id = factory.SelfAttribute("subject.pk")

    class Meta:
        model = Deadline
        exclude = ["subject"]
