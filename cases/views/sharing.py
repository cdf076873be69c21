"""Who may open a case: letting colleagues in, taking access back, handing the case over, keeping somebody out."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actor import ActorRequest
from accounts.models import Team, User
from accounts.teams import find_team
from cases.access import OpenCase, open_case
from cases.compartments import ALL_COMPARTMENTS
from cases.emergency import access_until
from cases.guards import has_consent
from cases.levels import SHARED_LEVELS, AccessLevel
from cases.models import CaseWall, CompartmentName, ConsentScope
from cases.queries import candidates, colleagues, members_by_team, panels_with_key, statement_of, walls_of
from cases.rekeying import finish_rekeys
from cases.roster import Roster, roster_of, who_may_open
from cases.sharing import grant, grant_team, take_wall_down, wall_off
from cases.sharing import hand_over as give_away
from cases.sharing import revoke as take_back
from cases.sharing import revoke_team as take_back_from_team
from cases.sharing_forms import HandOverForm, PanelChoice, PersonChoice, ShareForm, WallForm
from cases.views.incoming import posted


def _open(request: ActorRequest, reference: str) -> OpenCase:
    """The case, with what waited for new keys done: who holds which key is what these pages are about."""
    opened = open_case(request.actor, reference, need="share_case", optional=ALL_COMPARTMENTS)
    finish_rekeys(opened)
    return opened


# --- letting in and taking back -----------------------------------------------------------------------------------


def _form(opened: OpenCase, roster: Roster, walls: list[CaseWall], data: QueryDict | None) -> ShareForm:
    """Everybody with confirmed keys who isn't in already, and panels; who lacks a key can be given it here."""
    return ShareForm(
        data,
        people=list(_people_choices(opened, roster, walls)),
        panels=[] if walls else list(_panel_choices(opened, roster)),
        experts_agreed=has_consent(opened.case, ConsentScope.EXPERTS),
    )


def _people_choices(opened: OpenCase, roster: Roster, walls: list[CaseWall]) -> Iterator[PersonChoice]:
    complete = {(each.user.id, each.level) for each in roster.people if not each.without_key}
    complete |= {(member.id, each.level) for each in roster.teams if not each.without_key for member in each.members}
    walled = {wall.person_id for wall in walls}
    for level in SHARED_LEVELS:
        for person in candidates(opened.actor, level):
            if person.id not in walled and (person.id, level) not in complete:
                yield PersonChoice(person, level)


def _panel_choices(opened: OpenCase, roster: Roster) -> Iterator[PanelChoice]:
    complete = {each.team.id for each in roster.teams if not each.without_key}
    panels = [team for team in panels_with_key(opened.actor) if team.id not in complete]
    for team, members in members_by_team(panels):
        yield PanelChoice(team, tuple(each for each in members if roster.levels_of(each) - {AccessLevel.EXPERT}))


def _page(
    request: ActorRequest,
    opened: OpenCase,
    roster: Roster,
    form: ShareForm,
    walls: list[CaseWall],
    *,
    status: int = 200,
) -> HttpResponse:
    checked = opened.holds(CompartmentName.TESTIMONY) and statement_of(opened)[1].confirmed
    until = access_until(opened.case)
    context = {
        "case": opened.case,
        "form": form,
        "teams": [(access, access.team.kind == Team.Kind.PANEL) for access in roster.teams],
        "people": [(access, until.get(access.user.id)) for access in roster.people],
        "now": timezone.now(),
        "walls": walls,
        "may_hand_over": _works_by_name(roster, request.user),
        "experts_agreed": has_consent(opened.case, ConsentScope.EXPERTS),
        "names_checked": checked,
    }
    return render(request, "cases/sharing.html", context, status=status)


def _works_by_name(roster: Roster, person: User) -> bool:
    return any(each.user.id == person.id and each.level == AccessLevel.CASEWORKER for each in roster.people)


@require_safe
def sharing(request: ActorRequest, reference: str) -> HttpResponse:
    opened = _open(request, reference)
    roster, walls = roster_of(opened.case), walls_of(opened.case)
    return _page(request, opened, roster, _form(opened, roster, walls, None), walls)


