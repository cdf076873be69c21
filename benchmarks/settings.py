"""Production's settings as the demonstration runs them, with static files found without being collected."""

from casebook.settings import *  # noqa: F403
from casebook.settings import CASEBOOK_VAR, STORAGES

STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
ALLOWED_HOSTS = ["testserver"]
(CASEBOOK_VAR / "static").mkdir(parents=True, exist_ok=True)
