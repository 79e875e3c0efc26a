from .applications import Application, ApplicationTrack, RegistrationEntry, RequirementFinding
from .campaigns import Campaign
from .imports import ArchiveImport
from .nominations import Nomination
from .packages import Consent, PackageFile, PackageItem
from .profiles import Education, Employment, Profile
from .requests import SubjectRequest

__all__ = [
    "Application",
    "ApplicationTrack",
    "ArchiveImport",
    "Campaign",
    "Consent",
    "Education",
    "Employment",
    "Nomination",
    "PackageFile",
    "PackageItem",
    "Profile",
    "RegistrationEntry",
    "RequirementFinding",
    "SubjectRequest",
]
