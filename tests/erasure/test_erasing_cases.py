"""Erasing a case: who may, what is gone, what stays (groups E 63, 65, 69 and G 81 of the security specification)."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.db import DatabaseError, transaction
from django.http import Http404
from django.test import TestCase
from django.utils import timezone

from accounts.auditing import audit
from accounts.models import Role
from casebook.core.errors import ErasedError, IntegrityError, LockedError, NoKeyError
from casebook.core.fields import sealed_fields
from casebook.core.ledger_verification import first_fault
from casebook.core.models import AuditEvent, BackupPart
from cases.access import open_case
from cases.actions import attach_evidence, remove_evidence, save_person
from cases.contents import Profile
from cases.erasure import proposals
from cases.erasure.destruction import belongings, inventory
from cases.erasure.errors import (
    AlreadyDecidedError,
    AlreadyProposedError,
    ChangedMeanwhileError,
    HeldError,
    OwnProposalError,
    StillPublishedError,
)
from cases.erasure.finishing import finish_all
from cases.erasure.holds import lift_hold
from cases.erasure.ledger_details import erase_ledger_details
from cases.erasure.records import Erasure, ErasureState
from cases.models import (
    Case,
    CaseUserObjectPermission,
    Compartment,
    CompartmentName,
    EpochLink,
    KeyWrap,
    Person,
    Statement,
)
from cases.rekeying import rekey
from cases.roster import drift
from cases.sharing import wall_off
from legal_analysis.models import Annotation, Finding
from publication.actions import RetractionReason, retract
from publication.models import PublishedRecord
from tests.builders import World, found_world, unlocked
from tests.cases.builders import BOTH, ready_case, reopen, told_case
from tests.core.test_uploads import receive
from tests.erasure.builders import ASKED, erased, held, proposed
from tests.legal_analysis.builders import annotated, concluded, opened_by, shared_case
from tests.publication.builders import as_lawyer, published_case

ERASED_STAYS = {"cases.Case", "cases.Compartment", "cases.Erasure"}


@pytest.fixture(autouse=True)
def evidence_folder(settings: Any, tmp_path: Path) -> Path:
    settings.CASEBOOK_UPLOAD_DIR, settings.CASEBOOK_EVIDENCE_DIR = tmp_path / "uploads", tmp_path / "evidence"
    return tmp_path / "evidence"


def rows_naming(case: Case) -> set[str]:
    """Labels of all tables, history too, with a row that still names the case."""
    found = set()
    for model in apps.get_models(include_auto_created=True):
        names = [f.attname for f in model._meta.concrete_fields if f.related_model is Case]
        if model is Case or getattr(model, "instance_type", None) is Case:
            names.append("id")
        if any(model._base_manager.filter(**{name: case.pk}).exists() for name in names):
            found.add(model._meta.label)
    return found


# --- what is gone -------------------------------------------------------------------------------------------------


def test_nothing_of_an_erased_case_is_left_but_its_stub_and_certificate(world: World) -> None:
    case = shared_case(world)
    expert = opened_by(world, case)
    annotated(expert)
    concluded(expert)
    opened = reopen(world, open_case(world.actor("lawyer"), case.reference, need="view_case"), "lawyer")
    attach_evidence(opened, receive(b"photo"))
    rekey(opened, CompartmentName.IDENTITY)
    assert len(rows_naming(case)) > 12

    erased(world, opened)

    stub = Case.objects.get(pk=case.pk)
    assert rows_naming(case) == ERASED_STAYS
    assert (stub.country, stub.year, stub.perpetrator, stub.team) == ("", 0, "", None)
    assert stub.reference == case.reference
    assert not KeyWrap.objects.filter(compartment__case=case).exists()
    assert not EpochLink.objects.filter(compartment__case=case).exists()
    assert set(Compartment.objects.filter(case=case).values_list("shredded", flat=True)) == {True}
    assert not Annotation.objects.exists()
    assert not Finding.objects.exists()


def test_the_keys_are_gone_for_everybody_even_if_somebody_marks_the_case_whole_again(world: World) -> None:
    """E 63: with the lawyer's keyring as it was, live rows, history and recovery key; `shredded` un-marked by hand."""
    opened = told_case(world)
    keyring_kept = world.actor("lawyer")
    kept = [list(model._base_manager.all()) for model in (Person, Statement)]
    versions = list(Statement.history.all())

    erased(world, opened)
    Compartment.objects.update(shredded=False)
    for rows in (*kept, versions):  # an old data backup puts the rows back
        type(rows[0])._base_manager.bulk_create(rows, ignore_conflicts=True)
    ids = dict(Permission.objects.values_list("codename", "id"))
    for codename in ("view_case", "read_identity", "read_testimony"):
        CaseUserObjectPermission.objects.create(
            user=keyring_kept.user, content_object=opened.case, permission_id=ids[codename]
        )

    assert Statement.history.count() == len(versions)
    assert KeyWrap.objects.count() == 0
    with pytest.raises(NoKeyError):
        open_case(keyring_kept, opened.case.reference, need="view_case", compartments=BOTH)


