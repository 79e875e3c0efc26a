import re
from datetime import date
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse

from reserve_portal.accounts.models import User
from reserve_portal.accounts.services import create_person, send_invitation
from reserve_portal.core import dashboard, desk
from reserve_portal.core.accessibility import CHOICES, COOKIE, Reading, reading_from_cookie
from reserve_portal.core.dashboard import Card
from reserve_portal.core.desk import DeskItem
from reserve_portal.core.navigation import NavItem, NavLink, navigation_for
from reserve_portal.core.templatetags.portal import points, prose, ru_date
from reserve_portal.core.words import plural
from reserve_portal.notifications.models import Letter
from reserve_portal.notifications.services import store_letter
from reserve_portal.pages.dashboard import own_entries
from reserve_portal.pages.models import NewsItem, PublicPage
from reserve_portal.pages.services import load_pages
from reserve_portal.pages.texts import PAGES
from reserve_portal.regulations.models import Edition
from reserve_portal.regulations.tests.editions import load_edition_quickly

REQUIRED_PAGES = {
    "requirements", "documents", "how-to-apply", "assessment", "model", "events", "questions", "regulation",
    "personal-data", "contacts", "intakes", "materials", "programmes", "more",
}  # fmt: skip


FRONT_QUERIES = 4  # the clock, the pages, the news, the edition's name
INBOX_QUERIES = 8


def person(email: str = "anna@portal.example", *roles: str) -> User:
    return create_person(
        email,
        roles=list(roles) or ["candidate"],
        actor=None,
        last_name="Ли",
        first_name="Анна",
        patronymic="Павловна",
    )


@pytest.fixture
def anna(db) -> User:
    return person()


