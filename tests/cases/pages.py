"""Reading a page as a browser does: the forms on it with what stands in their fields, and its words."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django.test import Client

Fields = dict[str, list[str]]


@dataclass
class Form:
    """One form: where it is sent, and the value of every field as the browser would send it."""

    action: str
    fields: Fields = field(default_factory=dict)

    def with_values(self, **changes: str | list[str] | None) -> Fields:
        """The fields with some changed; None takes a field out."""
        fields = {name: list(values) for name, values in self.fields.items()}
        for name, value in changes.items():
            if value is None:
                fields.pop(name, None)
            else:
                fields[name] = value if isinstance(value, list) else [value]
        return fields


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._textarea: str | None = None
        self._select: str | None = None
        self._options: list[tuple[str, bool]] = []
        self._words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "form":
            self._form = Form(given.get("action") or "")
            self.forms.append(self._form)
        elif tag == "input" and name:
            self._input(name, given)
        elif tag == "textarea":
            self._textarea, self._words = name, ""
        elif tag == "select":
            self._select, self._options = name, []
        elif tag == "option":
            self._options.append((given.get("value") or "", "selected" in given))

    def _input(self, name: str, given: dict[str, str | None]) -> None:
        kind = given.get("type") or "text"
        if kind in ("submit", "file") or (kind in ("checkbox", "radio") and "checked" not in given):
            return
        self._add(name, given.get("value") or ("on" if kind == "checkbox" else ""))

    def handle_data(self, data: str) -> None:
        if self._textarea is not None:
            self._words += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._textarea:
            self._add(self._textarea, self._words.removeprefix("\n"))
            self._textarea = None
        elif tag == "select" and self._select:
            chosen = [value for value, selected in self._options if selected] or [self._options[0][0]]
            self._add(self._select, chosen[0])
            self._select = None
        elif tag == "form":
            self._form = None

    def _add(self, name: str, value: str) -> None:
        if self._form is not None:
            self._form.fields.setdefault(name, []).append(value)


def forms_in(response: Any) -> list[Form]:
    """Every form of a page."""
    reader = _Reader()
    reader.feed(words(response))
    return reader.forms


def form_with(response: Any, name: str) -> Form:
    """The form that has a field of this name."""
    return next(form for form in forms_in(response) if name in form.fields)


def words(response: Any) -> str:
    """The page's source."""
    text: str = response.content.decode()
    return text


def without_tokens(response: Any) -> str:
    """The page's source with every CSRF token taken out: they differ from answer to answer."""
    return re.sub(r"\b[A-Za-z0-9]{64}\b", "", words(response))


def opened_form(client: Client, url: str, name: str) -> Form:
    """The form with this field on the page at `url`, as it stands there."""
    response = client.get(url)
    assert response.status_code == 200, response.status_code
    return form_with(response, name)
