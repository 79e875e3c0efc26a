from .applications import (
    Application,
    ApplicationTrack,
    RegistrationEntry,
    RequirementFinding,
    ReviewClaim,
    SearchTerm,
)
from .campaigns import Campaign
from .imports import ArchiveImport
from .nominations import Nomination
from .packages import Consent, ItemVerdict, PackageFile, PackageItem
from .partial_uploads import PartialUpload
from .profiles import Achievement, Education, Employment, Profile
from .requests import DataExport, SubjectRequest

__all__ = [
    "Achievement",
    "Application",
    "ApplicationTrack",
    "ArchiveImport",
    "Campaign",
    "Consent",
    "DataExport",
    "Education",
    "Employment",
    "ItemVerdict",
    "Nomination",
    "PackageFile",
    "PackageItem",
    "PartialUpload",
    "Profile",
    "RegistrationEntry",
    "RequirementFinding",
    "ReviewClaim",
    "SearchTerm",
    "SubjectRequest",
]
