"""Pages of an analysis as people use them: who gets in, what is shown, and what is answered to bad input."""

import re
from typing import Protocol
from uuid import UUID, uuid4

from django.test import Client

from accounts.models import UnlockedSession
from cases.access import open_case
from cases.actions import save_narrative
from cases.compartments import ALL_COMPARTMENTS
from cases.levels import AccessLevel
from cases.models import Case, KeyWrap
from cases.sharing import grant
from legal_analysis.actions import (
    change_annotation,
    change_finding,
    mark_single_expert,
    remove_annotation,
    review_finding,
)
from legal_analysis.models import Annotation, Conclusion, Finding, FindingReview
from legal_analysis.queries import annotations_of, findings_of, open_findings, readable_statement
from tests.builders import World
from tests.cases.builders import BOTH, NAME, PHONE, STORY, told_case
from tests.clients import client_of
from tests.legal_analysis.builders import (
    COMMENT,
    FORM,
    NOTE,
    QUOTE,
    REASONING,
    REMEDY,
    STEP,
    TEXT,
    annotated,
    concluded,
    opened_by,
    place_of,
    provision,
    rewritten,
    shared_case,
)


def url(case: Case, rest: str = "") -> str:
    return f"/law/cases/{case.reference}/{rest}"


class Page(Protocol):
    @property
    def content(self) -> bytes: ...


def text_of(response: Page) -> str:
    return response.content.decode()


def note_fields(**changes: str) -> dict[str, str]:
    return {"quote": QUOTE, "provision": str(provision().id), "reasoning": NOTE, **changes}


def finding_fields(**changes: str) -> dict[str, str]:
    return {**FORM, "provision": str(provision().id), **changes}


def lines(world: World, case: Case) -> list[tuple[str, str, str]]:
    """Words, provision and reasoning of every annotation."""
    opened = opened_by(world, case)
    found = annotations_of(opened, readable_statement(opened))
    return [(line.words, line.provision.short_label, line.note.reasoning) for line in found]


# --- who gets in ----------------------------------------------------------------------------------------------------


def addresses(case: Case, annotation: UUID, finding: UUID) -> list[tuple[str, str]]:
    """Every address of an analysis with the method that reads or writes there."""
    return [
        ("get", url(case)),
        ("post", url(case, "send-on/")),
        ("post", url(case, "annotations/add/")),
        ("get", url(case, f"annotations/{annotation}/edit/")),
        ("post", url(case, f"annotations/{annotation}/edit/")),
        ("post", url(case, f"annotations/{annotation}/remove/")),
        ("get", url(case, f"annotations/{annotation}/place/")),
        ("post", url(case, f"annotations/{annotation}/place/")),
        ("get", url(case, "findings/add/")),
        ("post", url(case, "findings/add/")),
        ("get", url(case, f"findings/{finding}/edit/")),
        ("post", url(case, f"findings/{finding}/edit/")),
        ("get", url(case, f"findings/{finding}/review/")),
        ("post", url(case, f"findings/{finding}/review/")),
        ("post", url(case, f"findings/{finding}/single/")),
    ]


def statuses(client: Client, case: Case, annotation: UUID, finding: UUID) -> set[int]:
    """What a visitor gets at all of them."""
    return {
        (client.get(path) if method == "get" else client.post(path)).status_code
        for method, path in addresses(case, annotation, finding)
    }


def test_people_without_access_and_cases_that_do_not_exist_get_the_same_404(world: World) -> None:
    case = shared_case(world)
    opened = opened_by(world, case)
    row, finding = annotated(opened), concluded(opened)
    nowhere = Case(reference="ZZZZZZZ")
    lawyer = open_case(world.actor("lawyer"), case.reference, need="share_case", compartments=ALL_COMPARTMENTS)
    grant(lawyer, world.people["advocate"], AccessLevel.REVIEWER)

    for name in ("colleague", "advocate", "auditor", "admin"):
        assert statuses(client_of(world, name), case, row.id, finding.id) == {404}
    assert statuses(client_of(world, "expert"), nowhere, row.id, finding.id) == {404}
    assert statuses(client_of(world, "expert"), case, uuid4(), uuid4()) >= {404}


def test_closed_keys_are_asked_for(world: World) -> None:
    case = shared_case(world)
    client = client_of(world, "expert")
    UnlockedSession.objects.all().delete()

    assert statuses(client, case, uuid4(), uuid4()) == {423}


