"""Every address × every role, from the table of process.md 12 — never recorded from the answers.

A new address fails this suite until somebody has decided and written down who may open it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import urls
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import get_resolver, reverse

from reserve_portal.core.context import begin_unit_of_work
from reserve_portal.core.tests.answers import content_of
from reserve_portal.regulations.models import Edition
from reserve_portal.simulation.story import at

from .world import TODAY, World, build_world

OWN_ADMIN_PAGES = ("_add", "_change", "_changelist", "_delete", "_history")

# What a stranger may open. Anything else asks who is there.
PUBLIC = {
    "account_confirm_email",
    "account_confirm_login_code",
    "account_email_verification_sent",
    "account_inactive",
    "account_login",
    "account_logout",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_signup",
    "admin:login",
    "assessment:announced",
    "candidates:blank_application",
    "candidates:blank_consent",
    "candidates:campaign",
    "candidates:campaign_calendar",
    "candidates:decline_invitation",  # these three: by the secret address from the letter
    "candidates:invitation",
    "candidates:invitation_letter",
    "candidates:self_check",
    "mfa_authenticate",
    "notifications:all",  # the living example's letter box; test_letters proves that production has none
    "health",
    "pages:front",
    "pages:material",
    "pages:news",
    "pages:news_item",
    "pages:page",
    "pages:reading",
    "pages:robots",
    "pages:sitemap",
    "papers:check",
    "reservists:feed",  # by the person's secret address
    "reservists:newest_plan",
    "reservists:plan",
    "reservists:public_list",
}

BODY = "member secretary"  # the body that meets: a voting member and the secretary
READERS = "operator authority auditor"
TOWNS = "municipal municipal2"
EVERYBODY = (
    "stranger drafter applicant loser reservist mentor expert member secretary outsider operator authority "
    "municipal municipal2 head administrator auditor"
)


@dataclass(frozen=True)
class Row:
    """Who opens an address: `ok` get `code`, `forbidden` 403, others who have signed in `other`; strangers sign in."""

    things: str = ""
    ok: str = EVERYBODY
    code: int = 200
    forbidden: str = ""
    other: int = 404
    public: bool = False

    def expected(self, who: str) -> int:
        if self.public:
            return self.code
        if who == "anonymous":
            return 302
        if who in self.ok.split():
            return self.code
        return 403 if who in self.forbidden.split() else self.other


def public(things: str = "", code: int = 200) -> Row:
    return Row(things, code=code, public=True)


def post_only(things: str = "") -> Row:
    """Changes something: no answer to a GET, whoever asks."""
    return Row(things, code=405)


def private(things: str, ok: str, **more: Any) -> Row:
    """An object: foreign ones do not exist."""
    return Row(things, ok, **more)


def by_role(ok: str, things: str = "", **more: Any) -> Row:
    """A page of certain roles: forbidden to all others."""
    return Row(things, ok, other=403, **more)


PORTAL = {
    "pages:front": public(),
    "pages:page": public("page"),
    "pages:reading": public(),
    "pages:news": public(),
    "pages:news_item": public("news"),
    "pages:material": public("material"),
    "pages:robots": public(),
    "pages:sitemap": public(),
    "home": Row(),
    "health": public(
        code=503
    ),  # in this world nobody delivers the letters; details are for the monitor's token
    "notifications:inbox": Row(),
    "notifications:all": public(),
    "notifications:letter": private("letter", "applicant"),
    "papers:check": public(),
    "papers:download": private("receipt", "applicant operator"),
    "papers:signature": private("signature", "applicant operator"),
    # --- bodies: row «meeting» and «vote»
    "commissions:meetings": by_role(f"{BODY} outsider operator auditor"),
    "commissions:meeting": private("meeting", f"{BODY} operator auditor"),
    "commissions:open": post_only("meeting"),
    "commissions:attendance": post_only("meeting"),
    "commissions:close": private("meeting", "secretary", forbidden="member operator auditor"),
    "commissions:cancel": private("meeting", "secretary", forbidden="member operator auditor"),
    "commissions:calendar": private("meeting", f"{BODY} operator auditor"),
    # the meeting is no poll, goes on and has no protocol yet: nothing to extend, to sign, to correct
    "commissions:extend": private("meeting", "", forbidden=f"{BODY} operator auditor"),
    "commissions:sign": private("meeting", "", forbidden=f"{BODY} operator auditor"),
    "commissions:correct": private("question", "", forbidden=f"{BODY} operator auditor"),
    # its voting goes on: materials are what the voters have seen
    "commissions:add-material": private("question", "", forbidden=f"{BODY} operator auditor"),
    "commissions:material": private("voters_material", f"{BODY} operator auditor"),
    "commissions:remove-material": post_only("voters_material"),
    "commissions:remind": post_only("question"),
    "commissions:replay": private("decided_line", f"{BODY} operator auditor"),
    "commissions:own-decisions": Row(),
    "commissions:extract": post_only("line_result"),
    "commissions:item": private("question", f"{BODY} operator auditor"),
    "commissions:vote": post_only("question"),
    "commissions:open-voting": post_only("question"),
    "commissions:close-voting": post_only("question"),
    "commissions:discussion": post_only("question"),
    # the voting goes on: there is nothing to take up again
    "commissions:reopen-voting": private("question", "", forbidden=f"{BODY} operator auditor"),
    "commissions:remove-item": private("question", "secretary", forbidden="member operator auditor"),
    "commissions:conflict": private("question line", BODY, forbidden="operator auditor"),
    "commissions:orders": by_role("authority auditor"),
    "commissions:order": by_role("authority auditor", "ordered"),
    "commissions:order-file": by_role(READERS, "order"),
    # --- rows «own application» and «packages and files of others»
    "candidates:my": Row(),
    "candidates:reads": Row(),
    "candidates:schools": Row(),
    "candidates:requests": Row(),
    "candidates:my_data": Row(),
    "candidates:ask_for_export": post_only(),
    "candidates:export_file": private("export", "drafter"),
    "candidates:campaign": public("campaign"),
    "candidates:campaign_calendar": public("campaign"),
    "candidates:self_check": public(),
    "candidates:blank_application": public(),
    "candidates:blank_consent": public("consent_text"),
    "candidates:start": post_only("campaign"),
    "candidates:application": private("draft", "drafter"),
    "candidates:questionnaire": private("draft", "drafter"),
    "candidates:save_field": post_only("draft field"),
    "candidates:education": private("draft", "drafter"),
    "candidates:add_education": private("draft", "drafter"),
    "candidates:change_education": private("draft education", "drafter"),
    "candidates:remove_education": post_only("draft education"),
    "candidates:employment": private("draft", "drafter"),
    "candidates:add_employment": private("draft", "drafter"),
    "candidates:change_employment": private("draft employment", "drafter"),
    "candidates:remove_employment": post_only("draft employment"),
    "candidates:achievement": private("draft", "drafter"),
    "candidates:add_achievement": private("draft", "drafter"),
    "candidates:change_achievement": private("draft achievement", "drafter"),
    "candidates:remove_achievement": post_only("draft achievement"),
    "candidates:choices": private("draft", "drafter"),
    "candidates:consents": private("draft", "drafter"),
    "candidates:consent": private("draft consent_text", "drafter"),
    "candidates:withdraw_consent": private("draft consent_text", "drafter"),
    "candidates:documents": private("draft", "drafter"),
    "candidates:upload": post_only("draft item"),
    "candidates:start_upload": post_only("draft item"),
    "candidates:partial_upload": private("partial_upload", "drafter"),
    "candidates:discard_upload": post_only("partial_upload"),
    "candidates:move_file": post_only("file"),
    "candidates:submit": private("draft", "drafter"),
    "candidates:send_corrections": post_only("draft"),
    "candidates:withdraw": private("draft", "drafter"),
    "candidates:form": private("draft", "drafter"),
    "candidates:decline": private("track", "applicant"),
    "candidates:receipt": private("application", "applicant", code=302),
    "candidates:consent_paper": private("consent", "applicant", code=302),
    "candidates:consent_proof": private("paper_consent", "stranger operator"),
    "candidates:package": private("application", f"applicant operator {BODY}"),
    "candidates:preview": private("file", f"applicant operator {BODY}"),
    "candidates:page": private("file first", f"applicant operator {BODY}"),
    "candidates:download": private("file", f"applicant operator {BODY}"),
    "candidates:remove_file": post_only("file"),
    # --- a nominator sees the state of whom he or she nominated, colleagues of the municipality too
    "candidates:nominations": by_role(f"{TOWNS} head"),
    "candidates:nominate": by_role(f"{TOWNS} head", "campaign"),
    "candidates:nomination_letter": private("nomination", "municipal"),
    "candidates:withdraw_nomination": private("nomination", "municipal"),
    "candidates:invitation": public("nomination.token"),
    "candidates:invitation_letter": public("nomination.token"),
    "candidates:decline_invitation": public("nomination.token"),
    "candidates:accept_invitation": post_only("nomination.token"),
    # --- row «results of others»
    "assessment:announced": public("announced"),
    "assessment:procedure": private("procedure", f"reservist loser {READERS}"),
    "assessment:results": private("procedure", f"{READERS} {BODY}"),
    "assessment:decline": private("track", "applicant"),
    "assessment:appeal": private("procedure result_track", "reservist"),
    "assessment:take_back_appeal": post_only("procedure"),
    "assessment:route": private("route", f"loser {READERS}"),
    # --- last paragraph: an expert sees what was given to him or her until the sheet is handed in
    "assessment:sheets": by_role("expert"),
    "assessment:sheet": private("expert_sheet", "expert"),
    "assessment:decline_sheet": private("expert_sheet", "expert"),
    "assessment:conclusion": private("result_track", "reservist operator authority"),
    "assessment:conclusion_paper": private("result_track", "reservist operator authority", code=302),
    "assessment:borders_file": by_role(READERS, "borders_decision"),
    # --- row «registry (full)»
    "reservists:mine": by_role("reservist"),
    "reservists:people": by_role(f"{READERS} {TOWNS}"),
    "reservists:person": private("reservist", f"reservist mentor municipal {READERS}"),
    "reservists:leave": private("reservist", "reservist"),
    "reservists:dismissal": private("reservist", "municipal", forbidden=f"reservist mentor {READERS}"),
    "reservists:events": by_role(f"reservist loser {READERS}"),
    "reservists:event": by_role(f"reservist loser {READERS}", "event"),
    "reservists:register": post_only("event"),
    "reservists:refuse": private("event", "reservist"),
    "reservists:leave_list": post_only("event"),
    "reservists:survey": private("event", "reservist"),
    "reservists:certificate": private(
        "event", "reservist", code=302
    ),  # not confirmed yet: led back, told why
    "reservists:events_month": by_role(f"reservist loser {READERS}"),
    "reservists:feed_settings": by_role("reservist loser"),
    "reservists:feed": public("feed.secret"),
    "reservists:consents": by_role("reservist"),
    "reservists:consent": by_role("reservist", "consent_text"),
    "reservists:withdraw_consent": by_role("reservist", "given_consent"),
    "reservists:registries": by_role(READERS),
    "reservists:registry": by_role(READERS, "registry"),
    "reservists:registry_difference": by_role(READERS, "registry"),
    "reservists:registry_progress": by_role(READERS, "registry"),
    "reservists:registry_table": by_role(READERS, "registry"),
    "reservists:indicators": by_role(READERS),
    "reservists:indicators_sheet": by_role(READERS),
    "reservists:indicator": by_role(READERS, "indicator"),
    "reservists:indicator_people": by_role(READERS, "indicator"),
    "reservists:indicator_target": by_role("operator authority", "indicator"),
    "reservists:public_list": public(),
    "reservists:newest_plan": public(code=302),
    "reservists:plan": public("year"),
    # --- row «plans and reports»
    "reservists:mentees": by_role("mentor"),
    "reservists:monitoring": by_role(READERS),
    "reservists:my_plans": by_role("reservist"),
    "reservists:plan_start": private("reservist", "reservist"),
    "reservists:development_plan": private("plan", f"reservist mentor {READERS}"),
    "reservists:plan_edit": private("plan_draft", "reservist", forbidden=f"mentor {READERS}"),
    "reservists:plan_item_add": private("plan_draft", "reservist", forbidden=f"mentor {READERS}"),
    "reservists:plan_item": private("plan_draft draft_item", "reservist", forbidden=f"mentor {READERS}"),
    "reservists:plan_item_remove": post_only("plan_draft draft_item"),
    "reservists:plan_submit": private("plan_draft", "reservist", forbidden=f"mentor {READERS}"),
    "reservists:plan_discard": private("plan_draft", "reservist", forbidden=f"mentor {READERS}"),
    "reservists:plan_progress": private("plan agreed_item", "reservist", forbidden=f"mentor {READERS}"),
    "reservists:plan_copy": private("plan", "reservist", forbidden=f"mentor {READERS}"),
    "reservists:plan_change": private("plan", "reservist", forbidden=f"mentor {READERS}"),
    "reservists:plan_agree": private("plan_waiting", "mentor", forbidden=f"reservist {READERS}"),
    "reservists:plan_return": private("plan_waiting", "mentor", forbidden=f"reservist {READERS}"),
    "reservists:plan_comment": private("plan", "reservist mentor", forbidden=READERS),
    "reservists:plan_item_comment": private("plan agreed_item", "reservist mentor", forbidden=READERS),
    "reservists:evidence_add": private("plan agreed_item", "reservist", forbidden=f"mentor {READERS}"),
    "reservists:evidence": private("evidence", f"reservist mentor {READERS}"),
    "reservists:evidence_remove": post_only("evidence"),
    "reservists:attestation_sheets": by_role("expert"),
    "reservists:attestation_sheet": private("attestation_sheet", "expert"),
    "reservists:attestation_sheet_decline": private("attestation_sheet", "expert"),
    "reservists:mentor_report": private("mentor_report", f"mentor {READERS}"),
    "reservists:mentor_report_edit": private("mentor_report", "mentor", forbidden=READERS),
    "reservists:mentor_report_submit": private("mentor_report", "mentor", forbidden=READERS),
    "reservists:mentor_report_accept": private(
        "mentor_report_waiting", "operator", forbidden="mentor authority auditor"
    ),
    "reservists:mentor_report_return": private(
        "mentor_report_waiting", "operator", forbidden="mentor authority auditor"
    ),
    "reservists:report": private("report", f"reservist mentor {READERS}"),
    "reservists:report_edit": private("report", "reservist", forbidden=f"mentor {READERS}"),
    "reservists:report_row": private("report report_row", "reservist", forbidden=f"mentor {READERS}"),
    "reservists:report_submit": private("report", "reservist", forbidden=f"mentor {READERS}"),
    "reservists:report_accept": private("report_waiting", "mentor", forbidden=f"reservist {READERS}"),
    "reservists:report_return": private("report_waiting", "mentor", forbidden=f"reservist {READERS}"),
    # --- rows «vacancies» and «orders, agreements»
    "vacancies:list": by_role(f"{READERS} {TOWNS}"),
    "vacancies:report": by_role(TOWNS),
    "vacancies:coverage": by_role(f"{READERS} {TOWNS}"),
    "vacancies:heads": by_role(f"{READERS} {TOWNS}"),
    "vacancies:head_enter": by_role(f"operator {TOWNS}"),
    "vacancies:heads_import": by_role(f"operator {TOWNS}"),
    "vacancies:heads_sample": by_role(f"operator {TOWNS}"),
    "vacancies:case": private("vacancy", f"municipal {READERS}", forbidden=BODY),
    "vacancies:appoint": private("vacancy", "municipal", forbidden=f"{READERS} {BODY}"),
    "vacancies:cancel": private("vacancy", "municipal", forbidden=f"{READERS} {BODY}"),
    "vacancies:fall_through": private("appointment", "municipal", forbidden=f"{READERS} {BODY}"),
    "vacancies:offers": by_role("reservist"),
    "vacancies:offer": private("nominee", "reservist"),
    "vacancies:accept": private("nominee", "reservist", code=302),
    "vacancies:refuse": private("nominee", "reservist"),
    "vacancies:defence_calendar": private("nominee", "reservist"),
    "vacancies:upload": private("nominee", "reservist", code=302),
    "vacancies:concept": private("concept", f"reservist operator {BODY}"),
    "vacancies:nominee": private("nominee", f"{READERS} {BODY}"),
    "vacancies:defences": by_role(f"{BODY} outsider"),
    "vacancies:defence": private("defence", BODY),
    "vacancies:sheet": private("sheet", "member"),
    "vacancies:print_sheet": post_only("sheet"),
    "vacancies:agreements": by_role("authority"),
    "vacancies:agreement": by_role("authority", "recommended"),
}

STAFF = "operator administrator auditor"
OFFICE = "operator auditor"  # an administrator has users, editions and reference data, no case of anybody
REFERENCE = {
    "core_calendaryear",
    "core_calendarday",
    "core_job",
    "accounts_municipality",
    "accounts_organisation",
    "regulations_edition",
    "notifications_lettertext",
    "pages_publicpage",
    "pages_newsitem",
    "commissions_body",
    "assessment_programme",
    "pages_material",
}
TRUST = "administrator auditor"  # whom the portal trusts is the administrator's affair  # fmt: skip
CASES = {
    "regulations_deadline", "commissions_decisionlist", "commissions_meeting", "candidates_application",
    "candidates_campaign", "candidates_registrationentry", "assessment_result", "assessment_resultimport",
    "assessment_procedure", "assessment_learningroute", "reservists_reservist", "reservists_event",
    "reservists_eventsplan", "reservists_registryedition", "reservists_attestation", "reservists_exclusionsignal",
    "reservists_attestationsheet",
    "reservists_mentor", "reservists_developmentplan", "reservists_planreport", "reservists_mentorreport",
    "candidates_subjectrequest", "vacancies_vacancy",
}  # fmt: skip
LISTS = {
    **dict.fromkeys(REFERENCE, STAFF),
    **dict.fromkeys(CASES, OFFICE),
    "accounts_user": "operator administrator",
    "papers_trustedroot": TRUST,
    "assessment_expertconclusion": "operator",  # private papers
    "assessment_appeal": "operator",
    "audit_auditevent": "auditor",
    "notifications_mailing": "operator",
    "papers_issuedpaper": "operator",  # private papers among them
    "notifications_letter": "operator",
}

# The workplace's own pages: what they are about. Deeds are the operator's alone; an auditor reads some.
DEEDS = {
    "candidates_campaign_": "campaign",
    "candidates_application_": "application",
    "candidates_application_bulk": "bulk",
    "candidates_application_letter": "",
    "candidates_application_dossier": "",
    "candidates_application_enter": "",
    "candidates_application_entry": "entered",
    "candidates_application_entry_": "entered",
    "candidates_application_entry_consent": "entered consent_text",
    "candidates_application_entry_document": "entered entered_item",
    "candidates_application_entry_drop_file": "entered entered_file",
    "candidates_application_imports": "",
    "candidates_application_import_table": "campaign",
    "candidates_application_import": "archive",
    "candidates_application_import_": "archive",
    "candidates_application_item": "application package_item",
    "candidates_application_finding": "application finding",
    "candidates_application_deed": "application deed",
    "candidates_registrationentry_annotate": "entry",
    "candidates_registrationentry_print": "",
    "candidates_registrationentry_export": "",
    "commissions_decisionlist_": "list",
    "commissions_meeting_plan": "",
    "commissions_meeting_agenda": "meeting",
    "assessment_procedure_": "announced",
    "assessment_procedure_preview": "announced import",
    "assessment_procedure_columns": "announced import",
    "assessment_procedure_drop": "announced import",
    "assessment_procedure_match": "announced import first",
    "assessment_procedure_forget": "announced import",
    "assessment_procedure_return": "announced expert_sheet",
    "assessment_procedure_result": "procedure result_track",
    "assessment_procedure_second_date": "procedure result_track",
    "assessment_procedure_undo_decline": "procedure result_track",
    "assessment_procedure_recall": "announced expert_sheet",
    "assessment_expertconclusion_": "conclusion",
    "assessment_learningroute_send": "route",
    "candidates_subjectrequest_": "subject_request",
    "reservists_reservist_exclude": "reservist",
    "reservists_reservist_import": "",
    "reservists_reservist_sample": "",
    "reservists_mentor_propose": "",
    "reservists_mentor_assign": "",
    "reservists_mentor_remove": "guide",
    "reservists_mentor_facts": "guide",
    "reservists_developmentplan_review_late": "",
    "reservists_developmentplan_review": "plan",
    "reservists_mentor_reassign": "reservist",
    "reservists_reservist_regroup": "reservist",
    "reservists_attestation_": "attestation",
    "reservists_attestation_new": "",
    "reservists_attestationsheet_": "attestation_sheet",
    "reservists_reservist_certify": "reservist",
    "reservists_reservist_uncertify": "certification",
    "reservists_attestation_remove_instrument": "attestation instrument",
    "reservists_attestation_marks_of": "attestation attested",
    "reservists_exclusionsignal_": "signal",
    "reservists_exclusionsignal_ministry": "",
    "reservists_registryedition_confirm": "",
    "reservists_registryedition_stop": "",
    "reservists_registryedition_effectiveness": "",
    "reservists_event_": "event",
    "reservists_event_new": "",
    "reservists_eventsplan_publish": "",
    "reservists_registryedition_": "registry",
    "reservists_registryedition_inclusion": "",
    "vacancies_": "vacancy",
    "vacancies_snapshot": "snapshot",
    "vacancies_fit": "reservist",
    "vacancies_ask": "snapshot reservist",
    "vacancies_present": "asked",
    "vacancies_release": "asked",
    "regulations_edition_": "edition",
    "accounts_user_": "person",
    "accounts_organisation_import": "",
    "accounts_organisation_sample": "",
    "pages_publicpage_": "public_page",
    "pages_newsitem_": "news",
    "accounts_user_invite_head": "",
}
AUDITOR_READS = {
    "vacancies_case",
    "vacancies_matching",
    "vacancies_compare",
    "vacancies_fit",
    "vacancies_snapshot",
    "candidates_campaign_export_register",
    "candidates_registrationentry_export",
}
# Texts are the operator's and the administrator's.
EDITED_BY_BOTH = ("pages_publicpage_", "pages_newsitem_")
TAKE_NO_POST = AUDITOR_READS - {"vacancies_matching"}
ADMINISTRATORS = {
    "accounts_user_close",
    "accounts_user_reopen",
    "accounts_user_reset_factor",
    "accounts_user_roles",
    "regulations_edition_copy",
    "regulations_edition_put_in_force",
}
# Reference data are kept by operators and administrators.
KEPT_BY_BOTH = {"accounts_organisation_import", "accounts_organisation_sample"}
FRAME = {"index", "login", "logout", "password_change", "password_change_done", "autocomplete", "jsi18n",
         "view_on_site", "app_list"}  # fmt: skip


def addresses(patterns: Any = None, space: str = "") -> Iterator[tuple[str, Any]]:
    """(name with its namespace, view) of every address; unnamed ones as «namespace:»."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if hasattr(pattern, "url_patterns"):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from addresses(pattern.url_patterns, inner)
        else:
            yield f"{space}{pattern.name or ''}", pattern.callback


