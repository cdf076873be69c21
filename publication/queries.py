"""Choosing and opening what a page of stage 3 shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils import timezone, translation
from django.utils.translation import gettext

from accounts.access import require_role
from accounts.actor import Actor
from accounts.models import Role, User
from casebook.core import ledger
from casebook.core.countries import COUNTRIES
from cases.access import OpenCase, permitted, readable_ids
from cases.contents import StatementContent
from cases.levels import AccessLevel
from cases.mentions import clean
from cases.models import Case, CaseViolation, CompartmentName, Statement
from cases.narrative import find_in, label_of
from cases.queries import candidates, card_of, incident_of, known_people, narrative_of, statement_of, violation_codes
from cases.roster import roster_of
from cases.stages import Stage
from cases.wraps import open_in_each
from legal_analysis.queries import OpenFinding, ReviewState, open_findings
from publication.contents import DraftState, ReviewAnswers
from publication.digest_content import DigestContent, RecordPage
from publication.facets import FacetQuestion, FineFacets, facet_questions, fine_facets, generalise
from publication.models import (
    AnonymisedRecord,
    Digest,
    IntruderReview,
    NumberSeries,
    PublishedRecord,
    RedactionDraft,
)
from publication.quasi_identifiers import find_quasi
from publication.record_content import PublicFinding, RecordContent, legal_index, record_page
from publication.redaction import (
    Leftover,
    Piece,
    Proposal,
    Substitution,
    context_of,
    gather,
    leftovers,
    pieces,
    proposal_key,
    redact,
    still_visible,
    substitutions,
    unanswered,
)

REGISTER_PAGE = 30


# --- anonymising --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, repr=False)
class Workbench:
    """Everything the anonymiser works on. `draft` is None before anything was decided."""

    statement: Statement | None
    content: StatementContent
    draft: RedactionDraft | None
    state: DraftState
    proposals: Sequence[Proposal]
    fine: FineFacets
    questions: Sequence[FacetQuestion]

    @property
    def left(self) -> int:
        """How many proposals and facets wait for an answer."""
        open_facets = [each for each in self.questions if each.name not in self.state.facets]
        return len(unanswered(self.proposals, self.state.decisions)) + len(open_facets)

    @property
    def is_behind(self) -> bool:
        """Whether the testimony was changed after these decisions were saved."""
        return (
            self.draft is not None
            and self.statement is not None
            and self.state.statement_revision != self.statement.revision
        )

    @property
    def substitutions(self) -> tuple[Substitution, ...]:
        return substitutions(self.proposals, self.state.decisions, self.state.hidden)

    def pieces(self) -> list[Piece]:
        return pieces(self.content.text, self.proposals, self.state.decisions, self.state.hidden)


@dataclass(frozen=True, slots=True, repr=False)
class Preview:
    """The record that these decisions make, and what has to be looked at before it leaves the house.

    `names` are words of people on file, `visible` hidden words that a replacement brought back: both block.
    `leftovers` are looked at one by one. Without `names_checked` nobody compared with the names on file.
    """

    record: RecordContent
    visible: Sequence[str]
    names: Sequence[str]
    leftovers: Sequence[Leftover]
    names_checked: bool


def workbench_of(opened: OpenCase) -> Workbench:
    """Proposals for the testimony as it is now, with what was decided about them."""
    statement, content = statement_of(opened)
    draft, state = draft_of(opened)
    found = find_quasi(content.text, language=content.language)
    _incident, incident = incident_of(opened)
    fine = fine_facets(opened.case.year, card_of(opened), incident)
    return Workbench(statement, content, draft, state, gather(content.text, found), fine, facet_questions(fine))


def draft_of(opened: OpenCase) -> tuple[RedactionDraft | None, DraftState]:
    row = RedactionDraft.objects.filter(case=opened.case).first()
    if row is None:
        return None, DraftState()
    return row, DraftState.from_json(opened.testimony.unseal(row, "sealed_state"))


def preview_of(opened: OpenCase, bench: Workbench) -> Preview:
    """What would be submitted. Names are compared where the identity compartment is open."""
    record = _record_content(opened, bench)
    names, likely = _names_in(opened, bench, record) if opened.holds(CompartmentName.IDENTITY) else ((), ())
    left = leftovers(bench.content.text, bench.proposals, bench.substitutions)
    listed = {each.word.casefold() for each in left}
    left += [each for each in likely if each.word.casefold() not in listed]
    return Preview(
        record,
        still_visible(bench.content.text, bench.substitutions),
        names,
        left,
        names_checked=opened.holds(CompartmentName.IDENTITY),
    )


def _record_content(opened: OpenCase, bench: Workbench) -> RecordContent:
    return RecordContent(
        title=bench.state.title,
        narrative=_narrative(bench, labelled=True),
        narrative_language=bench.content.language,
        country=opened.case.country,
        facets=generalise(bench.fine, bench.state.facets),
        perpetrator=opened.case.perpetrator,
        violations=tuple(violation_codes(opened.case)),
        findings=tuple(_public_finding(finding) for finding in open_findings(opened.case)),
    )


def _narrative(bench: Workbench, *, labelled: bool) -> str:
    """The redacted text; its labels are in the language of the testimony where they are translated, else English."""
    markers = bench.content.markers

    def label(number: int) -> str:
        return label_of(bench.content.marker(number)) if labelled and str(number) in markers else "[…]"

    language = bench.content.language
    with translation.override(language if language in dict(settings.LANGUAGES) else "en"):
        return redact(bench.content.text, bench.substitutions, label)


def _public_finding(finding: OpenFinding) -> PublicFinding:
    provision = finding.provision
    return PublicFinding(
        provision_id=str(provision.id),
        instrument=provision.instrument.code,
        ref=provision.ref,
        heading={"en": provision.heading_en, "ru": provision.heading_ru},
        conclusion=finding.conclusion.value,
        single_expert=finding.state != ReviewState.AGREED,
    )


def _names_in(opened: OpenCase, bench: Workbench, record: RecordContent) -> tuple[tuple[str, ...], list[Leftover]]:
    """Words of the output that stand for somebody on file, and words that may stand for somebody else."""
    _map, words = narrative_of(opened)
    text = clean("\n".join((record.title, record.facets.region, _narrative(bench, labelled=False))))
    known: dict[str, None] = {}
    likely: dict[str, Leftover] = {}
    found = find_in(text, language=bench.content.language, people=known_people(opened), decisions=words)
    for mention in found:
        surface = text[mention.start : mention.end]
        if not mention.entity.startswith("?"):
            known[surface] = None
        else:
            found_here = Leftover(proposal_key("left", surface), surface, context_of(text, mention.start, mention.end))
            likely.setdefault(surface.casefold(), found_here)
    return tuple(known), list(likely.values())


def reviewers_for(opened: OpenCase) -> list[User]:
    """Advocates with confirmed keys who never saw more of this case than its anonymised record."""
    inside = roster_of(opened.case).everybody
    return [person for person in candidates(opened.actor, AccessLevel.REVIEWER) if person.id not in inside]


# --- reviewing ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, repr=False)
class WaitingRecord:
    """A record on the reviewer's list. `title` is None where her key has not reached her."""

    reference: str
    where: str
    title: str | None


