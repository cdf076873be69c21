"""Taking back: a consent at every stage, and a record that should not have been published."""

from datetime import date

import pytest
from django.db import IntegrityError
from django.http import Http404
from django.utils import timezone

from accounts.ledger_search import LedgerFilter, search_ledger
from accounts.models import Role
from cases.access import OpenCase, open_case
from cases.actions import close_case
from cases.levels import AccessLevel
from cases.models import Case, Compartment, CompartmentName, Consent, ConsentScope
from cases.queries import statement_of
from cases.roster import drift, who_may_open
from cases.sharing import grant
from cases.stages import Stage
from publication.actions import (
    DigestFacts,
    RetractionReason,
    UnfitForReleaseError,
    change_digest,
    export_digest,
    publish,
    retract,
    take_back_consent,
    withdraw,
)
from publication.models import Digest, PublishedRecord
from publication.queries import find_in_register, records_in, register_page, visible_records
from tests import raw_bytes
from tests.builders import World, found_world
from tests.cases.builders import NAME, case_in_analysis, ready_case
from tests.publication.builders import (
    NOTHING_FOUND,
    PLACEHOLDER,
    PUBLIC_TITLE,
    as_lawyer,
    as_reviewer,
    case_in_review,
    case_to_anonymise,
    decide,
    digest_of,
    hand_in,
    published_case,
)

pytestmark = pytest.mark.django_db


def closed_case(world: World) -> OpenCase:
    opened = ready_case(world)
    close_case(opened)
    return opened


CASES = {
    Stage.INTAKE: ready_case,
    Stage.ANALYSIS: case_in_analysis,
    Stage.ANONYMISATION: case_to_anonymise,
    Stage.REVIEW: case_in_review,
    Stage.PUBLISHED: lambda world: published_case(world)[0],
    Stage.CLOSED: closed_case,
}


def case_at(world: World, stage: Stage) -> OpenCase:
    opened = CASES[stage](world)
    assert opened.case.current_stage == stage
    return as_lawyer(world, opened)


def standing(opened: OpenCase) -> set[str]:
    return set(Consent.objects.filter(case=opened.case, withdrawn=False).values_list("scope", flat=True))


# --- consent, stage by stage --------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", CASES)
def test_without_consent_to_keep_the_record_the_case_ends_wherever_it_is(world: World, stage: Stage) -> None:
    opened = case_at(world, stage)

    withdraw(opened, ConsentScope.KEEP)

    assert Case.objects.get(pk=opened.case.pk).current_stage == Stage.WITHDRAWN
    assert standing(opened) == set()
    assert not visible_records().exists()
    assert {access.level for access in who_may_open(opened.case)} == {AccessLevel.CASEWORKER}
    assert drift() == []


@pytest.mark.parametrize(
    ("stage", "after"),
    [
        (Stage.INTAKE, Stage.INTAKE),
        (Stage.ANALYSIS, Stage.ANALYSIS),
        (Stage.ANONYMISATION, Stage.CLOSED),
        (Stage.REVIEW, Stage.CLOSED),
        (Stage.PUBLISHED, Stage.CLOSED),
        (Stage.CLOSED, Stage.CLOSED),
    ],
)
def test_without_consent_to_publish_later_stages_close(world: World, stage: Stage, after: Stage) -> None:
    opened = case_at(world, stage)

    withdraw(opened, ConsentScope.PUBLISH)

    assert Case.objects.get(pk=opened.case.pk).current_stage == after
    assert standing(opened) == set(ConsentScope) - {ConsentScope.PUBLISH}
    assert not visible_records().exists()
    assert AccessLevel.REVIEWER not in {access.level for access in who_may_open(opened.case)}


def test_without_consent_to_show_experts_they_lose_the_case(world: World) -> None:
    opened = case_at(world, Stage.ANALYSIS)
    grant(opened, world.people["expert"], AccessLevel.EXPERT)

    withdraw(opened, ConsentScope.EXPERTS)

    assert Case.objects.get(pk=opened.case.pk).current_stage == Stage.INTAKE
    with pytest.raises(Http404):
        open_case(world.actor("expert"), opened.case.reference, need="read_testimony")
    assert not Compartment.objects.filter(case=opened.case, rekey_pending=True).exists()


