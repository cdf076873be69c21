"""Evidence: what goes up comes down the same, damaged files are refused before their first byte."""

from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from casebook.core.uploads import stored_path
from cases.actions import move
from cases.levels import AccessLevel
from cases.models import Case, EvidenceFile
from cases.sharing import grant
from cases.stages import Stage
from cases.views.evidence import safe_name
from tests.builders import World
from tests.cases.builders import case_in_analysis, new_case, told_case
from tests.cases.pages import forms_in, words
from tests.clients import client_of

BYTES = bytes(range(256)) * 3000
NAME = "Лукерья – синяк, 14 марта.jpg"


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, settings: object) -> None:
    """Files of a test lie in a folder of its own."""
    settings.CASEBOOK_UPLOAD_DIR = tmp_path / "uploads"  # type: ignore[attr-defined]
    settings.CASEBOOK_EVIDENCE_DIR = tmp_path / "evidence"  # type: ignore[attr-defined]


@pytest.fixture
def lawyer(world: World) -> Client:
    return client_of(world, "lawyer")


def url_of(case: Case, name: str = "evidence", *more: object) -> str:
    return reverse(f"cases:{name}", args=[case.reference, *more])


def attach(
    client: Client, case: Case, content: bytes = BYTES, name: str = NAME, kind: str = "photo_injuries"
) -> EvidenceFile:
    file = SimpleUploadedFile(name, content, content_type="image/jpeg")
    response = client.post(url_of(case), {"file": file, "kind": kind})
    assert response.status_code == 302, words(response)
    return EvidenceFile.objects.latest("id")


def left_overs() -> list[str]:
    return sorted(path.name for path in Path(settings.CASEBOOK_UPLOAD_DIR).glob("*"))


def test_a_file_comes_down_as_it_went_up_always_as_an_attachment(world: World, lawyer: Client) -> None:
    opened = told_case(world)
    row = attach(lawyer, opened.case)

    page = words(lawyer.get(url_of(opened.case)))
    response = lawyer.get(url_of(opened.case, "evidence_download", row.id))

    assert NAME in page
    assert "750 KB" in page
    assert b"".join(response.streaming_content) == BYTES  # type: ignore[attr-defined]
    assert response.headers["Content-Length"] == str(len(BYTES))
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''%D0%9B")
    assert "no-store" in response.headers["Cache-Control"]
    assert left_overs() == []


def test_the_checklist_ticks_off_what_is_on_file(world: World, lawyer: Client) -> None:
    opened = told_case(world)
    attach(lawyer, opened.case, kind="arrest_record")

    page = words(lawyer.get(url_of(opened.case)))

    assert page.count("on file") == 1
    assert page.index("Badge number") < page.index("Copy of the detention record", page.index("Evidence to gather"))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("a.txt", "a.txt"),
        ("../../etc/passwd", "passwd"),
        ("C:\\x\\y.pdf", "y.pdf"),
        ('q"uote\r\nSet-Cookie: a=b.txt', 'q"uoteSet-Cookie: a=b.txt'),
        ("\u202egpj.exe", "gpj.exe"),
        ("...", "file"),
        ("\0", "file"),
        ("", "file"),
    ],
)
def test_a_file_name_cannot_mislead(given: str, kept: str) -> None:
    assert safe_name(given) == kept


def test_an_expert_downloads_and_cannot_attach_or_delete(world: World, lawyer: Client) -> None:
    opened = case_in_analysis(world)
    row = attach(lawyer, opened.case)
    grant(opened, world.people["expert"], AccessLevel.EXPERT)
    expert = client_of(world, "expert")

    response = expert.get(url_of(opened.case, "evidence_download", row.id))

    assert b"".join(response.streaming_content) == BYTES  # type: ignore[attr-defined]
    assert all("kind" not in form.fields for form in forms_in(expert.get(url_of(opened.case))))
    assert expert.post(url_of(opened.case), {"kind": ""}).status_code == 404
    assert expert.post(url_of(opened.case, "evidence_remove", row.id)).status_code == 404


