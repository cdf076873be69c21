"""Annotations, findings and reviews: what is written, by whom, when, and how it lies in the database."""

from dataclasses import replace

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import Http404
from django.utils import translation

from accounts.ledger_search import LedgerFilter, search_ledger
from casebook.core.errors import StaleRevisionError
from cases.access import open_case
from cases.actions import move, save_narrative
from cases.sharing import revoke
from cases.stages import Missing, Stage, StepRefusedError, WrongStageError
from legal_analysis.actions import (
    add_annotation,
    anchor_again,
    change_annotation,
    change_finding,
    mark_single_expert,
    remove_annotation,
    review_finding,
    send_to_anonymisation,
)
from legal_analysis.errors import BeingCheckedError, OwnFindingError
from legal_analysis.guards import missing_for_anonymisation
from legal_analysis.models import Annotation, Conclusion, Finding, FindingReview
from legal_analysis.queries import (
    OpenFinding,
    ReviewState,
    annotations_of,
    find_annotation,
    find_finding,
    findings_of,
    open_findings,
    provision_options,
    readable_statement,
)
from tests import raw_bytes
from tests.builders import World
from tests.cases.builders import BOTH, NAME, STORY, case_in_analysis
from tests.legal_analysis.builders import (
    COMMENT,
    NOTE,
    QUOTE,
    SECRETS,
    TEXT,
    annotated,
    concluded,
    load_law,
    opened_by,
    place_of,
    provision,
    rewritten,
    shared_case,
)

# --- annotations ----------------------------------------------------------------------------------------------------


def test_an_annotation_ties_words_to_a_provision(world: World) -> None:
    case = shared_case(world)
    row = annotated(opened_by(world, case))

    opened = opened_by(world, case, "second")
    (line,) = annotations_of(opened, readable_statement(opened))

    assert (line.number, line.row, line.provision, line.words) == (1, row, provision(), QUOTE)
    assert line.note.reasoning == NOTE
    assert line.place == place_of(opened)
    assert line.read_before == ""
    assert line.row.author == world.people["expert"]


def test_annotations_are_numbered_by_their_places_with_lost_ones_last(world: World) -> None:
    case = shared_case(world)
    expert = opened_by(world, case)
    late, lost, early = annotated(expert), annotated(expert, "остановили"), annotated(expert, "рассказала")
    rewritten(world, case, "остановили", "задержали")

    opened = opened_by(world, case)
    lines = annotations_of(opened, readable_statement(opened))

    assert [(line.number, line.row) for line in lines] == [(1, early), (2, late), (3, lost)]
    assert [line.place is None for line in lines] == [False, False, True]
    assert lines[2].words == "остановили"


def test_an_edit_of_the_testimony_rewrites_no_annotation(world: World) -> None:
    case = shared_case(world)
    row = annotated(opened_by(world, case))
    rewritten(world, case, STORY, f"Ей 34 года. {NAME} плакала. {STORY}")

    opened = opened_by(world, case)
    (line,) = annotations_of(opened, readable_statement(opened))

    assert line.place == place_of(opened)
    assert line.place is not None
    assert line.place.start > line.note.start
    assert find_annotation(opened, row.id).revision == row.revision
    assert Annotation.history.filter(id=row.id).count() == 1


def test_a_lost_note_shows_its_words_with_the_labels_of_its_day(world: World) -> None:
    case = shared_case(world)
    expert = opened_by(world, case)
    text = readable_statement(expert).text
    place = place_of(expert, text[: text.index("рассказала") + len("рассказала")])
    add_annotation(expert, place=place, provision=provision(), reasoning=NOTE)
    rewritten(world, case, "рассказала", "сказала")

    opened = opened_by(world, case)
    (line,) = annotations_of(opened, readable_statement(opened))
    with translation.override("ru"):
        (in_russian,) = annotations_of(opened, readable_statement(opened))

    assert line.place is None
    assert "⟦" not in line.words
    assert line.words.startswith("[Client]")
    assert in_russian.words.endswith("рассказала")


def test_an_expert_ties_a_lost_note_to_new_words(world: World) -> None:
    case = shared_case(world)
    row = annotated(opened_by(world, case))
    rewritten(world, case, QUOTE, "Рядом не было никого")
    opened = opened_by(world, case)

    anchor_again(opened, row, place_of(opened, "не было никого"), revision=row.revision)

    (line,) = annotations_of(opened, readable_statement(opened))
    assert line.words == "не было никого"
    assert line.note.reasoning == NOTE


