"""What pages of stage 1 ask, and how what was typed becomes the values that actions take."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _

from casebook.core.countries import COUNTRIES, TESTIMONY_LANGUAGES
from casebook.core.uploads import SealedUpload
from cases.actions import ConsentChange, Facts, MentionDecisions, NewCase
from cases.contents import Card, ConsentDetails, Gender, IncidentDetails, PersonRole, Profile
from cases.form_fields import Age, Day, Lines, Moment, PageId, PlainText, Revision, Year
from cases.mentions import MentionKind
from cases.models import Case, ConsentScope
from cases.presentation import CONSENT_WORDS
from cases.queries import ConsentAnswer
from cases.stages import Stage
from cases.testimony_view import MENTION_KINDS, MentionCard
from cases.violations import all_violations, evidence_kinds, perpetrator_kinds

Choices = list[tuple[Any, Any]]
_MOMENT = "%Y-%m-%dT%H:%M"
_LANGUAGES: Choices = list(TESTIMONY_LANGUAGES.items())


def _sorted_choices(terms: Mapping[str, Any]) -> Choices:
    return sorted(terms.items(), key=lambda item: str(item[1]).casefold())


def _countries() -> Choices:
    return _sorted_choices(COUNTRIES)


def _perpetrators() -> Choices:
    return [("", _("Not known")), *_sorted_choices(perpetrator_kinds())]


def _evidence_kinds() -> Choices:
    return [("", _("Something else")), *evidence_kinds().items()]


def _violations() -> Choices:
    return [(code, each.label) for code, each in all_violations().items()]


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


class CaseFilterForm(forms.Form):
    """Which cases the list shows."""

    all_optional = True
    stage = forms.ChoiceField(label=_("Stage"), required=False, choices=[("", _("All stages")), *Stage.choices])
    before = forms.UUIDField(required=False, widget=forms.HiddenInput)


class CardFields(forms.Form):
    """What is asked about the person in both the first and the full questionnaire."""

    unsafe = forms.BooleanField(label=_("Not safe right now"), required=False)
    in_custody = forms.BooleanField(label=_("In custody now"), required=False)
    custody_since = Moment(
        label=_("In custody since"),
        help_text=_("Day and hour by the clock there. Terms of custody count from it."),
    )
    has_children = forms.BooleanField(label=_("Has children to look after"), required=False)
    pregnant = forms.BooleanField(label=_("Pregnant"), required=False)
    title = PlainText(
        label=_("Working title"),
        max_length=120,
        help_text=_("So that you find the case in your list. Write no names: legal experts see it too."),
    )
    country = forms.ChoiceField(label=_("Country"), choices=_countries)
    year = Year(label=_("Year"))
    gender = forms.ChoiceField(label=_("Gender"), required=False, choices=Gender.choices)
    age = Age(label=_("Age"))

    @property
    def custody_text(self) -> str:
        moment = self.cleaned_data["custody_since"]
        return moment.strftime(_MOMENT) if moment else ""


class NewCaseForm(CardFields):
    """The first minute: urgent things, then what the list shows."""

    page = PageId()
    no_recovery = forms.BooleanField(
        label=_("Do not let the organisation recover this case"),
        required=False,
        help_text=_(
            "Normally the organisation's recovery key, kept on paper in a safe, can open a case when all who work on "
            "it have lost their keys. Tick this if nobody but you and your coordinators may ever open it."
        ),
    )

    def new_case(self) -> NewCase:
        data = self.cleaned_data
        names = ("title", "gender", "age", "pregnant", "has_children", "unsafe")
        since = self.custody_text
        card = Card(
            **{name: data[name] for name in names}, in_custody=data["in_custody"] or bool(since), custody_since=since
        )
        return NewCase(data["country"], data["year"], card, escrow=not data["no_recovery"], id=data["page"])


class FactsForm(CardFields):
    """Everything about what happened, when, where and to whom. Nearly all of it may stay open."""

    all_optional = True
    revision = Revision()
    date = Day(label=_("Day it happened"))
    time = forms.TimeField(
        label=_("Hour"),
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
    )
    place = PlainText(
        label=_("Exact place"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Street, station, ward, cell. Sealed: it never leaves with a publication."),
    )
    month = forms.TypedChoiceField(
        label=_("Month"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", _("Not known")), *MONTHS.items()],
    )
    region = PlainText(label=_("Region"), max_length=120, required=False)
    perpetrator = forms.ChoiceField(label=_("Who did it"), required=False, choices=_perpetrators)
    violations = forms.MultipleChoiceField(label=_("What was done"), required=False, choices=_violations)
    hiv = forms.BooleanField(label=_("Lives with HIV"), required=False)
    hepatitis = forms.BooleanField(label=_("Has or had hepatitis"), required=False)
    on_treatment = forms.BooleanField(label=_("Is on opioid agonist or other treatment"), required=False)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        day: date | None = data.get("date")
        if day is None:
            return data
        if data.get("year") not in (None, day.year):
            self.add_error("year", _("The day you wrote is in another year. Correct one of them."))
        if data.get("month") not in (None, day.month):
            self.add_error("month", _("The day you wrote is in another month. Correct one of them."))
        return {**data, "month": day.month}

    def facts(self) -> Facts:
        data = self.cleaned_data
        names = ("title", "region", "month", "age", "gender", "pregnant", "has_children", "in_custody", "unsafe")
        health = ("hiv", "hepatitis", "on_treatment")
        card = Card(**{name: data[name] for name in (*names, *health)}, custody_since=self.custody_text)
        incident = IncidentDetails(
            date=data["date"].isoformat() if data["date"] else "",
            time=data["time"].strftime("%H:%M") if data["time"] else "",
            place=data["place"],
        )
        codes = tuple(sorted(set(data["violations"])))
        return Facts(data["country"], data["year"], data["perpetrator"], codes, card, incident)


def initial_facts(case: Case, card: Card, incident: IncidentDetails, codes: Sequence[str]) -> dict[str, Any]:
    """The stored facts as FactsForm shows them."""
    names = ("title", "region", "month", "age", "gender", "pregnant", "has_children", "in_custody", "unsafe")
    health = ("hiv", "hepatitis", "on_treatment")
    return {
        **{name: getattr(card, name) for name in (*names, *health)},
        "custody_since": datetime.fromisoformat(card.custody_since) if card.custody_since else None,
        "revision": case.revision,
        "country": case.country,
        "year": case.year,
        "perpetrator": case.perpetrator,
        "violations": list(codes),
        "date": _day(incident.date),
        "time": time.fromisoformat(incident.time) if incident.time else None,
        "place": incident.place,
    }


_PROFILE_LISTS = ("aliases", "phones", "emails", "addresses", "documents", "handles", "vehicles")
_PROFILE_NAMES = ("given", "patronymic", "family")


class PersonForm(forms.Form):
    """Somebody in the case. Everything typed here is lifted from the narrative, in every inflected form."""

    all_optional = True
    revision = Revision(optional=True)
    role = forms.ChoiceField(label=_("Who this is in the case"), choices=PersonRole.choices)
    given = PlainText(label=_("Given name"), max_length=100, required=False)
    patronymic = PlainText(label=_("Patronymic or middle name"), max_length=100, required=False)
    family = PlainText(label=_("Family name"), max_length=100, required=False)
    aliases = Lines(label=_("Nicknames and other names"), help_text=_("One a line."))
    phones = Lines(label=_("Phones"), help_text=_("One a line."))
    emails = Lines(label=_("E-mail addresses"), help_text=_("One a line."))
    addresses = Lines(label=_("Addresses"), help_text=_("One a line."))
    documents = Lines(label=_("Document and badge numbers"), help_text=_("One a line."))
    handles = Lines(label=_("Accounts in messengers and networks"), help_text=_("One a line."))
    vehicles = Lines(label=_("Vehicle plates"), help_text=_("One a line."))
    birth_date = Day(label=_("Date of birth"))
    note = PlainText(
        label=_("Note"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("How to reach them safely, who may pick up the phone. Sealed with the names."),
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        named = any(data.get(name) for name in (*_PROFILE_NAMES, *_PROFILE_LISTS))
        if not named and not self.errors:
            raise ValidationError(_("Write at least one name, nickname or number. A nickname is enough."))
        return data

    def profile(self) -> Profile:
        data = self.cleaned_data
        born = data["birth_date"].isoformat() if data["birth_date"] else ""
        names = ("role", *_PROFILE_NAMES, *_PROFILE_LISTS, "note")
        return Profile(**{name: data[name] for name in names}, birth_date=born)


def initial_person(profile: Profile, revision: int) -> dict[str, Any]:
    """A stored profile as PersonForm shows it."""
    names = ("role", *_PROFILE_NAMES, *_PROFILE_LISTS, "note")
    values = {name: getattr(profile, name) for name in names}
    return {**values, "birth_date": _day(profile.birth_date), "revision": revision}


class NarrativeForm(forms.Form):
    """The testimony as it is told. `revision` is empty while nothing was saved."""

    all_optional = True
    revision = Revision(optional=True)
    language = forms.ChoiceField(label=_("Language of the story"), choices=_LANGUAGES)
    text = PlainText(
        label=_("What happened, in the person's own words"),
        max_length=settings.CASEBOOK_MAX_NARRATIVE,
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"class": "narrative", "rows": 14}),
        error_messages={
            "max_length": _(
                "The story has %(show_value)d letters; %(limit_value)d fit here. Shorten it, or attach the rest as "
                "a file. Nothing you typed was lost: it is all still below."
            )
        },
    )


_HIDE, _SHOW = "hide", "show"


class MentionsForm(forms.Form):
    """One decision a card: hidden or visible, and the role of people who are not on file; and words we missed."""

    revision = Revision()
    missed = Lines(
        label=_("Words we missed"),
        help_text=_("Names, nicknames, numbers as they stand in the text, one a line."),
    )
    missed_kind = forms.ChoiceField(label=_("What they are"), choices=list(MENTION_KINDS.items()))

    def __init__(self, *args: Any, cards: Sequence[MentionCard], text: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self._cards, self._text = cards, text.casefold()
        for card in cards:
            self.fields[card.choice_name] = forms.ChoiceField(
                label=_("For legal experts"),
                choices=[(_HIDE, _("Hidden")), (_SHOW, _("Visible"))],
                widget=forms.RadioSelect(attrs={"class": "choices--inline"}),
                initial=_HIDE if card.settled else None,
                error_messages={"required": _("Choose: hidden or visible?")},
            )
            if card.asks_role:
                self.fields[card.role_name] = forms.ChoiceField(
                    label=_("Who this is in the case"), choices=PersonRole.choices, initial=card.role
                )

    def clean_missed(self) -> tuple[str, ...]:
        words: tuple[str, ...] = self.cleaned_data["missed"]
        absent = [word for word in words if word.casefold() not in self._text]
        if absent:
            raise ValidationError(
                _("This doesn't stand in the text in just this form: %(words)s"),
                params={"words": ", ".join(absent)},
            )
        return words

    def card_fields(self) -> list[tuple[MentionCard, forms.BoundField, forms.BoundField | None]]:
        """Each card with its bound fields, in the order of the page."""
        return [
            (card, self[card.choice_name], self[card.role_name] if card.asks_role else None) for card in self._cards
        ]

    def decisions(self) -> MentionDecisions:
        data = self.cleaned_data
        kind = MentionKind(data["missed_kind"])
        return MentionDecisions(
            keep=frozenset((card.entity, card.kind) for card in self._cards if data[card.choice_name] == _SHOW),
            roles={card.entity: data[card.role_name] for card in self._cards if card.asks_role},
            missed=tuple((word, kind) for word in data["missed"]),
        )


_YES, _NO = "yes", "no"


class ConsentForm(forms.Form):
    """The answer for one scope. Nothing is written where it stays as it was."""

    all_optional = True
    revision = Revision()
    answer = forms.ChoiceField(required=False, widget=forms.RadioSelect(attrs={"class": "choices--inline"}))
    until = Day(label=_("Valid until"), past=False, help_text=_("Leave empty if no end was named."))
    how = forms.ChoiceField(
        label=_("How it was asked"),
        choices=[("spoken", _("Spoken")), ("written", _("In writing")), ("recorded", _("Recorded"))],
    )
    language = forms.ChoiceField(
        label=_("In which language"), required=False, choices=[("", _("Not noted")), *_LANGUAGES]
    )
    asked_on = Day(label=_("On which day"))

    def __init__(self, data: QueryDict | None, *, answer: ConsentAnswer, language: str) -> None:
        self.answered = answer
        super().__init__(data, initial=initial_consent(answer, language), prefix=answer.scope)
        field = self.fields["answer"]
        field.label, field.help_text = answer.label, str(CONSENT_WORDS[answer.scope])
        field.required = answer.row is not None and not answer.row.withdrawn
        unanswered = [] if field.required else [("", _("Not asked"))]
        field.choices = [(_YES, _("Yes")), (_NO, _("No")), *unanswered]  # type: ignore[attr-defined]

    @property
    def is_new(self) -> bool:
        """Whether there is a new answer, or a change to the stored one."""
        return bool(self.cleaned_data.get("answer")) and bool(set(self.changed_data) - {"revision"})

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        until: date | None = data.get("until")
        if until is not None and "until" in self.changed_data and until < timezone.localdate():
            self.add_error("until", _("This day is over, and the consent would be too."))
        if self.is_new and data.get("asked_on", True) is None:
            self.add_error("asked_on", _("Write on which day you asked."))
        return data

    def change(self, asked_by: str) -> ConsentChange:
        data = self.cleaned_data
        details = ConsentDetails(data["how"], data["language"], data["asked_on"].isoformat(), asked_by)
        scope = ConsentScope(self.answered.scope)
        return ConsentChange(scope, data["answer"] == _YES, data["until"], details, data["revision"])


def initial_consent(answer: ConsentAnswer, language: str) -> dict[str, Any]:
    """A stored answer, or what is most likely before there is one: asked today, by word of mouth."""
    if answer.row is None:
        today = timezone.localdate()
        return {"revision": 0, "answer": "", "how": "spoken", "language": language, "asked_on": today}
    row, details = answer.row, answer.details
    given = _YES if row.given else _NO
    return {
        "revision": row.revision,
        "answer": "" if row.withdrawn else given,
        "until": row.until,
        "how": details.how,
        "language": details.language,
        "asked_on": _day(details.asked_on),
    }


class EvidenceForm(forms.Form):
    """One file, which was sealed while it arrived."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("Photo, scan, audio, up to 200 MB. Its name is sealed too; legal experts on the case can open it."),
    )
    kind = forms.ChoiceField(label=_("What it is"), required=False, choices=_evidence_kinds)

    def clean_file(self) -> SealedUpload:
        upload: SealedUpload = self.cleaned_data["file"]
        if upload.too_large:
            raise ValidationError(
                _("This file is larger than %(megabytes)s MB. Cut it into parts, or make a smaller copy."),
                params={"megabytes": settings.CASEBOOK_MAX_UPLOAD // 2**20},
            )
        return upload


class StepForm(forms.Form):
    """A step that stage 1 knows."""

    to = forms.ChoiceField(
        choices=[(each.value, each.label) for each in (Stage.ANALYSIS, Stage.CLOSED, Stage.INTAKE)],
        widget=forms.HiddenInput,
    )


class HistoryForm(forms.Form):
    """Where a page of the history begins, in microseconds since 1970."""

    before = forms.IntegerField(required=False, min_value=0, max_value=2**53)
