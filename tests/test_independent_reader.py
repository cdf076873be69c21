"""Both formats opened by a second implementation (group E, 70), from the rows of the database alone."""

import ast
import hashlib
import json
import re
import unicodedata
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidSignature, InvalidTag
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from casebook.core import sealing, wrapping
from casebook.core.encoding import ctx, pad
from casebook.core.uploads import stored_path
from cases.actions import save_narrative
from cases.compartments import ALL_COMPARTMENTS
from cases.models import Case
from cases.queries import card_of, incident_of, people_in, profile_of, statement_of
from cases.rekeying import rekey
from tests import independent_reader as reader
from tests.builders import PASSPHRASE, World
from tests.cases.builders import STORY, reopen, told_case
from tests.clients import client_of

Row = dict[str, Any]


def rows(table: str, **wanted: object) -> list[Row]:
    """Rows of a table as the database gives them, through no model."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
        names = [column[0] for column in cursor.description]
        found = [dict(zip(names, (_cell(cell) for cell in row), strict=True)) for row in cursor.fetchall()]
    return [row for row in found if all(_same(row[name], value) for name, value in wanted.items())]


def _cell(cell: object) -> object:
    return bytes(cell) if isinstance(cell, memoryview) else cell


def _same(cell: object, wanted: object) -> bool:
    return uuid_of(cell) == wanted if isinstance(wanted, UUID) else cell == wanted


def uuid_of(cell: object) -> UUID:
    return cell if isinstance(cell, UUID) else UUID(str(cell))


def slot_of(user: UUID, kind: str) -> tuple[Row, reader.Slot]:
    (key,) = rows("accounts_userkey", user_id=user, active=True)
    (row,) = rows("accounts_keyslot", key_id=uuid_of(key["id"]), kind=kind)
    params = row["params"] if isinstance(row["params"], dict) else json.loads(row["params"])
    slot = reader.Slot(uuid_of(key["id"]), uuid_of(row["id"]), kind, params, row["salt"], row["blob"])
    return key, slot


def keyring_of(user: UUID, passphrase: str) -> reader.Keyring:
    key, slot = slot_of(user, "passphrase")
    user_key = reader.user_key_from_passphrase(slot, unicodedata.normalize("NFKC", passphrase).encode())
    return reader.open_keyring(user_key, key["keyring"], user=user, key=uuid_of(key["id"]), epoch=key["epoch"])


class CaseOnDisk:
    """A case read with one person's keyring by the second implementation."""

    def __init__(self, organisation: UUID, case: UUID, user: UUID, keyring: reader.Keyring) -> None:
        self.organisation, self.case = organisation, case
        self.keys: dict[str, dict[int, bytes]] = {}
        self.compartments: dict[str, UUID] = {}
        for row in rows("cases_compartment", case_id=case):
            name, compartment = row["name"], uuid_of(row["id"])
            (stored,) = rows("cases_keywrap", compartment_id=compartment, kind="user", recipient=user)
            place = reader.Place(
                organisation=organisation,
                case=case,
                compartment=compartment,
                name=name,
                epoch=stored["epoch"],
                kind="user",
                recipient=user,
                recipient_epoch=stored["recipient_epoch"],
            )
            (signer,) = rows("accounts_userkey", id=uuid_of(stored["signer_id"]))
            info = reader.wrap_info(place, reader.public_key(keyring.hpke))
            reader.check_wrap(signer["signing_public"], stored["signature"], stored["blob"], info)
            self.compartments[name] = compartment
            self.keys[name] = {stored["epoch"]: reader.open_wrap(keyring.hpke, stored["blob"], place)}
            self._follow_links(name)

    def _follow_links(self, name: str) -> None:
        compartment = self.compartments[name]
        for link in sorted(rows("cases_epochlink", compartment_id=compartment), key=lambda row: -row["epoch"]):
            place = reader.context("epoch-link", self.case, compartment, name, link["epoch"])
            newer = self.keys[name][link["epoch"]]
            self.keys[name][link["epoch"] - 1] = reader.open_sealed(newer, link["sealed_key"], place)

    def read(self, name: str, model: str, row: Row, field: str) -> Any:
        epoch, revision = reader.epoch_and_revision(row[field])
        assert revision == row["revision"]
        place = reader.context(
            "field", self.organisation, model, uuid_of(row["id"]), field, self.case, self.compartments[name], name
        )
        return json.loads(reader.open_sealed(self.keys[name][epoch], row[field], place))


