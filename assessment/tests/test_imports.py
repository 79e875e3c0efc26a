from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from assessment.models import Result, ResultImport, SectionScore
from assessment.services.imports import apply_draft, apply_import, keep_draft
from assessment.services.preview import (
    CHANGED,
    IGNORED,
    INVALID,
    NEW,
    UNCHANGED,
    UNMATCHED,
    preview_import,
)
from assessment.services.procedures import map_columns
from assessment.tests.factories import (
    decide,
    make_campaign,
    make_edition,
    make_open_procedure,
    make_person,
    make_track,
    moment,
)
from candidates.enums import TrackState
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.core.models import TransitionLog

SAMPLES = Path(__file__).parent / "data" / "moodle"
D = Decimal
HEAD = (
    'Фамилия,Имя,"Адрес электронной почты",Состояние,"Тест начат",'
    '"Оценка/100,00","В. 1 /20,00","В. 2 /20,00","В. 3 /60,00"'
)
PEOPLE = {
    "sinitsyna": ("sinitsyna.mp@example.org", "Синицына", "Марина", "Павловна", "KR-2026-0001"),
    "elkin": ("elkin.pi@example.org", "Ёлкин", "Пётр", "Ильич", "KR-2026-0002"),
    "gromova": ("gromova.lr@example.org", "Абдуллаева-Громова", "Лейла", "Рустамовна", "KR-2026-0003"),
    "kuzmin": ("kuzmin.oi@example.org", "Кузьмин", "Олег", "Игоревич", "KR-2026-0004"),
}


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def make_tracks(campaign, *names):
    tracks = {}
    for name in names or PEOPLE:
        email, last, first, patronymic, number = PEOPLE[name]
        user = make_person("candidate", email=email, last_name=last, first_name=first, patronymic=patronymic)
        tracks[name] = make_track(campaign, user=user, number=number)
    return tracks


@pytest.fixture
def tracks(campaign):
    return make_tracks(campaign)


@pytest.fixture
def procedure(campaign, operator, tracks):
    return make_open_procedure(campaign, operator)


def sample(name):
    return (SAMPLES / f"moodle_{name}.csv").read_bytes()


def quiz(*rows, encoding="utf-8"):
    """Rows: (address, mark of question 1, 2, 3); the total is their sum."""
    lines = [HEAD]
    for number, (email, *marks) in enumerate(rows):
        total = sum(map(D, marks))
        shown = ",".join(f'"{str(value).replace(".", ",")}"' for value in (total, *marks))
        lines.append(f'Людин,Иван,{email},Завершено,"9 ноября 2026  10:{number:02d}",{shown}')
    return ("\n".join(lines) + "\n").encode(encoding)


def preview(procedure, data, name="файл.csv"):
    with clock.travel(moment(date(2026, 12, 17))):
        procedure.refresh_from_db()
        return preview_import(procedure, name=name, data=data)


def apply(procedure, data, actor, reason="", name="файл.csv"):
    with clock.travel(moment(date(2026, 12, 17))):
        return apply_import(procedure, name=name, data=data, actor=actor, reason=reason).source


def statuses(found):
    return [row.status for row in found.rows]


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["quiz_grades_ru_3x"])
def test_the_russian_quiz_report_is_applied_as_it_is(procedure, tracks, operator, name):
    """T4: question columns fit the directions in order and maximum; 69.99 does not pass, 70.00 does."""
    stored = apply(procedure, sample(name), operator)
    points = {key: Result.objects.get(track=track) for key, track in tracks.items()}
    assert [(points[key].points, points[key].passed) for key in PEOPLE] == [
        (D("86.5"), True),
        (D("70"), True),
        (D("69.99"), False),
        (D("41"), False),
    ]
    assert [points[key].rank for key in PEOPLE] == [1, 2, 3, 4]
    assert stored.summary[NEW] == 4 and Path(stored.file.path).read_bytes() == sample(name)
    assert SectionScore.objects.get(result=points["gromova"], section__code="psychology").points == D("15.99")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("quiz_grades_ru_4x", [NEW, NEW, IGNORED, IGNORED, IGNORED]),
        ("quiz_grades_en", [NEW, NEW, IGNORED, IGNORED]),
        ("gradebook_ru", [NEW, NEW, IGNORED]),
        ("gradebook_ru_semicolon", [NEW, NEW, IGNORED]),
    ],
)
def test_all_samples_are_understood(procedure, operator, name, expected):
    """Issue of Moodle's two exports: rows without a graded attempt are reported with the reason and left out."""
    found = preview(procedure, sample(name))
    assert statuses(found) == expected
    assert not found.blockers("")
    assert all(row.reasons for row in found.of(IGNORED))
    apply(procedure, sample(name), operator)
    assert Result.objects.count() == 2


