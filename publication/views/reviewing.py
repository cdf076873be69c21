"""The reviewer's pages: what waits, and one anonymised record read as an intruder would read it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actor import ActorRequest
from cases.access import OpenCase, open_case
from cases.models import CompartmentName
from cases.stages import Stage
from cases.views.incoming import posted
from publication import actions
from publication.forms import ReviewForm
from publication.queries import record_of, waiting_records
from publication.record_content import RecordContent, record_page


@require_safe
def reviews(request: ActorRequest) -> HttpResponse:
    """Records that wait for this reviewer."""
    return render(request, "publication/reviews.html", {"waiting": waiting_records(request.actor)})


@require_http_methods(["GET", "HEAD", "POST"])
def review(request: ActorRequest, reference: str) -> HttpResponse:
    """Try to find the person, answer the checklist, publish or send back."""
    opened = open_case(request.actor, reference, need="review_case", compartments=(CompartmentName.RECORD,))
    opened.require("review_case", Stage.REVIEW)
    row, content = record_of(opened)
    actions.require_distance(opened, row)
    if request.method != "POST":
        return _page(request, opened, content, ReviewForm())
    form = ReviewForm(posted(request))
    if not form.is_valid():
        return _page(request, opened, content, form, status=422)
    if form.publishes:
        published = actions.publish(opened, form.answers())
        messages.success(request, _("The record is published."))
        return redirect("publication:record", published.number)
    actions.send_back(opened, form.answers())
    messages.success(request, _("The record went back to whoever anonymised it."))
    return redirect("publication:reviews")


def _page(
    request: ActorRequest, opened: OpenCase, content: RecordContent, form: ReviewForm, *, status: int = 200
) -> HttpResponse:
    context = {"case": opened.case, "page": record_page(content, ""), "form": form}
    return render(request, "publication/review.html", context, status=status)
