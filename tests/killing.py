"""Writes, shares and new keys by processes that are killed at random; run by tests/test_killed.py.

On a database of its own: `python -m tests.killing DEEDS` prints how many deeds were done and how many processes were
killed, or fails.
"""

import io
import os
import random
import signal
import sys
import time

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import OperationalError, connections  # noqa: E402
from django.http import Http404  # noqa: E402

from casebook.core.fields import sealed_fields  # noqa: E402
from cases.access import OpenCase, open_case  # noqa: E402
from cases.actions import save_narrative  # noqa: E402
from cases.compartments import ALL_COMPARTMENTS, rows_of, sealed_models  # noqa: E402
from cases.levels import AccessLevel  # noqa: E402
from cases.models import Case  # noqa: E402
from cases.queries import statement_of  # noqa: E402
from cases.rekeying import finish_rekeys, rekey  # noqa: E402
from cases.roster import roster_of  # noqa: E402
from cases.sharing import grant, revoke  # noqa: E402
from tests.builders import World, found_world  # noqa: E402
from tests.cases.builders import told_case  # noqa: E402

LONGEST_LIFE = 0.4
"""Seconds that a process lives on after its first deed."""
READINGS = 8
"""Processes between two full readings of everything by everybody."""


def one_deed(world: World, references: list[str]) -> None:
    opened = open_case(world.actor("lawyer"), random.choice(references), need="share_case", optional=ALL_COMPARTMENTS)
    finish_rekeys(opened)
    inside = {access.user.username for access in roster_of(opened.case).people}
    match random.choice(("write", "share", "rekey")):
        case "write":
            row, _content = statement_of(opened)
            text = f"Written anew {random.random()}. " * random.randint(1, 400)
            save_narrative(opened, text, language="en", revision=row.revision if row else None)
        case "share":
            name, level = random.choice((("colleague", AccessLevel.CASEWORKER), ("expert", AccessLevel.EXPERT)))
            person = world.people[name]
            revoke(opened, person) if person.username in inside else grant(opened, person, level)
        case "rekey":
            rekey(opened, random.choice(ALL_COMPARTMENTS))


def work_until_killed(world: World, references: list[str], done: int) -> None:
    """In a child process: one deed after another, a byte for each."""
    random.seed()
    while True:
        try:
            one_deed(world, references)
        except OperationalError:
            continue
        os.write(done, b".")


def check() -> None:
    """The ledger verifies, and permissions and keys agree."""
    call_command("verify_ledger", stdout=io.StringIO())
    call_command("drift", stdout=io.StringIO())


def read_as_everybody(world: World, references: list[str]) -> None:
    """Every case opens for exactly those who should, to the last value."""
    for reference in references:
        roster = roster_of(Case.objects.get(reference=reference))
        for name, person in world.people.items():
            levels = roster.levels_of(person)
            try:
                opened = open_case(world.actor(name), reference, need="view_case", optional=ALL_COMPARTMENTS)
            except Http404:
                assert not levels, (name, reference)
            else:
                assert levels, (name, reference)
                read_everything(opened)


def read_everything(opened: OpenCase) -> None:
    """Every sealed value of every compartment that is open here, and of its history."""
    for name, compartment in opened.opened.items():
        for model in sealed_models(name):
            for row in (*rows_of(model, opened.case), *_history_of(model, opened.case)):
                for field in sealed_fields(model):
                    compartment.unseal(row, field)


def _history_of(model: type, case: Case) -> list[object]:
    history = getattr(model, "history", None)
    if history is None:
        return []
    return list(history.filter(id=case.pk) if model is Case else history.filter(case_id=case.pk))


def main(deeds: int) -> None:
    call_command("migrate", verbosity=0)
    world = found_world()
    references = [told_case(world).case.reference for _ in range(4)]
    finished, killed = 0, 0
    while finished < deeds:
        reading, writing = os.pipe()
        connections.close_all()
        child = os.fork()
        if child == 0:
            work_until_killed(world, references, writing)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            first = pipe.read(1)
            time.sleep(random.uniform(0, LONGEST_LIFE))
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            finished += len(first + pipe.read())
        killed += 1
        check()
        if killed % READINGS == 0:
            read_as_everybody(world, references)
    read_as_everybody(world, references)
    sys.stdout.write(f"{finished} deeds, {killed} killed\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
