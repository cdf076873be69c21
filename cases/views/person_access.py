"""Taking all of a person's access to cases away: an administrator's page, reached from the page of the person."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.access import open_person
from accounts.actor import ActorRequest
from cases.departures import named_access, take_all_access


@require_http_methods(["GET", "POST"])
def person_access(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """How many cases it is about and who is left, in numbers only; then ending it."""
    person = open_person(request.actor, person_id)
    if request.method == "GET":
        context = {"person": person, "access": named_access(request.actor, person)}
        return render(request, "cases/person_access.html", context)
    count = take_all_access(request.actor, person)
    said = ngettext(
        "Access to %(count)s case is taken away. It gets new keys when somebody who works on it opens it.",
        "Access to %(count)s cases is taken away. They get new keys when somebody who works on them opens them.",
        count,
    )
    messages.success(request, said % {"count": count})
    return redirect("accounts:person", person_id)
