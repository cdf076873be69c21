"""Choosing and opening what a page of stage 2 shows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.access import OpenCase
from cases.contents import IncidentDetails, MarkerInfo, StatementContent
from cases.mentions.lifting import MARKER
from cases.models import Case
from cases.narrative import label_of, pseudonymised
from cases.queries import incident_of, statement_of, violation_codes
from cases.stages import Stage
from cases.violations import all_violations
from legal_analysis.anchors import Anchor, find_again
from legal_analysis.contents import AnnotationNote, FindingText, ReviewComment, from_json
from legal_analysis.errors import BeingCheckedError
from legal_analysis.models import Annotation, Category, Conclusion, Finding, FindingReview, Instrument, Provision

READABLE_STAGES = (Stage.ANALYSIS, Stage.ANONYMISATION, Stage.REVIEW, Stage.PUBLISHED)
"""Stages in which an analysis is read; it is written in Stage.ANALYSIS alone."""

# --- the library ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LibraryEntry:
    """An instrument in the list, with those of its provisions that the search words are about."""

    instrument: Instrument
    provisions: tuple[Provision, ...]


@dataclass(frozen=True, slots=True)
class LibraryGroup:
    """The instruments of one system of law."""

    label: str | Promise
    entries: tuple[LibraryEntry, ...]


_SYSTEMS: dict[str, Promise] = {
    "UN": _("United Nations"),
    "CoE": _("Council of Europe"),
    "EU": _("European Union"),
    "CIS": _("Commonwealth of Independent States"),
}


def library(words: str = "") -> list[LibraryGroup]:
    """Instruments in order of the reference data, grouped by system.

    With `words`, only where each of them stands in the code, a title, the body, or one provision, in either language.
    Without, every instrument, and no provisions.
    """
    wanted = words.casefold().split()
    found = [entry for each in _instruments() if (entry := _matching(each, wanted)) is not None]
    groups: dict[str, list[LibraryEntry]] = {}
    for entry in found:
        groups.setdefault(entry.instrument.system.split()[0], []).append(entry)
    return [LibraryGroup(_SYSTEMS.get(system, system), tuple(entries)) for system, entries in groups.items()]


def _instruments() -> QuerySet[Instrument]:
    return Instrument.objects.prefetch_related(
        models.Prefetch("provisions", Provision.objects.select_related("instrument"))
    )


def _matching(instrument: Instrument, wanted: Sequence[str]) -> LibraryEntry | None:
    if not wanted:
        return LibraryEntry(instrument, ())
    about = f"{instrument.code} {instrument.title_en} {instrument.title_ru} {instrument.body}".casefold()
    rest = [word for word in wanted if word not in about]
    if not rest:
        return LibraryEntry(instrument, ())
    provisions = tuple(each for each in instrument.provisions.all() if _is_about(each, rest))
    return LibraryEntry(instrument, provisions) if provisions else None


def _is_about(provision: Provision, words: Iterable[str]) -> bool:
    category = Category(provision.category).label
    text = f"{provision.ref} {provision.heading_en} {provision.heading_ru} {category}".casefold()
    return all(word in text for word in words)


def find_instrument(code: str) -> Instrument:
    """The instrument of this code, or 404."""
    instrument = Instrument.objects.select_related("confirmed_by__organisation").filter(code=code).first()
    if instrument is None:
        raise Http404
    return instrument


def provisions_of(instrument: Instrument) -> QuerySet[Provision]:
    """Every version of every provision, in order of the reference data."""
    return Provision.objects.filter(instrument=instrument).select_related("instrument")


def in_force_on(day: date, until: date | None = None) -> QuerySet[Provision]:
    """Versions in force on a day, or on some day up to and with `until`. Unknown days exclude nothing."""
    return Provision.objects.filter(_in_force(day, until or day)).select_related("instrument")


def _in_force(first: date, last: date) -> Q:
    begun = Q(in_force_from=None) | Q(in_force_from__lte=last)
    not_over = Q(in_force_until=None) | Q(in_force_until__gte=first)
    return begun & not_over


# --- the case -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LawDays:
    """The days whose law the analysis applies: that of the incident, or its whole year where the day is not known."""

    first: date
    last: date

    @property
    def is_one_day(self) -> bool:
        return self.first == self.last


@dataclass(frozen=True, slots=True)
class ProvisionGroup:
    label: str | Promise
    provisions: tuple[Provision, ...]


@dataclass(frozen=True, slots=True)
class ProvisionOptions:
    """What can be chosen in a case: provisions that its kinds of violation suggest, then all, by instrument."""

    days: LawDays
    groups: tuple[ProvisionGroup, ...]

    def find(self, provision_id: str) -> Provision | None:
        each_one = (provision for group in self.groups for provision in group.provisions)
        return next((provision for provision in each_one if str(provision.id) == provision_id), None)


def law_days(case: Case, incident: IncidentDetails) -> LawDays:
    """The day of the incident; the year of the case where that day is not known."""
    try:
        day = date.fromisoformat(incident.date)
    except ValueError:
        return LawDays(date(case.year, 1, 1), date(case.year, 12, 31))
    return LawDays(day, day)


def provision_options(opened: OpenCase, *also: UUID) -> ProvisionOptions:
    """Provisions in force on the day of the incident, and those `also` chosen before, in force or not."""
    _row, incident = incident_of(opened)
    days = law_days(opened.case, incident)
    chosen = _in_force(days.first, days.last) | Q(pk__in=also)
    provisions = list(Provision.objects.filter(chosen).order_by("instrument_id", "id"))
    instruments = Instrument.objects.only("code", "title_en", "title_ru").in_bulk()
    for provision in provisions:
        provision.instrument = instruments[provision.instrument_id]
    wanted = _suggested(violation_codes(opened.case))
    suggested = sorted(
        (each for each in provisions if _key(each.instrument.code, each.ref) in wanted),
        key=lambda each: wanted.index(_key(each.instrument.code, each.ref)),
    )
    groups = [ProvisionGroup(_("Suggested for this case"), tuple(suggested))] if suggested else []
    by_instrument: dict[str, list[Provision]] = {}
    for provision in provisions:
        by_instrument.setdefault(provision.instrument.code, []).append(provision)
    groups += [ProvisionGroup(_name(group[0].instrument), tuple(group)) for group in by_instrument.values()]
    return ProvisionOptions(days, tuple(groups))


def _name(instrument: Instrument) -> str:
    return f"{instrument.code} · {instrument.title}"


def _suggested(violations: Iterable[str]) -> list[str]:
    """Keys of the provisions that the kinds of violation usually touch, those of the first kind first."""
    known = all_violations()
    articles = (article for code in violations if code in known for article in known[code].articles)
    return list(dict.fromkeys(_key(*article.split(":", 1)) for article in articles if ":" in article))


def _key(code: str, ref: str) -> str:
    return f"{code}:{ref}".replace(" ", "")


def readable_statement(opened: OpenCase) -> StatementContent:
    """The pseudonymised testimony.

    Raises BeingCheckedError for an expert while names in it are not yet confirmed: one that was missed would be read.
    """
    _row, content = statement_of(opened)
    if content.text and not content.confirmed and not opened.can("change_case"):
        raise BeingCheckedError
    return content


def marker_labels(content: StatementContent) -> dict[int, str]:
    """Labels such as `[Client]` by number, in the active language."""
    return {int(number): label_of(MarkerInfo(**info)) for number, info in content.markers.items()}


def markers_in(content: StatementContent, quote: str) -> dict[str, Mapping[str, Any]]:
    """What the markers of a quote stand for."""
    numbers = dict.fromkeys(found[1] for found in MARKER.finditer(quote))
    return {number: content.markers[number] for number in numbers if number in content.markers}


# --- annotations ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, repr=False)
class AnnotationLine:
    """An annotation as it stands in the present testimony.

    `place` is None where its words are lost. `words` are as they read now, or for a lost one as they read when it was
    written; `read_before` is how they read then where a name in them has become another since.
    """

    number: int
    row: Annotation
    note: AnnotationNote
    provision: Provision
    place: Anchor | None
    words: str
    read_before: str


def note_of(opened: OpenCase, row: Annotation) -> AnnotationNote:
    return from_json(AnnotationNote, opened.testimony.unseal(row, "sealed_note"))


def find_annotation(opened: OpenCase, annotation_id: UUID) -> Annotation:
    """An annotation of this case, or 404."""
    row = Annotation.objects.filter(case=opened.case, pk=annotation_id).first()
    if row is None:
        raise Http404
    return row


def annotations_of(opened: OpenCase, content: StatementContent) -> list[AnnotationLine]:
    """The annotations in order of their places in `content`, lost ones last, numbered from 1."""
    rows = Annotation.objects.filter(case=opened.case).select_related("author")
    found = []
    for row in rows:
        note = note_of(opened, row)
        found.append((row, note, find_again(note.anchor, content.text)))
    provisions = _provisions({note.provision_id for _row, note, _place in found})
    found.sort(key=lambda each: (each[2] is None, each[2].start if each[2] else 0, each[0].id))
    return [
        _annotation_line(number, row, note, provisions[note.provision_id], place, content)
        for number, (row, note, place) in enumerate(found, start=1)
    ]


def _provisions(ids: Iterable[UUID]) -> dict[UUID, Provision]:
    return Provision.objects.select_related("instrument").in_bulk(list(ids))


def _annotation_line(
    number: int,
    row: Annotation,
    note: AnnotationNote,
    provision: Provision,
    place: Anchor | None,
    content: StatementContent,
) -> AnnotationLine:
    then = words_then(note)
    now = pseudonymised(StatementContent(text=place.quote, markers=content.markers)) if place else then
    return AnnotationLine(number, row, note, provision, place, now, then if then != now else "")


def words_then(note: AnnotationNote) -> str:
    """The quote as it read when the annotation was written, with labels in the active language."""
    return pseudonymised(StatementContent(text=note.quote, markers=note.markers))


# --- findings -------------------------------------------------------------------------------------------------------


class ReviewState(models.TextChoices):
    """Where a finding stands with a second expert. Reviews of an earlier wording do not count."""

    WAITING = "waiting", _("Waits for a second expert")
    DISPUTED = "disputed", _("A second expert disagrees")
    AGREED = "agreed", _("Agreed by a second expert")
    SINGLE = "single", _("View of one expert")


@dataclass(frozen=True, slots=True, repr=False)
class ReviewLine:
    """A review; `counts` is false where it judged an earlier wording."""

    row: FindingReview
    comment: str
    counts: bool


@dataclass(frozen=True, slots=True)
class OpenFinding:
    """What is in the clear of a finding: all that an anonymised record says of it."""

    id: UUID
    provision: Provision
    conclusion: Conclusion
    state: ReviewState


@dataclass(frozen=True, slots=True, repr=False)
class FindingLine:
    """A finding, opened."""

    row: Finding
    provision: Provision
    conclusion: Conclusion
    state: ReviewState
    text: FindingText
    reviews: tuple[ReviewLine, ...]


def _findings(case: Case) -> QuerySet[Finding]:
    reviews = FindingReview.objects.select_related("reviewer")
    return (
        Finding.objects.filter(case=case)
        .select_related("provision__instrument", "author")
        .prefetch_related(models.Prefetch("reviews", reviews))
    )


def open_findings(case: Case) -> list[OpenFinding]:
    """The findings of a case by their open facets; needs no key."""
    return [
        OpenFinding(row.id, row.provision, Conclusion(row.conclusion), review_state(row)) for row in _findings(case)
    ]


def review_state(finding: Finding) -> ReviewState:
    """Where the finding stands, by the reviews of its present wording."""
    answers = {review.agrees for review in finding.reviews.all() if review.finding_revision == finding.revision}
    if True in answers:
        return ReviewState.AGREED
    if finding.single_expert:
        return ReviewState.SINGLE
    return ReviewState.DISPUTED if answers else ReviewState.WAITING


def findings_of(opened: OpenCase) -> list[FindingLine]:
    """The findings of a case with reasoning and reviews, in the order they were written."""
    return [_finding_line(opened, row) for row in _findings(opened.case)]


def _finding_line(opened: OpenCase, row: Finding) -> FindingLine:
    text = from_json(FindingText, opened.testimony.unseal(row, "sealed_reasoning"))
    reviews = tuple(_review_line(opened, review, row) for review in row.reviews.all())
    return FindingLine(row, row.provision, Conclusion(row.conclusion), review_state(row), text, reviews)


def _review_line(opened: OpenCase, review: FindingReview, finding: Finding) -> ReviewLine:
    sealed = opened.testimony.unseal(review, "sealed_comment")
    comment = from_json(ReviewComment, sealed).comment
    return ReviewLine(review, comment, review.finding_revision == finding.revision)


def find_finding(opened: OpenCase, finding_id: UUID) -> FindingLine:
    """A finding of this case, opened, or 404."""
    row = _findings(opened.case).filter(pk=finding_id).first()
    if row is None:
        raise Http404
    return _finding_line(opened, row)
