"""Giving and taking access to a case: guardian permission, signed key wrap and ledger entry, in one transaction."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.models import Permission
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.certificates import certified_signing_key, check_organisation
from accounts.models import User, UserKey
from casebook.core import ledger
from casebook.core.errors import CasebookError, UnconfirmedKeyError
from casebook.core.fields import sealed_fields
from casebook.core.sealing import seal
from cases.access import READ_PERMISSION, OpenCase
from cases.compartments import (
    ALL_COMPARTMENTS,
    OpenCompartment,
    SealedRow,
    link_context,
    rows_of,
    sealed_models,
)
from cases.models import (
    Case,
    CaseUserObjectPermission,
    Compartment,
    CompartmentName,
    EpochLink,
    KeyWrap,
    RecipientKind,
)
from cases.wraps import Recipient, make_wrap


class AccessLevel(models.TextChoices):
    """What a person is let into a case for. Each level is a set of permissions and the compartments they need."""

    CASEWORKER = "caseworker", _("Works on the case: reads names and testimony, changes and shares it")
    EXPERT = "expert", _("Legal expert: reads the testimony without names, analyses it")
    REVIEWER = "reviewer", _("Reviewer: reads only the anonymised record")


PERMISSIONS: dict[AccessLevel, frozenset[str]] = {
    AccessLevel.CASEWORKER: frozenset(
        {
            "view_case",
            "change_case",
            "share_case",
            "read_identity",
            "read_testimony",
            "read_record",
            "anonymise_case",
        }
    ),
    AccessLevel.EXPERT: frozenset({"view_case", "read_testimony", "analyse_case"}),
    AccessLevel.REVIEWER: frozenset({"view_case", "read_record", "review_case"}),
}
COMPARTMENTS: dict[AccessLevel, tuple[str, ...]] = {
    AccessLevel.CASEWORKER: ALL_COMPARTMENTS,
    AccessLevel.EXPERT: (CompartmentName.TESTIMONY,),
    AccessLevel.REVIEWER: (CompartmentName.RECORD,),
}


class MixedAccessError(CasebookError):
    """A reviewer must not know who the people are, and nobody may hold two levels on one case."""

    code = "mixed-access"
    status = 409
    message = _("This person already has access to the case in another way. Take that back first.")


class LastHolderError(CasebookError):
    code = "last-holder"
    status = 409
    message = _("Nobody else could work on this case then. Share it with a colleague first.")


@dataclass(frozen=True, slots=True)
class Access:
    """Who may open a case and how; `without_key` names compartments they may read but hold no key for."""

    user: User
    level: AccessLevel
    without_key: tuple[str, ...]


def _permission_ids() -> dict[str, int]:
    rows = Permission.objects.filter(content_type__app_label="cases", content_type__model="case")
    return dict(rows.values_list("codename", "id"))


def give_permissions(user: User, case: Case, level: AccessLevel) -> None:
    """Write guardian's rows for a level. Only ever together with the wraps."""
    ids = _permission_ids()
    CaseUserObjectPermission.objects.bulk_create(
        [
            CaseUserObjectPermission(user=user, content_object=case, permission_id=ids[codename])
            for codename in sorted(PERMISSIONS[level])
        ],
        ignore_conflicts=True,
    )


def new_compartments(case: Case) -> dict[str, OpenCompartment]:
    """Unsaved compartments of a new case with fresh keys, so that its card can be sealed before anything is stored."""
    rows = (Compartment(case=case, name=name) for name in ALL_COMPARTMENTS)
    return {row.name: OpenCompartment(row, case.organisation_id, {row.epoch: os.urandom(32)}) for row in rows}


