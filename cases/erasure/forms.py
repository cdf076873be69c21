"""What pages of erasure ask."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.erasure.records import ErasureReason, HoldReason, RetentionRule
from cases.erasure.retention import MOST_MONTHS, RULED_STAGES
from cases.stages import Stage


class ReasonForm(forms.Form):
    """Why something shall be erased. A list and no words of one's own: they would outlive what is erased."""

    reason = forms.ChoiceField(label=_("Why"), choices=ErasureReason.choices, widget=forms.RadioSelect)

    def chosen(self) -> ErasureReason:
        return ErasureReason(self.cleaned_data["reason"])


class ByReferenceForm(ReasonForm):
    """An administrator names a case that she cannot open."""

    reference = forms.SlugField(
        label=_("Reference of the case"),
        max_length=12,
        widget=forms.TextInput(attrs={"class": "code", "autocomplete": "off", "autocapitalize": "characters"}),
    )

    field_order = ("reference", "reason")

    def clean_reference(self) -> str:
        reference: str = self.cleaned_data["reference"]
        return reference.upper()


class HoldForm(forms.Form):
    """Why a case has to be kept."""

    reason = forms.ChoiceField(label=_("Why"), choices=HoldReason.choices, widget=forms.RadioSelect)

    def chosen(self) -> HoldReason:
        return HoldReason(self.cleaned_data["reason"])


class RulesForm(forms.Form):
    """Months a stage; an empty field is no rule."""

    all_optional = True

    def __init__(self, data: Any = None, *, rules: dict[Stage, RetentionRule]) -> None:
        super().__init__(data)
        for stage in RULED_STAGES:
            self.fields[stage.value] = forms.IntegerField(
                label=stage.label,
                required=False,
                min_value=1,
                max_value=MOST_MONTHS,
                initial=rules[stage].months if stage in rules else None,
                widget=forms.NumberInput(attrs={"inputmode": "numeric", "class": "short"}),
            )

    def months(self) -> dict[Stage, int | None]:
        return {stage: self.cleaned_data[stage.value] for stage in RULED_STAGES}
