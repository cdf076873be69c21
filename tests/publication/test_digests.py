"""Digests: editions of the own organisation, and what leaves in an export."""

import json
from hashlib import sha256
from io import BytesIO

import pytest
from django.http import Http404
from django.utils import timezone
from pypdf import PdfReader

from accounts.ledger_search import LedgerFilter, search_ledger
from accounts.models import Role
from casebook.core.errors import StaleRevisionError
from cases.models import Case
from cases.stages import Stage, StepRefusedError
from publication.actions import (
    DigestFacts,
    SupersededError,
    change_digest,
    create_digest,
    export_digest,
    issue_digest,
)
from publication.models import Digest, PublishedRecord
from publication.queries import (
    digest_content,
    digest_lines,
    digests_of,
    find_digest,
    records_for_digests,
    records_in,
)
from tests import raw_bytes
from tests.builders import World, found_world
from tests.cases.builders import NAME, PHONE, PLACE, TITLE
from tests.publication.builders import PUBLIC_TITLE, digest_of, published_case

pytestmark = pytest.mark.django_db

PLANTED = (NAME, "Пустовойтова", PHONE, PLACE, TITLE)


def facts(*records: PublishedRecord, title: str = "Without cause") -> DigestFacts:
    return DigestFacts(title, "", "", "en", records)


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)


def test_records_stand_in_the_order_they_were_given(world: World) -> None:
    records = [published_case(world)[1] for _each in range(3)]
    wanted = [records[2], records[0], records[1]]

    digest = digest_of(world, *wanted)

    assert records_in(digest) == wanted
    assert [page.number for page in digest_content(digest).records] == [row.number for row in wanted]
    assert [(line.position, line.row, line.title) for line in digest_lines(digest)] == [
        (place, row, PUBLIC_TITLE) for place, row in enumerate(wanted, start=1)
    ]


def test_a_digest_speaks_its_own_language(world: World) -> None:
    _opened, record = published_case(world)

    english, russian = (digest_content(digest_of(world, record, language=code)) for code in ("en", "ru"))

    assert english.records[0].findings[0].right == "Right to liberty"
    assert russian.records[0].findings[0].right == "Право на свободу"
    assert russian.records[0].violations == ("Произвольное задержание",)
    assert english.legal_index == (("ECHR 5", (record.number,)),)


def test_an_edition_in_preparation_is_changed_in_place(world: World) -> None:
    _opened, record = published_case(world)
    draft = digest_of(world, record, issued=False)

    written = change_digest(world.actor("advocate"), draft, facts(title="Changed"), revision=draft.revision)

    assert (written.pk, written.title, written.edition) == (draft.pk, "Changed", 1)
    assert records_in(written) == []


def test_a_change_of_an_issued_edition_makes_the_next_one(world: World) -> None:
    _opened, record = published_case(world)
    issued = digest_of(world, record)

    following = change_digest(world.actor("advocate"), issued, facts(record, title="Second"), revision=issued.revision)

    issued.refresh_from_db()
    assert (issued.title, issued.superseded_by, issued.is_superseded) == ("Without cause", following, False)
    assert (following.title, following.edition, following.issued_on) == ("Second", 2, None)


def test_the_earlier_edition_goes_out_of_use_when_the_next_one_is_issued(world: World) -> None:
    _opened, record = published_case(world)
    advocate = world.actor("advocate")
    issued = digest_of(world, record)
    following = change_digest(advocate, issued, facts(record), revision=issued.revision)
    assert export_digest(advocate, find_digest(advocate, issued.pk), as_pdf=False)

    issue_digest(advocate, following, revision=following.revision)

    with pytest.raises(SupersededError):
        export_digest(advocate, find_digest(advocate, issued.pk), as_pdf=True)
    assert export_digest(advocate, find_digest(advocate, following.pk), as_pdf=True)


def test_two_next_editions_of_one_are_refused(world: World) -> None:
    _opened, record = published_case(world)
    advocate = world.actor("advocate")
    issued = digest_of(world, record)
    change_digest(advocate, issued, facts(record), revision=issued.revision)
    issued.refresh_from_db()

    with pytest.raises(StaleRevisionError):
        change_digest(advocate, issued, facts(record), revision=issued.revision)


