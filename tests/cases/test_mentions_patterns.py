"""Numbers, plates, addresses and accounts of anybody, and what must be left alone."""

import pytest

from cases.mentions import find_mentions
from cases.mentions.checksums import (
    baltic_code,
    birth_number,
    cnp,
    egn,
    iban,
    idnp,
    iin,
    inn,
    jmbg,
    latvian_code,
    luhn,
    oib,
    pesel,
    rnokpp,
    snils,
)

from .mention_patterns import QUIET, pattern_sentences
from .mention_sentences import Sentences


@pytest.mark.parametrize("sentences", pattern_sentences(), ids=lambda each: f"{each.language}-{each.text[:24]}")
def test_numbers_plates_addresses_and_accounts_are_found_whole_and_as_what_they_are(sentences: Sentences) -> None:
    found = find_mentions(sentences.text, (), language=sentences.language)

    assert [(mention.start, mention.end, str(mention.kind)) for mention in found] == list(sentences.spans)


@pytest.mark.parametrize(("language", "text"), QUIET)
def test_dates_times_sums_articles_and_short_numbers_stay(language: str, text: str) -> None:
    assert find_mentions(text, (), language=language) == []


def test_a_run_of_six_digits_that_nothing_explains_is_proposed() -> None:
    [mention] = find_mentions("На стене было 774512 и всё.", (), language="ru")

    assert (mention.kind, mention.certainty, mention.start, mention.end) == ("number", "check", 14, 20)


def test_a_very_long_run_of_digits_is_covered_to_its_end() -> None:
    [mention] = find_mentions("код " + "7" * 500, (), language="ru")

    assert (mention.start, mention.end) == (4, 504)


def test_a_number_with_a_wrong_check_digit_is_proposed_all_the_same() -> None:
    [mention] = find_mentions("IBAN GB82 WEST 1234 5698 7654 33", (), language="en")

    assert (mention.kind, mention.certainty) == ("bank_account", "likely")


def test_check_digits() -> None:
    valid = {
        luhn: "4111111111111111",
        iban: "GB82WEST12345698765432",
        inn: "500100732259",
        snils: "11223344595",
        pesel: "44051401359",
        baltic_code: "37605030299",
        egn: "7523169263",
        jmbg: "0101006500006",
        oib: "94577403194",
        birth_number: "7401040020",
        rnokpp: "3184710691",
    }

    assert {check.__name__: check(number) for check, number in valid.items()} == dict.fromkeys(
        (check.__name__ for check in valid), True
    )


def test_check_digits_refuse_a_changed_digit() -> None:
    for check, number in (
        (luhn, "4111111111111111"),
        (inn, "500100732259"),
        (snils, "11223344595"),
        (pesel, "44051401359"),
        (egn, "7523169263"),
        (cnp, "1800101221144"),
        (idnp, "2000000000007"),
        (iin, "850101300123"),
        (latvian_code, "16117519997"),
    ):
        accepted = sum(check(number[:-1] + digit) for digit in "0123456789")
        assert accepted <= 1, check.__name__
