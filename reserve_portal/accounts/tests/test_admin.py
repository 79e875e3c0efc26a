"""People in the admin: the administrator invites, gives roles, closes accounts (process.md 1, 12)."""

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.mfa.utils import is_mfa_enabled

from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.models import User
from reserve_portal.accounts.tests.factories import MunicipalityFactory, UserFactory, person_with
from reserve_portal.audit.models import AuditEvent
from reserve_portal.core.tests.html_forms import fields_of
from reserve_portal.notifications.models import Letter

pytestmark = pytest.mark.django_db
LIST = "/admin/accounts/user/"
INVITED = {
    "email": "New@Example.org",
    "last_name": "Новиков",
    "first_name": "Олег",
    "roles": ["operator", "expert"],
}


@pytest.fixture
def administrator():
    return person_with("administrator")


@pytest.fixture
def browser(client_of, administrator):
    return client_of(administrator)


def test_the_administrator_invites_with_roles(browser, administrator):
    """The person exists, the letter is written, the deed is recorded."""
    assert browser.get(f"{LIST}add/").status_code == 200
    answer = browser.post(f"{LIST}add/", INVITED, follow=True)
    assert "Приглашение отправлено." in answer.content.decode()
    user = User.objects.get(email="new@example.org")
    assert user.roles == {"operator", "expert"} and user.full_name == "Новиков Олег"
    assert Letter.objects.get().kind == "account.invitation" and Letter.objects.get().to == user
    assert AuditEvent.objects.get(action="accounts.create_person", person=user).actor == administrator


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"email": "known@example.org"}, "Этот человек уже есть на портале"),
        ({"email": "KNOWN@example.org"}, "Этот человек уже есть на портале"),
        ({"email": "не адрес"}, "адрес электронной почты"),
        ({"roles": []}, "Роли"),
        ({"roles": ["candidate"]}, "candidate"),
        ({"roles": ["municipal"]}, "Укажите муниципальное образование."),
        ({"last_name": "Новиков1"}, "Пишите буквами"),
    ],
)
def test_a_bad_invitation_is_refused_beside_its_field(browser, change, words):
    """Nobody is created, no letter leaves; what was typed stays."""
    UserFactory(email="known@example.org")
    before = User.objects.count()
    answer = browser.post(f"{LIST}add/", {**INVITED, **change})
    assert answer.status_code == 200 and words in answer.content.decode()
    assert fields_of(answer.content)["first_name"] == ["Олег"]
    assert User.objects.count() == before and not Letter.objects.exists()


def test_a_municipal_official_is_invited_with_the_own_municipality(browser):
    """Sees only the own municipality: so it must be known."""
    here = MunicipalityFactory()
    browser.post(f"{LIST}add/", {**INVITED, "roles": ["municipal"], "municipality": here.pk})
    assert User.objects.get(email="new@example.org").municipality == here


def _act(browser, action, *users):
    return browser.post(
        LIST, {"action": action, "_selected_action": [user.pk for user in users]}, follow=True
    )


def test_who_has_not_set_a_password_is_invited_again(browser):
    """The others get no letter."""
    waiting, settled = UserFactory(operator=True), UserFactory(operator=True, password="a-long-password")
    assert "Отправлено приглашений: 1." in _act(browser, "invite_again", waiting, settled).content.decode()
    assert Letter.objects.get().to == waiting


def test_roles_are_changed_on_a_page_of_their_own(browser, administrator):
    """The page shows the present ones; each change is recorded."""
    user = UserFactory(roles=["operator", "expert"])
    address = _act(browser, "roles", user).redirect_chain[-1][0]
    assert fields_of(browser.get(address).content)["roles"] == ["expert", "operator"]
    browser.post(address, {"roles": ["expert", "mentor"]})
    assert User.objects.get(pk=user.pk).roles == {"expert", "mentor"}
    deeds = AuditEvent.objects.filter(person=user, actor=administrator).order_by("pk")
    assert [(event.action, event.details["role"]) for event in deeds] == [
        ("accounts.grant_role", "mentor"),
        ("accounts.revoke_role", "operator"),
    ]


def test_an_administrator_does_not_lock_himself_out(browser, administrator):
    """The last key stays in somebody's hand."""
    answer = browser.post(f"{LIST}{administrator.pk}/roles/", {"roles": ["operator"]})
    assert "попросите другого администратора" in answer.content.decode()
    answer = browser.post(f"{LIST}{administrator.pk}/close/")
    assert "попросите другого администратора" in answer.content.decode()
    again = User.objects.get(pk=administrator.pk)
    assert again.roles == {"administrator"} and again.is_active