@require_POST
def share(request: ActorRequest, reference: str) -> HttpResponse:
    opened = _open(request, reference)
    roster, walls = roster_of(opened.case), walls_of(opened.case)
    form = _form(opened, roster, walls, posted(request))
    if not form.is_valid():
        return _page(request, opened, roster, form, walls, status=422)
    match form.cleaned_data["who"]:
        case PanelChoice(team=team):
            grant_team(opened, team)
            messages.success(request, _("Shared. Every member of the panel can open the case now."))
        case PersonChoice(person=person, level=level):
            grant(opened, person, level)
            messages.success(request, _("Shared. Your colleague can open the case now."))
    return redirect("cases:sharing", reference)


@require_POST
def revoke(request: ActorRequest, reference: str, person_id: UUID) -> HttpResponse:
    """Take everything back from one person; the case then has new keys."""
    opened = _open(request, reference)
    person = next((each.user for each in who_may_open(opened.case) if each.user.id == person_id), None)
    if person is None:
        raise Http404
    take_back(opened, person)
    messages.success(request, _("Access is taken back, and the case has new keys."))
    return redirect("cases:list") if person == request.user else redirect("cases:sharing", reference)


@require_POST
def revoke_team(request: ActorRequest, reference: str, team_id: UUID) -> HttpResponse:
    """Take the case back from a panel; the case then has new keys. Coordinators are kept out one by one, by walls."""
    opened = _open(request, reference)
    team = find_team(request.actor, team_id)
    if team.kind != Team.Kind.PANEL or team not in [each.team for each in roster_of(opened.case).teams]:
        raise Http404
    take_back_from_team(opened, team)
    messages.success(request, _("Access is taken back, and the case has new keys."))
    return redirect("cases:sharing", reference)


# --- handing over -------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: ActorRequest, reference: str) -> HttpResponse:
    """Give the case to a colleague, or leave it to the coordinators, and keep no key; only for who has it by name."""
    opened = _open(request, reference)
    roster = roster_of(opened.case)
    if not _works_by_name(roster, request.user):
        raise Http404
    form = _hand_over_form(opened, roster, posted(request) if request.method == "POST" else None)
    if not form.is_valid():
        context = {"case": opened.case, "form": form, "through_team": _in_a_team(roster, request.user)}
        return render(request, "cases/hand_over.html", context, status=422 if form.is_bound else 200)
    give_away(opened, form.cleaned_data["to"])
    messages.success(request, _("The case is handed over. You hold no key to it by name any more."))
    return redirect("cases:list")


def _hand_over_form(opened: OpenCase, roster: Roster, data: QueryDict | None) -> HandOverForm:
    walled = {wall.person_id for wall in walls_of(opened.case)}
    people = [
        person
        for person in candidates(opened.actor, AccessLevel.CASEWORKER)
        if person.id not in walled and not roster.levels_of(person) - {AccessLevel.CASEWORKER}
    ]
    return HandOverForm(data, people=people, coordinators=_coordinators_besides(roster, opened.actor.user))


def _coordinators_besides(roster: Roster, person: User) -> Team | None:
    """The team of coordinators, if it holds every key to the case and somebody else is in it."""
    for each in roster.teams:
        if each.level == AccessLevel.CASEWORKER and not each.without_key and set(each.members) - {person}:
            return each.team
    return None


def _in_a_team(roster: Roster, person: User) -> bool:
    return any(person in each.members for each in roster.teams)


# --- walls --------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def walls(request: ActorRequest, reference: str) -> HttpResponse:
    """Keep a colleague out, whatever teams they are in."""
    opened = _open(request, reference)
    standing = walls_of(opened.case)
    walled = {wall.person_id for wall in standing}
    people = [person for person in colleagues(request.actor) if person.id not in walled]
    form = WallForm(posted(request) if request.method == "POST" else None, people=people)
    if not form.is_valid():
        context: dict[str, Any] = {"case": opened.case, "form": form, "walls": standing}
        return render(request, "cases/walls.html", context, status=422 if form.is_bound else 200)
    wall_off(opened, form.cleaned_data["person"])
    messages.success(request, _("The wall stands. The case has new keys."))
    return redirect("cases:walls", reference)


@require_POST
def wall_down(request: ActorRequest, reference: str, person_id: UUID) -> HttpResponse:
    opened = _open(request, reference)
    person = next((wall.person for wall in walls_of(opened.case) if wall.person_id == person_id), None)
    if person is None:
        raise Http404
    take_wall_down(opened, person)
    messages.success(request, _("The wall is down. The colleague gets nothing by it until somebody lets them in."))
    return redirect("cases:walls", reference)
