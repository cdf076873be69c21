"""A digest as PDF: cover, foreword, contents, a page or more a record, legal index.

Pure: values in, bytes out. Reads its own fonts and Django's translations of the fixed labels, nothing else;
writes no file and opens no address. The same content gives the same bytes with the same versions of reportlab
and zlib; nothing in them tells when, where or by whom they were made. Text appears as `fonts.legible` says.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import BytesIO
from itertools import zip_longest

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import get_language_info, gettext
from reportlab.pdfbase.pdfdoc import PDFZCompress
from reportlab.pdfgen.canvas import Canvas

from .digest_content import DigestContent, RecordPage
from .digest_layout import (
    ACCENT,
    BODY,
    CELL_LABEL,
    HAIRLINE,
    LEFT,
    MUTED,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    RIGHT,
    TEXT_WIDTH,
    TOP,
    Box,
    Column,
    Flow,
    Lines,
    Link,
    Page,
    Row,
    Style,
    shorten,
    wrap,
)
from .fonts import BOLD, REGULAR, legible

COVER_TITLE = Style(BOLD, 29, 37, ACCENT)
COVER_SUBTITLE = Style(REGULAR, 15, 22)
COVER_FACTS = Style(REGULAR, 11.5, 18)
COVER_ORGANISATION = Style(BOLD, 11.5, 18)
CHAPTER = Style(BOLD, 20, 27, ACCENT)
RECORD_NUMBER = Style(BOLD, 9.5, 15, MUTED)
RECORD_TITLE = Style(BOLD, 17, 23, ACCENT)
SECTION = Style(BOLD, 11.5, 17, ACCENT)
NOTE = Style(REGULAR, 8.6, 12.6, MUTED)
MARGINAL = Style(REGULAR, 7.8, 10.6, MUTED)

FACT_COLUMNS = (Column(86, CELL_LABEL), Column(TEXT_WIDTH / 2 - 86)) * 2
FINDING_COLUMNS = (Column(135), Column(135), Column(TEXT_WIDTH - 270))
INDEX_COLUMNS = (Column(TEXT_WIDTH * 0.55), Column(TEXT_WIDTH * 0.45))
CONTENTS_COLUMNS = (Column(92, CELL_LABEL), Column(TEXT_WIDTH - 132), Column(40, flush_right=True))
HEADER, FOOTER = PAGE_HEIGHT - 48.0, 44.0

_NEUTRAL_NAME = "Casebook"
_OUTLINE_TITLE_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Section:
    """Pages that belong together; listed in the contents and the outline under `title`."""

    key: str
    title: str
    pages: list[Page]
    number: str = ""


def render_pdf(content: DigestContent) -> bytes:
    """A4 pages; the fixed labels are in the edition's language, in English where they are not translated."""
    with translation.override(content.language):
        return _write(content, _sections(content))


def _sections(content: DigestContent) -> list[Section]:
    """Everything in order. Contents and legal index are laid out twice: to count pages, then to name them."""
    opening = [Section("cover", content.title, _cover(content)), *_foreword(content)]
    records = [_record(record, f"record-{place}") for place, record in enumerate(content.records, start=1)]
    listed = [*opening[1:], *records, *_legal_index(content, {})]
    pages = _first_pages([*opening, _contents(listed, {}), *listed[len(opening) - 1 :]])
    pages_of_numbers = {record.number: pages[record.key] for record in reversed(records)}
    return [*opening, _contents(listed, pages), *records, *_legal_index(content, pages_of_numbers)]


def _first_pages(sections: Iterable[Section]) -> dict[str, int]:
    """Number of the first page of each section, the cover being page 1."""
    pages, following = {}, 1
    for section in sections:
        pages[section.key] = following
        following += len(section.pages)
    return pages


def _cover(content: DigestContent) -> list[Page]:
    flow = Flow(y=TOP - 150)
    flow.box(Box(0, 0, 16, PAGE_HEIGHT, ACCENT))
    flow.paragraph(content.title, COVER_TITLE, after=14)
    flow.paragraph(content.subtitle, COVER_SUBTITLE, after=26)
    flow.need(120)
    flow.box(Box(LEFT, flow.y, 64, 2.5, ACCENT))
    flow.space(26)
    flow.paragraph(content.organisation, COVER_ORGANISATION)
    flow.paragraph(gettext("Edition %(edition)d") % {"edition": content.edition}, COVER_FACTS)
    flow.paragraph(_day(content.issued_on), COVER_FACTS)
    return flow.pages


