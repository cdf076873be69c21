"""Puts the actor on the request, and the key cookie on the answer."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from accounts.actor import Actor
from accounts.models import User
from accounts.unlocking import Token, resume, session_binding

GetResponse = Callable[[HttpRequest], HttpResponseBase]
_ANSWER_ATTRIBUTE = "casebook_key_token"


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
        if isinstance(request.user, User):
            token = key_token(request)
            keys = resume(token, request.user, session_binding(request)) if token else None
            request.actor = Actor(request.user, keys)  # type: ignore[attr-defined]
        response = self.get_response(request)
        if hasattr(request, _ANSWER_ATTRIBUTE):
            _write_cookie(response, getattr(request, _ANSWER_ATTRIBUTE))
        return response


def _write_cookie(response: HttpResponseBase, token: Token | None) -> None:
    name = settings.CASEBOOK_KEY_COOKIE_NAME
    if token is None:
        response.delete_cookie(name, samesite="Strict")
        return
    response.set_cookie(
        name, token.cookie_value, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Strict"
    )
