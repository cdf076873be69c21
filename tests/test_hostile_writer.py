"""Somebody who can write to the database changes nothing unseen (group C of the security specification)."""

import json
import time

import pytest
from django.db import connection

from accounts.auditing import audit
from accounts.certificates import certificate_statement, certified_signing_key
from accounts.enrolment import open_with_passphrase
from accounts.models import KeySlot, UnlockedSession, UserKey
from accounts.unlocking import Token, promote, resume, start_active, start_pending
from casebook.core.encoding import ctx
from casebook.core.errors import IntegrityError, NoKeyError, UnconfirmedKeyError, WrongSecretError
from casebook.core.key_derivation import FLOOR
from casebook.core.sealing import seal
from casebook.core.wrapping import PrivateKeys, WrapPlace, sign, wrap, wrap_statement
from cases.actions import save_narrative, save_person
from cases.contents import Profile
from cases.levels import AccessLevel
from cases.models import Case, Compartment, CompartmentName, Incident, KeyWrap, Person, RecipientKind, Statement
from cases.queries import card_of, incident_of, profile_of, statement_of
from cases.sharing import grant
from tests.builders import PASSPHRASE, World, unlocked
from tests.cases.builders import new_case, reopen, told_case

BINDING = bytes(range(32))


def test_values_swapped_between_rows_do_not_open(world: World) -> None:
    opened = told_case(world)
    save_person(opened, Profile(given="Зинаида", role="witness"))
    first, second = Person.objects.filter(case=opened.case)
    Person.objects.filter(pk=first.pk).update(sealed_profile=second.sealed_profile)
    Person.objects.filter(pk=second.pk).update(sealed_profile=first.sealed_profile)

    again = reopen(world, opened, "lawyer")
    for row in Person.objects.filter(case=opened.case):
        with pytest.raises(IntegrityError):
            profile_of(again, row)


def test_a_value_moved_to_another_field_does_not_open(world: World) -> None:
    opened = told_case(world)
    incident, statement = Incident.objects.get(case=opened.case), Statement.objects.get(case=opened.case)
    Statement.objects.filter(pk=statement.pk).update(sealed_content=incident.sealed_details)
    Case.objects.filter(pk=opened.case.pk).update(sealed_card=incident.sealed_details, revision=incident.revision)

    again = reopen(world, opened, "lawyer")
    with pytest.raises(IntegrityError):
        statement_of(again)
    with pytest.raises(IntegrityError):
        card_of(again)


def test_a_value_moved_to_another_case_does_not_open(world: World) -> None:
    opened, other = told_case(world), told_case(world)
    theirs = Statement.objects.get(case=other.case)
    Statement.objects.filter(case=opened.case).update(sealed_content=theirs.sealed_content, revision=theirs.revision)

    with pytest.raises(IntegrityError):
        statement_of(reopen(world, opened, "lawyer"))


def test_a_row_moved_to_another_case_does_not_open(world: World) -> None:
    opened, other = told_case(world), new_case(world)
    Statement.objects.filter(case=opened.case).update(case=other.case)

    with pytest.raises(IntegrityError):
        statement_of(reopen(world, other, "lawyer"))


def test_a_field_set_back_to_an_older_value_does_not_open(world: World) -> None:
    opened = told_case(world)
    old = Incident.history.latest()
    row = Incident.objects.get(case=opened.case)
    save_narrative(opened, "новый текст", language="ru", revision=Statement.objects.get().revision)
    oldest = Statement.history.earliest()
    Statement.objects.filter(case=opened.case).update(sealed_content=oldest.sealed_content)

    again = reopen(world, opened, "lawyer")
    with pytest.raises(IntegrityError):
        statement_of(again)
    assert old.revision == row.revision
    assert incident_of(again)[1].time == "18:40"


def test_a_whole_row_set_back_is_seen_by_the_auditor(world: World) -> None:
    opened = told_case(world)
    save_narrative(opened, "новый текст", language="ru", revision=Statement.objects.get().revision)
    assert audit(world.actor("auditor")).is_clean
    oldest = Statement.history.earliest()
    row = Statement.objects.get()
    stored = row.revision
    Statement.objects.update(sealed_content=oldest.sealed_content, revision=oldest.revision)

    assert "остановили" in statement_of(reopen(world, opened, "lawyer"))[1].text
    found = audit(world.actor("auditor"))
    assert [(each.target, each.stored, each.recorded) for each in found.set_back] == [
        (f"cases.Statement:{row.pk}", oldest.revision, stored)
    ]


def place_of(row: KeyWrap) -> WrapPlace:
    return WrapPlace(
        organisation=row.compartment.case.organisation_id,
        case=row.compartment.case_id,
        compartment=row.compartment_id,
        compartment_name=row.compartment.name,
        epoch=row.epoch,
        recipient_kind=row.kind,
        recipient=row.recipient,
        recipient_epoch=row.recipient_epoch,
    )