@pytest.mark.django_db
def test_english_headings_ask_for_the_columns_once(procedure, operator):
    """An English gradebook does not fit Russian directions: the operator tells the columns, they are remembered."""
    data = sample("gradebook_en")
    found = preview(procedure, data)
    assert found.needs_mapping and not found.rows
    with pytest.raises(GateShut, match="не узнаны"):
        apply(procedure, data, operator)
    keys = [column.key for column in found.export.columns]
    map_columns(
        procedure,
        columns={s.pk: [key] for s, key in zip(procedure.sections.all(), keys, strict=True)},
        actor=operator,
    )
    again = preview(procedure, data)
    assert not again.needs_mapping and statuses(again) == [NEW, IGNORED]
    apply(procedure, data, operator)
    assert Result.objects.get().points == D("86.5")


@pytest.mark.django_db
def test_columns_are_told_for_every_direction_and_once(procedure, operator):
    first, *others = procedure.sections.all()
    with pytest.raises(GateShut, match="Укажите столбец"):
        map_columns(procedure, columns={first.pk: ["q1"]}, actor=operator)
    with pytest.raises(GateShut, match="двум направлениям"):
        map_columns(procedure, columns={s.pk: ["q1"] for s in (first, *others)}, actor=operator)
    assert not any(section.column for section in procedure.sections.all())


@pytest.mark.django_db
def test_several_questions_make_one_direction(procedure, operator):
    """T4: the sum over all questions; a question that belongs to no direction is named."""
    head = HEAD.replace('"В. 3 /60,00"', '"В. 3 /50,00","В. 4 /10,00"')
    row = 'Ёлкин,Пётр,elkin.pi@example.org,Завершено,"9 ноября 2026  10:00","70,00","15,00","15,00","30,00","10,00"'
    data = f"{head}\n{row}\n".encode()
    assert preview(procedure, data).needs_mapping
    policy, psychology, case = procedure.sections.all()
    map_columns(
        procedure, columns={policy.pk: ["q1"], psychology.pk: ["q2"], case.pk: ["q3"]}, actor=operator
    )
    words = " ".join(item.text for item in preview(procedure, data).blockers())
    assert "В. 4" in words and "максимум в файле 50, а в процедуре 60" in words
    map_columns(
        procedure, columns={policy.pk: ["q1"], psychology.pk: ["q2"], case.pk: ["q3", "q4"]}, actor=operator
    )
    apply(procedure, data, operator)
    assert Result.objects.get().points == D(70)


@pytest.mark.django_db
def test_the_same_file_again_changes_nothing(procedure, operator):
    """An import can be repeated without doubling anything."""
    first = apply(procedure, sample("quiz_grades_ru_3x"), operator)
    logs = TransitionLog.objects.count()
    again = preview(procedure, sample("quiz_grades_ru_3x"))
    assert (len(again.of(UNCHANGED)), len(again.of(IGNORED)), len(again.rows)) == (4, 2, 6)
    assert apply(procedure, sample("quiz_grades_ru_3x"), operator) == first
    assert (ResultImport.objects.count(), Result.objects.count(), TransitionLog.objects.count()) == (
        1,
        4,
        logs,
    )


