"""The JSON of a digest: one documented schema, every value, the same bytes every time."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

from publication.digest_content import DigestContent, FindingLine, RecordPage
from publication.digest_json import SCHEMA, render_json

ROOT = Path(__file__).parents[2]

DIGEST = DigestContent(
    title="After the arrest",
    subtitle="Two cases",
    organisation="Քաղաքացիական ցանց",
    language="en",
    edition=2,
    issued_on=date(2026, 3, 5),
    foreword="Read <this> & that.",
    records=(
        RecordPage(
            number="B-2",
            title="აფთიაქთან",
            country="Georgia",
            period="2025",
            facets=(("Sex", "Woman"), ("Age", "25–34")),
            narrative="Первый абзац.\n\nВторой абзац.",
            narrative_language="ru",
            violations=("Arbitrary arrest", "Extortion"),
            findings=(FindingLine(right="Liberty", provision="ECHR 5", conclusion="Violated"),),
        ),
        RecordPage(
            number="A-1",
            title="Held",
            country="Latvia",
            period="2024",
            facets=(),
            narrative="",
            narrative_language="en",
            violations=(),
            findings=(),
        ),
    ),
    legal_index=(("ECHR 5", ("B-2", "A-1")), ("CAT 1", ("A-1",))),
)


def test_the_json_says_everything_the_digest_says_in_the_digests_order() -> None:
    assert json.loads(render_json(DIGEST)) == {
        "schema": "casebook-digest/1",
        "title": "After the arrest",
        "subtitle": "Two cases",
        "organisation": "Քաղաքացիական ցանց",
        "foreword": "Read <this> & that.",
        "language": "en",
        "edition": 2,
        "issued_on": "2026-03-05",
        "records": [
            {
                "number": "B-2",
                "title": "აფთიაქთან",
                "country": "Georgia",
                "period": "2025",
                "facets": [{"label": "Sex", "value": "Woman"}, {"label": "Age", "value": "25–34"}],
                "narrative": "Первый абзац.\n\nВторой абзац.",
                "narrative_language": "ru",
                "violations": ["Arbitrary arrest", "Extortion"],
                "findings": [{"right": "Liberty", "provision": "ECHR 5", "conclusion": "Violated"}],
            },
            {
                "number": "A-1",
                "title": "Held",
                "country": "Latvia",
                "period": "2024",
                "facets": [],
                "narrative": "",
                "narrative_language": "en",
                "violations": [],
                "findings": [],
            },
        ],
        "legal_index": [
            {"provision": "ECHR 5", "records": ["B-2", "A-1"]},
            {"provision": "CAT 1", "records": ["A-1"]},
        ],
    }


def test_keys_come_in_the_documented_order_beginning_with_the_schema() -> None:
    digest = json.loads(render_json(DIGEST))

    assert list(digest) == [
        "schema",
        "title",
        "subtitle",
        "organisation",
        "foreword",
        "language",
        "edition",
        "issued_on",
        "records",
        "legal_index",
    ]
    assert digest["schema"] == SCHEMA


def test_letters_of_every_script_stand_in_the_file_as_they_are() -> None:
    written = render_json(DIGEST)

    assert "Քաղաքացիական ցանց".encode() in written
    assert "აფთიაქთან".encode() in written
    assert "Второй абзац".encode() in written
    assert written.endswith(b"}\n")


def test_half_a_surrogate_pair_becomes_a_replacement_character_and_a_whole_pair_its_character() -> None:
    broken = replace(DIGEST, title="a\ud83d b", subtitle="\ude00", foreword="\ud83d\ude00")

    digest = json.loads(render_json(broken))

    assert [digest[key] for key in ("title", "subtitle", "foreword")] == ["a\ufffd b", "\ufffd", "😀"]


def test_another_process_with_another_hash_seed_and_time_zone_writes_the_same_bytes() -> None:
    program = (
        "import sys; from tests.publication.test_digest_json import DIGEST;"
        "from publication.digest_json import render_json; sys.stdout.buffer.write(render_json(DIGEST))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Almaty", "LC_ALL": "C"}
    other = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, check=True)

    assert other.stdout == render_json(DIGEST)
