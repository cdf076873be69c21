"""Cases that nobody can open any more, given to a new holder by two custodians and the root (group E, 66 and 67)."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.http import Http404

from accounts.ceremony import files
from accounts.ceremony.__main__ import main
from accounts.ceremony.files import Escrow, Recovered
from accounts.ceremony.keys import WrongCodeError
from accounts.ceremony.orphans import recover
from accounts.models import OfflineRequest, User, UserKey
from accounts.officers import AnswerRefusedError
from casebook.core.errors import CasebookError, ErasedError, IntegrityError, NoKeyError, UnconfirmedKeyError
from casebook.core.recovery_code import format_code
from casebook.core.wrapping import PrivateKeys, sign, wrap, wrap_statement
from cases.access import OpenCase
from cases.compartments import ALL_COMPARTMENTS
from cases.levels import AccessLevel
from cases.models import CaseUserObjectPermission, Compartment, KeyWrap, RecipientKind
from cases.queries import statement_of
from cases.recovery import NoEscrowError, UnknownCaseError, export_escrow
from cases.sharing import MixedAccessError, grant, install_recovered, revoke
from tests.accounts.entries import entries
from tests.builders import World, found_world
from tests.cases.builders import new_case, reopen, told_case
from tests.test_hostile_writer import place_of


def orphan(world: World) -> OpenCase:
    """A case whose every holder is gone: no permission and no wrap but the escrow is left."""
    opened = told_case(world)
    CaseUserObjectPermission.objects.filter(content_object=opened.case).delete()
    KeyWrap.objects.filter(compartment__case=opened.case).exclude(kind=RecipientKind.ORGANISATION).delete()
    Compartment.objects.filter(case=opened.case).update(rekey_pending=True)
    return opened


def codes(world: World, first: int = 0, second: int = 2) -> tuple[bytes, bytes]:
    custodians = world.founding.codes.custodians
    return custodians[first], custodians[second]


def recovered(world: World, escrow: Escrow) -> Recovered:
    return recover(escrow, root_code=world.founding.codes.root, custodian_codes=codes(world))


def rights() -> tuple[list[object], list[object]]:
    permissions = CaseUserObjectPermission.objects.order_by("id").values_list("user", "permission", "content_object")
    return list(permissions), list(KeyWrap.objects.order_by("id").values_list("id", "recipient", "signature"))


def refused(answer: Recovered, how: type[CasebookError] = AnswerRefusedError) -> None:
    before = rights()
    with pytest.raises(how):
        install_recovered(answer)
    assert rights() == before


# --- what works -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pair", list(permutations(range(3), 2)))
def test_any_two_custodians_with_the_root_give_an_orphan_to_a_new_holder(world: World, pair: tuple[int, int]) -> None:
    opened = orphan(world)
    with pytest.raises(Http404):
        reopen(world, opened, "colleague")

    escrow = export_escrow([opened.case.reference], world.people["colleague"])
    answer = recover(escrow, root_code=world.founding.codes.root, custodian_codes=codes(world, *pair))
    install_recovered(answer)

    again = reopen(world, opened, "colleague")
    assert "остановили" in statement_of(again)[1].text
    assert {name: again.opened[name].current_key() for name in again.opened} == {
        name: opened.opened[name].current_key() for name in again.opened
    }
    grant(reopen(world, opened, "colleague", need="share_case"), world.people["expert"], AccessLevel.EXPERT)
    for action in ("case.export_escrow", "case.recover"):
        (said,) = entries(world, action)
        assert (said["actor"], said["person"]) == ("(manage.py)", world.people["colleague"].username)


def test_the_whole_way_by_the_commands_of_both_machines(world: World, tmp_path: Path, capsys: object) -> None:
    first, second = orphan(world), orphan(world)
    out, back = tmp_path / "escrow.json", tmp_path / "recovered.json"
    holder = world.people["colleague"].username

    call_command("export_escrow", first.case.reference, second.case.reference, "--for", holder, "--out", str(out))
    root, *custodians = (format_code(code) for code in (world.founding.codes.root, *codes(world)))
    typed: Iterator[str] = iter(("yes", root, *custodians))
    assert main(["recover", str(out), "--out", str(back)], lambda question: next(typed)) == 0
    call_command("install_recovered", str(back))

    for opened in (first, second):
        assert "остановили" in statement_of(reopen(world, opened, "colleague"))[1].text


def test_a_recovered_case_can_be_recovered_again_after_a_new_key(world: World) -> None:
    opened = orphan(world)
    install_recovered(recovered(world, export_escrow([opened.case.reference], world.people["colleague"])))
    shared = reopen(world, opened, "colleague", need="share_case", wanted=ALL_COMPARTMENTS)
    grant(shared, world.people["lawyer"], AccessLevel.CASEWORKER)
    shared = reopen(world, opened, "lawyer", need="share_case", wanted=ALL_COMPARTMENTS)
    revoke(shared, world.people["colleague"])
    with pytest.raises(Http404):
        reopen(world, opened, "colleague")

    install_recovered(recovered(world, export_escrow([opened.case.reference], world.people["colleague"])))
    assert reopen(world, opened, "colleague")


# --- codes ----------------------------------------------------------------------------------------------------------


def test_one_custodian_twice_or_without_the_root_recovers_nothing(world: World) -> None:
    escrow = export_escrow([orphan(world).case.reference], world.people["colleague"])
    first, second = codes(world)
    for root, pair in (
        (world.founding.codes.root, (first, first)),
        (world.founding.codes.root, (first, world.founding.codes.root)),
        (first, (first, second)),
        (bytes(20), (first, second)),
    ):
        with pytest.raises(WrongCodeError):
            recover(escrow, root_code=root, custodian_codes=pair)


def test_the_custodians_of_another_organisation_recover_nothing(world: World) -> None:
    other = found_world("Elsewhere", "MD", with_people=False).founding.codes
    escrow = export_escrow([orphan(world).case.reference], world.people["colleague"])
    pair = (other.custodians[0], other.custodians[1])
    with pytest.raises(WrongCodeError):
        recover(escrow, root_code=world.founding.codes.root, custodian_codes=pair)
    with pytest.raises(WrongCodeError):
        recover(escrow, root_code=other.root, custodian_codes=codes(world))


# --- what the server may have changed -------------------------------------------------------------------------------


def test_a_key_planted_in_the_escrow_is_not_handed_on(world: World) -> None:
    """The writer wraps a key that she knows to the recovery key: what the new holder writes would be open to her."""
    opened = orphan(world)
    row = KeyWrap.objects.get(compartment__case=opened.case, compartment__name="testimony")
    info = place_of(row).info(bytes(world.organisation.recovery_public))
    writer = PrivateKeys.generate()
    row.blob = wrap(bytes(world.organisation.recovery_public), bytes(32), info=info)
    row.signature = sign(writer.signing, wrap_statement(info, row.blob))
    row.save()
    escrow = export_escrow([opened.case.reference], world.people["colleague"])
    with pytest.raises(IntegrityError):
        recovered(world, escrow)

    assert row.signer_id
    UserKey.objects.filter(pk=row.signer_id).update(signing_public=writer.public().signing)
    escrow = export_escrow([opened.case.reference], world.people["colleague"])
    with pytest.raises(IntegrityError):
        recovered(world, escrow)


def test_an_escrow_moved_to_another_case_is_not_handed_on(world: World) -> None:
    opened, other = orphan(world), orphan(world)
    theirs = KeyWrap.objects.get(compartment__case=other.case, compartment__name="testimony")
    mine = KeyWrap.objects.filter(compartment__case=opened.case, compartment__name="testimony")
    mine.update(blob=bytes(theirs.blob), signature=bytes(theirs.signature))

    with pytest.raises(IntegrityError):
        recovered(world, export_escrow([opened.case.reference], world.people["colleague"]))


def test_a_swapped_holder_receives_nothing(world: World) -> None:
    opened = orphan(world)
    escrow = export_escrow([opened.case.reference], world.people["colleague"])
    writer = PrivateKeys.generate().public()
    with pytest.raises(IntegrityError):
        recovered(world, replace(escrow, holder=replace(escrow.holder, hpke_public=writer.hpke)))
    with pytest.raises(UnconfirmedKeyError):
        recovered(world, replace(escrow, holder=replace(escrow.holder, certificate=None)))
    selfmade = replace(escrow.holder, signer=replace(escrow.holder, officer=True))
    with pytest.raises(IntegrityError):
        recovered(world, replace(escrow, holder=selfmade))


def test_a_key_pair_put_in_the_place_of_the_organisations_is_refused(world: World) -> None:
    escrow = export_escrow([orphan(world).case.reference], world.people["colleague"])
    keys = escrow.organisation.keys
    other = PrivateKeys.generate()
    swapped = replace(keys, root_public=other.public().signing)
    swapped = replace(swapped, signature=sign(other.signing, swapped.statement()))
    for wrong in (swapped, replace(keys, recovery_public=other.public().hpke)):
        with pytest.raises(WrongCodeError):
            recovered(world, replace(escrow, organisation=replace(escrow.organisation, keys=wrong)))


# --- what the server takes in ---------------------------------------------------------------------------------------


def test_an_answer_is_taken_in_once(world: World) -> None:
    opened = orphan(world)
    answer = recovered(world, export_escrow([opened.case.reference], world.people["colleague"]))
    install_recovered(answer)
    CaseUserObjectPermission.objects.all().delete()

    refused(answer)
    with pytest.raises(Http404):
        reopen(world, opened, "colleague")


@pytest.mark.parametrize("part", ["request", "keys", "signature"])
def test_a_changed_answer_is_refused(world: World, part: str) -> None:
    answer = recovered(world, export_escrow([orphan(world).case.reference], world.people["colleague"]))
    other = recovered(world, export_escrow([orphan(world).case.reference], world.people["lawyer"]))

    refused(replace(answer, **{part: getattr(other, part)}))
    refused(replace(answer, keys=answer.keys[:2]))
    refused(replace(answer, keys=()))


def test_an_answer_to_an_officer_s_request_gives_no_case(world: World) -> None:
    answer = recovered(world, export_escrow([orphan(world).case.reference], world.people["colleague"]))
    OfflineRequest.objects.filter(pk=answer.request).update(kind=OfflineRequest.Kind.OFFICER)
    refused(answer)


def test_an_answer_from_before_a_new_key_is_refused(world: World) -> None:
    opened = orphan(world)
    answer = recovered(world, export_escrow([opened.case.reference], world.people["colleague"]))
    Compartment.objects.filter(case=opened.case, name="testimony").update(epoch=2)
    refused(answer)


def test_an_answer_is_refused_after_the_case_was_erased(world: World) -> None:
    opened = orphan(world)
    answer = recovered(world, export_escrow([opened.case.reference], world.people["colleague"]))
    Compartment.objects.filter(case=opened.case).update(shredded=True)
    refused(answer)


def test_a_wrap_that_names_the_root_but_was_signed_by_another_does_not_open(world: World) -> None:
    """Without a signer it is the pinned root's signature that counts: emptying the column forges nothing."""
    opened = told_case(world)
    mine = KeyWrap.objects.get(compartment__name="testimony", recipient=world.people["lawyer"].id)
    mine.signer, mine.checked = None, None
    mine.save()
    with pytest.raises(IntegrityError):
        reopen(world, opened, "lawyer")