@pytest.mark.parametrize("checked_before", [False, True])
def test_a_wrap_moved_to_another_case_does_not_open(world: World, checked_before: bool) -> None:
    opened, other = told_case(world), told_case(world)
    mine = {"kind": RecipientKind.USER, "recipient": world.people["lawyer"].id}
    wrap_row = KeyWrap.objects.get(compartment__case=other.case, compartment__name="testimony", **mine)
    assert wrap_row.checked
    KeyWrap.objects.filter(compartment__case=opened.case, compartment__name="testimony", **mine).update(
        blob=bytes(wrap_row.blob),
        signature=bytes(wrap_row.signature),
        signer=wrap_row.signer,
        checked=wrap_row.checked if checked_before else None,
    )

    with pytest.raises(IntegrityError):
        reopen(world, opened, "lawyer")


def test_a_checked_key_planted_by_the_writer_does_not_open(world: World) -> None:
    """Nobody but the recipient has the key under which an opened wrap is kept."""
    opened = told_case(world)
    mine = KeyWrap.objects.get(compartment__name="testimony", recipient=world.people["lawyer"].id)
    victim = UserKey.objects.get(user=world.people["lawyer"])
    info = place_of(mine).info(bytes(victim.hpke_public))
    mine.checked = seal(bytes(32), opened.testimony.current_key(), context=ctx("checked-wrap", info))
    mine.save()

    with pytest.raises(IntegrityError):
        reopen(world, opened, "lawyer")


def test_a_colleagues_checked_key_is_of_no_use(world: World) -> None:
    opened = told_case(world)
    grant(opened, world.people["colleague"], AccessLevel.CASEWORKER)
    reopen(world, opened, "colleague")
    wraps = KeyWrap.objects.filter(compartment__name="testimony")
    theirs = wraps.get(recipient=world.people["colleague"].id).checked
    assert theirs
    wraps.filter(recipient=world.people["lawyer"].id).update(checked=theirs)

    with pytest.raises(IntegrityError):
        reopen(world, opened, "lawyer")


@pytest.mark.parametrize("signature", ["forged by the writer", "reused from another wrap", "signer's row swapped"])
def test_a_planted_key_is_refused(world: World, signature: str) -> None:
    """The writer knows every public key, so a wrap is easily made; signing it as a colleague is not."""
    opened = told_case(world)
    grant(opened, world.people["colleague"], AccessLevel.CASEWORKER)
    victim = UserKey.objects.get(user=world.people["colleague"])
    row = KeyWrap.objects.get(
        compartment__case=opened.case, compartment__name="testimony", recipient=world.people["colleague"].id
    )
    info = place_of(row).info(bytes(victim.hpke_public))
    writer = PrivateKeys.generate()
    row.blob = wrap(bytes(victim.hpke_public), bytes(32), info=info)
    if signature != "reused from another wrap":
        row.signature = sign(writer.signing, wrap_statement(info, row.blob))
    if signature == "signer's row swapped":
        assert row.signer_id
        UserKey.objects.filter(pk=row.signer_id).update(signing_public=writer.public().signing)
    row.save()

    with pytest.raises(IntegrityError):
        reopen(world, opened, "colleague")


def test_a_swapped_public_key_gets_no_share(world: World) -> None:
    opened = told_case(world)
    writer = PrivateKeys.generate().public()
    UserKey.objects.filter(user=world.people["expert"]).update(hpke_public=writer.hpke)

    with pytest.raises(IntegrityError):
        grant(opened, world.people["expert"], AccessLevel.EXPERT)
    assert not KeyWrap.objects.filter(recipient=world.people["expert"].id).exists()


def test_a_removed_certificate_gets_no_share(world: World) -> None:
    opened = told_case(world)
    UserKey.objects.filter(user=world.people["expert"]).update(certificate=None)

    with pytest.raises(UnconfirmedKeyError):
        grant(opened, world.people["expert"], AccessLevel.EXPERT)


@pytest.mark.parametrize("made_officer", [False, True])
def test_a_person_who_is_no_officer_certifies_nobody(world: World, made_officer: bool) -> None:
    """With her own keys and the database in her hands she signs a certificate and calls herself an officer."""
    lawyer = world.actor("lawyer").require_keys()
    UserKey.objects.filter(pk=lawyer.key_id).update(officer=made_officer)
    forged = UserKey.objects.get(user=world.people["expert"])
    forged.signer = UserKey.objects.get(pk=lawyer.key_id)
    forged.certificate = lawyer.sign(certificate_statement(forged, officer=False))
    forged.save()

    keys = world.actor("coordinator").require_keys()
    with pytest.raises(IntegrityError):
        certified_signing_key(keys, UserKey.objects.get(user=world.people["expert"]))


# --- unlocked sessions ---------------------------------------------------------------------------------------------


def active(world: World, name: str = "lawyer") -> Token:
    return start_active(open_with_passphrase(world.people[name], PASSPHRASE), BINDING)


