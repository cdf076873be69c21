"""New keys for compartments: after access was taken back, a team got a new key, or somebody's keys were replaced."""

import os
from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.actor import Actor
from accounts.certificates import certified_signing_key, check_organisation
from accounts.models import Team, TeamMemberKey, User, UserKey
from accounts.teams import certified_team_key, forget_old_keys
from casebook.core import ledger
from casebook.core.fields import sealed_fields
from casebook.core.sealing import seal
from cases.access import OpenCase, open_case, permitted
from cases.compartments import ALL_COMPARTMENTS, OpenCompartment, SealedRow, link_context, rows_of, sealed_models
from cases.models import Case, Compartment, EpochLink, KeyWrap, RecipientKind
from cases.roster import Roster
from cases.wraps import Recipient, make_wrap, openable_wraps


def active_keys(users: QuerySet[User] | list[User]) -> dict[UUID, UserKey]:
    """The present key of each person, with what verifying its certificate needs."""
    rows = UserKey.objects.filter(user__in=users, active=True).select_related("user", "signer__user")
    return {row.user_id: row for row in rows}


def wrap_for_person(actor: Actor, opened: OpenCompartment, recipient: UserKey) -> KeyWrap:
    """An unsaved wrap for a person, after verifying their certificate; the actor's own needs none."""
    keys = actor.require_keys()
    if recipient.id != keys.key_id:
        certified_signing_key(keys, recipient)
    whom = Recipient(RecipientKind.USER, recipient.user_id, recipient.epoch, bytes(recipient.hpke_public))
    return make_wrap(actor, opened, whom)


def wrap_for_team(actor: Actor, opened: OpenCompartment, team: Team) -> KeyWrap:
    """An unsaved wrap for a team, after verifying that an officer signed its key."""
    public = certified_team_key(actor.require_keys(), team)
    return make_wrap(actor, opened, Recipient(RecipientKind.TEAM, team.id, team.epoch, public))


def wrap_for_recovery(actor: Actor, opened: OpenCompartment, case: Case) -> KeyWrap:
    """An unsaved wrap for the organisation's offline recovery key, after checking the organisation's row."""
    organisation = case.organisation
    check_organisation(actor.require_keys(), organisation)
    whom = Recipient(RecipientKind.ORGANISATION, organisation.id, 1, bytes(organisation.recovery_public))
    return make_wrap(actor, opened, whom)


@transaction.atomic
def rekey(opened: OpenCase, name: str) -> None:
    """Give a compartment a new key: wrap it to everybody left, seal its live rows anew, link the old key under the new.

    History rows keep their old epoch and stay readable through the link. No history is written: nothing changed.
    """
    compartment = opened._compartment(name)
    row = Compartment.objects.select_for_update().get(pk=compartment.row.pk)
    new_epoch, new_key = row.epoch + 1, os.urandom(32)
    for model in sealed_models(name):
        _reseal_rows(model, opened.case, compartment, new_key, new_epoch)
    EpochLink.objects.create(
        compartment=row,
        epoch=new_epoch,
        sealed_key=seal(new_key, compartment.current_key(), context=link_context(row, new_epoch)),
    )
    _rewrap(opened, compartment, row, new_key, new_epoch)
    row.epoch, row.rekey_pending = new_epoch, False
    row.save(update_fields=["epoch", "rekey_pending"])
    compartment.row = row
    compartment.keys_by_epoch[new_epoch] = new_key
    opened.case.refresh_from_db(fields=list(sealed_fields(Case)))
    ledger.record("case.rekey", actor=opened.actor, target=opened.case, compartment=name, epoch=new_epoch)


def _reseal_rows(
    model: type[SealedRow], case: Case, compartment: OpenCompartment, new_key: bytes, new_epoch: int
) -> None:
    names = sealed_fields(model)
    for record in rows_of(model, case).select_for_update():
        sealed = {
            name: compartment.reseal(getattr(record, name), row=record, name=name, new_key=new_key, new_epoch=new_epoch)
            for name in names
        }
        model._base_manager.filter(pk=record.pk).update(**sealed)


