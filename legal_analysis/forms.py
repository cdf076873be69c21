"""What pages of stage 2 ask, and how what was typed becomes the values that actions take."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from cases.contents import StatementContent
from cases.form_fields import PlainText, Revision
from legal_analysis.anchors import Anchor, anchor, anchor_from_quote, places_of_quote, reads_as
from legal_analysis.contents import FindingText, LegalTest, Strength
from legal_analysis.models import Conclusion, Provision
from legal_analysis.queries import FindingLine, ProvisionOptions, marker_labels

LONG, SHORT, QUOTE = 20_000, 5_000, 10_000
_FURTHEST = 10_000_000

_STEPS = ("legality", "aim", "necessity", "proportionality")


class SearchForm(forms.Form):
    """What the library is asked for."""

    all_optional = True
    words = PlainText(label=_("Words to look for"), max_length=200, required=False)


class LongSelect(forms.Select):
    """A select whose options are written by one template: Django's renders one template for each of them."""

    template_name = "legal_analysis/parts/long_select.html"


class ProvisionField(forms.ChoiceField):
    """A provision of the options; its clean value is the Provision."""

    def __init__(self, **options: Any) -> None:
        errors = {
            "required": _("Choose the provision."),
            "invalid_choice": _("Choose a provision from the list."),
        }
        super().__init__(label=_("Provision"), widget=LongSelect, error_messages=errors, **options)
        self._options: ProvisionOptions | None = None

    def offer(self, options: ProvisionOptions) -> None:
        self._options = options
        groups = [(group.label, [(str(each.id), each.label) for each in group.provisions]) for group in options.groups]
        self.choices = [("", _("Choose a provision")), *groups]

    def prepare_value(self, value: Any) -> Any:
        return str(value.id) if isinstance(value, Provision) else value

    def clean(self, value: Any) -> Any:
        chosen: str = super().clean(value)
        return self._options.find(chosen) if self._options else None


class WithProvision(forms.Form):
    """A form that asks which provision."""

    provision = ProvisionField()

    def __init__(self, *args: Any, options: ProvisionOptions, **rest: Any) -> None:
        super().__init__(*args, **rest)
        field = self.fields["provision"]
        assert isinstance(field, ProvisionField)  # noqa: S101 (declared above)
        field.offer(options)
        self.options = options


