"""Teams: who belongs to one, and the key pair between its members.

An officer makes a team's key pair and signs its public half; she wraps the private half for members whose keys are
confirmed and keeps nothing. Later members get it from a member, who sees their name: a row in the table of memberships
brings nobody a key. When somebody leaves, an officer makes a new pair for those who hold the old one; what is wrapped
for the old one waits to be wrapped anew (`cases.rekeying`).
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import IntegrityError as UniqueViolation
from django.db import transaction
from django.db.models import F
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from accounts.access import require_person, require_role
from accounts.actor import Actor
from accounts.certificates import certified_signing_key, check_organisation
from accounts.keyring import KeyPair, Keys
from accounts.models import Organisation, Role, Team, TeamMemberKey, User, UserKey
from casebook.core import ledger
from casebook.core.encoding import ctx
from casebook.core.errors import CasebookError, IntegrityError, NoKeyError, UnconfirmedKeyError
from casebook.core.sealing import seal, unseal
from casebook.core.wrapping import PrivateKeys, hpke_open, hpke_public_of, hpke_seal, verify, wrap_statement

KIND_ROLES = {Team.Kind.COORDINATORS: (Role.COORDINATOR,), Team.Kind.PANEL: (Role.LEGAL_EXPERT,)}


class Membership(NamedTuple):
    """A team that a person belongs to: what counts for permissions. Whether they hold its key is another matter."""

    team: UUID
    group: int
    kind: str


class WrongTeamRoleError(CasebookError):
    code = "wrong-team-role"
    status = 409
    message = _("Only people with the role of this team can join it. Give the role first.")


class TeamNameTakenError(CasebookError):
    code = "team-name-taken"
    status = 409
    message = _("Another team has this name already. Choose another one.")


class TeamInUseError(CasebookError):
    code = "team-in-use"
    status = 409
    message = _("Only a panel without members that never had a key can be deleted: no case can be shared with it.")


# --- statements and places ----------------------------------------------------------------------------------------


def team_statement(team: Team) -> bytes:
    """What an officer signs about a team: its organisation, kind, epoch and public key."""
    return ctx("team-cert", team.organisation_id, team.id, team.kind, team.epoch, bytes(team.hpke_public))


def _member_key_info(team_id: UUID, epoch: int, member: UUID, member_epoch: int, hpke_public: bytes) -> bytes:
    return ctx("team-key", team_id, epoch, member, member_epoch, sha256(hpke_public).digest())


def certified_team_key(keys: Keys, team: Team) -> bytes:
    """The team's public HPKE key (1216 bytes) after checking that an officer of the pinned root signed it.

    Raises UnconfirmedKeyError while the team has no key, IntegrityError when the signature is not an officer's.
    """
    if team.epoch == 0 or team.signer is None:
        raise UnconfirmedKeyError
    signing = certified_signing_key(keys, team.signer)
    if not team.signer.officer:
        raise IntegrityError
    verify(signing, bytes(team.signature), team_statement(team))
    return bytes(team.hpke_public)


# --- membership ---------------------------------------------------------------------------------------------------


def memberships(user: User) -> tuple[Membership, ...]:
    """The teams of a person in their organisation, read once for each copy of the person's row."""
    if not hasattr(user, "_memberships"):
        rows = Team.objects.filter(group__user=user.pk, organisation=user.organisation_id)
        user._memberships = tuple(Membership(*row) for row in rows.values_list("id", "group_id", "kind"))  # type: ignore[attr-defined]
    found: tuple[Membership, ...] = user._memberships  # type: ignore[attr-defined]
    return found


def _forget_memberships(user: User) -> None:
    user.__dict__.pop("_memberships", None)


def coordinators_of(organisation: Organisation) -> Team | None:
    return (
        Team.objects.select_related("signer__user", "signer__signer")
        .filter(organisation=organisation, kind=Team.Kind.COORDINATORS)
        .first()
    )


@transaction.atomic
def create_panel(actor: Actor, *, name: str) -> Team:
    """A panel of legal experts, without members yet; raises TeamNameTakenError."""
    require_role(actor, Role.ADMINISTRATOR)
    return _create(actor, name=name, kind=Team.Kind.PANEL)


def _create(actor: Actor, *, name: str, kind: Team.Kind) -> Team:
    organisation = actor.user.organisation
    team = Team(organisation=organisation, name=name, kind=kind)
    team.group = Group.objects.create(name=f"team:{team.id}")
    _save_named(team)
    ledger.record("team.create", actor=actor, target=team, kind=kind.value)
    return team


