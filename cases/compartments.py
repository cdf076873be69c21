"""An open compartment of a case: sealing and opening the rows that belong to it under its key."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn
from uuid import UUID

from django.apps import apps
from django.db import models

from accounts.actor import Actor
from casebook.core.encoding import ctx
from casebook.core.errors import IntegrityError, StaleRevisionError
from casebook.core.fields import sealed_fields
from casebook.core.sealing import FieldPlace, read_header, seal, unseal
from cases.models import Case, CaseRecord, Compartment, CompartmentName, EpochLink

SealedRow = Case | CaseRecord
Json = Any


@dataclass(slots=True, repr=False)
class OpenCompartment:
    """An unlocked compartment for the length of one request: seals and unseals the rows that belong to it."""

    row: Compartment
    organisation: UUID
    keys_by_epoch: dict[int, bytes] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.row.name

    def seal(self, value: Json, *, row: SealedRow, name: str) -> bytes:
        """Seal a JSON value for field `name` of `row` at the row's present revision."""
        self._check_home(row)
        encoded = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
        return seal(
            self.keys_by_epoch[self.row.epoch],
            encoded,
            context=self._place(row, name),
            epoch=self.row.epoch,
            revision=row.revision,
        )

    def unseal(self, row: Any, name: str) -> Json:
        """The JSON value of field `name` of a row or of one of its historical versions; raises IntegrityError."""
        self._check_home(row)
        sealed: bytes = getattr(row, name)
        header = read_header(sealed)
        if header.revision != row.revision:
            raise IntegrityError
        return json.loads(unseal(self._key(header.epoch), sealed, context=self._place(row, name)))

    def reseal(self, sealed: bytes, *, row: SealedRow, name: str, new_key: bytes, new_epoch: int) -> bytes:
        """The same value under the next epoch's key, at the same revision."""
        header = read_header(sealed)
        context = self._place(row, name)
        plaintext = unseal(self._key(header.epoch), sealed, context=context)
        return seal(new_key, plaintext, context=context, epoch=new_epoch, revision=header.revision)

    def current_key(self) -> bytes:
        return self.keys_by_epoch[self.row.epoch]

    def _check_home(self, row: Any) -> None:
        if _model_of(row).compartment != self.row.name or _case_id(row) != self.row.case_id:
            raise IntegrityError

    def _place(self, row: Any, name: str) -> bytes:
        return FieldPlace(
            organisation=self.organisation,
            model=_model_of(row)._meta.label,
            row=row.id,
            field=name,
            case=self.row.case_id,
            compartment=self.row.id,
            compartment_name=self.row.name,
        ).context()

    def _key(self, epoch: int) -> bytes:
        """The key of an epoch; older ones are reached link by link from the present one."""
        if epoch > self.row.epoch:
            self._refuse_newer(epoch)
        if epoch not in self.keys_by_epoch:
            newer = self._key(epoch + 1)
            link = EpochLink.objects.filter(compartment=self.row, epoch=epoch + 1).first()
            if link is None:
                raise IntegrityError
            self.keys_by_epoch[epoch] = unseal(newer, link.sealed_key, context=link_context(self.row, epoch + 1))
        return self.keys_by_epoch[epoch]

    def _refuse_newer(self, epoch: int) -> NoReturn:
        """A colleague may have given the case a new key since it was opened here: then reading again helps."""
        if Compartment.objects.filter(pk=self.row.pk, epoch__gte=epoch).exists():
            raise StaleRevisionError
        raise IntegrityError

    def __reduce__(self) -> NoReturn:
        raise TypeError("keys are never pickled")


def _model_of(row: Any) -> type[SealedRow]:
    """The model of a row, for a historical version the model that it is a version of."""
    model: type[SealedRow] = getattr(row, "instance_type", type(row))
    return model


def _case_id(row: Any) -> UUID:
    case_id: UUID = row.id if issubclass(_model_of(row), Case) else row.case_id
    return case_id


def link_context(compartment: Compartment, epoch: int) -> bytes:
    return ctx("epoch-link", compartment.case_id, compartment.id, compartment.name, epoch)


def save_sealed(
    actor: Actor,
    compartment: OpenCompartment,
    row: SealedRow,
    values: Mapping[str, Json],
    *,
    expected: int | None = None,
    changed: Iterable[str] = (),
) -> None:
    """Write a row at its next revision: every sealed field is given, so that all of them carry the same revision.

    `expected` is the revision that the form was opened with; raises StaleRevisionError when the stored one is another.
    `changed` names further, open columns to write.
    """
    model = _model_of(row)
    if set(values) != set(sealed_fields(model)):
        raise ValueError("every sealed field of a row is written together")
    adding = row._state.adding
    if not adding:
        _claim(row, row.revision if expected is None else expected)
    row.revision += 1
    for name, value in values.items():
        setattr(row, name, compartment.seal(value, row=row, name=name))
    row._history_user = actor.user  # type: ignore[union-attr]
    if adding:
        row.save(force_insert=True)
    else:
        row.save(update_fields=["revision", *values, *changed])


def _claim(row: SealedRow, expected: int) -> None:
    """Lock the stored row and refuse if somebody has written it since."""
    stored = type(row)._base_manager.select_for_update().filter(pk=row.pk).values_list("revision", flat=True).first()
    if stored is None or stored != expected or row.revision != expected:
        raise StaleRevisionError


def sealed_models(name: str) -> list[type[SealedRow]]:
    """Every model whose rows are sealed under the named compartment, over all apps; history is not among them."""
    return [
        model
        for model in apps.get_models()
        if issubclass(model, Case | CaseRecord) and not hasattr(model, "history_date") and model.compartment == name
    ]


def rows_of(model: type[SealedRow], case: Case) -> models.QuerySet[Any]:
    manager = model._base_manager
    return manager.filter(**({"pk": case.pk} if issubclass(model, Case) else {"case": case}))


ALL_COMPARTMENTS = tuple(CompartmentName.values)
