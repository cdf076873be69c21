"""Loads the demonstration: seven testimonies at every stage, three of them published, one digest issued."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from accounts.actor import Actor
from accounts.models import User
from casebook.demo import way
from casebook.demo.people import OPEN_DOOR, SECOND_SHORE, Login, at_work, found
from casebook.demo.stories import all_stories
from casebook.demo.way import Setting
from publication.actions import DigestFacts, create_digest, issue_digest
from publication.models import PublishedRecord

SETTINGS: Mapping[str, Setting] = {
    "n10_lt_street": Setting(
        date(2025, 5, 6), "patrol", 33, "Dzūkija", "A search in the street", ("ECHR", "5"),
        "Two hours in a van without any record is deprivation of liberty outside the law.", has_children=True,
    ),
    "n06_en_shelter": Setting(
        date(2025, 10, 30), "patrol", 36, "Capital", "Turned away", ("CEDAW", "2"),
        "Refusing protection because of treatment is discrimination against a woman.",
        has_children=True, on_treatment=True,
    ),
    "n08_uk_search": Setting(
        date(2025, 2, 5), "investigator", 44, "Північ", "Обшук без ухвали", ("ECHR", "8"),
        "Обшук житла без ухвали та без невідкладності не був передбачений законом.",
        has_children=True, on_treatment=True,
    ),
    "n11_ka_family": Setting(
        date(2025, 10, 3), "guardianship", 35, "იმერეთი", "ბავშვის წაყვანა შეთანხმების სახელით", ("CEDAW", "16"),
        "ბავშვის წაყვანა სასამართლოს გადაწყვეტილების გარეშე არღვევს ოჯახური ცხოვრების უფლებას.",
        has_children=True, on_treatment=True,
    ),
    "n01_ru_planted": Setting(
        date(2025, 3, 14), "drug_police", 34, "Центр", "Подброс и вымогательство", ("ECHR", "5"),
        "Задержание без причины и протокола, отказ в адвокате: лишение свободы вне закона.", has_children=True,
    ),
    "n03_ru_nightclub": Setting(
        date(2024, 11, 8), "patrol", 23, "Центр", "Рейд и принудительные тесты", ("ECHR", "3"),
        "Раздевание догола на глазах у мужчин унижает достоинство и не было необходимо.",
    ),
    "n05_en_oat_detention": Setting(
        date(2025, 4, 2), "prison_medic", 41, "East", "Treatment stopped in custody", ("ECHR", "3"),
        "Stopping opioid agonist treatment in custody caused suffering that the duty of care forbids.",
        in_custody=True, has_children=True, on_treatment=True,
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the demonstration made."""

    logins: tuple[Login, ...]
    references: Mapping[str, str]
    published: tuple[PublishedRecord, ...]


@dataclass(frozen=True, slots=True)
class _Cast:
    """The people of the demonstration by user name, at work when asked."""

    passphrases: Mapping[str, str]

    def user(self, name: str) -> User:
        return User.objects.select_related("organisation").get(username=name)

    def at_work(self, name: str) -> Actor:
        return at_work(self.user(name), self.passphrases)


def load() -> Loaded:
    """Make everything, through actions only."""
    logins = (*found(OPEN_DOOR), *found(SECOND_SHORE))
    cast = _Cast({login.username: login.password for login in logins})
    references = {
        "n10_lt_street": _to_intake(cast, "n10_lt_street", "lawyer-lt"),
        "n06_en_shelter": _to_analysis(cast, "n06_en_shelter", "lawyer-lt", "expert-lt"),
        "n08_uk_search": _to_anonymisation(cast, "n08_uk_search", "lawyer2"),
        "n11_ka_family": _to_review(cast, "n11_ka_family", "lawyer"),
    }
    published = []
    for story, lawyer in (
        ("n01_ru_planted", "lawyer2"),
        ("n03_ru_nightclub", "lawyer2"),
        ("n05_en_oat_detention", "lawyer"),
    ):
        references[story] = _to_review(cast, story, lawyer)
        published.append(way.review_and_publish(cast.at_work("advocate"), references[story]))
    _make_digest(cast.at_work("advocate"), published)
    return Loaded(logins, references, tuple(published))


def _to_intake(cast: _Cast, story: str, lawyer: str) -> str:
    return way.intake(cast.at_work(lawyer), all_stories()[story], SETTINGS[story]).case.reference


def _to_analysis(cast: _Cast, story: str, lawyer: str, *experts: str) -> str:
    opened = way.intake(cast.at_work(lawyer), all_stories()[story], SETTINGS[story])
    way.check_mentions(opened, all_stories()[story])
    way.hand_to_experts(opened, *(cast.user(name) for name in experts))
    return opened.case.reference


def _to_anonymisation(cast: _Cast, story: str, lawyer: str) -> str:
    reference = _to_analysis(cast, story, lawyer, "expert", "expert2")
    finding = way.analyse(cast.at_work("expert"), reference, SETTINGS[story])
    way.second_opinion(cast.at_work("expert2"), reference, finding)
    return reference


def _to_review(cast: _Cast, story: str, lawyer: str) -> str:
    reference = _to_anonymisation(cast, story, lawyer)
    opened = way.anonymise(cast.at_work(lawyer), reference, all_stories()[story], SETTINGS[story])
    way.hand_to_reviewer(opened, cast.user("advocate"))
    return reference


def _make_digest(advocate: Actor, records: list[PublishedRecord]) -> None:
    facts = DigestFacts(
        title="What street lawyers saw",
        subtitle="Three cases, 2024 and 2025",
        foreword="These three people told their story to a street lawyer and agreed that it may be read, "
        "without their names. Everything in this digest happened in a country that has signed the conventions "
        "it breaks.",
        language="en",
        records=records,
    )
    digest = create_digest(advocate, facts)
    issue_digest(advocate, digest, revision=digest.revision)
