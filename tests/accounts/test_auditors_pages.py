"""The auditor's pages: filters, a file to take away, unusual reading, checkpoints, and the proof of one entry."""

import csv
import io
import json
import subprocess
import sys
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts import ledger_audit, ledger_export, ledger_search
from accounts.ledger_kinds import Kind, kind_of
from accounts.ledger_search import LedgerRow
from accounts.ledger_words import ACTIONS
from accounts.unusual_reading import Rule, findings
from casebook.core import checkpoints, ledger, merkle
from casebook.core.countries import COUNTRIES, TIME_ZONES
from casebook.core.csv_cells import csv_file, safe_cell
from casebook.core.ledger_tree import size_now
from casebook.core.models import AuditEvent, Checkpoint
from casebook.core.signed_notes import CheckpointText, KeyKind, Note, VerifierKey
from tests import ledger_forgery
from tests.accounts.entries import entries
from tests.builders import World, found_world
from tests.cases.builders import new_case, told_case
from tests.clients import client_of

LEDGER = "/account/ledger/"
NIGHT = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)


@pytest.fixture
def auditor(world: World) -> Client:
    return client_of(world, "auditor")


def lines(client: Client, **chosen: str) -> list[tuple[str, str]]:
    """Who did what, on the first page of a filter."""
    page = client.get(LEDGER, chosen)
    assert page.status_code == 200
    return [(line.actor, str(line.what)) for line in page.context["lines"]]


# --- filters ----------------------------------------------------------------------------------------------------------


def test_what_one_person_did_and_what_was_done_to_them(world: World, auditor: Client) -> None:
    found = lines(auditor, person="lawyer-ge")

    assert ("lawyer-ge", "accepted an invitation") in found
    assert ("admin-ge", "confirmed somebody's keys") in found
    assert not any(actor not in {"lawyer-ge", "admin-ge"} for actor, _what in found)


def test_one_kind_of_deed(world: World, auditor: Client) -> None:
    told_case(world)
    client_of(world, "lawyer").get(reverse("cases:list"))

    assert {what for _actor, what in lines(auditor, kind="read")} >= {"read the list of cases"}
    assert all(kind_of(_code_of(what)) == Kind.CHANGED for _actor, what in lines(auditor, kind="changed"))
    assert lines(auditor, kind="changed")


def _code_of(what: str) -> str:
    return next(code for code, words in ACTIONS.items() if str(words) == what)


def test_everything_about_one_case_also_what_hangs_on_it(world: World, auditor: Client) -> None:
    case, other = told_case(world).case, new_case(world).case

    found = [what for _actor, what in lines(auditor, reference=case.reference.lower())]

    assert {"started a case", "saved a narrative", "saved a person of a case"} <= set(found)
    assert len(found) > len(lines(auditor, reference=other.reference)) > 0
    assert lines(auditor, reference="2222222") == []


def test_one_day(world: World, auditor: Client) -> None:
    today = datetime.now(UTC).date()

    assert lines(auditor, first=today.isoformat(), last=today.isoformat())
    assert lines(auditor, last=(today - timedelta(days=1)).isoformat()) == []
    assert lines(auditor, first=(today + timedelta(days=1)).isoformat()) == []


def test_a_search_goes_on_where_one_page_has_looked_enough(
    world: World, auditor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_search, "SCAN", 5)
    expected = set(lines(auditor, person="expert-ge"))
    seen, address, pages = set(), f"{LEDGER}?person=expert-ge", 0
    while address:
        page = auditor.get(address)
        seen |= {(line.actor, str(line.what)) for line in page.context["lines"]}
        address, pages = (LEDGER + page.context["older"]) if page.context["older"] else "", pages + 1
        assert not page.context["older"] or b"Search further back" in page.content

    assert pages > 3
    assert ("admin-ge", "confirmed somebody's keys") in seen
    assert expected <= seen


@pytest.mark.parametrize(
    "chosen",
    [
        {"person": "nobody"},
        {"person": "foreigner-md"},
        {"kind": "everything"},
        {"first": "yesterday"},
        {"first": "2026-02-30"},
        {"first": "2026-02-03", "last": "2026-02-01"},
        {"reference": "x" * 21},
    ],
)
def test_a_filter_that_cannot_be_is_said_in_the_form(world: World, auditor: Client, chosen: dict[str, str]) -> None:
    page = auditor.get(LEDGER, chosen)

    assert page.status_code == 422
    assert "lines" not in page.context
    assert page.context["form"].errors


def test_people_of_other_organisations_are_not_offered(world: World, auditor: Client) -> None:
    found_world("Elsewhere", "MD")

    assert b"-md" not in auditor.get(LEDGER).content