@pytest.mark.django_db
def test_changed_rows_need_a_reason(procedure, operator, tracks):
    """T4: a correction has a reason, also from a file; unchanged rows stay as they were."""
    apply(
        procedure,
        quiz(("elkin.pi@example.org", "10", "10", "40"), ("gromova.lr@example.org", "1", "1", "1")),
        operator,
    )
    data = quiz(("elkin.pi@example.org", "10", "10", "50"), ("gromova.lr@example.org", "1", "1", "1"))
    found = preview(procedure, data)
    assert statuses(found) == [CHANGED, UNCHANGED]
    assert (found.rows[0].before, found.rows[0].points) == (D(60), D(70))
    with pytest.raises(GateShut) as shut:
        apply(procedure, data, operator)
    assert shut.value.blockers[-1].field == "reason"
    apply(procedure, data, operator, reason="Проверена апелляция")
    assert Result.objects.get(track=tracks["elkin"]).points == D(70)
    assert ResultImport.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("data", "words", "place"),
    [
        (
            quiz(("elkin.pi@example.org", "10", "10", "40"), ("stranger@example.org", "1", "1", "1")),
            "stranger@",
            UNMATCHED,
        ),
        (quiz(("elkin.pi@example.org", "10", "10", "60.01")), "больше максимума 60", INVALID),
        (
            quiz(("elkin.pi@example.org", "10", "10", "40")).replace(b'"40"', "сорок".encode()),
            "не число",
            INVALID,
        ),
        (
            quiz(
                ("elkin.pi@example.org", "10", "10", "40"), ("elkin.pi@example.org", "10", "10", "40")
            ).replace(b"10:01", b"10:00"),
            "повторяет",
            INVALID,
        ),
        (
            quiz(("elkin.pi@example.org", "10", "10", "40")).replace(b'"60"', b'"61"'),
            "не равно сумме",
            INVALID,
        ),
        (b"", "не прочитан", "file"),
        (quiz(("elkin.pi@example.org", "10", "10", "40"), encoding="koi8-r"), "не прочитан", "file"),
        (b"%PDF-1.7 not a table", "не прочитан", "file"),
        ("Фамилия,Имя,Балл\nЁлкин,Пётр,70\n".encode(), "не прочитан", "file"),
    ],
)
def test_bad_input_changes_nothing_and_says_where(procedure, operator, data, words, place):
    """Bad input: each a sentence at its place and an unchanged database; all or nothing."""
    logs = TransitionLog.objects.count()
    if place == "file":
        with pytest.raises(GateShut) as unread:
            preview(procedure, data)
        assert words in str(unread.value) and unread.value.blockers[0].field == "file"
    else:
        found = preview(procedure, data)
        bad = found.of(place)
        assert len(bad) == 1 and words in " ".join(bad[0].reasons)
    with pytest.raises(GateShut):
        apply(procedure, data, operator)
    assert not Result.objects.exists() and not ResultImport.objects.exists()
    assert TransitionLog.objects.count() == logs


@pytest.mark.django_db
def test_people_are_never_matched_by_name(procedure, operator):
    """A namesake with another address is named as a hint and matched with nobody."""
    data = (
        sample("gradebook_ru")
        .replace(b"sinitsyna.mp@example.org", b"other@example.org")
        .replace(b"KR-2026-0001", b"")
    )
    found = preview(procedure, data)
    assert statuses(found)[0] == UNMATCHED
    assert "Синицына Марина Павловна" in " ".join(found.rows[0].reasons)
    with pytest.raises(GateShut, match=r"нет приглашённого: 2"):
        apply(procedure, data, operator)


@pytest.mark.django_db
def test_people_are_matched_by_registration_number(procedure, tracks, operator):
    data = sample("gradebook_ru").replace(b"sinitsyna.mp@example.org", b"")
    apply(procedure, data, operator)
    assert Result.objects.get(track=tracks["sinitsyna"]).points == D("86.5")


@pytest.mark.django_db
def test_address_and_number_of_two_people_contradict(procedure):
    data = sample("gradebook_ru").replace(b"KR-2026-0001", b"KR-2026-0003")
    found = preview(procedure, data)
    assert statuses(found)[0] == INVALID and "KR-2026-0003" in " ".join(found.rows[0].reasons)


@pytest.mark.django_db
def test_a_person_not_invited_is_named_as_such(campaign, operator):
    tracks = make_tracks(campaign, "sinitsyna", "elkin")
    procedure = make_open_procedure(campaign, operator, tracks=[tracks["elkin"]])
    found = preview(procedure, sample("gradebook_ru"))
    assert statuses(found) == [UNMATCHED, NEW, IGNORED]
    assert "не приглашён" in found.rows[0].reasons[0]


@pytest.mark.django_db
def test_the_counted_attempt_is_the_procedures(campaign, operator):
    """The best, the last or the first attempt, as frozen before the start."""
    rows = [("elkin.pi@example.org", "10", "10", "40"), ("elkin.pi@example.org", "5", "5", "20")]
    make_tracks(campaign, "elkin")
    found = [
        preview(make_open_procedure(campaign, operator, tracks=None, attempt="best"), quiz(*rows)),
    ]
    assert found[0].of(NEW)[0].points == D(60) and found[0].of(IGNORED)[0].reasons == (
        "Засчитана другая попытка.",
    )


