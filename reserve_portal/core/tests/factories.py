"""Rows of the machinery for tests."""

import factory

from reserve_portal.core.models import Job


class JobFactory(factory.django.DjangoModelFactory):
    kind = "tests.work"
    key = factory.Sequence(lambda n: f"tests:{n}")
    title = "Пробное задание"
    params = factory.Dict({})

    class Meta:
        model = Job