def record_of(opened: OpenCase) -> tuple[AnonymisedRecord, RecordContent]:
    """The anonymised record of a case, or 404."""
    row = AnonymisedRecord.objects.filter(case=opened.case).first()
    if row is None:
        raise Http404
    return row, RecordContent.from_json(opened.record.unseal(row, "sealed_record"))


def latest_review(opened: OpenCase) -> tuple[IntruderReview, ReviewAnswers] | None:
    """What the last reviewer said, for whoever may read the record."""
    row = IntruderReview.objects.filter(case=opened.case).order_by("-id").select_related("reviewer").first()
    if row is None:
        return None
    return row, ReviewAnswers.from_json(opened.record.unseal(row, "sealed_answers"))


@transaction.atomic
def waiting_records(actor: Actor) -> list[WaitingRecord]:
    """Cases that wait for this reviewer, oldest first. Opens nothing but titles of anonymised records."""
    require_role(actor, Role.ADVOCATE)
    actor.require_keys()
    cases = list(permitted(actor, "review_case").filter(stage=Stage.REVIEW).order_by("id"))
    titles = _record_titles(actor, cases)
    ledger.record(
        "publication.list_reviews", actor=actor, opened=[case.reference for case in cases if case.id in titles]
    )
    return [WaitingRecord(case.reference, _where(case), titles.get(case.id)) for case in cases]


def _where(case: Case) -> str:
    return f"{COUNTRIES.get(case.country, case.country)} · {case.year}"


def _record_titles(actor: Actor, cases: Sequence[Case]) -> Mapping[UUID, str]:
    records = {row.case_id: row for row in AnonymisedRecord.objects.filter(case__in=cases)}
    readable = readable_ids(actor, cases, "read_record")
    open_to_me = [case for case in cases if case.id in records and case.id in readable]
    return {
        case_id: str(opened.unseal(records[case_id], "sealed_record")["title"])
        for case_id, opened in open_in_each(actor, open_to_me, CompartmentName.RECORD).items()
    }


