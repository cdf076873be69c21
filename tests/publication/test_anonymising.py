"""Anonymising: drafts, what a record still needs, and handing it to a reviewer."""

from datetime import timedelta

import pytest
from django.http import Http404
from django.utils import timezone

from accounts.models import Role
from casebook.core.errors import NoKeyError, StaleRevisionError
from cases.access import OpenCase, open_case
from cases.actions import record_consent, save_narrative
from cases.contents import ConsentDetails
from cases.levels import AccessLevel
from cases.models import CompartmentName, ConsentScope
from cases.queries import narrative_of, statement_of
from cases.roster import who_may_open
from cases.sharing import MixedAccessError, grant
from cases.stages import Missing, Stage, StepRefusedError, WrongStageError
from publication.actions import save_draft, send_back, submit
from publication.contents import DraftState
from publication.guards import missing_for_review
from publication.models import AnonymisedRecord, RedactionDraft
from publication.presentation import QUASI_KINDS, placeholder
from publication.quasi_identifiers import QuasiKind
from publication.queries import draft_of, preview_of, record_of, reviewers_for, workbench_of
from publication.redaction import Action, Decision, Substitution
from tests import raw_bytes
from tests.builders import World
from tests.cases.builders import NAME, PHONE, PLACE, STORY
from tests.publication.builders import (
    PLACEHOLDER,
    PUBLIC_TITLE,
    SENT_BACK,
    all_answered,
    as_lawyer,
    as_reviewer,
    case_to_anonymise,
    decide,
    hand_in,
)

pytestmark = pytest.mark.django_db


def words(missing: tuple[Missing, ...]) -> list[str]:
    return [str(each.what) for each in missing]


def ready(world: World) -> OpenCase:
    opened = case_to_anonymise(world)
    decide(opened)
    return opened


# --- drafts -------------------------------------------------------------------------------------------------------


def test_a_draft_is_sealed_and_comes_back_as_it_went(world: World) -> None:
    opened = case_to_anonymise(world)
    state = all_answered(opened, hidden=(Substitution("остановили", "задержали"),))

    save_draft(opened, state, revision=None)

    row, stored = draft_of(as_lawyer(world, opened))
    assert stored == state
    assert row is not None
    assert (row.anonymiser, row.revision) == (opened.actor.user, 1)


def test_nothing_of_a_draft_or_a_record_lies_in_the_database_before_it_is_published(world: World) -> None:
    opened = case_to_anonymise(world)
    decide(opened, all_answered(opened, hidden=(Substitution("остановили", "препроводили"),)))
    hand_in(world, opened)

    told = (PUBLIC_TITLE, PLACEHOLDER, "препроводили", "остановили", NAME, PHONE, PLACE)
    assert raw_bytes.found(told, raw_bytes.of_database()) == []


def test_a_second_editor_is_noticed(world: World) -> None:
    opened = case_to_anonymise(world)
    decide(opened)
    decide(as_lawyer(world, opened, "coordinator"))

    with pytest.raises(StaleRevisionError):
        save_draft(opened, all_answered(opened), revision=1)


def test_two_people_who_begin_at_once_do_not_overwrite_each_other(world: World) -> None:
    opened = case_to_anonymise(world)
    save_draft(opened, all_answered(opened), revision=None)

    with pytest.raises(StaleRevisionError):
        save_draft(as_lawyer(world, opened, "coordinator"), DraftState(), revision=None)


def test_every_version_of_a_draft_is_kept_sealed(world: World) -> None:
    opened = case_to_anonymise(world)
    decide(opened, all_answered(opened, title="Первый заголовок"))
    decide(opened, all_answered(opened, title="Второй заголовок"))

    (row,) = RedactionDraft.objects.all()
    titles = [opened.testimony.unseal(version, "sealed_state")["title"] for version in row.history.order_by("revision")]
    assert titles == ["Первый заголовок", "Второй заголовок"]


@pytest.mark.parametrize("person", ["expert", "colleague", "advocate"])
def test_only_caseworkers_anonymise(world: World, person: str) -> None:
    opened = case_to_anonymise(world)

    with pytest.raises(Http404):
        as_lawyer(world, opened, person)


def test_decisions_are_kept_only_in_their_stage(world: World) -> None:
    opened = ready(world)
    hand_in(world, opened)

    with pytest.raises(WrongStageError):
        save_draft(opened, all_answered(opened), revision=1)


# --- the workbench ------------------------------------------------------------------------------------------------


def test_the_workbench_says_how_many_answers_are_missing(world: World) -> None:
    opened = case_to_anonymise(world)
    before = workbench_of(opened)
    decide(opened, DraftState(1, {}, {"period": "year"}, ""))
    after = workbench_of(opened)

    assert before.left == len(before.proposals) + 4
    assert after.left == before.left - 1


