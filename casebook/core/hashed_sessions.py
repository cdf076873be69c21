"""Django's database sessions, stored under the SHA-256 of their key. For SESSION_ENGINE."""

from hashlib import sha256
from typing import Any
from uuid import UUID

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.db import DatabaseError, IntegrityError, router, transaction
from django.utils import timezone

from casebook.core.models import Session


def digest_of(session_key: str) -> str:
    """Hexadecimal SHA-256 of a session key."""
    return sha256(session_key.encode()).hexdigest()


def end_sessions_of(user_id: UUID) -> None:
    """Sign a person out everywhere. Opens every session: whose it is stands only inside."""
    decode = SessionStore().decode
    rows = Session.objects.values_list("key_digest", "session_data").iterator()
    theirs = [digest for digest, data in rows if decode(data).get(SESSION_KEY) == str(user_id)]
    Session.objects.filter(pk__in=theirs).delete()


class SessionStore(SessionBase):
    """Keeps the encoded data under the key's digest: user id and sign-in method, nothing of a case."""

    def exists(self, session_key: str) -> bool:
        return Session.objects.filter(pk=digest_of(session_key)).exists()

    def create(self) -> None:
        while True:
            self._session_key = self._get_new_session_key()  # type: ignore[attr-defined]
            try:
                self.save(must_create=True)
            except CreateError:
                continue
            self.modified = True
            return

    def save(self, must_create: bool = False) -> None:
        if self.session_key is None:
            self.create()
            return
        row = Session(
            key_digest=digest_of(self.session_key),
            session_data=self.encode(self._get_session(no_load=must_create)),  # type: ignore[attr-defined]
            expire_date=self.get_expiry_date(),
        )
        try:
            with transaction.atomic(using=router.db_for_write(Session)):
                row.save(force_insert=must_create, force_update=not must_create)
        except IntegrityError:
            if must_create:
                raise CreateError from None
            raise
        except DatabaseError:
            if not must_create:
                raise UpdateError from None
            raise

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            Session.objects.filter(pk=digest_of(key)).delete()

    def load(self) -> dict[str, Any]:
        if self.session_key is None:
            return {}
        row = Session.objects.filter(pk=digest_of(self.session_key), expire_date__gt=timezone.now()).first()
        if row is None:
            self._session_key = None
            return {}
        return self.decode(row.session_data)

    @classmethod
    def clear_expired(cls) -> None:
        Session.objects.filter(expire_date__lt=timezone.now()).delete()
