"""Erasing one person in a case: profile, versions, words in the story; everybody else stays readable."""

import pytest
from django.http import Http404

from casebook.core.errors import ErasedError, IntegrityError
from cases.access import OpenCase, open_case
from cases.actions import save_narrative, save_person
from cases.contents import Profile
from cases.erasure import proposals
from cases.erasure.errors import ChangedMeanwhileError, HeldError, NeedsKeysError, OwnProposalError
from cases.erasure.finishing import finish_all
from cases.erasure.records import Erasure
from cases.history import changes_in, old_narrative
from cases.models import CompartmentName, EpochLink, MentionMap, Person, Statement
from cases.narrative import words_of
from cases.queries import find_person, known_people, narrative_of, statement_of
from cases.sharing import wall_off
from tests.builders import World
from tests.cases.builders import NAME, PHONE, ready_case, reopen
from tests.erasure.builders import ASKED, held
from tests.publication.builders import as_lawyer

WITNESS = "Зинаида"


def two_people(world: World) -> OpenCase:
    """A case with its client and a witness, both in the story, which was written twice."""
    opened = ready_case(world)
    save_person(opened, Profile(role="witness", given=WITNESS))
    row, content = statement_of(opened)
    text = words_of(content, narrative_of(opened)[1])
    assert row is not None
    save_narrative(opened, f"{text} {WITNESS} всё видела.", language="ru", revision=row.revision)
    return opened


def client_row() -> Person:
    return Person.objects.earliest("id")


def erased_client(world: World, opened: OpenCase) -> Erasure:
    row = proposals.propose_person(opened, client_row().pk, ASKED)
    return proposals.approve(world.actor("coordinator"), row.pk)


def identity_json(opened: OpenCase) -> str:
    """Everything that the identity key opens, live and historical."""
    read = [opened.identity.unseal(row, "sealed_profile") for row in (*Person.objects.all(), *Person.history.all())]
    maps = (*MentionMap.objects.all(), *MentionMap.history.all())
    return str(read + [opened.identity.unseal(row, "sealed_words") for row in maps])


def test_her_words_are_nowhere_in_the_case_and_the_others_stay(world: World) -> None:
    opened = two_people(world)
    assert NAME in identity_json(opened)

    row = erased_client(world, opened)

    again = reopen(world, opened, "lawyer")
    read = identity_json(again)
    text = words_of(statement_of(again)[1], narrative_of(again)[1])
    assert [
        word for word in (NAME, NAME.casefold(), "Пустовойтова", "пустовойтова", PHONE) if word in read + text
    ] == []
    assert "[Клиентка]" in text or "[Клиент]" in text
    assert WITNESS in text
    assert [profile.given for _key, profile in known_people(again)] == [WITNESS]
    assert row.destroyed["words"] == 2
    assert row.destroyed["records"] == 1


def test_no_kept_key_opens_what_a_copy_of_the_rows_keeps(world: World) -> None:
    """An old data backup puts the person back; today's keys do not open her."""
    opened = two_people(world)
    person, versions = client_row(), list(Person.history.filter(id=client_row().pk))
    map_before = MentionMap.objects.get()
    erased_client(world, opened)

    again = reopen(world, opened, "lawyer")
    assert not EpochLink.objects.filter(compartment=again.identity.row).exists()
    for row, name in ((person, "sealed_profile"), (versions[0], "sealed_profile"), (map_before, "sealed_words")):
        with pytest.raises(IntegrityError):
            again.identity.unseal(row, name)


def test_who_comes_back_with_older_data_is_erased_again(world: World) -> None:
    opened = two_people(world)
    person, versions = client_row(), list(Person.history.filter(id=client_row().pk))
    erased_client(world, opened)
    Person._base_manager.bulk_create([person])
    Person.history.model._base_manager.bulk_create(versions)

    finish_all()

    assert not Person.objects.filter(pk=person.pk).exists()
    assert not Person.history.filter(id=person.pk).exists()


