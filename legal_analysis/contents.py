"""What is inside the sealed values of an analysis. Plain values; sealing them is the compartment's."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar
from uuid import UUID

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from legal_analysis.anchors import Anchor


class LegalTest(models.TextChoices):
    """How a finding is reasoned."""

    PROPORTIONALITY = "proportionality", _("Step by step: legality, aim, necessity, proportionality")
    ELEMENTS = "elements", _("By the elements of the offence or duty")


class Strength(models.TextChoices):
    STRONG = "strong", _("Strong")
    MEDIUM = "medium", _("Medium")
    WEAK = "weak", _("Weak")


@dataclass(frozen=True, slots=True, repr=False)
class AnnotationNote:
    """Where an annotation stands, which provision it touches, and why.

    `provision` is the id of a Provision. `markers` describes the markers of the quote as they were on that day, as
    in `StatementContent.markers`: numbers change when the testimony does, and a lost quote is still to be read.
    """

    provision: str
    start: int
    end: int
    quote: str
    prefix: str = ""
    suffix: str = ""
    markers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    reasoning: str = ""

    @property
    def anchor(self) -> Anchor:
        return Anchor(self.start, self.end, self.quote, self.prefix, self.suffix)

    @property
    def provision_id(self) -> UUID:
        return UUID(self.provision)


@dataclass(frozen=True, slots=True, repr=False)
class FindingText:
    """The reasoning of a finding. The four steps are filled for the proportionality test only."""

    test: str = LegalTest.PROPORTIONALITY
    legality: str = ""
    aim: str = ""
    necessity: str = ""
    proportionality: str = ""
    reasoning: str = ""
    strength: str = Strength.MEDIUM
    remedy: str = ""

    @property
    def test_label(self) -> str | Promise:
        return LegalTest(self.test).label

    @property
    def strength_label(self) -> str | Promise:
        return Strength(self.strength).label


@dataclass(frozen=True, slots=True, repr=False)
class ReviewComment:
    comment: str = ""


Content = TypeVar("Content", AnnotationNote, FindingText, ReviewComment)


def from_json(kind: type[Content], data: Mapping[str, Any]) -> Content:
    """The value of a kind; a field that a later version dropped is ignored."""
    known = {each.name for each in fields(kind)}
    return kind(**{name: value for name, value in data.items() if name in known})