def _day(day: date) -> str:
    """The day as the edition's language writes it: English as Europe does, others as Django knows them."""
    in_english = (translation.get_language() or "en").startswith("en")
    return date_format(day, "j F Y" if in_english else "DATE_FORMAT")


def _foreword(content: DigestContent) -> list[Section]:
    if not legible(content.foreword).strip():
        return []
    flow = _chapter(gettext("Foreword"))
    flow.prose(content.foreword, BODY)
    return [Section("foreword", gettext("Foreword"), flow.pages)]


def _contents(listed: list[Section], pages: Mapping[str, int]) -> Section:
    flow = _chapter(gettext("Contents"))
    rows = [
        Row((section.number, section.title, str(pages.get(section.key, ""))), leads_to=section.key)
        for section in listed
    ]
    flow.table(CONTENTS_COLUMNS, rows)
    return Section("contents", gettext("Contents"), flow.pages)


def _record(record: RecordPage, key: str) -> Section:
    flow = Flow()
    flow.paragraph(gettext("Case %(number)s") % {"number": record.number}, RECORD_NUMBER)
    flow.paragraph(record.title, RECORD_TITLE, after=8)
    _facts(flow, record)
    if record.violations:
        _heading(flow, gettext("Violations"))
        flow.bullets(record.violations, BODY)
    _narrative(flow, record)
    if record.findings:
        _findings(flow, record)
    return Section(key, record.title, flow.pages, record.number)


def _facts(flow: Flow, record: RecordPage) -> None:
    facts = ((gettext("Country"), record.country), (gettext("Period"), record.period), *record.facets)
    told = [fact for fact in facts if legible(fact[1]).strip()]
    pairs = zip_longest(told[::2], told[1::2], fillvalue=("", ""))
    flow.box(Box(LEFT, flow.y, TEXT_WIDTH, 0.5, HAIRLINE))
    flow.table(FACT_COLUMNS, [Row(first + second) for first, second in pairs])


def _narrative(flow: Flow, record: RecordPage) -> None:
    if not legible(record.narrative).strip():
        return
    _heading(flow, gettext("What happened"))
    language = _other_language(record.narrative_language)
    if language:
        flow.paragraph(gettext("Language of this text: %(language)s") % {"language": language}, NOTE, after=4)
    flow.prose(record.narrative, BODY)


def _other_language(code: str) -> str:
    """Name of the language `code` in the edition's; empty where it is the edition's own, or unknown."""
    if code == translation.get_language():
        return ""
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return ""


def _findings(flow: Flow, record: RecordPage) -> None:
    _heading(flow, gettext("Findings"))
    head = (gettext("Right"), gettext("Provision"), gettext("Conclusion"))
    rows = [Row((finding.right, finding.provision, finding.conclusion)) for finding in record.findings]
    flow.table(FINDING_COLUMNS, rows, head=head)


def _legal_index(content: DigestContent, pages: Mapping[str, int]) -> list[Section]:
    """The index, or nothing for a digest without provisions; `pages` maps a record's number to its page."""
    if not content.legal_index:
        return []
    flow = _chapter(gettext("Legal index"))
    rows = [
        Row((provision, ", ".join(_reference(number, pages) for number in numbers)))
        for provision, numbers in content.legal_index
    ]
    flow.table(INDEX_COLUMNS, rows, head=(gettext("Provision"), gettext("Cases")))
    return [Section("legal-index", gettext("Legal index"), flow.pages)]


def _reference(number: str, pages: Mapping[str, int]) -> str:
    if number not in pages:
        return number
    reference = gettext("%(number)s (p. %(page)d)") % {"number": number, "page": pages[number]}
    return reference.replace(" ", "\N{NO-BREAK SPACE}")


def _chapter(title: str) -> Flow:
    flow = Flow()
    flow.paragraph(title, CHAPTER, after=12)
    return flow


def _heading(flow: Flow, title: str) -> None:
    flow.space(14)
    flow.need(SECTION.leading + BODY.leading * 3)
    flow.paragraph(title, SECTION, after=3)


