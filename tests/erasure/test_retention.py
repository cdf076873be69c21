"""Rules of retention propose and never delete."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.http import Http404
from django.utils import timezone

from accounts.models import Role
from cases.actions import close_case
from cases.erasure import proposals
from cases.erasure.errors import OwnProposalError
from cases.erasure.records import Erasure, ErasureReason
from cases.erasure.retention import due_for, due_in, months_before, propose_due, set_rules
from cases.models import Case, KeyWrap, Person
from cases.stages import Stage
from tests.builders import World, found_world
from tests.cases.builders import told_case
from tests.erasure.builders import erased, held

CLOSED = {Stage.CLOSED: 12}


def closed_case(world: World) -> Case:
    opened = told_case(world)
    close_case(opened)
    return opened.case


def in_months(months: int) -> datetime:
    return timezone.now() + timedelta(days=31 * months)


def test_without_a_rule_nothing_is_ever_due(world: World) -> None:
    closed_case(world)

    assert due_in(world.organisation, now=in_months(590)) == []


def test_a_case_is_due_when_it_stood_unchanged_long_enough_at_its_stage(world: World) -> None:
    case, still_open = closed_case(world), told_case(world).case
    set_rules(world.actor("admin"), CLOSED)

    assert due_in(world.organisation) == []
    due = due_in(world.organisation, now=in_months(12))
    assert [each.case for each in due] == [case]
    assert still_open not in {each.case for each in due}


def test_any_change_of_anything_in_the_case_counts(world: World) -> None:
    case = closed_case(world)
    set_rules(world.actor("admin"), CLOSED)
    assert len(due_in(world.organisation, now=in_months(12))) == 1
    Person.history.filter(case_id=case.pk).update(history_date=in_months(6))

    assert due_in(world.organisation, now=in_months(12)) == []


def test_what_is_held_proposed_or_erased_is_not_due(world: World) -> None:
    kept, offered, gone, due = (closed_case(world) for _each in range(4))
    set_rules(world.actor("admin"), {Stage.CLOSED: 12, Stage.WITHDRAWN: 1})
    held(world, kept)
    proposals.propose_by_reference(world.actor("admin"), offered.reference, ErasureReason.RETENTION)
    row = proposals.propose_by_reference(world.actor("admin"), gone.reference, ErasureReason.RETENTION)
    proposals.approve(world.actor("coordinator"), row.pk)

    assert [each.case for each in due_in(world.organisation, now=in_months(12))] == [due]


def test_the_command_proposes_and_deletes_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    case = closed_case(world)
    set_rules(world.actor("admin"), CLOSED)
    later = in_months(13)
    monkeypatch.setattr("cases.erasure.retention.timezone.now", lambda: later)
    out = StringIO()

    call_command("propose_erasures", stdout=out)
    call_command("propose_erasures", stdout=StringIO())

    row = Erasure.objects.get()
    assert case.reference in out.getvalue()
    assert (row.by_rule, row.reason, row.proposed_by) == (True, "retention", world.people["admin"])
    assert row.is_open
    assert KeyWrap.objects.filter(compartment__case=case).exists()


def test_who_set_the_rule_does_not_approve_what_it_proposes(world: World) -> None:
    closed_case(world)
    set_rules(world.actor("admin"), CLOSED)
    row = propose_due(now=in_months(13))[0]

    with pytest.raises(OwnProposalError):
        proposals.approve(world.actor("admin"), row.pk)
    assert proposals.approve(world.actor("coordinator"), row.pk).is_done


def test_rules_are_the_administrators(world: World) -> None:
    for name in ("lawyer", "coordinator", "auditor", "expert"):
        with pytest.raises(Http404):
            set_rules(world.actor(name), CLOSED)
        with pytest.raises(Http404):
            due_for(world.actor(name))


def test_another_organisations_rule_is_not_ours(world: World) -> None:
    closed_case(world)
    other = found_world("Elsewhere", "MD")
    set_rules(other.actor("admin"), CLOSED)

    assert propose_due(now=in_months(13)) == []


def test_a_rule_is_taken_away_by_an_empty_field(world: World) -> None:
    closed_case(world)
    set_rules(world.actor("admin"), CLOSED)
    set_rules(world.actor("admin"), {Stage.CLOSED: None})

    assert due_in(world.organisation, now=in_months(13)) == []


def test_a_second_administrator_approves_what_the_first_ones_rule_proposed(world: World) -> None:
    world.add("second-admin", Role.ADMINISTRATOR)
    closed_case(world)
    set_rules(world.actor("admin"), CLOSED)
    row = propose_due(now=in_months(13))[0]

    assert proposals.approve(world.actor("second-admin"), row.pk).is_done


@pytest.mark.parametrize(
    ("moment", "months", "expected"),
    [
        (datetime(2026, 3, 31, 10, tzinfo=UTC), 1, datetime(2026, 2, 28, 10, tzinfo=UTC)),
        (datetime(2024, 3, 31, tzinfo=UTC), 1, datetime(2024, 2, 29, tzinfo=UTC)),
        (datetime(2026, 1, 15, tzinfo=UTC), 1, datetime(2025, 12, 15, tzinfo=UTC)),
        (datetime(2026, 12, 1, tzinfo=UTC), 12, datetime(2025, 12, 1, tzinfo=UTC)),
        (datetime(2026, 11, 22, tzinfo=UTC), 600, datetime(1976, 11, 22, tzinfo=UTC)),
    ],
)
def test_months_are_calendar_months(moment: Any, months: int, expected: Any) -> None:
    assert months_before(moment, months) == expected


def test_an_erased_case_has_no_second_certificate(world: World) -> None:
    opened = told_case(world)
    erased(world, opened)
    set_rules(world.actor("admin"), {Stage.WITHDRAWN: 1})

    assert propose_due(now=in_months(20)) == []
