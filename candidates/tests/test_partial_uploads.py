"""A broken upload loses nothing and goes on where it stopped."""

from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from candidates.models import PackageFile, PartialUpload
from candidates.services import applications as services
from candidates.services import partial_uploads as uploads
from candidates.services.packages import MAX_FILES_IN_SLOT, move_file
from candidates.tasks import drop_stale_uploads
from candidates.uploads import RejectedUpload
from reserve_portal.audit.models import AuditEvent
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.core.tests.calendars import load_calendar_quickly
from reserve_portal.core.tests.threads import at_once

from .applying import INSIDE, draft, person, picture, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def inside_the_window(settings, tmp_path):
    settings.MEDIA_ROOT, settings.STATIC_ROOT = tmp_path / "files", tmp_path
    load_calendar_quickly()
    with clock.travel(INSIDE):
        yield


def begin(item, data=None, *, name="скан.png", size=None, modified="1", keep=False, actor=None):
    size = len(picture()) if size is None else size
    actor = actor or item.application.user
    return uploads.start_upload(item, name=name, size=size, modified=modified, keep=keep, actor=actor)


def pieces_there():
    folder = Path(default_storage.path(uploads.FOLDER))
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def limit(application, key, value):
    application.campaign.edition.parameters.filter(key=key).update(value=value)


# --- the service


def test_a_file_sent_in_pieces_is_stored_like_any_other():
    item = services.slots_of(draft())[0]
    data = picture()
    upload = begin(item)
    upload = uploads.receive_piece(upload, offset=0, data=data[:40])
    assert not PackageFile.objects.exists() and len(pieces_there()) == 1
    upload = uploads.receive_piece(upload, offset=40, data=data[40:])
    upload = uploads.finish_upload(upload)
    file = PackageFile.objects.get()
    assert (upload.file, upload.error, file.original_name, file.kind) == (file, "", "скан.png", "png")
    event = AuditEvent.objects.get(action="candidates.add_file")
    assert event.details["sha256"] == file.sha256
    assert event.details["original_sha256"] == sha256(data).hexdigest()
    # Asked again, for the answer was lost on its way: nothing is stored twice.
    assert uploads.finish_upload(upload).file == file and PackageFile.objects.count() == 1


def test_the_pieces_are_gone_once_the_file_is_stored(django_capture_on_commit_callbacks):
    item = services.slots_of(draft())[0]
    upload = uploads.receive_piece(begin(item), offset=0, data=picture())
    with django_capture_on_commit_callbacks(execute=True):
        uploads.finish_upload(upload)
    assert pieces_there() == []


def test_the_same_file_chosen_again_goes_on_where_it_stopped():
    item = services.slots_of(draft())[0]
    upload = uploads.receive_piece(begin(item), offset=0, data=picture()[:40])
    again = begin(item)
    assert (again.pk, again.received) == (upload.pk, 40)
    assert begin(item, modified="2").received == 0  # changed since: another file


def test_a_piece_that_does_not_fit_is_refused_and_says_what_is_expected():
    item = services.slots_of(draft())[0]
    upload = uploads.receive_piece(begin(item), offset=0, data=picture()[:40])
    for offset, data in (
        (0, b"x"),
        (41, b"x"),
        (40, b"x" * len(picture())),
        (40, b"x" * (uploads.MAX_PIECE + 1)),
    ):
        with pytest.raises(uploads.WrongOffset) as wrong:
            uploads.receive_piece(upload, offset=offset, data=data)
        assert wrong.value.upload.received == 40


def test_bytes_written_and_not_noted_are_written_over():
    """A process killed between the folder and the row."""
    item = services.slots_of(draft())[0]
    data = picture()
    upload = uploads.receive_piece(begin(item), offset=0, data=data[:40])
    with open(default_storage.path(upload.path), "ab") as file:
        file.write(b"half a piece")
    upload = uploads.receive_piece(upload, offset=40, data=data[40:])
    assert uploads.finish_upload(upload).file is not None


def test_pieces_that_a_restored_backup_has_not_are_sent_anew():
    item = services.slots_of(draft())[0]
    upload = uploads.receive_piece(begin(item), offset=0, data=picture()[:40])
    Path(default_storage.path(upload.path)).unlink()
    assert begin(item).received == 0
    upload = uploads.receive_piece(upload, offset=0, data=picture())
    Path(default_storage.path(upload.path)).unlink()
    assert "выберите его ещё раз" in uploads.finish_upload(upload).error


