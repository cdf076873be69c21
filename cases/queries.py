"""Choosing and opening what a page of stage 1 shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet
from django.http import Http404

from accounts.actor import Actor
from accounts.models import Role, Team, User
from accounts.queries import people_with_role
from casebook.core import ledger
from cases.access import OpenCase, panel_groups, readable_ids, scope_teams
from cases.contents import (
    Card,
    ConsentDetails,
    EvidenceMeta,
    IncidentDetails,
    MentionWords,
    Profile,
    StatementContent,
    from_json,
)
from cases.erasure.notice import refuse_missing_person
from cases.grants import end_expired_access
from cases.levels import AccessLevel
from cases.mentions import clean
from cases.models import (
    Case,
    CaseGroupObjectPermission,
    CaseUserObjectPermission,
    CaseWall,
    CompartmentName,
    Consent,
    ConsentScope,
    EvidenceFile,
    Incident,
    MentionMap,
    Person,
    Statement,
)
from cases.narrative import EntityForms, KnownPeople, find_in, proposals, words_of
from cases.stages import Stage
from cases.wraps import open_in_each

PAGE = 50


@dataclass(frozen=True, slots=True, repr=False)
class CaseLine:
    """A case in the list. `card` is None where the reader holds no key to the testimony."""

    reference: str
    country: str
    year: int
    stage: Stage
    card: Card | None


@dataclass(frozen=True, slots=True)
class CasePage:
    """One page of a list, newest first; `next_before` is the cursor of the page after, or None."""

    lines: Sequence[CaseLine]
    next_before: UUID | None


@dataclass(frozen=True, slots=True, repr=False)
class ConsentAnswer:
    """The answer for one scope; `row` is None while it was not asked."""

    scope: str
    label: str
    row: Consent | None
    details: ConsentDetails


@transaction.atomic
def list_cases(actor: Actor, *, stage: Stage | None = None, before: UUID | None = None) -> CasePage:
    """A page of the cases the actor may see: a walk along guardian's index, then one query for the wraps."""
    actor.require_keys()
    end_expired_access(actor)
    rows = _permitted_rows(actor, stage, before)
    page = rows[:PAGE]
    cards = _cards(actor, page)
    lines = [CaseLine(row.reference, row.country, row.year, row.current_stage, cards.get(row.id)) for row in page]
    ledger.record("case.list", actor=actor, opened=[row.reference for row in page if row.id in cards])
    return CasePage(lines, page[-1].id if len(rows) > PAGE else None)


def _permitted_rows(actor: Actor, stage: Stage | None, before: UUID | None) -> list[Case]:
    """The newest PAGE + 1 cases, by a walk along one index for each way to a case: by name, by panel, by team."""
    ways: list[tuple[QuerySet[Any], str]] = [
        (CaseUserObjectPermission.objects.filter(user=actor.user, permission__codename="view_case"), "content_object")
    ]
    for group in panel_groups(actor):
        shared = CaseGroupObjectPermission.objects.filter(group=group, permission__codename="view_case")
        ways.append((shared, "content_object"))
    ways += [(Case.objects.filter(team=team), "") for team in scope_teams(actor, "view_case")]
    ids = {case_id for rows, path in ways for case_id in _newest(rows, path, stage, before)}
    walls = CaseWall.objects.filter(person=actor.user, case__in=ids).values("case")
    return list(Case.objects.filter(pk__in=ids).exclude(pk__in=walls).order_by("-id")[: PAGE + 1])


def _newest(rows: QuerySet[Any], path: str, stage: Stage | None, before: UUID | None) -> list[UUID]:
    to_case, key = (f"{path}__", f"{path}_id") if path else ("", "id")
    if stage is not None:
        rows = rows.filter(**{f"{to_case}stage": stage})
    if before is not None:
        rows = rows.filter(**{f"{key}__lt": before})
    return list(rows.order_by(f"-{key}").values_list(key, flat=True)[: PAGE + 1])


def _cards(actor: Actor, rows: Sequence[Case]) -> Mapping[UUID, Card]:
    readable = readable_ids(actor, rows, "read_testimony")
    cases = {row.id: row for row in rows if row.id in readable}
    return {
        case_id: from_json(Card, opened.unseal(cases[case_id], "sealed_card"))
        for case_id, opened in open_in_each(actor, cases.values(), CompartmentName.TESTIMONY).items()
    }


def card_of(opened: OpenCase) -> Card:
    return from_json(Card, opened.testimony.unseal(opened.case, "sealed_card"))


def people_in(opened: OpenCase) -> list[Person]:
    """Rows of the people in the case, in the order they were entered."""
    return list(Person.objects.filter(case=opened.case))


def profile_of(opened: OpenCase, person: Person) -> Profile:
    return from_json(Profile, opened.identity.unseal(person, "sealed_profile"))


