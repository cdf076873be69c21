"""The pages of stage 3 as a browser meets them: who sees what, bad input, two editors, nothing sealed in public."""

import json
from dataclasses import replace

import pytest
from django import forms
from django.test import Client
from django.urls import reverse
from django.utils.datastructures import MultiValueDict

from accounts.models import Role, UnlockedSession
from cases.access import OpenCase
from cases.models import Case, Consent, ConsentScope
from cases.stages import Stage
from publication.actions import send_back
from publication.contents import INTRUDER_QUESTIONS, DraftState
from publication.forms import DigestForm, RedactionForm, SubmitForm
from publication.models import Digest, PublishedRecord
from publication.queries import draft_of, preview_of, records_for_digests, workbench_of
from publication.redaction import Action, Context, Leftover
from tests import raw_bytes
from tests.builders import World, found_world
from tests.cases.builders import NAME, PHONE, PLACE, TITLE, ready_case
from tests.clients import client_of, secure
from tests.publication.builders import (
    PUBLIC_TITLE,
    SENT_BACK,
    all_answered,
    as_lawyer,
    as_reviewer,
    case_in_review,
    case_to_anonymise,
    decide,
    digest_of,
    published_case,
)

pytestmark = pytest.mark.django_db

PLANTED = (NAME, "Пустовойтова", PHONE, TITLE)
ALL_NO = dict.fromkeys(INTRUDER_QUESTIONS, "no")


def address(name: str, *arguments: object) -> str:
    return reverse(f"publication:{name}", args=arguments)


def data_of(form: forms.Form) -> dict[str, str]:
    """What a browser would send of a form that nobody touched."""
    values = {field.name: field.value() for field in form}
    return {name: str(value) for name, value in values.items() if value not in (None, False)}


def redaction_data(opened: OpenCase, **changes: str) -> dict[str, str]:
    """Every proposal replaced and every facet told least, on top of what is stored."""
    bench = workbench_of(opened)
    chosen = {f"action_{each.key}": Action.REPLACE.value for each in bench.proposals}
    least = {f"facet_{each.name}": each.options[-1][0] for each in bench.questions}
    return {**data_of(RedactionForm(bench)), **chosen, **least, "title": PUBLIC_TITLE, **changes}


def submit_data(opened: OpenCase, reviewer: str) -> dict[str, str | list[str]]:
    preview = preview_of(opened, workbench_of(opened))
    return {
        "looked_at": [each.key for each in preview.leftovers if not each.opens_sentence],
        "openers": "on",
        "read_through": "on",
        "reviewer": reviewer,
    }


@pytest.fixture
def anybody() -> Client:
    """A browser without an account."""
    return secure(Client())


# --- the workbench ------------------------------------------------------------------------------------------------


def test_the_workbench_shows_every_proposal_and_no_name(world: World) -> None:
    opened = case_to_anonymise(world)

    response = client_of(world, "lawyer").get(address("redaction", opened.case.reference))

    page = response.content.decode()
    assert response.status_code == 200
    assert page.count('class="proposal"') == len(workbench_of(opened).proposals)
    assert raw_bytes.found((NAME, "Пустовойтова", PHONE), response.content) == []
    assert f"<title>{opened.case.reference} · Casebook</title>" in page.replace("\n", "")


def test_decisions_are_saved_and_lead_to_the_preview(world: World) -> None:
    opened = case_to_anonymise(world)
    client, url = client_of(world, "lawyer"), address("redaction", opened.case.reference)

    response = client.post(url, redaction_data(opened, preview="1", hide_0="остановили", with_0="задержали"))

    assert response["Location"] == address("preview", opened.case.reference)
    _row, state = draft_of(as_lawyer(world, opened))
    assert state.title == PUBLIC_TITLE
    assert [(each.surface, each.replacement) for each in state.hidden] == [("остановили", "задержали")]
    page = client.get(response["Location"]).content.decode()
    assert "её задержали" in page
    assert raw_bytes.found((*PLANTED, PLACE), page.encode()) == []