@transaction.atomic
def rename_panel(actor: Actor, team: Team, *, name: str) -> None:
    """Raises TeamNameTakenError, and 404 for the coordinators, whose name is that of their role."""
    _require_panel(actor, team)
    team.name = name
    _save_named(team)
    ledger.record("team.rename", actor=actor, target=team)


def _save_named(team: Team) -> None:
    """Save a team unless another one has its name, or it would pass for the coordinators in one of the languages."""
    taken = Team.objects.filter(organisation=team.organisation_id, name__iexact=team.name).exclude(pk=team.pk)
    if team.kind == Team.Kind.PANEL and (team.name.casefold() in _names_of_coordinators() or taken.exists()):
        raise TeamNameTakenError
    try:
        with transaction.atomic():
            team.save()
    except UniqueViolation:  # somebody took the name since it was looked up
        raise TeamNameTakenError from None


def _names_of_coordinators() -> set[str]:
    names = set()
    for language, _name in settings.LANGUAGES:
        with override(language):
            names.add(str(Team.Kind.COORDINATORS.label).casefold())
    return names


@transaction.atomic
def delete_panel(actor: Actor, team: Team) -> None:
    """Delete a panel for which nothing can have been wrapped; raises TeamInUseError for every other."""
    _require_panel(actor, team)
    team = Team.objects.select_for_update().select_related("group").get(pk=team.pk)
    if team.epoch or User.objects.filter(groups=team.group_id).exists():
        raise TeamInUseError
    ledger.record("team.delete", actor=actor, target=team)
    team.delete()
    team.group.delete()


def _require_panel(actor: Actor, team: Team) -> None:
    require_role(actor, Role.ADMINISTRATOR)
    _require_own(actor, team)
    if team.kind != Team.Kind.PANEL:
        raise Http404


@transaction.atomic
def join(actor: Actor, team: Team, person: User) -> None:
    """Make a person a member. The first members get a new team key here; later ones wait for a member to give it."""
    require_person(actor, person)
    _require_own(actor, team)
    if not belongs(team, person):
        raise WrongTeamRoleError
    person.groups.add(team.group)
    _forget_memberships(person)
    ledger.record("team.join", actor=actor, target=team, person=person.username)
    _start_key(actor, team, person)


def belongs(team: Team, person: User) -> bool:
    """Whether somebody may be a member: a person of the team's organisation with its role."""
    return person.organisation_id == team.organisation_id and person.has_role(*KIND_ROLES[Team.Kind(team.kind)])


def _start_key(actor: Actor, team: Team, person: User) -> None:
    """Make the team's first key, or one in place of a key that nobody holds any more, for this member."""
    if not is_officer(actor):
        return
    team = Team.objects.select_for_update().get(pk=team.pk)
    if not TeamMemberKey.objects.filter(team=team, epoch=team.epoch).exists():
        renew_key(actor, team, [person])


@transaction.atomic
def leave(actor: Actor, team: Team, person: User) -> None:
    """End a membership at once. The team gets a new key here if the actor is an officer at work, else it is due.

    It stays due when nobody else holds the key: then the officer names those who get the new one. Raises 404 for
    somebody who is no member.
    """
    require_person(actor, person)
    _require_own(actor, team)
    if not person.groups.filter(pk=team.group_id).exists():
        raise Http404
    _remove(actor, team, person)


def _remove(actor: Actor, team: Team, person: User) -> None:
    person.groups.remove(team.group)
    _forget_memberships(person)
    held, _rows = TeamMemberKey.objects.filter(team=team, member=person).delete()
    ledger.record("team.leave", actor=actor, target=team, person=person.username)
    if held:
        Team.objects.filter(pk=team.pk).update(renewal_due=True)
        if is_officer(actor) and TeamMemberKey.objects.filter(team=team, epoch=F("team__epoch")).exists():
            renew_key(actor, team)


@transaction.atomic
def match_roles(actor: Actor, person: User) -> None:
    """After a change of roles or a closed account: who lost a role leaves its teams, coordinators join theirs."""
    for team in Team.objects.filter(group__user=person):
        if not person.is_active or not person.has_role(*KIND_ROLES[Team.Kind(team.kind)]):
            _remove(actor, team, person)
    if person.is_active and person.has_role(Role.COORDINATOR):
        team = coordinators_of(person.organisation) or _create(
            actor, name=str(Team.Kind.COORDINATORS.label), kind=Team.Kind.COORDINATORS
        )
        if person.groups.filter(pk=team.group_id).exists():
            _start_key(actor, team, person)
        else:
            join(actor, team, person)


