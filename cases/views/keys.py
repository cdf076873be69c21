"""Giving keys in batches: again to colleagues who replaced theirs, and new ones to cases whose team changed."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.core import signing
from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import require_role
from accounts.actor import ActorRequest
from accounts.models import Role, Team, User
from accounts.step_up import require_fresh
from accounts.teams import find_team, memberships
from cases.rekeying import rekey_some, team_with_earlier_keys, waiting_for, waiting_for_team
from cases.resharing import people_without_keys
from cases.resharing import share_again as give_again
from cases.sharing_forms import BatchForm
from cases.views.incoming import posted

BATCH = 25
"""Cases in one request: well under a second of work."""
_SALT = "cases.batch"


@dataclass(frozen=True, slots=True)
class Batch:
    """Work of which a part is done in each request. `going`: the person has begun it, and it goes on by itself."""

    left: int
    of: int
    going: bool

    @property
    def done(self) -> int:
        return self.of - self.left

    @property
    def size(self) -> int:
        """How many the next request does."""
        return min(self.left, BATCH)


def _batch(request: ActorRequest, subject: UUID, left: int, form: BatchForm) -> Batch:
    """Where the work for a person or a team stands with `left` cases to do, after what the address says."""
    of, begun = form.cleaned_data["of"] or 0, form.cleaned_data["begun"]
    return Batch(left, max(left, of), going=left > 0 and _is_begun(request, subject, left, begun))


def _begun(request: ActorRequest, subject: UUID, left: int) -> str:
    """What only an answer to this person's own form puts into an address: a link from elsewhere sets nothing going."""
    return signing.dumps([str(request.user.pk), str(subject), left], salt=_SALT)


def _is_begun(request: ActorRequest, subject: UUID, left: int, begun: str) -> bool:
    try:
        said = signing.loads(begun, salt=_SALT, max_age=60)
    except signing.BadSignature:
        return False
    return bool(said == [str(request.user.pk), str(subject), left])


def _progress(data: QueryDict) -> BatchForm:
    form = BatchForm(data)
    if not form.is_valid():
        raise BadRequest
    return form


def _onward(address: str, **progress: str | int) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{address}?{urlencode(progress)}")


# --- people who replaced their keys -------------------------------------------------------------------------------


@require_safe
def keys_again(request: ActorRequest) -> HttpResponse:
    """Who has permission to cases but lost the keys to them, and a button for each."""
    require_role(request.actor, Role.STREET_LAWYER, Role.COORDINATOR)
    progress = _progress(request.GET)
    about, nothing = progress.cleaned_data["person"], _progress(QueryDict())
    people = [
        (each, _batch(request, each.person.id, len(each.cases), progress if each.person.id == about else nothing))
        for each in people_without_keys(request.actor)
    ]
    return render(request, "cases/keys_again.html", {"people": people})


@require_POST
def share_again(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """Give a colleague the keys to the next BATCH cases."""
    require_role(request.actor, Role.STREET_LAWYER, Role.COORDINATOR)
    progress = _progress(posted(request))
    require_fresh(request)
    person = User.objects.filter(pk=person_id, organisation=request.user.organisation_id).first()
    if person is None:
        raise Http404
    left = give_again(request.actor, person, limit=BATCH)
    if left == 0:
        messages.success(request, _("All these keys are given again."))
        return redirect("cases:keys_again")
    of, begun = max(progress.cleaned_data["of"] or 0, left), _begun(request, person.id, left)
    return _onward(reverse("cases:keys_again"), person=str(person.id), of=of, begun=begun)


# --- teams that somebody left -------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def team_rekey(request: ActorRequest, team_id: UUID) -> HttpResponse:
    """How many cases wait for new keys since somebody left the team, and a button that does the next BATCH."""
    request.actor.require_keys()
    team = _own_team(request, team_id)
    if request.method == "POST":
        return _rekey_batch(request, team, _progress(posted(request)))
    mine, waiting = waiting_for(request.actor, team).count(), waiting_for_team(team).count()
    context = {
        "team": team,
        "batch": _batch(request, team.id, mine, _progress(request.GET)),
        "others": waiting - mine,
        "done": waiting == 0 and team_with_earlier_keys([team.pk]) is None,
    }
    return render(request, "cases/team_rekey.html", context)


def _own_team(request: ActorRequest, team_id: UUID) -> Team:
    if team_id not in [membership.team for membership in memberships(request.user)]:
        raise Http404
    return find_team(request.actor, team_id)


def _rekey_batch(request: ActorRequest, team: Team, progress: BatchForm) -> HttpResponse:
    address = reverse("cases:team_rekey", args=[team.pk])
    before = waiting_for(request.actor, team).count()
    left = rekey_some(request.actor, team, limit=BATCH)
    if left == 0:
        return HttpResponseRedirect(address)
    of = max(progress.cleaned_data["of"] or 0, before)
    if left == before:
        return _onward(address, of=of)
    return _onward(address, of=of, begun=_begun(request, team.id, left))