def test_a_card_left_behind_opens_with_no_kept_key(world: World) -> None:
    opened = told_case(world)
    erased(world, opened)

    stub = Case.objects.get(pk=opened.case.pk)
    with pytest.raises(IntegrityError):
        opened.testimony.unseal(stub, "sealed_card")


def test_files_of_evidence_are_deleted_with_those_that_were_taken_out(world: World, evidence_folder: Path) -> None:
    opened = told_case(world)
    attach_evidence(opened, receive(b"first"))
    second = attach_evidence(opened, receive(b"second"))
    other = told_case(world)
    attach_evidence(other, receive(b"of another case"))
    assert len(list(evidence_folder.iterdir())) == 3
    remove_evidence(opened, second)  # its deletion waits for a commit that a killed process never reached

    with TestCase.captureOnCommitCallbacks(execute=True):
        row = erased(world, opened)

    assert row.destroyed["files"] == 2
    assert len(list(evidence_folder.iterdir())) == 1


def test_history_rows_of_deleted_rows_go_too(world: World) -> None:
    """E 65."""
    opened = told_case(world)
    Person.objects.get().delete()
    assert Person.history.count() >= 2

    erased(world, opened)

    assert Person.history.count() == 0


def test_every_table_that_hangs_off_a_case_goes_with_it_or_was_decided_to_stay() -> None:
    """Whoever adds a table decides by its foreign key: CASCADE goes with the case, PROTECT outlives it."""
    going = {model._meta.label for model, _attname in belongings()}
    hanging = {
        model._meta.label
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.related_model is Case and not hasattr(model, "history_date")
    }
    assert hanging - going == {"cases.Compartment", "cases.Erasure", "publication.PublishedRecord"}


def test_no_table_with_sealed_values_hides_behind_another() -> None:
    """A row that hangs off a case only through another row would leave its history behind."""
    going = {model for model, _attname in belongings()}
    sealed = {
        model
        for app in ("cases", "legal_analysis", "publication")
        for model in apps.get_app_config(app).get_models()
        if sealed_fields(model) and not hasattr(model, "history_date")
    }
    assert sealed - going == {Case, KeyWrap, EpochLink}
    behind = {
        model._meta.label
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.related_model in going and model not in going and not hasattr(model, "history_date")
    }
    assert behind == set()


def test_other_cases_are_untouched(world: World) -> None:
    opened, other = told_case(world), told_case(world)
    before = inventory(other.case)

    erased(world, opened)

    assert inventory(other.case) == before
    again = reopen(world, other, "lawyer")
    assert again.identity.unseal(Person.objects.get(case=other.case), "sealed_profile")["phones"]


def test_permissions_and_keys_agree_afterwards(world: World) -> None:
    erased(world, told_case(world))

    assert drift() == []


def test_the_ledger_still_verifies_and_says_who(world: World) -> None:
    row = erased(world, told_case(world))

    assert first_fault() is None
    assert audit(world.actor("auditor")).is_clean
    assert row.decided_by == world.people["coordinator"]


# --- who may ------------------------------------------------------------------------------------------------------