@pytest.mark.parametrize("scope", [ConsentScope.STATISTICS, ConsentScope.SUBMIT, ConsentScope.NAMED])
def test_other_consents_end_alone(world: World, scope: ConsentScope) -> None:
    opened = case_at(world, Stage.PUBLISHED)

    withdraw(opened, scope)

    assert opened.case.current_stage == Stage.PUBLISHED
    assert standing(opened) == set(ConsentScope) - {scope}
    assert visible_records().count() == 1


def test_a_withdrawn_consent_keeps_its_history_and_its_sealed_answer(world: World) -> None:
    opened = case_at(world, Stage.INTAKE)

    withdraw(opened, ConsentScope.PUBLISH)

    row = Consent.objects.get(case=opened.case, scope=ConsentScope.PUBLISH)
    assert [version.withdrawn for version in row.history.order_by("history_id")] == [False, True]
    assert row.history.latest().history_user == world.people["lawyer"]
    assert opened.testimony.unseal(row, "sealed_details")["language"] == "ru"


def test_taking_back_twice_is_no_error(world: World) -> None:
    opened = case_at(world, Stage.PUBLISHED)
    withdraw(opened, ConsentScope.KEEP)

    withdraw(opened, ConsentScope.KEEP)

    assert PublishedRecord.objects.get().retracted_on == timezone.localdate()


@pytest.mark.parametrize("person", ["expert", "advocate"])
def test_only_caseworkers_take_consent_back(world: World, person: str) -> None:
    opened = case_in_review(world)

    reading = open_case(world.actor(person), opened.case.reference, need="view_case")
    with pytest.raises(Http404):
        withdraw(reading, ConsentScope.KEEP)


def test_without_a_key_the_stage_and_the_record_go_all_the_same(world: World) -> None:
    opened = case_at(world, Stage.PUBLISHED)
    actor = type(opened.actor)(world.people["lawyer"])

    take_back_consent(actor, opened.case, ConsentScope.KEEP)

    assert Case.objects.get(pk=opened.case.pk).current_stage == Stage.WITHDRAWN
    assert not visible_records().exists()
    assert Compartment.objects.filter(case=opened.case, rekey_pending=True).exists()


def test_caseworkers_still_read_the_case_after_reviewers_lost_their_key(world: World) -> None:
    opened = case_at(world, Stage.REVIEW)

    withdraw(opened, ConsentScope.KEEP)

    again = open_case(
        world.actor("coordinator"),
        opened.case.reference,
        need="view_case",
        compartments=tuple(CompartmentName.values),
    )
    _row, content = statement_of(again)
    assert "остановили" in content.text


def test_the_ledger_says_which_scope_and_never_what_was_told(world: World) -> None:
    opened = case_at(world, Stage.PUBLISHED)

    withdraw(opened, ConsentScope.PUBLISH)

    rows = search_ledger(world.actor("auditor"), LedgerFilter()).rows
    (entry,) = [row for row in rows if row.action == "publication.withdraw"]
    assert entry.details is not None
    assert entry.details["scope"] == "publish"
    assert raw_bytes.found((PUBLIC_TITLE, NAME), str([row.details for row in rows]).encode()) == []


# --- what was published -------------------------------------------------------------------------------------------


def test_a_retracted_record_is_empty_in_its_table_and_its_history(world: World) -> None:
    opened, record = published_case(world)
    assert raw_bytes.found((PLACEHOLDER,), raw_bytes.of_database()) == [PLACEHOLDER]

    withdraw(opened, ConsentScope.PUBLISH)

    record.refresh_from_db()
    assert (record.content, record.retracted_on) == ({}, timezone.localdate())
    assert not hasattr(record.history.earliest(), "content")
    assert record.history.count() == 2
    assert raw_bytes.found((PUBLIC_TITLE, PLACEHOLDER, "остановили"), raw_bytes.of_database()) == []


def test_the_register_says_that_something_was_withdrawn_and_never_what(world: World) -> None:
    opened, record = published_case(world)

    withdraw(opened, ConsentScope.PUBLISH)

    (line,) = register_page().lines
    assert (line.row.number, line.row.retracted_on, line.page) == (record.number, timezone.localdate(), None)
    assert register_page(violation="arbitrary-arrest").lines == []
    assert find_in_register(record.number).content == {}


