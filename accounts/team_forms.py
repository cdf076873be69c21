"""What is typed and chosen on the pages of teams."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.forms import LineField
from accounts.models import Team, User
from accounts.team_queries import TeamRow


class PanelForm(forms.Form):
    """The name of a panel of legal experts."""

    name = LineField(
        label=_("Name of the panel"),
        max_length=100,
        help_text=_("Not sealed: choose one that says nothing to a stranger."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class _PersonChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: User) -> str:
        return f"{obj.display_name} ({obj.username})"


class JoinForm(forms.Form):
    """Who becomes a member of a team."""

    def __init__(self, data: Any = None, *, people: QuerySet[User]) -> None:
        super().__init__(data)
        self.fields["person"] = _PersonChoice(people, label=_("Add a member"))


class AddToTeamForm(forms.Form):
    """Which team a person becomes a member of."""

    def __init__(self, data: Any = None, *, teams: QuerySet[Team]) -> None:
        super().__init__(data)
        self.fields["team"] = forms.ModelChoiceField(teams, label=_("Add to a team"))


class RenewKeyForm(forms.Form):
    """Who gets the new key of a team: the officer sees every name, for nobody is to get it unseen."""

    def __init__(self, data: Any = None, *, row: TeamRow) -> None:
        super().__init__(data)
        self.people = {str(person.id): person for person in row.recipients}
        holders = {str(person.id) for person in row.holders}
        self.fields["people"] = forms.TypedMultipleChoiceField(
            label=_("Who gets the new key"),
            choices=[(key, f"{person.display_name} ({person.username})") for key, person in self.people.items()],
            initial=[key for key in self.people if key in holders or not holders],
            coerce=self.people.__getitem__,
            help_text=_(
                "Only members whose keys are confirmed stand here. Is a name among them that you do not expect? "
                "Leave it out, and tell your security lead."
            ),
            error_messages={"required": _("Choose at least one member.")},
            widget=forms.CheckboxSelectMultiple,
        )