# --- what is public -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, repr=False)
class RegisterLine:
    """A record in the register; a withdrawn one has no page."""

    row: PublishedRecord
    page: RecordPage | None


@dataclass(frozen=True, slots=True, repr=False)
class RegisterPage:
    """One page of the register, newest first; `next_before` is the cursor of the page after, or None."""

    lines: Sequence[RegisterLine]
    next_before: UUID | None


def visible_records() -> QuerySet[PublishedRecord]:
    """Records that anybody may read: not retracted, of cases that are published."""
    return PublishedRecord.objects.filter(retracted_on=None, case__stage=Stage.PUBLISHED)


def register_page(
    *, country: str = "", year: str = "", violation: str = "", before: UUID | None = None
) -> RegisterPage:
    """The register of all organisations. A withdrawn record is listed by its number; never by what it was about."""
    rows = PublishedRecord.objects.filter(Q(pk__in=visible_records()) | Q(retracted_on__isnull=False))
    if country:
        rows = rows.filter(number__contains=f"-{country}-")
    if year:
        rows = rows.filter(number__startswith=f"{year}-")
    if violation:
        rows = rows.filter(retracted_on=None, case__violations__code=violation)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-id")[: REGISTER_PAGE + 1])
    page = found[:REGISTER_PAGE]
    lines = [RegisterLine(row, None if row.is_retracted else page_of(row)) for row in page]
    return RegisterPage(lines, page[-1].id if len(found) > REGISTER_PAGE else None)


def years_in_register() -> list[str]:
    return sorted({prefix[:4] for prefix in NumberSeries.objects.values_list("prefix", flat=True)}, reverse=True)


def violations_in_register() -> list[str]:
    """Codes of the violations of all visible records."""
    published = CaseViolation.objects.filter(case__published_records__in=visible_records())
    return sorted(set(published.values_list("code", flat=True)))


def find_in_register(number: str) -> PublishedRecord:
    """A visible or withdrawn record by its number, or 404."""
    row = PublishedRecord.objects.select_related("case").filter(number=number).first()
    if row is None or not (row.is_retracted or row.case.current_stage == Stage.PUBLISHED):
        raise Http404
    return row


def content_of(row: PublishedRecord) -> RecordContent:
    return RecordContent.from_json(row.content)


def page_of(row: PublishedRecord) -> RecordPage:
    """A visible record in the active language."""
    return record_page(content_of(row), row.number)


# --- digests ------------------------------------------------------------------------------------------------------


def digests_of(actor: Actor) -> QuerySet[Digest]:
    """Editions of the actor's organisation, newest first; advocates only."""
    require_role(actor, Role.ADVOCATE)
    return Digest.objects.filter(organisation=actor.user.organisation).select_related("superseded_by")


def find_digest(actor: Actor, digest_id: UUID) -> Digest:
    """An edition of the actor's organisation, or 404."""
    digest = digests_of(actor).filter(pk=digest_id).first()
    if digest is None:
        raise Http404
    return digest


def records_for_digests(actor: Actor) -> list[PublishedRecord]:
    """Visible records of the actor's organisation, in order of their numbers."""
    return list(visible_records().filter(case__organisation=actor.user.organisation).order_by("number"))


def records_in(digest: Digest) -> list[PublishedRecord]:
    """The records of an edition in its order, those that were withdrawn since among them."""
    return list(PublishedRecord.objects.filter(entries__digest=digest).order_by("entries__position"))


def digest_content(digest: Digest) -> DigestContent:
    """The edition in its own language, with the records that are visible now. A draft says so and is dated today."""
    visible = visible_records().filter(entries__digest=digest).order_by("entries__position")
    with translation.override(digest.language):
        records = tuple(page_of(row) for row in visible)
        marks = [digest.subtitle] if digest.is_issued else [digest.subtitle, gettext("Draft, not issued")]
    return DigestContent(
        title=digest.title,
        subtitle=" · ".join(filter(None, marks)),
        organisation=digest.organisation.name,
        language=digest.language,
        edition=digest.edition,
        issued_on=digest.issued_on or timezone.localdate(),
        foreword=digest.foreword,
        records=records,
        legal_index=legal_index(records),
    )


@dataclass(frozen=True, slots=True, repr=False)
class DigestLine:
    """A record of an edition at its place; `title` is empty where it can no longer be read."""

    position: int
    row: PublishedRecord
    title: str


def digest_lines(digest: Digest) -> list[DigestLine]:
    """What an edition carries, in its order."""
    rows = records_in(digest)
    readable = set(visible_records().filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
    return [
        DigestLine(place, row, content_of(row).title if row.pk in readable else "")
        for place, row in enumerate(rows, start=1)
    ]