def test_a_permission_without_a_key_opens_nothing(world: World) -> None:
    case = shared_case(world)
    KeyWrap.objects.filter(recipient=world.people["expert"].id).delete()

    assert statuses(client_of(world, "expert"), case, uuid4(), uuid4()) == {403}


def test_a_caseworker_reads_the_analysis_without_its_forms(world: World) -> None:
    case = shared_case(world)
    opened = opened_by(world, case)
    row, finding = annotated(opened), concluded(opened)
    client = client_of(world, "lawyer")

    page = text_of(client.get(url(case)))

    assert NOTE in page
    assert REASONING in page
    assert "annotation-form" not in page
    assert f"/findings/{finding.id}/" not in page
    assert statuses(client, case, row.id, finding.id) == {200, 404}


def test_before_analysis_the_page_is_closed(world: World) -> None:
    opened = told_case(world)
    grant(opened, world.people["expert"], AccessLevel.EXPERT)

    for name in ("expert", "lawyer"):
        assert client_of(world, name).get(url(opened.case)).status_code == 409


# --- the work page --------------------------------------------------------------------------------------------------


def test_an_expert_reads_labels_in_the_place_of_names(world: World) -> None:
    page = text_of(client_of(world, "expert").get(url(shared_case(world))))

    assert NAME not in page
    assert PHONE not in page
    assert "⟦" not in page
    assert re.search(r'data-kind="victim" data-start="0" data-length="3" data-text="\[Client\]">Client<', page)
    assert "14 March 2025" in page


def test_every_code_point_of_the_testimony_belongs_to_a_piece(world: World) -> None:
    case = shared_case(world)
    opened = opened_by(world, case)
    annotated(opened), annotated(opened, "не было."), annotated(opened, "Свидетелей")
    content = readable_statement(opened)

    page = text_of(client_of(world, "expert").get(url(case)))

    pieces = re.findall(r'<span [^>]*data-start="(\d+)"(?: data-length="(\d+)")?[^>]*>([^<]*)</span>', page)
    ends = [int(start) + int(length or len(words)) for start, length, words in pieces]
    assert [int(start) for start, _length, _words in pieces] == [0, *ends[:-1]]
    assert ends[-1] == len(content.text)
    assert page.count('<mark class="annotation"') == 4
    assert [page.count(f'href="#note-{number}"') for number in (1, 2, 3)] == [1, 1, 1]


def test_selected_words_become_a_note(world: World) -> None:
    case = shared_case(world)
    place = place_of(opened_by(world, case))
    client = client_of(world, "expert")

    answer = client.post(url(case, "annotations/add/"), note_fields(start=str(place.start), end=str(place.end)))

    assert answer.status_code == 302
    assert lines(world, case) == [(QUOTE, "ECHR 5", NOTE)]


def test_typed_words_with_labels_become_a_note(world: World) -> None:
    case = shared_case(world)
    client = client_of(world, "expert")

    client.post(url(case, "annotations/add/"), note_fields(quote="телефон [phone: client]"))

    ((words, _provision, _reasoning),) = lines(world, case)
    assert words == "Телефон [phone: Client]"


def test_offsets_of_a_page_that_is_out_of_date_give_way_to_the_words(world: World) -> None:
    case = shared_case(world)
    place = place_of(opened_by(world, case))
    client = client_of(world, "expert")
    rewritten(world, case, STORY, f"Сначала о главном. {STORY}")

    client.post(url(case, "annotations/add/"), note_fields(start=str(place.start), end=str(place.end)))

    assert lines(world, case) == [(QUOTE, "ECHR 5", NOTE)]


def test_words_that_stand_twice_are_asked_about_with_everything_typed_still_there(world: World) -> None:
    case = shared_case(world)
    rewritten(world, case, STORY, f"{STORY} {QUOTE}.")
    client = client_of(world, "expert")

    asked = client.post(url(case, "annotations/add/"), note_fields())
    answer = client.post(url(case, "annotations/add/"), note_fields(occurrence="2"))

    assert asked.status_code == 422
    assert "2 times" in text_of(asked)
    assert 'name="occurrence"' in text_of(asked)
    assert NOTE in text_of(asked)
    assert answer.status_code == 302
    assert lines(world, case) == [(QUOTE, "ECHR 5", NOTE)]


