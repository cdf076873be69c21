"""The testimony on a page: its pieces with chips where words were lifted, and a card for everything that was found."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from hashlib import sha256

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.contents import MarkerInfo, MentionWords, StatementContent
from cases.mentions import Certainty, Marker, MentionKind, detectors_for, segments
from cases.narrative import EntityForms, label_of
from cases.presentation import chip_kind

Text = str | Promise

MENTION_KINDS: dict[str, Text] = {
    MentionKind.PERSON: _("Name"),
    MentionKind.PHONE: _("Phone"),
    MentionKind.EMAIL: _("E-mail"),
    MentionKind.ADDRESS: _("Address"),
    MentionKind.DOCUMENT: _("Document number"),
    MentionKind.HANDLE: _("Account name"),
    MentionKind.VEHICLE: _("Vehicle"),
    MentionKind.URL: _("Web address"),
    MentionKind.BANK_ACCOUNT: _("Bank account"),
    MentionKind.NUMBER: _("Number"),
}
_CERTAINTIES: dict[Certainty, tuple[Text, str]] = {
    Certainty.CERTAIN: (pgettext_lazy("how sure we are", "Certain"), "ok"),
    Certainty.LIKELY: (pgettext_lazy("how sure we are", "Likely"), "warn"),
    Certainty.CHECK: (pgettext_lazy("how sure we are", "Please check"), "danger"),
}
_CONTEXT = 60
"""Characters shown at either side of a mention."""

DETECTORS: dict[str, Text] = {
    "name-as-typed": _("names on file, as you typed them"),
    "name-inflected": _("names on file in their grammatical forms"),
    "name-transliterated": _("names on file in another alphabet"),
    "name-short-form": _("short and pet forms of names on file"),
    "name-misspelt": _("names on file with a spelling mistake"),
    "alias": _("nicknames on file"),
    "number-on-file": _("phones and numbers on file"),
    "address-on-file": _("addresses on file"),
    "vehicle-on-file": _("vehicles on file"),
    "e-mail": _("e-mail addresses"),
    "url": _("web addresses"),
    "account-name": _("account names"),
    "phone": _("phone numbers"),
    "bank-card": _("bank cards"),
    "bank-account": _("bank accounts"),
    "iban": _("international bank accounts"),
    "personal-number": _("personal numbers"),
    "document-number": _("document numbers"),
    "plate": _("vehicle plates"),
    "address": _("street addresses"),
    "digits": _("any run of six digits or more"),
    "given-name": _("given names of people not on file"),
    "patronymic": _("patronymics"),
    "surname": _("words that look like family names"),
    "initials": _("initials"),
    "introduced": _("words after “my name is” and the like"),
    "nickname": _("words given as nicknames"),
    "capitalised": _("capitalised words inside a sentence"),
}
"""What each detector of names and numbers looks for; one that has no words here is shown by its own name."""


@dataclass(frozen=True, slots=True)
class Searched:
    """What was looked for in a story, and what can't be in its language."""

    ran: tuple[Text, ...]
    missing: tuple[Text, ...]


def searched_for(language: str) -> Searched:
    ran = detectors_for(language)
    return Searched(
        tuple(DETECTORS.get(slug, slug) for slug in ran),
        tuple(words for slug, words in DETECTORS.items() if slug not in ran),
    )


@dataclass(frozen=True, slots=True, repr=False)
class TextPiece:
    """A stretch of the testimony; with a `kind`, what stands at a marker. `role` names a lifted word to its reader."""

    text: str
    kind: str = ""
    role: str = ""


def testimony_pieces(content: StatementContent, words: MentionWords | None) -> list[TextPiece]:
    """The testimony as written, for whoever holds both keys (`words`), or with labels where names stood."""
    markers = {
        int(number): Marker(info["entity"], MentionKind(info["kind"])) for number, info in content.markers.items()
    }
    return [
        TextPiece(piece.text)
        if piece.marker_number is None
        else _chip(content.marker(piece.marker_number), piece.marker_number, words)
        for piece in segments(content.text, markers)
    ]


def _chip(info: MarkerInfo, number: int, words: MentionWords | None) -> TextPiece:
    label = label_of(info)[1:-1]
    written = words.words.get(str(number)) if words else None
    return TextPiece(written or label, chip_kind(info.kind, info.role), label if written else "")


@dataclass(frozen=True, slots=True, repr=False)
class MentionCard:
    """One entity and kind with every form that stands in the text: one decision. `settled`: hidden beforehand.

    `context` is the first form with some words before and after it.
    """

    entity: str
    kind: MentionKind
    kind_label: Text
    hue: str
    certainty: Text
    certainty_hue: str
    forms: tuple[str, ...]
    context: tuple[str, str, str]
    person: str
    role: str
    settled: bool
    asks_role: bool
    key: str

    @property
    def choice_name(self) -> str:
        return f"decision-{self.key}"

    @property
    def role_name(self) -> str:
        return f"role-{self.key}"


def mention_cards(found: Iterable[EntityForms], text: str, confirmed: Collection[str]) -> list[MentionCard]:
    """Cards for the confirmation page. Certain ones and those confirmed before are settled, the rest wait for a person.

    A card's key depends on its words alone: answers survive a change of the text elsewhere.
    """
    return [_card(each, text, confirmed) for each in found]


def _context(form: str, text: str) -> tuple[str, str, str]:
    """What stands before the first mention, the mention, and what stands after it; no word is cut in two."""
    start = text.index(form)
    end = start + len(form)
    before, after = text[max(0, start - _CONTEXT) : start], text[end : end + _CONTEXT]
    if start > _CONTEXT:
        before = before.partition(" ")[2]
    if end + _CONTEXT < len(text):
        after = after.rpartition(" ")[0]
    return before, form, after


def _card(each: EntityForms, text: str, confirmed: Collection[str]) -> MentionCard:
    certainty, certainty_hue = _CERTAINTIES[each.certainty]
    seen = all(form.casefold() in confirmed for form in each.forms)
    return MentionCard(
        entity=each.entity,
        kind=each.kind,
        kind_label=MENTION_KINDS[each.kind],
        hue=chip_kind(each.kind, each.role),
        certainty=certainty,
        certainty_hue=certainty_hue,
        forms=each.forms,
        context=_context(each.forms[0], text),
        person=each.person,
        role=each.role,
        settled=seen or each.certainty == Certainty.CERTAIN,
        asks_role=each.kind == MentionKind.PERSON and not each.known,
        key=sha256("\n".join((each.kind, *each.forms)).encode()).hexdigest()[:16],
    )
