from django.db.models import TextChoices


class Position(TextChoices):
    CHAIR = "chair", "председатель"
    DEPUTY = "deputy", "заместитель председателя"
    SECRETARY = "secretary", "секретарь"
    MEMBER = "member", "член комиссии"


class MeetingForm(TextChoices):
    IN_PERSON = "in_person", "очное"
    REMOTE = "remote", "дистанционное"
    ABSENTEE = "absentee", "заочное (опросным путём)"


class MeetingState(TextChoices):
    PLANNED = "planned", "назначено"
    OPEN = "open", "идёт"
    CLOSED = "closed", "закрыто"
    CANCELLED = "cancelled", "отменено"


class ItemState(TextChoices):
    PENDING = "pending", "не рассмотрен"
    VOTING = "voting", "идёт голосование"
    VOTED = "voted", "голосование закончено"
    REMOVED = "removed", "снят с повестки"


class ListState(TextChoices):
    DRAFT = "draft", "составляется"
    SENT = "sent", "передан органу"
    DECIDED = "decided", "решение принято"


class Choice(TextChoices):
    FOR = "for", "за"
    AGAINST = "against", "против"
    ABSTAIN = "abstain", "воздержался"


class ConflictSource(TextChoices):
    DECLARED = "declared", "заявлен"
    COMPUTED = "computed", "установлен порталом"
