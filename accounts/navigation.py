"""The main navigation: which rooms a person's roles open. Only names of pages; the pages themselves check."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User


@dataclass(frozen=True, slots=True)
class Place:
    label: str | Promise
    url: str
    icon: str
    current: bool


_CASE_ROLES = (Role.STREET_LAWYER, Role.COORDINATOR, Role.LEGAL_EXPERT)
_PLACES: tuple[tuple[str | Promise, str, str, tuple[Role, ...]], ...] = (
    (_("Cases"), "cases:list", "cases", _CASE_ROLES),
    (_("To review"), "publication:reviews", "review", (Role.ADVOCATE,)),
    (_("Digests"), "publication:digests", "digest", (Role.ADVOCATE,)),
    (_("Law library"), "legal_analysis:library", "library", (*_CASE_ROLES, Role.ADVOCATE)),
    (_("Published"), "publication:register", "published", tuple(Role)),
    (_("People"), "accounts:people", "people", (Role.ADMINISTRATOR,)),
    (_("Teams"), "accounts:teams", "share", (Role.ADMINISTRATOR,)),
    (_("Erasure"), "erasure:list", "trash", (Role.COORDINATOR, Role.ADMINISTRATOR, Role.AUDITOR)),
    (_("Ledger"), "accounts:ledger", "ledger", (Role.AUDITOR,)),
)


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `navigation`, a list of Places."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {"navigation": []}
    places = []
    for label, name, icon, roles in _PLACES:
        if user.has_role(*roles):
            url = reverse(name)
            places.append(Place(label, url, icon, request.path.startswith(url)))
    return {"navigation": places}
