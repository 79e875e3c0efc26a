from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules

# Every stage plugs into the machinery by modules of these names (see docs/architecture.md).
PLUG_MODULES = (
    "workflow",
    "notifications",
    "papers",
    "motions",
    "deadlines",
    "dashboard",
    "eligibility",
    "conflicts",
    "readers",
    "public",
    "jobs",
    "health",
    "effectiveness",
    "personal_data",
    "deeds",
    "quarantine",
)


class CoreConfig(AppConfig):
    name = "reserve_portal.core"
    label = "core"
    verbose_name = "Справочники и работа портала"

    def ready(self) -> None:
        autodiscover_modules(*PLUG_MODULES)
