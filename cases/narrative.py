"""From the words of a testimony to its pseudonymised form and back: markers and their labels. No database."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases.contents import MarkerInfo, MentionWords, PersonRole, Profile, StatementContent
from cases.mentions import (
    Certainty,
    Identity,
    Marker,
    Mention,
    MentionKind,
    clean,
    find_mentions,
    lift,
    pseudonymise,
    restore,
)

KnownPeople = Sequence[tuple[str, Profile]]
"""The people of the case in order of entry: (id, profile)."""


@dataclass(frozen=True, slots=True, repr=False)
class EntityForms:
    """Everything proposed for one entity, for the confirmation page: one decision for all its forms."""

    entity: str
    kind: MentionKind
    certainty: Certainty
    forms: tuple[str, ...]
    role: str
    person: str
    known: bool


def lift_narrative(
    text: str, *, language: str, people: KnownPeople, decisions: MentionWords
) -> tuple[StatementContent, MentionWords]:
    """Lift every mention out of `text`; confirmed when the lawyer checked this very text and each lifted word."""
    cleaned = clean(text)
    mentions = find_in(cleaned, language=language, people=people, decisions=decisions)
    lifted = lift(cleaned, mentions)
    words = {str(number): word for number, word in lifted.words.items()}
    roles = {person: profile.role for person, profile in people} | dict(decisions.roles)
    markers = _describe(lifted.markers, roles, order=[person for person, _profile in people])
    seen = set(decisions.confirmed)
    checked = decisions.confirmed_text == text_digest(cleaned)
    confirmed = checked and all(word.casefold() in seen for word in words.values())
    content = StatementContent(lifted.text, language, {n: asdict(info) for n, info in markers.items()}, confirmed)
    return content, replace(decisions, words=words)


def text_digest(text: str) -> str:
    """What remembers that a text was checked without keeping it twice."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def find_in(text: str, *, language: str, people: KnownPeople, decisions: MentionWords) -> list[Mention]:
    """The mentions of a cleaned text under the lawyer's decisions."""
    extra = {surface: (MentionKind(kind), entity) for surface, (kind, entity) in decisions.extra.items()}
    return find_mentions(
        text,
        [_identity(person, profile) for person, profile in people],
        language=language,
        kept=frozenset(decisions.kept),
        extra=extra,
    )


def _identity(person: str, profile: Profile) -> Identity:
    return Identity(
        key=person,
        role=profile.role,
        given=profile.given,
        patronymic=profile.patronymic,
        family=profile.family,
        aliases=profile.aliases,
        phones=profile.phones,
        emails=profile.emails,
        addresses=profile.addresses,
        documents=profile.documents,
        handles=profile.handles,
        vehicles=profile.vehicles,
    )


def _describe(
    markers: Mapping[int, Marker], roles: Mapping[str, str], *, order: Sequence[str]
) -> dict[str, MarkerInfo]:
    """Give each entity its role and its number within the role: people on file first, then by appearance."""
    appearance = [marker.entity for marker in markers.values() if marker.kind == MentionKind.PERSON]
    ordinals: dict[str, int] = {}
    counts: dict[str, int] = {}
    for entity in dict.fromkeys([*order, *appearance]):
        role = roles.get(entity, PersonRole.OTHER.value)
        counts[role] = counts.get(role, 0) + 1
        ordinals[entity] = counts[role]
    return {
        str(number): MarkerInfo(
            entity=marker.entity,
            kind=marker.kind.value,
            role=roles.get(marker.entity, PersonRole.OTHER.value),
            ordinal=ordinals.get(marker.entity, 0),
        )
        for number, marker in markers.items()
    }


def words_of(content: StatementContent, words: MentionWords) -> str:
    """The testimony as it was written, for whoever holds both keys."""
    return restore(content.text, {int(number): word for number, word in words.words.items()})


def pseudonymised(content: StatementContent, label: Callable[[MarkerInfo], str] | None = None) -> str:
    """The testimony with labels such as `[Client]` in the active language."""
    give = label or label_of
    markers = {int(n): Marker(info["entity"], MentionKind(info["kind"])) for n, info in content.markers.items()}
    by_entity = {(info["entity"], info["kind"]): MarkerInfo(**info) for info in content.markers.values()}
    return pseudonymise(content.text, markers, lambda marker: give(by_entity[marker.entity, marker.kind.value]))


def label_of(info: MarkerInfo) -> str:
    """The label of a marker in the active language: `[Client]`, `[Officer 2]`, `[phone: Witness]`."""
    person = _person_label(info)
    match info.kind:
        case MentionKind.PERSON:
            return f"[{person}]"
        case _ if info.ordinal:
            return f"[{_kind_label(info.kind)}: {person}]"
        case _:
            return f"[{_kind_label(info.kind)}]"


def _person_label(info: MarkerInfo) -> str:
    names = {
        PersonRole.CLIENT: pgettext("role in a case", "Client"),
        PersonRole.WITNESS: _("Witness"),
        PersonRole.RELATIVE: _("Relative"),
        PersonRole.PERPETRATOR: _("Perpetrator"),
        PersonRole.OFFICIAL: _("Official"),
        PersonRole.COLLEAGUE: _("Helper"),
        PersonRole.OTHER: _("Person"),
    }
    name = names[PersonRole(info.role or PersonRole.OTHER)]
    alone = info.role == PersonRole.CLIENT and info.ordinal <= 1
    return name if alone or not info.ordinal else f"{name} {info.ordinal}"


def _kind_label(kind: str) -> str:
    return {
        "phone": _("phone"),
        "email": _("e-mail"),
        "address": _("address"),
        "document": _("document number"),
        "handle": _("account name"),
        "vehicle": _("vehicle"),
        "url": _("web address"),
        "bank_account": _("bank account"),
        "number": _("number"),
    }[kind]


def proposals(
    mentions: Iterable[Mention], text: str, people: KnownPeople, decisions: MentionWords
) -> list[EntityForms]:
    """Mentions gathered by entity and kind, people first, for one decision each."""
    names = dict(people)
    grouped: dict[tuple[str, MentionKind], list[Mention]] = {}
    for mention in mentions:
        grouped.setdefault((mention.entity, mention.kind), []).append(mention)
    found = [_forms(entity, kind, group, text, names, decisions) for (entity, kind), group in grouped.items()]
    return sorted(found, key=lambda each: (each.kind != MentionKind.PERSON, not each.known))


def _forms(
    entity: str,
    kind: MentionKind,
    group: Sequence[Mention],
    text: str,
    names: Mapping[str, Profile],
    decisions: MentionWords,
) -> EntityForms:
    forms = tuple(dict.fromkeys(text[mention.start : mention.end] for mention in group))
    order = list(Certainty)
    certainty = min((mention.certainty for mention in group), key=order.index)
    profile = names.get(entity)
    role = profile.role if profile else decisions.roles.get(entity, PersonRole.OTHER.value)
    return EntityForms(
        entity, kind, certainty, forms, role, profile.full_name if profile else "", known=profile is not None
    )
