from django.db.models import TextChoices


class Role(TextChoices):
    """Roles of process.md 1; stored as groups of the same code. A nominee is a reservist presented for a vacancy."""

    CANDIDATE = "candidate", "кандидат"
    RESERVIST = "reservist", "резервист"
    NOMINATOR = "nominator", "выдвигающий"
    MENTOR = "mentor", "персональный куратор (наставник)"
    EXPERT = "expert", "эксперт"
    OPERATOR = "operator", "оператор"
    COMMISSION = "commission", "член комиссии"
    AUTHORITY = "authority", "департамент (министерство)"
    MUNICIPAL = "municipal", "орган местного самоуправления"
    ADMINISTRATOR = "administrator", "администратор"
    AUDITOR = "auditor", "аудитор"


# Roles that need no second factor and that a person gets without an invitation.
PRIVATE_ROLES = frozenset({Role.CANDIDATE, Role.RESERVIST})
INVITED_ROLES = tuple(role for role in Role if role not in PRIVATE_ROLES)
ADMIN_ROLES = frozenset({Role.OPERATOR, Role.ADMINISTRATOR, Role.AUDITOR})


class OrganisationKind(TextChoices):
    SCHOOL = "school", "общеобразовательная организация"
    PRESCHOOL = "preschool", "дошкольная организация"
    EXTRA = "extra", "организация дополнительного образования"
    COLLEGE = "college", "профессиональная образовательная организация"
    AUTHORITY = "authority", "орган управления образованием"
