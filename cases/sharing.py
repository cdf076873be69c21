"""Giving and taking access to a case: guardian permission, signed key wrap and ledger entry, in one transaction."""

import os
from collections.abc import Iterable

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor, Operator
from accounts.ceremony.files import Recovered, RecoveredKey
from accounts.certificates import check_organisation
from accounts.models import OfflineRequest, Team, User, UserKey
from accounts.officers import AnswerRefusedError, claim
from accounts.teams import coordinators_of
from casebook.core import ledger
from casebook.core.errors import CasebookError, IntegrityError, UnconfirmedKeyError
from casebook.core.wrapping import WrapPlace, verify, wrap_statement
from cases.access import OpenCase
from cases.compartments import ALL_COMPARTMENTS, OpenCompartment
from cases.grants import give_permissions, give_team_permissions, remove_access, remove_team
from cases.levels import COMPARTMENTS, AccessLevel
from cases.models import Case, CaseWall, Compartment, KeyWrap, RecipientKind
from cases.rekeying import active_keys, rekey, wrap_for_person, wrap_for_recovery, wrap_for_team
from cases.roster import Roster, TeamAccess, roster_of


class MixedAccessError(CasebookError):
    """A reviewer must not know who the people are, and nobody may hold two levels on one case."""

    code = "mixed-access"
    status = 409
    message = _("This person already has access to the case in another way. Take that back first.")


class LastHolderError(CasebookError):
    code = "last-holder"
    status = 409
    message = _("Nobody else could work on this case then. Share it with a colleague first.")


class WalledError(CasebookError):
    code = "walled"
    status = 409
    message = _("A wall keeps this person out of the case. Take the wall down first, if it should be.")


def new_compartments(case: Case) -> dict[str, OpenCompartment]:
    """Unsaved compartments of a new case with fresh keys, so that its card can be sealed before anything is stored."""
    rows = (Compartment(case=case, name=name) for name in ALL_COMPARTMENTS)
    return {row.name: OpenCompartment(row, case.organisation_id, {row.epoch: os.urandom(32)}) for row in rows}


def store_compartments(actor: Actor, case: Case, opened: dict[str, OpenCompartment], *, escrow: bool) -> None:
    """Save the compartments of a new case, wrapped for its creator, the team of coordinators and the recovery key.

    Without `escrow` only they can ever open the case. The case belongs to the team from then on.
    """
    check_organisation(actor.require_keys(), case.organisation)
    mine = active_keys([actor.user])[actor.user.id]
    team = _keyed_coordinators(case)
    wraps = []
    for compartment in opened.values():
        compartment.row.save(force_insert=True)
        wraps.append(wrap_for_person(actor, compartment, mine))
        if team is not None:
            wraps.append(wrap_for_team(actor, compartment, team))
        if escrow:
            wraps.append(wrap_for_recovery(actor, compartment, case))
    KeyWrap.objects.bulk_create(wraps)
    _belong(case, team)
    give_permissions(actor.user, case, AccessLevel.CASEWORKER)


def _keyed_coordinators(case: Case) -> Team | None:
    team = coordinators_of(case.organisation)
    return team if team is not None and team.epoch else None


def _belong(case: Case, team: Team | None) -> None:
    case.team = team
    Case.objects.filter(pk=case.pk).update(team=team)


# --- people -------------------------------------------------------------------------------------------------------


@transaction.atomic
def grant(opened: OpenCase, recipient: User, level: AccessLevel) -> None:
    """Let a person into a case: the one place where somebody is given access by name after its founding.

    Raises 404 without `share_case`, NoKeyError when the giver lacks a key, UnconfirmedKeyError when nobody confirmed
    the recipient's keys, MixedAccessError when they hold another level, WalledError behind a wall.
    """
    opened.require("share_case")
    check_organisation(opened.actor.require_keys(), opened.case.organisation)
    recipient_key = active_keys([recipient]).get(recipient.id)
    if recipient_key is None or not recipient.is_active or recipient.organisation_id != opened.case.organisation_id:
        raise UnconfirmedKeyError
    if CaseWall.objects.filter(case=opened.case, person=recipient).exists():
        raise WalledError
    if roster_of(opened.case).levels_of(recipient) - {level}:
        raise MixedAccessError
    for name in COMPARTMENTS[level]:
        compartment = opened._compartment(name)
        KeyWrap.objects.filter(compartment=compartment.row, kind=RecipientKind.USER, recipient=recipient.id).delete()
        wrap_for_person(opened.actor, compartment, recipient_key).save(force_insert=True)
    give_permissions(recipient, opened.case, level)
    ledger.record("case.grant", actor=opened.actor, target=opened.case, person=recipient.username, level=level.value)


