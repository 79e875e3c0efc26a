from .applications import (
    Application,
    ApplicationTrack,
    RegistrationEntry,
    RequirementFinding,
    SearchTerm,
)
from .campaigns import Campaign
from .packages import Consent, PackageFile, PackageItem
from .partial_uploads import PartialUpload
from .profiles import Achievement, Education, Employment, Profile
from .requests import DataExport, SubjectRequest

__all__ = [
    "Achievement",
    "Application",
    "ApplicationTrack",
    "Campaign",
    "Consent",
    "DataExport",
    "Education",
    "Employment",
    "PackageFile",
    "PackageItem",
    "PartialUpload",
    "Profile",
    "RegistrationEntry",
    "RequirementFinding",
    "SearchTerm",
    "SubjectRequest",
]