BAD_NOTES: list[dict[str, str]] = [
    {"quote": ""},
    {"quote": "этого там нет"},
    {"quote": "a\0b"},
    {"quote": "x" * 10_001},
    {"provision": ""},
    {"provision": str(uuid4())},
    {"provision": "not-an-id"},
    {"provision": "\0"},
    {"reasoning": "  "},
    {"reasoning": "x" * 20_001},
    {"start": "-1"},
    {"start": "x", "end": "y"},
    {"start": "9" * 30, "end": "9" * 30},
    {"occurrence": "0"},
    {"occurrence": "7"},
]


def test_a_note_that_cannot_be_saved_comes_back(world: World) -> None:
    case = shared_case(world)

    client = client_of(world, "expert")

    for changes in BAD_NOTES:
        answer = client.post(url(case, "annotations/add/"), note_fields(**changes))

        assert answer.status_code == 422, changes
        assert "Please check what is written here" in text_of(answer), changes
        assert changes.get("reasoning", NOTE).strip() in text_of(answer), changes
    assert not Annotation.objects.exists()


def test_what_an_expert_writes_is_shown_as_text(world: World) -> None:
    case = shared_case(world)
    client = client_of(world, "expert")

    client.post(url(case, "annotations/add/"), note_fields(reasoning="<script>alert(1)</script>"))

    page = text_of(client.get(url(case)))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_a_lost_note_says_so_and_gets_a_new_place(world: World) -> None:
    case = shared_case(world)
    row = annotated(opened_by(world, case))
    rewritten(world, case, QUOTE, "Рядом не было никого")
    client = client_of(world, "expert")

    page = text_of(client.get(url(case)))
    form = text_of(client.get(url(case, f"annotations/{row.id}/place/")))
    wrong = client.post(url(case, f"annotations/{row.id}/place/"), {"quote": "нет такого", "revision": "1"})
    stale = client.post(url(case, f"annotations/{row.id}/place/"), {"quote": "не было никого", "revision": "0"})
    right = client.post(url(case, f"annotations/{row.id}/place/"), {"quote": "не было никого", "revision": "1"})

    assert "Lost its place" in page
    assert QUOTE in page
    assert NOTE in form
    assert [each.status_code for each in (wrong, stale, right)] == [422, 409, 302]
    assert "не было никого" in text_of(stale)
    assert 'name="revision" value="1"' in text_of(stale)
    assert lines(world, case) == [("не было никого", "ECHR 5", NOTE)]


def test_an_expert_waits_for_the_names_and_a_caseworker_does_not(world: World) -> None:
    case = shared_case(world)
    row = annotated(opened_by(world, case))
    lawyer = open_case(world.actor("lawyer"), case.reference, need="change_case", compartments=BOTH)
    save_narrative(lawyer, f"{STORY} Позвоните Аркадию Семёновичу Брызгалову.", language="ru", revision=2)
    expert = client_of(world, "expert")

    page = text_of(expert.get(url(case)))

    assert "Please wait for the names to be checked" in page
    assert QUOTE not in page
    assert expert.post(url(case, "annotations/add/"), note_fields()).status_code == 409
    assert expert.get(url(case, f"annotations/{row.id}/place/")).status_code == 409
    assert expert.get(url(case, "findings/add/")).status_code == 200
    assert QUOTE in text_of(client_of(world, "lawyer").get(url(case)))


# --- changing a note ------------------------------------------------------------------------------------------------


def test_a_note_is_changed_and_removed(world: World) -> None:
    case = shared_case(world)
    row = annotated(opened_by(world, case))
    client = client_of(world, "expert")
    edit, fields = url(case, f"annotations/{row.id}/edit/"), {"provision": str(provision(ref="3").id), "revision": "1"}

    form = text_of(client.get(edit))
    wrong = client.post(edit, {**fields, "reasoning": ""})
    right = client.post(edit, {**fields, "reasoning": "Иначе"})
    changed = lines(world, case)
    removed = client.post(url(case, f"annotations/{row.id}/remove/"))

    assert NOTE in form
    assert [each.status_code for each in (wrong, right, removed)] == [422, 302, 302]
    assert changed == [(QUOTE, "ECHR 3", "Иначе")]
    assert lines(world, case) == []


