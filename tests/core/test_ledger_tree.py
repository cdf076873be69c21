"""The ledger as a tree: heads from kept hashes, whole verification, checkpoints, proofs."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from casebook.core import checkpoints, ledger, ledger_tree, ledger_verification, merkle
from casebook.core.errors import LogMismatchError
from casebook.core.ledger_tree import StoredTree, TreeHead, begins_with, size_now
from casebook.core.models import AuditEvent, Checkpoint, LedgerHead, LedgerNode
from casebook.core.proofs import ConsistencyProof
from casebook.core.signed_notes import CheckpointText, Note, VerifierKey
from tests import ledger_forgery
from tests.builders import World


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of four leaves, so that a ledger of some dozen events has every kind of subtree."""
    for module in (ledger_tree, ledger_verification):
        monkeypatch.setattr(module, "BLOCK_LEVEL", 2)
        monkeypatch.setattr(module, "BLOCK", 4)
    LedgerNode.objects.all().delete()


def write(world: World, count: int) -> None:
    actor = world.actor("admin")
    for _ in range(count):
        with transaction.atomic():
            ledger.record("account.lock", actor=actor)


@pytest.fixture
def grown(world: World, small_blocks: None) -> World:
    """A ledger whose full blocks of four have their hashes kept from the first to the last."""
    for size in range(4, size_now() + 1, 4):
        ledger_tree.keep_full_subtrees(size)
    write(world, 21)
    return world


def leaves() -> list[bytes]:
    return [bytes(leaf) for leaf in AuditEvent.objects.order_by("seq").values_list("leaf", flat=True)]


def verify() -> str:
    out = StringIO()
    call_command("verify_ledger", stdout=out)
    return out.getvalue()


def test_the_head_of_every_beginning_is_the_one_of_its_leaves(grown: World) -> None:
    tree, all_leaves = StoredTree(from_rows=True), leaves()

    found = [tree.head(size).root for size in range(len(all_leaves) + 1)]

    assert found == [merkle.root(merkle.tree_of(all_leaves), size) for size in range(len(all_leaves) + 1)]


def test_full_subtrees_are_kept_when_their_last_event_is_written(grown: World) -> None:
    count = size_now()
    expected = {(level, at) for level in range(2, 9) for at in range(count >> level)}

    assert set(LedgerNode.objects.values_list("level", "position")) == expected
    assert (3, 1) in expected


def test_a_head_reads_one_unfinished_block_and_a_few_hashes(grown: World) -> None:
    size = size_now()

    with CaptureQueriesContext(connection) as queries:
        StoredTree().head(size)

    reads = [query["sql"] for query in queries if "auditevent" in query["sql"]]
    assert len(reads) == (1 if size % 4 else 0)
    assert len(queries) <= 1 + size.bit_length()


def test_a_missing_hash_is_computed_and_reported(grown: World) -> None:
    before = StoredTree().head(size_now())
    LedgerNode.objects.filter(level=3, position=1).delete()

    assert StoredTree().head(size_now()) == before
    with pytest.raises(CommandError, match="Event 8: the kept hash of 8 events"):
        verify()


def test_a_changed_hash_is_named_by_its_first_event(grown: World) -> None:
    LedgerNode.objects.filter(level=2, position=3).update(digest=bytes(32))

    with pytest.raises(CommandError, match="Event 12: the kept hash of 4 events"):
        verify()


def test_events_after_the_end_do_not_verify(grown: World) -> None:
    event = AuditEvent.objects.latest("seq")
    event.seq += 5
    event.save(force_insert=True)

    with pytest.raises(CommandError, match="after the end"):
        verify()


def test_a_ledger_that_was_set_back_takes_no_event_over_an_old_one(world: World) -> None:
    LedgerHead.objects.update(size=3)

    with pytest.raises(LogMismatchError), transaction.atomic():
        ledger.record("account.lock", actor=world.actor("admin"))


def test_a_ledger_begins_with_each_of_its_heads_and_no_other(grown: World) -> None:
    size = size_now()
    heads = [StoredTree().head(at) for at in range(size + 1)]

    assert all(begins_with(head, StoredTree(from_rows=True)) for head in heads)
    assert not begins_with(TreeHead(size + 1, heads[-1].root), StoredTree())
    assert not begins_with(TreeHead(size - 1, heads[-1].root), StoredTree())


