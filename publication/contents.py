"""What is inside the sealed values of stage 3. Plain values; sealing them is the compartment's."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from publication.redaction import Action, Decision, Substitution


@dataclass(frozen=True, slots=True, repr=False)
class DraftState:
    """Everything decided so far. `statement_revision` is the version of the testimony it was decided about.

    `decisions` by `redaction.proposal_key`, `facets` by `facets.FacetName`, `hidden` what was typed by hand.
    """

    statement_revision: int = 0
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    facets: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    hidden: tuple[Substitution, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "DraftState":
        return cls(
            statement_revision=data["statement_revision"],
            decisions={
                key: Decision(Action(each["action"]), each["replacement"]) for key, each in data["decisions"].items()
            },
            facets=data["facets"],
            title=data["title"],
            hidden=tuple(Substitution(**each) for each in data["hidden"]),
        )


INTRUDER_QUESTIONS: Mapping[str, str | Promise] = {
    "neighbour": _("Could a neighbour recognise this person?"),
    "police": _("Could an officer who was there recognise the case?"),
    "relative": _("Could a relative or a partner recognise this person?"),
    "rare_event": _("Is there an event so rare that the news or a search would lead to it?"),
    "dates": _("Do days or times lead to one day, one shift or one file?"),
    "places": _("Does a place leave only few people?"),
    "jobs": _("Does a job, an office or a treatment leave only few people?"),
    "photo": _("Does a picture, a link, a document or a quoted sentence lead to this person?"),
}
"""The intruder's checklist: a yes to any of them keeps the record from being published."""


@dataclass(frozen=True, slots=True, repr=False)
class ReviewAnswers:
    """The checklist by question (True: yes, it leads to somebody), and what the reviewer says to the anonymiser."""

    risks: Mapping[str, bool] = field(default_factory=dict)
    comment: str = ""

    @property
    def found_a_way(self) -> bool:
        """Whether anything leads to the person, or a question stayed open."""
        return any(self.risks.get(question, True) for question in INTRUDER_QUESTIONS)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "ReviewAnswers":
        return cls(**data)
