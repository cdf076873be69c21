"""Making, opening and re-locking a person's keyring: passphrase slot and recovery code. One transaction each."""

import os
import secrets
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from accounts.keyring import Keyring, Keys
from accounts.models import KeySlot, User, UserKey
from accounts.wordlist import WORDS
from casebook.core import recovery_code
from casebook.core.encoding import ctx
from casebook.core.errors import IntegrityError, WrongSecretError
from casebook.core.key_derivation import Argon2Cost, checked_cost, derive_key, key_from_passphrase, new_salt
from casebook.core.sealing import seal, unseal
from casebook.core.wrapping import PrivateKeys

PASSPHRASE_WORDS = 7
"""Seven of 2,048 words: 77 bits, out of reach of offline guessing (see docs/threat-model.md)."""


@dataclass(frozen=True, slots=True, repr=False)
class OpenedKeyring:
    """A keyring together with the row and the user's key that it was opened with."""

    row: UserKey
    keyring: Keyring
    user_key: bytes

    def keys(self) -> Keys:
        return Keys(self.keyring, key_id=self.row.id, epoch=self.row.epoch)


def suggest_passphrase() -> str:
    return " ".join(secrets.choice(WORDS) for _ in range(PASSPHRASE_WORDS))


@transaction.atomic
def enrol(user: User, passphrase: str) -> str:
    """Make a key pair for a person who has none; returns the recovery code, which is shown once and kept nowhere."""
    private = PrivateKeys.generate()
    public = private.public()
    row = UserKey(user=user, hpke_public=public.hpke, signing_public=public.signing)
    user_key = os.urandom(32)
    keyring = Keyring(private, bytes(user.organisation.root_public))
    row.keyring = seal(user_key, keyring.pack(), context=_keyring_context(row))
    row.save(force_insert=True)
    opened = OpenedKeyring(row, keyring, user_key)
    write_passphrase_slot(opened, passphrase)
    return write_recovery_slot(opened)


def write_passphrase_slot(opened: OpenedKeyring, passphrase: str) -> None:
    """Replace the passphrase slot by one for this passphrase."""
    cost: Argon2Cost = settings.CASEBOOK_ARGON2
    slot = KeySlot(key=opened.row, kind=KeySlot.Kind.PASSPHRASE, params=cost.as_params(), salt=new_salt())
    context = _slot_context(slot)
    key = key_from_passphrase(passphrase, salt=bytes(slot.salt), cost=cost, context=context)
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


def open_with_passphrase(user: User, passphrase: str) -> OpenedKeyring:
    """Open the keyring; raises WrongSecretError, or IntegrityError for a slot with cost parameters out of bounds."""
    row, slot = _slot(user, KeySlot.Kind.PASSPHRASE)
    cost = checked_cost(slot.params, floor=settings.CASEBOOK_ARGON2_FLOOR)
    context = _slot_context(slot)
    key = key_from_passphrase(passphrase, salt=bytes(slot.salt), cost=cost, context=context)
    return _open_slot(row, slot, key, context)


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