def test_who_may_not_read_the_story_reaches_no_file(world: World, lawyer: Client) -> None:
    opened = told_case(world)
    row = attach(lawyer, opened.case)
    grant(opened, world.people["advocate"], AccessLevel.REVIEWER)

    for name in ("advocate", "colleague", "admin"):
        client = client_of(world, name)
        assert client.get(url_of(opened.case)).status_code == 404
        assert client.get(url_of(opened.case, "evidence_download", row.id)).status_code == 404


@pytest.mark.parametrize("damage", ["cut", "flipped", "longer", "gone"])
def test_a_damaged_file_is_refused_before_its_first_byte(world: World, lawyer: Client, damage: str) -> None:
    opened = told_case(world)
    row = attach(lawyer, opened.case)
    path = stored_path(row.file_id)
    sealed = path.read_bytes()
    match damage:
        case "cut":
            path.write_bytes(sealed[:-1])
        case "flipped":
            path.write_bytes(sealed[:-20] + bytes([sealed[-20] ^ 1]) + sealed[-19:])
        case "longer":
            path.write_bytes(sealed + b"x")
        case _:
            path.unlink()

    response = lawyer.get(url_of(opened.case, "evidence_download", row.id))

    assert response.status_code == 500
    assert not response.streaming
    assert "failed its integrity check" in words(response)


def test_a_file_of_another_case_is_not_there(world: World, lawyer: Client) -> None:
    mine, other = told_case(world), told_case(world)
    theirs = attach(lawyer, other.case)

    for evidence_id in (theirs.id, uuid4()):
        assert lawyer.get(url_of(mine.case, "evidence_download", evidence_id)).status_code == 404
        assert lawyer.post(url_of(mine.case, "evidence_remove", evidence_id)).status_code == 404
    assert stored_path(theirs.file_id).exists()


@pytest.mark.django_db(transaction=True)
def test_a_deleted_file_is_gone_from_the_disk(world: World, lawyer: Client) -> None:
    opened = told_case(world)
    row = attach(lawyer, opened.case)
    remove = next(form for form in forms_in(lawyer.get(url_of(opened.case))) if form.action.endswith("/remove/"))

    assert lawyer.get(remove.action).status_code == 405
    assert lawyer.post(remove.action, remove.fields).status_code == 302

    assert not stored_path(row.file_id).exists()
    assert EvidenceFile.objects.count() == 0


def test_an_empty_file_no_file_and_an_unknown_kind_are_refused(world: World, lawyer: Client) -> None:
    opened = told_case(world)
    empty = SimpleUploadedFile("a.txt", b"")

    for fields in ({"file": empty}, {}, {"file": "text instead of a file"}):
        assert lawyer.post(url_of(opened.case), fields).status_code == 422
    for kind in ("robot", "\0"):
        typed = {"file": SimpleUploadedFile("a.txt", b"x"), "kind": kind}
        assert lawyer.post(url_of(opened.case), typed).status_code == 422
    assert EvidenceFile.objects.count() == 0
    assert left_overs() == []


def test_a_file_over_the_limit_is_refused_and_leaves_nothing_behind(
    world: World, lawyer: Client, settings: object
) -> None:
    settings.CASEBOOK_MAX_UPLOAD = 2**20  # type: ignore[attr-defined]
    opened = told_case(world)

    response = lawyer.post(url_of(opened.case), {"file": SimpleUploadedFile("a.bin", bytes(2**20 + 1))})

    assert response.status_code == 422
    assert "larger than 1 MB" in words(response)
    assert EvidenceFile.objects.count() == 0
    assert left_overs() == []


def test_nothing_is_attached_to_a_case_under_review(world: World, lawyer: Client) -> None:
    opened = case_in_analysis(world)
    move(opened, Stage.ANONYMISATION)
    move(opened, Stage.REVIEW)

    response = lawyer.post(url_of(opened.case), {"file": SimpleUploadedFile("a.txt", b"x")})

    assert response.status_code == 409
    assert left_overs() == []


def test_a_case_without_files_says_what_to_gather(world: World, lawyer: Client) -> None:
    opened = told_case(world)

    assert "Hour-by-hour timeline" in words(lawyer.get(url_of(opened.case)))
    assert "No files yet" in words(lawyer.get(url_of(new_case(world).case)))
