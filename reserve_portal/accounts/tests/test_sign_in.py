"""Signing up and in: confirmation, no enumeration, invitations, second factor, throttling (quality.md, Security)."""

import itertools
import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.urls import reverse

from reserve_portal.accounts.enums import PRIVATE_ROLES, Role
from reserve_portal.accounts.models import User
from reserve_portal.accounts.services import grant_role, invite_person, revoke_role
from reserve_portal.accounts.tests.factories import PASSWORD, MunicipalityFactory, UserFactory, person_with
from reserve_portal.audit.models import AuditEvent
from reserve_portal.notifications.models import Letter

pytestmark = pytest.mark.django_db
SIGN_UP, SIGN_IN, RESET = "/accounts/signup/", "/accounts/login/", "/accounts/password/reset/"
NEW = {
    "last_name": "Ёлкина",
    "first_name": "Мария",
    "patronymic": "Ильинична",
    "email": "Maria@Example.org",
    "password1": PASSWORD,
    "password2": PASSWORD,
}
addresses = (f"198.51.100.{n}" for n in itertools.count(1))


def _link(letter):
    (link,) = re.findall(r"https?://\S+", letter.body.replace("http://127.0.0.1:8000 ", ""))[:1]
    return re.sub(r"^https?://[^/]+", "", link)


def _signed_in(client):
    return "_auth_user_id" in client.session


def _sign_in(client, email, password=PASSWORD, **extra):
    return client.post(SIGN_IN, {"login": email, "password": password}, **extra)


def test_who_signs_up_is_a_candidate_with_a_name_and_nothing_more(client):
    """Officials and staff are invited; by oneself one becomes a candidate."""
    client.post(SIGN_UP, NEW)
    user = User.objects.get()
    assert (user.email, user.full_name) == ("maria@example.org", "Ёлкина Мария Ильинична")
    assert user.roles == {"candidate"} and not user.is_staff and not user.is_superuser
    assert user.search_key == "елкина мария ильинична maria@example.org"
    assert AuditEvent.objects.filter(action="accounts.grant_role", person=user).exists()


def test_a_role_cannot_be_smuggled_into_the_sign_up(client):
    """Fields that the form does not have are not read."""
    client.post(SIGN_UP, {**NEW, "is_superuser": "on", "groups": "administrator", "roles": "operator"})
    assert User.objects.get().roles == {"candidate"} and not User.objects.get().is_superuser


def test_the_address_is_confirmed_before_the_first_sign_in(client):
    """By a letter whose link is opened and confirmed with a button, so that a scanner of mails does not confirm."""
    client.post(SIGN_UP, NEW)
    assert not _signed_in(client)
    _sign_in(client, "maria@example.org")
    assert not _signed_in(client)
    letter = Letter.objects.order_by("pk").first()
    assert letter.address == "maria@example.org" and letter.to == User.objects.get()
    client.get(_link(letter))
    assert not EmailAddress.objects.get().verified
    client.post(_link(letter))
    assert EmailAddress.objects.get().verified and not _signed_in(client)
    _sign_in(client, "MARIA@example.org")
    assert _signed_in(client)


def test_account_letters_are_stored_but_not_shown_in_the_cabinet(client):
    """A link that sets a password does not belong in a list of letters; the operator does not see it either."""
    client.post(SIGN_UP, NEW)
    letter = Letter.objects.get()
    assert letter.kind.startswith("account.") and not letter.in_cabinet
    operator = person_with("operator")
    client.force_login(operator)
    assert letter.subject_line not in client.get("/admin/notifications/letter/").content.decode()
    assert client.get(f"/admin/notifications/letter/{letter.pk}/change/").status_code == 404


def test_signing_up_with_a_known_address_looks_like_any_sign_up(client):
    """No account enumeration: the answer is the same, the owner gets a letter, nothing changes."""
    owner = UserFactory(email="maria@example.org", password=PASSWORD)
    known, new = client.post(SIGN_UP, NEW), client.post(SIGN_UP, {**NEW, "email": "other@example.org"})
    assert (known.status_code, known["Location"]) == (new.status_code, new["Location"])
    assert User.objects.count() == 2 and not _signed_in(client)
    owner.refresh_from_db()
    assert owner.check_password(PASSWORD) and owner.last_name != "Ёлкина"
    letter = Letter.objects.get(address="maria@example.org")
    assert letter.kind == "account.account_already_exists"


def test_asking_for_a_password_tells_nobody_whether_an_account_exists(client):
    """The same answer for a known and an unknown address."""
    UserFactory(email="maria@example.org")
    known, unknown = (
        client.post(RESET, {"email": "maria@example.org"}),
        client.post(RESET, {"email": "no@example.org"}),
    )
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])


def test_a_wrong_password_and_an_unknown_address_get_the_same_words(client):
    """The sign-in page does not say which of the two was wrong."""
    UserFactory(email="maria@example.org", password=PASSWORD)
    pages = [_sign_in(client, email, "wrong-password-1") for email in ("maria@example.org", "no@example.org")]
    words = [
        re.sub(r"\S+@example\.org|csrf\S+ value=\S+|(?<=CSRFToken\": \")\w+", "", page.content.decode())
        for page in pages
    ]
    assert words[0] == words[1] and not _signed_in(client)


