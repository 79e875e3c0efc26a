"""The operator's deeds with applications, in one place for those who call them."""

from .admission import left_out, make_admission_list, tell_decision
from .judging import judge_requirements
from .registration import annotate_entry, register_all, register_application
from .review import (
    confirm_finding,
    end_correction,
    finish_review,
    issue_notice,
    refuse_application,
    reopen_review,
    request_correction,
    review_item,
    undo_refusal,
)

__all__ = [
    "annotate_entry",
    "confirm_finding",
    "end_correction",
    "finish_review",
    "issue_notice",
    "judge_requirements",
    "left_out",
    "make_admission_list",
    "refuse_application",
    "register_all",
    "register_application",
    "reopen_review",
    "request_correction",
    "review_item",
    "tell_decision",
    "undo_refusal",
]
