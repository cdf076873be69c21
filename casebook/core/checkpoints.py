"""Checkpoints of the ledger: signed notes that are given to outsiders, and what witnesses add to them."""

from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from casebook.core import merkle
from casebook.core.encoding import ctx
from casebook.core.errors import IntegrityError, LogMismatchError
from casebook.core.key_derivation import derive_key
from casebook.core.ledger_tree import BrokenTreeError, StoredTree, TreeHead, begins_with, size_now
from casebook.core.models import AuditEvent, Checkpoint
from casebook.core.proofs import ConsistencyProof, InclusionProof
from casebook.core.signed_notes import CheckpointText, KeyKind, Note, NoteError, VerifierKey, sign_text

_LISTED = 20


def log_key() -> VerifierKey:
    """What outsiders need to check our signature; its name is the origin of our checkpoints."""
    return VerifierKey.of(_origin(), KeyKind.LOG, _note_key(settings.CASEBOOK_LEDGER_KEY))


def witness_keys() -> list[VerifierKey]:
    """The witnesses that we know; raises NoteError for a setting that is no list of witness keys."""
    keys = [VerifierKey.parse(text) for text in settings.CASEBOOK_WITNESS_KEYS]
    if any(key.kind != KeyKind.WITNESS for key in keys):
        raise NoteError("CASEBOOK_WITNESS_KEYS holds a key that is no witness's.")
    return keys


def _note_key(ledger_key: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(derive_key(ledger_key, info=ctx("ledger-note")))


def _origin() -> str:
    """The configured name of the log, or one made of its key: so it stays when the site's address changes."""
    configured: str = settings.CASEBOOK_LEDGER_ORIGIN
    public = _note_key(settings.CASEBOOK_LEDGER_KEY).public_key().public_bytes_raw()
    return configured or f"casebook/{public[:8].hex()}"


@transaction.atomic
def issue() -> Checkpoint:
    """The signed head of the ledger as it is now, kept; the same one again where nothing was written since.

    Raises LogMismatchError where the ledger does not begin with the last one: a log never signs two histories.
    """
    size = size_now()
    kept = Checkpoint.objects.filter(pk=size).first()
    last = Checkpoint.objects.order_by("size").last()
    tree = StoredTree(from_rows=True)
    if last is not None:
        before = signed_head(last)
        if before is None or not begins_with(before, tree):
            raise LogMismatchError(last.made_at)
    if kept is not None:
        return kept
    try:
        text = str(CheckpointText(_origin(), size, tree.head(size).root))
    except BrokenTreeError:
        raise LogMismatchError(last.made_at if last else None) from None
    note = Note(text, (sign_text(text, _origin(), _note_key(settings.CASEBOOK_LEDGER_KEY)),))
    return Checkpoint.objects.create(size=size, note=str(note), made_at=timezone.now())


def newest() -> QuerySet[Checkpoint]:
    """The checkpoints given out last, newest first."""
    return Checkpoint.objects.order_by("-size")[:_LISTED]


def find(size: int) -> Checkpoint | None:
    """The checkpoint of this many events, if one was given out."""
    return Checkpoint.objects.filter(pk=size).first()


def latest_with(event: AuditEvent) -> Checkpoint:
    """The newest kept checkpoint that an event stands in; one made now where it is newer. Raises LogMismatchError."""
    return Checkpoint.objects.filter(size__gt=event.seq).order_by("size").last() or issue()


def signed_head(row: Checkpoint) -> TreeHead | None:
    """The head that a kept checkpoint says, if it is signed by this log and stands in its place."""
    try:
        note = Note.parse(row.note)
        said = CheckpointText.parse(note.text)
        signed = note.signed_by(log_key())
    except NoteError:
        return None
    return TreeHead(said.size, said.root) if signed and said.size == row.size else None


@transaction.atomic
def add_cosigned(written: str) -> Checkpoint:
    """Keep what witnesses added to one of our checkpoints; raises NoteError where no known witness signed it."""
    note = Note.parse(written)
    said = CheckpointText.parse(note.text)
    row = Checkpoint.objects.select_for_update().filter(pk=said.size).first()
    ours = Note.parse(row.note) if row else None
    if row is None or ours is None or ours.text != note.text or not note.signed_by(log_key()):
        raise NoteError("This checkpoint is not one of ours.")
    signers = [key for key in witness_keys() if note.signed_by(key)]
    if not signers:
        raise NoteError("No witness that we know has signed this checkpoint. See CASEBOOK_WITNESS_KEYS.")
    for line in note.only_by(signers).signatures:
        ours = ours.with_signature(line)
    row.note = str(ours)
    row.save(update_fields=["note"])
    return row


def witnesses_of(row: Checkpoint) -> list[str]:
    """The names of the known witnesses that signed a kept checkpoint; raises IntegrityError where one is false."""
    try:
        note = Note.parse(row.note)
        return [key.name for key in witness_keys() if note.signed_by(key)]
    except NoteError:
        raise IntegrityError from None


def prove_consistency(old: int, size: int) -> ConsistencyProof:
    """That the ledger only grew from `old` to `size` events; raises ValueError for sizes that it never had."""
    if not 0 <= old <= size <= size_now():
        raise ValueError("the ledger never had these sizes")
    tree = StoredTree()
    hashes = merkle.consistency_proof(tree.perfect, old, size)
    return ConsistencyProof(old, size, tree.head(old).root, tree.head(size).root, tuple(hashes))


def prove_inclusion(event: AuditEvent, size: int) -> InclusionProof:
    """That an event stands in the ledger of `size` events; raises ValueError where it does not."""
    if size > size_now():
        raise ValueError("the ledger never had this size")
    tree = StoredTree()
    return InclusionProof(
        event.seq,
        size,
        tree.head(size).root,
        event.organisation,
        event.at,
        bytes(event.commitment),
        bytes(event.leaf),
        tuple(merkle.inclusion_proof(tree.perfect, event.seq, size)),
    )


def stands_in(proof: InclusionProof, row: Checkpoint) -> bool:
    """Whether a proof, verified as outsiders do, leads to the root that a kept checkpoint is signed for."""
    return proof.holds() and signed_head(row) == TreeHead(proof.size, proof.root)


def bundle(row: Checkpoint, *, since: int) -> dict[str, Any]:
    """What a witness needs in one file: the note, and that it continues the checkpoint it saw last."""
    return {"note": row.note, "proof": prove_consistency(since, row.size).as_json()}


def inclusion_file(event: AuditEvent, row: Checkpoint) -> dict[str, Any]:
    """What somebody needs to see that an event stands in the ledger: the proof, the note, the key to check it with."""
    proof = prove_inclusion(event, row.size)
    return {**proof.as_json(), "note": row.note, "log_key": str(log_key())}