def test_an_unlocked_session_resumes_only_for_its_person_and_its_session(world: World) -> None:
    token = active(world)

    assert resume(token, world.people["lawyer"], BINDING) is not None
    assert resume(token, world.people["colleague"], BINDING) is None
    assert resume(token, world.people["lawyer"], bytes(32)) is None
    assert resume(Token(bytes(32)), world.people["lawyer"], BINDING) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda world: {"user": world.people["colleague"]},
        lambda world: {"expires": int(time.time()) + 10**6},
        lambda world: {"key": UserKey.objects.get(user=world.people["colleague"])},
    ],
)
def test_a_session_row_moved_or_extended_does_not_open(world: World, change: object) -> None:
    token = active(world)
    assert callable(change)
    UnlockedSession.objects.filter(id=token.row_id).update(**change(world))

    assert resume(token, world.people["lawyer"], BINDING) is None
    assert resume(token, world.people["colleague"], BINDING) is None


def test_a_pending_session_promoted_by_hand_does_not_open(world: World) -> None:
    token = start_pending(open_with_passphrase(world.people["lawyer"], PASSPHRASE))
    UnlockedSession.objects.filter(id=token.row_id).update(state="active", bound_session=BINDING)

    assert resume(token, world.people["lawyer"], BINDING) is None
    assert resume(token, world.people["lawyer"], bytes(32)) is None


def test_a_pending_session_is_promoted_once(world: World) -> None:
    token = start_pending(open_with_passphrase(world.people["lawyer"], PASSPHRASE))

    assert resume(token, world.people["lawyer"], bytes(32)) is None
    fresh = promote(token, world.people["lawyer"], BINDING)
    assert fresh is not None
    assert resume(fresh, world.people["lawyer"], BINDING) is not None
    assert promote(token, world.people["lawyer"], BINDING) is None


def test_a_blob_from_another_session_does_not_open(world: World) -> None:
    mine, theirs = active(world), active(world, "colleague")
    blob = UnlockedSession.objects.get(id=theirs.row_id).blob
    UnlockedSession.objects.filter(id=mine.row_id).update(blob=blob)

    assert resume(mine, world.people["lawyer"], BINDING) is None


# --- key slots -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("memory", [8, 2 * 1024 * 1024])
def test_a_slot_asking_for_too_cheap_or_too_dear_a_derivation_is_refused(
    world: World, memory: int, settings: object
) -> None:
    settings.CASEBOOK_ARGON2_FLOOR = FLOOR  # type: ignore[attr-defined]
    slots = KeySlot.objects.filter(key__user=world.people["lawyer"], kind=KeySlot.Kind.PASSPHRASE)
    slots.update(params={"passes": 3, "memory": memory, "lanes": 4})

    with pytest.raises(IntegrityError):
        open_with_passphrase(world.people["lawyer"], PASSPHRASE)


def test_a_slot_of_somebody_else_does_not_open_ones_keyring(world: World) -> None:
    theirs = KeySlot.objects.get(key__user=world.people["colleague"], kind=KeySlot.Kind.PASSPHRASE)
    KeySlot.objects.filter(key__user=world.people["lawyer"], kind=KeySlot.Kind.PASSPHRASE).update(
        blob=theirs.blob, salt=bytes(theirs.salt), params=theirs.params
    )

    with pytest.raises(WrongSecretError):
        unlocked(world.people["lawyer"])


def test_an_older_wrap_put_back_after_a_rekey_does_not_open(world: World) -> None:
    opened = told_case(world)
    grant(opened, world.people["expert"], AccessLevel.EXPERT)
    mine = KeyWrap.objects.get(
        compartment__case=opened.case, compartment__name="testimony", recipient=world.people["expert"].id
    )
    Compartment.objects.filter(pk=mine.compartment_id).update(epoch=2)

    with pytest.raises(NoKeyError):
        reopen(world, opened, "expert", wanted=(CompartmentName.TESTIMONY,))


def test_the_settings_and_every_stored_blob_open_nothing_as_keys(world: World) -> None:
    """Whoever has the disk has these bytes; none of them is a key."""
    from django.conf import settings

    from casebook.core.sealing import unseal

    opened = told_case(world)
    row = Statement.objects.get(case=opened.case)
    context = opened.testimony._place(row, "sealed_content")
    candidates = {settings.CASEBOOK_LEDGER_KEY, settings.CASEBOOK_SECOND_FACTOR_KEY}
    candidates |= {settings.SECRET_KEY.encode()[:32]}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            for cells in cursor.fetchall():
                for cell in cells:
                    value = bytes(cell) if isinstance(cell, bytes | memoryview) else json.dumps(str(cell)).encode()
                    candidates |= {value[i : i + 32] for i in range(0, max(1, len(value) - 31), 16)}
    tried = 0
    for key in candidates:
        if len(key) == 32:
            tried += 1
            with pytest.raises(IntegrityError):
                unseal(key, row.sealed_content, context=context)
    assert tried > 100
