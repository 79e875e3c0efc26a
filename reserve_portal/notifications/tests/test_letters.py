"""Letters are registered, stored, once each, in the operator's words (process.md 10)."""

from datetime import date

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import transaction

from reserve_portal.accounts.tests.factories import UserFactory
from reserve_portal.core.context import begin_unit_of_work
from reserve_portal.notifications.kinds import fill, letter_kinds, register_letter
from reserve_portal.notifications.models import Letter, LetterText
from reserve_portal.notifications.services import mark_read, send_letter, store_letter
from reserve_portal.notifications.tests.factories import LetterFactory

CODE = "tests.registered"


@pytest.fixture(autouse=True)
def kind():
    """A kind of letter of this module."""
    kind = register_letter(
        CODE,
        "Пробное письмо",
        "Заявление {{ number }}",
        "Здравствуйте, {{ greeting }}!\n\nНомер {{ number }}.\n\n{{ signature }}",
        number="Регистрационный номер",
        day="Дата",
    )
    yield kind
    letter_kinds._plugs.pop(CODE)


def _send(user, key="k", number="КР-2026-0001", **kwargs):
    return send_letter(CODE, to=user, key=key, values={"number": number, "day": "01.09.2026"}, **kwargs)


@pytest.mark.django_db
def test_a_letter_is_stored_once_per_key():
    """Whatever calls twice, the receiver gets one letter, with its first text."""
    user = UserFactory()
    first = _send(user)
    assert _send(user, number="КР-2026-0002") == first
    assert Letter.objects.get().subject_line == "Заявление КР-2026-0001"
    assert _send(user, key="another") != first


@pytest.mark.django_db
def test_a_letter_greets_signs_and_stands_in_the_cabinet(tomsk):
    """The text is whole when it is stored; the signature is the operator of the edition in force."""
    user = UserFactory(first_name="Пётр", patronymic="Ильич")
    letter = _send(user, about=tomsk)
    assert letter.body == f"Здравствуйте, Пётр Ильич!\n\nНомер КР-2026-0001.\n\n{tomsk.operator_name}"
    assert (letter.address, letter.to, letter.in_cabinet, letter.subject) == (user.email, user, True, tomsk)
    assert list(Letter.objects.about(tomsk)) == [letter]


@pytest.mark.django_db
def test_a_letter_may_go_to_somebody_without_an_account():
    """A department has an address and no account."""
    letter = send_letter(CODE, address="office@example.org", key="k", values={"number": "1", "day": "-"})
    assert letter.to is None and letter.address == "office@example.org"
    assert letter.body.startswith("Здравствуйте, коллега!")


@pytest.mark.django_db
def test_a_letter_of_a_rolled_back_transaction_does_not_exist():
    """Stored in the transaction that causes it: no letter about what did not happen."""
    user = UserFactory()
    with pytest.raises(RuntimeError), transaction.atomic():
        _send(user)
        raise RuntimeError
    assert not Letter.objects.exists() and mail.outbox == []


@pytest.mark.django_db
def test_the_operators_own_text_is_used():
    """Texts are edited in the admin without a programmer; letters already written keep theirs."""
    user = UserFactory()
    before = _send(user, key="before")
    LetterText.objects.create(kind=CODE, subject="Ваш номер {{number}}", body="{{ greeting }}: {{ day }}")
    begin_unit_of_work()
    after = _send(user, key="after")
    assert (after.subject_line, after.body) == ("Ваш номер КР-2026-0001", f"{user.greeting}: 01.09.2026")
    before.refresh_from_db()
    assert before.subject_line == "Заявление КР-2026-0001"


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["subject", "body"])
def test_an_unknown_placeholder_is_refused_with_a_sentence(field):
    """The sentence names what is unknown and what may be used."""
    text = LetterText(kind=CODE, subject="Тема", body="Текст")
    setattr(text, field, "Номер {{ nomer }}")
    with pytest.raises(ValidationError) as caught:
        text.full_clean()
    (message,) = caught.value.message_dict[field]
    assert message.startswith("Неизвестные подстановки: nomer. Можно: ")
    assert "{{ number }}" in message and "{{ greeting }}" in message


@pytest.mark.django_db
def test_a_text_of_an_unknown_letter_is_refused():
    """There is nothing it could replace."""
    with pytest.raises(ValidationError, match="Такого письма нет"):
        LetterText(kind="tests.gone", subject="Тема", body="Текст").full_clean()