def _rewrap(opened: OpenCase, compartment: OpenCompartment, row: Compartment, new_key: bytes, new_epoch: int) -> None:
    """Replace every wrap by one of the new key.

    People whose keys were replaced since, and teams without a key, are left without: somebody shares with them again.
    """
    old = list(KeyWrap.objects.filter(compartment=row).values_list("kind", "recipient", "recipient_epoch"))
    people = active_keys(User.objects.filter(pk__in=[r for kind, r, _epoch in old if kind == RecipientKind.USER]))
    present = {(user_id, key.epoch) for user_id, key in people.items()}
    teams = Team.objects.filter(pk__in=[r for kind, r, _epoch in old if kind == RecipientKind.TEAM], epoch__gt=0)
    KeyWrap.objects.filter(compartment=row).delete()
    next_key = OpenCompartment(
        Compartment(id=row.id, case=opened.case, name=row.name, epoch=new_epoch),
        compartment.organisation,
        {new_epoch: new_key},
    )
    wraps = [
        wrap_for_person(opened.actor, next_key, people[recipient])
        for kind, recipient, epoch in old
        if kind == RecipientKind.USER and (recipient, epoch) in present
    ]
    wraps += [
        wrap_for_team(opened.actor, next_key, team) for team in teams.select_related("signer__user", "signer__signer")
    ]
    if any(kind == RecipientKind.ORGANISATION for kind, *_rest in old):
        wraps.append(wrap_for_recovery(opened.actor, next_key, opened.case))
    KeyWrap.objects.bulk_create(wraps)


# --- what waits for a new key -------------------------------------------------------------------------------------


@transaction.atomic
def finish_rekeys(opened: OpenCase) -> None:
    """Give a new key to what waits for one; done by the next holder who comes.

    Of two holders who come at once only one does it: the other's key is of the epoch before by then.
    """
    if not opened.can("share_case"):
        return
    mine = Compartment.objects.filter(case=opened.case, name__in=list(opened.opened))
    for row in mine.filter(pk__in=waiting(mine).values("pk")).select_for_update():
        if row.epoch == opened.opened[row.name].row.epoch:
            rekey(opened, row.name)


def tend(opened: OpenCase, roster: Roster) -> None:
    """`finish_rekeys`, without looking again where neither the roster nor what is open shows anything to do."""
    marked = any(compartment.row.rekey_pending for compartment in opened.opened.values())
    if marked or roster.outdated & set(opened.opened):
        finish_rekeys(opened)


def waiting(compartments: QuerySet[Compartment]) -> QuerySet[Compartment]:
    """Those that are marked, or wrapped for a key of a person or a team that was replaced since."""
    newer_key = UserKey.objects.filter(user=OuterRef("recipient"), active=True, epoch__gt=OuterRef("recipient_epoch"))
    newer_team = Team.objects.filter(pk=OuterRef("recipient"), epoch__gt=OuterRef("recipient_epoch"))
    outdated = KeyWrap.objects.filter(compartment=OuterRef("pk")).filter(Exists(newer_key) | Exists(newer_team))
    return compartments.filter(Q(rekey_pending=True) | Exists(outdated), shredded=False)


def waiting_for_team(team: Team) -> QuerySet[Case]:
    """Cases with something that is still wrapped for an earlier key of the team, oldest first."""
    return Case.objects.filter(pk__in=_earlier_wraps(team).values("compartment__case")).order_by("id")


def _earlier_wraps(team: Team) -> QuerySet[KeyWrap]:
    return KeyWrap.objects.filter(
        kind=RecipientKind.TEAM, recipient=team.id, recipient_epoch__lt=team.epoch, compartment__shredded=False
    )


def team_with_earlier_keys(teams: Iterable[UUID]) -> UUID | None:
    """One of these teams whose earlier keys are not deleted yet, as long as a case may wait: one query, for lists."""
    rows = TeamMemberKey.objects.filter(team__in=list(teams), epoch__lt=F("team__epoch"))
    return rows.values_list("team", flat=True).first()


def waiting_for(actor: Actor, team: Team) -> QuerySet[Case]:
    """Of the cases that wait for the team, those that the actor may share and has a key for, oldest first."""
    held = Exists(openable_wraps(actor).filter(compartment=OuterRef("compartment")))
    cases = _earlier_wraps(team).filter(held).values("compartment__case")
    return Case.objects.filter(Q(pk__in=cases), pk__in=permitted(actor, "share_case").values("pk")).order_by("id")


def rekey_some(actor: Actor, team: Team, *, limit: int) -> int:
    """Give new keys to at most `limit` cases that wait since the team's key was renewed; how many still wait.

    Cases that the actor cannot give a new key to (an expert's panel; a member who never had the earlier key) wait for
    somebody who can. When none waits any more the team's earlier keys are deleted.
    """
    mine = waiting_for(actor, team)
    for case in mine[:limit]:
        finish_rekeys(open_case(actor, case.reference, need="share_case", optional=ALL_COMPARTMENTS))
    if not waiting_for_team(team).exists():
        forget_old_keys(team)
    return mine.count()
