"""The public site: drafts and preview, files, news, robots, sitemap (process.md 11)."""

import xml.etree.ElementTree as ET
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from reserve_portal.accounts.models import User
from reserve_portal.core.gates import GateShut
from reserve_portal.core.tests.answers import content_of
from reserve_portal.pages.models import Material, NewsItem, PublicPage
from reserve_portal.pages.services import publish_page

pytestmark = pytest.mark.django_db
LOCATION = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"


@pytest.fixture
def page(db: None) -> PublicPage:
    return PublicPage.objects.create(slug="contacts", title="Контакты", body="Кабинет 12")


def test_a_change_is_seen_by_the_operator_first_and_by_all_once_published(
    page: PublicPage, people: dict[str, User], client_of: Any, client: Client
) -> None:
    """Process.md 11: operators edit texts without a programmer; nobody sees half a text."""
    operator = client_of(people["operator"])
    change = reverse("admin:pages_publicpage_change", args=[page.pk])
    assert "Кабинет 12" in operator.get(change).content.decode()
    answer = operator.post(change, {"draft_title": "Контакты", "draft_body": "Кабинет 14", "order": 0})
    preview = operator.get(answer.url).content.decode()
    assert "Кабинет 14" in preview and "Опубликовать" in preview
    assert "Кабинет 12" in client.get(page.get_absolute_url()).content.decode()
    publish = reverse("admin:pages_publicpage_publish", args=[page.pk])
    operator.get(publish)
    assert "Кабинет 12" in client.get(page.get_absolute_url()).content.decode()  # a link changes nothing
    operator.post(publish)
    assert "Кабинет 14" in client.get(page.get_absolute_url()).content.decode()
    page.refresh_from_db()
    assert not page.has_draft
    operator.post(publish, {"hide": "1"})
    assert client.get(page.get_absolute_url()).status_code == 404


def test_a_new_page_waits_for_its_publication(
    people: dict[str, User], client_of: Any, client: Client
) -> None:
    operator = client_of(people["operator"])
    data = {"slug": "new", "draft_title": "Новая", "draft_body": "Текст", "order": 5}
    operator.post(reverse("admin:pages_publicpage_add"), data)
    page = PublicPage.objects.get(slug="new")
    assert client.get(page.get_absolute_url()).status_code == 404
    publish_page(page, actor=people["operator"])
    assert client.get(page.get_absolute_url()).status_code == 200


def test_an_empty_text_is_not_published(page: PublicPage, people: dict[str, User]) -> None:
    page.draft_title, page.draft_body = "Контакты", "  "
    page.save()
    with pytest.raises(GateShut):
        publish_page(page, actor=people["operator"])
    page.refresh_from_db()
    assert page.body == "Кабинет 12"


@pytest.mark.parametrize("role", ["auditor", "candidate", "municipal"])
def test_only_operators_and_administrators_look_at_drafts(
    page: PublicPage, people: dict[str, User], client_of: Any, role: str
) -> None:
    for name in ("preview", "publish"):
        address = reverse(f"admin:pages_publicpage_{name}", args=[page.pk])
        assert client_of(people[role]).get(address).status_code in (302, 403)


def test_news_are_looked_at_before_they_are_published(
    people: dict[str, User], client_of: Any, client: Client
) -> None:
    item = NewsItem.objects.create(title="Набор открыт", body="Ждём", is_published=False)
    operator = client_of(people["operator"])
    preview = reverse("admin:pages_newsitem_preview", args=[item.pk])
    assert "Набор открыт" in operator.get(preview).content.decode()
    assert "Набор открыт" not in client.get(reverse("pages:news")).content.decode()
    operator.post(reverse("admin:pages_newsitem_publish", args=[item.pk]))
    assert "Набор открыт" in client.get(reverse("pages:news")).content.decode()


def test_materials_are_downloaded_by_everybody_and_hidden_ones_by_nobody(client: Client) -> None:
    """O1.12: methodical and analytic materials."""
    PublicPage.objects.create(slug="materials", title="Материалы", body="…")
    file = Material.objects.create(
        title="Как готовиться", kind="methodical", file=ContentFile(b"%PDF-1.4", "a.pdf"), size=8
    )
    page = client.get(reverse("pages:page", args=["materials"])).content.decode()
    assert file.get_absolute_url() in page and "Методические материалы" in page
    answer = client.get(file.get_absolute_url())
    assert content_of(answer) == b"%PDF-1.4" and "attachment" in answer["Content-Disposition"]
    Material.objects.update(is_published=False)
    assert client.get(file.get_absolute_url()).status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "fits"),
    [
        ("a.pdf", b"%PDF-1.7 text", True),
        ("a.docx", b"PK\x03\x04 text", True),
        ("a.pdf", b"<html>", False),
        ("a.docx", b"%PDF-1.7", False),
        ("a.html", b"<html>", False),
        ("a.exe", b"MZ", False),
    ],
)
def test_a_materials_content_is_what_its_name_says(
    people: dict[str, User], client_of: Any, name: str, content: bytes, fits: bool
) -> None:
    data = {
        "title": "Файл",
        "kind": "methodical",
        "published_on": "2026-03-01",
        "order": 0,
        "is_published": "on",
        "file": SimpleUploadedFile(name, content),
    }
    client_of(people["operator"]).post(reverse("admin:pages_material_add"), data)
    assert Material.objects.exists() is fits


def test_robots_are_kept_out_of_private_areas(client: Client) -> None:
    text = client.get("/robots.txt").content.decode()
    for path in ("/admin/", "/accounts/", "/candidate/", "/letters/", "/vacancies/"):
        assert f"Disallow: {path}\n" in text
    assert "Allow: /candidate/campaigns/\n" in text and "Sitemap: http" in text


def test_the_sitemap_names_public_pages_alone(page: PublicPage, client: Client) -> None:
    hidden = PublicPage.objects.create(slug="hidden", title="Черновик", body="…", is_published=False)
    item = NewsItem.objects.create(title="Новость", body="…")
    answer = client.get("/sitemap.xml")
    addresses = [row.text or "" for row in ET.fromstring(answer.content).iter(LOCATION)]
    assert answer["Content-Type"].startswith("application/xml")
    assert all(address.startswith("http") for address in addresses)
    assert any(address.endswith(page.get_absolute_url()) for address in addresses)
    assert any(address.endswith(item.get_absolute_url()) for address in addresses)
    assert not any(address.endswith(hidden.get_absolute_url()) for address in addresses)
    for address in addresses:
        path = "/" + address.split("/", 3)[3]
        assert client.get(path).status_code == 200, path