@pytest.fixture
def signed_in(client: Client, anna: User) -> Client:
    client.force_login(anna, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def edition(name: str) -> Edition:
    return load_edition_quickly(name)


# --- public pages -------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("region", ["tomsk", "orenburg"])
def test_every_section_of_the_public_site_is_written_for_either_region(client: Client, region: str):
    """process.md 11, O1.12: requirements, documents, steps, assessment, events, regulations, contacts, FAQ."""
    load_pages(edition(region))
    assert set(PublicPage.objects.values_list("slug", flat=True)) == REQUIRED_PAGES
    for page in PublicPage.objects.all():
        response = client.get(page.get_absolute_url())
        assert response.status_code == 200
        assert page.title in response.content.decode()


@pytest.mark.django_db
def test_texts_follow_the_edition_in_what_the_regions_differ():
    """T4 against O3.17 and O8.3: zones, publication, waiting time."""
    texts = {name: {slug: write(edition(name)) for slug, _, write in PAGES} for name in ("tomsk", "orenburg")}
    assert "зелёная зона" not in texts["tomsk"]["assessment"]
    assert "зелёная зона" in texts["orenburg"]["assessment"]
    assert "70 %" in texts["tomsk"]["assessment"]
    assert "регистрационным номером" in texts["tomsk"]["personal-data"]
    assert "закрыт для посторонних" in texts["orenburg"]["personal-data"]
    assert "12 месяцев" in texts["tomsk"]["questions"]
    assert "без срока ожидания" in texts["orenburg"]["questions"]
    assert "не менее чем в 3 мероприятиях" in texts["tomsk"]["events"]


@pytest.mark.django_db
def test_texts_take_requirements_and_documents_from_the_edition():
    row = edition("tomsk")
    first = row.requirements.get(code="experience")
    first.title = "Опыт не менее 7 лет"
    first.save()
    texts = {slug: write(row) for slug, _, write in PAGES}
    assert "Опыт не менее 7 лет" in texts["requirements"]
    for document in row.document_types.all():
        assert document.name in texts["documents"]


@pytest.mark.django_db
def test_a_text_the_operator_edited_is_never_overwritten():
    row = edition("tomsk")
    assert load_pages(row) == len(REQUIRED_PAGES)
    PublicPage.objects.filter(slug="contacts").update(body="Кабинет 12")
    PublicPage.objects.filter(slug="events").delete()
    assert load_pages(row) == 1
    assert PublicPage.objects.get(slug="contacts").body == "Кабинет 12"


@pytest.mark.django_db
def test_an_unpublished_page_and_an_unpublished_news_item_do_not_exist_for_anybody(client: Client):
    page = PublicPage.objects.create(slug="draft", title="Черновик", body="…", is_published=False)
    item = NewsItem.objects.create(
        title="Черновик новости", body="…", published_on=date(2026, 10, 1), is_published=False
    )
    assert client.get(page.get_absolute_url()).status_code == 404
    assert client.get(item.get_absolute_url()).status_code == 404
    assert "Черновик" not in client.get("/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("rows", [1, 3])
def test_the_front_page_of_the_machinery_costs_the_same_whatever_the_number_of_news(
    client: Client, rows: int, monkeypatch, django_assert_num_queries
):
    """The stages' own blocks and entries are counted by the stages."""
    monkeypatch.setattr("reserve_portal.pages.public._sources", [])
    monkeypatch.setattr("reserve_portal.core.navigation._sources", [own_entries])
    for number in range(rows):
        NewsItem.objects.create(title=f"Новость {number}", body="…", published_on=date(2026, 10, 1))
    with django_assert_num_queries(FRONT_QUERIES):
        client.get("/")


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/accounts/login/", "/papers/check/", "/no-such-page/"])
def test_every_page_is_russian_has_one_heading_a_skip_link_and_the_panel_for_the_weak_sighted(
    client: Client, address: str
):
    html = client.get(address).content.decode()
    assert '<html lang="ru"' in html
    assert len(re.findall(r"<h1\b", html)) == 1
    assert 'class="skip-link" href="#content"' in html and 'id="content"' in html
    assert "Версия для слабовидящих" in html


@pytest.mark.django_db
def test_the_living_example_shows_the_portals_clock_and_the_way_to_its_letters(client: Client):
    html = client.get("/").content.decode()
    assert "на часах портала" in html
    assert reverse("notifications:all") in html


@pytest.mark.django_db
def test_outside_the_living_example_there_is_no_ribbon_and_no_common_letter_box(client: Client, settings):
    settings.LIVING_EXAMPLE = False
    settings.PRODUCTION = True
    assert "на часах портала" not in client.get("/").content.decode()
    assert client.get(reverse("notifications:all")).status_code == 404


def test_plain_text_becomes_paragraphs_lists_and_headings_and_is_escaped():
    html = prose("## О чём\nПервый\n\n— один\n— <b>два</b>\nПосле")
    assert html == (
        "<h2>О чём</h2>\n<p>Первый</p>\n<ul><li>один</li><li>&lt;b&gt;два&lt;/b&gt;</li></ul>\n<p>После</p>"
    )


# --- the version for the weak-sighted -----------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in CHOICES.items() for value in values]
)
def test_each_reading_setting_is_kept_in_a_cookie_and_reaches_the_page_without_javascript(
    client: Client, name: str, value: str
):
    """domain/accessibility.md: size to 200 %, five colour schemes, intervals, pictures, face."""
    response = client.post(reverse("pages:reading"), {name: value, "next": "/papers/check/"})
    assert response.status_code == 302 and response["Location"] == "/papers/check/"
    html = client.get("/papers/check/").content.decode()
    usual = next(iter(CHOICES[name])) == value
    assert (f"reading-{name}-{value}" in html.split("<head>")[0]) is not usual


@pytest.mark.django_db
def test_one_click_brings_the_usual_version_back(client: Client):
    client.post(reverse("pages:reading"), {"size": "3", "scheme": "white-on-black"})
    client.post(reverse("pages:reading"), {"usual": "1"})
    assert client.cookies[COOKIE].value == ""
    assert '<html lang="ru">' in client.get("/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
def test_the_panel_never_leads_to_another_host(client: Client, address: str):
    response = client.post(reverse("pages:reading"), {"size": "2", "next": address})
    assert response["Location"] == reverse("pages:reading")


@pytest.mark.parametrize(
    "text", ["", "size:9", "size:2.evil:x", "size:2;scheme:1", "x" * 5000, 'size:"><script>']
)
def test_a_cookie_written_by_somebody_else_gives_only_known_settings(text: str):
    reading = reading_from_cookie(text)
    assert all(getattr(reading, name) in values for name, values in CHOICES.items())


def test_reading_settings_survive_the_way_through_the_cookie():
    chosen = Reading(size="3", scheme="brown-on-beige", letters="2", lines="3", images="off", face="serif")
    assert reading_from_cookie(chosen.to_cookie()) == chosen


# --- navigation, home, letters ------------------------------------------------------------------------------------


def test_the_entry_with_the_longest_fitting_address_is_the_current_one(monkeypatch):
    items = [
        NavItem("А", "/reserve/", order=2),
        NavItem("Б", "/reserve/events/", order=1),
        NavItem("В", "/", order=3),
    ]
    monkeypatch.setattr("reserve_portal.core.navigation._sources", [lambda user: items])
    assert navigation_for(None, "/reserve/events/5/") == [
        NavLink(items[1], True), NavLink(items[0], False), NavLink(items[2], False),
    ]  # fmt: skip
    assert [link.is_current for link in navigation_for(None, "/")] == [False, False, True]


@pytest.mark.parametrize(
    ("role", "sees"), [("candidate", False), ("operator", True), ("auditor", True), ("mentor", False)]
)
@pytest.mark.django_db
def test_the_operators_workplace_is_offered_to_those_who_may_enter_it(client: Client, role: str, sees: bool):
    client.force_login(person("x@portal.example", role), backend=settings.AUTHENTICATION_BACKENDS[0])
    html = client.get("/home/").content.decode()
    assert ("Рабочий стол" in html) is sees


def test_signing_out_is_a_form_and_never_a_link(signed_in: Client):
    html = signed_in.get("/home/").content.decode()
    assert f'<form method="post" action="{reverse("account_logout")}">' in html
    assert f'href="{reverse("account_logout")}"' not in html


def test_a_home_without_cards_says_so_kindly(signed_in: Client, monkeypatch):
    monkeypatch.setattr(dashboard, "_sources", [])
    html = signed_in.get("/home/").content.decode()
    assert "Здравствуйте, Анна Павловна!" in html
    assert "Сейчас от вас ничего не требуется" in html


def test_a_card_that_waits_for_the_person_says_so_in_words(signed_in: Client, monkeypatch):
    context = {"title": "Исправьте диплом", "text": "До 16 октября"}
    card = Card("Моё заявление", "components/empty.html", context, urgent=True)
    monkeypatch.setattr(dashboard, "_sources", [lambda user: [card]])
    html = signed_in.get("/home/").content.decode()
    assert "Моё заявление" in html and "Исправьте диплом" in html and "Ждёт вашего действия" in html


@pytest.mark.django_db
def test_who_works_at_the_desk_sees_at_home_what_waits_there(client: Client, monkeypatch):
    overdue = DeskItem("Проверить документы", 3, "/admin/overdue/", urgent=True)
    monkeypatch.setattr(desk, "_sources", [lambda user: [overdue, DeskItem("Пусто", 0, "/admin/empty/")]])
    client.force_login(person("o@portal.example", "operator"), backend=settings.AUTHENTICATION_BACKENDS[0])
    html = client.get("/home/").content.decode()
    assert '<a href="/admin/overdue/">Проверить документы</a>: <strong>3</strong>' in html
    assert "Ждёт вашего действия" in html and "срочно" in html and "Пусто" not in html
    client.force_login(person("m@portal.example", "mentor"), backend=settings.AUTHENTICATION_BACKENDS[0])
    assert "Проверить документы" not in client.get("/home/").content.decode()


def write_letter(to: User, number: int) -> Letter:
    return store_letter(
        "test",
        to=to,
        address=to.email,
        key=f"test:{to.pk}:{number}",
        subject_line=f"Письмо {number}",
        body="Текст <b>",
    )


def test_unread_letters_are_counted_in_the_navigation_and_forgotten_once_read(signed_in: Client, anna: User):
    letter = write_letter(anna, 1)
    assert 'class="nav-badge">1<' in signed_in.get("/home/").content.decode()
    html = signed_in.get(reverse("notifications:letter", args=[letter.pk])).content.decode()
    assert "Текст &lt;b&gt;" in html
    assert "nav-badge" not in signed_in.get("/home/").content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_inbox_costs_the_same_whatever_the_number_of_letters(
    signed_in: Client, anna: User, rows: int, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr("reserve_portal.core.navigation._sources", [own_entries])
    for number in range(rows):
        write_letter(anna, number)
    with django_assert_num_queries(INBOX_QUERIES):
        signed_in.get(reverse("notifications:inbox"))


@pytest.mark.django_db
def test_the_check_of_a_paper_names_the_field_that_is_missing(client: Client):
    html = client.get(reverse("papers:check"), {"number": "7"}).content.decode()
    assert "Укажите код проверки либо номер документа вместе с файлом или его SHA-256." in html


@pytest.mark.django_db
def test_the_check_says_plainly_that_a_paper_was_not_issued_here(client: Client):
    html = client.get(reverse("papers:check"), {"code": "0000000000000000"}).content.decode()
    assert "Такой документ портал не выдавал." in html


# --- errors, account letters, words -------------------------------------------------------------------------------


@pytest.mark.parametrize("template", ["400.html", "500.html"])
def test_these_error_pages_need_neither_database_nor_context(template: str):
    html = render_to_string(template)
    assert '<html lang="ru">' in html and "<h1>" in html


@pytest.mark.django_db
def test_a_form_without_its_token_is_answered_in_russian():
    response = Client(enforce_csrf_checks=True).post(reverse("pages:reading"), {"size": "2"})
    assert response.status_code == 403
    assert "Форма устарела" in response.content.decode()


@pytest.mark.django_db
def test_an_unknown_address_is_answered_in_russian(client: Client):
    response = client.get("/no-such-page/")
    assert response.status_code == 404 and "Страница не найдена" in response.content.decode()


def test_an_invitation_tells_the_address_and_leads_to_setting_a_password(anna: User, client: Client):
    send_invitation(anna)
    letter = Letter.objects.get(kind="account.invitation")
    assert letter.subject_line == "Приглашение на портал кадрового резерва"
    assert "Анна Павловна" in letter.body and anna.email in letter.body
    link = re.search(r"https?://[^/]+(/\S+)", letter.body).group(1)
    assert "Новый пароль" in client.get(link, follow=True).content.decode()


@pytest.mark.django_db
def test_signing_up_sends_a_russian_letter_and_leads_to_the_page_that_says_so(client: Client):
    data = {
        "last_name": "Ли", "first_name": "Анна", "email": "new@portal.example",
        "password1": "dlinnoe-slovo-7", "password2": "dlinnoe-slovo-7",
    }  # fmt: skip
    response = client.post(reverse("account_signup"), data, follow=True)
    assert "Проверьте почту" in response.content.decode()
    letter = Letter.objects.get(address="new@portal.example")
    assert letter.subject_line == "Подтвердите адрес на портале кадрового резерва"
    link = re.search(r"https?://[^/]+(/\S+)", letter.body).group(1)
    assert "Подтвердить адрес" in client.get(link).content.decode()


ACCOUNT_LETTERS = [
    "account/email/email_confirmation", "account/email/email_confirmation_signup", "account/email/password_reset_key",
    "account/email/unknown_account", "account/email/account_already_exists", "account/email/invitation",
    "account/email/password_changed", "account/email/password_reset", "account/email/password_set",
    "account/email/email_changed", "account/email/email_confirm", "account/email/email_deleted",
    "mfa/email/totp_activated", "mfa/email/totp_deactivated", "mfa/email/recovery_codes_generated",
]  # fmt: skip


@pytest.mark.parametrize("prefix", ACCOUNT_LETTERS)
def test_every_letter_about_an_account_is_russian(prefix: str):
    context = {
        "activate_url": "",
        "password_reset_url": "",
        "signup_url": "",
        "email": "",
        "ip": "",
        "user_agent": "",
    }
    subject = render_to_string(f"{prefix}_subject.txt", context).strip()
    body = render_to_string(f"{prefix}_message.txt", context)
    assert "\n" not in subject and re.search("[А-Яа-я]", subject)
    assert not re.search(r"[A-Za-z]{4,}", subject + body)
    assert body.startswith("Здравствуйте")


@pytest.mark.parametrize(
    ("number", "word"),
    [(1, "день"), (2, "дня"), (5, "дней"), (11, "дней"), (14, "дней"), (21, "день"), (0, "дней")],
)
def test_words_agree_with_numbers(number: int, word: str):
    assert plural(number, "день", "дня", "дней") == word


def test_points_and_dates_are_written_as_people_write_them():
    assert [points(value) for value in (None, "69.90", "70.00", "0", "100")] == [
        "—",
        "69,9",
        "70",
        "0",
        "100",
    ]
    assert ru_date(date(2026, 6, 5)) == "5 июня 2026 г."


@pytest.mark.django_db
def test_a_message_is_shown_with_its_kind_in_words():
    message = SimpleNamespace(level_tag="error", __str__=lambda self: "x")
    html = render_to_string("includes/messages.html", {"messages": [message]}, RequestFactory().get("/"))
    assert "Ошибка:" in html
