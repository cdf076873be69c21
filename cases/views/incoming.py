"""What comes in with a request: which case it opens, and what it posts."""

from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, JsonResponse, QueryDict
from django.utils import timezone
from django.utils.formats import time_format

from accounts.actor import ActorRequest
from cases.access import OpenCase, open_case
from cases.actions import OPEN_STAGES


def open_to_change(request: ActorRequest, reference: str, *compartments: str) -> OpenCase:
    """A case whose intake may still be corrected by this person; 404 or WrongStageError."""
    opened = open_case(request.actor, reference, need="change_case", compartments=compartments)
    opened.require("change_case", *OPEN_STAGES)
    return opened


def posted(request: HttpRequest) -> QueryDict:
    """The fields of a form; raises BadRequest where one holds half a character, which no page could show again."""
    for values in (*(values for _name, values in request.POST.lists()), list(request.POST)):
        if any(not _is_whole(value) for value in values):
            raise BadRequest
    return request.POST


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_autosave(request: HttpRequest) -> bool:
    """Whether static/js/autosave.js sent this: it wants the new revision, not a page."""
    return "X-Autosave" in request.headers or request.headers.get("X-Requested-With") == "casebook-autosave"


def saved(revision: int) -> JsonResponse:
    """Autosave's answer: the revision that the next save starts from."""
    return JsonResponse({"revision": revision, "saved_at": time_format(timezone.localtime(), "H:i")})


def not_saved(status: int, **details: Any) -> JsonResponse:
    """Autosave's answer when nothing was written: 409 for a second editor, 422 for what is wrong."""
    return JsonResponse({"saved": False, **details}, status=status)


def at_revision(data: QueryDict, revision: int | str, name: str = "revision") -> QueryDict:
    """What was typed, for a form that now starts from the stored revision: the next save is a decision."""
    copy = data.copy()
    copy[name] = str(revision)
    return copy
