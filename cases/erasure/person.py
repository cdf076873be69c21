"""Erasing one person in a case: the profile, its versions, and what the mention map keeps of them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import translation

from casebook.core.fields import sealed_fields
from cases.access import OpenCase
from cases.compartments import sealed_models
from cases.contents import MentionWords, Profile, StatementContent, as_json
from cases.erasure.destruction import Counts
from cases.models import CompartmentName, EpochLink, MentionMap, Person, Statement
from cases.narrative import label_of
from cases.queries import narrative_of, profile_of, statement_of
from cases.rekeying import rekey


def erase_person(opened: OpenCase, person_id: UUID) -> Counts:
    """Destroy what the case holds of a person; the story says their role where their words stood. Counts by kind.

    Needs both keys. Earlier versions of the story go too, because a name may stand in them that was marked only later.
    The identity compartment gets a new key and the old ones are deleted, so that no copy of the old rows opens.
    """
    person = Person.objects.filter(case=opened.case, pk=person_id).first()
    profile = profile_of(opened, person) if person is not None else Profile()
    words = _forget_words(opened, str(person_id), profile)
    versions = Person.history.filter(id=person_id)
    counts = {"records": int(person is not None), "words": words, "versions": versions.count()}
    Person.objects.filter(pk=person_id, case=opened.case).delete()
    versions.delete()
    counts["versions"] += _forget_earlier_stories(opened)
    counts["older_keys"] = _renew_identity_key(opened)
    return counts


def _forget_words(opened: OpenCase, entity: str, profile: Profile) -> int:
    """Write the label of the person's role over their words, at the same revision; how many there were."""
    row, words = narrative_of(opened)
    _statement, content = statement_of(opened)
    if row is None:
        return 0
    theirs = _labels(content, entity)
    cleaned = _without(words, entity, profile, theirs)
    sealed = opened.identity.seal(as_json(cleaned), row=row, name="sealed_words")
    MentionMap.objects.filter(pk=row.pk).update(sealed_words=sealed)
    MentionMap.history.filter(id=row.pk, revision=row.revision).update(sealed_words=sealed)
    return len(theirs)


def _labels(content: StatementContent, entity: str) -> Mapping[str, str]:
    language = content.language if content.language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    with translation.override(language):
        return {
            number: label_of(content.marker(int(number)))
            for number, info in content.markers.items()
            if info["entity"] == entity
        }


def _without(words: MentionWords, entity: str, profile: Profile, labels: Mapping[str, str]) -> MentionWords:
    """The mention map without a person's words, in whichever list they stood."""
    told = [value for value in as_json(profile).values() if isinstance(value, str)]
    listed = [each for value in as_json(profile).values() if isinstance(value, tuple) for each in value]
    marked = [words.words[number] for number in labels if number in words.words]
    decided = [surface for surface, (_kind, whose) in words.extra.items() if whose == entity]
    forms = {word.casefold() for word in (*told, *listed, *marked, *decided) if word}
    return replace(
        words,
        words={**words.words, **labels},
        kept=tuple(word for word in words.kept if word not in forms),
        extra={surface: value for surface, value in words.extra.items() if surface.casefold() not in forms},
        roles={**words.roles, entity: profile.role},
        confirmed=tuple(word for word in words.confirmed if word not in forms),
        confirmed_text="",
    )


def _forget_earlier_stories(opened: OpenCase) -> int:
    """Delete the versions of story and mention map that are not the present one; how many there were."""
    deleted = 0
    models: tuple[Any, ...] = (Statement, MentionMap)
    for model in models:
        for row in model.objects.filter(case=opened.case):
            deleted += model.history.filter(id=row.pk).exclude(revision=row.revision).delete()[0]
    return deleted


def _renew_identity_key(opened: OpenCase) -> int:
    """Rekey identity with its history and delete the links to former keys; how many keys are gone for good."""
    rekey(opened, CompartmentName.IDENTITY)
    compartment = opened.identity
    key, epoch = compartment.current_key(), compartment.row.epoch
    models: list[Any] = sealed_models(CompartmentName.IDENTITY)
    for model in models:
        for version in model.history.filter(case_id=opened.case.pk):
            sealed = {
                name: compartment.reseal(getattr(version, name), row=version, name=name, new_key=key, new_epoch=epoch)
                for name in sealed_fields(model)
            }
            model.history.filter(history_id=version.history_id).update(**sealed)
    return EpochLink.objects.filter(compartment=compartment.row).delete()[0]
