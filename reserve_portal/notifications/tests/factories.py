"""Letters for tests."""

from typing import Any

import factory

from reserve_portal.notifications.models import Letter
from reserve_portal.notifications.services import store_letter


class LetterFactory(factory.django.DjangoModelFactory):
    """A stored letter that waits for its delivery."""

    code = "tests.letter"
    to = None
    address = factory.Sequence(lambda n: f"reader{n + 1}@example.org")
    key = factory.Sequence(lambda n: f"tests:{n + 1}")
    subject_line = "Заявление зарегистрировано"
    body = "Здравствуйте!\n\nНомер: КР-2026-0001."

    class Meta:
        model = Letter

    @classmethod
    def _create(cls, model_class: type[Letter], *args: Any, **fields: Any) -> Letter:
        letter = store_letter(fields.pop("code"), **fields)
        letter.refresh_from_db()
        return letter
