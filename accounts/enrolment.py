"""Making, opening and re-locking a person's keyring: passphrase slot and recovery code. One transaction each.

Where names may be read, the passphrase slot takes a device secret, too: 32 random bytes that lie in the browser and on
paper and never here. Whoever has this server, or the passphrase, or the browser alone opens nothing.
"""

import os
import secrets
from dataclasses import dataclass, replace

from django.conf import settings
from django.db import transaction

from accounts.keyring import Keyring, Keys
from accounts.models import KeySlot, OrganisationKeyWrap, Role, Team, TeamMemberKey, User, UserKey
from accounts.wordlist import WORDS
from casebook.core import recovery_code
from casebook.core.encoding import ctx
from casebook.core.errors import IntegrityError, WrongSecretError
from casebook.core.key_derivation import Argon2Cost, checked_cost, derive_key, key_from_passphrase, new_salt
from casebook.core.sealing import seal, unseal
from casebook.core.wrapping import PrivateKeys

DEVICE_SECRET_BYTES = 32
_DEVICE_SECRET = "device_secret"  # noqa: S105 (a name, no secret)
"""The parameter of a passphrase slot that says that it takes a device secret; bound into the slot like the others."""
PASSPHRASE_WORDS = 7
"""Seven of 2,048 words: 77 bits, out of reach of offline guessing (see docs/threat-model.md)."""


@dataclass(frozen=True, slots=True, repr=False)
class OpenedKeyring:
    """A keyring together with the row, the user's key and the device secret (or none) that it was opened with."""

    row: UserKey
    keyring: Keyring
    user_key: bytes
    device_secret: bytes = b""

    def keys(self) -> Keys:
        return Keys(self.keyring, key_id=self.row.id, epoch=self.row.epoch)


@dataclass(frozen=True, slots=True, repr=False)
class RecoveryKit:
    """What belongs on paper and is shown once: the recovery code and, where the slot takes one, the device secret."""

    recovery_code: str
    device_secret: bytes = b""

    @property
    def device_code(self) -> str:
        """The device secret as it is printed and typed; empty without one."""
        return recovery_code.format_code(self.device_secret) if self.device_secret else ""


def suggest_passphrase() -> str:
    return " ".join(secrets.choice(WORDS) for _ in range(PASSPHRASE_WORDS))


@transaction.atomic
def enrol(user: User, passphrase: str, *, epoch: int = 1) -> RecoveryKit:
    """Make a key pair for a person who has none; returns the recovery kit, which is shown once and kept nowhere."""
    private = PrivateKeys.generate()
    public = private.public()
    row = UserKey(user=user, epoch=epoch, hpke_public=public.hpke, signing_public=public.signing)
    user_key = os.urandom(32)
    keyring = Keyring(private, bytes(user.organisation.root_public))
    row.keyring = seal(user_key, keyring.pack(), context=_keyring_context(row))
    row.save(force_insert=True)
    return write_slots(OpenedKeyring(row, keyring, user_key), passphrase)


@transaction.atomic
def replace_keys(user: User, passphrase: str) -> RecoveryKit:
    """Make a person new keys in place of lost or betrayed ones; returns the new recovery kit.

    The old keyring and its slots are destroyed, and with them everything that was wrapped for it is closed to the
    person: until an officer confirms the new keys and colleagues share again, nothing opens. The teams whose key the
    old keyring opened are due for a new one.
    """
    old = UserKey.objects.select_for_update().filter(user=user).order_by("-epoch").first()
    KeySlot.objects.filter(key__user=user).delete()
    OrganisationKeyWrap.objects.filter(member_key__user=user).delete()
    Team.objects.filter(member_keys__member=user).update(renewal_due=True)
    TeamMemberKey.objects.filter(member=user).delete()
    UserKey.objects.filter(user=user).update(active=False)
    return enrol(user, passphrase, epoch=1 if old is None else old.epoch + 1)


def store_keyring(opened: OpenedKeyring) -> None:
    """Write the keyring as it is now, under its owner's key."""
    opened.row.keyring = seal(opened.user_key, opened.keyring.pack(), context=_keyring_context(opened.row))
    opened.row.save(update_fields=["keyring"])


def wants_device_secret(user: User) -> bool:
    """Whether new passphrase slots of this person take a device secret: who may open names, unless it is turned off."""
    return settings.CASEBOOK_DEVICE_SECRET and user.has_role(Role.STREET_LAWYER, Role.COORDINATOR)


def needs_device_secret(user: User) -> bool:
    """Whether the person's passphrase opens the keyring only together with a device secret."""
    slot = KeySlot.objects.filter(key__user=user, key__active=True, kind=KeySlot.Kind.PASSPHRASE).first()
    return slot is not None and _DEVICE_SECRET in slot.params