def store_compartments(
    actor: Actor, case: Case, opened: dict[str, OpenCompartment], holders: Iterable[User], *, escrow: bool
) -> None:
    """Save the compartments of a new case, wrapped for its holders and for the organisation's recovery key.

    `holders` are the creator and the confirmed coordinators, all as caseworkers. Without `escrow` only they can ever
    open the case.
    """
    check_organisation(actor.require_keys(), actor.user.organisation)
    everyone = list(holders)
    keys = _active_keys(everyone)
    wraps = []
    for compartment in opened.values():
        compartment.row.save(force_insert=True)
        wraps += [_wrap_for(actor, compartment, keys[user.id]) for user in everyone]
        if escrow:
            wraps.append(_escrow_wrap(actor, compartment, case))
    KeyWrap.objects.bulk_create(wraps)
    for user in everyone:
        give_permissions(user, case, AccessLevel.CASEWORKER)


def _active_keys(users: Iterable[User]) -> dict[UUID, UserKey]:
    rows = UserKey.objects.filter(user__in=list(users), active=True).select_related("user", "signer__user")
    return {row.user_id: row for row in rows}


def _wrap_for(actor: Actor, opened: OpenCompartment, recipient: UserKey) -> KeyWrap:
    keys = actor.require_keys()
    if recipient.id != keys.key_id:
        certified_signing_key(keys, recipient)
    return make_wrap(
        actor,
        opened,
        Recipient(RecipientKind.USER, recipient.user_id, recipient.epoch, bytes(recipient.hpke_public)),
    )


def _escrow_wrap(actor: Actor, opened: OpenCompartment, case: Case) -> KeyWrap:
    organisation = case.organisation
    return make_wrap(
        actor, opened, Recipient(RecipientKind.ORGANISATION, organisation.id, 1, bytes(organisation.recovery_public))
    )


@transaction.atomic
def grant(opened: OpenCase, recipient: User, level: AccessLevel) -> None:
    """Let a person into a case: the one place where access is given after its founding.

    Raises 404 without `share_case`, NoKeyError when the giver lacks a key, UnconfirmedKeyError when nobody confirmed
    the recipient's keys, MixedAccessError when they hold another level.
    """
    opened.require("share_case")
    check_organisation(opened.actor.require_keys(), opened.case.organisation)
    recipient_key = _active_keys([recipient]).get(recipient.id)
    if recipient_key is None or not recipient.is_active or recipient.organisation_id != opened.case.organisation_id:
        raise UnconfirmedKeyError
    held = {access.level for access in who_may_open(opened.case) if access.user.id == recipient.id}
    if held - {level}:
        raise MixedAccessError
    for name in COMPARTMENTS[level]:
        compartment = opened._compartment(name)
        KeyWrap.objects.filter(compartment=compartment.row, kind=RecipientKind.USER, recipient=recipient.id).delete()
        _wrap_for(opened.actor, compartment, recipient_key).save(force_insert=True)
    give_permissions(recipient, opened.case, level)
    ledger.record("case.grant", actor=opened.actor, target=opened.case, person=recipient.username, level=level.value)


@transaction.atomic
def revoke(opened: OpenCase, person: User) -> None:
    """Take all access of a person back at once, and give every compartment they had a new key.

    A compartment that the actor cannot open is marked `rekey_pending`, for the next holder to do.
    """
    opened.require("share_case")
    others = [a for a in who_may_open(opened.case) if a.user.id != person.id]
    if not any(a.level == AccessLevel.CASEWORKER and not a.without_key for a in others):
        raise LastHolderError
    affected = remove_access(opened.case, person)
    for compartment in affected:
        if compartment.name in opened.opened:
            rekey(opened, compartment.name)
    ledger.record(
        "case.revoke",
        actor=opened.actor,
        target=opened.case,
        person=person.username,
        pending=sorted(row.name for row in affected if row.name not in opened.opened),
    )


def remove_access(case: Case, person: User) -> list[Compartment]:
    """Delete a person's permissions and wraps on a case and mark what needs a new key; needs no key itself."""
    CaseUserObjectPermission.objects.filter(user=person, content_object=case).delete()
    wraps = KeyWrap.objects.filter(compartment__case=case, kind=RecipientKind.USER, recipient=person.id)
    affected = list(Compartment.objects.filter(pk__in=wraps.values("compartment")))
    wraps.delete()
    Compartment.objects.filter(pk__in=[row.pk for row in affected]).update(rekey_pending=True)
    return affected


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


