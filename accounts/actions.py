"""What is done to accounts: inviting, confirming, roles, unlocking, resetting. Each with its ledger entry."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256

from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import enrolment, teams, unlocking
from accounts.access import require_person, require_role
from accounts.actor import Actor
from accounts.browser import device_secret_of, keep_device_secret
from accounts.certificates import certificate_statement, check_organisation
from accounts.log_check import mismatch_recorded
from accounts.middleware import key_token, set_key_token
from accounts.models import (
    Invitation,
    OrganisationKeyWrap,
    Role,
    RoleGrant,
    SignInReset,
    User,
    UserKey,
)
from accounts.organisation_keys import hand_auditors_key
from casebook.core import ledger
from casebook.core.errors import CasebookError, NoKeyError, OrganisationKeyChangedError, WrongSecretError
from casebook.core.hashed_sessions import end_sessions_of

RESET_HOURS = 24


class LinkExpiredError(CasebookError):
    code = "link-expired"
    status = 410
    message = _("This link was used already or is too old. Ask your administrator for a new one.")


class InvitationAcceptedError(CasebookError):
    code = "invitation-accepted"
    status = 409
    message = _("Somebody has accepted this invitation meanwhile. You find the new account on the page of people.")


class LastAdministratorError(CasebookError):
    code = "last-administrator"
    status = 409
    message = _("Your organisation needs at least one administrator. Make somebody else one first.")


@dataclass(frozen=True, slots=True, repr=False)
class Welcome:
    """A new account and its recovery kit, which is shown once."""

    user: User
    kit: enrolment.RecoveryKit

    @property
    def recovery_code(self) -> str:
        return self.kit.recovery_code


def _token_digest(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogatepass")).digest()


@transaction.atomic
def invite(actor: Actor, *, display_name: str, roles: Iterable[Role]) -> str:
    """Offer an account in the actor's organisation; returns the link's token, which is kept nowhere."""
    require_role(actor, Role.ADMINISTRATOR)
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        organisation=actor.user.organisation,
        token_digest=_token_digest(token),
        roles=sorted({Role(role).value for role in roles}),
        display_name=display_name,
        invited_by=actor.user,
        expires_at=timezone.now() + timedelta(days=settings.CASEBOOK_INVITATION_DAYS),
    )
    ledger.record("account.invite", actor=actor, target=invitation, roles=invitation.roles)
    return token


def find_invitation(token: str) -> Invitation:
    """The open invitation of a link; raises LinkExpiredError for every other token."""
    invitation = (
        Invitation.objects.select_related("organisation")
        .filter(token_digest=_token_digest(token), accepted_by=None, expires_at__gt=timezone.now())
        .first()
    )
    if invitation is None:
        raise LinkExpiredError
    return invitation


@transaction.atomic
def accept_invitation(
    token: str, *, username: str, display_name: str, passphrase: str, language: str = "en"
) -> Welcome:
    """Make the invited account with its keys. Until an officer confirms the keys nothing can be shared with it."""
    invitation = find_invitation(token)
    claimed = Invitation.objects.select_for_update().filter(pk=invitation.pk, accepted_by=None).first()
    if claimed is None:
        raise LinkExpiredError
    user = User.objects.create_user(
        username, passphrase, invitation.organisation, display_name=display_name, language=language
    )
    RoleGrant.objects.bulk_create(RoleGrant(user=user, role=role) for role in invitation.roles)
    kit = enrolment.enrol(user, passphrase)
    claimed.accepted_by = user
    claimed.save(update_fields=["accepted_by"])
    ledger.record("account.accept", actor=Actor(user), target=invitation)
    return Welcome(user, kit)


@transaction.atomic
def withdraw_invitation(actor: Actor, invitation: Invitation) -> None:
    """Delete an offer, so that its link opens nothing; raises InvitationAcceptedError where there is an account."""
    require_role(actor, Role.ADMINISTRATOR)
    offer = Invitation.objects.filter(pk=invitation.pk, organisation=actor.user.organisation, accepted_by=None)
    deleted, _rows = offer.delete()
    if not deleted:
        raise InvitationAcceptedError
    ledger.record("account.withdraw_invitation", actor=actor, target=invitation, roles=invitation.roles)


@transaction.atomic
def confirm_keys(actor: Actor, person: User) -> None:
    """Certify a person's keys after comparing the four words by voice; officers only."""
    require_person(actor, person)
    keys = actor.require_keys()
    officer = UserKey.objects.filter(pk=keys.key_id, officer=True).first()
    key = UserKey.objects.select_related("user").filter(user=person, active=True).first()
    if officer is None or key is None:
        raise NoKeyError
    check_organisation(keys, actor.user.organisation)
    key.signer = officer
    key.certificate = keys.sign(certificate_statement(key, officer=False))
    key.save(update_fields=["signer", "certificate"])
    ledger.record("account.confirm_keys", actor=actor, target=key, person=person.username)
    if person.has_role(Role.AUDITOR):
        hand_auditors_key(actor, key)
        ledger.record("account.hand_auditors_key", actor=actor, target=key, person=person.username)
    teams.match_roles(actor, person)


