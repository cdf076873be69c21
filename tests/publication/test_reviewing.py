"""Reviewing and publishing: only somebody who never knew more than the record, and only when nothing leads on."""

from collections.abc import Mapping

import pytest
from django.http import Http404
from django.utils import timezone

from accounts.models import Role
from casebook.core.errors import LockedError
from cases.access import open_case
from cases.actions import record_consent
from cases.contents import ConsentDetails
from cases.grants import give_permissions
from cases.levels import AccessLevel
from cases.models import Case, CaseUserObjectPermission, CompartmentName, ConsentScope
from cases.stages import Stage, StepRefusedError, WrongStageError
from publication.actions import (
    ReviewerTooCloseError,
    StillRecognisableError,
    publish,
    require_distance,
    send_back,
)
from publication.contents import INTRUDER_QUESTIONS, ReviewAnswers
from publication.models import IntruderReview, PublishedRecord
from publication.queries import (
    content_of,
    latest_review,
    record_of,
    register_page,
    visible_records,
    waiting_records,
)
from tests import raw_bytes
from tests.builders import World, found_world, unlocked
from tests.cases.builders import SECRETS
from tests.publication.builders import (
    NOTHING_FOUND,
    PLACEHOLDER,
    PUBLIC_TITLE,
    SENT_BACK,
    as_lawyer,
    as_reviewer,
    case_in_review,
    case_to_anonymise,
    decide,
    hand_in,
    published_case,
)

pytestmark = pytest.mark.django_db


# --- who may review -----------------------------------------------------------------------------------------------


def test_the_reviewer_holds_the_record_and_nothing_else(world: World) -> None:
    reading = as_reviewer(world, case_in_review(world))

    assert set(reading.opened) == {CompartmentName.RECORD}
    assert reading.permissions == {"view_case", "read_record", "review_case"}


def test_whoever_may_read_names_is_too_close(world: World) -> None:
    opened = case_in_review(world)
    give_permissions(world.people["advocate"], opened.case, AccessLevel.CASEWORKER)

    with pytest.raises(ReviewerTooCloseError):
        publish(as_reviewer(world, opened), NOTHING_FOUND)

    assert not PublishedRecord.objects.exists()


def test_whoever_may_read_the_testimony_is_too_close(world: World) -> None:
    opened = case_in_review(world)
    give_permissions(world.people["advocate"], opened.case, AccessLevel.EXPERT)

    with pytest.raises(ReviewerTooCloseError):
        send_back(as_reviewer(world, opened), SENT_BACK)


def test_whoever_made_the_record_is_too_close(world: World) -> None:
    opened = case_in_review(world)
    reading = as_reviewer(world, opened)
    row, _content = record_of(reading)
    row.anonymiser = world.people["advocate"]

    with pytest.raises(ReviewerTooCloseError):
        require_distance(reading, row)


@pytest.mark.parametrize("person", ["lawyer", "coordinator", "expert", "colleague"])
def test_nobody_but_the_chosen_reviewer_opens_the_review(world: World, person: str) -> None:
    opened = case_in_review(world)

    with pytest.raises(Http404):
        as_reviewer(world, opened, person)


def test_an_advocate_who_was_not_chosen_opens_nothing(world: World) -> None:
    opened = case_in_review(world)
    world.add("other", Role.ADVOCATE)

    with pytest.raises(Http404):
        as_reviewer(world, opened, "other")


# --- the list -----------------------------------------------------------------------------------------------------


def test_the_list_shows_public_titles_of_what_waits(world: World) -> None:
    opened = case_in_review(world)

    (line,) = waiting_records(world.actor("advocate"))

    assert (line.reference, line.where, line.title) == (opened.case.reference, "Georgia · 2025", PUBLIC_TITLE)


def test_a_title_without_its_key_stays_closed(world: World) -> None:
    opened = case_in_review(world)
    other = world.add("other", Role.ADVOCATE)
    give_permissions(other, opened.case, AccessLevel.REVIEWER)

    (line,) = waiting_records(world.actor("other"))

    assert line.title is None


def test_a_key_without_its_permission_opens_no_title(world: World) -> None:
    case_in_review(world)
    CaseUserObjectPermission.objects.filter(user=world.people["advocate"], permission__codename="read_record").delete()

    (line,) = waiting_records(world.actor("advocate"))

    assert line.title is None


def test_what_was_sent_back_or_published_waits_no_longer(world: World) -> None:
    opened = case_in_review(world)
    send_back(as_reviewer(world, opened), SENT_BACK)

    assert waiting_records(world.actor("advocate")) == []


@pytest.mark.parametrize("person", ["lawyer", "expert", "admin", "auditor"])
def test_the_list_is_for_advocates(world: World, person: str) -> None:
    with pytest.raises(Http404):
        waiting_records(world.actor(person))