def test_what_the_check_refuses_is_said_and_nothing_is_kept():
    item = services.slots_of(draft())[0]
    data = b"MZ" + b"\0" * 90
    upload = uploads.receive_piece(begin(item, name="вид.pdf", size=92), offset=0, data=data)
    assert "программа" in uploads.finish_upload(upload).error
    assert not PackageFile.objects.exists()


def test_a_file_that_comes_whole_after_the_submission_is_refused():
    application = draft()
    item = services.slots_of(application)[0]
    upload = uploads.receive_piece(begin(item), offset=0, data=picture())
    services.withdraw_application(application, actor=application.user)
    assert "уже подано" in uploads.finish_upload(upload).error
    with pytest.raises(GateShut):
        begin(item, modified="3")


@pytest.mark.parametrize(
    ("size", "sentence"),
    [(0, "пустой"), (1024 * 1024 + 1, "больше 1 МБ")],
)
def test_a_size_over_the_limit_is_refused_before_a_byte_is_sent(size, sentence):
    application = draft()
    limit(application, "max_file_mb", 1)
    with pytest.raises(RejectedUpload, match=sentence):
        begin(services.slots_of(application)[0], size=size)
    assert begin(services.slots_of(application)[0], size=1024 * 1024)


def test_unfinished_uploads_are_limited_in_number_and_in_all():
    application = draft()
    item = services.slots_of(application)[0]
    limit(application, "max_package_mb", 1)
    begin(item, size=600_000)
    with pytest.raises(RejectedUpload, match="слишком много незаконченных"):
        begin(item, size=600_000, modified="2")
    for number in range(uploads.MAX_UNFINISHED - 1):
        begin(item, size=1, modified=f"n{number}")
    with pytest.raises(RejectedUpload, match="слишком много незаконченных"):
        begin(item, size=1, modified="one more")


def test_a_package_that_is_full_takes_no_further_upload():
    application = draft()
    item = services.slots_of(application)[0]
    services.add_file(item, name="есть.png", data=picture(), actor=application.user)
    limit(application, "max_package_mb", 1)
    with pytest.raises(RejectedUpload, match="пакет больше 1 МБ"):
        begin(item, size=1024 * 1024)


def test_what_nobody_goes_on_with_is_cleared_away_once(django_capture_on_commit_callbacks):
    item = services.slots_of(draft())[0]
    old = uploads.receive_piece(begin(item), offset=0, data=picture()[:40])
    fresh = uploads.receive_piece(begin(item, modified="2"), offset=0, data=picture()[:40])
    PartialUpload.objects.filter(pk=old.pk).update(
        touched_at=clock.true_now() - uploads.MAX_AGE - timedelta(seconds=1)
    )
    nameless = Path(default_storage.path(uploads.FOLDER)) / "nobody.part"
    nameless.write_bytes(b"x")
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            drop_stale_uploads()
    assert list(PartialUpload.objects.all()) == [fresh]
    assert pieces_there() == sorted([Path(fresh.path).name, "nobody.part"])  # young: its row may come yet


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_requests_that_finish_the_same_file_store_it_once():
    item = services.slots_of(draft())[0]
    upload = uploads.receive_piece(begin(item), offset=0, data=picture())
    at_once([lambda: uploads.finish_upload(upload)] * 4)
    upload.refresh_from_db()
    assert PackageFile.objects.count() == 1 and upload.file is not None


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_tabs_that_send_the_same_piece_one_is_told_where_to_go_on():
    item = services.slots_of(draft())[0]
    upload = begin(item)

    def send():
        try:
            uploads.receive_piece(upload, offset=0, data=picture()[:40])
        except uploads.WrongOffset as wrong:
            return wrong.upload.received
        return "written"

    assert sorted(map(str, at_once([send] * 2))) == ["40", "written"]
    upload.refresh_from_db()
    assert upload.received == 40


# --- the order of files


def test_files_change_places_within_their_slot():
    application = draft()
    item = services.slots_of(application)[0]
    rows = [
        services.add_file(item, name=f"{name}.png", data=picture(), actor=application.user) for name in "абв"
    ]
    move_file(rows[2], up=True, actor=application.user)
    assert [file.original_name for file in item.current_files()] == ["а.png", "в.png", "б.png"]
    move_file(rows[0], up=True, actor=application.user)  # the first one stays
    move_file(rows[0], up=False, actor=application.user)
    assert [file.original_name for file in item.current_files()] == ["в.png", "а.png", "б.png"]
    services.add_file(item, name="г.png", data=picture(), actor=application.user)
    assert [file.original_name for file in item.current_files()][-1] == "г.png"