def test_a_changed_note_belongs_to_whoever_changed_it_and_keeps_its_place(world: World) -> None:
    case = shared_case(world)
    row = annotated(opened_by(world, case))
    opened = opened_by(world, case, "second")

    change_annotation(
        opened, find_annotation(opened, row.id), provision=provision(ref="3"), reasoning="Иначе", revision=1
    )

    (line,) = annotations_of(opened, readable_statement(opened))
    assert (line.provision, line.note.reasoning, line.words) == (provision(ref="3"), "Иначе", QUOTE)
    assert line.row.author == world.people["second"]
    assert Annotation.history.filter(id=row.id).count() == 2


def test_a_stale_annotation_is_not_overwritten(world: World) -> None:
    case = shared_case(world)
    row = annotated(opened_by(world, case))
    opened = opened_by(world, case, "second")
    theirs = find_annotation(opened, row.id)
    change_annotation(opened_by(world, case), row, provision=provision(), reasoning="Первая", revision=1)

    with pytest.raises(StaleRevisionError):
        change_annotation(opened, theirs, provision=provision(), reasoning="Вторая", revision=1)
    with pytest.raises(StaleRevisionError):
        anchor_again(opened, theirs, place_of(opened), revision=1)

    (line,) = annotations_of(opened, readable_statement(opened))
    assert line.note.reasoning == "Первая"


def test_a_removed_annotation_leaves_its_sealed_history(world: World) -> None:
    case = shared_case(world)
    opened = opened_by(world, case)
    row = annotated(opened)
    removed = row.id

    remove_annotation(opened, row)

    assert annotations_of(opened, readable_statement(opened)) == []
    assert list(Annotation.history.filter(id=removed).values_list("history_type", flat=True)) == ["-", "+"]
    assert {each.history_user for each in Annotation.history.filter(id=removed)} == {world.people["expert"]}


def test_an_annotation_of_another_case_is_not_found(world: World) -> None:
    case = shared_case(world)
    row = annotated(opened_by(world, case))
    other = case_in_analysis(world)

    with pytest.raises(Http404):
        find_annotation(opened_by(world, other.case, "lawyer"), row.id)


def test_an_expert_waits_while_names_in_a_changed_testimony_are_checked(world: World) -> None:
    case = shared_case(world)
    place = place_of(opened_by(world, case))
    lawyer = open_case(world.actor("lawyer"), case.reference, need="change_case", compartments=BOTH)
    save_narrative(lawyer, f"{STORY} Позвоните Аркадию Семёновичу Брызгалову.", language="ru", revision=2)
    expert = opened_by(world, case)

    with pytest.raises(BeingCheckedError):
        readable_statement(expert)
    with pytest.raises(BeingCheckedError):
        add_annotation(expert, place=place, provision=provision(), reasoning=NOTE)

    assert readable_statement(lawyer).text


# --- which law ------------------------------------------------------------------------------------------------------


def test_provisions_in_force_on_the_day_are_offered_suggested_ones_first(world: World) -> None:
    case = shared_case(world)

    options = provision_options(opened_by(world, case))

    groups = {str(group.label): [each.short_label for each in group.provisions] for group in options.groups}
    assert next(iter(groups)) == "Suggested for this case"
    assert groups["Suggested for this case"] == ["ECHR 5", "IGHRDP II.7", "WGAD Cat. I-V"]
    assert "ECHR 5" in groups["ECHR · European Convention on Human Rights"]
    assert options.days.is_one_day
    assert options.days.first.isoformat() == "2025-03-14"


def test_law_that_was_not_yet_in_force_is_not_offered_unless_it_was_chosen_before(world: World) -> None:
    case = shared_case(world)
    later = provision("EU-2013-48", "3")
    type(later).objects.filter(pk=later.pk).update(in_force_from="2025-03-15")
    opened = opened_by(world, case)

    assert provision_options(opened).find(str(later.id)) is None
    assert provision_options(opened, later.id).find(str(later.id)) == later


def test_without_a_day_the_law_of_the_year_is_offered(world: World) -> None:
    case = shared_case(world)
    case.year = 2024
    opened = opened_by(world, case)
    opened.case.incident_set.all().delete()
    opened.case.year = 2024

    days = provision_options(opened).days

    assert (days.first.isoformat(), days.last.isoformat()) == ("2024-01-01", "2024-12-31")


