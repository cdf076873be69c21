"""What is inside the sealed values of a case. Plain values; sealing them is the compartment's."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class PersonRole(models.TextChoices):
    CLIENT = "client", pgettext_lazy("role in a case", "Client")
    WITNESS = "witness", _("Witness")
    RELATIVE = "relative", _("Relative")
    PERPETRATOR = "perpetrator", _("Perpetrator")
    OFFICIAL = "official", _("Official")
    COLLEAGUE = "colleague", _("Colleague or helper")
    OTHER = "other", _("Other person")


class Gender(models.TextChoices):
    WOMAN = "woman", _("Woman")
    MAN = "man", _("Man")
    NON_BINARY = "non_binary", _("Non-binary")
    TRANS_WOMAN = "trans_woman", _("Trans woman")
    TRANS_MAN = "trans_man", _("Trans man")
    NOT_SAID = "", _("Not said")


@dataclass(frozen=True, slots=True, repr=False)
class Profile:
    """A person in the case, as typed at intake."""

    role: str = PersonRole.CLIENT
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
    birth_date: str = ""
    note: str = ""

    @property
    def full_name(self) -> str:
        parts = (self.given, self.patronymic, self.family)
        return " ".join(part for part in parts if part) or ", ".join(self.aliases)


@dataclass(frozen=True, slots=True, repr=False)
class Card:
    """Working title and fine facets: what a list and a statistic show to whoever holds the key.

    `custody_since` is ISO 8601 by the clock there, without a zone, or empty.
    """

    title: str = ""
    region: str = ""
    month: int | None = None
    age: int | None = None
    gender: str = ""
    pregnant: bool = False
    has_children: bool = False
    in_custody: bool = False
    custody_since: str = ""
    unsafe: bool = False
    hiv: bool = False
    hepatitis: bool = False
    on_treatment: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class IncidentDetails:
    """When and where, exactly: ISO date, HH:MM, and the place in words."""

    date: str = ""
    time: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class MarkerInfo:
    """What an expert may know of a marker: whose it is by number, its kind, and the person's role and ordinal."""

    entity: str
    kind: str
    role: str = ""
    ordinal: int = 0


@dataclass(frozen=True, slots=True, repr=False)
class StatementContent:
    """The pseudonymised testimony: text with ⟦n⟧ markers, what each is, and whether the lawyer checked them."""

    text: str = ""
    language: str = "ru"
    markers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    confirmed: bool = False

    def marker(self, number: int) -> MarkerInfo:
        return MarkerInfo(**self.markers[str(number)])


@dataclass(frozen=True, slots=True, repr=False)
class MentionWords:
    """What stood at each marker, and the lawyer's decisions.

    `kept`: casefolded words she said are no names. `extra`: words she marked herself -> (kind, entity).
    `roles`: role of entities nobody typed in. `confirmed`: casefolded words that she has seen and confirmed;
    `confirmed_text`: SHA-256, in hexadecimal, of the testimony that she confirmed them in.
    """

    words: Mapping[str, str] = field(default_factory=dict)
    kept: tuple[str, ...] = ()
    extra: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    confirmed: tuple[str, ...] = ()
    confirmed_text: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class ConsentDetails:
    """How a consent was asked: spoken, written or recorded; in which language; on which day (ISO); by whom."""

    how: str = "spoken"
    language: str = ""
    asked_on: str = ""
    asked_by: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class EvidenceMeta:
    """Name, type and size in bytes of a file, and its key, sealed length and SHA-256 in hexadecimal."""

    name: str
    content_type: str
    size: int
    key: str
    sealed_length: int
    sha256: str
    kind: str = ""


Content = TypeVar(
    "Content", Profile, Card, IncidentDetails, StatementContent, MentionWords, ConsentDetails, EvidenceMeta
)


def as_json(content: Any) -> dict[str, Any]:
    return asdict(content)


def from_json(kind: type[Content], data: Mapping[str, Any]) -> Content:
    """The value of a kind; lists become tuples, and a field that a later version dropped is ignored."""
    known = {each.name for each in fields(kind)}
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items() if k in known}
    return kind(**values)
