"""People and organisations for tests."""

from typing import Any

import factory

from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.models import Municipality, Organisation, User
from reserve_portal.accounts.services import create_person

PASSWORD = "correct-horse-battery"
SURNAMES = ("Иванов", "Петров", "Сидоров", "Ёлкин", "Кузнецов", "Щукин", "Жуков", "Фёдоров")


class MunicipalityFactory(factory.django.DjangoModelFactory):
    name = factory.Sequence(lambda n: f"Район № {n + 1}")
    oktmo = factory.Sequence(lambda n: f"{69_000_000 + n}")

    class Meta:
        model = Municipality


class OrganisationFactory(factory.django.DjangoModelFactory):
    name = factory.Sequence(lambda n: f"Школа № {n + 1}")
    municipality = factory.SubFactory(MunicipalityFactory)

    class Meta:
        model = Organisation


class UserFactory(factory.django.DjangoModelFactory):
    """A person with a confirmed address and no role; `roles=[…]` gives some, traits name the usual ones."""

    email = factory.Sequence(lambda n: f"person{n + 1}@example.org")
    last_name = factory.Iterator(SURNAMES)
    first_name = "Анна"
    patronymic = "Сергеевна"
    roles: list[str] = []

    class Meta:
        model = User

    class Params:
        candidate = factory.Trait(roles=[Role.CANDIDATE])
        reservist = factory.Trait(roles=[Role.RESERVIST])
        operator = factory.Trait(roles=[Role.OPERATOR])
        administrator = factory.Trait(roles=[Role.ADMINISTRATOR])
        auditor = factory.Trait(roles=[Role.AUDITOR])
        municipal = factory.Trait(
            roles=[Role.MUNICIPAL], municipality=factory.SubFactory(MunicipalityFactory)
        )

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **fields: Any) -> User:
        email, roles = fields.pop("email"), fields.pop("roles")
        return create_person(email, roles=roles, actor=None, **fields)


def person_with(role: str, **fields: Any) -> User:
    """A person of one role; a municipal official has a municipality."""
    if role == Role.MUNICIPAL and "municipality" not in fields:
        fields["municipality"] = MunicipalityFactory()
    return UserFactory(roles=[role], **fields)