@pytest.mark.parametrize("password", ["short1", "1234567890123", "password123", "maria@example.org"])
def test_a_weak_password_is_refused(client, password):
    """Ten characters, not only digits, not common, not the own address."""
    answer = client.post(SIGN_UP, {**NEW, "password1": password, "password2": password})
    assert answer.status_code == 200 and not User.objects.exists()


@pytest.mark.parametrize("missing", ["last_name", "first_name", "email", "password1"])
def test_a_sign_up_without_what_is_needed_is_refused_and_keeps_what_was_typed(client, missing):
    """Nothing typed is ever lost, passwords excepted."""
    answer = client.post(SIGN_UP, {**NEW, missing: ""})
    assert answer.status_code == 200 and not User.objects.exists()
    assert "Ильинична" in answer.content.decode() and PASSWORD not in answer.content.decode()


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("Петрова-Водкина", True),
        ("О’Коннор", True),
        ("Салтыков Щедрин", True),
        ("😀", False),
        ("<b>Я</b>", False),
    ],
)
def test_a_name_is_written_in_letters(client, name, taken):
    """Names go onto papers (process.md 9)."""
    client.post(SIGN_UP, NEW | {"last_name": name})
    assert User.objects.exists() is taken


def test_a_person_without_patronymic_signs_up(client):
    """Not everybody has one."""
    client.post(SIGN_UP, {**NEW, "patronymic": ""})
    assert User.objects.get().full_name == "Ёлкина Мария"


# --- invitations ----------------------------------------------------------------------------------------------------


def test_an_invited_official_sets_a_password_by_a_link_that_works_once(client):
    """The address counts as confirmed: the letter reached it."""
    administrator, municipality = person_with("administrator"), MunicipalityFactory()
    official = invite_person(
        "Official@Example.org",
        roles=[Role.MUNICIPAL],
        actor=administrator,
        last_name="Петров",
        first_name="Пётр",
        municipality=municipality,
    )
    assert official.roles == {"municipal"} and not official.has_usable_password()
    _sign_in(client, "official@example.org", "")
    assert not _signed_in(client)
    letter = Letter.objects.get(address="official@example.org")
    assert letter.kind == "account.invitation" and not letter.in_cabinet
    form = client.get(_link(letter), follow=True)
    assert form.status_code == 200
    done = client.post(form.redirect_chain[-1][0], {"password1": PASSWORD, "password2": PASSWORD})
    assert done.status_code == 302
    _sign_in(client, "official@example.org")
    assert _signed_in(client)
    client.logout()
    again = client.get(_link(letter), follow=True)
    assert "password1" not in again.content.decode()
    event = AuditEvent.objects.get(action="accounts.create_person", person=official)
    assert (event.actor, event.details) == (administrator, {"roles": ["municipal"]})


def test_roles_are_given_and_taken_once(db):
    """Each change is recorded once, repeating changes nothing."""
    administrator, user = person_with("administrator"), UserFactory()
    AuditEvent.objects.all().delete()
    for _ in range(2):
        grant_role(user, Role.EXPERT, actor=administrator)
    assert user.has_role("expert") and User.objects.with_role("expert").get() == user
    for _ in range(2):
        revoke_role(user, Role.EXPERT, actor=administrator)
    assert not user.has_role("expert") and User.objects.get(pk=user.pk).roles == frozenset()
    assert list(AuditEvent.objects.order_by("pk").values_list("action", flat=True)) == [
        "accounts.grant_role",
        "accounts.revoke_role",
    ]


def test_a_closed_account_has_no_role_and_does_not_sign_in(client):
    """Who left keeps the history, not the rights."""
    user = UserFactory(roles=["operator"], password=PASSWORD, is_active=False)
    _sign_in(client, user.email)
    assert not _signed_in(client)
    assert (
        not user.has_role("operator")
        and not user.is_staff
        and not User.objects.with_role("operator").exists()
    )


# --- second factor --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", Role.values)
def test_a_second_factor_is_demanded_of_every_role_but_candidate_and_reservist(role, client_of, settings):
    """quality.md, Security: staff and officials set it up before anything else."""
    settings.SECOND_FACTOR_REQUIRED = True
    answer = client_of(person_with(role)).get("/letters/")
    if role in PRIVATE_ROLES:
        assert answer.status_code == 200
    else:
        assert answer.status_code == 302 and answer["Location"] == reverse("mfa_activate_totp")


def test_an_official_who_is_also_a_candidate_needs_the_factor(client_of, settings):
    """A person may hold several roles; the strictest decides."""
    settings.SECOND_FACTOR_REQUIRED = True
    user = UserFactory(roles=["candidate", "commission"])
    assert client_of(user).get("/letters/").status_code == 302


def test_the_admin_is_closed_without_the_factor_too(client_of, settings):
    """The operator's workplace is the most valuable page."""
    settings.SECOND_FACTOR_REQUIRED = True
    answer = client_of(person_with("operator")).get("/admin/")
    assert answer.status_code == 302 and answer["Location"] == reverse("mfa_activate_totp")


