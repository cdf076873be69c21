"""Facets: fixed levels, the same for every record."""

import pytest
from django.utils import translation

from cases.contents import Card, IncidentDetails
from publication.facets import (
    FineFacets,
    Period,
    PublicFacets,
    age_band,
    band_label,
    facet_questions,
    facets_as_json,
    facets_from_json,
    fine_facets,
    generalise,
)

FINE = FineFacets(year=2025, month=3, region="Имерети", age=34, gender="woman")


def test_the_day_of_the_incident_goes_before_the_card() -> None:
    card = Card(month=7, region=" Имерети ", age=34, gender="woman")

    assert fine_facets(2024, card, IncidentDetails(date="2025-03-14")) == FINE
    assert fine_facets(2024, card, IncidentDetails()).month == 7


def test_every_question_says_what_would_be_told_from_most_to_least() -> None:
    asked = {question.name: [words for _code, words in question.options] for question in facet_questions(FINE)}

    assert asked == {
        "period": ["March 2025", "January to March 2025", "2025"],
        "place": ["Имерети", "Only the country"],
        "age": ["30–39", "Not said"],
        "gender": ["Woman", "Not said"],
    }


def test_what_nobody_wrote_down_is_not_asked() -> None:
    bare = FineFacets(year=2025, month=None, region="", age=None, gender="")

    assert [(question.name, len(question.options)) for question in facet_questions(bare)] == [("period", 1)]


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ({}, PublicFacets(Period(2025))),
        ({"period": "quarter"}, PublicFacets(Period(2025, quarter=1))),
        ({"period": "month", "place": "country"}, PublicFacets(Period(2025, month=3))),
        (
            {"period": "year", "place": "region", "age": "band", "gender": "shown"},
            PublicFacets(Period(2025), "Имерети", "30-39", "woman"),
        ),
        ({"age": "hidden", "gender": "hidden"}, PublicFacets(Period(2025))),
    ],
)
def test_an_open_answer_tells_the_least(answers: dict[str, str], told: PublicFacets) -> None:
    assert generalise(FINE, answers) == told


def test_a_day_or_an_age_never_gets_through() -> None:
    everything = {"period": "month", "place": "region", "age": "band", "gender": "shown"}

    told = str(facets_as_json(generalise(FINE, everything)))

    assert "14" not in told
    assert "'34'" not in told


def test_facets_come_back_from_json_as_they_went() -> None:
    facets = PublicFacets(Period(2025, quarter=2), "Имерети", "70+", "man")

    assert facets_from_json(facets_as_json(facets)) == facets


@pytest.mark.parametrize(
    ("age", "band"),
    [(0, "0-9"), (17, "10-19"), (30, "30-39"), (39, "30-39"), (69, "60-69"), (70, "70+"), (120, "70+")],
)
def test_ages_fall_into_fixed_bands(age: int, band: str) -> None:
    assert age_band(age) == band


@pytest.mark.parametrize(("band", "words"), [("10-19", "10–19"), ("30-39", "30–39"), ("70+", "70 and older")])
def test_bands_are_said_in_words(band: str, words: str) -> None:
    assert band_label(band) == words


@pytest.mark.parametrize("month", range(1, 13))
def test_every_month_lies_in_its_quarter(month: int) -> None:
    fine = FineFacets(2025, month, "", None, "")

    assert generalise(fine, {"period": "quarter"}).period.quarter == [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4][month - 1]


def test_a_period_is_said_in_the_active_language() -> None:
    with translation.override("ru"):
        assert str(Period(2025, month=3)) == "Март 2025"
