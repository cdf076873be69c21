"""The words of a record: stored once, shown in the language of the page."""

import json
from dataclasses import replace
from datetime import date

from django.utils import translation

from publication.digest_content import FindingLine, RecordPage
from publication.facets import Period, PublicFacets
from publication.record_content import PublicFinding, RecordContent, legal_index, public_json, record_page


def finding(instrument: str = "ECHR", ref: str = "5", *, single: bool = False) -> PublicFinding:
    heading = {"en": "Right to liberty", "ru": "Право на свободу"}
    return PublicFinding("some-id", instrument, ref, heading, "violated", single)


RECORD = RecordContent(
    title="Stopped without cause",
    narrative="[Client] was stopped in a town.",
    narrative_language="en",
    country="GE",
    facets=PublicFacets(Period(2025, quarter=1), "Imereti", "30-39", "woman"),
    perpetrator="patrol",
    violations=("arbitrary-arrest", "no-longer-on-the-list"),
    findings=(finding(single=True),),
)


def test_a_record_comes_back_from_json_as_it_went() -> None:
    assert RecordContent.from_json(json.loads(json.dumps(RECORD.as_json()))) == RECORD


def test_a_page_is_in_the_active_language_and_the_testimony_in_its_own() -> None:
    with translation.override("ru"):
        page = record_page(RECORD, "2025-GE-0001")

    assert page.violations[0] == "Произвольное задержание"
    assert page.findings[0].right == "Право на свободу"
    assert page.narrative == RECORD.narrative


def test_a_page_says_every_facet_in_words() -> None:
    with translation.override("en"):
        page = record_page(RECORD, "2025-GE-0001")

    assert page == RecordPage(
        number="2025-GE-0001",
        title="Stopped without cause",
        country="Georgia",
        period="January to March 2025",
        facets=(
            ("Region", "Imereti"),
            ("Gender", "Woman"),
            ("Age", "30–39"),
            ("Perpetrator", "Patrol or street police"),
        ),
        narrative="[Client] was stopped in a town.",
        narrative_language="en",
        violations=("Arbitrary arrest", "no-longer-on-the-list"),
        findings=(FindingLine("Right to liberty", "ECHR 5", "Violated (one expert)"),),
    )


def test_what_is_not_said_has_no_line() -> None:
    bare = replace(RECORD, facets=PublicFacets(Period(2025)), perpetrator="")

    assert record_page(bare, "").facets == ()


def test_the_legal_index_counts_as_people_do() -> None:
    pages = [
        record_page(replace(RECORD, findings=(finding(ref="10"), finding(ref="3"))), "2025-GE-0001"),
        record_page(replace(RECORD, findings=(finding(ref="3"), finding("CEDAW", "2"))), "2025-GE-0002"),
    ]

    assert legal_index(pages) == (
        ("CEDAW 2", ("2025-GE-0002",)),
        ("ECHR 3", ("2025-GE-0001", "2025-GE-0002")),
        ("ECHR 10", ("2025-GE-0001",)),
    )


def test_machines_read_codes_and_no_row_of_the_database() -> None:
    assert public_json(RECORD, "2025-GE-0001", date(2026, 11, 22)) == {
        "schema": "casebook-record/1",
        "number": "2025-GE-0001",
        "published_on": "2026-11-22",
        "title": "Stopped without cause",
        "country": "GE",
        "period": {"year": 2025, "quarter": 1, "month": None},
        "region": "Imereti",
        "age_band": "30-39",
        "gender": "woman",
        "perpetrator": "patrol",
        "narrative_language": "en",
        "narrative": "[Client] was stopped in a town.",
        "violations": ["arbitrary-arrest", "no-longer-on-the-list"],
        "findings": [{"instrument": "ECHR", "ref": "5", "conclusion": "violated", "single_expert": True}],
    }
