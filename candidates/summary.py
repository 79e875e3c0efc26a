"""An application in a few words, as lists, registers and the journal show it; read from its snapshot alone."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from reserve_portal.core import clock
from reserve_portal.core.words import clause_in_words
from reserve_portal.regulations.models import Ground
from reserve_portal.regulations.parameters import NOMINATION_KINDS

from .enums import EmploymentKind
from .models import Application
from .rules import Period, days_worked, span_in_words


@dataclass(frozen=True)
class Summary:
    """Words for one line of a list; an empty string where nothing was said."""

    number: str
    municipality: str
    post: str
    education: str
    experience: str
    nomination: str

    def as_details(self) -> dict[str, Any]:
        """As JSON for the line of a decision list."""
        return asdict(self)


def summary_of(application: Application) -> Summary:
    """Return the summary of a submitted application; makes no query when `registration` and `campaign` are loaded."""
    data = application.snapshot
    profile = data.get("profile", {})
    registration = getattr(application, "registration", None)
    return Summary(
        number=registration.text if registration else "",
        municipality=profile.get("municipality", ""),
        post=", ".join(part for part in (profile.get("post"), profile.get("organisation_name")) if part),
        education="; ".join(
            f"{row['level_label']}: {row['speciality']}, {row['year']}" for row in data.get("education", [])
        ),
        experience=experience_of(application),
        nomination=", ".join(NOMINATION_KINDS.get(kind, kind) for kind in application.nominations),
    )


def ground_in_words(ground: Ground | None) -> str:
    """A ground with the clause it stands on; the portal's own proposals («образец») have none to show."""
    if ground is None:
        return ""
    if not ground.clause or ground.clause.startswith("образец"):
        return ground.text
    return f"{ground.text} ({clause_in_words(ground.clause)})"


def experience_of(application: Application) -> str:
    """Length of teaching and managing service on the last day of the window, in words; days counted once (T2)."""
    periods = tuple(
        Period(
            row["kind"],
            date.fromisoformat(row["since"]),
            date.fromisoformat(row["until"]) if row["until"] else None,
        )
        for row in application.snapshot.get("employment", [])
    )
    on = clock.local(application.campaign.closes_at).date()
    days = days_worked(periods, (EmploymentKind.TEACHING, EmploymentKind.MANAGING), on)
    if not days:
        return "нет"
    after = on.toordinal() + 1
    return span_in_words(date.fromordinal(max(1, after - days)), date.fromordinal(after))
