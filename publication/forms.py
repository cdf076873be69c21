"""The forms of stage 3."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from casebook.core.countries import COUNTRIES
from cases.form_fields import PlainText, Revision
from cases.mentions import clean
from cases.models import Consent, ConsentScope
from cases.violations import all_violations
from publication.actions import DigestFacts, RetractionReason
from publication.contents import INTRUDER_QUESTIONS, DraftState, ReviewAnswers
from publication.models import Digest, DigestLanguage, PublishedRecord
from publication.presentation import QUASI_KINDS, placeholder
from publication.queries import Preview, Workbench, content_of
from publication.redaction import Action, Decision, Proposal, Substitution, stands_in

TITLE, REPLACEMENT, COMMENT, FOREWORD = 200, 300, 10_000, 50_000
BLANK_ROWS = 2
_INLINE = {"class": "choices--inline"}


class PublicText(PlainText):
    """Text that will be published: cleaned as a testimony is, so that it cannot look like a marker."""

    def to_python(self, value: Any) -> str:
        return clean(super().to_python(value))


@dataclass(frozen=True, slots=True, repr=False)
class DecisionRow:
    """A proposal with the two fields that answer it; `stored` is what somebody else saved, where that differs."""

    number: int
    proposal: Proposal
    kind: str
    action: BoundField
    instead: BoundField
    decided: bool
    stored: Decision | None


@dataclass(frozen=True, slots=True)
class HiddenRow:
    surface: BoundField
    instead: BoundField


class RedactionForm(forms.Form):
    """One answer for each proposal and facet, the public title, and words the anonymiser hides on her own."""

    all_optional = True

    revision = Revision(optional=True)
    statement_revision = Revision()
    title = PublicText(
        label=_("Public title"),
        required=False,
        max_length=TITLE,
        help_text=_("What happened, in a few words that fit many people. For example: “Medicine refused in custody”."),
    )

    def __init__(self, bench: Workbench, data: Mapping[str, Any] | None = None, *, compare: bool = False) -> None:
        super().__init__(data, initial=_initial(bench))
        self.bench = bench
        self._compare = compare
        for proposal in bench.proposals:
            self._add_decision(proposal)
        for question in bench.questions:
            self.fields[f"facet_{question.name}"] = forms.ChoiceField(
                label=str(question.label),
                choices=question.options,
                required=False,
                widget=forms.RadioSelect(attrs=_INLINE),
                initial=bench.state.facets.get(question.name),
            )
        self._hidden_rows = len(bench.state.hidden) + BLANK_ROWS
        for index in range(self._hidden_rows):
            self._add_hidden(index)

    def _add_decision(self, proposal: Proposal) -> None:
        decision = self.bench.state.decisions.get(proposal.key)
        self.fields[f"action_{proposal.key}"] = forms.ChoiceField(
            label="",
            choices=[(Action.REPLACE, _("Replace")), (Action.KEEP, _("Keep visible"))],
            required=False,
            widget=forms.RadioSelect(attrs=_INLINE),
            initial=decision.action if decision else None,
        )
        replaced = decision is not None and decision.action == Action.REPLACE
        self.fields[f"instead_{proposal.key}"] = PublicText(
            label=_("Instead"),
            required=False,
            max_length=REPLACEMENT,
            initial=decision.replacement if decision and replaced else self._suggestion(proposal),
        )

    def _suggestion(self, proposal: Proposal) -> str:
        return proposal.suggestion or placeholder(proposal.kind, self.bench.content.language)

    def _add_hidden(self, index: int) -> None:
        known = self.bench.state.hidden[index] if index < len(self.bench.state.hidden) else None
        self.fields[f"hide_{index}"] = PublicText(
            label=_("Words to hide"), required=False, max_length=REPLACEMENT, initial=known.surface if known else ""
        )
        self.fields[f"with_{index}"] = PublicText(
            label=_("Instead"),
            required=False,
            max_length=REPLACEMENT,
            initial=known.replacement if known else "",
        )

    def rows(self) -> list[DecisionRow]:
        return [self._row(number, proposal) for number, proposal in enumerate(self.bench.proposals, start=1)]

    def _row(self, number: int, proposal: Proposal) -> DecisionRow:
        action, instead = self[f"action_{proposal.key}"], self[f"instead_{proposal.key}"]
        stored = self.bench.state.decisions.get(proposal.key)
        typed = _decision(str(action.value() or ""), str(instead.value() or ""))
        differs = self._compare and stored is not None and stored != typed
        kind = str(QUASI_KINDS[proposal.kind])
        return DecisionRow(number, proposal, kind, action, instead, typed is not None, stored if differs else None)

    def facets(self) -> list[BoundField]:
        return [self[f"facet_{question.name}"] for question in self.bench.questions]

    def hidden_rows(self) -> list[HiddenRow]:
        return [HiddenRow(self[f"hide_{index}"], self[f"with_{index}"]) for index in range(self._hidden_rows)]

    def clean(self) -> dict[str, Any]:
        for proposal in self.bench.proposals:
            if self.cleaned_data.get(f"action_{proposal.key}") == Action.REPLACE:
                self._refuse_repetition(proposal.forms, f"instead_{proposal.key}")
        for index in range(self._hidden_rows):
            self._check_hidden(index)
        return self.cleaned_data

    def _check_hidden(self, index: int) -> None:
        surface = self.cleaned_data.get(f"hide_{index}", "")
        if surface:
            self._refuse_repetition((surface,), f"with_{index}")
            known = {each.surface for each in self.bench.state.hidden}
            if surface not in known and not stands_in(self.bench.content.text, surface):
                self.add_error(f"hide_{index}", _("These words are not in the text as whole words."))
        elif self.cleaned_data.get(f"with_{index}"):
            self.add_error(f"hide_{index}", _("Write which words to hide."))

    def _refuse_repetition(self, surfaces: Iterable[str], field: str) -> None:
        replacement = self.cleaned_data.get(field, "")
        if any(stands_in(replacement, surface) for surface in surfaces):
            self.add_error(field, _("This still says what you want to hide."))

    def state(self) -> DraftState:
        """What was answered; decisions about words that are no longer in the text are dropped."""
        data = self.cleaned_data
        answered = {
            proposal.key: _decision(data[f"action_{proposal.key}"], data[f"instead_{proposal.key}"])
            for proposal in self.bench.proposals
        }
        names = [question.name for question in self.bench.questions]
        pairs = [(data[f"hide_{index}"], data[f"with_{index}"]) for index in range(self._hidden_rows)]
        return DraftState(
            statement_revision=data["statement_revision"],
            decisions={key: decision for key, decision in answered.items() if decision is not None},
            facets={name: data[f"facet_{name}"] for name in names if data[f"facet_{name}"]},
            title=data["title"],
            hidden=tuple(Substitution(surface, instead) for surface, instead in pairs if surface),
        )


def _initial(bench: Workbench) -> dict[str, Any]:
    return {
        "revision": bench.draft.revision if bench.draft else None,
        "statement_revision": bench.statement.revision if bench.statement else 0,
        "title": bench.state.title,
    }


def _decision(action: str, replacement: str) -> Decision | None:
    match action:
        case Action.REPLACE:
            return Decision(Action.REPLACE, replacement)
        case Action.KEEP:
            return Decision(Action.KEEP)
    return None


class SubmitForm(forms.Form):
    """The last look before the record goes to a reviewer: every word nobody decided about, and who reviews."""

    all_optional = True

    looked_at = forms.MultipleChoiceField(
        label=_("Words and numbers that are left"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Nobody decided about these yet. Tick what leads to nobody. Go back and hide what does."),
    )
    openers = forms.BooleanField(label=_("None of these leads to anybody."), required=False)
    read_through = forms.BooleanField(
        label=_("I read the whole text once more, as somebody who wants to find the person."),
        error_messages={"required": _("Read the whole text once more, then tick this.")},
    )
    reviewer = forms.ChoiceField(
        label=_("Who reviews it?"),
        widget=forms.RadioSelect,
        help_text=_("An advocate who never saw the case. This person will read only the record above."),
        error_messages={"required": _("Choose who reviews the record.")},
    )

    def __init__(self, preview: Preview, reviewers: Sequence[User], data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        inside = [each for each in preview.leftovers if not each.opens_sentence]
        self._left = {each.key for each in inside}
        self._opening = [each for each in preview.leftovers if each.opens_sentence]
        self._reviewers = {str(person.id): person for person in reviewers}
        looked_at, reviewer = self.fields["looked_at"], self.fields["reviewer"]
        assert isinstance(looked_at, forms.MultipleChoiceField)  # noqa: S101 (declared above)
        assert isinstance(reviewer, forms.ChoiceField)  # noqa: S101 (declared above)
        looked_at.choices = [
            (
                each.key,
                format_html(
                    '<b>{}</b> <small class="context">{}<mark>{}</mark>{}</small>',
                    each.word,
                    each.context.before,
                    each.context.words,
                    each.context.after,
                ),
            )
            for each in inside
        ]
        reviewer.choices = [(key, person.display_name) for key, person in self._reviewers.items()]
        if not inside:
            del self.fields["looked_at"]
        if not self._opening:
            del self.fields["openers"]

    def clean_looked_at(self) -> frozenset[str]:
        ticked = frozenset(self.cleaned_data["looked_at"])
        if self._left - ticked:
            raise ValidationError(_("Look at each word and number, then tick it. Go back to hide one."))
        return ticked

    def clean_openers(self) -> bool:
        if not self.cleaned_data["openers"]:
            raise ValidationError(_("Look at these words, then tick this. Go back to hide one."))
        return True

    @property
    def opening_words(self) -> list[str]:
        """Words that only ever begin a sentence: looked at together."""
        return [each.word for each in self._opening]

    @property
    def looked(self) -> frozenset[str]:
        """Keys of everything that was looked at."""
        ticked: frozenset[str] = self.cleaned_data.get("looked_at", frozenset())
        return ticked | {each.key for each in self._opening}

    @property
    def reviewer_chosen(self) -> User:
        return self._reviewers[self.cleaned_data["reviewer"]]


class ReviewForm(forms.Form):
    """The intruder's checklist and the verdict, which is the button that was pressed."""

    all_optional = True

    PUBLISH, SEND_BACK = "publish", "send_back"

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        for name, question in INTRUDER_QUESTIONS.items():
            self.fields[name] = forms.ChoiceField(
                label=str(question),
                choices=[("no", _("No")), ("yes", _("Yes"))],
                required=False,
                widget=forms.RadioSelect(attrs=_INLINE),
            )
        self.fields["comment"] = PlainText(
            label=_("What did you find?"),
            required=False,
            max_length=COMMENT,
            widget=forms.Textarea(attrs={"rows": 4}),
            help_text=_("Whoever anonymised the record reads this. Say which words lead to the person, and how."),
        )
        self.fields["verdict"] = forms.ChoiceField(
            choices=[(self.PUBLISH, _("Publish")), (self.SEND_BACK, _("Send back"))], widget=forms.HiddenInput
        )

    def questions(self) -> list[BoundField]:
        return [self[name] for name in INTRUDER_QUESTIONS]

    def clean(self) -> dict[str, Any]:
        verdict = self.cleaned_data.get("verdict")
        if verdict == self.PUBLISH:
            for name in INTRUDER_QUESTIONS:
                self._require_no(name)
        elif verdict == self.SEND_BACK and not self.cleaned_data.get("comment"):
            self.add_error("comment", _("Say what has to change before this can be published."))
        return self.cleaned_data

    def _require_no(self, name: str) -> None:
        answer = self.cleaned_data.get(name)
        if answer == "yes":
            self.add_error(name, _("A record that leads to somebody can't be published. Send it back."))
        elif not answer:
            self.add_error(name, _("Answer this before you publish."))

    @property
    def publishes(self) -> bool:
        return bool(self.cleaned_data["verdict"] == self.PUBLISH)

    def answers(self) -> ReviewAnswers:
        given = {name: self.cleaned_data.get(name) for name in INTRUDER_QUESTIONS}
        risks = {name: answer == "yes" for name, answer in given.items() if answer}
        return ReviewAnswers(risks, self.cleaned_data["comment"])


