"""Key wraps and signatures."""

import os
from dataclasses import replace
from uuid import uuid4

import pytest

from casebook.core.errors import IntegrityError
from casebook.core.wrapping import (
    WRAP_LENGTH,
    PrivateKeys,
    WrapPlace,
    hpke_private_key,
    sign,
    unwrap,
    verify,
    wrap,
)

HOLDER = PrivateKeys.generate()
PUBLIC = HOLDER.public()
PRIVATE = hpke_private_key(HOLDER.hpke)
PLACE = WrapPlace(uuid4(), uuid4(), uuid4(), "identity", 1, "user", uuid4(), 1)


def test_a_wrap_has_the_documented_length_and_opens_for_its_recipient() -> None:
    key = os.urandom(32)
    info = PLACE.info(PUBLIC.hpke)
    blob = wrap(PUBLIC.hpke, key, info=info)

    assert (len(blob), blob[:4]) == (WRAP_LENGTH, b"W\x01\x01\x00")
    assert (len(PUBLIC.hpke), len(PUBLIC.signing), len(HOLDER.hpke), len(HOLDER.signing)) == (1216, 32, 96, 32)
    assert unwrap(PRIVATE, blob, info=info) == key


@pytest.mark.parametrize(
    "change",
    [
        {"organisation": uuid4()},
        {"case": uuid4()},
        {"compartment": uuid4()},
        {"compartment_name": "testimony"},
        {"epoch": 2},
        {"recipient_kind": "team"},
        {"recipient": uuid4()},
        {"recipient_epoch": 2},
    ],
)
def test_a_wrap_moved_to_any_other_place_does_not_open(change: dict[str, object]) -> None:
    blob = wrap(PUBLIC.hpke, os.urandom(32), info=PLACE.info(PUBLIC.hpke))
    moved = replace(PLACE, **change)  # type: ignore[arg-type]

    with pytest.raises(IntegrityError):
        unwrap(PRIVATE, blob, info=moved.info(PUBLIC.hpke))


def test_changed_and_truncated_wraps_do_not_open() -> None:
    info = PLACE.info(PUBLIC.hpke)
    blob = wrap(PUBLIC.hpke, os.urandom(32), info=info)
    changed = [blob[:i] + bytes((blob[i] ^ 1,)) + blob[i + 1 :] for i in range(0, WRAP_LENGTH, 7)]

    for value in (*changed, blob[:-1], blob[:100], b""):
        with pytest.raises(IntegrityError):
            unwrap(PRIVATE, value, info=info)


def test_a_signature_is_bound_to_its_statement_and_signer() -> None:
    signature = sign(HOLDER.signing, b"statement")
    verify(PUBLIC.signing, signature, b"statement")

    for public, value, statement in (
        (PUBLIC.signing, signature, b"another"),
        (PrivateKeys.generate().public().signing, signature, b"statement"),
        (PUBLIC.signing, bytes(64), b"statement"),
        (PUBLIC.signing, b"short", b"statement"),
    ):
        with pytest.raises(IntegrityError):
            verify(public, value, statement)


def test_private_keys_do_not_show_in_a_repr() -> None:
    assert HOLDER.hpke.hex()[:8] not in repr(HOLDER)
    assert repr(HOLDER.signing)[2:10] not in repr(HOLDER)
