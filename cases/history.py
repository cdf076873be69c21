"""Who changed what in a case, and when: read from the history tables, with the keys that the reader holds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any

from django.http import Http404

from casebook.core.fields import sealed_fields
from cases.access import OpenCase
from cases.contents import EvidenceMeta, MentionWords, Profile, StatementContent, from_json
from cases.models import Case, CaseViolation, CompartmentName, Consent, EvidenceFile, MentionMap, Person, Statement

HISTORY_PAGE = 50
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class What(StrEnum):
    """What a change was made to. STAGE is a step; CASE the creation; the others are what they are called."""

    CASE = "case"
    STAGE = "stage"
    FACTS = "facts"
    VIOLATION = "violation"
    NARRATIVE = "narrative"
    PERSON = "person"
    CONSENT = "consent"
    EVIDENCE = "evidence"


class How(StrEnum):
    """The letters of the history tables."""

    ADDED = "+"
    CHANGED = "~"
    REMOVED = "-"


@dataclass(frozen=True, slots=True, repr=False)
class Change:
    """One change. `about`: a stage, code, scope, or a name that the reader holds the key to; `answer`: of a consent.

    `version` is the narrative version that was written, where the reader may open it.
    """

    at: datetime
    who: str
    what: What
    how: How
    about: str = ""
    answer: str = ""
    version: int | None = None


@dataclass(frozen=True, slots=True)
class ChangePage:
    """Changes, newest first; `next_before` is the cursor of the page after in microseconds since 1970, or None."""

    changes: Sequence[Change]
    next_before: int | None


@dataclass(frozen=True, slots=True, repr=False)
class OldNarrative:
    """The testimony as it stood after one save, with the words of that time."""

    at: datetime
    who: str
    content: StatementContent
    words: MentionWords


def changes_in(opened: OpenCase, *, before: int | None = None) -> ChangePage:
    """A page of what was changed. Changes of people only for whoever may read names."""
    until = _EPOCH + before * _MICROSECOND if before is not None else None
    found = [
        *_case_changes(_rows(Case, opened, until)),
        *_narrative_changes(opened, _rows(Statement, opened, until)),
        *(_change(row, What.VIOLATION, about=row.code) for row in _rows(CaseViolation, opened, until)),
        *(_change(row, What.CONSENT, about=row.scope, answer=_answer(row)) for row in _rows(Consent, opened, until)),
        *_evidence_changes(opened, _rows(EvidenceFile, opened, until, sealed=True)),
    ]
    if opened.holds(CompartmentName.IDENTITY):
        found += _people_changes(opened, _rows(Person, opened, until, sealed=True))
    found.sort(key=lambda change: change.at, reverse=True)
    page = found[:HISTORY_PAGE]
    more = len(found) > HISTORY_PAGE
    return ChangePage(page, (page[-1].at - _EPOCH) // _MICROSECOND if more else None)


def _rows(model: Any, opened: OpenCase, until: datetime | None, *, sealed: bool = False) -> list[Any]:
    """Up to a page and one of a model's versions, newest first; sealed columns stay behind unless they are opened."""
    own = {"id": opened.case.pk} if model is Case else {"case_id": opened.case.pk}
    rows = model.history.filter(**own).select_related("history_user").order_by("-history_date", "-history_id")
    if not sealed:
        rows = rows.defer(*sealed_fields(model))
    if until is not None:
        rows = rows.filter(history_date__lt=until)
    return list(rows[: HISTORY_PAGE + 1])


def _change(row: Any, what: What, *, about: str = "", answer: str = "", version: int | None = None) -> Change:
    return Change(
        at=row.history_date,
        who=str(row.history_user or ""),
        what=what,
        how=How(row.history_type),
        about=about,
        answer=answer,
        version=version,
    )


def _case_changes(rows: Sequence[Any]) -> Iterable[Change]:
    """A version that differs in its stage from the one before is a step; the first is the creation."""
    for newer, older in pairwise([*rows, None]):
        if newer.history_type == How.ADDED:
            yield _change(newer, What.CASE)
        elif older is not None and newer.stage != older.stage:
            yield _change(newer, What.STAGE, about=newer.stage)
        else:
            yield _change(newer, What.FACTS)


def _narrative_changes(opened: OpenCase, rows: Sequence[Any]) -> Iterable[Change]:
    both = opened.holds(CompartmentName.IDENTITY) and opened.holds(CompartmentName.TESTIMONY)
    return (_change(row, What.NARRATIVE, version=row.history_id if both else None) for row in rows)


def _answer(row: Any) -> str:
    if row.withdrawn:
        return "withdrawn"
    return "yes" if row.given else "no"


def _evidence_changes(opened: OpenCase, rows: Sequence[Any]) -> Iterable[Change]:
    for row in rows:
        meta = from_json(EvidenceMeta, opened.testimony.unseal(row, "sealed_meta"))
        yield _change(row, What.EVIDENCE, about=meta.name)


def _people_changes(opened: OpenCase, rows: Sequence[Any]) -> Iterable[Change]:
    for row in rows:
        profile = from_json(Profile, opened.identity.unseal(row, "sealed_profile"))
        yield _change(row, What.PERSON, about=profile.full_name)


def old_narrative(opened: OpenCase, version: int) -> OldNarrative:
    """One version of the testimony as it was written, or 404.

    Only with both keys: an old version may carry names in the clear that were found and lifted later.
    """
    versions = Statement.history.filter(case_id=opened.case.pk, history_id=version)
    row = versions.select_related("history_user").first()
    if row is None:
        raise Http404
    content = from_json(StatementContent, opened.testimony.unseal(row, "sealed_content"))
    return OldNarrative(row.history_date, str(row.history_user or ""), content, _words_then(opened, row.revision))


def _words_then(opened: OpenCase, revision: int) -> MentionWords:
    """What stood at the markers then: testimony and mention map are always written together, at the same revision."""
    row = MentionMap.history.filter(case_id=opened.case.pk, revision=revision).order_by("-history_date").first()
    return from_json(MentionWords, opened.identity.unseal(row, "sealed_words")) if row else MentionWords()
