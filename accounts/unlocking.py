"""Unlocked sessions: the keyring sealed under a token that only the browser's cookie carries.

A row is pending from the passphrase until the second factor is done, then active and bound to the signed-in session.
Its identifier, user, state, session and absolute end are bound into the encryption: none can be changed or moved.
When the passphrase was last typed lies inside, before the keyring: nobody but the session itself can renew it.
"""

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from accounts.enrolment import OpenedKeyring
from accounts.keyring import Keyring, Keys, PassphraseProof
from accounts.log_check import with_present_head
from accounts.models import UnlockedSession, User, UserKey
from casebook.core.encoding import ctx
from casebook.core.errors import IntegrityError
from casebook.core.key_derivation import derive_key
from casebook.core.sealing import seal, unseal

PENDING_SECONDS = 300
_SEEN_GRANULARITY = 30
_TOKEN_LENGTH = 32
_REMEMBERED_CASES = 500
State = UnlockedSession.State
_RESUMED = (
    *(field.name for field in UnlockedSession._meta.concrete_fields),
    *(f"key__{name}" for name in ("active", "epoch", "user")),
)
"""The columns that resuming needs; the public keys and the sealed keyring of the account stay where they are."""


@dataclass(frozen=True, slots=True, repr=False)
class Token:
    """What the cookie carries: 32 random bytes as hexadecimal text."""

    secret: bytes

    @classmethod
    def from_cookie(cls, value: str) -> "Token | None":
        try:
            secret = bytes.fromhex(value)
        except ValueError:
            return None
        return cls(secret) if len(secret) == _TOKEN_LENGTH else None

    @property
    def cookie_value(self) -> str:
        return self.secret.hex()

    @property
    def row_id(self) -> bytes:
        return sha256(ctx("unlocked-id", self.secret)).digest()


def session_binding(request: HttpRequest) -> bytes:
    """What ties an unlocked session to one signed-in session: a digest of its key, which is itself never stored."""
    return sha256((request.session.session_key or "").encode()).digest()


def start_pending(opened: OpenedKeyring) -> Token:
    """Keep an open keyring from the passphrase to the end of sign-in, for five minutes and unusable until then.

    Raises LogMismatchError.
    """
    opened = with_present_head(opened)
    return _store(
        opened.row, opened.keyring, proof_now(), state=State.PENDING, binding=bytes(32), seconds=PENDING_SECONDS
    )


@transaction.atomic
def promote(token: Token, user: User, binding: bytes) -> Token | None:
    """Turn a pending row into an active one with a fresh token, once; None when there is none to promote."""
    row = UnlockedSession.objects.select_for_update().filter(id=token.row_id, user=user, state=State.PENDING).first()
    if row is None or row.expires <= time.time():
        return None
    proof, keyring = _open(row, user, token, bytes(32))
    UnlockedSession.objects.filter(id=token.row_id).delete()
    return _store(
        row.key, keyring, proof, state=State.ACTIVE, binding=binding, seconds=settings.CASEBOOK_SESSION_SECONDS
    )


def start_active(opened: OpenedKeyring, binding: bytes) -> Token:
    """Unlock within a signed-in session; raises LogMismatchError."""
    opened = with_present_head(opened)
    return _store(
        opened.row,
        opened.keyring,
        proof_now(),
        state=State.ACTIVE,
        binding=binding,
        seconds=settings.CASEBOOK_SESSION_SECONDS,
    )


def resume(token: Token, user: User, binding: bytes) -> Keys | None:
    """The keys of an active session; None when it ended, is another's, or stood idle too long."""
    row = UnlockedSession.objects.select_related("key").only(*_RESUMED).filter(id=token.row_id).first()
    now = int(time.time())
    if row is None or row.state != State.ACTIVE or row.user_id != user.id:
        return None
    if row.expires <= now or row.last_seen + settings.CASEBOOK_IDLE_SECONDS <= now or not row.key.active:
        end(token)
        return None
    try:
        proof, keyring = _open(row, user, token, binding)
    except IntegrityError:
        return None
    if row.last_seen + _SEEN_GRANULARITY <= now:
        UnlockedSession.objects.filter(id=row.id).update(last_seen=now)
    return Keys(keyring, key_id=row.key_id, epoch=row.key.epoch, proof=proof)


@transaction.atomic
def keep_proof(token: Token, binding: bytes, proof: PassphraseProof) -> None:
    """Seal what was proved in this request, and in others meanwhile, into the row; nothing where the session ended."""
    rows = UnlockedSession.objects.select_for_update(of=("self",)).select_related("user")
    row = rows.filter(id=token.row_id, state=State.ACTIVE).first()
    if row is None:
        return
    user = row.user
    try:
        before, keyring = _open(row, user, token, binding)
    except IntegrityError:  # changed outside the application: the next request finds it closed
        return
    revealed = tuple(dict.fromkeys((*before.revealed, *proof.revealed)))[-_REMEMBERED_CASES:]
    merged = PassphraseProof(max(before.at, proof.at), revealed)
    row.blob = _sealed(row, user, token, binding, merged, keyring)
    row.save(update_fields=["blob"])


def end(token: Token) -> None:
    UnlockedSession.objects.filter(id=token.row_id).delete()


def end_all(user: User) -> None:
    """Lock a person everywhere."""
    UnlockedSession.objects.filter(user=user).delete()


def sweep() -> None:
    """Delete rows that have ended."""
    now = int(time.time())
    UnlockedSession.objects.filter(expires__lte=now).delete()
    UnlockedSession.objects.filter(last_seen__lte=now - settings.CASEBOOK_IDLE_SECONDS).delete()


def end_bound_to(user: User, bindings: Iterable[bytes]) -> None:
    """Lock a person in the signed-in sessions of these bindings."""
    UnlockedSession.objects.filter(user=user, bound_session__in=list(bindings)).delete()


def proof_now() -> PassphraseProof:
    """The passphrase was typed just now."""
    return PassphraseProof(int(time.time()))


def _store(
    key: UserKey, keyring: Keyring, proof: PassphraseProof, *, state: str, binding: bytes, seconds: int
) -> Token:
    sweep()
    token = Token(os.urandom(_TOKEN_LENGTH))
    now = int(time.time())
    row = UnlockedSession(
        id=token.row_id,
        user_id=key.user_id,
        key=key,
        state=state,
        bound_session=binding,
        expires=now + seconds,
        last_seen=now,
    )
    row.blob = _sealed(row, key.user, token, binding, proof, keyring)
    row.save(force_insert=True)
    return token


def _sealed(
    row: UnlockedSession, user: User, token: Token, binding: bytes, proof: PassphraseProof, keyring: Keyring
) -> bytes:
    return seal(_session_key(token), proof.pack() + keyring.pack(), context=_context(row, user, binding))


def _open(row: UnlockedSession, user: User, token: Token, binding: bytes) -> tuple[PassphraseProof, Keyring]:
    packed = unseal(_session_key(token), row.blob, context=_context(row, user, binding))
    proof, rest = PassphraseProof.unpack_from(packed)
    return proof, Keyring.unpack(rest)


def _session_key(token: Token) -> bytes:
    return derive_key(token.secret, info=ctx("unlocked-key"))


def _context(row: UnlockedSession, user: User, binding: bytes) -> bytes:
    return ctx(
        "unlocked",
        user.organisation_id,
        bytes(row.id),
        row.user_id,
        row.key_id,
        row.state,
        binding,
        row.expires,
    )