class PlaceForm(forms.Form):
    """Which words: selected, when `start` and `end` are filled by a script, or typed by hand.

    Where the testimony changed since the page was opened, the words decide, and the offsets only which of several.
    """

    quote = PlainText(
        label=_("Words of the testimony"),
        max_length=QUOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Select them in the text, or type them as they stand there."),
        error_messages={"required": _("Select words of the testimony, or type them here.")},
    )
    occurrence = forms.IntegerField(
        label=_("Which time"),
        required=False,
        min_value=1,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "class": "short"}),
        help_text=_("1 is the first place from the top where these words stand."),
    )
    start = forms.IntegerField(required=False, min_value=0, max_value=_FURTHEST, widget=forms.HiddenInput)
    end = forms.IntegerField(required=False, min_value=0, max_value=_FURTHEST, widget=forms.HiddenInput)

    def __init__(self, *args: Any, content: StatementContent, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self._content = content
        self.stands_more_than_once = False

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if "quote" in data and not {"start", "end", "occurrence"} & set(self.errors):
            data["place"] = self._place(data)
        return data

    def _place(self, data: dict[str, Any]) -> Anchor | None:
        text, quote, labels = self._content.text, data["quote"], marker_labels(self._content)
        start, end, occurrence = data["start"], data["end"], data["occurrence"]
        if start is not None and end is not None and reads_as(text, start, end, quote, labels):
            return anchor(text, start, end)
        found = anchor_from_quote(text, quote, labels=labels, occurrence=occurrence, near=start)
        if found is None:
            self._refuse(len(places_of_quote(text, quote, labels)))
        return found

    def _refuse(self, times: int) -> None:
        if times == 0:
            self.add_error("quote", _("These words don't stand in the testimony. Check how they are written there."))
            return
        self.stands_more_than_once = True
        message = ngettext(
            "These words stand in the testimony once. Write 1.",
            "These words stand in the testimony %(times)d times. Say which time you mean, or write more of them.",
            times,
        )
        self.add_error("occurrence", ValidationError(message % {"times": times}))


def _reasoning() -> PlainText:
    return PlainText(
        label=_("Why these words matter here"),
        max_length=LONG,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write in a sentence or two why the provision is touched.")},
    )


class AnnotationForm(PlaceForm, WithProvision):
    """A new annotation."""

    reasoning = _reasoning()
    field_order = ("quote", "occurrence", "start", "end", "provision", "reasoning")


class AnnotationEditForm(WithProvision):
    """Another provision or reasoning for the same words."""

    revision = Revision()
    reasoning = _reasoning()


class AnchorAgainForm(PlaceForm):
    """Other words for an annotation."""

    revision = Revision()


def _step(label: Any, help_text: Any) -> PlainText:
    widget = forms.Textarea(attrs={"rows": 3})
    return PlainText(label=label, help_text=help_text, max_length=LONG, required=False, widget=widget)


class FindingForm(WithProvision):
    """A finding: provision, conclusion, and how it was reached."""

    conclusion = forms.ChoiceField(
        label=_("Conclusion"),
        choices=Conclusion.choices,
        widget=forms.RadioSelect(attrs={"class": "choices--inline"}),
        error_messages={"required": _("Choose a conclusion.")},
    )
    test = forms.ChoiceField(
        label=_("How you reason"),
        choices=LegalTest.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how you reason.")},
    )
    legality = _step(_("Legality"), _("Was there a basis in law, clear enough and open to everybody?"))
    aim = _step(_("Aim"), _("Did it serve an aim that the provision allows?"))
    necessity = _step(_("Necessity"), _("Was there no milder way to reach it?"))
    proportionality = _step(_("Proportionality"), _("Was what it did to the person in proportion to what it reached?"))
    reasoning = PlainText(
        label=_("Reasoning"),
        max_length=LONG,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("The elements one by one, or what follows from the steps above. Write no names."),
        error_messages={"required": _("Write how you came to this conclusion.")},
    )
    strength = forms.ChoiceField(
        label=_("Strength of the evidence"),
        choices=Strength.choices,
        widget=forms.RadioSelect(attrs={"class": "choices--inline"}),
        error_messages={"required": _("Say how strong the evidence is.")},
    )
    remedy = PlainText(
        label=_("Remedy"),
        max_length=SHORT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What can be done, before whom and by when."),
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        step_by_step = data.get("test") == LegalTest.PROPORTIONALITY
        if step_by_step and not any(data.get(step) for step in _STEPS) and not set(_STEPS) & set(self.errors):
            self.add_error("legality", _("Fill the steps, at least up to the one that was failed."))
        return data

    @property
    def shows_steps(self) -> bool:
        """Whether the steps are unfolded: always, but for a finding that goes by the elements."""
        return bool(self["test"].value() != LegalTest.ELEMENTS)

    @property
    def text(self) -> FindingText:
        names = ("test", *_STEPS, "reasoning", "strength", "remedy")
        return FindingText(**{name: self.cleaned_data[name] for name in names})

    @property
    def conclusion_reached(self) -> Conclusion:
        return Conclusion(self.cleaned_data["conclusion"])

    @staticmethod
    def values_of(line: FindingLine) -> dict[str, Any]:
        """What is stored, as this form cleans it."""
        text = {name: getattr(line.text, name) for name in ("test", *_STEPS, "reasoning", "strength", "remedy")}
        return {"provision": line.provision, "conclusion": line.conclusion.value, **text}


class FindingEditForm(FindingForm):
    """A finding that is there already."""

    revision = Revision()


class ReviewForm(forms.Form):
    """What a second expert says of a finding, as it was worded at `revision`."""

    revision = Revision()
    agrees = forms.TypedChoiceField(
        label=_("Does the finding hold?"),
        choices=[("yes", _("Yes, I agree")), ("no", _("No, I disagree"))],
        coerce=lambda answer: answer == "yes",
        widget=forms.RadioSelect(attrs={"class": "choices--inline"}),
        error_messages={"required": _("Say whether you agree.")},
    )
    comment = PlainText(
        label=_("Comment"),
        max_length=LONG,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Needed if you disagree: say what would have to change."),
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("agrees") is False and not data.get("comment"):
            self.add_error("comment", _("Say what would have to change."))
        return data


class SingleExpertForm(forms.Form):
    """Whether a finding stays the view of one expert."""

    single = forms.TypedChoiceField(choices=[("yes", _("Yes")), ("no", _("No"))], coerce=lambda answer: answer == "yes")