def test_with_the_factor_switched_on_the_portal_opens(client_of, settings):
    """And the code is asked for at each sign-in."""
    settings.SECOND_FACTOR_REQUIRED = True
    user = UserFactory(roles=["operator"], password=PASSWORD)
    TOTP.activate(user, generate_totp_secret())
    assert client_of(user).get("/letters/").status_code == 200


def test_a_password_alone_does_not_sign_in_who_has_a_factor(client):
    """The second page asks for the code; the admin's own address leads there too."""
    user = UserFactory(roles=["operator"], password=PASSWORD)
    TOTP.activate(user, generate_totp_secret())
    answer = _sign_in(client, user.email)
    assert answer.status_code == 302 and answer["Location"] == reverse("mfa_authenticate")
    assert not _signed_in(client)
    assert client.get("/admin/").status_code == 302
    wrong = client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert wrong.status_code == 200 and not _signed_in(client)


def test_setting_up_the_factor_and_signing_out_stay_reachable(client_of, settings):
    """Otherwise nobody could ever switch it on."""
    settings.SECOND_FACTOR_REQUIRED = True
    browser = client_of(person_with("operator"))
    for address in (reverse("mfa_activate_totp"), reverse("account_logout")):
        answer = browser.get(address)
        assert answer.status_code == 200 or "/accounts/" in answer["Location"]


@pytest.mark.parametrize("role", Role.values)
def test_the_living_example_demands_no_factor(role, client_of, settings):
    """Invented people on one's own machine."""
    assert settings.LIVING_EXAMPLE and not settings.SECOND_FACTOR_REQUIRED
    assert client_of(person_with(role)).get("/letters/").status_code == 200


# --- throttling and sessions ----------------------------------------------------------------------------------------


@pytest.fixture
def throttled(settings):
    """The limits of production; each test comes from an address of its own, since counters outlive a test."""
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key"}
    return {"REMOTE_ADDR": next(addresses)}


def test_five_wrong_passwords_close_the_account_for_a_while(client, throttled):
    """Even the right password is refused then, from any address."""
    user = UserFactory(email=f"t{throttled['REMOTE_ADDR']}@example.org", password=PASSWORD)
    for _ in range(5):
        _sign_in(client, user.email, "wrong-password-1", **throttled)
    _sign_in(client, user.email, REMOTE_ADDR=next(addresses))
    assert not _signed_in(client)


def test_four_wrong_passwords_do_not(client, throttled):
    """Just before the border."""
    user = UserFactory(email=f"t{throttled['REMOTE_ADDR']}@example.org", password=PASSWORD)
    for _ in range(4):
        _sign_in(client, user.email, "wrong-password-1", **throttled)
    _sign_in(client, user.email, **throttled)
    assert _signed_in(client)


def test_guessing_over_many_accounts_from_one_address_is_stopped(client, throttled):
    """Ten failures a minute from one address."""
    user = UserFactory(email=f"t{throttled['REMOTE_ADDR']}@example.org", password=PASSWORD)
    for n in range(10):
        _sign_in(client, f"nobody{n}.{throttled['REMOTE_ADDR']}@example.org", "wrong-password-1", **throttled)
    _sign_in(client, user.email, **throttled)
    assert not _signed_in(client)


def test_a_session_ends_with_the_browser_and_within_a_working_day(client, settings):
    """Sessions end (quality.md, Security)."""
    user = UserFactory(password=PASSWORD)
    answer = _sign_in(client, user.email)
    cookie = answer.cookies["sessionid"]
    assert cookie["max-age"] == "" and cookie["httponly"] and cookie["samesite"] == "Lax"
    assert settings.SESSION_COOKIE_AGE <= 12 * 60 * 60


def test_a_changed_password_ends_the_other_sessions(client_of, client):
    """Whoever stole a session loses it."""
    user = UserFactory(password=PASSWORD)
    stolen = client_of(user)
    assert stolen.get("/letters/").status_code == 200
    user.set_password("another-long-password")
    user.save(update_fields=["password"])
    assert stolen.get("/letters/").status_code == 302


@pytest.mark.django_db
def test_the_only_confirmed_address_offers_nothing_that_cannot_work(client):
    """The main address can be neither removed nor made the main one; a confirmed one wants no letter."""
    person = UserFactory(email="one@demo.example")
    EmailAddress.objects.update_or_create(
        user=person, email=person.email, defaults={"verified": True, "primary": True}
    )
    client.force_login(person)
    body = client.get(reverse("account_email")).content.decode()
    for action in ("action_primary", "action_send", "action_remove"):
        assert f'name="{action}"' not in body
    EmailAddress.objects.create(user=person, email="two@demo.example", verified=False)
    body = client.get(reverse("account_email")).content.decode()
    assert 'name="action_send"' in body and 'name="action_remove"' in body
    assert 'name="action_primary"' not in body
    client.post(reverse("account_email"), {"email": "two@demo.example", "action_remove": ""})
    assert not EmailAddress.objects.filter(email="two@demo.example").exists()
