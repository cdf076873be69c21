"""The law library: loading it, the versions of a provision, searching it, and what a lawyer has checked."""

from dataclasses import replace
from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.http import Http404
from django.test import Client
from django.utils import translation

from accounts.actor import Actor
from accounts.ledger_search import LedgerFilter, search_ledger
from casebook.core.errors import LockedError
from legal_analysis.actions import Loaded, confirm_instrument, load_instruments
from legal_analysis.models import Instrument, Provision
from legal_analysis.queries import in_force_on, library
from tests.builders import World
from tests.clients import client_of
from tests.legal_analysis.builders import load_law, small_law

pytestmark = pytest.mark.django_db


def test_the_shipped_law_is_loaded_once_however_often_the_command_runs() -> None:
    said = StringIO()

    call_command("load_reference", stdout=said)
    first = list(Instrument.objects.values()), list(Provision.objects.values())
    call_command("load_reference", stdout=said)

    assert said.getvalue().splitlines() == [
        "Law library: 359 new, 0 changed.",
        "Law library: 0 new, 0 changed.",
    ]
    assert (list(Instrument.objects.values()), list(Provision.objects.values())) == first
    assert Instrument.history.count() + Provision.history.count() == 359


def test_a_changed_heading_is_brought_up_to_date_and_nothing_is_deleted() -> None:
    load_instruments([small_law("Liberty")])
    load_instruments([replace(small_law(), code="OTHER")])

    loaded = load_instruments([small_law("Liberty and security")])

    assert loaded == Loaded(changed=1)
    assert Instrument.objects.count() == 2
    assert list(Provision.objects.values_list("heading_en", flat=True)) == ["Liberty and security", "Liberty"]


def test_a_corrected_day_is_the_same_version_and_a_second_entry_is_a_new_one() -> None:
    load_instruments([small_law(in_force_from=date(2001, 5, 1))])
    corrected = small_law(in_force_from=date(2001, 6, 1))
    load_instruments([corrected])

    only = Provision.objects.get()
    before, after = corrected.articles[0], small_law("New words", in_force_from=date(2010, 1, 1)).articles[0]
    load_instruments([replace(corrected, articles=(replace(before, in_force_until=date(2009, 12, 31)), after))])

    assert only.in_force_from == date(2001, 6, 1)
    assert [each.heading_en for each in in_force_on(date(2009, 12, 31))] == ["Liberty"]
    assert [each.heading_en for each in in_force_on(date(2010, 1, 1))] == ["New words"]
    assert [each.heading_en for each in in_force_on(date(2000, 1, 1))] == []
    assert [each.heading_en for each in in_force_on(date(2009, 1, 1), date(2010, 12, 31))] == ["Liberty", "New words"]


def test_a_provision_whose_day_is_not_known_is_always_offered() -> None:
    load_instruments([small_law(in_force_from=None)])

    assert in_force_on(date(1900, 1, 1)).count() == 1


@pytest.mark.parametrize("since", [None, date(2001, 5, 1)])
def test_the_database_refuses_a_second_version_of_the_same_day(since: date | None) -> None:
    load_instruments([small_law(in_force_from=since)])
    double = Provision.objects.get()
    double.pk = None
    double._state.adding = True

    with pytest.raises(IntegrityError), transaction.atomic():
        Provision.objects.bulk_create(
            [Provision(instrument=double.instrument, ref="1", heading_en="x", category="life", in_force_from=since)]
        )


def test_the_shipped_law_says_since_when_each_provision_is_in_force() -> None:
    load_law("ECHR", "NMR", "ESC")

    days = dict(Provision.objects.values_list("instrument__code", "in_force_from"))

    assert days["ECHR"] == date(1953, 9, 3)
    assert days["NMR"] == date(2015, 12, 17)  # a standard: since it was adopted
    assert days["ESC"] is None  # two days: 1961 and 1996


def test_what_was_not_read_or_is_not_sure_is_unverified() -> None:
    load_law("UDHR", "CIS-HR", "ECHR", "ECHR-P12")

    unverified = {each.code: each.is_unverified for each in Instrument.objects.all()}

    assert unverified["UDHR"]
    assert unverified["CIS-HR"]
    assert unverified["ECHR"]  # read in part only
    assert not unverified["ECHR-P12"]


def test_a_legal_expert_confirms_an_instrument_and_the_ledger_says_so(world: World) -> None:
    load_law("UDHR")
    instrument = Instrument.objects.get(code="UDHR")

    confirm_instrument(world.actor("expert"), instrument)

    assert not Instrument.objects.get(code="UDHR").is_unverified
    newest = search_ledger(world.actor("auditor"), LedgerFilter()).rows[0]
    assert (newest.action, newest.actor) == ("analysis.confirm_instrument", "expert-ge")
    assert newest.details is not None
    assert newest.details["code"] == "UDHR"


def test_only_an_unlocked_legal_expert_confirms(world: World) -> None:
    load_law("UDHR")
    instrument = Instrument.objects.get(code="UDHR")

    with pytest.raises(Http404):
        confirm_instrument(world.actor("lawyer"), instrument)
    with pytest.raises(LockedError):
        confirm_instrument(Actor(world.people["expert"]), instrument)

    assert Instrument.objects.get(code="UDHR").is_unverified


