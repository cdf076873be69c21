"""One case, from the street to the public record, by four people at their browsers."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser
from pypdf import PdfReader

from tests import raw_bytes
from tests.browser.people import (
    Testimony,
    agree,
    analyse,
    anonymise,
    log_a_case,
    make_digest,
    publish,
    sit_down,
)
from tests.builders import World, found_world
from tests.legal_analysis.builders import load_law

RUSSIAN = Testimony(
    language="ru",
    locale="ru-RU",
    title="Задержание у рынка",
    text="Обратилась Зинаида Павловна Тростникова, 34 года, живёт на ул. Кленовая, д. 8, кв. 15. "
    "Телефон +7 900 000-45-61. 14 марта 2025 года у рынка её остановил сержант Валерий Чубукин. "
    "Тростникову посадили в машину и отвезли в отдел. "
    "Адвоката не дали. Чубукин сказал Зинаиде Павловне, что подпишет она всё. Протокол не показали.",
    client={"role": "client", "given": "Зинаида", "patronymic": "Павловна", "family": "Тростникова",
            "phones": "+7 900 000-45-61", "addresses": "ул. Кленовая, д. 8, кв. 15"},
    officer={"role": "perpetrator", "given": "Валерий", "family": "Чубукин"},
    annotated="Адвоката не дали",
    public_title="Задержание без адвоката",
    secrets=("Зинаид", "Тростников", "Чубукин", "Валери", "900 000-45-61", "Кленовая"),
)  # fmt: skip
ENGLISH = Testimony(
    language="en",
    locale="en-GB",
    title="Stopped at the market",
    text="Statement of Marjory Thistlewood, 34, flat 3, 12 Larch Street. Phone +995 599 10 20 31. "
    "On 14 March 2025 sergeant Wilfred Oakes stopped her at the market. Thistlewood was put into a car and "
    "taken to the station. She was given no lawyer. "
    "Oakes told Marjory that she would sign everything. No record was shown to her.",
    client={"role": "client", "given": "Marjory", "family": "Thistlewood", "phones": "+995 599 10 20 31",
            "addresses": "flat 3, 12 Larch Street"},
    officer={"role": "perpetrator", "given": "Wilfred", "family": "Oakes"},
    annotated="She was given no lawyer",
    public_title="Held without a lawyer",
    secrets=("Marjory", "Thistlewood", "Oakes", "Wilfred", "599 10 20 31", "Larch"),
)  # fmt: skip


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "синяк.jpg"
    Image.effect_noise((640, 480), 80).convert("RGB").save(path, "JPEG")
    return path


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("testimony", "width"), [(RUSSIAN, 360), (ENGLISH, 1280)], ids=["ru", "en"])
def test_a_case_goes_from_intake_to_a_digest_without_a_name(
    live_server: Any, browser: Browser, photo: Path, testimony: Testimony, width: int
) -> None:
    world = found_world("Far Harbour", "AM")
    load_law()

    def sit(name: str, at: int = 1280) -> Any:
        return sit_down(browser, live_server.url, world, name, testimony.locale, width=at)

    lawyer = sit("lawyer", width)
    reference = log_a_case(lawyer, testimony, photo, *_names(world, "expert", "second"))
    expert, second, advocate = sit("expert"), sit("second"), sit("advocate", width)
    analyse(expert, reference, testimony)
    agree(second, reference)
    anonymise(lawyer, reference, testimony)
    publish(advocate, reference)
    pdf = make_digest(advocate)
    for desk in (lawyer, expert, second, advocate):
        desk.close()

    text = "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)
    assert testimony.public_title in text
    assert [secret for secret in testimony.secrets if secret.casefold() in text.casefold()] == []
    assert raw_bytes.found(testimony.secrets, pdf + raw_bytes.of_database()) == []


def _names(world: World, *names: str) -> list[str]:
    return [world.people[name].display_name for name in names]