def test_reading_the_ledger_is_an_entry_of_its_own(world: World, auditor: Client) -> None:
    auditor.get(LEDGER, {"person": "lawyer-ge"})

    entry = entries(world, "account.read_ledger")[-1]
    assert (entry["actor"], entry["filter"]) == ("auditor-ge", {"person": "lawyer-ge"})


def test_every_action_has_a_kind_that_fits() -> None:
    kinds = {code: kind_of(code) for code in ACTIONS}

    assert {code for code, kind in kinds.items() if kind == Kind.EXPORTED} >= {
        "case.download_evidence",
        "publication.export_digest",
        "account.export_ledger",
    }
    assert kinds["case.open"] == kinds["case.list"] == kinds["account.read_ledger"] == Kind.READ
    assert kinds["case.grant"] == kinds["case.revoke"] == kinds["account.hand_auditors_key"] == Kind.SHARED
    assert kinds["account.sign_in"] == kinds["account.unlock_failed"] == kinds["account.log_mismatch"] == Kind.SIGN_IN
    assert kinds["account.set_roles"] == kinds["organisation.found"] == Kind.PEOPLE
    assert kinds["case.save_narrative"] == kinds["publication.publish"] == Kind.CHANGED


# --- the file ---------------------------------------------------------------------------------------------------------


def table(answer: Any) -> list[list[str]]:
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_the_filtered_entries_leave_as_a_table_and_the_export_is_an_entry(world: World, auditor: Client) -> None:
    answer = auditor.post(f"{LEDGER}export/", {"person": "lawyer-ge"})

    heading, *rows = table(answer)
    assert heading == ["No.", "When (UTC)", "Who", "Did what", "Details"]
    assert {row[2] for row in rows} == {"lawyer-ge", "admin-ge"}
    assert "attachment" in answer.headers["Content-Disposition"]
    entry = entries(world, "account.export_ledger")[-1]
    assert (entry["actor"], entry["events"], entry["filter"]) == ("auditor-ge", len(rows), {"person": "lawyer-ge"})


def test_no_cell_of_the_file_is_a_formula(world: World, auditor: Client) -> None:
    with transaction.atomic():
        for how in ("=1+1", "+1", "-1", "@x", "\tx", "\rx", "harmless"):
            ledger.record(how, actor=world.actor("auditor"))

    _heading, *rows = table(auditor.post(f"{LEDGER}export/"))

    assert {row[3] for row in rows} >= {"'=1+1", "'+1", "'-1", "'@x", "'\tx", "'\rx", "harmless"}
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows for cell in row)


@pytest.mark.parametrize(("text", "cell"), [("", ""), ("-", "'-"), ("a=b", "a=b"), ("\r=1", "'\r=1"), ("١", "١")])
def test_cells_are_made_safe(text: str, cell: str) -> None:
    assert safe_cell(text) == cell
    assert list(csv.reader(io.StringIO(csv_file([[text, 'a "b", c']]).decode("utf-8-sig"), newline=""))) == [
        [cell, 'a "b", c']
    ]


def test_too_many_entries_for_one_file_are_refused_in_words(
    world: World, auditor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_export, "MOST", 3)

    page = auditor.post(f"{LEDGER}export/")

    assert page.status_code == 422
    assert b"Choose fewer days" in page.content
    assert entries(world, "account.export_ledger") == []


def test_an_export_asks_for_the_passphrase_afresh(world: World, auditor: Client, settings: Any) -> None:
    settings.CASEBOOK_STEP_UP_SECONDS = 0

    assert auditor.post(f"{LEDGER}export/").status_code != 200
    assert entries(world, "account.export_ledger") == []


def test_an_export_with_a_broken_filter_is_refused(world: World, auditor: Client) -> None:
    assert auditor.post(f"{LEDGER}export/", {"first": "x"}).status_code == 422


# --- unusual reading --------------------------------------------------------------------------------------------------


def row(seq: int, at: datetime, action: str, actor: str = "nino", **details: Any) -> LedgerRow:
    return LedgerRow(seq, at, action, actor, details)


def opening(seq: int, at: datetime, case: int, *, compartment: str = "identity") -> LedgerRow:
    return row(seq, at, "case.open", target=f"cases.Case:{case}", compartments=[compartment])


NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
TBILISI = ZoneInfo("Asia/Tbilisi")


def test_ten_identities_within_an_hour_are_found_once() -> None:
    rows = [opening(number, NOON + timedelta(minutes=5 * number), number) for number in range(12)]

    (found,) = findings(rows, TBILISI)

    assert (found.rule, found.actor, found.count, found.seq) == (Rule.MANY_IDENTITIES, "nino", 12, 0)
    assert (found.begins, found.ends) == (rows[0].at, rows[-1].at)