@transaction.atomic
def set_roles(actor: Actor, person: User, roles: Iterable[Role]) -> None:
    """Give a person exactly these roles; a new auditor with confirmed keys also gets the auditors' key."""
    require_person(actor, person)
    wanted = {Role(role) for role in roles}
    person.forget_roles()
    _keep_an_administrator(person, wanted)
    before = person.roles
    RoleGrant.objects.filter(user=person).exclude(role__in=wanted).delete()
    RoleGrant.objects.bulk_create(RoleGrant(user=person, role=role) for role in wanted - before)
    person.forget_roles()
    key = UserKey.objects.select_related("user").filter(user=person, active=True).first()
    if Role.AUDITOR in wanted - before and key is not None and key.is_certified:
        hand_auditors_key(actor, key)
    if Role.AUDITOR in before - wanted:
        OrganisationKeyWrap.objects.filter(member_key__user=person).delete()
    ledger.record("account.set_roles", actor=actor, target=person, person=person.username, roles=sorted(wanted))
    teams.match_roles(actor, person)


def _keep_an_administrator(person: User, wanted: set[Role]) -> None:
    others = RoleGrant.objects.filter(
        role=Role.ADMINISTRATOR, user__organisation=person.organisation, user__is_active=True
    ).exclude(user=person)
    if person.has_role(Role.ADMINISTRATOR) and Role.ADMINISTRATOR not in wanted and not others.exists():
        raise LastAdministratorError


@transaction.atomic
def deactivate(actor: Actor, person: User) -> None:
    """Retire a person: no sign-in, no open session. Their keys stay closed; cases are handed over apart."""
    require_person(actor, person)
    _keep_an_administrator(person, set())
    person.is_active = False
    person.save(update_fields=["is_active"])
    _shut_every_door(person)
    ledger.record("account.deactivate", actor=actor, target=person, person=person.username)
    teams.match_roles(actor, person)


@transaction.atomic
def reactivate(actor: Actor, person: User) -> None:
    """Let a retired person sign in again, with the passphrase, keys and roles they left; no old session comes back."""
    require_person(actor, person)
    _shut_every_door(person)
    person.is_active = True
    person.save(update_fields=["is_active"])
    ledger.record("account.reactivate", actor=actor, target=person, person=person.username, roles=sorted(person.roles))
    teams.match_roles(actor, person)


def _shut_every_door(person: User) -> None:
    """End what would open the account without its passphrase: sessions, open keys, a link for a new sign-in."""
    end_sessions_of(person.pk)
    unlocking.end_all(person)
    SignInReset.objects.filter(user=person).delete()


@transaction.atomic
def end_sessions(actor: Actor, person: User) -> None:
    """Sign a person out everywhere and close their keys: a device was stolen. They may sign in again."""
    require_person(actor, person)
    end_sessions_of(person.pk)
    unlocking.end_all(person)
    ledger.record("account.end_sessions", actor=actor, target=person, person=person.username)


@transaction.atomic
def rename(actor: Actor, *, display_name: str) -> None:
    """Change the actor's own name as colleagues see it; the ledger keeps that it changed, not the names."""
    actor.user.display_name = display_name
    actor.user.save(update_fields=["display_name"])
    ledger.record("account.rename", actor=actor, target=actor.user)


