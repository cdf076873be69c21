"""What the mention detectors take and give: kinds, certainties, identities and mentions."""

from dataclasses import dataclass
from enum import StrEnum


class MentionKind(StrEnum):
    """What stands in the text; NUMBER is a run of six digits or more that no pattern explains."""

    PERSON = "person"
    PHONE = "phone"
    EMAIL = "email"
    ADDRESS = "address"
    DOCUMENT = "document"
    HANDLE = "handle"
    VEHICLE = "vehicle"
    URL = "url"
    BANK_ACCOUNT = "bank_account"
    NUMBER = "number"


class Certainty(StrEnum):
    """How sure a detector is: the screen accepts CERTAIN ones beforehand, the others wait for a person."""

    CERTAIN = "certain"
    LIKELY = "likely"
    CHECK = "check"


@dataclass(frozen=True, slots=True)
class Identity:
    """A person of the case as typed at intake; `key` is her id, every name in its base form."""

    key: str
    role: str
    given: str = ""
    patronymic: str = ""
    family: str = ""
    aliases: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    handles: tuple[str, ...] = ()
    vehicles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mention:
    """A proposal to lift text[start:end]; offsets count Unicode code points.

    `entity` is the key of an Identity, or "?1", "?2" and so on for somebody or something nobody typed in.
    """

    start: int
    end: int
    kind: MentionKind
    certainty: Certainty
    entity: str
    detector: str
