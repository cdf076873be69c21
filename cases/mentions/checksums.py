"""Check digits of personal, tax and bank numbers. Each test takes a string of digits of the right length."""

from collections.abc import Callable
from datetime import date

INN_10 = (2, 4, 10, 3, 5, 9, 4, 6, 8)
_INN_11TH = (7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
_INN_12TH = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)


def _weighted(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))


def luhn(digits: str) -> bool:
    """Bank cards (ISO/IEC 7812)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def iban(account: str) -> bool:
    """IBAN in capitals without spaces (ISO 13616): 97 leaves 1."""
    moved = account[4:] + account[:4]
    return int("".join(str(int(char, 36)) for char in moved)) % 97 == 1


def inn(digits: str) -> bool:
    """Russian taxpayer number, of an organisation (10) or a person (12)."""
    if len(digits) == 10:
        return _weighted(digits, INN_10) % 11 % 10 == int(digits[9])
    tenth = _weighted(digits, _INN_11TH) % 11 % 10 == int(digits[10])
    return tenth and _weighted(digits, _INN_12TH) % 11 % 10 == int(digits[11])


def snils(digits: str) -> bool:
    """Russian pension insurance number, 9 digits and two for the check."""
    return _weighted(digits, (9, 8, 7, 6, 5, 4, 3, 2, 1)) % 101 % 100 == int(digits[9:])


def iin(digits: str) -> bool:
    """Kazakh individual number (12): weights 1..11, and once more shifted by two where the first try gives 10."""
    check = _weighted(digits, tuple(range(1, 12))) % 11
    if check == 10:
        check = _weighted(digits, (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)) % 11
    return check == int(digits[11])


def pesel(digits: str) -> bool:
    """Polish PESEL (11)."""
    return (10 - _weighted(digits, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)) % 10) % 10 == int(digits[10])


def baltic_code(digits: str) -> bool:
    """Estonian isikukood and Lithuanian asmens kodas (11)."""
    check = _weighted(digits, (1, 2, 3, 4, 5, 6, 7, 8, 9, 1)) % 11
    if check == 10:
        check = _weighted(digits, (3, 4, 5, 6, 7, 8, 9, 1, 2, 3)) % 11 % 10
    return check == int(digits[10])


def latvian_code(digits: str) -> bool:
    """Latvian personas kods (11) of the older kind; the newer kind begins with 32 and has no meaning inside."""
    check = (1101 - _weighted(digits, (1, 6, 3, 7, 9, 10, 5, 8, 4, 2))) % 11
    return digits.startswith("32") or check == int(digits[10])


def cnp(digits: str) -> bool:
    """Romanian CNP (13)."""
    check = _weighted(digits, (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)) % 11
    return (1 if check == 10 else check) == int(digits[12])


def idnp(digits: str) -> bool:
    """Moldovan IDNP (13): weights 7, 3, 1."""
    return _weighted(digits, (7, 3, 1) * 4) % 10 == int(digits[12])


def egn(digits: str) -> bool:
    """Bulgarian EGN (10)."""
    return _weighted(digits, (2, 4, 8, 5, 10, 9, 7, 3, 6)) % 11 % 10 == int(digits[9])


def jmbg(digits: str) -> bool:
    """JMBG, EMBG, EMŠO (13) of the states that were Yugoslavia."""
    check = 11 - _weighted(digits, (7, 6, 5, 4, 3, 2) * 2) % 11
    return (0 if check > 9 else check) == int(digits[12])


def oib(digits: str) -> bool:
    """Croatian OIB (11), ISO 7064 mod 11,10."""
    remainder = 10
    for digit in digits[:10]:
        remainder = (remainder + int(digit)) % 10 or 10
        remainder = remainder * 2 % 11
    return (11 - remainder) % 10 == int(digits[10])


def birth_number(digits: str) -> bool:
    """Czech and Slovak rodné číslo with a check digit (10)."""
    return int(digits) % 11 == 0 or (int(digits[:9]) % 11 == 10 and digits[9] == "0")


def rnokpp(digits: str) -> bool:
    """Ukrainian taxpayer number (10)."""
    return _weighted(digits, (-1, 5, 7, 9, 4, 6, 10, 5, 7)) % 11 % 10 == int(digits[9])


def taj(digits: str) -> bool:
    """Hungarian TAJ (9)."""
    return _weighted(digits, (3, 7) * 4) % 10 == int(digits[8])


def pinfl(digits: str) -> bool:
    """Uzbek PINFL (14): weights 7, 3, 1."""
    return _weighted(digits, (7, 3, 1) * 5) % 10 == int(digits[13])


def kyrgyz_inn(digits: str) -> bool:
    """Kyrgyz personal number (14): 1 or 2, then the date of birth as ddmmyyyy."""
    return digits[0] in "12" and _is_date(int(digits[5:9]), int(digits[3:5]), int(digits[1:3]))


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return 1880 <= year <= 2100


_BY_LENGTH: dict[int, tuple[tuple[str, Callable[[str], bool]], ...]] = {
    9: (("taj", taj),),
    10: (("inn", inn), ("rnokpp", rnokpp), ("egn", egn), ("rodne-cislo", birth_number)),
    11: (("snils", snils), ("pesel", pesel), ("isikukood", baltic_code), ("personas-kods", latvian_code), ("oib", oib)),
    12: (("inn", inn), ("iin", iin)),
    13: (("cnp", cnp), ("idnp", idnp), ("jmbg", jmbg)),
    14: (("pinfl", pinfl), ("kyrgyz-inn", kyrgyz_inn)),
}


def personal_number(digits: str) -> str | None:
    """The first scheme whose check digit fits, or None; one run in ten fits some scheme by chance."""
    return next((name for name, fits in _BY_LENGTH.get(len(digits), ()) if fits(digits)), None)