# --- the verdict --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("question", INTRUDER_QUESTIONS)
def test_one_yes_keeps_the_record_from_being_published(world: World, question: str) -> None:
    reading = as_reviewer(world, case_in_review(world))

    with pytest.raises(StillRecognisableError):
        publish(reading, ReviewAnswers({**NOTHING_FOUND.risks, question: True}))

    assert not PublishedRecord.objects.exists()
    assert not IntruderReview.objects.exists()


@pytest.mark.parametrize("risks", [{}, {"neighbour": False}])
def test_an_open_question_keeps_the_record_from_being_published(world: World, risks: Mapping[str, bool]) -> None:
    with pytest.raises(StillRecognisableError):
        publish(as_reviewer(world, case_in_review(world)), ReviewAnswers(risks))


def test_a_record_that_was_sent_back_tells_the_anonymiser_why(world: World) -> None:
    opened = case_in_review(world)

    send_back(as_reviewer(world, opened), SENT_BACK)

    again = as_lawyer(world, opened)
    found = latest_review(again)
    assert again.case.current_stage == Stage.ANONYMISATION
    assert found is not None
    assert (found[0].reviewer, found[0].passed, found[1]) == (world.people["advocate"], False, SENT_BACK)


def test_what_the_reviewer_writes_is_sealed(world: World) -> None:
    send_back(as_reviewer(world, case_in_review(world)), SENT_BACK)

    assert raw_bytes.found(("Посёлок", "узнают", "places"), raw_bytes.of_database()) == []


def test_a_record_that_was_sent_back_can_come_again(world: World) -> None:
    opened = case_in_review(world)
    send_back(as_reviewer(world, opened), SENT_BACK)
    again = as_lawyer(world, opened)
    decide(again)
    hand_in(world, again)

    record = publish(as_reviewer(world, again), NOTHING_FOUND)

    assert record.number == "2025-GE-0001"


def test_publishing_puts_the_record_and_nothing_else_in_the_clear(world: World) -> None:
    opened, record = published_case(world)

    database = raw_bytes.of_database()
    assert content_of(record).title == PUBLIC_TITLE
    assert raw_bytes.found((PUBLIC_TITLE, PLACEHOLDER), database) == [PUBLIC_TITLE, PLACEHOLDER]
    private = [word for word in SECRETS if word not in ("остановили", "Свидетелей")]
    assert raw_bytes.found(private, database) == []
    assert opened.case.current_stage == Stage.PUBLISHED
    assert record.published_on == timezone.localdate()
    assert (record.anonymiser, record.reviewer) == (world.people["lawyer"], world.people["advocate"])


def test_consent_that_was_taken_back_stops_publishing(world: World) -> None:
    opened = case_in_review(world)
    record_consent(opened, ConsentScope.PUBLISH, given=False, until=None, details=ConsentDetails())

    with pytest.raises(StepRefusedError):
        publish(as_reviewer(world, opened), NOTHING_FOUND)


def test_publishing_twice_is_refused(world: World) -> None:
    reading = as_reviewer(world, case_in_review(world))
    again = as_reviewer(world, reading)
    publish(reading, NOTHING_FOUND)

    with pytest.raises(WrongStageError):
        publish(again, NOTHING_FOUND)

    assert PublishedRecord.objects.count() == 1


def test_numbers_count_up_within_a_year_and_country(world: World) -> None:
    records = [published_case(world)[1] for _each in range(3)]

    assert [record.number for record in records] == ["2025-GE-0001", "2025-GE-0002", "2025-GE-0003"]


def test_organisations_of_one_country_share_its_numbers(world: World) -> None:
    other = found_world("Lighthouse", "LT")

    numbers = [published_case(each)[1].number for each in (world, other)]

    assert numbers == ["2025-GE-0001", "2025-GE-0002"]


def test_a_case_that_left_its_stage_is_not_visible(world: World) -> None:
    opened, record = published_case(world)
    assert list(visible_records()) == [record]

    Case.objects.filter(pk=opened.case.pk).update(stage=Stage.ANONYMISATION)

    assert list(visible_records()) == []
    assert register_page().lines == []


def test_nobody_opens_a_review_with_closed_keys(world: World) -> None:
    opened = case_in_review(world)
    actor = unlocked(world.people["advocate"])

    with pytest.raises(LockedError):
        open_case(type(actor)(actor.user), opened.case.reference, need="review_case")


def test_a_case_before_review_cannot_be_reviewed(world: World) -> None:
    opened = case_to_anonymise(world)

    with pytest.raises(Http404):
        as_reviewer(world, opened)