def test_the_order_is_that_of_the_inventory_and_stands_still_after_the_submission():
    application = submitted()
    file = PackageFile.objects.first()
    with pytest.raises(GateShut):
        move_file(file, up=False, actor=application.user)


def test_a_slot_takes_so_many_files_and_no_more():
    application = draft()
    item = services.slots_of(application)[0]
    file = services.add_file(item, name="а.png", data=picture(), actor=application.user)
    for _ in range(MAX_FILES_IN_SLOT - 1):
        file.pk = None
        file.save()
    with pytest.raises(RejectedUpload, match=f"не больше {MAX_FILES_IN_SLOT} файлов"):
        services.add_file(item, name="б.png", data=picture(), actor=application.user)


# --- the pages


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def start(client, item, **data):
    url = reverse("candidates:start_upload", args=[item.application_id, item.pk])
    return client.post(url, {"name": "скан.png", "size": len(picture()), "modified": "7", **data})


def send(client, url, offset, data):
    return client.patch(
        url, data, content_type="application/offset+octet-stream", headers={"Upload-Offset": str(offset)}
    )


def test_the_script_sends_asks_and_goes_on():
    application = draft()
    item = services.slots_of(application)[0]
    client, data = client_of(application.user), picture()
    begun = start(client, item).json()
    assert (begun["state"], begun["offset"]) == ("receiving", 0)
    assert send(client, begun["url"], 0, data[:40]).json() == {"state": "receiving", "offset": 40}
    wrong = send(client, begun["url"], 0, data[:40])
    assert (wrong.status_code, wrong.json()["offset"]) == (409, 40)
    assert send(client, begun["url"], "много", data).status_code == 409
    page = client.get(reverse("candidates:documents", args=[application.pk])).content.decode()
    assert "Не загружен до конца: скан.png" in page and "продолжится с того же места" in page
    assert client.get(begun["url"]).json() == {"state": "receiving", "offset": 40}
    assert start(client, item).json()["offset"] == 40
    stored = send(client, begun["url"], 40, data[40:]).json()
    assert stored["state"] == "stored" and "скан.png" in stored["slot"]
    assert client.get(begun["url"]).json()["state"] == "stored"  # the answer was lost: asked once more
    page = client.get(reverse("candidates:documents", args=[application.pk])).content.decode()
    assert "Не загружен до конца" not in page


@pytest.mark.parametrize(
    ("data", "sentence"),
    [({"size": "0"}, "пустой"), ({"size": "99999999"}, "больше 20 МБ"), ({"size": "²"}, "неизвестен")],
)
def test_what_cannot_be_begun_is_refused_with_a_sentence(data, sentence):
    application = draft()
    answer = start(client_of(application.user), services.slots_of(application)[0], **data)
    assert answer.status_code == 422 and sentence in answer.json()["error"]


def test_an_upload_is_its_senders_alone():
    application = draft()
    item = services.slots_of(application)[0]
    url = start(client_of(application.user), item).json()["url"]
    for stranger in (person("x@demo.example"), person("op@demo.example", ("operator",))):
        other = client_of(stranger)
        assert other.get(url).status_code == send(other, url, 0, b"x").status_code == 404
        assert other.post(f"{url}discard/").status_code == start(other, item).status_code == 404
    assert PartialUpload.objects.get().received == 0


def test_an_unfinished_upload_is_forgotten_without_javascript():
    application = draft()
    client = client_of(application.user)
    url = start(client, services.slots_of(application)[0]).json()["url"]
    answer = client.post(f"{url}discard/")
    assert answer.status_code == 302 and not PartialUpload.objects.exists()


def test_files_are_put_in_order_without_javascript():
    application = draft()
    item = services.slots_of(application)[0]
    client = client_of(application.user)
    rows = [
        services.add_file(item, name=f"{name}.png", data=picture(), actor=application.user) for name in "аб"
    ]
    url = reverse("candidates:move_file", args=[rows[1].pk])
    assert client.post(url, {"to": "up"}).url.endswith(f"#slot-{item.pk}")
    assert [file.original_name for file in item.current_files()] == ["б.png", "а.png"]
    again = client.post(url, {"to": "down"}, headers={"HX-Request": "true"}).content.decode()
    assert again.index("а.png") < again.index("б.png")
    assert client_of(person("x@demo.example")).post(url, {"to": "up"}).status_code == 404