@transaction.atomic
def reset_sign_in(actor: Actor, person: User) -> str:
    """Make a one-time link by which a person chooses a new sign-in passphrase; their case keys stay closed."""
    require_person(actor, person)
    token = secrets.token_urlsafe(32)
    SignInReset.objects.update_or_create(
        user=person,
        defaults={
            "token_digest": _token_digest(token),
            "expires_at": timezone.now() + timedelta(hours=RESET_HOURS),
        },
    )
    ledger.record("account.reset_sign_in", actor=actor, target=person, person=person.username)
    return token


def find_reset(token: str) -> SignInReset:
    reset = (
        SignInReset.objects.select_related("user")
        .filter(token_digest=_token_digest(token), expires_at__gt=timezone.now(), user__is_active=True)
        .first()
    )
    if reset is None:
        raise LinkExpiredError
    return reset


@transaction.atomic
def redeem_reset(token: str, *, passphrase: str) -> User:
    """Change the sign-in only. The keys open with the old passphrase or the recovery code, on the unlock page."""
    reset = find_reset(token)
    user = reset.user
    user.set_password(passphrase)
    user.save(update_fields=["password"])
    unlocking.end_all(user)
    reset.delete()
    ledger.record("account.redeem_reset", actor=Actor(user))
    return user


def unlock(request: HttpRequest, actor: Actor, *, passphrase: str, device_secret: bytes = b"") -> None:
    """Open the keys within a signed-in session; raises WrongSecretError or LogMismatchError, which the ledger keeps.

    Takes the passphrase that the slot was made with: after a reset of the sign-in, that is the old one. Changing the
    passphrase afterwards brings both together again. `device_secret` goes before what the browser keeps, and then
    takes its place.
    """
    opened = _open_with_passphrase(request, actor, passphrase, device_secret, how="passphrase")
    with mismatch_recorded(actor, how="passphrase"), transaction.atomic():
        _start(request, actor, opened, how="passphrase")


def step_up(request: HttpRequest, actor: Actor, *, passphrase: str, device_secret: bytes = b"") -> None:
    """Note in the unlocked session that the passphrase was typed just now; raises WrongSecretError."""
    opened = _open_with_passphrase(request, actor, passphrase, device_secret, how="step-up")
    token = key_token(request)
    with transaction.atomic():
        if token:
            unlocking.keep_proof(token, unlocking.session_binding(request), unlocking.proof_now())
        _keep_in_browser(request, actor, opened)
        ledger.record("account.step_up", actor=actor)


def _open_with_passphrase(
    request: HttpRequest, actor: Actor, passphrase: str, device_secret: bytes, *, how: str
) -> enrolment.OpenedKeyring:
    """The actor's keyring; raises WrongSecretError and OrganisationKeyChangedError after writing them to the ledger.

    Call it outside a transaction: the error would roll the entry back.
    """
    try:
        secret = device_secret or device_secret_of(request, actor.user)
        opened = enrolment.open_with_passphrase(actor.user, passphrase, device_secret=secret)
        check_organisation(opened.keys(), actor.user.organisation)
    except WrongSecretError:
        with transaction.atomic():
            ledger.record("account.unlock_failed", actor=actor, how=how)
        raise
    except OrganisationKeyChangedError:
        _record_changed_organisation(actor, how)
        raise
    return opened


def _record_changed_organisation(actor: Actor, how: str) -> None:
    with transaction.atomic():
        ledger.record("account.organisation_changed", actor=actor, how=how)


def unlock_with_recovery_code(
    request: HttpRequest, actor: Actor, *, code: str, passphrase: str
) -> enrolment.RecoveryKit:
    """Open the keys with the recovery code, close them under the sign-in passphrase again; returns a new kit.

    `passphrase` becomes both the sign-in passphrase and the key slot's. The code that was used is spent, and so is the
    device secret, which stood on the same paper. Raises
    WrongSecretError or LogMismatchError, which the ledger keeps.
    """
    try:
        with mismatch_recorded(actor, how="recovery code"):
            return _recover(request, actor, code=code, passphrase=passphrase)
    except WrongSecretError:
        with transaction.atomic():
            ledger.record("account.recovery_failed", actor=actor)
        raise
    except OrganisationKeyChangedError:
        _record_changed_organisation(actor, "recovery code")
        raise


