"""Where allauth's sign-in meets the keys: the passphrase is seen once, opens the slot, and is forgotten."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.http import HttpRequest

from accounts import enrolment, sessions, unlocking
from accounts.actor import Actor
from accounts.browser import browser_digest, device_secret_of, keep_device_secret
from accounts.log_check import mismatch_recorded
from accounts.middleware import key_token, set_key_token
from accounts.models import User
from casebook.core import ledger
from casebook.core.encoding import ctx
from casebook.core.errors import IntegrityError, WrongSecretError
from casebook.core.rate_limits import count_attempt
from casebook.core.sealing import seal, unseal


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Invitation only; a right passphrase signs in and unlocks, everything else only signs in."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Sign-in and sign-out show on the page itself; allauth's messages would carry names into the session."""

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        subject = str(credentials.get("username", "")).casefold()
        count_attempt("sign-in", subject, limit=settings.CASEBOOK_SIGN_IN_LIMIT)
        count_attempt("sign-in-from", request.META.get("REMOTE_ADDR", ""), limit=settings.CASEBOOK_SIGN_IN_LIMIT * 6)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        user: AbstractBaseUser | None = super().authenticate(request, **credentials)
        if isinstance(user, User) and user.is_active:
            try:
                opened = enrolment.open_with_passphrase(
                    user, str(credentials.get("password", "")), device_secret=device_secret_of(request, user)
                )
            except WrongSecretError:
                set_key_token(request, None)
            else:
                with mismatch_recorded(Actor(user), how="sign-in"):
                    set_key_token(request, unlocking.start_pending(opened))
                if opened.device_secret:
                    keep_device_secret(request, user, opened.device_secret)
        return user

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        user = User.objects.filter(username=str(credentials.get("username", ""))).first()
        if user is not None:
            with transaction.atomic():
                ledger.record("account.sign_in_failed", actor=Actor(user))

    def reauthenticate(self, user: AbstractBaseUser, password: str) -> bool:
        return user.check_password(password)

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        pending = key_token(request)
        super().login(request, user)
        if not isinstance(user, User):
            return
        sessions.begin(request)
        token = unlocking.promote(pending, user, unlocking.session_binding(request)) if pending else None
        set_key_token(request, token)
        with transaction.atomic():
            device = browser_digest(request, user)
            ledger.record("account.sign_in", actor=Actor(user), unlocked=token is not None, device=device)

    def logout(self, request: HttpRequest) -> None:
        token = key_token(request)
        if token:
            unlocking.end(token)
        if isinstance(request.user, User):
            with transaction.atomic():
                ledger.record("account.sign_out", actor=Actor(request.user))
        set_key_token(request, None)
        super().logout(request)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Seals second-factor secrets under a key from the environment: a copy of the database does not defeat them."""

    def encrypt(self, text: str) -> str:
        return seal(settings.CASEBOOK_SECOND_FACTOR_KEY, text.encode(), context=_CONTEXT).hex()

    def decrypt(self, encrypted_text: str) -> str:
        try:
            sealed = bytes.fromhex(encrypted_text)
        except ValueError:
            raise IntegrityError from None
        return unseal(settings.CASEBOOK_SECOND_FACTOR_KEY, sealed, context=_CONTEXT).decode()


_CONTEXT = ctx("second-factor")