def test_blocks_with_missing_events_refuse_nobodys_work(grown: World) -> None:
    AuditEvent.objects.filter(seq=size_now() - 1).delete()
    write(grown, 4)

    with pytest.raises(LogMismatchError):
        StoredTree().head(size_now())


# --- checkpoints ------------------------------------------------------------------------------------------------------


def test_a_checkpoint_says_origin_size_and_root_and_is_signed_by_the_log(grown: World) -> None:
    out = StringIO()
    call_command("checkpoint", stdout=out)
    key = StringIO()
    call_command("checkpoint", key=True, stdout=key)
    note, log = Note.parse(out.getvalue()), VerifierKey.parse(key.getvalue())

    assert note.signed_by(log)
    assert CheckpointText.parse(note.text) == CheckpointText(log.name, size_now(), StoredTree().head(size_now()).root)
    assert Checkpoint.objects.get().note == out.getvalue()
    assert "verified" in verify()


def test_the_same_ledger_has_one_checkpoint(grown: World) -> None:
    assert checkpoints.issue().note == checkpoints.issue().note
    assert Checkpoint.objects.count() == 1


def test_a_checkpoint_of_another_history_stops_the_next_one_and_does_not_verify(grown: World) -> None:
    row = checkpoints.issue()
    write(grown, 1)
    ledger_forgery.change(size_now() - 3)
    ledger_forgery.recompute(size_now() - 3)

    with pytest.raises(CommandError, match="does not begin with the last checkpoint"):
        call_command("checkpoint")
    with pytest.raises(CommandError, match=f"Event {row.size - 1}: changed: a checkpoint"):
        verify()


def test_a_checkpoint_of_more_events_than_there_are_does_not_verify(grown: World) -> None:
    row = checkpoints.issue()
    ledger_forgery.cut(1)
    assert size_now() == row.size - 1

    with pytest.raises(CommandError, match="checkpoint of more events"):
        verify()


def test_a_checkpoint_that_we_did_not_sign_does_not_verify(grown: World) -> None:
    row = checkpoints.issue()
    text, _empty, _signature = row.note.rpartition("\n\n")
    Checkpoint.objects.update(note=row.note.replace(text.split("\n")[0], "another.example/ledger"))

    with pytest.raises(CommandError, match="a checkpoint with other events"):
        verify()


# --- proofs -----------------------------------------------------------------------------------------------------------


def proof_of(**options: Any) -> dict[str, Any]:
    out = StringIO()
    call_command("ledger_proof", stdout=out, **options)
    content: dict[str, Any] = json.loads(out.getvalue())
    return content


def test_every_entry_can_be_proved_and_no_proof_serves_for_another(grown: World) -> None:
    row = checkpoints.issue()
    for event in AuditEvent.objects.all():
        proof = checkpoints.prove_inclusion(event, row.size)
        assert checkpoints.stands_in(proof, row)
        other = AuditEvent.objects.exclude(pk=event.pk).first()
        assert other is not None
        assert not merkle.verify_inclusion(bytes(other.leaf), event.seq, row.size, proof.hashes, proof.root)


def test_growth_is_proved_between_any_two_sizes(grown: World) -> None:
    for old in (0, 1, 7, 16, size_now()):
        content = proof_of(old=old, size=size_now())
        assert ConsistencyProof.from_json(content).holds()
        content["from_root"] = content["hashes"][0] if content["hashes"] else "A" * 43 + "="
        assert not ConsistencyProof.from_json(content).holds()


def test_an_entrys_file_holds_the_note_and_the_key(grown: World) -> None:
    content = proof_of(entry=5)

    assert (content["kind"], content["entry"], content["size"]) == ("inclusion", 5, size_now())
    assert Note.parse(content["note"]).signed_by(VerifierKey.parse(content["log_key"]))


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"entry": 1, "old": 2},
        {"entry": 10**6},
        {"entry": -1},
        {"entry": 5, "size": 5},
        {"entry": 5, "size": 10**6},
        {"old": 3, "size": 2},
        {"old": -1},
        {"old": 10**6},
    ],
)
def test_a_proof_of_what_never_was_is_refused(grown: World, options: dict[str, int]) -> None:
    with pytest.raises(CommandError):
        proof_of(**options)
