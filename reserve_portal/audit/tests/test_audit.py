"""What was changed and what was read: in the same transaction, sealed, checkable (architecture.md; issue, Audit)."""

from datetime import date, timedelta
from decimal import Decimal
from threading import Event, Thread

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import F

from reserve_portal.accounts.tests.factories import MunicipalityFactory, UserFactory, person_with
from reserve_portal.audit import services
from reserve_portal.audit.models import AuditBatch, AuditEvent
from reserve_portal.audit.services import record_event, record_events, record_read, seal_events, verify_audit
from reserve_portal.core.tests.threads import at_once
from reserve_portal.papers.tests.factories import PaperFactory


@pytest.fixture
def operator(db):
    operator = person_with("operator")
    AuditEvent.objects.all().delete()
    return operator


def _record(count, actor=None):
    """Store events of varied content and seal them as one batch; gives the events."""
    events = [
        record_event(
            "tests.deed", actor, actor=actor, n=n, points=Decimal("69.99"), day=date(2026, 9, 1), share=n / 7
        )
        for n in range(count)
    ]
    assert seal_events() == count
    return events


def test_a_deed_says_who_did_what_to_whom_and_when(operator, travel):
    """Names are kept as they were, beside the references."""
    thing, person = MunicipalityFactory(name="Район"), UserFactory(last_name="Ёлкин")
    with travel(date(2026, 9, 1)):
        event = record_event("tests.change", thing, actor=operator, person=person, field="name", was="Округ")
    event.refresh_from_db()
    assert (event.actor, event.actor_label, event.person) == (operator, str(operator), person)
    assert (event.subject, event.object_label, event.is_read) == (thing, "Район", False)
    assert event.details == {"field": "name", "was": "Округ"}
    assert event.at.date() == date(2026, 9, 1)


def test_a_deed_of_the_portal_itself_has_no_actor(operator):
    """Periodic work is signed by the portal."""
    assert record_event("tests.sweep", None, actor=None).actor_label == "портал"


def test_a_deed_of_a_rolled_back_transaction_is_not_recorded(operator):
    """The event is part of the deed's transaction."""
    with pytest.raises(RuntimeError), transaction.atomic():
        record_event("tests.deed", operator, actor=operator)
        raise RuntimeError
    assert not AuditEvent.objects.exists()


def test_reading_another_persons_paper_is_recorded(operator):
    """Every read of another person's paper writes an access record (architecture.md, rule 10)."""
    person = UserFactory()
    event = record_read(person, actor=operator, person=person, what="tests.read")
    assert event.is_read and event.person == person and event.action == "tests.read"


def test_reading_ones_own_is_not_recorded(operator):
    """Nobody needs to know that I opened my own paper."""
    assert record_read(operator, actor=operator, person=operator, what="tests.read") is None
    assert not AuditEvent.objects.filter(is_read=True).exists()


def test_events_of_a_request_carry_its_address(client_of, operator):
    """Who read from where."""
    paper = PaperFactory(person=UserFactory())
    answer = client_of(operator).get(f"/papers/{paper.pk}/", REMOTE_ADDR="203.0.113.7")
    assert b"".join(answer.streaming_content)
    assert AuditEvent.objects.get(action="papers.download").address == "203.0.113.7"
    assert record_event("tests.after", None, actor=None).address is None


def test_a_whole_trail_verifies(operator):
    """Details of every kind come back from the database as they were sealed, on both databases."""
    _record(3, operator)
    record_event(
        "tests.deed", operator, actor=operator, text="«ё»", nothing=None, nested={"b": [1, 2.5], "a": "x"}
    )
    seal_events()
    record_event("tests.big", None, actor=None, number=10**18, small=1e-9, large=1e20, minus=-0.0)
    seal_events()
    assert verify_audit() == []
    assert AuditBatch.objects.count() == 3


