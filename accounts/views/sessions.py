"""One's own sessions: where one is signed in, ending one of them or all others."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts import sessions as own
from accounts.actor import ActorRequest
from accounts.forms import EndSessionForm
from accounts.second_factor import keys_of


@require_safe
def sessions(request: ActorRequest) -> HttpResponse:
    """Where the person is signed in, and the security keys of the account."""
    context = {"sessions": own.own_sessions(request.actor, request), "keys": keys_of(request.user)}
    return render(request, "accounts/sessions.html", context)


@require_POST
def end_session(request: ActorRequest) -> HttpResponse:
    """Sign out in another browser; this one has its own button for that."""
    form = EndSessionForm(request.POST)
    if not form.is_valid() or own.is_this(request, form.cleaned_data["session"]):
        raise Http404
    own.end_session(request.actor, form.cleaned_data["session"])
    messages.success(request, _("That session is ended. Nothing opens there without signing in again."))
    return redirect("accounts:sessions")


@require_POST
def end_other_sessions(request: ActorRequest) -> HttpResponse:
    ended = own.end_other_sessions(request.actor, request)
    said = ngettext("%(count)s other session is ended.", "%(count)s other sessions are ended.", ended)
    messages.success(request, said % {"count": ended})
    return redirect("accounts:sessions")
