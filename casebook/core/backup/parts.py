"""Which part of a backup each table goes into. Every app says so for its own models, in its `backup_parts.PARTS`."""

from collections.abc import Callable
from enum import StrEnum
from importlib import import_module
from types import ModuleType

from django.apps import AppConfig, apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.module_loading import module_has_submodule

Model = type[models.Model]


class Part(StrEnum):
    """Where a table goes. What says who may open a case goes with the keys: both end, and come back, together."""

    DATA = "data"
    KEYS = "keys"
    BOTH = "both"
    """In both parts, because rows of both refer to it; the key part, never older, decides on restoring."""
    NEITHER = "neither"
    """Ends with the server: what lets somebody in without a passphrase, or what `migrate` makes anew."""


OF_OTHER_PROJECTS = {
    "auth.Group": Part.BOTH,
    "auth.Group_permissions": Part.KEYS,
    "auth.Permission": Part.NEITHER,  # made by `migrate`; rows that refer to one carry its name
    "contenttypes.ContentType": Part.NEITHER,  # the same
    "account.EmailAddress": Part.DATA,
    "account.EmailConfirmation": Part.NEITHER,  # live tokens
    "mfa.Authenticator": Part.KEYS,
    "guardian.UserObjectPermission": Part.KEYS,
    "guardian.GroupObjectPermission": Part.KEYS,
}
MADE_BY_MIGRATE: tuple[Model, ...] = (Permission, ContentType)


def part_of(model: Model) -> Part | None:
    """The part a model was declared for; history goes where its model goes; None when nobody declared it."""
    tracked = getattr(model, "instance_type", None)
    if tracked is not None:
        return part_of(tracked)
    label = model._meta.label
    if label in OF_OTHER_PROJECTS:
        return OF_OTHER_PROJECTS[label]
    return declared_by(model._meta.app_config).get(model._meta.object_name or "")


def declared_by(config: AppConfig) -> dict[str, Part]:
    """Parts by the names of an app's models."""
    parts: dict[str, Part] = getattr(_module_of(config), "PARTS", {})
    return parts


def settle_all(alias: str) -> None:
    """Let every app mend what differs when the keys are newer than the data: its `backup_parts.settle`."""
    for config in apps.get_app_configs():
        settle: Callable[[str], None] | None = getattr(_module_of(config), "settle", None)
        if settle is not None:
            settle(alias)


def _module_of(config: AppConfig) -> ModuleType | None:
    if not module_has_submodule(config.module, "backup_parts"):
        return None
    return import_module(f"{config.name}.backup_parts")


def all_models() -> list[Model]:
    """Every table of the project that a model stands for, links between tables included."""
    return [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]


def undeclared() -> list[str]:
    """Labels of the models that no part was declared for; a backup that left them out would lose them."""
    return [model._meta.label for model in all_models() if part_of(model) is None]


def models_in(part: Part) -> list[Model]:
    """The models whose rows are written into the data part or into the key part."""
    return [model for model in all_models() if part_of(model) in {part, Part.BOTH}]
