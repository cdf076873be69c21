"""The stages of a case and the steps between them. What each step demands stands in the app of the stage it leaves."""

from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from casebook.core.errors import CasebookError


class Stage(models.TextChoices):
    INTAKE = "intake", _("Intake")
    ANALYSIS = "analysis", _("Legal analysis")
    ANONYMISATION = "anonymisation", _("Anonymisation")
    REVIEW = "review", _("Review")
    PUBLISHED = "published", _("Published")
    CLOSED = "closed", _("Closed")
    WITHDRAWN = "withdrawn", _("Withdrawn")


LINE = (Stage.INTAKE, Stage.ANALYSIS, Stage.ANONYMISATION, Stage.REVIEW, Stage.PUBLISHED)
"""The way of a case from the street to the public record."""

STEPS: dict[Stage, frozenset[Stage]] = {
    Stage.INTAKE: frozenset({Stage.ANALYSIS, Stage.CLOSED, Stage.WITHDRAWN}),
    Stage.ANALYSIS: frozenset({Stage.ANONYMISATION, Stage.INTAKE, Stage.CLOSED, Stage.WITHDRAWN}),
    Stage.ANONYMISATION: frozenset({Stage.REVIEW, Stage.ANALYSIS, Stage.CLOSED, Stage.WITHDRAWN}),
    Stage.REVIEW: frozenset({Stage.PUBLISHED, Stage.ANONYMISATION, Stage.CLOSED, Stage.WITHDRAWN}),
    Stage.PUBLISHED: frozenset({Stage.ANONYMISATION, Stage.CLOSED, Stage.WITHDRAWN}),
    Stage.CLOSED: frozenset({Stage.INTAKE, Stage.WITHDRAWN}),
    Stage.WITHDRAWN: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing a step still needs, in words a street lawyer understands, and the page where it is done."""

    what: str | Promise
    url_name: str = ""


class StepRefusedError(CasebookError):
    """A step that the stage does not allow, or that still needs something; `missing` says what."""

    code = "step-refused"
    status = 409
    message = _("This step isn't possible yet.")

    def __init__(self, missing: tuple[Missing, ...] = ()) -> None:
        super().__init__()
        self.missing = missing


class WrongStageError(CasebookError):
    code = "wrong-stage"
    status = 409
    message = _("The case has moved on: this can't be done at its present stage.")


@dataclass(frozen=True, slots=True)
class StageMark:
    """One place on the stage bar."""

    code: str
    label: str | Promise
    state: str


def stage_bar(stage: Stage) -> list[StageMark]:
    """The line of stages with `done`, `current` and `todo`; a closed or withdrawn case shows only that."""
    if stage not in LINE:
        return [StageMark(stage.value, stage.label, "current")]
    place = LINE.index(stage)
    return [
        StageMark(each.value, each.label, "done" if i < place else "current" if i == place else "todo")
        for i, each in enumerate(LINE)
    ]