def test_autosave_keeps_half_a_form_and_gives_the_next_revision(world: World) -> None:
    opened = case_to_anonymise(world)
    client, url = client_of(world, "lawyer"), address("redaction", opened.case.reference)
    half = {"revision": "", "statement_revision": "2", "title": "Первые слова"}

    first = client.post(url, half, headers={"X-Autosave": "1"})
    second = client.post(url, {**half, "revision": first.json()["revision"]}, headers={"X-Autosave": "1"})
    stale = client.post(url, {**half, "revision": first.json()["revision"]}, headers={"X-Autosave": "1"})

    assert [first.json()["revision"], second.json()["revision"]] == [1, 2]
    assert (first.status_code, second.status_code, stale.status_code) == (200, 200, 409)
    assert draft_of(as_lawyer(world, opened))[1].title == "Первые слова"


def test_a_second_editor_sees_both_versions_and_loses_nothing(world: World) -> None:
    opened = case_to_anonymise(world)
    url = address("redaction", opened.case.reference)
    typed = redaction_data(opened, title="Мой заголовок")
    (key, *_rest) = [each.key for each in workbench_of(opened).proposals]
    typed[f"instead_{key}"] = "мои слова"
    theirs = as_lawyer(world, opened, "coordinator")
    decide(theirs, all_answered(theirs))

    response = client_of(world, "lawyer").post(url, typed)

    page = response.content.decode()
    assert response.status_code == 409
    assert "мои слова" in page
    assert "[скрыто]" in page
    assert 'value="Мой заголовок"' in page
    assert 'name="revision" value="1"' in page
    assert draft_of(as_lawyer(world, opened))[1].title == PUBLIC_TITLE


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": "x" * 201}, "at most 200"),
        ({"hide_0": "такого там нет"}, "not in the text"),
        ({"with_0": "только замена"}, "which words to hide"),
        ({"hide_0": "остановили", "with_0": "её остановили"}, "still says"),
        ({"title": "a\x00b"}, "Null characters"),
        ({"revision": "abc"}, "incomplete"),
        ({"facet_period": "century"}, "century"),
    ],
)
def test_bad_input_comes_back_with_what_was_typed(world: World, changes: dict[str, str], said: str) -> None:
    opened = case_to_anonymise(world)
    typed = redaction_data(opened, **{"hide_1": "рассказала", **changes})

    response = client_of(world, "lawyer").post(address("redaction", opened.case.reference), typed)

    page = response.content.decode()
    assert response.status_code == 422
    assert said in page
    assert 'value="рассказала"' in page
    assert draft_of(as_lawyer(world, opened))[0] is None


def test_a_replacement_that_says_the_same_again_is_refused(world: World) -> None:
    opened = case_to_anonymise(world)
    (proposal, *_rest) = workbench_of(opened).proposals
    typed = redaction_data(opened, **{f"instead_{proposal.key}": f"около {proposal.forms[0].upper()}"})

    response = client_of(world, "lawyer").post(address("redaction", opened.case.reference), typed)

    assert response.status_code == 422
    assert "This still says what you want to hide." in response.content.decode()


def test_a_typed_marker_loses_its_brackets(world: World) -> None:
    opened = case_to_anonymise(world)

    client_of(world, "lawyer").post(
        address("redaction", opened.case.reference), redaction_data(opened, title="⟦1⟧ задержана")
    )

    assert draft_of(as_lawyer(world, opened))[1].title == "[[1]] задержана"


# --- handing in ---------------------------------------------------------------------------------------------------


def test_the_record_goes_to_the_reviewer(world: World) -> None:
    opened = case_to_anonymise(world)
    decide(opened)
    data = submit_data(opened, str(world.people["advocate"].id))

    response = client_of(world, "lawyer").post(address("submit", opened.case.reference), data)

    assert response.status_code == 302
    assert Case.objects.get(pk=opened.case.pk).current_stage == Stage.REVIEW


