"""Start-up checks: the cryptography works, nothing is weaker than specified, nothing spools in clear."""

import os
from collections.abc import Sequence
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from django.apps import AppConfig, apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from casebook.core import checkpoints, key_derivation, sealing, wrapping
from casebook.core.errors import IntegrityError
from casebook.core.fields import sealed_fields
from casebook.core.signed_notes import NoteError

_HANDLER = "casebook.core.uploads.SealingUploadHandler"


@register(Tags.security)
def cryptography_works(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Seal and wrap once: a library without ML-KEM must stop the start, not the first case."""
    key, context = os.urandom(32), b"check"
    try:
        holder = wrapping.PrivateKeys.generate()
        blob = wrapping.wrap(holder.public().hpke, key, info=context)
        opened = wrapping.unwrap(wrapping.hpke_private_key(holder.hpke), blob, info=context)
        sealed = sealing.seal(opened, b"sealed", context=context)
        works = sealing.unseal(key, sealed, context=context) == b"sealed"
    except (UnsupportedAlgorithm, IntegrityError):
        works = False
    return [] if works else [Error("The cryptography library cannot seal and wrap here.", id="casebook.E001")]


@register(Tags.security)
def nothing_is_weaker(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """The key-derivation floor, the upload handler and the password hash are what `docs/threat-model.md` says."""
    found: list[CheckMessage] = []
    cost = settings.CASEBOOK_ARGON2
    if any(getattr(cost, name) < least for name, least in key_derivation.FLOOR.as_params().items()):
        found.append(Error("CASEBOOK_ARGON2 is below the floor.", id="casebook.E002"))
    if list(settings.FILE_UPLOAD_HANDLERS) != [_HANDLER]:
        found.append(Error("Uploads would reach the disk in clear.", id="casebook.E003"))
    if not settings.PASSWORD_HASHERS[0].endswith(".Argon2PasswordHasher") or len(settings.PASSWORD_HASHERS) > 1:
        found.append(Error("The sign-in hash is weaker than the key slot.", id="casebook.E004"))
    return found


@register(Tags.security)
def witnesses_are_known(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """The name of the ledger and the keys of its witnesses can be read: said at the start, not at the first note."""
    try:
        checkpoints.log_key()
        checkpoints.witness_keys()
    except NoteError as mistake:
        words = f"CASEBOOK_LEDGER_ORIGIN or CASEBOOK_WITNESS_KEYS: {mistake}"
        return [Error(words, id="casebook.E008")]
    return []


@register(Tags.security, deploy=True)
def served_by_wsgi(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Django under ASGI writes whole request bodies to disk in clear before any handler runs."""
    if getattr(settings, "ASGI_APPLICATION", None):
        return [Error("ASGI spools uploads in clear; serve with WSGI.", id="casebook.E005")]
    return []


@register(Tags.models)
def one_model_one_compartment(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Every model with sealed fields, its history apart, names the one compartment whose key opens them.

    Key tables, whose sealed values are keys, say so with the compartment `keyring`, or are links of a compartment.
    """
    return [
        Error(f"{model._meta.label} has sealed fields and no compartment.", id="casebook.E006", obj=model)
        for model in apps.get_models()
        if sealed_fields(model) and not hasattr(model, "history_date") and not hasattr(model, "compartment")
    ]
