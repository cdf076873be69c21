"""The words of one anonymised record: as they are stored, and as a page or a digest shows them. No database."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from casebook.core.countries import COUNTRIES
from cases.contents import Gender
from cases.violations import all_violations, perpetrator_kinds
from legal_analysis.models import Conclusion
from publication.digest_content import FindingLine, RecordPage
from publication.facets import PublicFacets, band_label, facets_as_json, facets_from_json

Labels = Mapping[str, str]
"""The same words by language code; English is always there, an empty one is not known."""


@dataclass(frozen=True, slots=True)
class PublicFinding:
    """An expert's finding as it stood when the record was submitted; `single_expert`: no second one reviewed it."""

    provision_id: str
    instrument: str
    ref: str
    heading: Labels
    conclusion: str
    single_expert: bool


@dataclass(frozen=True, slots=True, repr=False)
class RecordContent:
    """A whole anonymised record. `narrative` is plain text in which no marker is left."""

    title: str
    narrative: str
    narrative_language: str
    country: str
    facets: PublicFacets
    perpetrator: str
    violations: tuple[str, ...]
    findings: tuple[PublicFinding, ...]

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"facets": facets_as_json(self.facets)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "RecordContent":
        return cls(
            **{
                **data,
                "facets": facets_from_json(data["facets"]),
                "violations": tuple(data["violations"]),
                "findings": tuple(PublicFinding(**each) for each in data["findings"]),
            }
        )


def public_json(content: RecordContent, number: str, published_on: date) -> dict[str, Any]:
    """The record for machines, schema "casebook-record/1": codes and numbers instead of words where there are codes."""
    findings = ("instrument", "ref", "conclusion", "single_expert")
    return {
        "schema": "casebook-record/1",
        "number": number,
        "published_on": published_on.isoformat(),
        "title": content.title,
        "country": content.country,
        **facets_as_json(content.facets),
        "perpetrator": content.perpetrator,
        "narrative_language": content.narrative_language,
        "narrative": content.narrative,
        "violations": list(content.violations),
        "findings": [{name: getattr(finding, name) for name in findings} for finding in content.findings],
    }


def record_page(content: RecordContent, number: str) -> RecordPage:
    """The record in the active language. The narrative stays in the language of the testimony."""
    return RecordPage(
        number=number,
        title=content.title,
        country=str(COUNTRIES.get(content.country, content.country)),
        period=str(content.facets.period),
        facets=tuple(_facet_lines(content)),
        narrative=content.narrative,
        narrative_language=content.narrative_language,
        violations=tuple(_violation_label(code) for code in content.violations),
        findings=tuple(_finding_line(finding) for finding in content.findings),
    )


def _facet_lines(content: RecordContent) -> Iterable[tuple[str, str]]:
    facets = content.facets
    if facets.region:
        yield _("Region"), facets.region
    if facets.gender:
        yield _("Gender"), str(Gender(facets.gender).label)
    if facets.age_band:
        yield _("Age"), band_label(facets.age_band)
    if content.perpetrator:
        yield _("Perpetrator"), str(perpetrator_kinds().get(content.perpetrator, content.perpetrator))


def _violation_label(code: str) -> str:
    known = all_violations().get(code)
    return known.label if known else code


def _finding_line(finding: PublicFinding) -> FindingLine:
    conclusion = str(Conclusion(finding.conclusion).label)
    if finding.single_expert:
        conclusion = _("%(conclusion)s (one expert)") % {"conclusion": conclusion}
    heading = finding.heading.get(get_language() or "en") or finding.heading["en"]
    return FindingLine(heading, f"{finding.instrument} {finding.ref}", conclusion)


def legal_index(pages: Iterable[RecordPage]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Each provision with the numbers of the records that a finding ties to it; `ECHR 3` comes before `ECHR 10`."""
    index: dict[str, list[str]] = {}
    for page in pages:
        for provision in dict.fromkeys(finding.provision for finding in page.findings):
            index.setdefault(provision, []).append(page.number)
    return tuple((provision, tuple(index[provision])) for provision in sorted(index, key=_by_number))


def _by_number(provision: str) -> list[tuple[bool, int, str]]:
    parts = re.split(r"(\d+)", provision)
    return [(part.isdigit(), int(part) if part.isdigit() else 0, part) for part in parts if part]