@pytest.mark.parametrize(
    ("left_out", "said"),
    [
        ("openers", "Look at these words, then tick this."),
        ("read_through", "Read the whole text once more"),
        ("reviewer", "Choose who reviews"),
    ],
)
def test_every_part_of_the_last_look_is_asked(world: World, left_out: str, said: str) -> None:
    opened = case_to_anonymise(world)
    decide(opened)
    data = submit_data(opened, str(world.people["advocate"].id))
    del data[left_out]

    response = client_of(world, "lawyer").post(address("submit", opened.case.reference), data)

    assert response.status_code == 422
    assert said in response.content.decode()
    assert Case.objects.get(pk=opened.case.pk).current_stage == Stage.ANONYMISATION


def test_each_word_inside_a_sentence_is_ticked_one_by_one(world: World) -> None:
    opened = case_to_anonymise(world)
    decide(opened)
    left = [Leftover(key, key.upper(), Context("", key.upper(), "")) for key in ("one", "two")]
    preview = replace(preview_of(opened, workbench_of(opened)), leftovers=left)
    reviewer = world.people["advocate"]
    rest = {"read_through": "on", "reviewer": str(reviewer.id)}

    half = SubmitForm(preview, [reviewer], MultiValueDict({"looked_at": ["one"], **{k: [v] for k, v in rest.items()}}))
    whole = SubmitForm(
        preview, [reviewer], MultiValueDict({"looked_at": ["one", "two"], **{k: [v] for k, v in rest.items()}})
    )

    assert list(half.errors) == ["looked_at"]
    assert whole.is_valid()
    assert whole.looked == {"one", "two"}


@pytest.mark.parametrize("reviewer", ["lawyer", "expert", "nobody"])
def test_somebody_who_was_not_offered_cannot_be_chosen(world: World, reviewer: str) -> None:
    opened = case_to_anonymise(world)
    decide(opened)
    chosen = str(world.people[reviewer].id) if reviewer in world.people else "not-an-id"

    response = client_of(world, "lawyer").post(address("submit", opened.case.reference), submit_data(opened, chosen))

    assert response.status_code == 422


def test_what_is_missing_is_said_with_links(world: World) -> None:
    opened = case_to_anonymise(world)
    decide(opened, DraftState(0, {}, {}, ""))
    client = client_of(world, "lawyer")
    data = submit_data(opened, str(world.people["advocate"].id))

    seen = client.get(address("preview", opened.case.reference)).content.decode()
    refused = client.post(address("submit", opened.case.reference), data)

    assert f'href="{address("redaction", opened.case.reference)}">Give the record a public title.' in seen
    assert refused.status_code == 409
    assert "Give the record a public title." in refused.content.decode()


def test_the_preview_blocks_a_name_on_file(world: World) -> None:
    opened = case_to_anonymise(world)
    decide(opened, all_answered(opened, title=f"Дело {NAME}"))

    page = client_of(world, "lawyer").get(address("preview", opened.case.reference)).content.decode()

    assert f"<b>{NAME}</b>" in page
    assert "disabled>Send to the reviewer" in page


def test_a_case_that_moved_on_says_so(world: World) -> None:
    opened = case_in_review(world)
    client = client_of(world, "lawyer")

    for name in ("redaction", "preview"):
        assert client.get(address(name, opened.case.reference)).status_code == 409


def test_the_anonymiser_reads_why_it_came_back(world: World) -> None:
    opened = case_in_review(world)
    send_back(as_reviewer(world, opened), SENT_BACK)

    page = client_of(world, "lawyer").get(address("redaction", opened.case.reference)).content.decode()

    assert SENT_BACK.comment in page
    assert str(INTRUDER_QUESTIONS["places"]) in page
    assert str(INTRUDER_QUESTIONS["photo"]) not in page


# --- reviewing ----------------------------------------------------------------------------------------------------


def test_the_reviewer_sees_the_record_and_no_word_behind_it(world: World) -> None:
    opened = case_in_review(world)
    client = client_of(world, "advocate")

    listed = client.get(address("reviews")).content
    page = client.get(address("review", opened.case.reference)).content

    assert PUBLIC_TITLE.encode() in listed
    assert "её остановили".encode() in page
    assert raw_bytes.found((*PLANTED, PLACE), listed + page) == []


def test_the_reviewer_publishes(world: World) -> None:
    opened = case_in_review(world)

    response = client_of(world, "advocate").post(
        address("review", opened.case.reference), {**ALL_NO, "verdict": "publish"}
    )

    assert response["Location"] == address("record", "2025-GE-0001")


