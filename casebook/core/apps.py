from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "casebook.core"
    label = "core"

    def ready(self) -> None:
        from casebook.core import checks  # noqa: F401 (registers the system checks)
