"""Every write of stage 2: one transaction each, with its ledger entry."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace

from django.db import transaction
from django.utils import timezone

from accounts.access import require_role
from accounts.actor import Actor
from accounts.models import Role
from casebook.core import ledger
from casebook.core.errors import StaleRevisionError
from cases.access import OpenCase
from cases.actions import move
from cases.compartments import save_sealed
from cases.stages import Stage, StepRefusedError
from legal_analysis.anchors import Anchor
from legal_analysis.contents import AnnotationNote, FindingText, ReviewComment
from legal_analysis.errors import OwnFindingError
from legal_analysis.guards import missing_for_anonymisation
from legal_analysis.instrument_file import ArticleFacts, InstrumentFacts
from legal_analysis.models import Annotation, Conclusion, Finding, FindingReview, Instrument, Provision
from legal_analysis.queries import markers_in, note_of, readable_statement

# --- the library ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many rows a load of the reference data wrote."""

    new: int = 0
    changed: int = 0

    def __add__(self, other: "Loaded") -> "Loaded":
        return Loaded(self.new + other.new, self.changed + other.changed)


@transaction.atomic
def load_instruments(instruments: Iterable[InstrumentFacts]) -> Loaded:
    """Bring the library in line with the reference data. Deletes nothing, and writes only what differs.

    No ledger entry: the operator's command belongs to no organisation. The history of each row keeps what was changed.
    """
    return sum((_load_instrument(facts) for facts in instruments), Loaded())


def _load_instrument(facts: InstrumentFacts) -> Loaded:
    row = Instrument.objects.filter(code=facts.code).first() or Instrument(code=facts.code)
    substance = {name: value for name, value in facts.columns.items() if name != "as_of"}
    differs = any(getattr(row, name) != value for name, value in substance.items())
    loaded = _write(row, facts.columns)
    stored = list(Provision.objects.filter(instrument=row))
    provisions = sum((_load_article(row, article, facts, stored) for article in facts.articles), Loaded())
    if row.confirmed_at is not None and (differs or provisions != Loaded()):
        _write(row, {"confirmed_by": None, "confirmed_at": None})
    return loaded + provisions


def _load_article(
    instrument: Instrument, facts: ArticleFacts, source: InstrumentFacts, stored: Iterable[Provision]
) -> Loaded:
    versions = [each for each in stored if each.ref == facts.ref]
    row = next((each for each in versions if each.in_force_from == facts.in_force_from), None)
    alone = [each.ref for each in source.articles].count(facts.ref) == 1
    if row is None and alone and len(versions) == 1:
        row = versions[0]  # its day was corrected: still the same version
    return _write(row or Provision(instrument=instrument, ref=facts.ref), asdict(facts))


def _write(row: Instrument | Provision, columns: Mapping[str, object]) -> Loaded:
    adding = row._state.adding
    changed = [name for name, value in columns.items() if getattr(row, name) != value]
    if not changed and not adding:
        return Loaded()
    for name in changed:
        setattr(row, name, columns[name])
    row.save()
    return Loaded(new=1) if adding else Loaded(changed=1)


@transaction.atomic
def confirm_instrument(actor: Actor, instrument: Instrument) -> None:
    """A lawyer has compared the facts with the source: they may be cited. 404 for everybody but legal experts."""
    require_role(actor, Role.LEGAL_EXPERT)
    actor.require_keys()
    if instrument.confirmed_at is not None:
        return
    instrument.confirmed_by, instrument.confirmed_at = actor.user, timezone.now()
    instrument._history_user = actor.user  # type: ignore[attr-defined]
    instrument.save(update_fields=["confirmed_by", "confirmed_at"])
    ledger.record("analysis.confirm_instrument", actor=actor, target=instrument, code=instrument.code)


# --- annotations ----------------------------------------------------------------------------------------------------


def _require_analysis(opened: OpenCase) -> None:
    opened.require("analyse_case", Stage.ANALYSIS)


def _placed(opened: OpenCase, note: AnnotationNote, place: Anchor) -> AnnotationNote:
    markers = markers_in(readable_statement(opened), place.quote)
    return replace(note, **asdict(place), markers=markers)


def _save_note(opened: OpenCase, row: Annotation, note: AnnotationNote, *, revision: int | None = None) -> None:
    row.author = opened.actor.user
    values = {"sealed_note": asdict(note)}
    save_sealed(opened.actor, opened.testimony, row, values, expected=revision, changed=("author",))


@transaction.atomic
def add_annotation(opened: OpenCase, *, place: Anchor, provision: Provision, reasoning: str) -> Annotation:
    """Tie words of the testimony to a provision; raises BeingCheckedError while the expert may not read it."""
    _require_analysis(opened)
    row = Annotation(case=opened.case)
    bare = AnnotationNote(provision=str(provision.id), start=0, end=0, quote="", reasoning=reasoning)
    _save_note(opened, row, _placed(opened, bare, place))
    ledger.record("analysis.add_annotation", actor=opened.actor, target=row, revision=row.revision)
    return row


