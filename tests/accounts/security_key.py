"""A security key for tests: one ES256 credential, made and used as a browser and a key do together (WebAuthn 2)."""

import json
import os
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode

ORIGIN, SITE = "https://testserver", "testserver"
_PRESENT, _VERIFIED, _HAS_CREDENTIAL = 0x01, 0x04, 0x40


@dataclass
class SecurityKey:
    """What is pressed when the page asks for it."""

    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential: bytes = field(default_factory=lambda: os.urandom(32))
    uses: int = 0

    def create(self, options: dict[str, Any], *, origin: str = ORIGIN) -> str:
        """The answer to creation options, as the form's JSON."""
        public = cbor.encode(ES256.from_cryptography_key(self.private.public_key()))  # type: ignore[no-untyped-call]
        attested = bytes(16) + len(self.credential).to_bytes(2, "big") + self.credential + public
        data = self._authenticator_data(_PRESENT | _VERIFIED | _HAS_CREDENTIAL) + attested
        response = {
            "clientDataJSON": _client_data("webauthn.create", options, origin),
            "attestationObject": websafe_encode(cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})),
        }
        return self._answer(response)

    def get(self, options: dict[str, Any], *, origin: str = ORIGIN) -> str:
        """The answer to request options, as the form's JSON."""
        self.uses += 1
        client = _client_data("webauthn.get", options, origin)
        data = self._authenticator_data(_PRESENT | _VERIFIED)
        signed = data + sha256(websafe_decode(client)).digest()
        response = {
            "clientDataJSON": client,
            "authenticatorData": websafe_encode(data),
            "signature": websafe_encode(self.private.sign(signed, ec.ECDSA(SHA256()))),
            "userHandle": None,
        }
        return self._answer(response)

    def _authenticator_data(self, flags: int) -> bytes:
        return sha256(SITE.encode()).digest() + bytes([flags]) + self.uses.to_bytes(4, "big")

    def _answer(self, response: dict[str, Any]) -> str:
        name = websafe_encode(self.credential)
        answer = {"type": "public-key", "id": name, "rawId": name, "response": response}
        return json.dumps(answer | {"clientExtensionResults": {}})


def _client_data(kind: str, options: dict[str, Any], origin: str) -> str:
    challenge = options["publicKey"]["challenge"]
    text = json.dumps({"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False})
    return websafe_encode(text.encode())