def test_the_proposer_cannot_approve(world: World) -> None:
    world.people["lawyer"].role_grants.create(role=Role.COORDINATOR)
    opened = told_case(world)
    row = proposed(opened)

    with pytest.raises(OwnProposalError):
        proposals.approve(world.actor("lawyer"), row.pk)

    row.refresh_from_db()
    assert row.state == ErasureState.PROPOSED
    assert reopen(world, opened, "lawyer").holds(CompartmentName.IDENTITY)


def test_the_database_refuses_one_person_as_both(world: World) -> None:
    row = proposed(told_case(world))

    with pytest.raises(DatabaseError), transaction.atomic():
        Erasure.objects.filter(pk=row.pk).update(state=ErasureState.DONE, decided_by=row.proposed_by)


def test_an_administrator_proposes_without_any_key(world: World) -> None:
    opened = told_case(world)
    row = proposals.propose_by_reference(world.actor("admin"), opened.case.reference, ASKED)

    proposals.approve(world.actor("coordinator"), row.pk)

    assert not KeyWrap.objects.filter(compartment__case=opened.case).exists()


@pytest.mark.parametrize("name", ["lawyer", "colleague", "expert", "advocate", "auditor"])
def test_nobody_but_coordinators_and_administrators_approves(world: World, name: str) -> None:
    row = proposals.propose_by_reference(world.actor("admin"), told_case(world).case.reference, ASKED)

    with pytest.raises(Http404):
        proposals.approve(world.actor(name), row.pk)


def test_another_organisation_knows_of_nothing(world: World) -> None:
    other = found_world("Elsewhere", "MD")
    opened = told_case(world)
    row = proposed(opened)

    with pytest.raises(Http404):
        proposals.approve(other.actor("coordinator"), row.pk)
    with pytest.raises(Http404):
        proposals.propose_by_reference(other.actor("admin"), opened.case.reference, ASKED)


def test_behind_a_wall_there_is_nothing_to_decide(world: World) -> None:
    opened = told_case(world)
    wall_off(opened, world.people["coordinator"])
    row = proposed(as_lawyer(world, opened))

    with pytest.raises(Http404):
        proposals.approve(world.actor("coordinator"), row.pk)


def test_approving_needs_open_keys(world: World) -> None:
    row = proposed(told_case(world))
    locked = unlocked(world.people["coordinator"])

    with pytest.raises(LockedError):
        proposals.approve(type(locked)(locked.user), row.pk)
    assert KeyWrap.objects.exists()


# --- what keeps it from happening ---------------------------------------------------------------------------------


def test_the_second_of_two_who_approve_at_once_is_told_so(world: World) -> None:
    row = proposed(told_case(world))
    proposals.approve(world.actor("coordinator"), row.pk)

    with pytest.raises(AlreadyDecidedError):
        proposals.approve(world.actor("admin"), row.pk)

    row.refresh_from_db()
    assert row.decided_by == world.people["coordinator"]


def test_a_case_that_was_changed_meanwhile_is_not_erased(world: World) -> None:
    opened = told_case(world)
    row = proposed(opened)
    save_person(opened, Profile(given="Нина"))

    with pytest.raises(ChangedMeanwhileError):
        proposals.approve(world.actor("coordinator"), row.pk)

    assert Person.objects.count() == 2
    proposals.refuse(world.actor("coordinator"), row.pk)
    assert proposed(opened).is_open


def test_a_new_key_alone_changes_nothing_about_a_proposal(world: World) -> None:
    opened = told_case(world)
    row = proposed(opened)
    rekey(opened, CompartmentName.IDENTITY)

    assert proposals.approve(world.actor("coordinator"), row.pk).is_done


def test_a_legal_hold_keeps_a_case_from_being_proposed_and_from_being_erased(world: World) -> None:
    opened = told_case(world)
    row = proposed(opened)
    held(world, opened.case)

    with pytest.raises(HeldError):
        proposals.approve(world.actor("admin"), row.pk)
    proposals.withdraw(world.actor("lawyer"), row.pk)
    with pytest.raises(HeldError):
        proposed(opened)
    assert Person.objects.count() == 1

    lift_hold(open_case(world.actor("coordinator"), opened.case.reference, need="share_case"))
    assert erased(world, opened).is_done