@transaction.atomic
def revoke(opened: OpenCase, person: User) -> None:
    """Take back what a person was given by name, at once, and give every compartment they had a new key.

    A compartment that the actor cannot open is marked, for the next holder to do. Raises LastHolderError when nobody
    could work on the case any more.
    """
    opened.require("share_case")
    if not roster_of(opened.case).caseworkers_besides(person):
        raise LastHolderError
    pending = _rekey_all(opened, remove_access(opened.case, person))
    ledger.record("case.revoke", actor=opened.actor, target=opened.case, person=person.username, pending=pending)


def _rekey_all(opened: OpenCase, affected: Iterable[Compartment]) -> list[str]:
    """New keys for what is open here; the names of what has to wait for another holder."""
    waiting = []
    for compartment in affected:
        if compartment.name in opened.opened:
            rekey(opened, compartment.name)
        else:
            waiting.append(compartment.name)
    return sorted(waiting)


@transaction.atomic
def hand_over(opened: OpenCase, recipient: User | None) -> None:
    """Give the case to a colleague, or with None to the team of coordinators alone, and keep no key.

    What the actor reaches as a coordinator stays. Raises what `grant` and `revoke` raise.
    """
    if recipient is not None:
        grant(opened, recipient, AccessLevel.CASEWORKER)
    revoke(opened, opened.actor.user)
    to = recipient.username if recipient is not None else "coordinators"
    ledger.record("case.hand_over", actor=opened.actor, target=opened.case, person=to)


# --- from the custodians ------------------------------------------------------------------------------------------


@transaction.atomic
def install_recovered(answer: Recovered) -> tuple[User, list[Case]]:
    """Let the holder whom custodians and root recovered cases for into them, as a caseworker.

    All of it or nothing: permissions, the wraps that the root signed, ledger entries. Raises AnswerRefusedError for an
    answer to no open request, a changed one, another organisation's, or one made before a case got a new key;
    MixedAccessError when the holder has another level by now, WalledError behind a wall.
    """
    key = claim(answer.request, OfflineRequest.Kind.RECOVERY)
    holder, organisation = key.user, key.user.organisation
    found = Compartment.objects.select_related("case").filter(case__organisation=organisation, shredded=False)
    compartments = found.in_bulk([each.compartment for each in answer.keys])
    try:
        verify(bytes(organisation.root_public), answer.signature, answer.statement(organisation.id, key.id))
        wraps = [_recovered_wrap(each, compartments[each.compartment], key) for each in answer.keys]
    except (IntegrityError, KeyError):
        raise AnswerRefusedError from None
    cases = {row.case_id: row.case for row in compartments.values()}
    for case in cases.values():
        if {row.name for row in compartments.values() if row.case_id == case.id} != set(ALL_COMPARTMENTS):
            raise AnswerRefusedError
        if CaseWall.objects.filter(case=case, person=holder).exists():
            raise WalledError
        if roster_of(case).levels_of(holder) - {AccessLevel.CASEWORKER}:
            raise MixedAccessError
        give_permissions(holder, case, AccessLevel.CASEWORKER)
        ledger.record("case.recover", actor=Operator(organisation), target=case, person=holder.username)
    KeyWrap.objects.filter(compartment__in=compartments, kind=RecipientKind.USER, recipient=holder.id).delete()
    KeyWrap.objects.bulk_create(wraps)
    return holder, list(cases.values())


def _recovered_wrap(each: RecoveredKey, compartment: Compartment, key: UserKey) -> KeyWrap:
    """The row of a wrap that the root signed; raises IntegrityError unless it is for this place and this key."""
    place = WrapPlace(
        organisation=compartment.case.organisation_id,
        case=compartment.case_id,
        compartment=compartment.id,
        compartment_name=compartment.name,
        epoch=compartment.epoch,
        recipient_kind=RecipientKind.USER,
        recipient=key.user_id,
        recipient_epoch=key.epoch,
    )
    statement = wrap_statement(place.info(bytes(key.hpke_public)), each.blob)
    verify(bytes(key.user.organisation.root_public), each.signature, statement)
    return KeyWrap(
        compartment=compartment,
        epoch=compartment.epoch,
        kind=RecipientKind.USER,
        recipient=key.user_id,
        recipient_epoch=key.epoch,
        blob=each.blob,
        signer=None,
        signature=each.signature,
    )


# --- teams --------------------------------------------------------------------------------------------------------


