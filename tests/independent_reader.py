"""A second implementation of docs/formats.md, written from that page and the standards it names, without our code.

Opening only. Primitives come from `cryptography` and `hashlib`; HPKE, X-Wing, chunked encryption, padding, contexts and
recovery codes are written out here, so that a mistake in ours would show as a difference.
"""

import hashlib
import hmac
from dataclasses import dataclass
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class DoesNotOpenError(Exception):
    pass


def require(fits: bool) -> None:
    if not fits:
        raise DoesNotOpenError


# --- contexts and padding --------------------


def context(label: str, *parts: str | bytes | int | UUID) -> bytes:
    encoded = [b"casebook/v1", label.encode()]
    for part in parts:
        if isinstance(part, str):
            encoded.append(part.encode("utf-8"))
        elif isinstance(part, int):
            encoded.append(part.to_bytes(8, "big"))
        else:
            encoded.append(part.bytes if isinstance(part, UUID) else part)
    return b"".join(len(piece).to_bytes(4, "big") + piece for piece in encoded)


def size_class(length: int) -> int:
    if length <= 256:
        return max(64, (length + 63) // 64 * 64)
    exponent = length.bit_length() - 1  # floor(log2 L)
    significant = exponent.bit_length()  # floor(log2 E) + 1
    step = 1 << (exponent - significant)
    return (length + step - 1) // step * step


def without_padding(padded: bytes) -> bytes:
    end = 4 + int.from_bytes(padded[:4], "big")
    require(len(padded) == size_class(end) and padded[end:] == bytes(len(padded) - end))
    return padded[4:end]


# --- key derivation --------------------


def extract(digest: str, salt: bytes, secret: bytes) -> bytes:
    return hmac.digest(salt or bytes(hashlib.new(digest).digest_size), secret, digest)


def expand(digest: str, key: bytes, info: bytes, length: int) -> bytes:
    out, block, counter = b"", b"", 0
    while len(out) < length:
        counter += 1
        block = hmac.digest(key, block + info + bytes([counter]), digest)
        out += block
    return out[:length]


def derive(secret: bytes, info: bytes) -> bytes:
    return expand("sha256", extract("sha256", b"", secret), info, 32)


# --- C2SP chunked encryption, as Cobblestone-256 --------------------


def open_chunks(key: bytes, message: bytes, info: bytes) -> bytes:
    salt, commitment, body = message[:24], message[24:56], message[56:]
    label = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0"
    derived = expand("sha512", key, label + salt + info, 32 + 12 + 32)
    require(hmac.compare_digest(derived[44:], commitment))
    cipher, base, plain, chunk = AESGCM(derived[:32]), int.from_bytes(derived[32:44], "big"), b"", 16384 + 16
    count = len(body) // chunk + 1
    for number in range(count):
        piece = body[number * chunk : (number + 1) * chunk]
        require(len(piece) >= 16 and (len(piece) < chunk) == (number == count - 1))
        plain += cipher.decrypt((base ^ number).to_bytes(12, "big"), piece, None)
    return plain


def open_sealed(key: bytes, value: bytes, place: bytes) -> bytes:
    require(value[:4] == b"S\x01\x01\x01")
    return without_padding(open_chunks(key, value[16:], context("sealed", value[:16], place)))


def epoch_and_revision(value: bytes) -> tuple[int, int]:
    return int.from_bytes(value[4:8], "big"), int.from_bytes(value[8:16], "big")


# --- HPKE: MLKEM768-X25519, HKDF-SHA-256, AES-256-GCM --------------------

XWING_LABEL = bytes.fromhex("5c2e2f2f5e5c")
KEM, KDF, AEAD = 0x647A, 0x0001, 0x0002
SUITE = b"HPKE" + b"".join(number.to_bytes(2, "big") for number in (KEM, KDF, AEAD))


def labeled_extract(salt: bytes, label: bytes, secret: bytes) -> bytes:
    return extract("sha256", salt, b"HPKE-v1" + SUITE + label + secret)


def labeled_expand(key: bytes, label: bytes, info: bytes, length: int) -> bytes:
    return expand("sha256", key, length.to_bytes(2, "big") + b"HPKE-v1" + SUITE + label + info, length)


def public_key(seed: bytes) -> bytes:
    mlkem, x25519 = MLKEM768PrivateKey.from_seed_bytes(seed[:64]), X25519PrivateKey.from_private_bytes(seed[64:96])
    return mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()


def decapsulate(seed: bytes, encapsulated: bytes) -> bytes:
    post_quantum = MLKEM768PrivateKey.from_seed_bytes(seed[:64]).decapsulate(encapsulated[:1088])
    own, theirs = X25519PrivateKey.from_private_bytes(seed[64:96]), encapsulated[1088:1120]
    classical = own.exchange(X25519PublicKey.from_public_bytes(theirs))
    bound = post_quantum + classical + theirs + own.public_key().public_bytes_raw()
    return hashlib.sha3_256(bound + XWING_LABEL).digest()


def open_hpke(seed: bytes, sealed: bytes, info: bytes) -> bytes:
    shared = decapsulate(seed, sealed[:1120])
    schedule = b"\0" + labeled_extract(b"", b"psk_id_hash", b"") + labeled_extract(b"", b"info_hash", info)
    secret = labeled_extract(shared, b"secret", b"")
    key, nonce = labeled_expand(secret, b"key", schedule, 32), labeled_expand(secret, b"base_nonce", schedule, 12)
    return AESGCM(key).decrypt(nonce, sealed[1120:], b"")


# --- key wraps --------------------


@dataclass(frozen=True, kw_only=True)
class Place:
    organisation: UUID
    case: UUID
    compartment: UUID
    name: str
    epoch: int
    kind: str
    recipient: UUID
    recipient_epoch: int


def wrap_info(place: Place, recipient_public: bytes) -> bytes:
    fingerprint = hashlib.sha256(recipient_public).digest()
    inner = context("dek", *(getattr(place, name) for name in Place.__dataclass_fields__), fingerprint)
    return context("wrap", b"W\x01\x01\x00", inner)


def open_wrap(seed: bytes, blob: bytes, place: Place) -> bytes:
    require(len(blob) == 1172 and blob[:4] == b"W\x01\x01\x00")
    return open_hpke(seed, blob[4:], wrap_info(place, public_key(seed)))


def check_wrap(signing_public: bytes, signature: bytes, blob: bytes, info: bytes) -> None:
    statement = context("wrap-sig", info, hashlib.sha256(blob).digest())
    Ed25519PublicKey.from_public_bytes(signing_public).verify(signature, statement)


# --- keyrings --------------------


@dataclass(frozen=True)
class Slot:
    key: UUID
    id: UUID
    kind: str
    params: dict[str, int]
    salt: bytes
    blob: bytes

    def place(self) -> bytes:
        cost = "".join(f"{name}={self.params[name]};" for name in sorted(self.params))
        return context("slot", self.key, self.id, self.kind, cost, self.salt)


def user_key_from_passphrase(slot: Slot, passphrase: bytes, device_secret: bytes = b"") -> bytes:
    cost = slot.params
    stretched = Argon2id(
        salt=slot.salt, length=32, iterations=cost["passes"], lanes=cost["lanes"], memory_cost=cost["memory"]
    ).derive(passphrase)
    return open_sealed(derive(stretched + device_secret, context("slot-kek", slot.place())), slot.blob, slot.place())


def user_key_from_recovery_code(slot: Slot, code: str) -> bytes:
    kek = derive(read_code(code), context("recovery-kek", slot.place()))
    return open_sealed(kek, slot.blob, slot.place())


@dataclass(frozen=True)
class Keyring:
    hpke: bytes
    signing: bytes
    root_public: bytes


def open_keyring(user_key: bytes, sealed: bytes, *, user: UUID, key: UUID, epoch: int) -> Keyring:
    packed = open_sealed(user_key, sealed, context("keyring", user, key, epoch))
    require((packed[0], len(packed)) in {(1, 201), (2, 209)})
    return Keyring(packed[1:97], packed[97:129], packed[129:161])


# --- paper codes --------------------


def read_code(text: str) -> bytes:
    digits = text.upper().replace("-", "").replace(" ", "")
    number = 0
    for digit in digits[:-1]:
        number = number * 32 + CROCKFORD.index(digit)
    require(len(digits) == 33 and (CROCKFORD + "*~$=U")[number % 37] == digits[-1])
    return number.to_bytes(20, "big")


def root_key(organisation: UUID, code: bytes) -> bytes:
    seed = derive(code, context("paper-root", organisation))
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def recovery_key(organisation: UUID, recovery_public: bytes, copy: tuple[int, int, bytes], codes: bytes) -> bytes:
    first, second, sealed = copy
    kek = derive(codes, context("paper-pair", organisation, first, second))
    fingerprint = hashlib.sha256(recovery_public).digest()
    return open_sealed(kek, sealed, context("recovery-copy", organisation, first, second, fingerprint))


def auditors_key(organisation: UUID, auditor_public: bytes, sealed: bytes, root_code: bytes) -> bytes:
    kek = derive(root_code, context("paper-auditors", organisation))
    return open_sealed(kek, sealed, context("auditors-copy", organisation, hashlib.sha256(auditor_public).digest()))