def test_an_issued_digest_is_made_again_without_the_record(world: World) -> None:
    first, second = published_case(world), published_case(world)
    edition = digest_of(world, first[1], second[1])

    withdraw(first[0], ConsentScope.PUBLISH)

    edition.refresh_from_db()
    following = edition.superseded_by
    assert following is not None
    assert edition.is_superseded
    assert (following.edition, following.issued_on, following.title) == (2, timezone.localdate(), edition.title)
    assert records_in(following) == [second[1]]
    exported = export_digest(world.actor("advocate"), following, as_pdf=False)
    assert first[1].number.encode() not in exported
    assert second[1].number.encode() in exported


def test_a_digest_in_preparation_loses_the_record(world: World) -> None:
    first, second = published_case(world), published_case(world)
    draft = digest_of(world, first[1], second[1], issued=False)

    withdraw(first[0], ConsentScope.PUBLISH)

    draft.refresh_from_db()
    assert records_in(draft) == [second[1]]
    assert draft.superseded_by is None


def test_a_next_edition_in_preparation_comes_after_the_one_that_was_made_again(world: World) -> None:
    opened, record = published_case(world)
    issued = digest_of(world, record)
    facts = DigestFacts("Later", "", "", "en", (record,))
    draft = change_digest(world.actor("advocate"), issued, facts, revision=issued.revision)

    withdraw(opened, ConsentScope.PUBLISH)

    issued.refresh_from_db()
    draft.refresh_from_db()
    made_again = issued.superseded_by
    assert made_again is not None
    assert (issued.edition, made_again.edition, draft.edition) == (1, 2, 3)
    assert made_again.superseded_by == draft
    assert not made_again.is_superseded
    assert records_in(made_again) == records_in(draft) == []


def test_a_digest_without_the_record_stays(world: World) -> None:
    first, second = published_case(world), published_case(world)
    other = digest_of(world, second[1])

    withdraw(first[0], ConsentScope.PUBLISH)

    other.refresh_from_db()
    assert other.superseded_by is None
    assert Digest.objects.count() == 1


# --- by the organisation ------------------------------------------------------------------------------------------


def test_an_advocate_takes_a_record_back_and_the_case_can_be_anonymised_anew(world: World) -> None:
    opened, record = published_case(world)

    retract(world.actor("advocate"), record, RetractionReason.RECOGNISABLE)

    record.refresh_from_db()
    assert record.is_retracted
    assert record.content == {}
    again = as_lawyer(world, opened)
    assert again.case.current_stage == Stage.ANONYMISATION
    decide(again)
    hand_in(world, again)
    assert publish(as_reviewer(world, again), NOTHING_FOUND).number == "2025-GE-0002"


def test_the_reason_is_for_auditors_only(world: World) -> None:
    _opened, record = published_case(world)

    retract(world.actor("advocate"), record, RetractionReason.DANGER)

    rows = search_ledger(world.actor("auditor"), LedgerFilter()).rows
    assert [row.details["reason"] for row in rows if row.action == "publication.retract" and row.details] == ["danger"]


def test_nobody_takes_a_record_back_twice(world: World) -> None:
    _opened, record = published_case(world)
    retract(world.actor("advocate"), record, RetractionReason.MISTAKE)

    with pytest.raises(Http404):
        retract(world.actor("advocate"), record, RetractionReason.MISTAKE)


@pytest.mark.parametrize("person", ["lawyer", "coordinator", "expert", "admin", "auditor"])
def test_only_advocates_take_a_record_back_for_the_organisation(world: World, person: str) -> None:
    _opened, record = published_case(world)

    with pytest.raises(Http404):
        retract(world.actor(person), record, RetractionReason.MISTAKE)


def test_an_advocate_of_another_organisation_cannot(world: World) -> None:
    _opened, record = published_case(world)
    other = found_world("Lighthouse", "LT", with_people=False)
    other.add("advocate", Role.ADVOCATE)

    with pytest.raises(Http404):
        retract(other.actor("advocate"), record, RetractionReason.MISTAKE)


def test_a_record_cannot_be_emptied_without_a_day(world: World) -> None:
    _opened, record = published_case(world)

    with pytest.raises(IntegrityError):
        PublishedRecord.objects.filter(pk=record.pk).update(retracted_on=date(2026, 1, 1))


def test_an_export_with_a_marker_is_refused(world: World) -> None:
    _opened, record = published_case(world)
    record.content = {**record.content, "title": "⟦1⟧"}
    record.save(update_fields=["content"])

    with pytest.raises(UnfitForReleaseError):
        export_digest(world.actor("advocate"), digest_of(world, record), as_pdf=True)
