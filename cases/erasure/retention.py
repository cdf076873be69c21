"""Rules of retention: what is due is proposed for erasure, by a person or by a command. No rule deletes."""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.access import require_role
from accounts.actor import Actor
from accounts.models import Organisation, Role
from casebook.core import ledger
from cases.erasure.destruction import belongings
from cases.erasure.proposals import propose_by_rule
from cases.erasure.records import Erasure, ErasureState, LegalHold, RetentionRule
from cases.models import Case, CaseWall
from cases.stages import Stage

RULED_STAGES = tuple(stage for stage in Stage if stage != Stage.PUBLISHED)
"""Stages that can have a rule; what is published stays until it is taken back."""
MOST_MONTHS = 600


@dataclass(frozen=True, slots=True)
class DueCase:
    """A case that stood unchanged longer than the rule of its stage says."""

    case: Case
    last_change: datetime
    rule: RetentionRule


def rules_of(organisation: Organisation) -> dict[Stage, RetentionRule]:
    rows = RetentionRule.objects.filter(organisation=organisation).select_related("set_by")
    return {Stage(row.stage): row for row in rows}


@transaction.atomic
def set_rules(actor: Actor, months: Mapping[Stage, int | None]) -> None:
    """Write the organisation's rules, in months from the last change; a stage with None has none. Administrators only.

    Whoever changes a rule stands for what it proposes.
    """
    require_role(actor, Role.ADMINISTRATOR)
    actor.require_keys()
    organisation = actor.user.organisation
    stored = rules_of(organisation)
    wanted = {stage: count for stage, count in months.items() if count is not None}
    for stage, row in stored.items():
        if wanted.get(stage) != row.months:
            row.delete()
    for stage, count in wanted.items():
        if stage not in stored or stored[stage].months != count:
            RetentionRule.objects.create(organisation=organisation, stage=stage, months=count, set_by=actor.user)
    said = {stage.value: str(count) for stage, count in sorted(wanted.items())}
    ledger.record("erasure.set_rules", actor=actor, months=said)


def due_in(organisation: Organisation, *, now: datetime | None = None) -> list[DueCase]:
    """What is due, longest unchanged first: neither held, nor proposed already, nor erased."""
    moment = now or timezone.now()
    rules = rules_of(organisation)
    proposed = Erasure.objects.filter(
        subject=None, state__in=(ErasureState.PROPOSED, ErasureState.DONE), case__organisation=organisation
    )
    held = LegalHold.objects.filter(lifted_at=None, case__organisation=organisation)
    cases = (
        Case.objects.filter(organisation=organisation, stage__in=list(rules))
        .exclude(pk__in=proposed.values("case"))
        .exclude(pk__in=held.values("case"))
        .select_related("organisation")
    )
    changes = _last_changes([case.pk for case in cases])
    found = [
        DueCase(case, changes[case.pk], rules[case.current_stage])
        for case in cases
        if case.pk in changes and changes[case.pk] <= months_before(moment, rules[case.current_stage].months)
    ]
    return sorted(found, key=lambda each: each.last_change)


def due_for(actor: Actor) -> Sequence[DueCase]:
    """`due_in` for an administrator's own organisation; nothing from behind a wall."""
    require_role(actor, Role.ADMINISTRATOR)
    actor.require_keys()
    walled = set(CaseWall.objects.filter(person=actor.user).values_list("case_id", flat=True))
    return [each for each in due_in(actor.user.organisation) if each.case.pk not in walled]


def propose_due(*, now: datetime | None = None) -> list[Erasure]:
    """Propose everything that is due in every organisation, for whoever set the rules."""
    return [
        propose_by_rule(each.case, proposer=each.rule.set_by)
        for organisation in Organisation.objects.all()
        for each in due_in(organisation, now=now)
    ]


def _last_changes(cases: Sequence[UUID]) -> dict[UUID, datetime]:
    """When each case was last written to, by its own history and that of all that hangs off it."""
    sources = [(Case, "id"), *((model, attname) for model, attname in belongings() if hasattr(model, "history"))]
    latest: dict[UUID, datetime] = {}
    for model, attname in sources:
        versions = model.history.filter(**{f"{attname}__in": list(cases)}).order_by()  # type: ignore[attr-defined]
        for case_id, at in versions.values_list(attname).annotate(Max("history_date")):
            latest[case_id] = max(at, latest.get(case_id, at))
    return latest


def months_before(moment: datetime, months: int) -> datetime:
    """The same day and time some months earlier; the last day of a month that is shorter."""
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    day = min(moment.day, monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)