@pytest.mark.parametrize("kind", QuasiKind)
def test_every_kind_of_proposal_has_a_label_and_a_placeholder(kind: QuasiKind) -> None:
    assert str(QUASI_KINDS[kind])
    assert placeholder(kind, "ka").startswith("[")


def test_the_place_of_the_story_is_proposed(world: World) -> None:
    opened = case_to_anonymise(world)

    assert any(PLACE in form for each in workbench_of(opened).proposals for form in each.forms)


def test_the_preview_has_labels_where_names_stood_and_words_where_a_place_stood(world: World) -> None:
    opened = ready(world)

    narrative = preview_of(opened, workbench_of(opened)).record.narrative

    assert "рассказала: её остановили" in narrative
    assert PLACEHOLDER in narrative
    assert not {"⟦", "⟧"} & set(narrative)
    assert raw_bytes.found((NAME, "Пустовойтова", PHONE, PLACE), narrative.encode()) == []


def test_facets_are_told_as_they_were_answered(world: World) -> None:
    opened = case_to_anonymise(world)
    answers = {"period": "quarter", "place": "country", "age": "band", "gender": "shown"}
    decide(opened, all_answered(opened, facets=answers))

    facets = preview_of(opened, workbench_of(opened)).record.facets

    assert (facets.period.quarter, facets.region, facets.age_band, facets.gender) == (1, "", "30-39", "woman")


def test_a_capitalised_word_nobody_decided_about_is_left_to_look_at(world: World) -> None:
    opened = ready(world)

    assert "Свидетелей" in [each.word for each in preview_of(opened, workbench_of(opened)).leftovers]


def test_names_are_not_compared_without_their_key_and_the_page_can_say_so(world: World) -> None:
    opened = ready(world)
    blind = open_case(
        world.actor("lawyer"),
        opened.case.reference,
        need="anonymise_case",
        compartments=(CompartmentName.TESTIMONY, CompartmentName.RECORD),
    )

    assert preview_of(opened, workbench_of(opened)).names_checked
    assert not preview_of(blind, workbench_of(blind)).names_checked


# --- what is missing ----------------------------------------------------------------------------------------------


def test_an_answered_case_lacks_nothing(world: World) -> None:
    assert missing_for_review(ready(world)) == ()


@pytest.mark.parametrize("how", ["refused", "run out"])
def test_consent_to_publish_is_needed(world: World, how: str) -> None:
    opened = ready(world)
    until = timezone.localdate() - timedelta(days=1) if how == "run out" else None
    record_consent(opened, ConsentScope.PUBLISH, given=how != "refused", until=until, details=ConsentDetails())

    (missing,) = missing_for_review(opened)

    assert missing.url_name == "cases:consent"


def test_every_proposal_has_to_be_answered(world: World) -> None:
    opened = case_to_anonymise(world)
    state = all_answered(opened)
    assert state.decisions
    decide(opened, DraftState(state.statement_revision, {}, state.facets, state.title))

    (missing,) = words(missing_for_review(opened))
    assert missing.startswith(f"{len(state.decisions)} answer")


def test_every_facet_has_to_be_answered(world: World) -> None:
    opened = case_to_anonymise(world)
    state = all_answered(opened)
    decide(opened, DraftState(state.statement_revision, state.decisions, {"period": "year"}, state.title))

    assert words(missing_for_review(opened)) == ["3 answers are still missing."]


def test_keeping_something_visible_is_an_answer(world: World) -> None:
    opened = case_to_anonymise(world)
    state = all_answered(opened)
    kept = dict.fromkeys(state.decisions, Decision(Action.KEEP))
    decide(opened, DraftState(state.statement_revision, kept, state.facets, state.title))

    assert missing_for_review(opened) == ()
    assert PLACE in preview_of(opened, workbench_of(opened)).record.narrative


def test_a_public_title_is_needed(world: World) -> None:
    opened = case_to_anonymise(world)
    decide(opened, all_answered(opened, title=" "))

    assert words(missing_for_review(opened)) == ["Give the record a public title."]


@pytest.mark.parametrize("form", [NAME, "Лукерьи", "ПУСТОВОЙТОВОЙ"])
def test_a_name_on_file_in_the_title_is_found_in_every_form(world: World, form: str) -> None:
    opened = case_to_anonymise(world)
    decide(opened, all_answered(opened, title=f"Дело {form}"))

    assert words(missing_for_review(opened)) == ["A name or number of somebody on file is still in the text. Hide it."]
    assert preview_of(opened, workbench_of(opened)).names == (form,)