# --- findings and reviews -------------------------------------------------------------------------------------------


def test_a_finding_shows_its_conclusion_without_a_key_and_its_reasoning_with_one(world: World) -> None:
    case = shared_case(world)
    finding = concluded(opened_by(world, case))

    assert open_findings(case) == [OpenFinding(finding.id, provision(), Conclusion.VIOLATED, ReviewState.WAITING)]
    (line,) = findings_of(opened_by(world, case, "second"))
    assert (line.text, line.provision, line.conclusion, line.reviews) == (TEXT, provision(), Conclusion.VIOLATED, ())


def test_nobody_reviews_a_finding_of_their_own(world: World) -> None:
    case = shared_case(world)
    opened = opened_by(world, case)
    finding = concluded(opened)

    with pytest.raises(OwnFindingError):
        review_finding(opened, finding, agrees=True, comment="", revision=1)

    assert not FindingReview.objects.exists()


def test_a_second_expert_agrees(world: World) -> None:
    case = shared_case(world)
    finding = concluded(opened_by(world, case))
    second = opened_by(world, case, "second")

    review_finding(second, finding, agrees=True, comment=COMMENT, revision=1)

    (line,) = findings_of(second)
    assert line.state == ReviewState.AGREED
    assert [(each.comment, each.counts) for each in line.reviews] == [(COMMENT, True)]


def test_a_second_answer_of_the_same_expert_replaces_the_first(world: World) -> None:
    case = shared_case(world)
    finding = concluded(opened_by(world, case))
    second = opened_by(world, case, "second")
    review_finding(second, finding, agrees=False, comment=COMMENT, revision=1)
    disputed = open_findings(case)[0].state

    review_finding(second, finding, agrees=True, comment="", revision=1)

    assert disputed == ReviewState.DISPUTED
    assert open_findings(case)[0].state == ReviewState.AGREED
    assert FindingReview.objects.count() == 1
    assert FindingReview.history.count() == 2


def test_a_changed_finding_leaves_its_reviews_behind(world: World) -> None:
    case = shared_case(world)
    opened = opened_by(world, case)
    finding = concluded(opened)
    review_finding(opened_by(world, case, "second"), finding, agrees=True, comment=COMMENT, revision=1)

    change_finding(
        opened,
        finding,
        provision=provision(ref="3"),
        conclusion=Conclusion.INSUFFICIENT,
        text=replace(TEXT, remedy=""),
        revision=1,
    )

    (line,) = findings_of(opened)
    assert (line.state, line.conclusion, line.provision) == (
        ReviewState.WAITING,
        Conclusion.INSUFFICIENT,
        provision(ref="3"),
    )
    assert [(each.comment, each.counts) for each in line.reviews] == [(COMMENT, False)]


def test_whoever_rewrites_a_finding_does_not_review_it_too(world: World) -> None:
    case = shared_case(world)
    finding = concluded(opened_by(world, case))
    second = opened_by(world, case, "second")
    finding.refresh_from_db()
    change_finding(
        second, finding, provision=provision(), conclusion=Conclusion.VIOLATED, text=TEXT, revision=finding.revision
    )

    with pytest.raises(OwnFindingError):
        review_finding(second, finding, agrees=True, comment="", revision=2)

    review_finding(opened_by(world, case), finding, agrees=True, comment="", revision=2)
    assert open_findings(case)[0].state == ReviewState.AGREED


def test_a_review_of_a_wording_that_is_gone_is_refused(world: World) -> None:
    case = shared_case(world)
    opened = opened_by(world, case)
    finding = concluded(opened)
    change_finding(opened, finding, provision=provision(), conclusion=Conclusion.NOT_VIOLATED, text=TEXT, revision=1)

    with pytest.raises(StaleRevisionError):
        review_finding(opened_by(world, case, "second"), finding, agrees=True, comment="", revision=1)