@pytest.mark.parametrize(
    "rows",
    [
        [opening(number, NOON + timedelta(minutes=7 * number), number) for number in range(40)],
        [opening(number, NOON + timedelta(minutes=number), number % 9) for number in range(40)],
        [opening(number, NOON + timedelta(minutes=number), number, compartment="testimony") for number in range(40)],
        [
            row(number, NOON, "case.open", actor=f"p{number}", target=f"cases.Case:{number}", compartments=["identity"])
            for number in range(40)
        ],
    ],
    ids=["slowly", "few cases", "testimony only", "many people"],
)
def test_ordinary_reading_is_not_found(rows: list[LedgerRow]) -> None:
    assert findings(rows, TBILISI) == []


@pytest.mark.parametrize(
    ("clock", "is_night"), [("22:59", False), ("23:00", True), ("02:00", True), ("05:59", True), ("06:00", False)]
)
def test_night_is_what_the_clock_there_says(clock: str, is_night: bool) -> None:
    at = datetime.fromisoformat(f"2026-03-02T{clock}").replace(tzinfo=TBILISI)

    assert bool(findings([row(1, at, "case.list")], TBILISI)) is is_night
    assert findings([row(1, at, "case.save_person")], TBILISI) == []


def test_one_night_is_one_finding() -> None:
    start = datetime(2026, 3, 2, 23, 30, tzinfo=TBILISI)
    rows = [row(number, start + timedelta(hours=number), "case.list") for number in range(6)]

    (found,) = findings(rows, TBILISI)

    assert (found.rule, found.count) == (Rule.NIGHT, 6)


def test_a_new_browser_is_found_and_a_known_one_or_the_first_is_not() -> None:
    rows = [row(number, NOON, "account.sign_in", device=device) for number, device in enumerate("abbac")]

    assert [(found.rule, found.seq) for found in findings(rows, TBILISI)] == [
        (Rule.NEW_DEVICE, 4),
        (Rule.NEW_DEVICE, 1),
    ]
    earlier = [row(0, NOON, "account.sign_in", device=device) for device in "bc"]
    assert [found.seq for found in findings(rows, TBILISI, earlier=earlier)] == [0]
    assert findings([row(1, NOON, "account.sign_in", unlocked=True)], TBILISI, earlier=earlier) == []
    assert findings([row(1, NOON, "account.sign_in", "davit", device="z")], TBILISI, earlier=earlier) == []


def test_erased_entries_say_nothing() -> None:
    assert findings([LedgerRow(1, NIGHT, "", "", None)], TBILISI) == []


def test_every_country_has_a_clock() -> None:
    assert TIME_ZONES.keys() == COUNTRIES.keys()
    assert set(TIME_ZONES.values()) <= available_timezones()


def test_the_page_shows_findings_with_their_rule(world: World, auditor: Client) -> None:
    lawyer = world.actor("lawyer")
    with transaction.atomic():
        for case in [new_case(world).case for _ in range(10)]:
            ledger.record("case.open", actor=lawyer, target=case, compartments=["identity"])

    page = auditor.get(f"{LEDGER}unusual/")

    found = [each for each in page.context["page"].found if each.rule == Rule.MANY_IDENTITIES]
    assert [(each.actor, each.count) for each in found] == [("lawyer-ge", 10)]
    assert b"Opened the identities of ten cases or more within an hour" in page.content


def test_a_sign_in_from_another_browser_is_found(world: World, auditor: Client) -> None:
    client_of(world, "lawyer")
    client_of(world, "lawyer")

    page = auditor.get(f"{LEDGER}unusual/")

    assert ("lawyer-ge", Rule.NEW_DEVICE) in [(each.actor, each.rule) for each in page.context["page"].found]


def test_looking_goes_on_an_hour_before_it_stopped(
    world: World, auditor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_audit, "LOOKED_THROUGH", 10)

    page = auditor.get(f"{LEDGER}unusual/")

    assert page.context["page"].looked_through == 10
    following = auditor.get(f"{LEDGER}unusual/{page.context['older']}")
    assert following.status_code == 200
    assert following.context["page"].looked_through == 10


@pytest.mark.parametrize("chosen", [{"first": "x"}, {"first": "2026-02-03", "last": "2026-02-01"}])
def test_days_that_cannot_be_are_said_in_the_form(world: World, auditor: Client, chosen: dict[str, str]) -> None:
    assert auditor.get(f"{LEDGER}unusual/", chosen).status_code == 422


# --- checkpoints and proofs -------------------------------------------------------------------------------------------


def test_the_checkpoint_of_this_moment_is_signed_and_kept(world: World, auditor: Client) -> None:
    answer = auditor.get(f"{LEDGER}checkpoints/now/")
    note = Note.parse(answer.content.decode())

    assert note.signed_by(checkpoints.log_key())
    assert CheckpointText.parse(note.text).size == size_now()
    page = auditor.get(f"{LEDGER}checkpoints/")
    assert str(checkpoints.log_key()) in page.content.decode().replace("&#x2B;", "+").replace("&#43;", "+")
    assert auditor.get(f"{LEDGER}checkpoints/{size_now() - 1}/").status_code == 404
    kept = Checkpoint.objects.get()
    assert auditor.get(f"{LEDGER}checkpoints/{kept.size}/").content == answer.content