def test_a_name_on_file_typed_into_a_replacement_is_found(world: World) -> None:
    opened = case_to_anonymise(world)
    decide(opened, all_answered(opened, hidden=(Substitution("остановили", f"видели с {PHONE}"),)))

    assert preview_of(opened, workbench_of(opened)).names == (PHONE,)


def test_a_replacement_that_brings_a_hidden_word_back_is_refused(world: World) -> None:
    opened = case_to_anonymise(world)
    hidden = (Substitution("остановили", "досмотрели"), Substitution("рассказала", "сказала, что её остановили"))
    decide(opened, all_answered(opened, hidden=hidden))

    assert words(missing_for_review(opened)) == [
        "Something you hide stands in a replacement again. Change that replacement."
    ]


def test_decisions_about_an_earlier_testimony_do_not_count(world: World) -> None:
    opened = ready(world)
    row, _content = statement_of(opened)
    assert row is not None
    save_narrative(opened, STORY + " Она замёрзла.", language="ru", revision=row.revision)

    assert words(missing_for_review(opened)) == [
        "Check the names and numbers we found.",
        "The testimony was changed. Look through the proposals and save them again.",
    ]


def test_names_that_were_not_confirmed_hold_the_record_back(world: World) -> None:
    opened = ready(world)
    row, _content = statement_of(opened)
    _map, _words = narrative_of(opened)
    assert row is not None
    save_narrative(opened, STORY + " Позвоните +995 555 44 33 22.", language="ru", revision=row.revision)

    assert "cases:mentions" in [each.url_name for each in missing_for_review(opened)]


def test_somebody_has_to_be_there_who_can_review(world: World) -> None:
    opened = ready(world)
    advocate = world.people["advocate"]
    advocate.role_grants.all().delete()

    assert reviewers_for(opened) == []
    assert len(missing_for_review(opened)) == 1


def test_whoever_knows_the_case_is_not_offered_as_a_reviewer(world: World) -> None:
    opened = ready(world)
    both = world.add("both", Role.LEGAL_EXPERT, Role.ADVOCATE)
    grant(opened, both, AccessLevel.EXPERT)

    assert [person.display_name for person in reviewers_for(opened)] == ["Advocate"]


# --- handing in ---------------------------------------------------------------------------------------------------


def test_handing_in_seals_the_record_for_the_reviewer_alone(world: World) -> None:
    opened = ready(world)
    preview = preview_of(opened, workbench_of(opened))

    hand_in(world, opened)

    reading = as_reviewer(world, opened)
    row, content = record_of(reading)
    assert content == preview.record
    assert row.anonymiser == opened.actor.user
    assert opened.case.current_stage == Stage.REVIEW
    levels = {access.user.display_name: access.level for access in who_may_open(opened.case)}
    assert levels["Advocate"] == AccessLevel.REVIEWER
    with pytest.raises(NoKeyError):
        reading.testimony  # noqa: B018 (reading the property is the test)


def test_what_is_missing_refuses_handing_in(world: World) -> None:
    opened = case_to_anonymise(world)

    with pytest.raises(StepRefusedError) as refusal:
        submit(opened, world.people["advocate"], looked_at=frozenset())

    assert "Save your decisions." in words(refusal.value.missing)
    assert opened.case.current_stage == Stage.ANONYMISATION
    assert not AnonymisedRecord.objects.exists()


def test_a_word_nobody_looked_at_refuses_handing_in(world: World) -> None:
    opened = ready(world)

    with pytest.raises(StepRefusedError) as refusal:
        submit(opened, world.people["advocate"], looked_at=frozenset())

    assert words(refusal.value.missing) == ["Look at every word and number that is left."]


@pytest.mark.parametrize("person", ["lawyer", "coordinator", "expert", "admin"])
def test_only_a_distant_advocate_can_be_chosen(world: World, person: str) -> None:
    opened = ready(world)

    with pytest.raises(StepRefusedError) as refusal:
        hand_in(world, opened, person)

    assert words(refusal.value.missing) == ["Choose who reviews the record."]


def test_choosing_another_reviewer_takes_the_key_from_the_first(world: World) -> None:
    opened = ready(world)
    world.add("other", Role.ADVOCATE)
    hand_in(world, opened)

    send_back(as_reviewer(world, opened), SENT_BACK)

    again = as_lawyer(world, opened)
    hand_in(world, again, "other")

    with pytest.raises(Http404):
        as_reviewer(world, opened, "advocate")
    _row, content = record_of(as_reviewer(world, opened, "other"))
    assert content.title == PUBLIC_TITLE


def test_a_reviewer_cannot_be_made_an_expert_afterwards(world: World) -> None:
    opened = ready(world)
    hand_in(world, opened)

    with pytest.raises(MixedAccessError):
        grant(opened, world.people["advocate"], AccessLevel.EXPERT)
