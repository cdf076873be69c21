"""A digest as JSON, schema "casebook-digest/1": the anonymised records for those who count rather than read.

One object, UTF-8, two spaces of indent, a newline at the end, keys always in this order:

    schema        "casebook-digest/1"; the number changes when a key changes its name or meaning
    title, subtitle, organisation, foreword    text; a foreword may be empty
    language      language code of the edition, such as "ru"
    edition       whole number, counted from 1
    issued_on     date, YYYY-MM-DD
    records       list, in the order of the edition, of
        number, title, country, period
        facets    list of {label, value}: generalised facts in the edition's language
        narrative, narrative_language    plain text and its language code; an empty line parts paragraphs
        violations    list of text
        findings  list of {right, provision, conclusion}
    legal_index   list of {provision, records}: `records` are numbers of records above
"""

import json
from collections.abc import Mapping

from .digest_content import DigestContent, RecordPage

SCHEMA = "casebook-digest/1"


def render_json(content: DigestContent) -> bytes:
    """The same bytes from the same content. Half a surrogate pair, unfit for UTF-8, becomes U+FFFD."""
    digest = {
        "schema": SCHEMA,
        "title": content.title,
        "subtitle": content.subtitle,
        "organisation": content.organisation,
        "foreword": content.foreword,
        "language": content.language,
        "edition": content.edition,
        "issued_on": content.issued_on.isoformat(),
        "records": [_record(record) for record in content.records],
        "legal_index": [
            {"provision": provision, "records": list(numbers)} for provision, numbers in content.legal_index
        ],
    }
    text = json.dumps(digest, ensure_ascii=False, indent=2) + "\n"
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def _record(record: RecordPage) -> Mapping[str, object]:
    return {
        "number": record.number,
        "title": record.title,
        "country": record.country,
        "period": record.period,
        "facets": [{"label": label, "value": value} for label, value in record.facets],
        "narrative": record.narrative,
        "narrative_language": record.narrative_language,
        "violations": list(record.violations),
        "findings": [
            {"right": finding.right, "provision": finding.provision, "conclusion": finding.conclusion}
            for finding in record.findings
        ],
    }