def test_the_reviewer_sends_back_without_answering_everything(world: World) -> None:
    opened = case_in_review(world)
    data = {"places": "yes", "comment": "Узнают посёлок.", "verdict": "send_back"}

    response = client_of(world, "advocate").post(address("review", opened.case.reference), data)

    assert response["Location"] == address("reviews")
    assert Case.objects.get(pk=opened.case.pk).current_stage == Stage.ANONYMISATION


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({**ALL_NO, "dates": "yes", "verdict": "publish"}, "Send it back."),
        ({**ALL_NO, "dates": "", "verdict": "publish"}, "Answer this before you publish."),
        ({**ALL_NO, "verdict": "send_back"}, "Say what has to change"),
        ({**ALL_NO, "dates": "perhaps", "verdict": "publish"}, "perhaps"),
        ({**ALL_NO, "verdict": "burn"}, "burn"),
        ({**ALL_NO}, "required"),
        ({**ALL_NO, "comment": "x" * 10_001, "verdict": "send_back"}, "at most 10000"),
    ],
)
def test_an_unclear_verdict_is_asked_again(world: World, data: dict[str, str], said: str) -> None:
    opened = case_in_review(world)

    response = client_of(world, "advocate").post(address("review", opened.case.reference), data)

    assert response.status_code == 422
    assert said in response.content.decode()
    assert not PublishedRecord.objects.exists()


# --- taking back --------------------------------------------------------------------------------------------------


def test_consent_is_taken_back_on_the_page(world: World) -> None:
    opened, record = published_case(world)
    client = client_of(world, "lawyer")

    response = client.post(address("withdraw", opened.case.reference), {"scope": "publish"})

    assert response.status_code == 302
    assert PublishedRecord.objects.get(pk=record.pk).is_retracted
    assert Consent.objects.get(case=opened.case, scope=ConsentScope.PUBLISH).withdrawn


@pytest.mark.parametrize("scope", ["", "everything", "publish\x00"])
def test_an_unknown_scope_takes_nothing_back(world: World, scope: str) -> None:
    opened = as_lawyer(world, ready_case(world))

    response = client_of(world, "lawyer").post(address("withdraw", opened.case.reference), {"scope": scope})

    assert response.status_code == 422
    assert not Consent.objects.filter(withdrawn=True).exists()


def test_nothing_is_offered_where_nothing_was_agreed(world: World) -> None:
    opened = ready_case(world)
    client, url = client_of(world, "lawyer"), address("withdraw", opened.case.reference)
    client.post(url, {"scope": "keep"})

    assert "There is no consent to take back" in client.get(url).content.decode()


def test_an_advocate_takes_a_record_back_on_the_page(world: World) -> None:
    _opened, record = published_case(world)
    client, url = client_of(world, "advocate"), address("retract", record.number)

    asked = client.get(url)
    refused = client.post(url, {"reason": "because"})
    done = client.post(url, {"reason": "danger"})

    assert (asked.status_code, refused.status_code, done.status_code) == (200, 422, 302)
    assert PublishedRecord.objects.get().content == {}


# --- the register -------------------------------------------------------------------------------------------------


def test_everybody_reads_what_is_published_and_nothing_behind_it(world: World, anybody: Client) -> None:
    _opened, record = published_case(world)

    answers = [
        anybody.get(url)
        for url in (
            address("register"),
            address("record", record.number),
            address("record_json", record.number),
        )
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert all(PUBLIC_TITLE.encode() in answer.content for answer in answers)
    people = [person.display_name for person in world.people.values()]
    behind = (*PLANTED, PLACE, _opened.case.reference, str(_opened.case.pk), *people)
    assert raw_bytes.found(behind, b"".join(answer.content for answer in answers)) == []


def test_a_withdrawn_record_says_only_that(world: World, anybody: Client) -> None:
    opened, record = published_case(world)
    client_of(world, "lawyer").post(address("withdraw", opened.case.reference), {"scope": "keep"})

    page = anybody.get(address("record", record.number))
    listed = anybody.get(address("register"))
    data = anybody.get(address("record_json", record.number))

    assert (page.status_code, listed.status_code, data.status_code) == (410, 200, 410)
    assert set(data.json()) == {"number", "withdrawn_on"}
    assert record.number in listed.content.decode()
    told = (PUBLIC_TITLE, "остановили", "Arbitrary", "Georgia · ")
    assert raw_bytes.found(told, page.content + listed.content + data.content) == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", True),
        ("country=GE", True),
        ("country=LT", False),
        ("year=2025", True),
        ("violation=arbitrary-arrest", True),
        ("country=GE&year=2025&violation=arbitrary-arrest", True),
    ],
)
def test_the_register_is_filtered(world: World, anybody: Client, query: str, found: bool) -> None:
    published_case(world)

    response = anybody.get(f"{address('register')}?{query}")

    assert response.status_code == 200
    assert (PUBLIC_TITLE in response.content.decode()) is found