@transaction.atomic
def finish_rekeys(opened: OpenCase) -> None:
    """Give a new key to what was marked when access was taken back without one; done by the next holder who comes.

    Of two holders who come at once only one does it: the other's key is of the epoch before by then.
    """
    if not opened.can("share_case"):
        return
    pending = Compartment.objects.filter(case=opened.case, rekey_pending=True, name__in=list(opened.opened))
    for row in pending.select_for_update():
        if row.epoch == opened.opened[row.name].row.epoch:
            rekey(opened, row.name)


def finish_marked_rekeys(opened: OpenCase) -> None:
    """The same, without looking again where nothing was marked when the case was opened."""
    if any(compartment.row.rekey_pending for compartment in opened.opened.values()):
        finish_rekeys(opened)


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
    """Replace every wrap by one of the new key; a recipient whose keys no longer verify is left without."""
    old = list(KeyWrap.objects.filter(compartment=row))
    people = _active_keys(User.objects.filter(pk__in=[w.recipient for w in old if w.kind == RecipientKind.USER]))
    KeyWrap.objects.filter(compartment=row).delete()
    next_key = OpenCompartment(
        Compartment(id=row.id, case=opened.case, name=row.name, epoch=new_epoch),
        compartment.organisation,
        {new_epoch: new_key},
    )
    wraps = [_wrap_for(opened.actor, next_key, people[w.recipient]) for w in old if w.recipient in people]
    if any(w.kind == RecipientKind.ORGANISATION for w in old):
        check_organisation(opened.actor.require_keys(), opened.case.organisation)
        wraps.append(_escrow_wrap(opened.actor, next_key, opened.case))
    KeyWrap.objects.bulk_create(wraps)


def who_may_open(case: Case) -> list[Access]:
    """Everybody with permissions on the case, by name, with their level and the keys they lack."""
    granted: dict[UUID, set[str]] = {}
    rows = CaseUserObjectPermission.objects.filter(content_object=case)
    for user_id, codename in rows.values_list("user_id", "permission__codename"):
        granted.setdefault(user_id, set()).add(codename)
    people = User.objects.in_bulk(granted)
    wraps = KeyWrap.objects.filter(compartment__case=case, kind=RecipientKind.USER)
    held = set(wraps.values_list("recipient", "compartment__name"))
    found = []
    for user_id, permissions in granted.items():
        level = level_of(permissions)
        if level is not None:
            missing = tuple(name for name in COMPARTMENTS[level] if (user_id, name) not in held)
            found.append(Access(people[user_id], level, missing))
    return sorted(found, key=lambda access: (access.level, access.user.display_name.casefold()))


def level_of(permissions: set[str]) -> AccessLevel | None:
    """The highest level whose permissions are all there."""
    return next((level for level in AccessLevel if PERMISSIONS[level] <= permissions), None)


def drift() -> list[str]:
    """Differences between permissions and keys, both ways, as `reference person compartment what`; empty when none."""
    found = []
    for case in Case.objects.order_by("id").iterator():
        accesses = who_may_open(case)
        found += [
            f"{case.reference} {access.user.username} {name} permission without key"
            for access in accesses
            for name in access.without_key
        ]
        found += _keys_without_permission(case)
    return found


def _keys_without_permission(case: Case) -> list[str]:
    readable = set(
        CaseUserObjectPermission.objects.filter(content_object=case).values_list("user_id", "permission__codename")
    )
    wraps = KeyWrap.objects.filter(compartment__case=case, kind=RecipientKind.USER)
    return [
        f"{case.reference} {recipient} {name} key without permission"
        for recipient, name in wraps.values_list("recipient", "compartment__name")
        if (recipient, READ_PERMISSION[name]) not in readable
    ]