def test_a_stale_finding_is_not_overwritten(world: World) -> None:
    case = shared_case(world)
    opened = opened_by(world, case)
    finding = concluded(opened)
    theirs = find_finding(opened, finding.id).row
    change_finding(opened, finding, provision=provision(), conclusion=Conclusion.NOT_VIOLATED, text=TEXT, revision=1)

    with pytest.raises(StaleRevisionError):
        change_finding(opened, theirs, provision=provision(), conclusion=Conclusion.INSUFFICIENT, text=TEXT, revision=1)

    assert find_finding(opened, finding.id).conclusion == Conclusion.NOT_VIOLATED


def test_the_database_knows_the_conclusions(world: World) -> None:
    finding = concluded(opened_by(world, shared_case(world)))

    with pytest.raises(IntegrityError), transaction.atomic():
        Finding.objects.filter(pk=finding.pk).update(conclusion="perhaps")


# --- the step to anonymisation --------------------------------------------------------------------------------------


def test_a_case_without_a_finding_stays_in_analysis(world: World) -> None:
    opened = opened_by(world, shared_case(world))

    with pytest.raises(StepRefusedError) as refused:
        send_to_anonymisation(opened)

    assert refused.value.missing == (Missing("Write at least one finding.", "legal_analysis:finding_add"),)


def test_every_finding_needs_agreement_or_the_mark_of_a_single_expert(world: World) -> None:
    case = shared_case(world)
    opened = opened_by(world, case)
    agreed, disputed, waiting = (concluded(opened, ref=ref) for ref in ("3", "5", "6"))
    second = opened_by(world, case, "second")
    review_finding(second, agreed, agrees=True, comment="", revision=1)
    review_finding(second, disputed, agrees=False, comment=COMMENT, revision=1)

    both = missing_for_anonymisation(opened)
    mark_single_expert(opened, waiting)
    one = missing_for_anonymisation(opened)
    mark_single_expert(second, disputed)
    none = missing_for_anonymisation(opened)

    assert [each.url_name for each in both] == ["legal_analysis:case"] * 2
    assert [str(each.what)[:24] for each in one] == ["A second expert disagree"]
    assert none == ()
    assert [each.state for each in open_findings(case)] == [
        ReviewState.AGREED,
        ReviewState.SINGLE,
        ReviewState.SINGLE,
    ]


def test_the_mark_of_a_single_expert_can_be_taken_back_and_gives_way_to_agreement(world: World) -> None:
    case = shared_case(world)
    opened = opened_by(world, case)
    finding = concluded(opened)
    mark_single_expert(opened, finding)
    mark_single_expert(opened, finding, single=False)
    taken_back = open_findings(case)[0].state
    mark_single_expert(opened, finding)
    review_finding(opened_by(world, case, "second"), finding, agrees=True, comment="", revision=1)

    assert taken_back == ReviewState.WAITING
    assert open_findings(case)[0].state == ReviewState.AGREED


def test_a_finished_analysis_is_sent_on_and_can_be_read_but_not_written(world: World) -> None:
    case = shared_case(world)
    opened = opened_by(world, case)
    row, finding = annotated(opened), concluded(opened)
    mark_single_expert(opened, finding)

    send_to_anonymisation(opened)

    later = opened_by(world, case)
    assert later.case.stage == Stage.ANONYMISATION
    assert findings_of(later)[0].text == TEXT
    for write in (
        lambda: annotated(later),
        lambda: change_annotation(later, row, provision=provision(), reasoning="x", revision=1),
        lambda: anchor_again(later, row, place_of(later), revision=1),
        lambda: remove_annotation(later, row),
        lambda: concluded(later),
        lambda: change_finding(
            later, finding, provision=provision(), conclusion=Conclusion.VIOLATED, text=TEXT, revision=1
        ),
        lambda: review_finding(opened_by(world, case, "second"), finding, agrees=True, comment="", revision=1),
        lambda: mark_single_expert(later, finding),
        lambda: send_to_anonymisation(later),
    ):
        with pytest.raises(WrongStageError):
            write()


def test_a_caseworker_may_read_the_analysis_and_write_nothing(world: World) -> None:
    case = shared_case(world)
    opened = opened_by(world, case)
    row, finding = annotated(opened), concluded(opened)
    lawyer = opened_by(world, case, "lawyer")

    assert findings_of(lawyer)[0].text == TEXT
    for write in (
        lambda: annotated(lawyer),
        lambda: remove_annotation(lawyer, row),
        lambda: concluded(lawyer),
        lambda: review_finding(lawyer, finding, agrees=True, comment="", revision=1),
        lambda: mark_single_expert(lawyer, finding),
        lambda: send_to_anonymisation(lawyer),
    ):
        with pytest.raises(Http404):
            write()


