"""What the pages ask about who may open a case: letting in, handing over, keeping out, emergencies, keys in batches."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import Team, User
from casebook.core.identifiers import REFERENCE_LENGTH
from cases.emergency import MOST_HOURS
from cases.form_fields import PlainText
from cases.levels import SHARED_LEVELS, AccessLevel

_NOT_LISTED = {"invalid_choice": _("Choose a colleague from the list.")}


def name_of(person: User) -> str:
    """The shown name with the user name: shown names need not be unique."""
    return f"{person} ({person.username})"


@dataclass(frozen=True, slots=True)
class PersonChoice:
    """A colleague and what they would be let in for."""

    person: User
    level: AccessLevel

    @property
    def value(self) -> str:
        return f"{self.level.value}:{self.person.pk}"


@dataclass(frozen=True, slots=True)
class PanelChoice:
    """A panel of legal experts; `otherwise` are members who have the case in another way already."""

    team: Team
    otherwise: tuple[User, ...] = ()

    @property
    def value(self) -> str:
        return f"panel:{self.team.pk}"


class ShareForm(forms.Form):
    """Whom to let into the case, and for what: one choice, grouped by what it allows."""

    who = forms.ChoiceField(label=_("Colleague or panel"), error_messages=_NOT_LISTED)

    def __init__(
        self,
        *args: Any,
        people: Sequence[PersonChoice],
        panels: Sequence[PanelChoice],
        experts_agreed: bool,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        offered: list[PersonChoice | PanelChoice] = [*people, *panels]
        self._by_value = {each.value: each for each in offered}
        self._experts_agreed = experts_agreed
        groups = [
            (level.label, [(each.value, name_of(each.person)) for each in people if each.level == level])
            for level in SHARED_LEVELS
        ]
        panel_group = _("Panel: all its members, as legal experts"), [(each.value, str(each.team)) for each in panels]
        groups.insert(SHARED_LEVELS.index(AccessLevel.EXPERT) + 1, panel_group)
        self.fields["who"].choices = [("", "–"), *(group for group in groups if group[1])]  # type: ignore[attr-defined]

    def clean_who(self) -> PersonChoice | PanelChoice:
        choice = self._by_value[self.cleaned_data["who"]]
        for_experts = isinstance(choice, PanelChoice) or choice.level == AccessLevel.EXPERT
        if for_experts and not self._experts_agreed:
            raise ValidationError(
                _("Ask first whether legal experts may read this, and note the answer under Consent.")
            )
        if isinstance(choice, PanelChoice) and choice.otherwise:
            people = ", ".join(map(name_of, choice.otherwise))
            raise ValidationError(
                _("Members of this panel have the case in another way already: %(people)s. Take that back first."),
                params={"people": people},
            )
        return choice


TO_COORDINATORS = "coordinators"


class HandOverForm(forms.Form):
    """To whom the case goes. `cleaned_data["to"]` is a colleague, or None for the team of coordinators."""

    to = forms.ChoiceField(label=_("Who takes the case over"), error_messages=_NOT_LISTED)
    sure = forms.BooleanField(
        label=_("I want to keep no key to this case"),
        error_messages={"required": _("Tick this if you want to hand the case over and keep no key.")},
    )

    def __init__(self, *args: Any, people: Iterable[User], coordinators: Team | None, **options: Any) -> None:
        super().__init__(*args, **options)
        self._people = {str(person.pk): person for person in people}
        choices = [(key, name_of(person)) for key, person in self._people.items()]
        if coordinators is not None:
            alone = _("Nobody in particular: %(team)s have it already") % {"team": coordinators}
            choices.insert(0, (TO_COORDINATORS, alone))
        self.fields["to"].choices = [("", "–"), *choices]  # type: ignore[attr-defined]

    def clean_to(self) -> User | None:
        return self._people.get(self.cleaned_data["to"])


class WallForm(forms.Form):
    """Whom to keep out of the case."""

    person = forms.ChoiceField(label=_("Colleague"), error_messages=_NOT_LISTED)

    def __init__(self, *args: Any, people: Iterable[User], **options: Any) -> None:
        super().__init__(*args, **options)
        self._people = {str(person.pk): person for person in people}
        choices = [("", "–"), *((key, name_of(person)) for key, person in self._people.items())]
        self.fields["person"].choices = choices  # type: ignore[attr-defined]

    def clean_person(self) -> User:
        return self._people[self.cleaned_data["person"]]


class EmergencyForm(forms.Form):
    """Asking to be let into a case for some hours."""

    reference = forms.CharField(
        label=_("Reference of the case"),
        max_length=20,
        widget=forms.TextInput(attrs={"class": "code", "autocomplete": "off", "autocapitalize": "characters"}),
        help_text=_("Seven letters and digits."),
    )
    hours = forms.IntegerField(
        label=_("For how many hours"),
        min_value=1,
        max_value=MOST_HOURS,
        initial=4,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "class": "short"}),
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), _("Write whole hours, 1 to 72.")),
    )
    reason = PlainText(
        label=_("Reason"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Why it cannot wait, and what you need to do. Only coordinators can read it. Write no names."),
    )

    def clean_reference(self) -> str:
        """The reference as it is written in the list, however it was typed."""
        typed = "".join(self.cleaned_data["reference"].split()).upper()
        if len(typed) != REFERENCE_LENGTH or not typed.isascii() or not typed.isalnum():
            raise ValidationError(_("A reference has seven letters and digits, such as K7Q2BMN."))
        return str(typed)


class DecisionForm(forms.Form):
    """The answer to a request for emergency access."""

    answer = forms.ChoiceField(choices=[("allow", "allow"), ("refuse", "refuse")], widget=forms.HiddenInput)

    @property
    def allows(self) -> bool:
        return bool(self.cleaned_data["answer"] == "allow")


class BatchForm(forms.Form):
    """How far a piece of work has come that goes in batches: how many there were, and a sign that it was begun here."""

    of = forms.IntegerField(required=False, min_value=1, max_value=10**6)
    person = forms.UUIDField(required=False)
    begun = forms.CharField(required=False, max_length=200)
