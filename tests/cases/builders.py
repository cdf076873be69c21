"""Cases for tests, made through the product's own actions."""

from cases.access import OpenCase, open_case
from cases.actions import (
    Facts,
    MentionDecisions,
    NewCase,
    change_facts,
    confirm_mentions,
    create_case,
    record_consent,
    save_narrative,
    save_person,
    send_to_analysis,
)
from cases.contents import Card, ConsentDetails, IncidentDetails, Profile
from cases.models import CompartmentName, ConsentScope
from cases.queries import statement_of
from tests.builders import World

NAME, PHONE, PLACE, TITLE = "Лукерья", "+995 599 00 11 22", "Ржавцы", "Обыск в Ржавцах"
STORY = f"{NAME} Пустовойтова рассказала: её остановили в посёлке {PLACE}. Телефон {PHONE}. Свидетелей не было."
SECRETS = (NAME, "Пустовойтова", PHONE, PLACE, TITLE, "остановили", "Свидетелей")
BOTH = (CompartmentName.IDENTITY, CompartmentName.TESTIMONY)


def new_case(world: World, *, by: str = "lawyer", escrow: bool = True) -> OpenCase:
    """A case with a title and nothing else."""
    new = NewCase(country="GE", year=2025, card=Card(title=TITLE, region=PLACE), escrow=escrow)
    return create_case(world.actor(by), new)


def told_case(world: World, *, by: str = "lawyer") -> OpenCase:
    """A case with its client, testimony (unconfirmed) and facts."""
    opened = new_case(world, by=by)
    save_person(opened, Profile(given=NAME, family="Пустовойтова", phones=(PHONE,)))
    save_narrative(opened, STORY, language="ru", revision=None)
    facts = Facts(
        country="GE",
        year=2025,
        perpetrator="patrol",
        violations=("arbitrary-arrest",),
        card=Card(title=TITLE, region=PLACE, month=3, age=34, gender="woman"),
        incident=IncidentDetails(date="2025-03-14", time="18:40", place=PLACE),
    )
    change_facts(opened, facts, revision=opened.case.revision)
    return opened


def ready_case(world: World, *, by: str = "lawyer") -> OpenCase:
    """A case that has all that intake asks for, with every consent given."""
    opened = told_case(world, by=by)
    row, _content = statement_of(opened)
    assert row is not None
    confirm_mentions(opened, MentionDecisions(), revision=row.revision)
    for scope in ConsentScope:
        record_consent(opened, scope, given=True, until=None, details=ConsentDetails(language="ru"))
    return opened


def case_in_analysis(world: World) -> OpenCase:
    """A ready case handed on to legal analysis."""
    opened = ready_case(world)
    send_to_analysis(opened)
    return opened


def reopen(
    world: World, opened: OpenCase, name: str, *, need: str = "view_case", wanted: tuple[str, ...] = BOTH
) -> OpenCase:
    """The same case through the door, for somebody."""
    return open_case(world.actor(name), opened.case.reference, need=need, compartments=wanted)
