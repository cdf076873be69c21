"""`manage.py load_reference`: put the law that the project ships into the library. Can be repeated at any time."""

from typing import Any

from django.core.management.base import BaseCommand

from legal_analysis.actions import load_instruments
from legal_analysis.instrument_file import read_instruments


class Command(BaseCommand):
    help = "Load the shipped instruments and provisions. Changes what differs and deletes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        loaded = load_instruments(read_instruments())
        self.stdout.write(f"Law library: {loaded.new} new, {loaded.changed} changed.")
