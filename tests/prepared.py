"""`python -m tests.prepared`: a world with a case, in the database of the environment; prints what a visitor needs."""

import json
import sys

import django

django.setup()

from django.core.management import call_command  # noqa: E402

from tests.builders import found_world  # noqa: E402
from tests.cases.builders import ready_case  # noqa: E402


def main() -> None:
    call_command("migrate", verbosity=0)
    world = found_world()
    references = [ready_case(world).case.reference for _ in range(6)]
    people = {name: person.username for name, person in world.people.items()}
    ids = {name: str(person.pk) for name, person in world.people.items()}
    sys.stdout.write(json.dumps({"references": references, "people": people, "ids": ids}))


if __name__ == "__main__":
    main()