def test_an_account_is_closed_and_opened_again(browser, client_of):
    """At once, also for who is signed in; nothing is deleted."""
    user = UserFactory(roles=["operator"])
    theirs = client_of(user)
    browser.post(_act(browser, "close", user).redirect_chain[-1][0])
    assert not User.objects.get(pk=user.pk).is_active
    assert theirs.get("/letters/").status_code == 302
    browser.post(_act(browser, "reopen", user).redirect_chain[-1][0])
    again = User.objects.get(pk=user.pk)
    assert again.is_active and again.roles == {"operator"}
    deeds = AuditEvent.objects.filter(person=user, action__in=["accounts.close", "accounts.reopen"])
    assert deeds.count() == 2


def test_a_lost_second_factor_is_reset_with_a_reason(browser, client_of, administrator):
    """quality.md, Security: on record, by letter; who is signed in with the lost phone is signed out, nobody else."""
    user, other = UserFactory(roles=["operator"]), UserFactory(roles=["operator"])
    for person in (user, other):
        TOTP.activate(person, generate_totp_secret())
    theirs, others = client_of(user), client_of(other)
    address = _act(browser, "reset_factor", user).redirect_chain[-1][0]
    assert "Заполните это поле." in browser.post(address, {"reason": " "}).content.decode()
    assert is_mfa_enabled(user) and theirs.get("/letters/").status_code == 200
    answer = browser.post(address, {"reason": "Телефон утоплен, пришёл лично"}, follow=True)
    assert "Второй фактор сброшен" in answer.content.decode()
    assert not is_mfa_enabled(user) and is_mfa_enabled(other)
    assert theirs.get("/letters/").status_code == 302 and others.get("/letters/").status_code == 200
    event = AuditEvent.objects.get(action="accounts.reset_second_factor")
    assert (event.actor, event.person) == (administrator, user)
    assert event.details == {"reason": "Телефон утоплен, пришёл лично"}
    assert Letter.objects.get().to == user and Letter.objects.get().subject_line == "Второй фактор сброшен"
    assert "не включён" in browser.post(address, {"reason": "Ещё раз"}).content.decode()


def test_nobody_resets_the_own_second_factor(browser, administrator):
    """An open session alone must not get rid of the factor."""
    TOTP.activate(administrator, generate_totp_secret())
    answer = browser.post(f"{LIST}{administrator.pk}/reset_factor/", {"reason": "Потерян"})
    assert "попросите другого администратора" in answer.content.decode()
    assert is_mfa_enabled(administrator)
    assert not AuditEvent.objects.filter(action="accounts.reset_second_factor").exists()


def test_an_action_on_a_person_wants_one(browser):
    """Two at once make no sense."""
    users = [UserFactory(), UserFactory()]
    for action in ("roles", "reset_factor", "close", "reopen"):
        assert "Выберите одного человека." in _act(browser, action, *users).content.decode()


@pytest.mark.parametrize("role", sorted(set(Role.values) - {"administrator"}))
def test_only_the_administrator_invites_and_gives_roles(role, client_of):
    """An operator sees people and changes none; the others do not come in."""
    browser, user = client_of(person_with(role)), UserFactory()
    refused = 403 if role in {"operator", "auditor"} else 302
    for address in (
        "add/",
        f"{user.pk}/roles/",
        f"{user.pk}/reset_factor/",
        f"{user.pk}/close/",
        f"{user.pk}/reopen/",
    ):
        assert browser.get(LIST + address).status_code == refused
        assert browser.post(LIST + address, {**INVITED, "roles": ["administrator"]}).status_code == refused
    assert not User.objects.filter(email="new@example.org").exists()
    again = User.objects.get(pk=user.pk)
    assert again.roles == frozenset() and again.is_active


def test_a_persons_page_is_read_only_and_has_no_password(browser):
    """Not even the hash is shown."""
    user = UserFactory(password="a-long-password")
    answer = browser.get(f"{LIST}{user.pk}/change/")
    assert answer.status_code == 200 and user.password not in answer.content.decode()
    assert browser.post(f"{LIST}{user.pk}/change/", {"email": "x@example.org"}).status_code == 403
    assert browser.post(f"{LIST}{user.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_people_costs_the_same_whatever_its_length(
    client_of, django_assert_max_num_queries, count
):
    """The number of queries of a page does not depend on its rows."""
    for _ in range(count):
        UserFactory(municipal=True)
    browser = client_of(person_with("operator"))
    with django_assert_max_num_queries(11):
        browser.get(LIST)
