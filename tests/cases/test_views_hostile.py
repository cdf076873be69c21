"""Pages of stage 1 under attack: MARKUP in every sealed text, broken encodings, wrong methods, endless input."""

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from cases.access import OpenCase
from cases.actions import Facts, change_facts, save_narrative, save_person
from cases.contents import Card, IncidentDetails, Profile
from cases.levels import AccessLevel
from cases.models import Case, EvidenceFile, Person, Statement
from cases.sharing import grant
from tests.builders import World
from tests.cases.builders import STORY, new_case, told_case
from tests.cases.pages import opened_form, words
from tests.clients import client_of

MARKUP = " ".join(
    (
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(2)>',
        "'><svg/onload=alert(3)>",
        "</textarea><script>alert(4)</script>",
        "</title><script>alert(5)</script>",
        "<a href=javascript:alert(6)>x</a>",
        "{{ 7|add:7 }}{% now 'Y' %}",
    )
)


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, settings: Any) -> None:
    """Files of a test lie in a folder of its own."""
    settings.CASEBOOK_UPLOAD_DIR = tmp_path / "uploads"
    settings.CASEBOOK_EVIDENCE_DIR = tmp_path / "evidence"


@pytest.fixture
def lawyer(world: World) -> Client:
    return client_of(world, "lawyer")


def url_of(case: Case, name: str, *more: object) -> str:
    return reverse(f"cases:{name}", args=[case.reference, *more])


