"""How finely a record says when, where and who: a few fixed levels, the same for every record. Pure.

Fixed levels, not the finest that would do for one record: levels chosen anew each time can be played against
each other by somebody who reads several editions.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

from django.utils.dates import MONTHS
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.contents import Card, Gender, IncidentDetails

FacetName = Literal["period", "place", "age", "gender"]
HIDDEN = "hidden"

_OLDEST = 70

QUESTIONS: Mapping[FacetName, str | Promise] = {
    "period": gettext_lazy("When it happened"),
    "place": gettext_lazy("Where it happened"),
    "age": gettext_lazy("Age"),
    "gender": gettext_lazy("Gender"),
}


@dataclass(frozen=True, slots=True)
class Period:
    """A year, or a quarter (1-4) or a month (1-12) of it."""

    year: int
    quarter: int | None = None
    month: int | None = None

    def __str__(self) -> str:
        """In the active language: `March 2025`, `first quarter of 2025`, `2025`."""
        if self.month is not None:
            return f"{MONTHS[self.month]} {self.year}"
        if self.quarter is not None:
            return _quarter(self.quarter) % {"year": self.year}
        return str(self.year)


@dataclass(frozen=True, slots=True, repr=False)
class PublicFacets:
    """What a record says besides its text. Codes where there are codes; an empty one is not said."""

    period: Period
    region: str = ""
    age_band: str = ""
    gender: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class FineFacets:
    """What the case knows, before anything is generalised."""

    year: int
    month: int | None
    region: str
    age: int | None
    gender: str


@dataclass(frozen=True, slots=True, repr=False)
class FacetQuestion:
    """One thing to decide, and what would be said: (code, words) from the most to the least told."""

    name: FacetName
    label: str | Promise
    options: tuple[tuple[str, str], ...]


def fine_facets(year: int, card: Card, incident: IncidentDetails) -> FineFacets:
    """When and where from the incident where it was written down, else from the card."""
    month = card.month
    if incident.date:
        day = date.fromisoformat(incident.date)
        year, month = day.year, day.month
    return FineFacets(year, month, card.region.strip(), card.age, card.gender)


def facet_questions(fine: FineFacets) -> tuple[FacetQuestion, ...]:
    """What has to be decided for this case; what nobody wrote down is not asked."""
    options: dict[FacetName, list[tuple[str, str]]] = {
        "period": _period_options(fine),
        "place": [("region", fine.region), ("country", _("Only the country"))] if fine.region else [],
        "age": [("band", band_label(age_band(fine.age))), (HIDDEN, _("Not said"))] if fine.age is not None else [],
        "gender": [("shown", str(Gender(fine.gender).label)), (HIDDEN, _("Not said"))] if fine.gender else [],
    }
    return tuple(FacetQuestion(name, QUESTIONS[name], tuple(found)) for name, found in options.items() if found)


def _period_options(fine: FineFacets) -> list[tuple[str, str]]:
    levels = ("month", "quarter", "year") if fine.month else ("year",)
    return [(level, str(_period(fine, level))) for level in levels]


def generalise(fine: FineFacets, answers: Mapping[str, str]) -> PublicFacets:
    """What is said under these answers; an open question counts as the least told."""
    return PublicFacets(
        period=_period(fine, answers.get("period", "year")),
        region=fine.region if answers.get("place") == "region" else "",
        age_band=age_band(fine.age) if answers.get("age") == "band" and fine.age is not None else "",
        gender=fine.gender if answers.get("gender") == "shown" else "",
    )


def _period(fine: FineFacets, level: str) -> Period:
    if level == "month" and fine.month:
        return Period(fine.year, month=fine.month)
    if level == "quarter" and fine.month:
        return Period(fine.year, quarter=(fine.month + 2) // 3)
    return Period(fine.year)


def age_band(age: int) -> str:
    """The decade of an age in years: `30-39`, `70+`. The same bands as `quasi_identifiers` proposes for the text.

    Two different divisions would together say more than either.
    """
    low = age // 10 * 10
    return f"{low}-{low + 9}" if low < _OLDEST else f"{_OLDEST}+"


def band_label(band: str) -> str:
    """A band in words of the active language."""
    low, _dash, high = band.partition("-")
    return f"{low}\N{EN DASH}{high}" if high else _("%(age)s and older") % {"age": band.rstrip("+")}


def _quarter(number: int) -> str:
    return (
        _("January to March %(year)d"),
        _("April to June %(year)d"),
        _("July to September %(year)d"),
        _("October to December %(year)d"),
    )[number - 1]


def facets_as_json(facets: PublicFacets) -> dict[str, Any]:
    return asdict(facets)


def facets_from_json(data: Mapping[str, Any]) -> PublicFacets:
    return PublicFacets(**{**data, "period": Period(**data["period"])})
