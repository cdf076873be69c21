"""Production's settings as the demonstration runs them, with static files found without being collected."""

from casebook.settings import *  # noqa: F403
from casebook.settings import STORAGES

STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
