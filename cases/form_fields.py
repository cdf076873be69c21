"""Form fields that cases share: plain text, one thing a line, days and years. They refuse what no page could show."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casebook.core.identifiers import new_id

FIRST_YEAR = 1990
OLDEST = 120
LINES = 50
LINE = 200
_FURTHEST_EAST = timedelta(hours=14)
"""Somebody may be in a day that has not begun on the server, which counts in UTC."""


class PlainText(forms.CharField):
    """Text as it was typed; every line break becomes one newline, so that it counts as one character."""

    def __init__(self, *, max_length: int, **options: Any) -> None:
        super().__init__(max_length=max_length, **options)

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """No `maxlength` on long texts: browsers cut pasted text there without a word."""
        attrs = super().widget_attrs(widget)
        if isinstance(widget, forms.Textarea):
            attrs.pop("maxlength", None)
        return attrs


class Lines(PlainText):
    """Several short things, one a line; gives a tuple without empty lines and repetitions."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.Textarea(attrs={"rows": 2}))
        super().__init__(max_length=LINES * (LINE + 1), required=False, **options)

    def clean(self, value: Any) -> Any:
        text: str = super().clean(value)
        lines = tuple(dict.fromkeys(line.strip() for line in text.split("\n") if line.strip()))
        if len(lines) > LINES:
            raise ValidationError(_("At most %(lines)s lines fit here."), params={"lines": LINES})
        if any(len(line) > LINE for line in lines):
            raise ValidationError(_("A line may have at most %(letters)s letters."), params={"letters": LINE})
        return lines

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return str(self.prepare_value(initial or "")) != str(data or "")


class Day(forms.DateField):
    """A day of the calendar from 1900 on, written and read as ISO 8601 in every language."""

    def __init__(self, *, past: bool = True, **options: Any) -> None:
        self._past = past
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        super().__init__(widget=widget, required=options.pop("required", False), **options)

    def validate(self, value: date | None) -> None:
        super().validate(value)
        if value is None:
            return
        if value.year < 1900:
            raise ValidationError(_("Check the year: this day is too long ago."))
        if self._past and value > (timezone.now() + _FURTHEST_EAST).date():
            raise ValidationError(_("This day is still to come. Check the date."))


class Moment(forms.DateTimeField):
    """A day and a time by the clock on the wall there; no time zone is asked or kept."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
        super().__init__(widget=widget, required=False, **options)

    def to_python(self, value: Any) -> datetime | None:
        moment = super().to_python(value)
        return moment.replace(tzinfo=None) if moment else None

    def validate(self, value: datetime | None) -> None:
        super().validate(value)
        if value is None:
            return
        if value.year < FIRST_YEAR:
            raise ValidationError(_("Check the year: this day is too long ago."))
        if value > (timezone.now() + _FURTHEST_EAST).replace(tzinfo=None):
            raise ValidationError(_("This time is still to come. Check the date."))


class Year(forms.IntegerField):
    """The year something happened: 1990 to next year, for what goes on over New Year in another time zone."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.NumberInput(attrs={"inputmode": "numeric", "class": "short"}), **options)

    def validate(self, value: int | None) -> None:
        super().validate(value)
        last = timezone.now().year + 1
        if value is not None and not FIRST_YEAR <= value <= last:
            words = _("Write a year from %(first)s to %(last)s.")
            raise ValidationError(words, params={"first": FIRST_YEAR, "last": last})


class Age(forms.IntegerField):
    """Whole years, 0 to 120."""

    def __init__(self, **options: Any) -> None:
        widget = forms.NumberInput(attrs={"inputmode": "numeric", "class": "short"})
        wrong = dict.fromkeys(("invalid", "min_value", "max_value"), _("Write the age in whole years, 0 to 120."))
        super().__init__(min_value=0, max_value=OLDEST, required=False, widget=widget, error_messages=wrong, **options)


class Revision(forms.IntegerField):
    """The revision of the row that the form was opened with. Empty where `optional` and there was no row."""

    def __init__(self, *, optional: bool = False) -> None:
        message = _("This page was incomplete. Copy what you typed, open the page anew and put it in there.")
        super().__init__(
            min_value=0,
            max_value=2**63 - 1,
            required=not optional,
            widget=forms.HiddenInput,
            error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), message),
        )


class PageId(forms.CharField):
    """The identifier of what this page will make, signed: sent twice, it makes it once. Anything else is a new one."""

    def __init__(self) -> None:
        super().__init__(required=False, widget=forms.HiddenInput, initial=self._sign)

    @staticmethod
    def _sign() -> str:
        return signing.dumps(str(new_id()), salt="page-id")

    def clean(self, value: Any) -> UUID:
        try:
            return UUID(signing.loads(super().clean(value), salt="page-id"))
        except signing.BadSignature:
            return new_id()