def is_officer(actor: Actor) -> bool:
    return actor.keys is not None and UserKey.objects.filter(pk=actor.keys.key_id, officer=True, active=True).exists()


def _require_own(actor: Actor, team: Team) -> None:
    if team.organisation_id != actor.user.organisation_id:
        raise Http404


def find_team(actor: Actor, team_id: UUID) -> Team:
    """A team of the actor's organisation, or 404."""
    team = (
        Team.objects.select_related("organisation", "group", "signer__user", "signer__signer")
        .filter(pk=team_id, organisation=actor.user.organisation_id)
        .first()
    )
    if team is None:
        raise Http404
    return team


# --- the key ------------------------------------------------------------------------------------------------------


def members_of(team: Team) -> list[User]:
    """Active members by name."""
    return list(User.objects.filter(groups=team.group_id, is_active=True))


def _confirmed_keys(people: Iterable[User]) -> list[UserKey]:
    rows = UserKey.objects.filter(user__in=list(people), active=True, certificate__isnull=False)
    return list(rows.select_related("user", "signer__user"))


@transaction.atomic
def renew_key(actor: Actor, team: Team, people: Iterable[User] | None = None) -> None:
    """Make the team a new key pair; officers only.

    It goes to the members named in `people`; without names to those who hold the present key, or where nobody holds it
    to every member with confirmed keys. Others wait until a member gives it to them. Old epochs stay with the members
    until nothing is wrapped for them any more. Without a recipient nothing happens.

    Raises NoKeyError for somebody who is no officer, 404 for a person who is no member, WrongTeamRoleError for one
    without the team's role, IntegrityError before anything is wrapped for keys or signatures that do not fit.
    """
    _require_own(actor, team)
    keys = actor.require_keys()
    check_organisation(keys, actor.user.organisation)
    officer = _officer(keys)
    team = Team.objects.select_for_update().get(pk=team.pk)
    recipients = _confirmed_keys(_holders(keys, team) if people is None else _named_members(team, people))
    if not recipients:
        return
    for recipient in recipients:
        certified_signing_key(keys, recipient)
    private = PrivateKeys.generate()
    team.epoch += 1
    team.hpke_public = private.public().hpke
    team.signer, team.renewal_due = officer, False
    team.signature = keys.sign(team_statement(team))
    team.save(update_fields=["epoch", "hpke_public", "signer", "signature", "renewal_due"])
    TeamMemberKey.objects.bulk_create(
        _wrap(keys, team.id, team.epoch, private.hpke, recipient) for recipient in recipients
    )
    names = sorted(recipient.user.username for recipient in recipients)
    ledger.record("team.renew_key", actor=actor, target=team, epoch=team.epoch, people=names)


def _officer(keys: Keys) -> UserKey:
    """The actor's own key, which the root certified as an officer's; raises NoKeyError, IntegrityError."""
    officer = UserKey.objects.select_related("user", "signer__user").filter(pk=keys.key_id, active=True).first()
    if officer is None or not officer.officer:
        raise NoKeyError
    certified_signing_key(keys, officer)
    return officer


def _named_members(team: Team, people: Iterable[User]) -> list[User]:
    named, members = list(people), members_of(team)
    if any(person not in members for person in named):
        raise Http404
    if not all(belongs(team, person) for person in named):
        raise WrongTeamRoleError
    return named


def _holders(keys: Keys, team: Team) -> list[User]:
    """Members who hold the present key; where nobody holds it, all members.

    Raises IntegrityError for a row that neither another member nor an officer signed: whoever writes to the database
    could make themselves a holder with it.
    """
    members = {person.id: person for person in members_of(team) if belongs(team, person)}
    rows = TeamMemberKey.objects.filter(team=team, epoch=team.epoch).select_related(
        "signer__user", "signer__signer__user"
    )
    if not rows:
        return list(members.values())
    present = {key.user_id: key for key in _confirmed_keys(members.values())}
    found = []
    for row in rows:
        key = present.get(row.member_id)
        if key is not None and key.epoch == row.member_epoch:
            _check_given(keys, row, key)
            found.append(members[row.member_id])
    return found


def _check_given(keys: Keys, row: TeamMemberKey, member: UserKey) -> None:
    if row.signer.user_id == row.member_id and not row.signer.officer:
        raise IntegrityError
    info = _member_key_info(row.team_id, row.epoch, row.member_id, row.member_epoch, bytes(member.hpke_public))
    verify(certified_signing_key(keys, row.signer), bytes(row.signature), wrap_statement(info, bytes(row.blob)))