@pytest.mark.parametrize("query", ["country=XX", "year=1066", "violation=%00", "violation=anything"])
def test_a_filter_that_is_not_offered_is_refused(world: World, anybody: Client, query: str) -> None:
    response = anybody.get(f"{address('register')}?{query}")

    assert response.status_code == 422


@pytest.mark.parametrize(
    "path", ["register/?before=abc", "register/9999-XX-0001/", "register/x/record.json", "register/%00/"]
)
def test_addresses_that_lead_nowhere_are_not_found(anybody: Client, path: str) -> None:
    assert anybody.get(f"/publication/{path}").status_code == 404


def test_the_register_goes_on_over_pages(world: World, anybody: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("publication.queries.REGISTER_PAGE", 2)
    for _each in range(3):
        published_case(world)

    first = anybody.get(f"{address('register')}?country=GE")
    second = anybody.get(address("register") + first.context["next_url"])

    assert [line.row.number for line in first.context["found"].lines] == ["2025-GE-0003", "2025-GE-0002"]
    assert [line.row.number for line in second.context["found"].lines] == ["2025-GE-0001"]
    assert "country=GE" in first.context["next_url"]
    assert second.context["next_url"] == ""


# --- digests ------------------------------------------------------------------------------------------------------


def digest_data(world: World, digest: Digest | None = None, *, title: str = "Without cause") -> dict[str, str]:
    records = records_for_digests(world.actor("advocate"))
    data = data_of(DigestForm(records, digest=digest))
    chosen = {f"in_{record.number}": "on" for record in records}
    return {**data, **chosen, "title": title}


def test_a_digest_is_composed_issued_and_exported(world: World) -> None:
    records = [published_case(world)[1] for _each in range(2)]
    client = client_of(world, "advocate")
    places = {f"at_{records[0].number}": "2", f"at_{records[1].number}": "1"}

    made = client.post(address("digest_new"), {**digest_data(world), **places})
    digest = Digest.objects.get()
    issued = client.post(address("digest_issue", digest.pk), {"revision": str(digest.revision)})
    pdf, data = client.get(address("digest_pdf", digest.pk)), client.get(address("digest_json", digest.pk))

    assert made["Location"] == issued["Location"] == address("digest", digest.pk)
    assert (pdf["Content-Type"], pdf["Content-Disposition"]) == (
        "application/pdf",
        'attachment; filename="digest-edition-1.pdf"',
    )
    assert pdf.content.startswith(b"%PDF-")
    assert [each["number"] for each in json.loads(data.content)["records"]] == ["2025-GE-0002", "2025-GE-0001"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": ""}, "required"),
        ({"language": "xx"}, "xx"),
        ({"foreword": "x" * 50_001}, "at most 50000"),
        ({"at_2025-GE-0001": "0"}, "greater than or equal to 1"),
    ],
)
def test_a_digest_that_is_not_right_comes_back(world: World, changes: dict[str, str], said: str) -> None:
    published_case(world)
    data = {**digest_data(world), "subtitle": "Мой подзаголовок", **changes}

    response = client_of(world, "advocate").post(address("digest_new"), data)

    assert response.status_code == 422
    assert said in response.content.decode()
    assert "Мой подзаголовок" in response.content.decode()
    assert not Digest.objects.exists()