class _Active(HTMLParser):
    """Collects what a browser would run: scripts in the page, handlers in attributes, addresses that are code."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script" and not (given.get("src") or "").startswith("/static/"):
            self.found.append(tag)
        for name, value in attrs:
            if name.startswith("on") or name == "style" or (value or "").strip().lower().startswith("javascript:"):
                self.found.append(f"{tag} {name}={value}")


def active_parts(page: str) -> list[str]:
    reader = _Active()
    reader.feed(page)
    return reader.found


def hostile_case(world: World) -> OpenCase:
    """A case with markup in every text that somebody types."""
    opened = new_case(world)
    lists = (MARKUP,)
    profile = Profile("client", MARKUP, MARKUP, MARKUP, lists, lists, lists, lists, lists, lists, lists, note=MARKUP)
    save_person(opened, profile)
    save_narrative(opened, f"{MARKUP} рассказала: {MARKUP}. Телефон +995 599 00 11 22.", language="ru", revision=None)
    card = Card(title=MARKUP, region=MARKUP, gender="woman")
    incident = IncidentDetails(place=MARKUP)
    facts = Facts("GE", 2025, "patrol", ("arbitrary-arrest",), card, incident)
    change_facts(opened, facts, revision=opened.case.revision)
    return opened


def pages_of(case: Case) -> Iterator[str]:
    yield reverse("cases:list")
    for name in ("detail", "facts", "people", "narrative", "mentions", "consent", "evidence", "sharing", "history"):
        yield url_of(case, name)
    yield url_of(case, "person_edit", Person.objects.get(case=case).pk)
    yield url_of(case, "history_version", Statement.history.filter(case_id=case.pk).first().history_id)


def test_markup_in_any_sealed_text_is_shown_as_text(world: World, lawyer: Client) -> None:
    opened = hostile_case(world)
    file = SimpleUploadedFile(f"{MARKUP.replace('/', '')}.jpg", b"x")
    assert lawyer.post(url_of(opened.case, "evidence"), {"file": file}).status_code == 302
    grant(opened, world.people["expert"], AccessLevel.EXPERT)
    expert = client_of(world, "expert")

    for url in pages_of(opened.case):
        response = lawyer.get(url)
        assert response.status_code == 200, url
        assert active_parts(words(response)) == [], url
        assert "<img" not in words(response)
    assert active_parts(words(expert.get(url_of(opened.case, "detail")))) == []
    assert EvidenceFile.objects.count() == 1


def test_markup_in_refused_forms_is_shown_as_text(world: World, lawyer: Client) -> None:
    opened = told_case(world)
    sent = {
        "facts": {"title": MARKUP, "place": MARKUP, "country": MARKUP, "violations": MARKUP, "revision": MARKUP},
        "narrative": {"text": MARKUP, "language": MARKUP, "revision": MARKUP},
        "mentions": {"missed": MARKUP, "missed_kind": MARKUP, "revision": MARKUP},
        "person_add": {"role": MARKUP, "given": MARKUP, "phones": MARKUP, "note": MARKUP},
        "consent": {"keep-answer": MARKUP, "keep-until": MARKUP, "keep-revision": MARKUP},
        "evidence": {"kind": MARKUP},
        "share": {"who": MARKUP},
    }

    for name, fields in sent.items():
        response = lawyer.post(url_of(opened.case, name), fields)
        assert response.status_code == 422, name
        assert active_parts(words(response)) == [], name


def test_markup_in_a_conflict_is_shown_as_text(world: World, lawyer: Client) -> None:
    opened = hostile_case(world)
    story = opened_form(lawyer, url_of(opened.case, "narrative"), "text")
    facts = opened_form(lawyer, url_of(opened.case, "facts"), "title")

    for name, form in (("narrative", story), ("facts", facts)):
        stale = form.with_values(revision="0", text=MARKUP, title=MARKUP[:100], region=MARKUP[:100])
        response = lawyer.post(url_of(opened.case, name), stale)
        assert response.status_code == 409
        assert active_parts(words(response)) == []


BODIES = [
    ("application/x-www-form-urlencoded", b"text=%ff%fe%80&language=ru&revision="),
    ("application/x-www-form-urlencoded", b"text=%ED%A0%80&language=ru&revision="),
    ("application/x-www-form-urlencoded; charset=utf-7", b"text=%2B2AA-&language=ru&revision="),
    ("application/x-www-form-urlencoded", b"&&&=&text"),
    ("application/x-www-form-urlencoded", b"x=1&" * 6000),
    ("application/json", b'{"text": "x"}'),
    ("multipart/form-data", b"no boundary"),
    ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\nno end'),
    (
        "multipart/form-data; boundary=x; charset=utf-7",
        b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n+2AA-\r\n'
        b'--x\r\nContent-Disposition: form-data; name="language"\r\n\r\nru\r\n--x--\r\n',
    ),
    (
        "multipart/form-data; boundary=x; charset=nonsense",
        b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\nx\r\n--x--\r\n',
    ),
    ("text/plain", b"\xff" * 1000),
    ("", b""),
]


@pytest.mark.parametrize(
    "name", ["narrative", "facts", "person_add", "consent", "evidence", "share", "step", "mentions"]
)
def test_a_broken_body_never_breaks_a_page(world: World, lawyer: Client, name: str) -> None:
    opened = told_case(world)

    answers = {
        body: lawyer.generic("POST", url_of(opened.case, name), body, content_type=content_type).status_code
        for content_type, body in BODIES
    }

    assert set(answers.values()) <= {400, 409, 422}
    assert opened_form(lawyer, url_of(opened.case, "narrative"), "text").fields["text"] == [STORY]


def test_bytes_that_are_no_text_never_break_the_first_page(world: World, lawyer: Client) -> None:
    for content_type, body in BODIES:
        response = lawyer.generic("POST", reverse("cases:new"), body, content_type=content_type)
        assert response.status_code in (400, 422)
    assert Case.objects.count() == 0


def test_a_misspelt_letter_of_another_encoding_is_kept_as_a_replacement_not_lost(world: World, lawyer: Client) -> None:
    opened = new_case(world)

    body = "text=до %ff после&language=ru&revision=".encode()
    response = lawyer.generic(
        "POST", url_of(opened.case, "narrative"), body, content_type="application/x-www-form-urlencoded"
    )

    assert response.status_code == 302
    story = opened_form(lawyer, url_of(opened.case, "narrative"), "text").fields["text"]
    assert story == ["до \ufffd после"]


@pytest.mark.parametrize("reference", ["%00", "%ff", "A" * 5000, "..%2f..", "%F0%9F%98%80", "новый", "-"])
def test_a_reference_that_cannot_be_is_not_found(world: World, lawyer: Client, reference: str) -> None:
    for tail in ("", "facts/", "story/", "history/"):
        assert lawyer.get(f"/cases/{reference}/{tail}").status_code == 404


@pytest.mark.parametrize("person", ["0", "x" * 36, "00000000-0000-0000-0000-00000000000g", "%00"])
def test_an_identifier_that_cannot_be_is_not_found(world: World, lawyer: Client, person: str) -> None:
    opened = told_case(world)
    base = f"/cases/{opened.case.reference}"

    for path in (f"{base}/people/{person}/", f"{base}/evidence/{person}/", f"{base}/history/{person}x/"):
        assert lawyer.get(path).status_code == 404
    assert lawyer.post(f"{base}/sharing/{person}/take-back/").status_code == 404


def test_every_page_takes_only_its_methods(world: World, lawyer: Client) -> None:
    opened = told_case(world)
    person = Person.objects.get().pk
    readers = [
        reverse("cases:list"),
        *(url_of(opened.case, name) for name in ("detail", "people", "sharing", "history")),
    ]
    writers = [
        *(url_of(opened.case, name) for name in ("step", "share")),
        *(url_of(opened.case, name, person) for name in ("person_remove", "evidence_remove", "revoke")),
    ]

    assert {lawyer.post(url).status_code for url in readers} == {405}
    assert {lawyer.get(url).status_code for url in writers} == {405}
    both = [
        reverse("cases:new"),
        *(url_of(opened.case, name) for name in ("facts", "narrative", "mentions", "consent")),
    ]
    assert {lawyer.put(url).status_code for url in both} == {405}
    assert {lawyer.delete(url).status_code for url in both} == {405}


def test_a_form_of_another_site_is_refused(world: World) -> None:
    opened = told_case(world)
    browser = client_of(world, "lawyer")
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser.cookies
    strict.defaults |= browser.defaults

    response = strict.post(url_of(opened.case, "narrative"), {"text": "x", "language": "ru", "revision": "1"})

    assert response.status_code == 403
    assert opened_form(browser, url_of(opened.case, "narrative"), "text").fields["text"] == [STORY]
