"""Puts the actor on the request and the key cookie on the answer; asks for a second factor before anything else."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from accounts.actor import Actor
from accounts.browser import write_cookies
from accounts.models import User
from accounts.sessions import note_visit
from accounts.unlocking import Token, keep_proof, resume, session_binding

GetResponse = Callable[[HttpRequest], HttpResponseBase]
_ANSWER_ATTRIBUTE = "casebook_key_token"
_WITHOUT_SECOND_FACTOR = frozenset({"account_logout", "account_reauthenticate", "accounts:lock", "set_language"})


def set_key_token(request: HttpRequest, token: Token | None) -> None:
    """Have the answer to this request carry the token as a cookie; None takes the cookie away."""
    setattr(request, _ANSWER_ATTRIBUTE, token)


def key_token(request: HttpRequest) -> Token | None:
    """The token that this request carries or has just been given."""
    if hasattr(request, _ANSWER_ATTRIBUTE):
        token: Token | None = getattr(request, _ANSWER_ATTRIBUTE)
        return token
    return Token.from_cookie(request.COOKIES.get(settings.CASEBOOK_KEY_COOKIE_NAME, ""))


class ActorMiddleware:
    """`request.actor` for signed-in people: unlocked while the cookie's token opens an active session."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        was_signed_in = isinstance(request.user, User)
        token, binding, keys = key_token(request), session_binding(request), None
        if isinstance(request.user, User):
            keys = resume(token, request.user, binding) if token else None
            request.actor = Actor(request.user, keys)  # type: ignore[attr-defined]
            note_visit(request)
        response = self.get_response(request)
        if token and keys and keys.proof and keys.proof.changed:
            keep_proof(token, binding, keys.proof)
        write_cookies(request, response)
        if hasattr(request, _ANSWER_ATTRIBUTE):
            _write_cookie(response, getattr(request, _ANSWER_ATTRIBUTE))
        if was_signed_in and not request.user.is_authenticated:
            response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response


class SecondFactorMiddleware:
    """With CASEBOOK_REQUIRE_SECOND_FACTOR: who has no second factor sets one up before seeing anything else."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        if not settings.CASEBOOK_REQUIRE_SECOND_FACTOR or not request.user.is_authenticated:
            return None
        if not getattr(view, "login_required", True) or _is_part_of_set_up(request):
            return None
        return None if has_second_factor(request.user) else redirect("mfa_activate_totp")


def _is_part_of_set_up(request: HttpRequest) -> bool:
    name = request.resolver_match.view_name if request.resolver_match else ""
    return name.startswith("mfa_") or name in _WITHOUT_SECOND_FACTOR


def has_second_factor(user: User) -> bool:
    """Whether an authenticator app or a security key guards the person's sign-in."""
    return bool(is_mfa_enabled(user, [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]))


def _write_cookie(response: HttpResponseBase, token: Token | None) -> None:
    name = settings.CASEBOOK_KEY_COOKIE_NAME
    if token is None:
        response.delete_cookie(name, samesite="Strict")
        return
    response.set_cookie(
        name, token.cookie_value, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Strict"
    )
