"""Long work of the assessment: results from Moodle's web service. May run twice without harm."""

from typing import Any

from reserve_portal.core.jobs import job
from reserve_portal.core.models import Job

from .services.moodle_service import KIND, fetch_results


@job(KIND)
def fetch_moodle(row: Job) -> dict[str, Any]:
    """Fetch the results of one procedure and lay them up for the preview."""
    return fetch_results(row)