@transaction.atomic
def _recover(request: HttpRequest, actor: Actor, *, code: str, passphrase: str) -> enrolment.RecoveryKit:
    opened = enrolment.open_with_recovery_code(actor.user, code)
    check_organisation(opened.keys(), actor.user.organisation)
    kit = enrolment.write_slots(opened, passphrase)
    _set_password(request, actor.user, passphrase)
    unlocking.end_all(actor.user)
    _start(request, actor, replace(opened, device_secret=kit.device_secret), how="recovery code")
    return kit


def _start(request: HttpRequest, actor: Actor, opened: enrolment.OpenedKeyring, *, how: str) -> None:
    request.session.save()
    set_key_token(request, unlocking.start_active(opened, unlocking.session_binding(request)))
    _keep_in_browser(request, actor, opened)
    ledger.record("account.unlock", actor=actor, how=how)


def _keep_in_browser(request: HttpRequest, actor: Actor, opened: enrolment.OpenedKeyring) -> None:
    if opened.device_secret:
        keep_device_secret(request, actor.user, opened.device_secret)


def _set_password(request: HttpRequest, user: User, passphrase: str) -> None:
    user.set_password(passphrase)
    user.save(update_fields=["password"])
    update_session_auth_hash(request, user)


def change_passphrase(request: HttpRequest, actor: Actor, *, old: str, new: str, device_secret: bytes = b"") -> None:
    """Open the slot with the old passphrase, write a new one, end every session but this; raises WrongSecretError.

    The device secret stays: the paper and the person's other browsers go on.
    """
    opened = _open_with_passphrase(request, actor, old, device_secret, how="changed passphrase")
    with mismatch_recorded(actor, how="changed passphrase"), transaction.atomic():
        enrolment.write_passphrase_slot(opened, new)
        _set_password(request, actor.user, new)
        unlocking.end_all(actor.user)
        _start(request, actor, opened, how="changed passphrase")
        ledger.record("account.change_passphrase", actor=actor)


def replace_keys(request: HttpRequest, actor: Actor, *, current: str, passphrase: str) -> enrolment.RecoveryKit:
    """New keys in place of lost or betrayed ones, under a passphrase that becomes the sign-in's too; the new kit.

    `current` is the sign-in passphrase of now; raises WrongSecretError for another, which the ledger keeps.
    Every session but this one ends. An officer has to confirm the four new words; then colleagues share again
    (`cases.resharing`), and whatever the old keys could open gets new ones.
    """
    if not actor.user.check_password(current):
        with transaction.atomic():
            ledger.record("account.unlock_failed", actor=actor, how="replaced keys")
        raise WrongSecretError
    with transaction.atomic():
        kit = enrolment.replace_keys(actor.user, passphrase)
        end_sessions_of(actor.user.pk)
        unlocking.end_all(actor.user)
        SignInReset.objects.filter(user=actor.user).delete()
        _set_password(request, actor.user, passphrase)
        opened = enrolment.open_with_passphrase(actor.user, passphrase, device_secret=kit.device_secret)
        ledger.record("account.replace_keys", actor=actor, target=opened.row, epoch=opened.row.epoch)
        _start(request, actor, opened, how="replaced keys")
    return kit


def new_recovery_kit(
    request: HttpRequest, actor: Actor, *, passphrase: str, device_secret: bytes = b""
) -> enrolment.RecoveryKit:
    """Replace the recovery code and any device secret: the paper of before is worth nothing then. WrongSecretError.

    `passphrase` is the one that opens the keys. Who may open names only since their last kit gets a device secret now.
    """
    opened = _open_with_passphrase(request, actor, passphrase, device_secret, how="new recovery code")
    with transaction.atomic():
        kit = enrolment.write_slots(opened, passphrase)
        _keep_in_browser(request, actor, replace(opened, device_secret=kit.device_secret))
        ledger.record("account.new_recovery_code", actor=actor, device_secret=bool(kit.device_secret))
    return kit


@transaction.atomic
def lock(request: HttpRequest, actor: Actor) -> None:
    """Close the keys in this browser; the person stays signed in."""
    token = key_token(request)
    if token:
        unlocking.end(token)
    set_key_token(request, None)
    ledger.record("account.lock", actor=actor)