def test_history_of_the_case_still_opens(world: World) -> None:
    opened = two_people(world)
    save_person(opened, Profile(role="witness", given=WITNESS, family="Ли"), person=Person.objects.latest("id"))
    erased_client(world, opened)

    again = reopen(world, opened, "lawyer")
    assert changes_in(again).changes
    only = Statement.history.get()
    told = old_narrative(again, only.history_id)
    assert NAME not in words_of(told.content, told.words)
    assert WITNESS in words_of(told.content, told.words)


def test_experts_read_the_same_as_before(world: World) -> None:
    opened = two_people(world)
    before = statement_of(opened)[1]

    erased_client(world, opened)

    row, content = statement_of(reopen(world, opened, "lawyer"))
    assert content == before
    assert row is not None
    assert row.revision == MentionMap.objects.get().revision


def test_the_story_can_be_written_on_afterwards(world: World) -> None:
    opened = two_people(world)
    erased_client(world, opened)
    again = reopen(world, opened, "lawyer")
    row, content = statement_of(again)
    assert row is not None

    save_narrative(again, words_of(content, narrative_of(again)[1]) + " Ещё.", language="ru", revision=row.revision)

    assert statement_of(again)[1].text.endswith("Ещё.")


def test_the_page_of_an_erased_person_is_gone_with_a_date(world: World) -> None:
    opened = two_people(world)
    person = client_row()
    row = erased_client(world, opened)

    with pytest.raises(ErasedError) as refusal:
        find_person(reopen(world, opened, "lawyer"), person.pk)
    assert refusal.value.backup_until == row.keys_until


def test_it_takes_a_second_person_who_can_open_the_case(world: World) -> None:
    opened = two_people(world)
    row = proposals.propose_person(opened, client_row().pk, ASKED)

    with pytest.raises(NeedsKeysError):
        proposals.approve(world.actor("admin"), row.pk)
    with pytest.raises(Http404):
        proposals.approve(world.actor("lawyer"), row.pk)
    assert Person.objects.count() == 2


def test_a_coordinator_does_not_approve_her_own(world: World) -> None:
    opened = two_people(world)
    row = proposals.propose_person(as_lawyer(world, opened, "coordinator"), client_row().pk, ASKED)

    with pytest.raises(OwnProposalError):
        proposals.approve(world.actor("coordinator"), row.pk)


def test_a_person_who_was_changed_meanwhile_stays(world: World) -> None:
    opened = two_people(world)
    row = proposals.propose_person(opened, client_row().pk, ASKED)
    save_person(opened, Profile(given="Нина"), person=client_row())

    with pytest.raises(ChangedMeanwhileError):
        proposals.approve(world.actor("coordinator"), row.pk)


def test_a_legal_hold_keeps_people_too(world: World) -> None:
    opened = two_people(world)
    row = proposals.propose_person(opened, client_row().pk, ASKED)
    held(world, opened.case)

    with pytest.raises(HeldError):
        proposals.approve(world.actor("coordinator"), row.pk)
    with pytest.raises(HeldError):
        proposals.propose_person(opened, Person.objects.latest("id").pk, ASKED)


def test_people_of_other_cases_cannot_be_named(world: World) -> None:
    opened, other = two_people(world), two_people(world)
    theirs = Person.objects.filter(case=other.case).latest("id")

    with pytest.raises(Http404):
        proposals.propose_person(opened, theirs.pk, ASKED)


def test_a_walled_coordinator_has_nothing_to_decide(world: World) -> None:
    opened = two_people(world)
    wall_off(opened, world.people["coordinator"])
    row = proposals.propose_person(as_lawyer(world, opened), client_row().pk, ASKED)

    with pytest.raises(Http404):
        proposals.approve(world.actor("coordinator"), row.pk)
    assert open_case(world.actor("lawyer"), opened.case.reference, need="view_case", optional=CompartmentName.values)