def test_what_is_published_has_to_be_taken_back_first(world: World) -> None:
    opened, record = published_case(world)
    with pytest.raises(StillPublishedError):
        proposed(opened)

    retract(world.actor("advocate"), record, RetractionReason.DANGER)
    erased(world, as_lawyer(world, opened))

    left = PublishedRecord.objects.get()
    assert (left.number, left.content, left.is_retracted) == (record.number, {}, True)
    assert rows_naming(opened.case) == ERASED_STAYS | {
        "publication.PublishedRecord",
        "publication.HistoricalPublishedRecord",
    }


def test_a_proposal_can_be_made_once_and_withdrawn_by_its_maker_only(world: World) -> None:
    opened = told_case(world)
    row = proposed(opened)
    with pytest.raises(AlreadyProposedError):
        proposed(opened)
    with pytest.raises(Http404):
        proposals.withdraw(world.actor("coordinator"), row.pk)

    proposals.withdraw(world.actor("lawyer"), row.pk)
    with pytest.raises(AlreadyDecidedError):
        proposals.approve(world.actor("coordinator"), row.pk)


# --- afterwards ---------------------------------------------------------------------------------------------------


def test_who_may_know_of_it_is_told_until_when_a_key_backup_exists(world: World) -> None:
    now = timezone.now()
    BackupPart.objects.create(backup=uuid4(), kind="keys", made_at=now, expires_at=now + timedelta(days=35))
    opened = told_case(world)
    row = erased(world, opened)
    assert row.keys_until == timezone.localdate(now + timedelta(days=35))

    for name in ("lawyer", "coordinator", "admin"):
        with pytest.raises(ErasedError) as refusal:
            open_case(world.actor(name), opened.case.reference, need="view_case")
        assert refusal.value.backup_until == row.keys_until
    for name in ("colleague", "expert", "advocate"):
        with pytest.raises(Http404):
            open_case(world.actor(name), opened.case.reference, need="view_case")


def test_what_was_erased_cannot_be_proposed_again(world: World) -> None:
    opened = told_case(world)
    erased(world, opened)

    with pytest.raises(ErasedError):
        proposals.propose_by_reference(world.actor("admin"), opened.case.reference, ASKED)


def test_the_certificate_counts_what_was_destroyed(world: World) -> None:
    opened = ready_case(world)
    expected = inventory(opened.case)

    row = erased(world, opened)

    assert row.destroyed == expected
    assert row.destroyed["recovery_keys"] == 3
    assert row.destroyed["keys"] >= 3
    assert row.destroyed["versions"] > row.destroyed["records"] > 5


def test_what_comes_back_with_older_data_is_erased_again(world: World, evidence_folder: Path) -> None:
    opened = told_case(world)
    statement, versions = Statement.objects.get(), list(Statement.history.all())
    row = erased(world, opened)
    Statement._base_manager.bulk_create([statement])
    Statement.history.model._base_manager.bulk_create(versions)
    Case.objects.filter(pk=opened.case.pk).update(year=2025, country="GE")

    finish_all()

    assert rows_naming(opened.case) == ERASED_STAYS
    assert Case.objects.get(pk=opened.case.pk).year == 0
    row.refresh_from_db()
    assert row.finished_at is None


def test_a_key_that_a_colleague_gave_at_the_same_moment_is_deleted_by_the_next_finishing(world: World) -> None:
    opened = told_case(world)
    wrap = KeyWrap.objects.filter(compartment__case=opened.case).first()
    erased(world, opened)
    assert wrap is not None
    KeyWrap._base_manager.bulk_create([wrap])

    finish_all()

    assert KeyWrap.objects.count() == 0


def test_nobody_guesses_what_the_ledger_said_once_an_auditor_erased_it(world: World) -> None:
    """G 81: the details go, the tree still verifies."""
    opened, other = told_case(world), told_case(world)
    row = erased(world, opened)
    auditor = world.actor("auditor")

    number = erase_ledger_details(auditor, row)

    assert number > 5
    assert AuditEvent.objects.filter(sealed=None).count() == number
    assert audit(auditor).is_clean
    assert erase_ledger_details(auditor, row) == 0
    assert other.case.reference


def test_only_auditors_erase_the_ledger_details(world: World) -> None:
    row = erased(world, told_case(world))

    with pytest.raises(Http404):
        erase_ledger_details(world.actor("coordinator"), row)