def test_two_editors_of_a_digest_see_both_versions(world: World) -> None:
    _opened, record = published_case(world)
    draft = digest_of(world, record, issued=False)
    client, url = client_of(world, "advocate"), address("digest_edit", draft.pk)
    mine = digest_data(world, draft, title="Mine")
    client.post(url, digest_data(world, draft, title="Theirs"))

    response = client.post(url, mine)

    page = response.content.decode()
    assert response.status_code == 409
    assert "Theirs" in page
    assert 'value="Mine"' in page
    assert Digest.objects.get().title == "Theirs"


def test_issuing_what_was_changed_meanwhile_asks_to_read_again(world: World) -> None:
    _opened, record = published_case(world)
    draft = digest_of(world, record, issued=False)
    client = client_of(world, "advocate")

    stale = client.post(address("digest_issue", draft.pk), {"revision": "0"})
    broken = client.post(address("digest_issue", draft.pk), {"revision": "x"})

    assert (stale.status_code, broken.status_code) == (409, 422)
    assert Digest.objects.get().issued_on is None


def test_a_replaced_edition_leads_on_and_is_not_exported(world: World) -> None:
    opened, record = published_case(world)
    digest = digest_of(world, record)
    client_of(world, "lawyer").post(address("withdraw", opened.case.reference), {"scope": "publish"})
    client = client_of(world, "advocate")

    page = client.get(address("digest", digest.pk)).content.decode()
    edit = client.get(address("digest_edit", digest.pk))

    following = Digest.objects.get(edition=2)
    assert f'href="{address("digest", following.pk)}"' in page
    assert edit["Location"] == address("digest_edit", following.pk)
    assert client.get(address("digest_pdf", digest.pk)).status_code == 409
    assert PUBLIC_TITLE not in page


# --- who gets in --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["redaction", "preview", "withdraw"])
@pytest.mark.parametrize("person", ["colleague", "expert", "advocate", "admin", "auditor"])
def test_a_case_does_not_exist_for_whoever_may_not_change_it(world: World, name: str, person: str) -> None:
    opened = case_to_anonymise(world)

    assert client_of(world, person).get(address(name, opened.case.reference)).status_code == 404
    assert client_of(world, person).get(address(name, "BCDFGHJ")).status_code == 404


@pytest.mark.parametrize("name", ["redaction", "preview", "withdraw"])
def test_closed_keys_open_nothing(world: World, name: str) -> None:
    opened = case_to_anonymise(world)
    client = client_of(world, "lawyer")
    UnlockedSession.objects.all().delete()

    assert client.get(address(name, opened.case.reference)).status_code == 423


@pytest.mark.parametrize("person", ["lawyer", "coordinator", "expert", "admin", "auditor"])
@pytest.mark.parametrize("name", ["reviews", "digests", "digest_new"])
def test_rooms_of_advocates_do_not_exist_for_others(world: World, name: str, person: str) -> None:
    assert client_of(world, person).get(address(name)).status_code == 404


def test_an_advocate_elsewhere_finds_no_digest_and_takes_nothing_back(world: World) -> None:
    _opened, record = published_case(world)
    digest = digest_of(world, record)
    other = found_world("Lighthouse", "LT", with_people=False)
    other.add("advocate", Role.ADVOCATE)
    client = client_of(other, "advocate")

    for name in ("digest", "digest_edit", "digest_pdf", "digest_json"):
        assert client.get(address(name, digest.pk)).status_code == 404
    assert client.post(address("digest_issue", digest.pk), {"revision": "1"}).status_code == 404
    assert client.get(address("retract", record.number)).status_code == 404


@pytest.mark.parametrize(
    ("name", "takes"),
    [
        ("reviews", ()),
        ("digests", ()),
        ("redaction", ("BCDFGHJ",)),
        ("review", ("BCDFGHJ",)),
        ("withdraw", ("BCDFGHJ",)),
        ("retract", ("2025-GE-0001",)),
    ],
)
def test_everything_but_the_register_is_behind_sign_in(anybody: Client, name: str, takes: tuple[str, ...]) -> None:
    response = anybody.get(address(name, *takes))

    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in/")