# --- what stays behind ----------------------------------------------------------------------------------------------


def test_every_deed_stands_in_the_ledger_without_a_word_of_it(world: World) -> None:
    case = shared_case(world)
    opened, second = opened_by(world, case), opened_by(world, case, "second")
    row, finding = annotated(opened), concluded(opened)
    change_annotation(opened, row, provision=provision(), reasoning=NOTE, revision=1)
    anchor_again(opened, row, place_of(opened), revision=2)
    remove_annotation(opened, row)
    change_finding(opened, finding, provision=provision(), conclusion=Conclusion.VIOLATED, text=TEXT, revision=1)
    review_finding(second, finding, agrees=True, comment=COMMENT, revision=2)
    mark_single_expert(opened, finding)
    send_to_anonymisation(opened)

    rows = search_ledger(world.actor("auditor"), LedgerFilter()).rows

    assert [(each.action, each.actor) for each in reversed(rows) if each.action.startswith("analysis.")] == [
        ("analysis.add_annotation", "expert-ge"),
        ("analysis.add_finding", "expert-ge"),
        ("analysis.change_annotation", "expert-ge"),
        ("analysis.anchor_again", "expert-ge"),
        ("analysis.remove_annotation", "expert-ge"),
        ("analysis.change_finding", "expert-ge"),
        ("analysis.review_finding", "second-ge"),
        ("analysis.mark_single_expert", "expert-ge"),
        ("analysis.send_on", "expert-ge"),
    ]
    assert raw_bytes.found(SECRETS, repr(rows).encode()) == []


def test_no_byte_of_the_database_holds_a_word_of_an_analysis(world: World) -> None:
    case = shared_case(world)
    opened = opened_by(world, case)
    row, finding = annotated(opened), concluded(opened)
    change_annotation(opened, row, provision=provision(), reasoning=f"{NOTE} ещё", revision=1)
    review_finding(opened_by(world, case, "second"), finding, agrees=False, comment=COMMENT, revision=1)
    remove_annotation(opened, row)

    everything = raw_bytes.of_database()

    assert raw_bytes.found(SECRETS, everything) == []
    shown = str(finding.id) if connection.features.has_native_uuid_field else finding.id.hex
    assert raw_bytes.found([shown, "violated"], everything) == [shown, "violated"]


def test_history_opens_by_revision(world: World) -> None:
    case = shared_case(world)
    opened = opened_by(world, case)
    finding = concluded(opened)
    change_finding(
        opened,
        finding,
        provision=provision(),
        conclusion=Conclusion.VIOLATED,
        text=replace(TEXT, reasoning="Другое"),
        revision=1,
    )

    versions = Finding.history.filter(id=finding.id).order_by("revision")

    assert [opened.testimony.unseal(each, "sealed_reasoning")["reasoning"] for each in versions] == [
        TEXT.reasoning,
        "Другое",
    ]


def test_a_new_key_of_the_testimony_takes_the_analysis_along(world: World) -> None:
    case = shared_case(world)
    expert = opened_by(world, case)
    annotated(expert)
    finding = concluded(expert)
    review_finding(opened_by(world, case, "second"), finding, agrees=True, comment=COMMENT, revision=1)
    lawyer = open_case(world.actor("lawyer"), case.reference, need="share_case", compartments=BOTH)

    revoke(lawyer, world.people["expert"])

    again = opened_by(world, case, "second")
    assert findings_of(again)[0].reviews[0].comment == COMMENT
    assert annotations_of(again, readable_statement(again))[0].note.reasoning == NOTE
    with pytest.raises(Http404):
        opened_by(world, case, "expert")


def test_a_step_back_from_anonymisation_opens_the_analysis_again(world: World) -> None:
    case = shared_case(world)
    opened = opened_by(world, case)
    mark_single_expert(opened, concluded(opened))
    send_to_anonymisation(opened)
    move(opened, Stage.ANALYSIS)

    assert concluded(opened_by(world, case), ref="3").revision == 1


def test_the_law_can_be_missing_altogether(world: World) -> None:
    opened = case_in_analysis(world)

    assert provision_options(opened).groups == ()
    load_law("ECHR")
    assert len(provision_options(opened).groups) == 2
