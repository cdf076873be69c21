"""How pages of stage 1 show what was opened: plain values with their words ready; templates only place them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django import forms
from django.urls import reverse
from django.utils.formats import date_format, time_format
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from casebook.core.countries import COUNTRIES
from cases.contents import Card, EvidenceMeta, Gender, IncidentDetails, PersonRole
from cases.history import Change, How, What
from cases.mentions import MentionKind
from cases.models import Case, ConsentScope, EvidenceFile
from cases.queries import CaseLine
from cases.stages import LINE, Stage
from cases.violations import all_violations, evidence_kinds, perpetrator_kinds

Text = str | Promise

_ROLE_HUES = {
    PersonRole.CLIENT.value: "victim",
    PersonRole.WITNESS.value: "witness",
    PersonRole.RELATIVE.value: "relative",
    PersonRole.PERPETRATOR.value: "perpetrator",
    PersonRole.OFFICIAL.value: "perpetrator",
}
_KIND_HUES = {"vehicle": "plate", "bank_account": "number"}


def chip_kind(kind: str, role: str) -> str:
    """The hue of a mention: a person by role, everything else by kind."""
    return _ROLE_HUES.get(role, "person") if kind == MentionKind.PERSON else _KIND_HUES.get(kind, kind)


def violation_labels(codes: Iterable[str]) -> list[str]:
    """Labels in the order of the list; a code that the list no longer has stands for itself."""
    known = all_violations()
    chosen = set(codes)
    return [each.label for code, each in known.items() if code in chosen] + sorted(chosen - set(known))


# --- the list -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Flag:
    """A few words on a coloured ground."""

    label: Text
    hue: str
    icon: str


@dataclass(frozen=True, slots=True, repr=False)
class CaseRow:
    """A case in the list. `sealed` where the reader holds no key to its title."""

    url: str
    reference: str
    title: str
    where: str
    stage: str
    stage_label: Text
    flags: tuple[Flag, ...]
    sealed: bool

    @property
    def urgent(self) -> bool:
        return bool(self.flags) and self.stage in _AT_WORK


_AT_WORK = frozenset(stage.value for stage in LINE if stage != Stage.PUBLISHED)
_PLACE = "reference"


def case_rows(lines: Iterable[CaseLine]) -> list[CaseRow]:
    """Addresses and labels are looked up once for the page, not once a row."""
    pattern = reverse("cases:detail", args=(_PLACE,))
    countries = {code: str(name) for code, name in COUNTRIES.items()}
    stages = {stage: str(stage.label) for stage in Stage}
    return [
        CaseRow(
            url=pattern.replace(_PLACE, line.reference),
            reference=line.reference,
            title=line.card.title if line.card else "",
            where=f"{countries.get(line.country, line.country)} · {line.year}",
            stage=line.stage.value,
            stage_label=stages[line.stage],
            flags=urgent_flags(line.card) if line.card else (),
            sealed=line.card is None,
        )
        for line in lines
    ]


def urgent_flags(card: Card) -> tuple[Flag, ...]:
    """What cannot wait: danger first, then custody with its first hour."""
    flags = [Flag(_("Not safe now"), "danger", "alert")] if card.unsafe else []
    if card.in_custody:
        flags.append(Flag(_custody_words(card.custody_since), "warn", "clock"))
    return tuple(flags)


def _custody_words(since: str) -> str:
    if not since:
        return gettext("In custody")
    moment = datetime.fromisoformat(since)
    return gettext("In custody since %(moment)s") % {"moment": moment_words(moment)}


def moment_words(moment: datetime) -> str:
    """A day and an hour as people say them."""
    return f"{date_format(moment, 'j E Y')}, {time_format(moment, 'H:i')}"


# --- facts and consents -------------------------------------------------------------------------------------------

CONSENT_WORDS: dict[str, Text] = {
    ConsentScope.KEEP: _("We keep the record, sealed. Without this answer the case should be closed and erased."),
    ConsentScope.EXPERTS: _(
        "Lawyers read the story with labels in the place of names, and say which rights were broken."
    ),
    ConsentScope.STATISTICS: _("The case is counted in tables. Small numbers are never shown."),
    ConsentScope.PUBLISH: _(
        "A shortened story without names, places and exact dates goes into a public report, after a stranger tried to "
        "find out who it is about and could not."
    ),
    ConsentScope.SUBMIT: _("The case may be sent to a court, an ombudsman or a committee of the United Nations."),
    ConsentScope.NAMED: _("The real name may be used. Ask again before each use."),
}
"""What a yes means, as one would say it to the person."""


@dataclass(frozen=True, slots=True, repr=False)
class FactLine:
    label: Text
    value: str


def facts_lines(case: Case, card: Card | None, incident: IncidentDetails | None) -> list[FactLine]:
    """The facts in reading order: open facets for everybody, the rest where it was opened. Empty ones are left out."""
    perpetrator = perpetrator_kinds().get(case.perpetrator)
    lines = [
        FactLine(_("When"), _when(case, card, incident)),
        FactLine(_("Country"), str(COUNTRIES.get(case.country, case.country))),
        FactLine(_("Region"), card.region if card else ""),
        FactLine(_("Place"), incident.place if incident else ""),
        FactLine(_("Who did it"), str(perpetrator or "")),
    ]
    return [line for line in [*lines, *(_card_lines(card) if card else ())] if line.value]


def _when(case: Case, card: Card | None, incident: IncidentDetails | None) -> str:
    if incident is not None and incident.date:
        day = date_format(date.fromisoformat(incident.date), "j E Y")
        return f"{day}, {incident.time}" if incident.time else day
    if card is not None and card.month:
        return date_format(date(case.year, card.month, 1), "F Y")
    return str(case.year)


def _card_lines(card: Card) -> list[FactLine]:
    now = (_("pregnant"), card.pregnant), (_("has children to look after"), card.has_children)
    health = (_("HIV"), card.hiv), (_("hepatitis"), card.hepatitis), (_("on treatment"), card.on_treatment)
    gender = str(Gender(card.gender).label) if card.gender else ""
    return [
        FactLine(_("Gender"), gender),
        FactLine(_("Age"), "" if card.age is None else str(card.age)),
        FactLine(_("Situation"), _listed(now)),
        FactLine(_("Health"), _listed(health)),
    ]


def _listed(words: Iterable[tuple[Text, bool]]) -> str:
    return ", ".join(str(word) for word, holds in words if holds)


# --- history ------------------------------------------------------------------------------------------------------

_CHANGES: dict[What, dict[How, Text]] = {
    What.CASE: {How.ADDED: _("Case opened")},
    What.STAGE: {How.CHANGED: _("Moved to: %(about)s")},
    What.FACTS: {How.CHANGED: _("Facts changed")},
    What.VIOLATION: {
        How.ADDED: _("Kind of violation added: %(about)s"),
        How.REMOVED: _("Kind of violation taken out: %(about)s"),
    },
    What.NARRATIVE: {How.ADDED: _("Story written"), How.CHANGED: _("Story changed")},
    What.PERSON: {
        How.ADDED: _("Person added: %(about)s"),
        How.CHANGED: _("Person changed: %(about)s"),
        How.REMOVED: _("Person taken out: %(about)s"),
    },
    What.CONSENT: {
        How.ADDED: _("Consent “%(about)s”: %(answer)s"),
        How.CHANGED: _("Consent “%(about)s”: %(answer)s"),
    },
    What.EVIDENCE: {How.ADDED: _("File added: %(about)s"), How.REMOVED: _("File deleted: %(about)s")},
}
_HUES = {How.ADDED: "ok", How.CHANGED: "info", How.REMOVED: "danger"}
_ANSWERS: dict[str, Text] = {"yes": _("yes"), "no": _("no"), "withdrawn": _("taken back")}


@dataclass(frozen=True, slots=True, repr=False)
class ChangeLine:
    """One change in words; `version` where the story of that moment may be opened."""

    text: str
    hue: str
    at: datetime
    who: str
    version: int | None


def change_lines(changes: Iterable[Change]) -> list[ChangeLine]:
    return [ChangeLine(_change_words(each), _HUES[each.how], each.at, each.who, each.version) for each in changes]


def _change_words(change: Change) -> str:
    pattern = _CHANGES[change.what].get(change.how, _("Changed: %(about)s"))
    return str(pattern) % {"about": _about(change), "answer": _ANSWERS.get(change.answer, "")}


def _about(change: Change) -> str:
    match change.what:
        case What.STAGE:
            return str(Stage(change.about).label)
        case What.VIOLATION:
            return violation_labels([change.about])[0]
        case What.CONSENT:
            return str(ConsentScope(change.about).label)
        case _:
            return change.about


# --- evidence -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, repr=False)
class EvidenceLine:
    """A file in the list of evidence."""

    id: UUID
    name: str
    kind: str
    size: str


def evidence_lines(files: Iterable[tuple[EvidenceFile, EvidenceMeta]]) -> list[EvidenceLine]:
    terms = evidence_kinds()
    return [
        EvidenceLine(row.id, meta.name, str(terms.get(meta.kind, "")), size_words(meta.size)) for row, meta in files
    ]


def size_words(size: int) -> str:
    """A file's size as people say it."""
    if size < 1024:
        return ngettext("%(count)d byte", "%(count)d bytes", size) % {"count": size}
    if size < 2**20:
        return gettext("%(count)d KB") % {"count": round(size / 1024)}
    return gettext("%(count).1f MB") % {"count": size / 2**20}


