"""Django's database sessions, stored under the SHA-256 of their key. For SESSION_ENGINE.

A session ends SESSION_COOKIE_AGE after sign-in whatever happens in it: saving it again does not prolong it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.db import DatabaseError, IntegrityError, router, transaction
from django.utils import timezone

from casebook.core.models import Session

BEGAN_FIELD = "began"
"""Where a session says when its sign-in was, in seconds since 1970."""


@dataclass(frozen=True, slots=True, repr=False)
class StoredSession:
    """A session as it lies in the table, under its digest."""

    digest: str
    data: dict[str, Any]


def digest_of(session_key: str) -> str:
    """Hexadecimal SHA-256 of a session key."""
    return sha256(session_key.encode()).hexdigest()


def sessions_of(user_id: UUID) -> list[StoredSession]:
    """The sessions in which a person is signed in. Opens every session: whose it is stands only inside."""
    decode = SessionStore().decode
    rows = Session.objects.filter(expire_date__gt=timezone.now()).values_list("key_digest", "session_data").iterator()
    found = (StoredSession(digest, decode(data)) for digest, data in rows)
    return [each for each in found if each.data.get(SESSION_KEY) == str(user_id)]


def end_sessions(digests: Iterable[str]) -> None:
    Session.objects.filter(pk__in=list(digests)).delete()


def end_sessions_of(user_id: UUID) -> None:
    """Sign a person out everywhere."""
    end_sessions(each.digest for each in sessions_of(user_id))


class SessionStore(SessionBase):
    """Keeps the encoded data under the key's digest: user id and sign-in method, nothing of a case."""

    def get_expiry_date(self, **kwargs: Any) -> datetime:
        """SESSION_COOKIE_AGE after sign-in; before sign-in, after now."""
        began = self.get(BEGAN_FIELD)
        if not isinstance(began, int):
            return super().get_expiry_date(**kwargs)
        return datetime.fromtimestamp(began, UTC) + timedelta(seconds=settings.SESSION_COOKIE_AGE)

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