def test_a_checkpoint_with_a_false_co_signature_is_not_shown(world: World, auditor: Client, settings: Any) -> None:
    witness = VerifierKey("partner.example/w", KeyKind.WITNESS, bytes(range(32)))
    settings.CASEBOOK_WITNESS_KEYS = [str(witness)]
    kept = checkpoints.issue()
    line = Note.parse(kept.note).signatures[0]
    false = type(line)(witness.name, witness.key_id, bytes(72))
    Checkpoint.objects.update(note=str(Note.parse(kept.note).with_signature(false)))

    page = auditor.get(f"{LEDGER}checkpoints/")

    assert page.status_code == 500
    assert b"failed its integrity check" in page.content


def test_a_ledger_that_was_rewritten_gives_no_new_checkpoint(world: World, auditor: Client) -> None:
    checkpoints.issue()
    ledger_forgery.change(size_now() - 3)
    ledger_forgery.recompute(size_now() - 3)

    page = auditor.get(f"{LEDGER}checkpoints/now/")

    assert page.status_code == 500
    assert b"activity log no longer contains what you saw" in page.content


def test_one_entry_is_shown_with_its_proof(world: World, auditor: Client) -> None:
    page = auditor.get(f"{LEDGER}5/")

    assert page.status_code == 200
    assert page.context["proved"].stands
    assert b"It stands in the checkpoint" in page.content


def test_a_changed_entry_is_not_shown_as_standing(world: World, auditor: Client) -> None:
    row = checkpoints.issue()
    Checkpoint.objects.update(note=row.note.replace("\n", "\n", 1))
    event = AuditEvent.objects.get(seq=5)
    AuditEvent.objects.filter(seq=6).update(leaf=bytes(32))
    assert event.organisation == world.organisation.pk

    page = auditor.get(f"{LEDGER}5/")

    assert page.status_code == 200
    assert not page.context["proved"].stands
    assert b"does not lead to the checkpoint" in page.content


def test_the_proof_in_the_file_is_one_that_outsiders_can_check(world: World, auditor: Client) -> None:
    content = json.loads(auditor.get(f"{LEDGER}5/proof/").content)
    note = Note.parse(content["note"])
    said = CheckpointText.parse(note.text)

    assert note.signed_by(VerifierKey.parse(content["log_key"]))
    hashes = [b64decode(each) for each in content["hashes"]]
    assert merkle.verify_inclusion(b64decode(content["leaf"]), 5, said.size, hashes, said.root)


@pytest.mark.parametrize("room", ["", "5/", "5/proof/", "unusual/", "checkpoints/", "checkpoints/now/"])
def test_to_people_who_do_not_audit_these_pages_do_not_exist(world: World, room: str) -> None:
    assert client_of(world, "admin").get(LEDGER + room).status_code == 404


def test_entries_of_other_organisations_and_none_at_all_are_the_same(world: World, auditor: Client) -> None:
    found_world("Elsewhere", "MD", with_people=False)
    theirs = AuditEvent.objects.exclude(organisation=world.organisation.pk).first()
    assert theirs is not None

    for number in (theirs.seq, 10**17, 10**18):
        for room in ("", "proof/"):
            assert auditor.get(f"{LEDGER}{number}/{room}").status_code == 404


def test_a_stranger_checks_the_file_with_the_words_of_the_documentation(
    world: World, auditor: Client, settings: Any, tmp_path: Path
) -> None:
    """The program in docs/verifying-the-ledger.md, which uses nothing of ours."""
    document = (Path(settings.BASE_DIR) / "docs" / "verifying-the-ledger.md").read_text(encoding="utf-8")
    (tmp_path / "check.py").write_text(document.split("```python\n")[1].split("```")[0], encoding="utf-8")
    content = json.loads(auditor.get(f"{LEDGER}5/proof/").content)

    def check(**changed: Any) -> subprocess.CompletedProcess[str]:
        (tmp_path / "entry.json").write_text(json.dumps(content | changed), encoding="utf-8")
        command = [sys.executable, "check.py", "entry.json", str(checkpoints.log_key())]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)

    assert check().stdout.startswith("Entry 5 of ")
    for changed in (
        {"entry": 6},
        {"at": "2020-01-01T00:00:00.000000+00:00"},
        {"hashes": content["hashes"][:-1]},
        {"hashes": content["hashes"][::-1]},
        {"note": content["note"].replace("\n\n", "\nmore\n\n")},
        {"size": content["size"] - 1},
    ):
        assert check(**changed).returncode == 1