def test_a_second_editor_is_noticed(world: World) -> None:
    _opened, record = published_case(world)
    advocate = world.actor("advocate")
    draft = digest_of(world, record, issued=False)
    change_digest(advocate, draft, facts(record, title="Theirs"), revision=draft.revision)

    with pytest.raises(StaleRevisionError):
        change_digest(advocate, draft, facts(record, title="Mine"), revision=draft.revision)
    with pytest.raises(StaleRevisionError):
        issue_digest(advocate, draft, revision=draft.revision)


def test_an_edition_is_issued_once(world: World) -> None:
    _opened, record = published_case(world)
    issued = digest_of(world, record)

    with pytest.raises(StaleRevisionError):
        issue_digest(world.actor("advocate"), issued, revision=issued.revision)
    assert issued.issued_on == timezone.localdate()


def test_a_draft_that_is_read_over_says_that_it_is_one(world: World) -> None:
    _opened, record = published_case(world)

    draft = digest_content(digest_of(world, record, issued=False))
    issued = digest_content(digest_of(world, record))

    assert (draft.subtitle, issued.subtitle) == ("Stops in the street · Draft, not issued", "Stops in the street")


def test_an_edition_without_a_record_is_not_issued(world: World) -> None:
    draft = digest_of(world, issued=False)

    with pytest.raises(StepRefusedError):
        issue_digest(world.actor("advocate"), draft, revision=draft.revision)


@pytest.mark.parametrize("as_pdf", [True, False])
def test_an_export_has_the_record_and_none_of_the_words_it_came_from(world: World, as_pdf: bool) -> None:
    _opened, record = published_case(world)

    data = export_digest(world.actor("advocate"), digest_of(world, record), as_pdf=as_pdf)

    text = text_of(data) if as_pdf else data.decode()
    assert record.number in text
    assert "остановили" in text
    assert raw_bytes.found(PLANTED, text.encode() + data) == []
    assert not {"⟦", "⟧"} & set(text)


def test_the_json_export_is_what_the_edition_says(world: World) -> None:
    _opened, record = published_case(world)

    data = json.loads(export_digest(world.actor("advocate"), digest_of(world, record), as_pdf=False))

    assert (data["schema"], data["edition"], data["organisation"]) == ("casebook-digest/1", 1, "Harbour")
    assert [each["number"] for each in data["records"]] == [record.number]


def test_the_ledger_keeps_the_hash_of_what_left(world: World) -> None:
    _opened, record = published_case(world)

    data = export_digest(world.actor("advocate"), digest_of(world, record), as_pdf=True)

    rows = search_ledger(world.actor("auditor"), LedgerFilter()).rows
    (entry,) = [row for row in rows if row.action == "publication.export_digest"]
    assert entry.details is not None
    assert (entry.details["format"], entry.details["sha256"]) == ("pdf", sha256(data).hexdigest())


def test_a_record_whose_case_left_its_stage_is_in_no_export(world: World) -> None:
    opened, record = published_case(world)
    digest = digest_of(world, record)
    Case.objects.filter(pk=opened.case.pk).update(stage=Stage.ANONYMISATION)

    assert record.number.encode() not in export_digest(world.actor("advocate"), digest, as_pdf=False)
    assert [line.title for line in digest_lines(digest)] == [""]


def test_records_of_another_organisation_are_not_offered_and_not_taken(world: World) -> None:
    other = found_world("Lighthouse", "LT")
    _opened, foreign = published_case(other)

    assert records_for_digests(world.actor("advocate")) == []
    with pytest.raises(Http404):
        create_digest(world.actor("advocate"), facts(foreign))
    assert not Digest.objects.exists()


def test_digests_of_another_organisation_do_not_exist(world: World) -> None:
    _opened, record = published_case(world)
    digest = digest_of(world, record)
    other = found_world("Lighthouse", "LT", with_people=False)
    other.add("advocate", Role.ADVOCATE)
    stranger = other.actor("advocate")

    assert list(digests_of(stranger)) == []
    with pytest.raises(Http404):
        find_digest(stranger, digest.pk)
    with pytest.raises(Http404):
        change_digest(stranger, digest, facts(), revision=digest.revision)
    with pytest.raises(Http404):
        issue_digest(stranger, digest, revision=digest.revision)
    with pytest.raises(Http404):
        export_digest(stranger, digest, as_pdf=False)


@pytest.mark.parametrize("person", ["lawyer", "coordinator", "expert", "admin", "auditor"])
def test_digests_are_for_advocates(world: World, person: str) -> None:
    actor = world.actor(person)

    with pytest.raises(Http404):
        digests_of(actor)
    with pytest.raises(Http404):
        create_digest(actor, facts())