# --- two versions -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, repr=False)
class Difference:
    """A field that reads otherwise in what is stored and in what was typed."""

    label: Text
    stored: str
    typed: str


def differences(form: forms.Form, stored: Mapping[str, Any], *, heading: str = "") -> list[Difference]:
    """Where the typed values of a valid form differ from the stored ones, in words, under a heading if there is one."""
    found = []
    for name, field in form.fields.items():
        typed, kept = form.cleaned_data.get(name), stored.get(name)
        if name != "revision" and _plain(typed) != _plain(kept):
            label = f"{heading}: {field.label}" if heading else field.label or ""
            found.append(Difference(label, _words(field, kept), _words(field, typed)))
    return found


def _plain(value: Any) -> Any:
    """Empty values alike, and lists without regard to their order."""
    if isinstance(value, list | tuple):
        return tuple(sorted(map(str, value)))
    return None if value is False or value == "" else value


def _words(field: forms.Field, value: Any) -> str:
    shown: Callable[[Any], str] = _choice_words(field) if isinstance(field, forms.ChoiceField) else _value_words
    values: Sequence[Any] = value if isinstance(value, list | tuple) else [value]
    return "\n".join(shown(each) for each in values) or "–"


def _choice_words(field: forms.ChoiceField) -> Callable[[Any], str]:
    choices: Any = field.choices
    labels = {str(code): str(label) for code, label in choices}
    return lambda value: labels.get(str(value or ""), str(value or "–"))


def _value_words(value: Any) -> str:
    match value:
        case bool():
            return gettext("Yes") if value else gettext("No")
        case datetime():
            return moment_words(value)
        case date():
            return date_format(value, "j E Y")
        case time():
            return time_format(value, "H:i")
        case _:
            return str(value or "–")
