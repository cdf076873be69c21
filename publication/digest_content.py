"""What one edition of a digest says, as plain values: already anonymised, already in the edition's language.

No database and no layout: `publication.digest_pdf` and `publication.digest_json` render these values.
"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One right, the provision it stands on and what the experts concluded, each ready to print."""

    right: str
    provision: str
    conclusion: str


@dataclass(frozen=True, slots=True)
class RecordPage:
    """One anonymised record.

    `facets` are (label, generalised value) pairs in the order to print. `narrative` is plain text: an empty
    line parts paragraphs. `narrative_language` is its language code, which need not be the edition's.
    """

    number: str
    title: str
    country: str
    period: str
    facets: tuple[tuple[str, str], ...]
    narrative: str
    narrative_language: str
    violations: tuple[str, ...]
    findings: tuple[FindingLine, ...]


@dataclass(frozen=True, slots=True)
class DigestContent:
    """One edition: `language` is its code, `legal_index` maps a provision to the numbers of records."""

    title: str
    subtitle: str
    organisation: str
    language: str
    edition: int
    issued_on: date
    foreword: str
    records: tuple[RecordPage, ...]
    legal_index: tuple[tuple[str, tuple[str, ...]], ...]