def test_an_expert_on_the_case_is_not_made_a_caseworker_by_the_way(world: World) -> None:
    opened = told_case(world)
    grant(opened, world.people["expert"], AccessLevel.EXPERT)
    refused(recovered(world, export_escrow([opened.case.reference], world.people["expert"])), MixedAccessError)


# --- what is not exported -------------------------------------------------------------------------------------------


def nothing_asked(how: type[CasebookError], reference: str, holder: User) -> None:
    with pytest.raises(how):
        export_escrow([reference], holder)
    assert not OfflineRequest.objects.exists()


def test_a_case_without_escrow_cannot_be_recovered_and_says_so(world: World) -> None:
    opened = new_case(world, escrow=False)
    nothing_asked(NoEscrowError, opened.case.reference, world.people["colleague"])
    with pytest.raises(CommandError, match="made without the organisation's recovery key"):
        call_command(
            "export_escrow", opened.case.reference, "--for", world.people["colleague"].username, "--out", "unused"
        )


def test_unknown_erased_and_foreign_cases_and_unconfirmed_holders_are_refused(world: World) -> None:
    opened = orphan(world)
    stranger = found_world("Elsewhere", "MD", with_people=False).people["admin"]
    newcomer = world.add("newcomer", confirmed=False)

    nothing_asked(UnknownCaseError, "NOSUCH1", world.people["colleague"])
    nothing_asked(UnknownCaseError, opened.case.reference, stranger)
    nothing_asked(UnconfirmedKeyError, opened.case.reference, newcomer)
    Compartment.objects.filter(case=opened.case, name="identity").update(shredded=True)
    nothing_asked(ErasedError, opened.case.reference, world.people["colleague"])