def on_disk(world: World, case: Case) -> CaseOnDisk:
    user = world.people["lawyer"].id
    return CaseOnDisk(world.organisation.id, case.id, user, keyring_of(user, PASSPHRASE))


def test_the_reader_imports_nothing_of_ours() -> None:
    tree = ast.parse(Path(reader.__file__).read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    rooms = {name.partition(".")[0] for name in imported}
    assert rooms == {"cryptography", "dataclasses", "hashlib", "hmac", "uuid"}


def test_a_case_reads_the_same_from_the_rows_alone(world: World) -> None:
    opened = told_case(world)
    save_narrative(opened, STORY + " И ещё раз.", language="ru", revision=statement_of(opened)[0].revision)  # type: ignore[union-attr]
    case = on_disk(world, opened.case)

    again = reopen(world, opened, "lawyer")
    (row,) = rows("cases_case", id=opened.case.id)
    assert case.read("testimony", "cases.Case", row, "sealed_card")["title"] == card_of(again).title
    (row,) = rows("cases_person", case_id=opened.case.id)
    profile = profile_of(again, people_in(again)[0])
    read = case.read("identity", "cases.Person", row, "sealed_profile")
    assert (read["given"], tuple(read["phones"])) == (profile.given, profile.phones)
    (row,) = rows("cases_statement", case_id=opened.case.id)
    assert case.read("testimony", "cases.Statement", row, "sealed_content")["text"] == statement_of(again)[1].text
    (row,) = rows("cases_incident", case_id=opened.case.id)
    assert case.read("testimony", "cases.Incident", row, "sealed_details")["time"] == incident_of(again)[1].time


def test_history_reads_through_the_links_of_new_keys(world: World) -> None:
    opened = told_case(world)
    first = statement_of(opened)[1].text
    opened = reopen(world, opened, "lawyer", need="share_case", wanted=ALL_COMPARTMENTS)
    rekey(opened, "testimony")
    save_narrative(opened, "новый текст", language="ru", revision=statement_of(opened)[0].revision)  # type: ignore[union-attr]
    rekey(opened, "testimony")

    case = on_disk(world, opened.case)
    versions = sorted(rows("cases_historicalstatement", case_id=opened.case.id), key=lambda row: row["revision"])
    texts = [case.read("testimony", "cases.Statement", row, "sealed_content")["text"] for row in versions]
    assert texts == [first, "новый текст"]
    assert {reader.epoch_and_revision(row["sealed_content"])[0] for row in versions} == {1, 2}


def test_a_recovery_code_opens_the_same_keyring(world: World) -> None:
    user = world.people["lawyer"].id
    key, slot = slot_of(user, "recovery")
    user_key = reader.user_key_from_recovery_code(slot, world.codes["lawyer"])
    keyring = reader.open_keyring(user_key, key["keyring"], user=user, key=uuid_of(key["id"]), epoch=key["epoch"])

    assert keyring == keyring_of(user, PASSPHRASE)
    assert keyring.root_public == bytes(world.organisation.root_public)


def test_evidence_reads_from_its_file(world: World) -> None:
    opened = told_case(world)
    content = bytes(range(256)) * 200
    client = client_of(world, "lawyer")
    upload = SimpleUploadedFile("photo.jpg", content, "image/jpeg")
    url = f"/cases/{opened.case.reference}/evidence/"
    answer = client.post(url, {"file": upload, "kind": "photo_injuries"})
    assert answer.status_code == 302

    (row,) = rows("cases_evidencefile", case_id=opened.case.id)
    meta = on_disk(world, opened.case).read("testimony", "cases.EvidenceFile", row, "sealed_meta")
    file_id = uuid_of(row["file_id"])
    sealed = stored_path(file_id).read_bytes()
    plain = reader.open_chunks(bytes.fromhex(meta["key"]), sealed, reader.context("file", file_id))
    assert plain == content
    assert meta["sha256"] == hashlib.sha256(content).hexdigest()


def test_the_paper_codes_open_what_the_organisation_file_holds(world: World) -> None:
    file, codes = world.founding.file, world.founding.codes
    keys = file.keys
    assert reader.root_key(keys.id, codes.root) == keys.root_public
    for copy in file.copies.recovery:
        both = codes.custodians[copy.first - 1] + codes.custodians[copy.second - 1]
        seed = reader.recovery_key(keys.id, keys.recovery_public, (copy.first, copy.second, copy.sealed), both)
        assert reader.public_key(seed) == keys.recovery_public
    seed = reader.auditors_key(keys.id, keys.auditor_public, file.copies.auditors, codes.root)
    assert reader.public_key(seed) == keys.auditor_public


# --- values of every size, and damage ---------------------------------------------------------------------------------


@given(plain=st.binary(max_size=40_000), key=st.binary(min_size=32, max_size=32), place=st.binary(max_size=100))
def test_every_sealed_value_opens(plain: bytes, key: bytes, place: bytes) -> None:
    value = sealing.seal(key, plain, context=place, epoch=3, revision=7)
    assert reader.open_sealed(key, value, place) == plain
    assert reader.epoch_and_revision(value) == (3, 7)


@pytest.mark.parametrize("length", [16379, 16380, 16384, 32768, 40000])
def test_values_around_a_chunk_open(length: int) -> None:
    value = sealing.seal(bytes(32), bytes(length), context=b"")
    assert reader.open_sealed(bytes(32), value, b"") == bytes(length)


@given(st.integers(0, 100_000))
def test_the_size_classes_are_the_same(length: int) -> None:
    assert reader.size_class(length + 4) == len(pad(bytes(length)))


@given(st.lists(st.one_of(st.text(), st.binary(), st.integers(0, 2**64 - 1), st.uuids())))
def test_the_contexts_are_the_same(parts: list[str | bytes | int | UUID]) -> None:
    assert reader.context("label", *parts) == ctx("label", *parts)


def test_damage_opens_in_neither() -> None:
    value = sealing.seal(bytes(32), b"words", context=b"place")
    for position in range(0, len(value), 7):
        damaged = bytearray(value)
        damaged[position] ^= 1
        with pytest.raises((reader.DoesNotOpenError, InvalidTag)):
            reader.open_sealed(bytes(32), bytes(damaged), b"place")


def test_a_wrap_opens_only_at_its_place() -> None:
    recipient = wrapping.PrivateKeys.generate()
    ids = [UUID(int=number) for number in range(4)]
    place = wrapping.WrapPlace(ids[0], ids[1], ids[2], "identity", 1, "user", ids[3], 1)
    theirs = reader.Place(
        organisation=ids[0],
        case=ids[1],
        compartment=ids[2],
        name="identity",
        epoch=1,
        kind="user",
        recipient=ids[3],
        recipient_epoch=1,
    )
    public = recipient.public()
    blob = wrapping.wrap(public.hpke, b"k" * 32, info=place.info(public.hpke))
    assert reader.wrap_info(theirs, public.hpke) == place.info(public.hpke)
    assert reader.open_wrap(recipient.hpke, blob, theirs) == b"k" * 32
    elsewhere = reader.Place(**{**theirs.__dict__, "epoch": 2})
    with pytest.raises(InvalidTag):
        reader.open_wrap(recipient.hpke, blob, elsewhere)
    signature = wrapping.sign(recipient.signing, wrapping.wrap_statement(place.info(public.hpke), blob))
    reader.check_wrap(public.signing, signature, blob, place.info(public.hpke))
    with pytest.raises(InvalidSignature):
        reader.check_wrap(public.signing, signature, blob[:-1], place.info(public.hpke))


def test_the_page_of_formats_names_every_label_of_the_code() -> None:
    """A context whose label is not on the page cannot be rebuilt by a second implementation."""
    root = Path(__file__).resolve().parent.parent
    page = (root / "docs" / "formats.md").read_text(encoding="utf-8")
    labels = {
        label
        for folder in ("casebook/core", "accounts", "cases")
        for path in (root / folder).rglob("*.py")
        for label in re.findall(r'\bctx\(\s*"([a-z-]+)"', path.read_text(encoding="utf-8"))
    }
    assert {label for label in labels if f'"{label}"' not in page} == set()