def test_a_second_editor_of_a_note_sees_both_versions_and_decides(world: World) -> None:
    case = shared_case(world)
    row = annotated(opened_by(world, case))
    client = client_of(world, "expert")
    second = opened_by(world, case, "second")
    row.refresh_from_db()
    change_annotation(second, row, provision=provision(ref="3"), reasoning="Первая редакция", revision=1)
    edit = url(case, f"annotations/{row.id}/edit/")
    fields = {"provision": str(provision().id), "reasoning": "Вторая редакция", "revision": "1"}

    refused = client.post(edit, fields)
    kept = lines(world, case)
    decided = client.post(edit, {**fields, "revision": "2"})

    assert refused.status_code == 409
    for words in ("Первая редакция", "Вторая редакция", "ECHR 3", 'name="revision" value="2"'):
        assert words in text_of(refused)
    assert kept == [(QUOTE, "ECHR 3", "Первая редакция")]
    assert decided.status_code == 302
    assert lines(world, case) == [(QUOTE, "ECHR 5", "Вторая редакция")]


def test_words_typed_for_a_note_that_was_removed_meanwhile_are_not_lost(world: World) -> None:
    case = shared_case(world)
    opened = opened_by(world, case, "second")
    row = annotated(opened)
    edit = url(case, f"annotations/{row.id}/edit/")
    remove_annotation(opened, row)

    answer = client_of(world, "expert").post(edit, {"reasoning": "Моя редакция", "revision": "1"})

    assert answer.status_code == 409
    assert "Моя редакция" in text_of(answer)
    assert "This note was removed." in text_of(answer)


# --- findings -------------------------------------------------------------------------------------------------------


def test_a_finding_is_written_reviewed_and_sent_on(world: World) -> None:
    case = shared_case(world)
    expert, second = client_of(world, "expert"), client_of(world, "second")

    form = text_of(expert.get(url(case, "findings/add/"), {"provision": str(provision().id)}))
    added = expert.post(url(case, "findings/add/"), finding_fields())
    finding = Finding.objects.get()
    too_early = expert.post(url(case, "send-on/"))
    own = expert.post(url(case, f"findings/{finding.id}/review/"), {"agrees": "yes", "revision": "1"})
    shown = text_of(second.get(url(case, f"findings/{finding.id}/review/")))
    reviewed = second.post(
        url(case, f"findings/{finding.id}/review/"), {"agrees": "yes", "comment": COMMENT, "revision": "1"}
    )
    sent = expert.post(url(case, "send-on/"))

    assert f'value="{provision().id}" selected' in form
    assert [each.status_code for each in (added, too_early, own, reviewed, sent)] == [302, 409, 409, 302, 302]
    assert "Another legal expert has to review it" in text_of(own)
    for words in (REASONING, STEP, "Violated", "Strong"):
        assert words in shown
    page = text_of(second.get(url(case)))
    assert "Agreed by a second expert" in page
    assert COMMENT in page
    assert "Write a finding" not in page
    assert second.get(url(case, "findings/add/")).status_code == 409


BAD_FINDINGS: list[dict[str, str]] = [
    {"provision": str(uuid4())},
    {"conclusion": "perhaps"},
    {"conclusion": ""},
    {"test": ""},
    {"legality": ""},
    {"legality": "\0"},
    {"reasoning": ""},
    {"reasoning": "x" * 20_001},
    {"strength": "iron"},
    {"remedy": "x" * 5_001},
]


def test_a_finding_that_cannot_be_saved_comes_back(world: World) -> None:
    case = shared_case(world)

    client = client_of(world, "expert")

    for changes in BAD_FINDINGS:
        answer = client.post(url(case, "findings/add/"), finding_fields(**changes))

        assert answer.status_code == 422, changes
        assert changes.get("remedy", REMEDY) in text_of(answer), changes
    assert not Finding.objects.exists()


def test_a_finding_by_the_elements_needs_no_steps(world: World) -> None:
    case = shared_case(world)

    answer = client_of(world, "expert").post(
        url(case, "findings/add/"), finding_fields(test="elements", legality="", remedy="")
    )

    assert answer.status_code == 302