def test_only_the_listed_addresses_open_without_signing_in() -> None:
    """LoginRequiredMiddleware guards every view but those that say otherwise, each of which stands above."""
    open_to_all = {name for name, view in addresses() if not getattr(view, "login_required", True)}
    assert open_to_all == PUBLIC


def test_every_address_has_a_row() -> None:
    """Whoever adds an address says who may open it; pages of accounts are the library's and each person's own."""
    names = {name for name, _ in addresses()}
    portal = {name for name in names if not name.startswith(("admin:", "account_", "mfa_"))}
    assert portal == set(PORTAL)
    admin = {name.removeprefix("admin:") for name in names if name.startswith("admin:") and name != "admin:"}
    lists = {name.removesuffix("_changelist") for name in admin if name.endswith("_changelist")}
    assert lists == set(LISTS)
    own = admin - {f"{model}{page}" for model in lists for page in OWN_ADMIN_PAGES} - FRAME
    assert [name for name in sorted(own) if things_of(name) is None] == []


@pytest.fixture
def error_pages_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """403 and 404 are rendered once for each person, not for each address: it is their codes that the table tells."""

    def once(make: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        made: dict[Any, HttpResponse] = {}

        def answer(request: HttpRequest, exception: Exception) -> HttpResponse:
            who = request.user.pk
            if who not in made:
                made[who] = make(request, exception)
            return HttpResponse(made[who].content, status=made[who].status_code)

        return answer

    for name in ("handler403", "handler404"):
        monkeypatch.setattr(urls, name, once(getattr(urls, name)))


def test_what_each_role_gets_of_each_address(tomsk: Edition, error_pages_made_once: None) -> None:
    """process.md 12: a foreign object answers 404, a forbidden action 403, a stranger is asked to sign in."""
    world = build_world(tomsk)
    with at(TODAY, 12):
        browsers = {who: browser_of(user) for who, user in world.people.items()}
        assert set(browsers) == {"anonymous", *EVERYBODY.split()}
        wrong = [*portal_pages(world, browsers), *admin_lists(browsers), *admin_deeds(world, browsers)]
    assert not wrong, "\n" + "\n".join(wrong)


def portal_pages(world: World, browsers: dict[str, Client]) -> Iterator[str]:
    """What differs from the table on the portal's pages; private answers stay in no cache."""
    for name, row in PORTAL.items():
        address = reverse(name, args=arguments(world, row.things))
        for who, browser in browsers.items():
            code, headers = status(browser, address)
            if code != row.expected(who):
                yield f"{name} for {who}: {code}, expected {row.expected(who)}"
            if who != "anonymous" and "no-store" not in headers.get("Cache-Control", ""):
                yield f"{name} for {who}: may be kept in a cache"


def admin_lists(browsers: dict[str, Client]) -> Iterator[str]:
    """What differs on the desk and the lists of the workplace; who does not work there is led to the sign-in."""
    for name, readers in {
        "index": STAFF,
        **{f"{model}_changelist": who for model, who in LISTS.items()},
    }.items():
        for who, browser in browsers.items():
            expected = 200 if who in readers.split() else 403 if who in STAFF.split() else 302
            code, _ = status(browser, reverse(f"admin:{name}"))
            if code != expected:
                yield f"admin:{name} for {who}: {code}, expected {expected}"


def admin_deeds(world: World, browsers: dict[str, Client]) -> Iterator[str]:
    """Deeds are the operator's (rules of an edition: the administrator's); auditors read some and change nothing."""
    names = {name.removeprefix("admin:") for name, _ in addresses() if name.startswith("admin:")}
    own = names - {f"{model}{page}" for model in LISTS for page in OWN_ADMIN_PAGES} - FRAME - {""}
    for name in sorted(own):
        address = reverse(f"admin:{name}", args=arguments(world, things_of(name) or ""))
        for who, browser in browsers.items():
            may = who == ("administrator" if name in ADMINISTRATORS else "operator")
            may = may or (
                who == "administrator" and (name in KEPT_BY_BOTH or name.startswith(EDITED_BY_BOTH))
            )
            reads = may or (who == "auditor" and name in AUDITOR_READS)
            code, _ = status(browser, address)
            fits = (
                code in (200, 302, 403, 404)
                if may
                else code == (200 if reads else 403 if who in STAFF.split() else 302)
            )
            if not fits:
                yield f"admin:{name} for {who}: {code}"
            if who in STAFF.split() and not may and name not in TAKE_NO_POST:
                code, _ = status(browser, address, post=True)
                if code != 403:
                    yield f"POST admin:{name} for {who}: {code}, expected 403"


def things_of(name: str) -> str | None:
    """What an own page of the workplace is about: its own row, else that of its model."""
    fitting = [key for key in DEEDS if name == key or (key.endswith("_") and name.startswith(key))]
    return DEEDS[max(fitting, key=len)] if fitting else None


def arguments(world: World, things: str) -> list[Any]:
    literal = {
        "page": "contacts",
        "year": 2026,
        "field": "phone",
        "first": 1,
        "deed": "undo_refusal",
        "bulk": "register",
        "indicator": "included",
    }
    return [literal[name] if name in literal else _part(world, name) for name in things.split()]


def _part(world: World, name: str) -> Any:
    """The key of a thing, or the named attribute: «nomination.token»."""
    thing, _, attribute = name.partition(".")
    return getattr(world.things[thing], attribute or "pk")


def browser_of(user: Any) -> Client:
    browser = Client(raise_request_exception=False)
    if user is not None:
        browser.force_login(user)
    return browser


def status(browser: Client, address: str, *, post: bool = False) -> tuple[int, Any]:
    """The answer's code and headers; whatever the request wrote is undone."""
    begin_unit_of_work()
    with transaction.atomic():
        response = browser.post(address) if post else browser.get(address)
        content_of(response)
        transaction.set_rollback(True)
    return response.status_code, response.headers
