"""The PDF of a digest: same bytes from the same content, real text in every script, and nothing about its makers."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation
from django.utils.translation import gettext
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from pypdf.generic import BooleanObject

from publication.digest_content import DigestContent, FindingLine, RecordPage
from publication.digest_pdf import render_pdf

ROOT = Path(__file__).parents[2]

SENTENCES = {
    "Latin": "Žmona sulaikyta prie vaistinės; zatrzymana pod apteką; reținută lângă spital; tutuklandı, ığdır əl.",
    "Cyrillic": "Её задержали у аптеки; її затримали біля аптеки; оны дәріхана жанында ұстады; ўро дастгир карданд ҳҷ.",
    "Georgian": "იგი დააკავეს აფთიაქთან და ექიმი არ გამოიძახეს.",
    "Armenian": "Նրան ձերբակալել են դեղատան մոտ և բժիշկ չեն կանչել։",
    "mixed": "ქალი woman женщина կին, § 5 № 12, 90 ₾ = 30 €.",
}


def make_record(number: str = "A-1", title: str = "Held at a pharmacy", **changes: Any) -> RecordPage:
    record = RecordPage(
        number=number,
        title=title,
        country="Latvia",
        period="2025",
        facets=(("Sex", "Woman"), ("Age", "25–34")),
        narrative="She was stopped.\n\nNo doctor was called.",
        narrative_language="en",
        violations=("Arbitrary arrest",),
        findings=(FindingLine(right="Liberty", provision="ECHR 5", conclusion="Violated."),),
    )
    return replace(record, **changes)


def make_digest(*records: RecordPage, **changes: Any) -> DigestContent:
    digest = DigestContent(
        title="After the arrest",
        subtitle="Cases of women who use drugs",
        organisation="Network of street lawyers",
        language="en",
        edition=3,
        issued_on=date(2026, 3, 5),
        foreword="Why we publish this.",
        records=records or (make_record(),),
        legal_index=(("ECHR 5", tuple(record.number for record in records)),),
    )
    return replace(digest, **changes)


def rich_digest() -> DigestContent:
    """Every script, several pages, tables that break: what another process must repeat to the byte."""
    records = [
        make_record(f"A-{place}", sentence, narrative=f"{sentence}\n\n" * 60, narrative_language="ka")
        for place, sentence in enumerate(SENTENCES.values(), start=1)
    ]
    return make_digest(*records, language="ru", title=SENTENCES["mixed"])


def read(content: DigestContent) -> PdfReader:
    return PdfReader(BytesIO(render_pdf(content)))


def page_texts(reader: PdfReader) -> list[str]:
    """Text of each page on one line: where a line ends is layout, not text."""
    return [" ".join(page.extract_text().split()) for page in reader.pages]


def outline(reader: PdfReader) -> list[tuple[str, int]]:
    """Title and page, counted from 1, of each entry of the outline."""
    entries: list[tuple[str, int]] = []
    for entry in reader.outline:
        assert not isinstance(entry, list)
        page = reader.get_destination_page_number(entry)
        assert page is not None
        entries.append((str(entry.title), page + 1))
    return entries


def catalog(reader: PdfReader) -> Any:
    return reader.root_object


def resources(reader: PdfReader) -> Iterator[Any]:
    for page in reader.pages:
        yield page["/Resources"]


def annotations(reader: PdfReader) -> Iterator[Any]:
    for page in reader.pages:
        for annotation in page.get("/Annots", []):
            yield annotation.get_object()


def run_python(program: str, **environment: str) -> bytes:
    """Output of a Python program in another process that has Django ready."""
    begin = "import sys, django; django.setup(); from tests.publication.test_digest_pdf import *;"
    finished = subprocess.run(
        [sys.executable, "-c", begin + program],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        check=True,
    )
    return finished.stdout


def test_the_same_content_gives_the_same_bytes() -> None:
    assert render_pdf(rich_digest()) == render_pdf(rich_digest())


def test_another_process_with_another_hash_seed_clock_and_settings_gives_the_same_bytes() -> None:
    other = run_python(
        "sys.stdout.buffer.write(render_pdf(rich_digest()))",
        PYTHONHASHSEED="4242",
        TZ="Asia/Almaty",
        LC_ALL="C",
        SOURCE_DATE_EPOCH="1234567890",
        RL_useA85="0",
        RL_invariant="0",
    )

    assert other == render_pdf(rich_digest())


def test_another_content_gives_another_file_identifier() -> None:
    one, other = read(make_digest()), read(make_digest(make_record(narrative="Something else happened.")))

    assert one.trailer["/ID"] != other.trailer["/ID"]


@pytest.mark.parametrize("script", SENTENCES)
def test_text_in_every_script_can_be_copied_out_of_every_part(script: str) -> None:
    sentence = SENTENCES[script]
    finding = FindingLine(right=sentence, provision=sentence, conclusion=sentence)
    record = make_record(title=sentence, narrative=sentence, violations=(sentence,), findings=(finding,))

    cover, foreword, contents, page, *_ = page_texts(read(make_digest(record, title=sentence, foreword=sentence)))

    assert sentence in cover
    assert sentence in foreword
    assert sentence in contents
    assert page.count(sentence) >= 3
    for part in sentence.split():
        assert page.count(part) >= 6


def test_a_character_no_font_has_is_shown_as_a_box() -> None:
    assert "signed □□ and left" in page_texts(read(make_digest(make_record(narrative="signed 汉字 and left"))))[3]


def test_mark_up_in_a_text_is_printed_as_it_was_typed() -> None:
    typed = (
        'He said <b>"pay" & go</b> <img src="http://pixel.example/x.png"/> <a href="http://pixel.example">here</a> '
        "<font color=red>&lt;red&gt;</font> <para> %(page)d {0} \\(a) <link href='#x'> ]]> <seq/>"
    )
    reader = read(make_digest(make_record(title=typed, narrative=typed, violations=(typed,)), foreword=typed))

    texts = page_texts(reader)
    assert typed in texts[1]
    assert texts[3].count(typed) == 3


def test_an_address_in_a_text_is_never_a_link_and_the_file_holds_no_picture_script_or_file() -> None:
    record = make_record(narrative="https://pixel.example/x.png <a href='https://pixel.example'>x</a>")
    content = make_digest(record)
    reader = read(content)

    links = list(annotations(reader))
    assert len(links) == 3  # the contents: foreword, record, legal index
    assert all(link["/Subtype"] == "/Link" and "/A" not in link and "/AA" not in link for link in links)
    assert all("/XObject" not in resource for resource in resources(reader))
    names = {"/AcroForm", "/AF", "/JavaScript", "/Metadata", "/Names", "/OpenAction", "/URI", "/AA"}
    assert names.isdisjoint(catalog(reader))


WATCH = """
import json
events = []
def watch(event, arguments):
    if event == "open" or event.split(".")[0] in {"socket", "urllib", "http", "subprocess", "tempfile", "shutil", "os"}:
        events.append([event, *map(str, arguments)])