@transaction.atomic
def give_key(actor: Actor, team: Team, person: User) -> None:
    """Hand the team's keys to a member who has none yet; done by a member who holds them.

    Raises 404 for somebody who is no member, NoKeyError when the giver has no key, WrongTeamRoleError for a member
    without the team's role, UnconfirmedKeyError when nobody confirmed the recipient's keys.
    """
    _require_own(actor, team)
    if person not in members_of(team) or actor.user not in members_of(team):
        raise Http404
    keys = actor.require_keys()
    team = Team.objects.select_for_update().get(pk=team.pk)
    held = {epoch: pair for (team_id, epoch), pair in team_keys(actor).items() if team_id == team.id}
    recipient = next(iter(_confirmed_keys([person])), None)
    if team.epoch not in held:
        raise NoKeyError
    if not belongs(team, person):
        raise WrongTeamRoleError
    if recipient is None:
        raise UnconfirmedKeyError
    certified_signing_key(keys, recipient)
    TeamMemberKey.objects.filter(team=team, member=person).delete()
    TeamMemberKey.objects.bulk_create(
        _wrap(keys, team.id, epoch, pair.seed, recipient) for epoch, pair in sorted(held.items())
    )
    ledger.record("team.give_key", actor=actor, target=team, person=person.username, epochs=len(held))


def _wrap(keys: Keys, team_id: UUID, epoch: int, seed: bytes, recipient: UserKey) -> TeamMemberKey:
    hpke_public = bytes(recipient.hpke_public)
    info = _member_key_info(team_id, epoch, recipient.user_id, recipient.epoch, hpke_public)
    blob = hpke_seal(hpke_public, seed, info=info)
    return TeamMemberKey(
        team_id=team_id,
        epoch=epoch,
        member_id=recipient.user_id,
        member_epoch=recipient.epoch,
        blob=blob,
        signer_id=keys.key_id,
        signature=keys.sign(wrap_statement(info, blob)),
    )


def team_keys(actor: Actor) -> dict[tuple[UUID, int], KeyPair]:
    """The private keys of the actor's teams by team and epoch, opened once a request; raises IntegrityError.

    A key of a team that the person does not belong to any more does not count. A key newer than the team's own row is
    refused: somebody set the row back.
    """
    keys = actor.require_keys()
    if keys.teams is None:
        teams = [membership.team for membership in memberships(actor.user)]
        keys.teams = _open_team_keys(actor, keys, teams) if teams else {}
    return keys.teams


def _open_team_keys(actor: Actor, keys: Keys, teams: list[UUID]) -> dict[tuple[UUID, int], KeyPair]:
    rows = TeamMemberKey.objects.filter(team__in=teams, member=actor.user, member_epoch=keys.epoch)
    found = {}
    for team_id, present, epoch, row_id, checked in rows.values_list(
        "team_id", "team__epoch", "epoch", "id", "checked"
    ):
        if epoch > present:
            raise IntegrityError
        info = _member_key_info(team_id, epoch, actor.user.id, keys.epoch, keys.public.hpke)
        if checked is None:
            seed = _check(keys, row_id, info)
        else:
            seed = unseal(keys.pair.own_key, checked, context=ctx("checked-team-key", info))
        found[team_id, epoch] = KeyPair(seed)
    return found


def _check(keys: Keys, row_id: UUID, info: bytes) -> bytes:
    """Open a team key for the first time: its giver's signature, then the wrap; kept under the member's own key.

    The present key must be the other half of the one that the officer signed, whoever gave it.
    """
    related = ("signer__user", "signer__signer__user", "team__signer__user", "team__signer__signer__user")
    row = TeamMemberKey.objects.select_related(*related).get(pk=row_id)
    blob = bytes(row.blob)
    signing = keys.public.signing if row.signer_id == keys.key_id else certified_signing_key(keys, row.signer)
    verify(signing, bytes(row.signature), wrap_statement(info, blob))
    seed = hpke_open(keys.hpke, blob, info=info)
    if row.epoch == row.team.epoch and hpke_public_of(seed) != certified_team_key(keys, row.team):
        raise IntegrityError
    row.checked = seal(keys.pair.own_key, seed, context=ctx("checked-team-key", info))
    row.save(update_fields=["checked"])
    return seed


def forget_old_keys(team: Team) -> None:
    """Delete the team's keys of epochs before the present one; called when nothing is wrapped for them any more."""
    TeamMemberKey.objects.filter(team=team, epoch__lt=team.epoch).delete()