def test_a_confirmation_lapses_when_the_facts_change_and_outlives_a_new_date_of_the_list(world: World) -> None:
    low = replace(small_law(), columns={**small_law().columns, "confidence": "low"})
    load_instruments([low])
    confirm_instrument(world.actor("expert"), Instrument.objects.get())

    load_instruments([replace(low, columns={**low.columns, "as_of": "2027-01"})])
    outlived = not Instrument.objects.get().is_unverified
    load_instruments([replace(low, articles=small_law("Other words").articles)])

    assert outlived
    assert Instrument.objects.get().is_unverified


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("pharmacy", []),
        ("ECHR-P12", [("ECHR-P12", ())]),
        ("мандел", [("NMR", ())]),
        ("CAT doctor", []),
        ("cedaw rural", [("CEDAW", ("14",))]),
    ],
)
def test_every_word_of_a_search_has_to_be_there_in_either_language(
    words: str, expected: list[tuple[str, tuple[str, ...]]]
) -> None:
    load_law("ECHR-P12", "NMR", "CAT", "CEDAW")

    found = [
        (entry.instrument.code, tuple(each.ref for each in entry.provisions))
        for group in library(words)
        for entry in group.entries
    ]

    assert found == expected


def test_the_library_is_grouped_by_system() -> None:
    load_law("UDHR", "WGAD", "IGHRDP", "ECHR", "IC", "CIS-HR", "GDPR")

    groups = {str(group.label): len(group.entries) for group in library()}

    assert groups == {
        "United Nations": 3,
        "Council of Europe": 2,
        "Commonwealth of Independent States": 1,
        "European Union": 1,
    }


def test_titles_and_headings_follow_the_language_and_fall_back_to_english() -> None:
    load_law("ICCPR")
    instrument = Instrument.objects.get(code="ICCPR")
    translated, untranslated = Provision.objects.get(instrument=instrument, ref="9"), Provision(heading_en="Only so")

    with translation.override("ru"):
        in_russian = instrument.title, translated.label, untranslated.heading

    assert in_russian == (
        "Международный пакт о гражданских и политических правах",
        "ICCPR 9 · Свобода и неприкосновенность",
        "Only so",
    )
    assert translated.label == "ICCPR 9 · Liberty; no arbitrary arrest"


def test_the_pages_of_the_library_speak_both_languages(world: World) -> None:
    load_law("UDHR", "ICCPR", "IGHRDP")
    client = client_of(world, "advocate")

    english = client.get("/law/library/", {"words": "arbitrary detention"})
    client.post("/language/", {"language": "ru"})
    russian = client.get("/law/library/ICCPR/")

    assert english.status_code == 200
    assert b"Arbitrary arrest and detention" in english.content
    assert b"Universal Declaration" not in english.content
    assert "Свобода и неприкосновенность".encode() in russian.content
    assert "Международный пакт о гражданских и политических правах".encode() in russian.content


def test_an_instrument_page_shows_complaint_time_limit_source_and_badge(world: World) -> None:
    load_law("ECHR")

    page = client_of(world, "lawyer").get("/law/library/ECHR/").content.decode()

    assert "4 months from the final domestic decision" in page
    assert "ECBA: change of the time-limit" in page
    assert "Unverified: check before citing" in page
    assert "Confirm as checked" not in page


def test_an_expert_confirms_on_the_page(world: World) -> None:
    load_law("UDHR")
    client = client_of(world, "expert")

    assert "Confirm as checked" in client.get("/law/library/UDHR/").content.decode()
    answer = client.post("/law/library/UDHR/confirm/")
    page = client.get("/law/library/UDHR/").content.decode()

    assert answer.status_code == 302
    assert "Checked by a lawyer of Harbour" in page
    assert "Unverified" not in page


VISITS = [
    ("lawyer", "/law/library/", 200),
    ("auditor", "/law/library/", 404),
    ("admin", "/law/library/ECHR/", 404),
    ("lawyer", "/law/library/NOWHERE/", 404),
    ("lawyer", "/law/library/ECHR%00/", 404),
    ("lawyer", "/law/library/?words=%00", 422),
    ("lawyer", "/law/library/?words=" + "x" * 300, 422),
    ("lawyer", "/law/library/?words=%D1%82%D1%8E%D1%80%D1%8C%D0%BC%D0%B0-which-is-nowhere", 200),
]


def test_who_reads_the_library_and_what_bad_addresses_get(world: World) -> None:
    load_law("ECHR")
    clients = {name: client_of(world, name) for name, _path, _status in VISITS}

    assert [(name, path, clients[name].get(path).status_code) for name, path, _status in VISITS] == VISITS


def test_the_library_asks_for_sign_in(db: None) -> None:
    assert Client().get("/law/library/", secure=True).status_code == 302


def test_a_street_lawyer_cannot_confirm(world: World) -> None:
    load_law("UDHR")

    assert client_of(world, "lawyer").post("/law/library/UDHR/confirm/").status_code == 404
    assert client_of(world, "expert").get("/law/library/UDHR/confirm/").status_code == 405