def test_the_escrow_file_opens_nothing_by_itself(world: World, tmp_path: Path) -> None:
    opened = orphan(world)
    out = tmp_path / "escrow.json"
    call_command("export_escrow", opened.case.reference, "--for", world.people["colleague"].username, "--out", str(out))
    keys = [compartment.current_key() for compartment in opened.opened.values()]
    assert not any(key in out.read_bytes() or key.hex().encode() in out.read_bytes() for key in keys)
    with pytest.raises(CommandError, match="not the file"):
        call_command("install_recovered", str(out))
    with pytest.raises(Http404):
        reopen(world, opened, "colleague")


def test_a_permission_row_alone_still_gives_nothing(world: World) -> None:
    opened = orphan(world)
    answer = recovered(world, export_escrow([opened.case.reference], world.people["colleague"]))
    install_recovered(answer)
    KeyWrap.objects.filter(recipient=world.people["colleague"].id).delete()
    with pytest.raises(NoKeyError):
        reopen(world, opened, "colleague")


def test_files_hold_what_was_asked(world: World) -> None:
    escrow = export_escrow([orphan(world).case.reference], world.people["colleague"])
    assert files.parse(Escrow, files.dump(escrow)) == escrow
    answer = recovered(world, escrow)
    assert files.parse(Recovered, files.dump(answer)) == answer