@transaction.atomic
def grant_team(opened: OpenCase, team: Team) -> None:
    """Let a panel into a case as legal experts.

    Raises 404 without `share_case` or for a team that is no panel of the organisation, UnconfirmedKeyError while it has
    no key, WalledError while a wall stands, MixedAccessError when a member holds another level.
    """
    opened.require("share_case")
    check_organisation(opened.actor.require_keys(), opened.case.organisation)
    if team.kind != Team.Kind.PANEL or team.organisation_id != opened.case.organisation_id:
        raise Http404
    if CaseWall.objects.filter(case=opened.case).exists():
        raise WalledError
    roster = roster_of(opened.case)
    if any(roster.levels_of(member) - {AccessLevel.EXPERT} for member in User.objects.filter(groups=team.group_id)):
        raise MixedAccessError
    _wrap_for_team(opened, team, COMPARTMENTS[AccessLevel.EXPERT])
    give_team_permissions(team, opened.case, AccessLevel.EXPERT)
    ledger.record("case.grant_team", actor=opened.actor, target=opened.case, team=str(team.id))


def _wrap_for_team(opened: OpenCase, team: Team, names: Iterable[str]) -> None:
    for name in names:
        compartment = opened._compartment(name)
        KeyWrap.objects.filter(compartment=compartment.row, kind=RecipientKind.TEAM, recipient=team.id).delete()
        wrap_for_team(opened.actor, compartment, team).save(force_insert=True)


@transaction.atomic
def revoke_team(opened: OpenCase, team: Team) -> None:
    """Take a panel's access back and give new keys."""
    opened.require("share_case")
    pending = _rekey_all(opened, remove_team(opened.case, team))
    ledger.record("case.revoke_team", actor=opened.actor, target=opened.case, team=str(team.id), pending=pending)


@transaction.atomic
def bring_to_coordinators(opened: OpenCase, roster: Roster) -> None:
    """Give the team of coordinators what it should have and has not: a key to every compartment that is open here.

    A case lacks it when it was made before the team had a key, or when the team lost its key and has a new one.
    """
    missing = next((access.without_key for access in roster.teams if access.team.id == opened.case.team_id), None)
    if not opened.can("share_case") or missing == () or set(opened.opened) != set(ALL_COMPARTMENTS):
        return
    team = _keyed_coordinators(opened.case)
    if team is None or CaseWall.objects.filter(case=opened.case).exists():
        return
    check_organisation(opened.actor.require_keys(), opened.case.organisation)
    _wrap_for_team(opened, team, ALL_COMPARTMENTS if missing is None else missing)
    _belong(opened.case, team)
    ledger.record("case.grant_team", actor=opened.actor, target=opened.case, team=str(team.id))


# --- walls --------------------------------------------------------------------------------------------------------


@transaction.atomic
def wall_off(opened: OpenCase, person: User) -> None:
    """Keep a colleague out of a case, whatever teams they are in.

    The teams lose the case; their other members with confirmed keys keep it by name. Every compartment gets a new key.
    Raises 404 without `share_case` or for somebody of another organisation, LastHolderError when nobody would be left.
    """
    opened.require("share_case")
    if person.organisation_id != opened.case.organisation_id:
        raise Http404
    roster = roster_of(opened.case)
    if not roster.caseworkers_besides(person):
        raise LastHolderError
    CaseWall.objects.get_or_create(case=opened.case, person=person)
    affected = remove_access(opened.case, person)
    for access in roster.teams:
        affected += remove_team(opened.case, access.team)
    _keep_by_name(opened, roster.teams, walled=person)
    pending = _rekey_all(opened, {row.pk: row for row in affected}.values())
    ledger.record("case.wall", actor=opened.actor, target=opened.case, person=person.username, pending=pending)


def _keep_by_name(opened: OpenCase, teams: Iterable[TeamAccess], *, walled: User) -> None:
    """Let members in by name, at the highest level that a team gave them; who is in by name otherwise keeps that."""
    highest_last = sorted(teams, key=lambda access: list(AccessLevel).index(access.level), reverse=True)
    levels = {member: access.level for access in highest_last for member in access.members if member != walled}
    for key in active_keys(list(levels)).values():
        person = key.user
        if key.is_certified and not roster_of(opened.case).levels_of(person) - {levels[person]}:
            grant(opened, person, levels[person])


@transaction.atomic
def take_wall_down(opened: OpenCase, person: User) -> None:
    """Let a colleague be let in again; they get nothing by it. With the last wall the coordinators' team comes back."""
    opened.require("share_case")
    deleted, _rows = CaseWall.objects.filter(case=opened.case, person=person).delete()
    if not deleted:
        raise Http404
    ledger.record("case.wall_down", actor=opened.actor, target=opened.case, person=person.username)
    bring_to_coordinators(opened, roster_of(opened.case))
