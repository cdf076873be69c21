"""The testimony as it is told, and the names and numbers that were found in it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.actor import ActorRequest
from casebook.core.errors import StaleRevisionError
from cases.access import OpenCase
from cases.actions import confirm_mentions, save_narrative
from cases.contents import StatementContent
from cases.forms import MentionsForm, NarrativeForm
from cases.mentions import clean
from cases.models import CompartmentName, Statement
from cases.narrative import words_of
from cases.queries import mentions_in, narrative_of, statement_of
from cases.testimony_view import mention_cards, searched_for, testimony_pieces
from cases.views.incoming import at_revision, is_autosave, not_saved, open_to_change, posted, saved

_BOTH = (CompartmentName.IDENTITY, CompartmentName.TESTIMONY)
_LANGUAGE_OF = {
    "AL": "sq", "AM": "hy", "AZ": "az", "BA": "bs", "BG": "bg", "BY": "ru", "CZ": "cs", "EE": "et", "GE": "ka",
    "HR": "hr", "HU": "hu", "KG": "ru", "KZ": "ru", "LT": "lt", "LV": "lv", "MD": "ro", "ME": "cnr", "MK": "mk",
    "PL": "pl", "RO": "ro", "RS": "sr", "RU": "ru", "SI": "sl", "SK": "sk", "TJ": "tg", "TM": "tk", "UA": "uk",
    "UZ": "uz", "XK": "sq",
}  # fmt: skip
"""The language that a story from a country is first offered in; whoever writes chooses."""


def likely_language(opened: OpenCase, row: Statement | None, content: StatementContent) -> str:
    """The story's language, or before there is one the likely one of the country."""
    return content.language if row else _LANGUAGE_OF.get(opened.case.country, "en")


@require_http_methods(["GET", "HEAD", "POST"])
def narrative(request: ActorRequest, reference: str) -> HttpResponse:
    opened = open_to_change(request, reference, *_BOTH)
    if request.method != "POST":
        return _page(request, opened, NarrativeForm(initial=_stored(opened)))
    data = posted(request)
    form = NarrativeForm(data)
    if not form.is_valid():
        return not_saved(422, errors=form.errors) if is_autosave(request) else _page(request, opened, form, status=422)
    text, language, revision = (form.cleaned_data[name] for name in ("text", "language", "revision"))
    try:
        content = save_narrative(opened, text, language=language, revision=revision)
    except StaleRevisionError:
        return not_saved(409) if is_autosave(request) else _conflict(request, reference, data, text)
    if is_autosave(request):
        return saved((revision or 0) + 1)
    unread = content.text.strip() and not content.confirmed
    return redirect("cases:mentions" if unread else "cases:detail", reference)


def _stored(opened: OpenCase) -> dict[str, Any]:
    row, content = statement_of(opened)
    _map, words = narrative_of(opened)
    return {
        "revision": row.revision if row else "",
        "language": likely_language(opened, row, content),
        "text": words_of(content, words),
    }


def _conflict(request: ActorRequest, reference: str, data: QueryDict, typed: str) -> HttpResponse:
    """Both texts; the form holds what was typed and saves over the stored one. Equal texts are no conflict."""
    opened = open_to_change(request, reference, *_BOTH)
    stored = _stored(opened)
    if clean(typed) == stored["text"] and data["language"] == stored["language"]:
        return redirect("cases:detail", reference)
    form = NarrativeForm(at_revision(data, stored["revision"]))
    return _page(request, opened, form, stored_text=stored["text"], status=409)


def _page(
    request: ActorRequest, opened: OpenCase, form: NarrativeForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    return render(request, "cases/narrative.html", {"case": opened.case, "form": form, **more}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def mentions(request: ActorRequest, reference: str) -> HttpResponse:
    """Everything found, one decision each; then the testimony counts as checked."""
    opened = open_to_change(request, reference, *_BOTH)
    row, _content = statement_of(opened)
    if row is None:
        return redirect("cases:narrative", reference)
    if request.method != "POST":
        return _mentions_page(request, opened, row, None)
    data = posted(request)
    form = _mentions_form(opened, data)
    if form.is_valid():
        try:
            confirm_mentions(opened, form.decisions(), revision=form.cleaned_data["revision"])
        except StaleRevisionError:
            return _mentions_conflict(request, reference, data)
        if form.cleaned_data["missed"]:
            messages.success(request, _("Saved. Have a look at the words you added."))
            return redirect("cases:mentions", reference)
        messages.success(request, _("Checked. Legal experts will read labels in the place of names."))
        return redirect("cases:detail", reference)
    if form.cleaned_data.get("revision") not in (None, row.revision):
        return _mentions_conflict(request, reference, data)
    return _mentions_page(request, opened, row, data, status=422)


def _mentions_form(opened: OpenCase, data: QueryDict | None, **options: Any) -> MentionsForm:
    found = mentions_in(opened)
    cards = mention_cards(found.found, found.text, found.words.confirmed)
    return MentionsForm(data, cards=cards, text=found.text, **options)


def _mentions_conflict(request: ActorRequest, reference: str, data: QueryDict) -> HttpResponse:
    """The text changed: answers about the same words stay, new words wait for one."""
    opened = open_to_change(request, reference, *_BOTH)
    row, _content = statement_of(opened)
    if row is None:
        return redirect("cases:narrative", reference)
    return _mentions_page(request, opened, row, at_revision(data, row.revision), status=409)


def _mentions_page(
    request: ActorRequest, opened: OpenCase, row: Statement, data: QueryDict | None, *, status: int = 200
) -> HttpResponse:
    _row, content = statement_of(opened)
    _map, words = narrative_of(opened)
    context = {
        "case": opened.case,
        "form": _mentions_form(opened, data, initial={"revision": row.revision}),
        "pieces": testimony_pieces(content, words),
        "kept": words.kept,
        "searched": searched_for(content.language),
        "changed_meanwhile": status == 409,
    }
    return render(request, "cases/mentions.html", context, status=status)