content = rich_digest()
sys.addaudithook(watch)
pdf = render_pdf(content)
seen = list(events)
open("/dev/null", "wb").close()
json.dump({"seen": seen, "pages": len(PdfReader(BytesIO(pdf)).pages), "proof": events[len(seen)]}, sys.stdout)
"""


def test_rendering_reads_only_its_fonts_and_labels_writes_no_file_and_opens_no_socket() -> None:
    watched = json.loads(run_python(WATCH))

    opened = [event for event in watched["seen"] if event[0] == "open"]
    others = {event[0] for event in watched["seen"]} - {"open", "os.listdir", "os.scandir"}
    data = [name for _, name, *_ in opened if not name.endswith((".py", ".pyc", ".mo"))]
    assert watched["pages"] > 8
    assert watched["proof"][:3] == ["open", "/dev/null", "w"]
    assert sorted(data) == [
        str(ROOT / f"publication/fonts/CasebookSans-{weight}.ttf") for weight in ("Bold", "Regular")
    ]
    assert {mode for _, _, mode, _ in opened} == {"r"}
    assert others == set()


def test_metadata_name_the_digest_and_no_person_machine_or_moment() -> None:
    metadata: dict[str, Any] = dict(read(make_digest()).metadata or {})

    assert metadata == {
        "/Title": "After the arrest",
        "/Author": "Casebook",
        "/Creator": "Casebook",
        "/Producer": "Casebook",
        "/Subject": "",
        "/Keywords": "",
        "/CreationDate": "D:20260305000000Z",
        "/ModDate": "D:20260305000000Z",
        "/Trapped": "/False",
    }
    assert str(ROOT).encode() not in render_pdf(make_digest())


def test_readers_are_told_the_language_and_the_title() -> None:
    root = catalog(read(make_digest(language="ru")))

    assert root["/Lang"] == "ru"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"] == BooleanObject(True)


def test_all_fonts_are_embedded_and_map_back_to_unicode() -> None:
    fonts = {
        font["/BaseFont"].split("+")[1]: font
        for resource in resources(read(rich_digest()))
        for font in (reference.get_object() for reference in resource["/Font"].values())
    }

    assert set(fonts) == {"CasebookSans-Regular", "CasebookSans-Bold"}
    assert all("/FontFile2" in font["/FontDescriptor"] and "/ToUnicode" in font for font in fonts.values())


def test_the_outline_and_the_contents_lead_to_the_pages_they_name() -> None:
    long = make_record("A-1", "A long case", narrative="She waited.\n\n" * 200)
    records = (long, make_record("B-2", "A short case"), make_record("C-3", "The last case"))
    reader = read(make_digest(*records))
    texts = page_texts(reader)
    entries = outline(reader)

    assert [title for title, _ in entries] == [
        "After the arrest",
        "Foreword",
        "Contents",
        "A-1 A long case",
        "B-2 A short case",
        "C-3 The last case",
        "Legal index",
    ]
    pages = dict(entries)
    assert pages["B-2 A short case"] - pages["A-1 A long case"] > 3
    for record in records:
        page = pages[f"{record.number} {record.title}"]
        assert f"Case {record.number} {record.title}" in texts[page - 1]
        assert f"{record.number} {record.title} {page}" in texts[2]
        assert f"{record.number} (p. {page})" in texts[-1]
    destinations = [link["/Dest"][0].get_object() for link in annotations(reader)]
    assert destinations == [
        reader.pages[page - 1] for title, page in entries if title not in ("After the arrest", "Contents")
    ]


def test_contents_of_many_pages_still_name_the_right_pages() -> None:
    records = [make_record(f"N-{place}", f"Story {place}.") for place in range(1, 121)]
    reader = read(make_digest(*records))
    texts = page_texts(reader)
    pages = dict(outline(reader))

    assert pages["N-1 Story 1."] > pages["Contents"] + 2
    contents = " ".join(texts[pages["Contents"] - 1 : pages["N-1 Story 1."] - 1])
    for place in (1, 60, 120):
        page = pages[f"N-{place} Story {place}."]
        assert f"Case N-{place} Story {place}." in texts[page - 1]
        assert f"N-{place} Story {place}. {page} " in contents


def test_every_page_but_the_cover_says_which_of_how_many_it_is_and_every_page_that_it_is_anonymised() -> None:
    reader = read(make_digest(make_record(), make_record("B-2", "Another")))
    texts = page_texts(reader)

    assert all("Anonymised: names, places and dates have been removed or generalised." in text for text in texts)
    assert "Page 1 of" not in texts[0]
    assert [f"Page {number} of {len(texts)}" in text for number, text in enumerate(texts[1:], start=2)] == [True] * 5


def test_the_cover_says_what_this_is_who_issued_it_and_when() -> None:
    cover = page_texts(read(make_digest()))[0]

    assert cover.startswith(
        "After the arrest Cases of women who use drugs Network of street lawyers Edition 3 5 March 2026"
    )


def test_a_record_page_shows_everything_known_and_no_heading_without_content() -> None:
    full, bare = page_texts(
        read(
            make_digest(
                make_record(),
                make_record(number="B-2", period="", facets=(), violations=(), narrative=" ", findings=()),
            )
        )
    )[3:5]

    assert (
        "Case A-1 Held at a pharmacy Country Latvia Period 2025 Sex Woman Age 25–34 Violations Arbitrary arrest "
        "What happened She was stopped. No doctor was called. "
        "Findings Right Provision Conclusion Liberty ECHR 5 Violated."
    ) in full
    assert "Case B-2 Held at a pharmacy Country Latvia" in bare
    assert not any(heading in bare for heading in ("Period", "Violations", "What happened", "Findings"))


def test_a_narrative_in_another_language_than_the_edition_says_which() -> None:
    georgian = make_record(narrative=SENTENCES["Georgian"], narrative_language="ka")
    page, own, unknown = page_texts(
        read(make_digest(georgian, make_record("B-2"), make_record("C-3", narrative_language="rmn")))
    )[3:6]

    assert "Language of this text: Georgian" in page
    assert "Language of this text" not in own
    assert "Language of this text" not in unknown


def test_fixed_labels_are_in_the_language_of_the_edition_whatever_the_reader_of_the_site_uses() -> None:
    with translation.override("en"):
        texts = page_texts(read(make_digest(language="ru")))
        assert translation.get_language() == "en"
    with translation.override("ru"):
        label = gettext("Page %(page)d of %(pages)d") % {"page": 2, "pages": len(texts)}

    assert label in texts[1]
    assert "5 марта 2026" in texts[0]


def test_without_a_foreword_there_is_no_page_for_it() -> None:
    reader = read(make_digest(foreword=" \n\n\u200b "))

    assert outline(reader)[:2] == [("After the arrest", 1), ("Contents", 2)]
    assert "Foreword" not in " ".join(page_texts(reader))


def test_a_digest_without_records_and_index_still_has_a_cover_and_contents() -> None:
    empty = replace(make_digest(), records=(), legal_index=(), foreword="")

    assert outline(read(empty)) == [("After the arrest", 1), ("Contents", 2)]


def test_the_legal_index_names_a_record_of_another_edition_without_a_page() -> None:
    texts = page_texts(read(make_digest(legal_index=(("CAT 1", ("A-1", "Z-9")),))))

    assert "CAT 1 A-1 (p. 4), Z-9" in texts[-1]


def test_a_narrative_of_200_kilobytes_comes_out_whole_and_in_order() -> None:
    words = [f"слово{place}" for place in range(14_000)]
    narrative = "\n\n".join(" ".join(words[start : start + 140]) for start in range(0, len(words), 140))
    reader = read(make_digest(make_record(narrative=narrative), foreword=""))
    text = " ".join(page_texts(reader)[2:-1])

    assert len(narrative.encode()) > 200_000
    assert [word for word in text.split() if word.startswith("слово")] == words


@pytest.mark.parametrize(
    "text", ["ы" * 20_000, "კონსტიტუცია " * 1_600, "a-b/c" * 4_000], ids=["word", "words", "hyphens"]
)
def test_a_huge_text_in_any_place_breaks_over_pages(text: str) -> None:
    finding = FindingLine(right=text, provision=text, conclusion=text)
    record = make_record(text, text, facets=((text, text),), violations=(text,), findings=(finding,))

    reader = read(make_digest(record, title=text, subtitle=text, organisation=text, legal_index=((text, (text,)),)))

    assert len(reader.pages) > 60


def test_a_conclusion_longer_than_a_page_goes_on_under_a_repeated_head() -> None:
    words = [f"w{place}" for place in range(1500)]
    finding = FindingLine(right="Liberty", provision="ECHR 5", conclusion=" ".join(words))
    texts = page_texts(read(make_digest(make_record(narrative="", findings=(finding,)))))[3:-1]

    assert len(texts) > 2
    assert all("Right Provision Conclusion" in text for text in texts)
    assert [word for text in texts for word in text.split() if word[0] == "w" and word[1:].isdigit()] == words


@given(st.text(st.characters(exclude_categories=()), max_size=60))
@settings(deadline=None, max_examples=60)
def test_no_text_whatever_stops_the_rendering(text: str) -> None:
    finding = FindingLine(right=text, provision=text, conclusion=text)
    record = make_record(
        text, text, country=text, facets=((text, text),), narrative=text, violations=(text,), findings=(finding,)
    )

    assert render_pdf(make_digest(record, title=text, organisation=text, foreword=text)).startswith(b"%PDF-")