def test_a_second_editor_of_a_finding_sees_both_versions_and_decides(world: World) -> None:
    case = shared_case(world)
    opened = opened_by(world, case)
    finding = concluded(opened)
    client = client_of(world, "second")
    change_finding(opened, finding, provision=provision(), conclusion=Conclusion.NOT_VIOLATED, text=TEXT, revision=1)
    edit = url(case, f"findings/{finding.id}/edit/")

    refused = client.post(edit, finding_fields(reasoning="Моя редакция", revision="1"))
    kept = open_findings(case)[0].conclusion
    decided = client.post(edit, finding_fields(reasoning="Моя редакция", revision="2"))

    assert refused.status_code == 409
    for words in ("Моя редакция", REASONING, "Not violated", 'name="revision" value="2"'):
        assert words in text_of(refused)
    assert kept == Conclusion.NOT_VIOLATED
    assert decided.status_code == 302
    assert findings_of(opened_by(world, case))[0].text.reasoning == "Моя редакция"


def test_a_reviewer_reads_the_new_wording_before_the_review_counts(world: World) -> None:
    case = shared_case(world)
    opened = opened_by(world, case)
    finding = concluded(opened)
    change_finding(opened, finding, provision=provision(), conclusion=Conclusion.NOT_VIOLATED, text=TEXT, revision=1)
    review = url(case, f"findings/{finding.id}/review/")

    answer = client_of(world, "second").post(review, {"agrees": "yes", "comment": COMMENT, "revision": "1"})

    assert answer.status_code == 409
    for words in (COMMENT, "Not violated", 'name="revision" value="2"', "The finding was changed meanwhile"):
        assert words in text_of(answer)
    assert not FindingReview.objects.exists()


BAD_REVIEWS: list[dict[str, str]] = [
    {"agrees": "", "comment": COMMENT},
    {"agrees": "maybe", "comment": COMMENT},
    {"agrees": "no", "comment": " "},
    {"agrees": "yes", "comment": "\0"},
    {"agrees": "yes", "revision": ""},
    {"agrees": "yes", "revision": "x"},
]


def test_a_review_that_cannot_be_saved_comes_back(world: World) -> None:
    case = shared_case(world)
    finding = concluded(opened_by(world, case))

    client = client_of(world, "second")

    for fields in BAD_REVIEWS:
        posted = {"comment": "", "revision": "1", **fields}
        assert client.post(url(case, f"findings/{finding.id}/review/"), posted).status_code == 422, fields
    assert not FindingReview.objects.exists()


def test_a_reviewer_changes_their_mind(world: World) -> None:
    case = shared_case(world)
    finding = concluded(opened_by(world, case))
    review_finding(opened_by(world, case, "second"), finding, agrees=False, comment=COMMENT, revision=1)

    page = text_of(client_of(world, "second").get(url(case, f"findings/{finding.id}/review/")))

    assert COMMENT in page
    assert re.search(r'value="no"[^>]* checked', page)


def test_a_finding_is_marked_as_the_view_of_one_expert_and_back(world: World) -> None:
    case = shared_case(world)
    finding = concluded(opened_by(world, case))
    client = client_of(world, "expert")
    single = url(case, f"findings/{finding.id}/single/")

    marked = client.post(single, {"single": "yes"})
    page = text_of(client.get(url(case)))
    back = client.post(single, {"single": "no"})
    nonsense = client.post(single, {"single": "?"})

    assert [each.status_code for each in (marked, back, nonsense)] == [302, 302, 400]
    assert "View of one expert" in page
    assert not Finding.objects.get().single_expert


def test_the_page_says_what_is_missing_and_offers_the_next_step_when_nothing_is(world: World) -> None:
    case = shared_case(world)
    client = client_of(world, "expert")
    before = text_of(client.get(url(case)))
    opened = opened_by(world, case)
    mark_single_expert(opened, concluded(opened))

    after = text_of(client.get(url(case)))

    assert "Write at least one finding." in before
    assert "Send on to anonymisation" not in before
    assert "Everything is there." in after
    assert "Send on to anonymisation" in after


def test_pages_of_an_analysis_are_kept_by_no_cache_and_hold_no_inline_script(world: World) -> None:
    case = shared_case(world)
    opened = opened_by(world, case)
    row, finding = annotated(opened), concluded(opened)
    client = client_of(world, "second")
    pages = ["", f"annotations/{row.id}/edit/", f"annotations/{row.id}/place/", "findings/add/"]
    pages += [f"findings/{finding.id}/edit/", f"findings/{finding.id}/review/"]

    for rest in pages:
        answer = client.get(url(case, rest))
        assert answer.status_code == 200
        assert "no-store" in answer["Cache-Control"]
        assert not re.search(r"<script(?![^>]*src=)|style=|onclick=", text_of(answer))
