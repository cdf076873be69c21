"""What an auditor chooses of the ledger, and what is wrong with it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.forms import LineField
from accounts.ledger_kinds import Kind
from accounts.ledger_search import LedgerFilter
from accounts.models import User

_LARGEST_SEQUENCE = 2**63 - 1
_REFERENCE = 20


class LedgerPageForm(forms.Form):
    """Where a page of the ledger starts: before the event of this number."""

    before = forms.IntegerField(required=False, min_value=0, max_value=_LARGEST_SEQUENCE)


class PersonField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Somebody of the organisation, by user name; people whose accounts are closed too."""

    def label_from_instance(self, obj: User) -> str:
        return f"{obj.display_name} ({obj.username})"


def _day_field(label: Any) -> forms.DateField:
    return forms.DateField(label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}))


class DaysForm(forms.Form):
    """From one day to another, both included."""

    first = _day_field(_("From (day)"))
    last = _day_field(_("To (day)"))
    all_optional = True

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and last < first:
            raise ValidationError(_("The last day lies before the first one."))
        return cleaned


class LedgerFilterForm(DaysForm):
    """Which entries an auditor wants to see."""

    person = PersonField(
        label=_("Person"),
        queryset=User.objects.none(),
        to_field_name="username",
        required=False,
        empty_label=_("Everybody"),
    )
    kind = forms.TypedChoiceField(
        label=_("Kind of deed"), required=False, coerce=Kind, empty_value=None, choices=[("", _("All")), *Kind.choices]
    )
    reference = LineField(
        label=_("Case"),
        required=False,
        max_length=_REFERENCE,
        widget=forms.TextInput(attrs={"class": "short", "autocomplete": "off", "spellcheck": "false"}),
    )
    field_order = ("person", "kind", "reference", "first", "last")

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.filter(organisation=actor.user.organisation_id)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]

    def wanted(self) -> LedgerFilter:
        """The filter of a valid form."""
        chosen = self.cleaned_data
        person: User | None = chosen["person"]
        return LedgerFilter(
            person=person.username if person else "",
            kind=chosen["kind"],
            reference=chosen["reference"].upper(),
            first=chosen["first"],
            last=chosen["last"],
        )