@pytest.mark.django_db
def test_the_last_attempt_counts_where_the_procedure_says_so(campaign, operator):
    rows = [("elkin.pi@example.org", "10", "10", "40"), ("elkin.pi@example.org", "5", "5", "20")]
    make_tracks(campaign, "elkin")
    procedure = make_open_procedure(campaign, operator, attempt="last")
    assert preview(procedure, quiz(*rows)).of(NEW)[0].points == D(30)


@pytest.mark.django_db
def test_a_candidate_who_left_is_left_out_and_a_decided_one_stays(procedure, tracks, operator):
    tracks["elkin"].__class__.objects.filter(pk=tracks["elkin"].pk).update(state=TrackState.WITHDRAWN)
    assert preview(procedure, quiz(("elkin.pi@example.org", "10", "10", "40"))).rows[0].status == IGNORED
    apply(procedure, quiz(("gromova.lr@example.org", "10", "10", "40")), operator)
    tracks["gromova"].refresh_from_db()
    decide(tracks["gromova"], included=False)
    found = preview(procedure, quiz(("gromova.lr@example.org", "10", "10", "50")))
    assert found.rows[0].status == INVALID and "уже принято" in found.rows[0].reasons[0]


@pytest.mark.django_db
def test_one_attempt_counts_in_both_groups_of_a_person(db):
    """O1.15: a person in two target groups has a result in each."""
    campaign = make_campaign(make_edition("orenburg"))
    operator = make_person("operator")
    track = make_tracks(campaign, "elkin")["elkin"]
    make_track(campaign, application=track.application, group=1)
    sections = [
        {"code": f"part{number}", "name": f"Часть {number}", "maximum": maximum}
        for number, maximum in enumerate([D(20), D(20), D(60)], start=1)
    ]
    procedure = make_open_procedure(campaign, operator, sections=sections)
    apply(procedure, quiz(("elkin.pi@example.org", "10", "10", "40")), operator)
    assert list(Result.objects.values_list("points", "rank")) == [(D(60), 1), (D(60), 1)]


@pytest.mark.django_db
def test_a_file_laid_up_is_applied_and_dropped(procedure, operator, django_capture_on_commit_callbacks):
    """The preview survives the session: the file waits on the server until it is confirmed or dropped."""
    with clock.travel(moment(date(2026, 12, 17))):
        procedure.refresh_from_db()
        draft = keep_draft(procedure, name="итоги.csv", data=sample("quiz_grades_ru_3x"), actor=operator)
        path = Path(draft.file.path)
        assert path.exists()
        with django_capture_on_commit_callbacks(execute=True):
            apply_draft(draft, actor=operator)
    assert Result.objects.count() == 4 and not path.exists() and not procedure.drafts.exists()


@pytest.mark.django_db
def test_command_previews_and_imports(procedure):
    path = SAMPLES / "moodle_quiz_grades_ru_3x.csv"
    out = StringIO()
    with clock.travel(moment(date(2026, 12, 17))):
        call_command("import_results", procedure.pk, path, dry_run=True, stdout=out)
        assert "новый: 4" in out.getvalue() and not Result.objects.exists()
        call_command("import_results", procedure.pk, path, stdout=out)
        assert Result.objects.count() == 4
        with pytest.raises(CommandError, match="не открывается"):
            call_command("import_results", procedure.pk, SAMPLES / "нет.csv", stdout=out)
        with pytest.raises(CommandError, match="не узнаны"):
            call_command("import_results", procedure.pk, SAMPLES / "moodle_gradebook_en.csv", stdout=out)


@pytest.mark.django_db
def test_preview_costs_the_same_queries_for_any_number_of_rows(
    campaign, operator, django_assert_num_queries, django_assert_max_num_queries
):
    make_tracks(campaign)
    procedure = make_open_procedure(campaign, operator)
    rows = [(email, "10", "10", "40") for email, *_ in PEOPLE.values()]
    with django_assert_max_num_queries(40) as few:
        preview(procedure, quiz(*rows[:1]))
    with django_assert_num_queries(len(few)):
        preview(procedure, quiz(*rows))
