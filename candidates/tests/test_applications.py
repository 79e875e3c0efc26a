from datetime import timedelta

import pytest
from django.core.files.storage import default_storage

from candidates import eligibility
from candidates.enums import ApplicationState, CampaignState, TrackState, Verdict
from candidates.models import Application, ApplicationTrack, Consent, PackageFile, Profile
from candidates.services import applications as services
from candidates.uploads import RejectedUpload
from candidates.workflow import APPLICATION, TRACK
from reserve_portal.audit.models import AuditEvent
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, GateShut
from reserve_portal.core.tests.calendars import load_calendar_quickly
from reserve_portal.notifications.models import Letter
from reserve_portal.regulations.models import Deadline

from .applying import (
    CLOSES,
    INSIDE,
    OPENS,
    SECOND,
    campaign,
    complete_draft,
    draft,
    edition,
    person,
    picture,
    submitted,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def inside_the_window(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    load_calendar_quickly()
    with clock.travel(INSIDE):
        yield


def blockers_at(application, moment):
    with clock.travel(moment):
        return [blocker.text for blocker in services.submission_blockers(application)]


def test_a_draft_has_a_slot_for_every_document_and_is_begun_once():
    """T1: one application of a person in a campaign; starting again gives it back."""
    intake = campaign()
    user = person()
    first = services.start_application(user, campaign=intake)
    assert services.start_application(user, campaign=intake) == first
    assert first.items.count() == intake.edition.document_types.count()
    assert list(first.wanted_groups.all()) == list(intake.edition.target_groups.all())


@pytest.mark.parametrize("moment", [OPENS - SECOND, CLOSES + SECOND])
def test_nobody_begins_outside_the_window(moment):
    """T1, O3.1: applications are taken in the window."""
    intake, user = campaign(), person()
    with clock.travel(moment), pytest.raises(GateShut):
        services.start_application(user, campaign=intake)


@pytest.mark.parametrize(
    ("shift", "in_time"),
    [(-SECOND, True), (timedelta(0), True), (timedelta(microseconds=1), False), (SECOND, False)],
)
def test_a_second_late_is_late(shift, in_time):
    """T1, Civil Code 194: the last moment of the window is in time, the next is not."""
    application = complete_draft()
    with clock.travel(CLOSES + shift):
        if in_time:
            services.submit_application(application, actor=application.user)
        else:
            with pytest.raises(GateShut, match="уже нельзя"):
                services.submit_application(application, actor=application.user)
    application.refresh_from_db()
    assert (application.state == ApplicationState.SUBMITTED) is in_time


def test_a_personal_window_lets_one_person_in():
    """process.md 3: draft → submitted after the end, with a reason."""
    application = complete_draft()
    operator = person("op@demo.example", ("operator",))
    until = CLOSES + timedelta(hours=5)
    with clock.travel(CLOSES + SECOND):
        with pytest.raises(GateShut):
            services.open_late_window(application, until=until, reason=" ", actor=operator)
        with pytest.raises(GateShut):
            services.open_late_window(application, until=until, reason="Сбой портала", actor=application.user)
        services.open_late_window(application, until=until, reason="Сбой портала", actor=operator)
    application.refresh_from_db()
    application.campaign.state = CampaignState.CLOSED
    assert not blockers_at(application, until)
    assert blockers_at(application, until + SECOND)


def test_everything_missing_is_named_with_its_page():
    """architecture.md rule 5: each blocker leads to where it is mended."""
    application = draft()
    blockers = services.submission_blockers(application)
    texts = " ".join(blocker.text for blocker in blockers)
    for word in ("рождения", "гражданство", "диплом", "период работы", "выдвигает", "Согласие", "Трудовая"):
        assert word in texts
    assert all(blocker.url for blocker in blockers)


def test_the_letter_of_nomination_is_needed_only_when_nominated():
    """T1: the municipality's letter goes with its nomination."""
    application = complete_draft()
    assert services.submission_blockers(application) == []
    group = application.wanted_groups.all()
    services.set_choices(application, actor=application.user, nominations=["municipality"], groups=group)
    application.refresh_from_db()
    assert [
        "Письмо о выдвижении" in blocker.text for blocker in services.submission_blockers(application)
    ] == [True]


def test_submitting_freezes_the_application_makes_tracks_and_tells_the_person():
    """T1, O3.4: snapshot, tracks, limit of registration, letter; all once."""
    application = submitted()
    again = services.submit_application(application, actor=application.user)
    assert again.state == ApplicationState.SUBMITTED
    assert ApplicationTrack.objects.filter(application=application).count() == 1
    assert Letter.objects.filter(kind="application.submitted").count() == 1
    assert Deadline.objects.about(application).count() == 1
    snapshot = again.snapshot
    assert snapshot["profile"]["birth_date"] == "1985-05-17"
    digests = [file["sha256"] for slot in snapshot["inventory"] for file in slot["files"]]
    assert sorted(digests) == sorted(PackageFile.objects.values_list("sha256", flat=True))
    assert {row["kind"] for row in snapshot["consents"]} == {"processing"}


def test_requirements_are_judged_and_do_not_stop_the_submission():
    """T2: a person may submit although the portal sees a requirement not met; afterwards the snapshot counts."""
    application = complete_draft()
    application.user.profile.employment.all().delete()
    services.add_employment(
        application.user.profile, actor=application.user, kind="teaching", organisation="Школа", post="Учитель",
        since=clock.today(),
    )  # fmt: skip
    services.submit_application(application, actor=application.user)
    application.refresh_from_db()
    before = {
        requirement.code: judgement.met for requirement, judgement in services.judge_application(application)
    }
    assert before == {"education": True, "experience": False, "no_criminal_record": True}
    application.user.profile.education.all().delete()
    after = {
        requirement.code: judgement.met for requirement, judgement in services.judge_application(application)
    }
    assert after == before


def test_a_stale_tab_overwrites_nothing():
    """quality.md: nothing typed is lost; the second tab learns of the first."""
    user = person()
    profile = services.get_profile(user)
    seen = profile.version
    services.save_profile(profile, actor=user, version=seen, post="Учитель")
    with pytest.raises(services.StaleProfile) as caught:
        services.save_profile(profile, actor=user, version=seen, post="Директор")
    assert (caught.value.profile.post, caught.value.wanted) == ("Учитель", {"post": "Директор"})
    assert Profile.objects.get().post == "Учитель"
    # The same value from a stale tab is no conflict, and changes nothing.
    assert services.save_profile(profile, actor=user, version=seen, post="Учитель").version == seen + 1


def test_one_group_unless_the_edition_allows_several():
    """O1.14-1.15: in Orenburg a person may apply for both groups."""
    tomsk = draft()
    stranger = edition("orenburg").target_groups.first()
    with pytest.raises(GateShut):
        services.set_choices(tomsk, actor=tomsk.user, nominations=["self"], groups=[stranger])
    other = draft(person("o@demo.example"), of=campaign("orenburg", name="Оренбург"))
    groups = list(other.campaign.edition.target_groups.all())
    services.set_choices(other, actor=other.user, nominations=["self"], groups=groups)
    assert other.wanted_groups.count() == 2
    with pytest.raises(GateShut):
        services.set_choices(other, actor=other.user, nominations=["municipality"], groups=groups)


BAD_FILES = [
    ("пусто.pdf", b"", "пустой"),
    ("вирус.pdf", b"MZ" + b"\0" * 99, "программа"),
    ("а.txt", b"text", "текст"),
]


@pytest.mark.parametrize(("name", "data", "words"), BAD_FILES)
def test_a_refused_file_changes_nothing(name, data, words):
    """The sentence says what is wrong, the database stays."""
    application = draft()
    events = AuditEvent.objects.count()
    with pytest.raises(RejectedUpload, match=words):
        services.add_file(services.slots_of(application)[0], name=name, data=data, actor=application.user)
    assert (PackageFile.objects.count(), AuditEvent.objects.count()) == (0, events)
    assert not default_storage.exists("packages")


def test_file_and_package_have_the_size_of_the_edition():
    """Parameters max_file_mb and max_package_mb of the edition."""
    application = draft()
    rules = application.campaign.edition.parameters
    rules.filter(key="max_file_mb").update(value=0)
    item = services.slots_of(Application.objects.get(pk=application.pk))[0]
    with pytest.raises(RejectedUpload, match="слишком большой"):
        services.add_file(item, name="a.png", data=picture(), actor=application.user)
    rules.filter(key="max_file_mb").update(value=20)
    rules.filter(key="max_package_mb").update(value=0)
    item = services.slots_of(Application.objects.get(pk=application.pk))[0]
    with pytest.raises(RejectedUpload, match="пакет больше"):
        services.add_file(item, name="a.png", data=picture(), actor=application.user)
    assert not PackageFile.objects.exists()


def test_a_draft_file_is_destroyed_with_its_bytes(django_capture_on_commit_callbacks):
    """Personal data: what was never submitted is not kept."""
    application = draft()
    file = services.add_file(
        services.slots_of(application)[0], name="диплом.png", data=picture(), actor=application.user
    )
    assert default_storage.exists(file.file.name) and "диплом" not in file.file.name
    with django_capture_on_commit_callbacks(execute=True):
        services.remove_file(file, actor=application.user)
    assert not PackageFile.objects.exists() and not default_storage.exists(file.file.name)


def returned(application):
    """An application sent back for its first document."""
    operator = person("op@demo.example", ("operator",))
    APPLICATION.apply(application, "register", actor=operator)
    item = services.slots_of(application)[0]
    application.items.update(verdict=Verdict.ACCEPTED)
    application.items.filter(pk=item.pk).update(verdict=Verdict.CORRECT, words="Не читается")
    APPLICATION.apply(application, "request_correction", actor=operator)
    return application.items.get(pk=item.pk)


def test_only_what_was_sent_back_is_replaced_and_the_old_file_stays_in_history():
    """The candidate replaces only that one."""
    application = submitted()
    user = application.user
    item = returned(application)
    application.refresh_from_db()
    other = services.slots_of(application)[1]
    with pytest.raises(GateShut):
        services.add_file(other, name="b.png", data=picture(), actor=user)
    with pytest.raises(GateShut):
        services.send_corrections(application, actor=user)
    services.add_file(item, name="new.png", data=picture("red"), actor=user)
    item.refresh_from_db()
    assert item.verdict == Verdict.PENDING and item.words == "Не читается"
    assert item.files.count() == 2 and item.current_files().count() == 1
    second = services.add_file(item, name="more.png", data=picture("blue"), actor=user)
    services.remove_file(second, actor=user)
    assert item.files.count() == 3 and item.current_files().count() == 1
    services.send_corrections(application, actor=user)
    application.refresh_from_db()
    assert application.state == ApplicationState.REGISTERED
    with pytest.raises(GateShut):
        services.add_file(item, name="c.png", data=picture(), actor=user)


def test_a_submitted_package_is_closed():
    """O3.2: after submission files change only in a correction round."""
    application = submitted()
    with pytest.raises(GateShut):
        services.remove_file(PackageFile.objects.first(), actor=application.user)
    with pytest.raises(GateShut):
        services.set_choices(application, actor=application.user, nominations=["head"], groups=[])


def test_withdrawal_ends_tracks_and_limits_and_allows_a_new_application():
    """process.md 3: withdrawn by the candidate, at any time before the decision on inclusion."""
    application = submitted()
    user = application.user
    services.withdraw_application(application, actor=user, reason="Передумала")
    assert application.tracks.get().state == TrackState.WITHDRAWN
    assert not Deadline.objects.open().about(application).exists()
    assert Letter.objects.filter(kind="application.withdrawn").count() == 1
    with pytest.raises(GateShut):
        services.withdraw_application(application, actor=user)
    assert services.start_application(user, campaign=application.campaign) != application


@pytest.mark.parametrize("state", [TrackState.INCLUDED, TrackState.NOT_INCLUDED])
def test_nothing_is_withdrawn_after_the_decision_on_inclusion(state):
    """process.md 3."""
    application = submitted()
    application.tracks.update(state=state)
    with pytest.raises(GateShut):
        services.withdraw_application(application, actor=application.user)


def test_an_invitation_is_declined_by_the_candidate():
    """process.md 3: invited → declined."""
    application = submitted()
    track = application.tracks.get()
    with pytest.raises(GateShut):
        services.decline_track(track, actor=application.user)
    TRACK.apply(track, "admit", actor=None)
    TRACK.apply(track, "invite", actor=None)
    services.decline_track(track, actor=application.user, reason="Болезнь")
    track.refresh_from_db()
    assert track.state == TrackState.DECLINED


def test_each_consent_is_its_own_document_and_withdrawing_the_needed_one_ends_the_application():
    """152-FZ, art. 9: separate, with version, moment and address; withdrawn at any time."""
    application = submitted()
    user = application.user
    needed, optional = services.texts_of(application.campaign.edition)
    given = Consent.objects.get(user=user, text=needed)
    assert given.address == "192.0.2.7" and given.given_at == INSIDE
    extra = services.give_consent(user, text=optional, address=None, actor=user)
    assert services.give_consent(user, text=optional, address=None, actor=user) == extra
    services.withdraw_consent(extra, actor=user)
    application.refresh_from_db()
    assert application.state == ApplicationState.SUBMITTED
    services.withdraw_consent(given, actor=user)
    application.refresh_from_db()
    assert application.state == ApplicationState.WITHDRAWN
    with pytest.raises(GateShut):
        services.give_consent(user, text=needed, address=None, actor=person("x@demo.example"))


def test_what_a_later_stage_knows_stops_the_submission(monkeypatch):
    """T5, O6.4: a member, a waiting year: the stages name it, the gate shuts."""
    application = complete_draft()
    user = application.user
    named = []

    def plug(person_, edition_, on):
        named.append((person_, edition_, on))
        return [Blocker("Вы уже состоите в резерве.")]

    monkeypatch.setattr(eligibility, "_plugs", [plug])
    with pytest.raises(GateShut, match="уже состоите"):
        services.submit_application(application, actor=user)
    assert named == [(user, application.campaign.edition, INSIDE.date())]
