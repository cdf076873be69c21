"""Signed notes, checkpoints and cosignatures against the published examples of C2SP, and against forgery (test 82)."""

from base64 import b64encode
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from casebook.core.signed_notes import (
    CheckpointText,
    KeyKind,
    Note,
    NoteError,
    VerifierKey,
    cosign,
    cosigned_at,
    sign_text,
)

# The example of the Go package golang.org/x/mod/sumdb/note, from which c2sp.org/signed-note comes.
PETER_WEINBERGER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
# The example of c2sp.org/tlog-checkpoint and c2sp.org/tlog-cosignature.
EXAMPLE = (
    "example.com/behind-the-sofa\n"
    "20852163\n"
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— witness.example.com/w1 "
    "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)
LOG, WITNESS = Ed25519PrivateKey.from_private_bytes(bytes(32)), Ed25519PrivateKey.from_private_bytes(b"\1" * 32)
TEXT = str(CheckpointText("casebook.example/ledger", 7, sha256(b"root").digest()))
LOG_KEY = VerifierKey.of("casebook.example/ledger", KeyKind.LOG, LOG)
WITNESS_KEY = VerifierKey.of("partner.example/w", KeyKind.WITNESS, WITNESS)


def signed() -> Note:
    return Note(TEXT, (sign_text(TEXT, LOG_KEY.name, LOG),))


def test_the_published_note_verifies_with_the_published_key() -> None:
    key = VerifierKey.parse(PETER_WEINBERGER)
    note = Note.parse(PETER_NOTE)

    assert (key.name, key.kind) == ("PeterNeumann", KeyKind.LOG)
    assert str(key) == PETER_WEINBERGER
    assert note.signed_by(key)
    assert str(note) == PETER_NOTE


def test_the_published_checkpoint_is_read_and_written_alike() -> None:
    note = Note.parse(EXAMPLE)

    assert CheckpointText.parse(note.text).size == 20852163
    assert str(CheckpointText.parse(note.text)) == note.text
    assert str(note) == EXAMPLE
    assert [line.name for line in note.signatures] == ["example.com/behind-the-sofa", "witness.example.com/w1"]
    assert cosigned_at(note.signatures[1]) == 1679315147


def test_key_identifiers_are_what_the_specification_says() -> None:
    for key, kind in ((LOG_KEY, b"\x01"), (WITNESS_KEY, b"\x04")):
        assert key.key_id == sha256(key.name.encode() + b"\n" + kind + key.public).digest()[:4]
        assert VerifierKey.parse(str(key)) == key


def test_a_log_signs_the_text_itself() -> None:
    note = Note.parse(str(signed()))

    assert note.signed_by(LOG_KEY)
    Ed25519PublicKey.from_public_bytes(LOG_KEY.public).verify(note.signatures[0].value, TEXT.encode())


def test_a_witness_signs_header_time_and_text() -> None:
    note = Note.parse(str(signed().with_signature(cosign(TEXT, WITNESS_KEY.name, WITNESS, at=1_700_000_000))))
    value = note.signatures[1].value

    assert note.signed_by(WITNESS_KEY)
    assert value[:8] == (1_700_000_000).to_bytes(8, "big")
    message = b"cosignature/v1\ntime 1700000000\n" + TEXT.encode()
    Ed25519PublicKey.from_public_bytes(WITNESS_KEY.public).verify(value[8:], message)


def test_a_key_that_did_not_sign_is_not_taken_for_a_signer() -> None:
    other = VerifierKey.of("another.example/log", KeyKind.LOG, LOG)
    namesake = VerifierKey.of(LOG_KEY.name, KeyKind.LOG, WITNESS)

    assert not signed().signed_by(other)
    assert not signed().signed_by(namesake)
    assert not signed().signed_by(WITNESS_KEY)


def test_a_changed_text_or_time_is_a_false_signature() -> None:
    changed = str(signed()).replace("\n7\n", "\n8\n")
    with pytest.raises(NoteError, match="false"):
        Note.parse(changed).signed_by(LOG_KEY)
    line = cosign(TEXT, WITNESS_KEY.name, WITNESS, at=1_700_000_000)
    later = (1_800_000_000).to_bytes(8, "big") + line.value[8:]
    encoded = b64encode(line.key_id + later).decode()
    note = Note.parse(f"{signed()}— {line.name} {encoded}\n")
    with pytest.raises(NoteError, match="false"):
        note.signed_by(WITNESS_KEY)


def test_a_second_line_of_the_same_key_takes_the_place_of_the_first() -> None:
    once = signed().with_signature(cosign(TEXT, WITNESS_KEY.name, WITNESS, at=1))
    twice = once.with_signature(cosign(TEXT, WITNESS_KEY.name, WITNESS, at=2))

    assert [cosigned_at(line) for line in twice.signatures[1:]] == [2]
    assert twice.only_by([LOG_KEY]) == signed()


@pytest.mark.parametrize(
    "written",
    [
        "",
        "text",
        "text\n\n",
        "text\n\n— name\n",
        "text\n\n— name !!!!\n",
        "text\n\n— name AAAA\n",
        "text\n\n- name AAAAAAAA\n",
        "text\n\n— na+me AAAAAAAA\n",
        "text\x07\n\n— name AAAAAAAA\n",
        "text\r\n\r\n— name AAAAAAAA\r\n",
        "text\n\n— name AAAAAAAA",
        "text\n\n— name AAAAAAAB=\n",
        "text\n\n" + "— name AAAAAAAA\n" * 65,
        "t" * 70_000 + "\n\n— name AAAAAAAA\n",
    ],
)
def test_what_is_no_note_is_refused(written: str) -> None:
    with pytest.raises(NoteError):
        Note.parse(written)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "origin\n7\n",
        "origin\n07\nAAAA\n",
        "origin\n-7\nAAAA\n",
        "origin\n7\nAAAA\n",
        "\n7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "origin\n7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n",
        "origin\n7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\nextension\n",
        "origin\n٧\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        CheckpointText.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+00000000+AA==",
        str(LOG_KEY).replace(LOG_KEY.key_id.hex(), "00000000"),
        f"name+00000000+{b64encode(bytes([2]) + bytes(32)).decode()}",
        "na me+00000000+" + b64encode(bytes([1]) + bytes(32)).decode(),
    ],
)
def test_what_is_no_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        VerifierKey.parse(text)
