"""A witness of somebody else's ledger: remembers the last checkpoint it saw and signs only what continues it.

For a partner organisation, on a machine of its own: no database and no settings, a key file and a state file. Run
`python -m casebook.witness` or `manage.py witness`. What it says is c2sp.org/tlog-cosignature: at this time the ledger
had grown to this size and nothing that the witness saw before had been changed.
"""

import json
import os
import time
from argparse import ArgumentParser
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from casebook.core.merkle import EMPTY_ROOT
from casebook.core.proofs import ConsistencyProof, read_json
from casebook.core.signed_notes import CheckpointText, KeyKind, Note, NoteError, VerifierKey, checked_name, cosign


@dataclass(frozen=True, slots=True, repr=False)
class WitnessKey:
    """A witness's name and signing key."""

    name: str
    private: Ed25519PrivateKey

    @property
    def verifier(self) -> VerifierKey:
        return VerifierKey.of(self.name, KeyKind.WITNESS, self.private)


def make_key(path: Path, name: str) -> WitnessKey:
    """Write a new key file that only its owner reads; raises NoteError for a bad name, FileExistsError."""
    key = WitnessKey(checked_name(name), Ed25519PrivateKey.generate())
    seed = b64encode(key.private.private_bytes_raw()).decode()
    _write_new(path, json.dumps({"name": name, "seed": seed}) + "\n")
    return key


def read_key(path: Path) -> WitnessKey:
    """Read a key file; raises NoteError where it is none or others may read it."""
    if path.stat().st_mode & 0o077:
        raise NoteError(f"Others can read {path}. Close it: chmod 600 {path}")
    content = read_json(path.read_text(encoding="utf-8"))
    try:
        name, seed = checked_name(content["name"]), b64decode(content["seed"], validate=True)
        return WitnessKey(name, Ed25519PrivateKey.from_private_bytes(seed))
    except (KeyError, TypeError, ValueError, Base64Error):
        raise NoteError(f"{path} is no key file of a witness.") from None


def read_submission(note: Path, proof: Path | None) -> tuple[Note, ConsistencyProof | None]:
    """A note and a proof from two files, or both from one bundle; raises NoteError."""
    written = note.read_text(encoding="utf-8")
    if written.lstrip().startswith("{"):
        content = read_json(written)
        if not isinstance(content, dict) or not isinstance(content.get("note"), str):
            raise NoteError("This bundle holds no note.")
        return Note.parse(content["note"]), ConsistencyProof.from_json(content.get("proof"))
    found = ConsistencyProof.parse(proof.read_text(encoding="utf-8")) if proof else None
    return Note.parse(written), found


def add_cosignature(
    key: WitnessKey, log: VerifierKey, note: Note, proof: ConsistencyProof | None, *, last: Note | None, at: int
) -> Note:
    """The note with this witness's line, if it continues `last`; raises NoteError for a rollback or a fork."""
    said = _checked(log, note)
    if last is not None:
        _must_continue(_checked(log, last), said, proof)
    return note.with_signature(cosign(note.text, key.name, key.private, at=at))


def _checked(log: VerifierKey, note: Note) -> CheckpointText:
    said = CheckpointText.parse(note.text)
    if log.kind != KeyKind.LOG or not note.signed_by(log) or said.origin != log.name:
        raise NoteError("The log has not signed this checkpoint.")
    return said


def _must_continue(before: CheckpointText, said: CheckpointText, proof: ConsistencyProof | None) -> None:
    if said.size < before.size:
        raise NoteError(f"Rollback: this checkpoint has {said.size} events, an earlier one had {before.size}.")
    if said.size == before.size:
        if said.root != before.root:
            raise NoteError(f"Fork: another history of the same {said.size} events.")
        return
    if before.size == 0 and before.root == EMPTY_ROOT:
        return
    if proof is None or (proof.old, proof.size) != (before.size, said.size):
        raise NoteError(f"A consistency proof from {before.size} to {said.size} events is needed.")
    if (proof.old_root, proof.root) != (before.root, said.root) or not proof.holds():
        raise NoteError(f"Fork: these {said.size} events do not begin with the {before.size} that were seen before.")


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--key", type=Path, required=True, help="the witness's own key file")
    parser.add_argument("--make-key", metavar="NAME", help="make the key file, under a name like example.org/witness")
    parser.add_argument("--state", type=Path, help="file with the last checkpoint seen; made at the first one")
    parser.add_argument("--log-key", help="the ledger's verifier key: name+id+key")
    parser.add_argument("--note", type=Path, help="the checkpoint, or a bundle with its consistency proof")
    parser.add_argument("--proof", type=Path, help="the consistency proof, where it is not in the bundle")
    parser.add_argument("--out", type=Path, help="where to write the co-signed checkpoint")


def run(options: dict[str, Any]) -> str:
    """Do what the command line asks; returns what to print. Raises NoteError, OSError."""
    if options["make_key"]:
        return f"{make_key(options['key'], options['make_key']).verifier}\n"
    if not (options["state"] and options["log_key"] and options["note"]):
        raise NoteError("Give --state, --log-key and --note, or --make-key.")
    key, state = read_key(options["key"]), options["state"]
    note, proof = read_submission(options["note"], options["proof"])
    last = Note.parse(state.read_text(encoding="utf-8")) if state.exists() else None
    log = VerifierKey.parse(options["log_key"])
    cosigned = add_cosignature(key, log, note, proof, last=last, at=int(time.time()))
    _replace(state, str(cosigned))
    if options["out"]:
        options["out"].write_text(str(cosigned), encoding="utf-8")
        return f"Co-signed as {key.name}: {options['out']}\n"
    return str(cosigned)


def _write_new(path: Path, content: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(content)


def _replace(path: Path, content: str) -> None:
    """Write whole or not at all: a half-written state would let a fork pass. On disk before the signature leaves."""
    beside = path.with_name(path.name + ".new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
