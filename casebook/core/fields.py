"""The model field for sealed values. Its attribute holds sealed bytes only; opening them is a call elsewhere."""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from casebook.core.sealing import is_sealed


class PlaintextRefusedError(TypeError):
    """Something that is not a sealed value was about to be stored; the value itself is not in the message."""


if TYPE_CHECKING:
    _Field = models.Field[bytes, bytes]
else:
    _Field = models.Field


class SealedField(_Field):
    """A column of sealed bytes (`casebook.core.sealing`).

    Saving or `.update()`-ing anything else raises PlaintextRefusedError. Not a BinaryField: that one makes
    Django give up its fast bulk insert on PostgreSQL.
    """

    empty_values = [None, b""]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["editable"] = False
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("editable")
        return name, path, args, kwargs

    def get_internal_type(self) -> str:
        return "BinaryField"

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "bytea" if connection.vendor == "postgresql" else "BLOB"

    def get_placeholder(self, value: Any, compiler: Any, connection: BaseDatabaseWrapper) -> str:
        return "%s"

    def from_db_value(self, value: Any, expression: Any, connection: BaseDatabaseWrapper) -> bytes | None:
        return None if value is None else bytes(value)

    def get_prep_value(self, value: Any) -> bytes | None:
        if value is None and self.null:
            return None
        if not isinstance(value, bytes) or not is_sealed(value):
            raise PlaintextRefusedError(f"{self.model.__name__}.{self.name} takes sealed bytes only")
        return value

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        if not prepared:
            value = self.get_prep_value(value)
        return connection.Database.Binary(value) if value is not None else None  # type: ignore[attr-defined]

    def value_to_string(self, obj: models.Model) -> str:
        return bytes(self.value_from_object(obj) or b"").hex()

    def to_python(self, value: Any) -> Any:
        return bytes.fromhex(value) if isinstance(value, str) else value


if TYPE_CHECKING:

    class OptionalSealedField(models.Field[bytes | None, bytes | None]):
        """A sealed column that may be empty."""

else:

    class OptionalSealedField(SealedField):
        """A sealed column that may be empty."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **{**kwargs, "null": True})


def sealed_fields(model: type[models.Model]) -> tuple[str, ...]:
    """Names of the sealed columns of a model, in order of definition."""
    return tuple(field.name for field in model._meta.concrete_fields if isinstance(field, SealedField))