@pytest.mark.django_db
def test_an_own_text_outdated_by_an_update_gives_way_to_the_default():
    """A placeholder that the portal no longer has must not break the deed that writes the letter."""
    LetterText.objects.create(kind=CODE, subject="{{ old }}", body="Текст")
    assert _send(UserFactory()).subject_line == "Заявление КР-2026-0001"


@pytest.mark.django_db
def test_every_placeholder_needs_a_value_even_one_the_present_text_does_not_use():
    """The operator's next text may use it: the mistake shows at once, not after an edit."""
    with pytest.raises(KeyError, match="day"):
        send_letter(CODE, to=UserFactory(), key="k", values={"number": "1"})
    with pytest.raises(LookupError, match=r"tests\.gone"):
        send_letter("tests.gone", to=UserFactory(), key="k")


def test_a_kind_whose_own_text_uses_an_unknown_placeholder_is_not_registered():
    """A misspelt placeholder shows when the portal starts."""
    with pytest.raises(ValueError, match="unknown placeholders"):
        register_letter("tests.misspelt", "Письмо", "Тема {{ nomer }}", "Текст")
    assert "tests.misspelt" not in letter_kinds


def test_values_are_not_read_as_placeholders():
    """What a person typed never turns into something else."""
    assert fill("{{ a }}-{{b}}", {"a": "{{ b }}", "b": "{% if %}"}) == "{{ b }}-{% if %}"


@pytest.mark.django_db
def test_a_line_break_in_a_value_does_not_break_the_subject():
    """A mail library refuses such a header, and the letter would never leave."""
    letter = _send(UserFactory(), number="КР\r\nBcc: all@example.org")
    assert letter.subject_line == "Заявление КР Bcc: all@example.org"


@pytest.mark.django_db
def test_a_key_is_never_cut():
    """Two long keys with one beginning would swallow a letter."""
    with pytest.raises(ValueError, match="key longer than 200"):
        LetterFactory(key="k" * 201)
    with pytest.raises(ValueError, match="no address"):
        LetterFactory(address="")


@pytest.mark.django_db
def test_message_ids_are_the_portals_own_and_unique():
    """One Message-ID for the life of a letter: a second copy is recognised."""
    ids = {LetterFactory().message_id for _ in range(20)}
    assert len(ids) == 20 and all(item.endswith("@portal.example>") for item in ids)


@pytest.mark.django_db
def test_the_cabinet_shows_the_own_letters_alone(client_of):
    """A foreign letter does not exist; an account letter is not listed."""
    user, other = UserFactory(), UserFactory()
    own, foreign = _send(user, key="own"), _send(other, key="foreign")
    account = store_letter(
        "account.x",
        to=user,
        address=user.email,
        key="a",
        subject_line="Ссылка",
        body="тайна",
        in_cabinet=False,
    )
    browser = client_of(user)
    page = browser.get("/letters/").content.decode()
    assert "Заявление КР-2026-0001" in page and "Ссылка" not in page
    assert browser.get(f"/letters/{own.pk}/").status_code == 200
    assert browser.get(f"/letters/{foreign.pk}/").status_code == 404
    assert browser.get(f"/letters/{account.pk}/").status_code == 404


@pytest.mark.django_db
def test_the_first_opening_is_remembered(travel):
    """Read once, remembered when first."""
    letter = _send(UserFactory())
    with travel(date(2026, 9, 1)):
        mark_read(letter)
    with travel(date(2026, 9, 2)):
        mark_read(letter)
    letter.refresh_from_db()
    assert letter.read_at.date() == date(2026, 9, 1)


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_the_cabinets_list_costs_the_same_whatever_its_length(client_of, django_assert_num_queries, count):
    """The number of queries of a page does not depend on its rows (quality.md)."""
    user = UserFactory()
    for n in range(count):
        _send(user, key=str(n))
    browser = client_of(user)
    with django_assert_num_queries(8):
        browser.get("/letters/")


@pytest.mark.django_db
def test_the_example_letter_box_does_not_exist_in_production(client, settings):
    """Every letter on one page is for invented people alone."""
    LetterFactory()
    assert client.get("/letters/example/").status_code == 200
    settings.LIVING_EXAMPLE = False
    assert client.get("/letters/example/").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("code", sorted(letter_kinds.codes()))
def test_every_registered_letter_can_be_written(code):
    """Each default text is filled from its own placeholders, in Russian, with a greeting."""
    kind = letter_kinds.get(code)
    letter = send_letter(code, to=UserFactory(), key="k", values=dict.fromkeys(kind.placeholders, "значение"))
    assert "{{" not in letter.subject_line + letter.body
    assert letter.subject_line and len(letter.subject_line) < 250 and kind.title