def test_sealing_nothing_makes_no_batch(operator):
    """The task runs every minute."""
    assert seal_events() == 0 and not AuditBatch.objects.exists()


def test_many_events_are_sealed_in_batches_of_a_thousand(operator, monkeypatch):
    """Memory stays bounded, whatever waited."""
    monkeypatch.setattr(services, "BATCH_SIZE", 4)
    for _ in range(10):
        record_event("tests.deed", None, actor=None)
    assert seal_events() == 10
    assert list(AuditBatch.objects.order_by("pk").values_list("count", flat=True)) == [4, 4, 2]
    assert verify_audit() == []


CHANGES = {
    "actor_label": {"actor_label": "Другой"},
    "action": {"action": "tests.other"},
    "object": {"object_id": 424242},
    "object_label": {"object_label": "Другое"},
    "is_read": {"is_read": True},
    "details": {"details": {"n": 7}},
    "address": {"address": "203.0.113.9"},
    "at": {"at": F("at") + timedelta(microseconds=1)},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_changed_row_is_found(operator, change):
    """Whatever of a sealed event is changed, the block's digest no longer fits."""
    _record(3, operator)
    middle = _record(3, operator)[1]
    _record(3, operator)
    AuditEvent.objects.filter(pk=middle.pk).update(**change)
    (problem,) = verify_audit()
    assert "содержание событий изменено" in problem


def test_a_deleted_row_is_found(operator):
    """The block names how many it had."""
    row = _record(3, operator)[1]
    AuditEvent.objects.filter(pk=row.pk).delete()
    (problem,) = verify_audit()
    assert "событий 2, опечатано 3" in problem


def test_an_inserted_row_is_found(operator):
    """A forged event slipped into a sealed block."""
    _record(3, operator)
    AuditEvent.objects.filter(pk=record_event("tests.forged", None, actor=None).pk).update(
        batch=AuditBatch.objects.get()
    )
    (problem,) = verify_audit()
    assert "событий 4, опечатано 3" in problem


def test_two_rows_that_changed_places_are_found(operator):
    """The order of deeds belongs to the seal."""
    first, _, third = _record(3, operator)
    one, other = first.details, third.details
    AuditEvent.objects.filter(pk=first.pk).update(details=other)
    AuditEvent.objects.filter(pk=third.pk).update(details=one)
    (problem,) = verify_audit()
    assert "содержание событий изменено" in problem


def test_a_row_moved_to_another_block_is_found(operator):
    """Both blocks lose their count."""
    row = _record(3, operator)[0]
    _record(3, operator)
    AuditEvent.objects.filter(pk=row.pk).update(batch=AuditBatch.objects.order_by("-pk")[0])
    assert len(verify_audit()) == 2


@pytest.mark.parametrize("which", [0, 1])
def test_a_deleted_block_is_found(operator, which):
    """The first or one in the middle, with all its events: the chain is torn."""
    for _ in range(3):
        _record(2, operator)
    batch = AuditBatch.objects.order_by("pk")[which]
    AuditEvent.objects.filter(batch=batch).delete()
    batch.delete()
    (problem,) = verify_audit()
    assert "цепочка разорвана" in problem


def test_a_changed_row_with_a_recomputed_digest_is_found(operator):
    """Whoever also rewrites the block's digest tears the chain behind it."""
    row = _record(2, operator)[0]
    _record(2, operator)
    AuditEvent.objects.filter(pk=row.pk).update(action="tests.other")
    batch = AuditBatch.objects.order_by("pk")[0]
    digest = services._digest(list(batch.events.order_by("pk")))
    chain = services._chain("", digest, batch.count)
    AuditBatch.objects.filter(pk=batch.pk).update(digest=digest, chain=chain)
    (problem,) = verify_audit()
    assert "цепочка разорвана" in problem


def test_the_command_says_whole_or_fails_in_one_line(operator, capsys):
    """Exit code 0 and the head of the chain, or 1 and the places."""
    _record(2, operator)
    record_event("tests.deed", None, actor=None)
    call_command("verify_audit")
    out = capsys.readouterr().out
    assert "Журнал цел: блоков 1, ещё не опечатано событий 1." in out
    assert AuditBatch.objects.get().chain in out
    AuditEvent.objects.filter(batch=None).delete()
    AuditEvent.objects.update(action="tests.other")
    with pytest.raises(CommandError, match=r"Журнал действий нарушен\. Блок") as caught:
        call_command("verify_audit")
    assert caught.value.returncode == 1 and "\n" not in str(caught.value)


def test_the_trail_cannot_be_changed_in_the_admin(operator, client_of):
    """Logs are never editable (architecture.md, rule 12); the auditor reads them."""
    event = _record(1, operator)[0]
    auditor, administrator = client_of(person_with("auditor")), client_of(person_with("administrator"))
    assert auditor.get("/admin/audit/auditevent/").status_code == 200
    address = f"/admin/audit/auditevent/{event.pk}/"
    assert auditor.get(address + "change/").status_code == 200
    for browser in (auditor, administrator, client_of(operator)):
        assert browser.post(address + "change/", {"action": "x"}).status_code == 403
        assert browser.post(address + "delete/", {"post": "yes"}).status_code == 403
    assert client_of(operator).get("/admin/audit/auditevent/").status_code == 403


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_an_event_committed_late_enters_a_later_block():
    """Its number is lower than what was sealed meanwhile; nothing is lost and the trail stays whole."""
    written, sealed = Event(), Event()

    def slow_writer():
        try:
            with transaction.atomic():
                record_event("tests.late", None, actor=None)
                written.set()
                sealed.wait(20)
        finally:
            connection.close()

    writer = Thread(target=slow_writer)
    writer.start()
    written.wait(20)
    fast = record_event("tests.fast", None, actor=None)
    assert seal_events() == 1
    sealed.set()
    writer.join()
    late = AuditEvent.objects.get(action="tests.late")
    fast.refresh_from_db()
    assert late.pk < fast.pk and late.batch is None
    assert seal_events() == 1
    late.refresh_from_db()
    assert late.batch_id > fast.batch_id and verify_audit() == []


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("sealed_before", [0, 1])
def test_sealers_at_once_make_one_chain(sealed_before):
    """Two workers with the same task: each event in one block, the chain whole, the very first block too."""
    for _ in range(sealed_before):
        _record(1)
    for _ in range(30):
        record_event("tests.deed", None, actor=None)
    assert sum(at_once([seal_events] * 6)) == 30
    assert AuditEvent.objects.filter(batch=None).count() == 0
    assert verify_audit() == []


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_writers_do_not_queue_for_the_chain():
    """A deed commits while a sealer holds its turn."""
    thing = MunicipalityFactory()

    def write():
        record_event("tests.deed", thing, actor=None)
        record_event("tests.batch", AuditBatch(pk=1), actor=None)
        return AuditEvent.objects.count()

    turn = ContentType.objects.get_for_model(AuditBatch)
    with transaction.atomic():
        ContentType.objects.select_for_update(no_key=True).get(pk=turn.pk)
        (count,) = at_once([write])
    assert count == 2


def test_one_deed_on_many_objects_is_recorded_of_each(operator):
    people = [UserFactory() for _ in range(2)]
    towns = [MunicipalityFactory() for _ in range(2)]
    rows = [
        (town, person, {"number": number})
        for number, (town, person) in enumerate(zip(towns, people, strict=True))
    ]
    record_events("test.deed", rows, actor=operator)
    events = list(AuditEvent.objects.filter(action="test.deed").order_by("pk"))
    assert [(event.object_label, event.person, event.details) for event in events] == [
        (str(town), person, details) for town, person, details in rows
    ]
    assert {event.actor for event in events} == {operator}
    seal_events()
    assert verify_audit() == []