_CONSEQUENCES = {
    ConsentScope.KEEP: _("The case ends. What was published is taken back, experts and reviewers lose their access."),
    ConsentScope.PUBLISH: _("What was published is taken back and every digest is made again without it."),
    ConsentScope.EXPERTS: _("Legal experts lose their access. A case in legal analysis goes back to intake."),
}


class WithdrawForm(forms.Form):
    """Which consent the person takes back: only one that was given and still stands."""

    scope = forms.ChoiceField(
        label=_("What does the person take back?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what is taken back.")},
    )

    def __init__(self, standing: Iterable[Consent], data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        scope = self.fields["scope"]
        assert isinstance(scope, forms.ChoiceField)  # noqa: S101 (declared above)
        given = {row.scope for row in standing}
        scope.choices = [
            (each.value, format_html("{} <small>{}</small>", each.label, _CONSEQUENCES.get(each, "")))
            for each in ConsentScope
            if each.value in given
        ]

    @property
    def chosen(self) -> ConsentScope:
        return ConsentScope(self.cleaned_data["scope"])


class RetractForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("Why is it taken back?"),
        choices=RetractionReason.choices,
        widget=forms.RadioSelect,
        help_text=_("Only auditors of your organisation read the reason."),
        error_messages={"required": _("Choose a reason.")},
    )


