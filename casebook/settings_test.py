"""Settings of the test suite: own secrets, cheap key derivation, no file of this machine read."""

import os
from base64 import b64encode
from pathlib import Path
from tempfile import mkdtemp

os.environ["CASEBOOK_ENV_FILE"] = ""
for _name in ("CASEBOOK_SECRET_KEY", "CASEBOOK_LEDGER_KEY", "CASEBOOK_SECOND_FACTOR_KEY"):
    os.environ[_name] = b64encode(_name.encode().ljust(48, b".")[:48]).decode()
os.environ["CASEBOOK_DEMO"] = "no"
os.environ.setdefault("CASEBOOK_VAR", mkdtemp(prefix="casebook-test-"))

from casebook.core.key_derivation import Argon2Cost  # noqa: E402
from casebook.settings import *  # noqa: E402, F403
from casebook.settings import CASEBOOK_VAR, SILENCED_SYSTEM_CHECKS, STORAGES  # noqa: E402

ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
CASEBOOK_ARGON2 = CASEBOOK_ARGON2_FLOOR = Argon2Cost(passes=1, memory=64, lanes=1)
PASSWORD_HASHERS = ["tests.hashers.Argon2PasswordHasher"]
SECURE_SSL_REDIRECT = False
CASEBOOK_REQUIRE_SECOND_FACTOR = CASEBOOK_DEVICE_SECRET = False
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
CASEBOOK_VAR = Path(CASEBOOK_VAR)
(CASEBOOK_VAR / "static").mkdir(parents=True, exist_ok=True)
SILENCED_SYSTEM_CHECKS = [*SILENCED_SYSTEM_CHECKS, "casebook.E002"]
