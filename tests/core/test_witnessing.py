"""A witness on a machine of its own: signs what continues, refuses what was set back or forked, and forgets nothing."""

import json
import os
import subprocess
import sys
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction

from casebook.core import checkpoints, ledger, merkle
from casebook.core.models import Checkpoint
from casebook.core.proofs import ConsistencyProof
from casebook.core.signed_notes import CheckpointText, KeyKind, Note, NoteError, VerifierKey, cosigned_at, sign_text
from casebook.core.witnessing import make_key, read_key
from tests.builders import World

NAME = "ledger.example"
LOG = Ed25519PrivateKey.from_private_bytes(bytes(32))
LEAVES = [merkle.leaf_hash(bytes([number])) for number in range(20)]
FORK = [*LEAVES[:5], merkle.leaf_hash(b"another"), *LEAVES[6:]]


class Partner:
    """A partner organisation's machine: a folder with its key, its state and what it was sent."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key, self.state = folder / "key", folder / "state"
        self.log_key = str(VerifierKey.of(NAME, KeyKind.LOG, LOG))
        self.run("--make-key", "partner.example/w", key_only=True)

    def run(self, *words: str, key_only: bool = False) -> str:
        more = [] if key_only else ["--state", str(self.state), "--log-key", self.log_key]
        command = [sys.executable, "-m", "casebook.witness", "--key", str(self.key), *more, *words]
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(settings.BASE_DIR)}
        done = subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False, timeout=60
        )
        if done.returncode:
            raise NoteError(done.stderr)
        return done.stdout

    def sees(self, leaves: list[bytes], size: int, *, since: int | None = None, by: Ed25519PrivateKey = LOG) -> Note:
        """Send the checkpoint of a history, with a proof of its growth in one bundle, and have it co-signed."""
        note = str(note_of(leaves, size, by=by))
        content: dict[str, Any] = {"note": note, "proof": proof_of(leaves, since or 0, size).as_json()}
        sent = self.folder / "sent"
        sent.write_text(note if since is None else json.dumps(content), encoding="utf-8")
        return Note.parse(self.run("--note", str(sent)))


def note_of(leaves: list[bytes], size: int, *, by: Ed25519PrivateKey = LOG) -> Note:
    text = str(CheckpointText(NAME, size, merkle.root(merkle.tree_of(leaves), size)))
    return Note(text, (sign_text(text, NAME, by),))


def proof_of(leaves: list[bytes], old: int, size: int) -> ConsistencyProof:
    tree = merkle.tree_of(leaves)
    hashes = tuple(merkle.consistency_proof(tree, old, size))
    return ConsistencyProof(old, size, merkle.root(tree, old), merkle.root(tree, size), hashes)


@pytest.fixture
def partner(tmp_path: Path) -> Partner:
    return Partner(tmp_path)


def test_a_growing_log_is_co_signed_with_the_time(partner: Partner) -> None:
    first = partner.sees(LEAVES, 7)
    second = partner.sees(LEAVES, 13, since=7)
    key = read_key(partner.key).verifier

    assert first.signed_by(key)
    assert second.signed_by(key)
    assert cosigned_at(second.signatures[-1]) > 1_700_000_000
    assert Note.parse(partner.state.read_text(encoding="utf-8")) == second


def test_the_same_checkpoint_again_is_co_signed_again(partner: Partner) -> None:
    partner.sees(LEAVES, 7)

    assert len(partner.sees(LEAVES, 7).signatures) == 2


def test_a_log_that_was_set_back_is_refused_and_remembered(partner: Partner) -> None:
    seen = partner.sees(LEAVES, 7)

    with pytest.raises(NoteError, match="Rollback"):
        partner.sees(LEAVES, 5)
    assert Note.parse(partner.state.read_text(encoding="utf-8")) == seen


@pytest.mark.parametrize("size", [7, 13])
def test_another_history_is_refused(partner: Partner, size: int) -> None:
    partner.sees(LEAVES, 7)

    with pytest.raises(NoteError, match="Fork"):
        partner.sees(FORK, size, since=7)


def test_growth_without_a_proof_or_with_another_proof_is_refused(partner: Partner) -> None:
    partner.sees(LEAVES, 7)

    with pytest.raises(NoteError, match="proof from 7 to 13"):
        partner.sees(LEAVES, 13)
    with pytest.raises(NoteError, match="proof from 7 to 13"):
        partner.sees(LEAVES, 13, since=6)


def test_a_forged_proof_of_the_true_heads_is_refused(partner: Partner) -> None:
    partner.sees(LEAVES, 7)
    proof = proof_of(FORK, 7, 13).as_json()
    proof["from_root"] = proof_of(LEAVES, 7, 13).as_json()["from_root"]
    sent = partner.folder / "sent"
    sent.write_text(json.dumps({"note": str(note_of(FORK, 13)), "proof": proof}), encoding="utf-8")

    with pytest.raises(NoteError, match="Fork"):
        partner.run("--note", str(sent))


def test_a_checkpoint_that_the_log_did_not_sign_is_refused(partner: Partner) -> None:
    with pytest.raises(NoteError, match="has not signed"):
        partner.sees(LEAVES, 7, by=Ed25519PrivateKey.generate())


def test_the_proof_may_come_in_a_file_of_its_own(partner: Partner) -> None:
    partner.sees(LEAVES, 7)
    note, proof = partner.folder / "note", partner.folder / "proof"
    note.write_text(str(note_of(LEAVES, 13)), encoding="utf-8")
    proof.write_text(json.dumps(proof_of(LEAVES, 7, 13).as_json()), encoding="utf-8")
    out = partner.folder / "cosigned"

    said = partner.run("--note", str(note), "--proof", str(proof), "--out", str(out))

    assert said == f"Co-signed as partner.example/w: {out}\n"
    assert Note.parse(out.read_text(encoding="utf-8")).signed_by(read_key(partner.key).verifier)


def test_the_key_file_is_for_its_owner_alone_and_made_once(partner: Partner) -> None:
    before = partner.key.read_bytes()

    assert partner.key.stat().st_mode & 0o777 == 0o600
    with pytest.raises(NoteError, match="exists"):
        partner.run("--make-key", "partner.example/w", key_only=True)
    assert partner.key.read_bytes() == before
    partner.key.chmod(0o644)
    with pytest.raises(NoteError, match="chmod 600"):
        partner.sees(LEAVES, 7)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"note": 7}',
        '{"note": "text"}',
        '{"note": "x\\n\\n— y AAAAAAAA\\n", "proof": null}',
        '{"note": "x\\n\\n— y AAAAAAAA\\n", "proof": {"kind": "consistency", "from": true, "to": 2, "hashes": []}}',
        "[" * 60_000,
        "x" * 70_000,
    ],
)
def test_files_that_are_none_are_refused_in_words(partner: Partner, written: str) -> None:
    sent = partner.folder / "sent"
    sent.write_text(written, encoding="utf-8")

    with pytest.raises(NoteError) as refusal:
        partner.run("--note", str(sent))
    assert "Traceback" not in str(refusal.value)


@pytest.mark.parametrize("written", ["{}", '{"name": "a b", "seed": "AAAA"}', '{"name": "ab", "seed": "AAAA"}', "[]"])
def test_a_broken_key_file_is_refused(tmp_path: Path, written: str) -> None:
    path = tmp_path / "key"
    make_key(path, "partner.example/w")
    path.write_text(written, encoding="utf-8")

    with pytest.raises(NoteError):
        read_key(path)


# --- taking it back ---------------------------------------------------------------------------------------------------


def cosigned_by(partner: Partner, row: Checkpoint, *, since: int) -> Path:
    partner.log_key = str(checkpoints.log_key())
    sent, out = partner.folder / "bundle", partner.folder / "out"
    sent.write_text(json.dumps(checkpoints.bundle(row, since=since)), encoding="utf-8")
    partner.run("--note", str(sent), "--out", str(out))
    return out


def test_a_co_signed_checkpoint_comes_home(world: World, partner: Partner, settings: Any) -> None:
    settings.CASEBOOK_WITNESS_KEYS = [str(read_key(partner.key).verifier)]
    first = checkpoints.issue()
    call_command("checkpoint", add=cosigned_by(partner, first, since=0), stdout=StringIO())
    with transaction.atomic():
        ledger.record("account.lock", actor=world.actor("admin"))
    second = checkpoints.issue()

    assert checkpoints.witnesses_of(Checkpoint.objects.get(pk=first.size)) == ["partner.example/w"]
    assert checkpoints.witnesses_of(second) == []
    call_command("checkpoint", add=cosigned_by(partner, second, since=first.size), stdout=StringIO())
    assert checkpoints.witnesses_of(Checkpoint.objects.get(pk=second.size)) == ["partner.example/w"]


def test_a_checkpoint_of_an_unknown_witness_is_not_taken(world: World, partner: Partner, settings: Any) -> None:
    stranger = VerifierKey.of("stranger.example/w", KeyKind.WITNESS, Ed25519PrivateKey.generate())
    settings.CASEBOOK_WITNESS_KEYS = [str(stranger)]
    row = checkpoints.issue()

    with pytest.raises(CommandError, match="No witness that we know"):
        call_command("checkpoint", add=cosigned_by(partner, row, since=0))
    assert Checkpoint.objects.get().note == row.note


def test_a_false_signature_of_a_known_witness_is_not_taken(world: World, partner: Partner, settings: Any) -> None:
    settings.CASEBOOK_WITNESS_KEYS = [str(read_key(partner.key).verifier)]
    row = checkpoints.issue()
    out = cosigned_by(partner, row, since=0)
    note = Note.parse(out.read_text(encoding="utf-8"))
    line = note.signatures[-1]
    false = note.with_signature(type(line)(line.name, line.key_id, sha256(line.value).digest() * 3))
    out.write_text(str(false), encoding="utf-8")

    with pytest.raises(CommandError, match="false"):
        call_command("checkpoint", add=out)


def test_a_checkpoint_of_another_log_is_not_taken(world: World, partner: Partner, settings: Any) -> None:
    settings.CASEBOOK_WITNESS_KEYS = [str(read_key(partner.key).verifier)]
    out = partner.folder / "foreign"
    out.write_text(str(partner.sees(LEAVES, checkpoints.issue().size % 20)), encoding="utf-8")

    with pytest.raises(CommandError, match="not one of ours"):
        call_command("checkpoint", add=out)


def test_a_witness_key_that_is_none_stops_the_start(settings: Any) -> None:
    from django.core.checks import run_checks

    for keys in (["nonsense"], [str(checkpoints.log_key())]):
        settings.CASEBOOK_WITNESS_KEYS = keys
        assert "casebook.E008" in {message.id for message in run_checks(tags=["security"])}
    settings.CASEBOOK_WITNESS_KEYS = []
    assert "casebook.E008" not in {message.id for message in run_checks(tags=["security"])}