def write_slots(opened: OpenedKeyring, passphrase: str) -> RecoveryKit:
    """Replace every way into the keyring: the passphrase with a fresh device secret where one is wanted, the code."""
    secret = os.urandom(DEVICE_SECRET_BYTES) if wants_device_secret(opened.row.user) else b""
    write_passphrase_slot(replace(opened, device_secret=secret), passphrase)
    return RecoveryKit(write_recovery_slot(opened), secret)


def write_passphrase_slot(opened: OpenedKeyring, passphrase: str) -> None:
    """Replace the passphrase slot by one for this passphrase and the device secret of now, if there is one."""
    cost: Argon2Cost = settings.CASEBOOK_ARGON2
    params = cost.as_params() | ({_DEVICE_SECRET: 1} if opened.device_secret else {})
    slot = KeySlot(key=opened.row, kind=KeySlot.Kind.PASSPHRASE, params=params, salt=new_salt())
    context = _slot_context(slot)
    key = key_from_passphrase(
        passphrase, salt=bytes(slot.salt), cost=cost, context=context, device_secret=opened.device_secret
    )
    slot.blob = seal(key, opened.user_key, context=context)
    _replace_slot(slot)


def write_recovery_slot(opened: OpenedKeyring) -> str:
    """Replace the recovery slot by one for a fresh code, and return that code."""
    secret = recovery_code.generate()
    slot = KeySlot(key=opened.row, kind=KeySlot.Kind.RECOVERY, salt=b"")
    context = _slot_context(slot)
    slot.blob = seal(derive_key(secret, info=ctx("recovery-kek", context)), opened.user_key, context=context)
    _replace_slot(slot)
    return recovery_code.format_code(secret)


def _replace_slot(slot: KeySlot) -> None:
    with transaction.atomic():
        KeySlot.objects.filter(key=slot.key, kind=slot.kind).delete()
        slot.save(force_insert=True)


def open_with_passphrase(user: User, passphrase: str, *, device_secret: bytes = b"") -> OpenedKeyring:
    """Open the keyring; `device_secret` is ignored by a slot that takes none.

    Raises WrongSecretError, also where the device secret is missing; IntegrityError for cost parameters out of bounds.
    """
    row, slot = _slot(user, KeySlot.Kind.PASSPHRASE)
    takes_secret = _DEVICE_SECRET in slot.params
    if takes_secret and len(device_secret) != DEVICE_SECRET_BYTES:
        raise WrongSecretError
    params = {name: value for name, value in slot.params.items() if name != _DEVICE_SECRET}
    cost = checked_cost(params, floor=settings.CASEBOOK_ARGON2_FLOOR)
    context = _slot_context(slot)
    used = device_secret if takes_secret else b""
    key = key_from_passphrase(passphrase, salt=bytes(slot.salt), cost=cost, context=context, device_secret=used)
    return replace(_open_slot(row, slot, key, context), device_secret=used)


def open_with_recovery_code(user: User, code: str) -> OpenedKeyring:
    """Open the keyring; raises WrongSecretError. The code stays valid until `write_recovery_slot` replaces it."""
    row, slot = _slot(user, KeySlot.Kind.RECOVERY)
    try:
        secret = recovery_code.parse_code(code)
    except recovery_code.InvalidRecoveryCodeError:
        raise WrongSecretError from None
    context = _slot_context(slot)
    return _open_slot(row, slot, derive_key(secret, info=ctx("recovery-kek", context)), context)


def _slot(user: User, kind: KeySlot.Kind) -> tuple[UserKey, KeySlot]:
    row = UserKey.objects.filter(user=user, active=True).first()
    slot = KeySlot.objects.filter(key=row, kind=kind).first() if row else None
    if row is None or slot is None:
        raise WrongSecretError
    return row, slot


def _open_slot(row: UserKey, slot: KeySlot, key: bytes, context: bytes) -> OpenedKeyring:
    try:
        user_key = unseal(key, slot.blob, context=context)
    except IntegrityError:
        raise WrongSecretError from None
    keyring = Keyring.unpack(unseal(user_key, row.keyring, context=_keyring_context(row)))
    return OpenedKeyring(row, keyring, user_key)


def _slot_context(slot: KeySlot) -> bytes:
    cost = "".join(f"{name}={slot.params[name]};" for name in sorted(slot.params))
    return ctx("slot", slot.key_id, slot.id, slot.kind, cost, bytes(slot.salt))


def _keyring_context(row: UserKey) -> bytes:
    return ctx("keyring", row.user_id, row.id, row.epoch)