class RegisterForm(forms.Form):
    """What to show of the register."""

    all_optional = True

    country = forms.ChoiceField(label=_("Country"), required=False)
    year = forms.ChoiceField(label=_("Year"), required=False)
    violation = forms.ChoiceField(label=_("Violation"), required=False)

    def __init__(self, years: Iterable[str], violations: Iterable[str], data: Mapping[str, Any]) -> None:
        super().__init__(data)
        known = all_violations()
        named = sorted((known[code].label, code) for code in violations if code in known)
        countries = sorted((str(name), code) for code, name in COUNTRIES.items())
        self._offer("country", [(code, name) for name, code in countries])
        self._offer("year", [(year, year) for year in years])
        self._offer("violation", [(code, label) for label, code in named])

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 (declared above)
        field.choices = [("", _("All")), *choices]


@dataclass(frozen=True, slots=True)
class RecordRow:
    """A record that can be put into a digest, with the two fields that do it."""

    record: PublishedRecord
    chosen: BoundField
    position: BoundField


class DigestForm(forms.Form):
    """The front of a digest and its records."""

    revision = Revision(optional=True)
    title = PublicText(label=_("Title"), max_length=TITLE)
    subtitle = PublicText(label=_("Subtitle"), max_length=TITLE, required=False)
    language = forms.ChoiceField(
        label=_("Language"),
        choices=DigestLanguage.choices,
        widget=forms.RadioSelect(attrs=_INLINE),
        help_text=_("Headings and labels are in this language. Each testimony stays in its own."),
    )
    foreword = PublicText(
        label=_("Foreword"),
        max_length=FOREWORD,
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("This is not sealed: write only what may be public. An empty line begins a new paragraph."),
    )

    def __init__(
        self,
        records: Sequence[PublishedRecord],
        *,
        digest: Digest | None = None,
        chosen: Sequence[PublishedRecord] = (),
        data: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=_digest_initial(digest))
        self._records = records
        places = {record.pk: place for place, record in enumerate(chosen, start=1)}
        for record in records:
            self.fields[f"in_{record.number}"] = forms.BooleanField(
                label=format_html("<b>{}</b> <small>{}</small>", record.number, content_of(record).title),
                required=False,
                initial=record.pk in places,
            )
            self.fields[f"at_{record.number}"] = forms.IntegerField(
                label=_("Position"),
                required=False,
                min_value=1,
                max_value=9999,
                initial=places.get(record.pk),
                widget=forms.NumberInput(attrs={"inputmode": "numeric", "class": "short"}),
            )

    def rows(self) -> list[RecordRow]:
        return [RecordRow(each, self[f"in_{each.number}"], self[f"at_{each.number}"]) for each in self._records]

    def stored(self) -> dict[str, Any]:
        """What is stored, as the form gives it: to compare with what was typed."""
        return {name: self.get_initial_for_field(field, name) for name, field in self.fields.items()}

    def facts(self) -> DigestFacts:
        """The chosen records stand in the order of their places; those without one follow by number."""
        data = self.cleaned_data
        chosen = [record for record in self._records if data[f"in_{record.number}"]]
        chosen.sort(key=lambda record: (data[f"at_{record.number}"] or 10_000, record.number))
        return DigestFacts(data["title"], data["subtitle"], data["foreword"], data["language"], tuple(chosen))


def _digest_initial(digest: Digest | None) -> dict[str, Any]:
    if digest is None:
        return {"language": DigestLanguage.ENGLISH}
    return {
        "revision": digest.revision,
        "title": digest.title,
        "subtitle": digest.subtitle,
        "language": digest.language,
        "foreword": digest.foreword,
    }


class IssueForm(forms.Form):
    """Issuing asks nothing but which version was looked at."""

    revision = Revision()