@transaction.atomic
def change_annotation(
    opened: OpenCase, row: Annotation, *, provision: Provision, reasoning: str, revision: int
) -> None:
    """Write another provision or reasoning for the same words; raises StaleRevisionError."""
    _require_analysis(opened)
    note = replace(note_of(opened, row), provision=str(provision.id), reasoning=reasoning)
    _save_note(opened, row, note, revision=revision)
    ledger.record("analysis.change_annotation", actor=opened.actor, target=row, revision=row.revision)


@transaction.atomic
def anchor_again(opened: OpenCase, row: Annotation, place: Anchor, *, revision: int) -> None:
    """Tie an annotation to other words, such as when its own were lost; raises StaleRevisionError."""
    _require_analysis(opened)
    _save_note(opened, row, _placed(opened, note_of(opened, row), place), revision=revision)
    ledger.record("analysis.anchor_again", actor=opened.actor, target=row, revision=row.revision)


@transaction.atomic
def remove_annotation(opened: OpenCase, row: Annotation) -> None:
    """Take an annotation away; its sealed history stays."""
    _require_analysis(opened)
    ledger.record("analysis.remove_annotation", actor=opened.actor, target=row)
    row._history_user = opened.actor.user  # type: ignore[attr-defined]
    row.delete()


# --- findings -------------------------------------------------------------------------------------------------------


@transaction.atomic
def add_finding(opened: OpenCase, *, provision: Provision, conclusion: Conclusion, text: FindingText) -> Finding:
    """Conclude about one provision."""
    _require_analysis(opened)
    row = Finding(case=opened.case)
    _save_finding(opened, row, provision, conclusion, text)
    ledger.record("analysis.add_finding", actor=opened.actor, target=row, revision=row.revision)
    return row


@transaction.atomic
def change_finding(
    opened: OpenCase,
    row: Finding,
    *,
    provision: Provision,
    conclusion: Conclusion,
    text: FindingText,
    revision: int,
) -> None:
    """Write a finding anew; raises StaleRevisionError.

    Reviews keep the revision that they judged, so those of the earlier wording count no longer and nothing of them
    is lost. Whoever changes a finding becomes its author: a second expert who rewrites it does not review it too.
    """
    _require_analysis(opened)
    _save_finding(opened, row, provision, conclusion, text, revision=revision)
    ledger.record("analysis.change_finding", actor=opened.actor, target=row, revision=row.revision)


def _save_finding(
    opened: OpenCase,
    row: Finding,
    provision: Provision,
    conclusion: Conclusion,
    text: FindingText,
    *,
    revision: int | None = None,
) -> None:
    row.provision, row.conclusion, row.author = provision, conclusion, opened.actor.user
    values = {"sealed_reasoning": asdict(text)}
    open_columns = ("provision", "conclusion", "author")
    save_sealed(opened.actor, opened.testimony, row, values, expected=revision, changed=open_columns)


@transaction.atomic
def review_finding(opened: OpenCase, finding: Finding, *, agrees: bool, comment: str, revision: int) -> FindingReview:
    """Say whether the finding holds as worded at `revision`; an earlier answer of the same expert is replaced.

    Raises OwnFindingError for its author, StaleRevisionError when it was changed since it was read.
    """
    _require_analysis(opened)
    stored = Finding.objects.select_for_update().get(pk=finding.pk)
    if stored.author_id == opened.actor.user.id:
        raise OwnFindingError
    if stored.revision != revision:
        raise StaleRevisionError
    row = FindingReview.objects.filter(finding=stored, reviewer=opened.actor.user).first() or FindingReview(
        case=opened.case, finding=stored, reviewer=opened.actor.user
    )
    row.agrees, row.finding_revision = agrees, revision
    values = {"sealed_comment": asdict(ReviewComment(comment))}
    save_sealed(opened.actor, opened.testimony, row, values, changed=("agrees", "finding_revision"))
    ledger.record("analysis.review_finding", actor=opened.actor, target=row, finding=str(stored.id), agrees=agrees)
    return row


@transaction.atomic
def mark_single_expert(opened: OpenCase, finding: Finding, *, single: bool = True) -> None:
    """Say, visibly, that no second expert reviews this finding, or take that back.

    An open facet: no sealed value changes and the revision stays.
    """
    _require_analysis(opened)
    stored = Finding.objects.select_for_update().get(pk=finding.pk)
    stored.single_expert = single
    stored._history_user = opened.actor.user  # type: ignore[attr-defined]
    stored.save(update_fields=["single_expert"])
    ledger.record("analysis.mark_single_expert", actor=opened.actor, target=stored, single=single)


@transaction.atomic
def send_to_anonymisation(opened: OpenCase) -> None:
    """The analysis is done: raises StepRefusedError with what is missing."""
    _require_analysis(opened)
    missing = missing_for_anonymisation(opened)
    if missing:
        raise StepRefusedError(missing)
    move(opened, Stage.ANONYMISATION)
    ledger.record("analysis.send_on", actor=opened.actor, target=opened.case)