def find_person(opened: OpenCase, person_id: UUID) -> Person:
    """A person of this case; 404, or ErasedError for one who was erased."""
    person = Person.objects.filter(case=opened.case, pk=person_id).first()
    if person is None:
        refuse_missing_person(opened.case.pk, person_id)
    return person


def statement_of(opened: OpenCase) -> tuple[Statement | None, StatementContent]:
    """The testimony, pseudonymised; no row and an empty content before anything was written."""
    row = Statement.objects.filter(case=opened.case).first()
    if row is None:
        return None, StatementContent()
    return row, from_json(StatementContent, opened.testimony.unseal(row, "sealed_content"))


def narrative_of(opened: OpenCase) -> tuple[MentionMap | None, MentionWords]:
    """What stood at the markers, for whoever holds the identity key."""
    row = MentionMap.objects.filter(case=opened.case).first()
    if row is None:
        return None, MentionWords()
    return row, from_json(MentionWords, opened.identity.unseal(row, "sealed_words"))


def known_people(opened: OpenCase) -> KnownPeople:
    """The people of the case with their ids, in the order they were entered."""
    return [(str(row.id), profile_of(opened, row)) for row in people_in(opened)]


class FoundMentions(NamedTuple):
    """What is found in a testimony now: its words, what is stored of it, and one proposal an entity and kind."""

    text: str
    content: StatementContent
    words: MentionWords
    found: list[EntityForms]


def mentions_in(opened: OpenCase) -> FoundMentions:
    """Read the testimony as written and look for everything that may have to be lifted."""
    _row, content = statement_of(opened)
    _map, words = narrative_of(opened)
    text = clean(words_of(content, words))
    people = known_people(opened)
    mentions = find_in(text, language=content.language, people=people, decisions=words)
    return FoundMentions(text, content, words, proposals(mentions, text, people, words))


def incident_of(opened: OpenCase) -> tuple[Incident | None, IncidentDetails]:
    row = Incident.objects.filter(case=opened.case).first()
    if row is None:
        return None, IncidentDetails()
    return row, from_json(IncidentDetails, opened.testimony.unseal(row, "sealed_details"))


def consents_of(opened: OpenCase) -> list[ConsentAnswer]:
    """The answer for every scope, asked or not, in the order they are asked."""
    rows = {row.scope: row for row in Consent.objects.filter(case=opened.case)}
    answers = []
    for scope in ConsentScope:
        row = rows.get(scope)
        details = from_json(ConsentDetails, opened.testimony.unseal(row, "sealed_details")) if row else None
        answers.append(ConsentAnswer(scope.value, str(scope.label), row, details or ConsentDetails()))
    return answers


def evidence_in(opened: OpenCase) -> list[tuple[EvidenceFile, EvidenceMeta]]:
    return [(row, meta_of(opened, row)) for row in EvidenceFile.objects.filter(case=opened.case)]


def meta_of(opened: OpenCase, row: EvidenceFile) -> EvidenceMeta:
    return from_json(EvidenceMeta, opened.testimony.unseal(row, "sealed_meta"))


def find_evidence(opened: OpenCase, evidence_id: UUID) -> EvidenceFile:
    """A file of this case, or 404."""
    row = EvidenceFile.objects.filter(case=opened.case, pk=evidence_id).first()
    if row is None:
        raise Http404
    return row


def violation_codes(case: Case) -> list[str]:
    return list(case.violations.values_list("code", flat=True))


_ROLES_FOR = {
    AccessLevel.CASEWORKER: (Role.STREET_LAWYER, Role.COORDINATOR),
    AccessLevel.EXPERT: (Role.LEGAL_EXPERT,),
    AccessLevel.REVIEWER: (Role.ADVOCATE,),
}


def candidates(actor: Actor, level: AccessLevel) -> list[User]:
    """Colleagues with confirmed keys whom a case can be shared with at this level."""
    return [person for person in people_with_role(actor, *_ROLES_FOR[level]) if person.id != actor.user.id]


def colleagues(actor: Actor) -> QuerySet[User]:
    """Everybody else of the actor's organisation whose account is open, by name."""
    return User.objects.filter(organisation=actor.user.organisation_id, is_active=True).exclude(pk=actor.user.pk)


def panels_with_key(actor: Actor) -> QuerySet[Team]:
    """Panels of legal experts of the actor's organisation that a case can be shared with."""
    return Team.objects.filter(organisation=actor.user.organisation_id, kind=Team.Kind.PANEL, epoch__gt=0)


def members_by_team(teams: Sequence[Team]) -> list[tuple[Team, list[User]]]:
    """Each team with its active members."""
    people = User.objects.filter(groups__team__in=teams, is_active=True).annotate(of_group=F("groups"))
    return [(team, [person for person in people if person.of_group == team.group_id]) for team in teams]


def walls_of(case: Case) -> list[CaseWall]:
    """Who is kept out of the case, by name."""
    return list(CaseWall.objects.filter(case=case).select_related("person").order_by("person__display_name", "id"))