def _write(content: DigestContent, sections: list[Section]) -> bytes:
    target = BytesIO()
    canvas = _canvas(content, target)
    total = sum(len(section.pages) for section in sections)
    note, margins = _note(), _margins(content)
    number = 0
    for section in sections:
        _mark(canvas, section)
        for page in section.pages:
            number += 1
            on_cover = section.key == "cover"
            _draw(canvas, [*page, *note] if on_cover else [*page, *margins, *note, _page_count(number, total)])
            canvas.showPage()
    canvas.save()
    return target.getvalue()


def _canvas(content: DigestContent, target: BytesIO) -> Canvas:
    """An empty canvas; every option is set here, so that no setting and no clock of a machine shows."""
    canvas = Canvas(
        target,
        pagesize=(PAGE_WIDTH, PAGE_HEIGHT),
        pageCompression=0,
        invariant=1,
        pdfVersion=(1, 4),
        initialFontName=REGULAR,
        initialFontSize=BODY.size,
        lang=content.language,
    )
    document = canvas._doc
    # Its own compression adds an encoding as text, which is slow and which a setting of the machine can change.
    document.defaultStreamFilters = [PDFZCompress]
    # It makes the file's identifier of SOURCE_DATE_EPOCH, where that is set, and not of what the pages say.
    document.signature = hashlib.md5(repr(content).encode(), usedforsecurity=False)
    day = datetime.combine(content.issued_on, datetime.min.time(), UTC)
    canvas.setDateFormatter(lambda *_now: f"D:{day.year:04d}{day:%m%d}000000Z")
    canvas.setTitle(legible(content.title).replace("\n", " "))
    canvas.setSubject("")
    for name in (canvas.setAuthor, canvas.setCreator, canvas.setProducer):
        name(_NEUTRAL_NAME)
    canvas.setViewerPreference("DisplayDocTitle", "true")
    canvas.showOutline()
    return canvas


def _mark(canvas: Canvas, section: Section) -> None:
    """Make the current page the target of links and of an entry in the outline."""
    canvas.bookmarkPage(section.key, fit="Fit")
    title = " ".join(filter(None, (section.number, section.title)))
    canvas.addOutlineEntry(legible(title).replace("\n", " ")[:_OUTLINE_TITLE_LENGTH], section.key)


def _margins(content: DigestContent) -> Page:
    """Header, and the rules that part header and footer from the page."""
    title = shorten(content.title, MARGINAL, TEXT_WIDTH * 0.58)
    organisation = shorten(content.organisation, MARGINAL, TEXT_WIDTH * 0.38)
    return [
        Lines(LEFT, HEADER, MARGINAL, (title,)),
        Lines(RIGHT - MARGINAL.width(organisation), HEADER, MARGINAL, (organisation,)),
        Box(LEFT, HEADER - 8, TEXT_WIDTH, 0.5, HAIRLINE),
        Box(LEFT, FOOTER + 14, TEXT_WIDTH, 0.5, HAIRLINE),
    ]


def _note() -> Page:
    text = gettext("Anonymised: names, places and dates have been removed or generalised.")
    return [Lines(LEFT, FOOTER, MARGINAL, tuple(wrap(text, MARGINAL, TEXT_WIDTH - 110)))]


def _page_count(number: int, total: int) -> Lines:
    text = gettext("Page %(page)d of %(pages)d") % {"page": number, "pages": total}
    return Lines(RIGHT - MARGINAL.width(text), FOOTER, MARGINAL, (text,))


def _draw(canvas: Canvas, page: Page) -> None:
    """Draw `page`: rules and tints first, so that text is never under them."""
    for box in [mark for mark in page if isinstance(mark, Box)]:
        canvas.setFillColorRGB(*box.colour)
        canvas.rect(box.x, box.y, box.width, box.height, stroke=0, fill=1)
    for link in [mark for mark in page if isinstance(mark, Link)]:
        corners = (link.x, link.y, link.x + link.width, link.y + link.height)
        canvas.linkAbsolute("", link.key, corners)
    text, style = canvas.beginText(), None
    for lines in [mark for mark in page if isinstance(mark, Lines)]:
        if lines.style != style:
            style = lines.style
            text.setFont(style.font, style.size, style.leading)
            text.setFillColorRGB(*style.colour)
        text.setTextOrigin(lines.x, lines.baseline)
        for line in lines.texts:
            text.textLine(line)
    canvas.drawText(text)
