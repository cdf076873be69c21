"""Invented numbers, plates, addresses and accounts; {kind|words} marks what must be found of anybody."""

# Sentences are easier to read unbroken.
# ruff: noqa: E501

from .mention_sentences import Sentences, marked

PHONES = (
    ("ru", "Звонить {phone|+7 (900) 000-14-27} или {phone|8 900 000 14 27}, дома {phone|8(495)000-12-34}."),
    ("uk", "Дзвонити {phone|+380 (50) 000-18-62} або {phone|050 000 18 62}."),
    ("be", "Тэл. {phone|+375 29 000-12-34}, {phone|8 029 000 12 34}."),
    ("pl", "Dzwonić: {phone|+48 600 000 123} albo {phone|600-000-123}."),
    ("lt", "Skambinti {phone|+370 600 00 481} arba {phone|8 600 00481}."),
    ("lv", "Zvanīt {phone|+371 20 000 123} vai {phone|20 000 123}."),
    ("et", "Helistada {phone|+372 5000 0123} või {phone|5000 0123}."),
    ("ro", "Telefon {phone|+373 60 000 123} sau {phone|0722 000 123}."),
    ("ka", "ტელეფონი {phone|+995 555 00 27 66} ან {phone|555 00 27 66}."),
    ("hy", "Հեռ. {phone|+374 91 00 12 34} կամ {phone|091 00 12 34}։"),
    ("kk", "Телефоны {phone|+7 701 000 12 34}, {phone|8 701 000 1234}."),
    ("ky", "Телефону {phone|+996 555 00 12 34} же {phone|0555 00 12 34}."),
    ("uz", "Telefon {phone|+998 90 000 12 34}."),
    ("tg", "Телефон {phone|+992 92 000 1234}."),
    ("az", "Telefon {phone|+994 50 000 12 34} və {phone|050 000 12 34}."),
    ("bg", "Телефон {phone|+359 88 000 1234} или {phone|088 000 1234}."),
    ("mk", "Телефон {phone|+389 70 000 123}."),
    ("sr", "Telefon {phone|+381 60 000 1234} ili {phone|060/000-1234}."),
    ("sq", "Telefoni {phone|+355 69 000 1234} ose {phone|+383 44 000 123}."),
    ("cs", "Volat {phone|+420 600 000 123}."),
    ("hu", "Telefon: {phone|+36 30 000 1234} vagy {phone|06 30 000 1234}."),
    ("sl", "Telefon {phone|+386 40 000 123} ali {phone|040 000 123}."),
    ("en", "Call {phone|+44 7700 900123} or {phone|0044 7700 900123}."),
)
NUMBERS = (
    (
        "ru",
        "Паспорт {document|40 15 112358}, СНИЛС {document|000-000-001 23}, ИНН {document|500100732259}, карта {bank_account|4000 0000 0000 0002}.",
    ),
    (
        "ru",
        "Жетон № {document|1907}, протокол № {document|4471/24}, дело № {document|1-234/2025}, КУСП {document|12345}.",
    ),
    ("uk", "РНОКПП {document|3000000001}, паспорт {document|КН 123456}, картка {document|ЗПТ-0719}."),
    (
        "pl",
        "PESEL {document|44051401359}, dowód {document|ABC 123456}, konto {bank_account|PL61 1090 1014 0000 0712 1981 2874}.",
    ),
    (
        "lt",
        "Asmens kodas {document|48901180327}, byla Nr. {document|ROIK-5518}, sąskaita {bank_account|LT12 1000 0111 0100 1000}.",
    ),
    ("lv", "Personas kods {document|111111-11111}, protokols Nr. {document|15-230}."),
    ("et", "Isikukood {document|38001085718}, toimik nr {document|24-1234}."),
    ("ro", "CNP {document|2850101123456}, buletin {document|AB 123456}, dosar nr. {document|1234/2025}."),
    ("ka", "პირადი ნომერი {document|60001198765}, საჩივარი ნომრით {document|SS-2025-771}."),
    ("hy", "Անձնագիր {document|AN0123456}, գործ թիվ {document|1234567}։"),
    ("kk", "ЖСН {document|850101300123}, іс № {document|2512-34}."),
    ("bg", "ЕГН {document|7523169263}, лична карта {document|640000123}."),
    ("sr", "JMBG {document|0101985710006}, predmet broj {document|K-123/25}."),
    ("az", "FİN {document|5ABC12D}, şəxsiyyət vəsiqəsi {document|AZE12345678}."),
    ("cs", "Rodné číslo {document|850101/1234}, spis č. {document|12-345/2025}."),
    (
        "en",
        "Badge {document|G-1907}, passport {document|12AB34567}, file no. {document|SP-2239} and {number|7712345} on the wall.",
    ),
)
PLATES = (
    ("ru", "Подъехала {vehicle|«Лада Гранта», госномер А 417 ВС 77}, потом {vehicle|Е002КХ196}."),
    ("uk", "Приїхав {vehicle|«Рено Логан», BC 9051 HK}."),
    ("be", "Машына {vehicle|1234 AB-7} стаяла каля дома."),
    ("pl", "Podjechał {vehicle|Opel Astra, numer WA 12345}."),
    ("lt", "Atvažiavo {vehicle|„Ford“, JBS 904}."),
    ("lv", "Piebrauca {vehicle|VW Golf, numurs HB-1234}."),
    ("et", "Auto {vehicle|Škoda Octavia, 123 ABC} seisis maja ees."),
    ("ro", "A venit o mașină {vehicle|Dacia Logan, B 123 ABC}."),
    ("ka", "იდგა {vehicle|თეთრი „ტოიოტა“, ნომერი QX-418-ZZ}."),
    ("hy", "Կանգնած էր {vehicle|Օպել, 34 AB 123}։"),
    ("kk", "{vehicle|Тойота Камри, нөмірі 123 ABC 02} тұрды."),
    ("az", "{vehicle|Hyundai, 10-AB-123} dayandı."),
    ("sr", "Došao je {vehicle|crni Passat, BG 1234-AB}."),
    ("en", "They came in {vehicle|a white Skoda, plate TT-418-YA}."),
)
ADDRESSES = (
    (
        "ru",
        "Живёт по адресу {address|г. Энск, ул. Малая Слободская, д. 17, корп. 2, кв. 48}, мать на {address|проспекте Мира, 5-12}.",
    ),
    ("uk", "Мешкає: {address|вул. Гетьмана Орлика, 9, кв. 31}."),
    ("be", "Жыве: {address|вул. Якуба Коласа, д. 5, кв. 7}."),
    ("pl", "Mieszka przy {address|ul. Długiej 14/6}, sąd przy {address|al. Jana Pawła II 12}."),
    ("lt", "Gyvena {address|Sodų g. 40-17}, dirba {address|Vytauto pr. 12}."),
    ("lv", "Dzīvo {address|Brīvības ielā 12-5}."),
    ("et", "Elab {address|Pärnu mnt 12-5}."),
    ("ro", "Locuiește pe {address|strada Florilor 5, ap. 12}."),
    ("ka", "ცხოვრობს: {address|წერეთლის ქუჩა 24, ბინა 7}."),
    ("hy", "Ապրում է {address|Աբովյան փողոց 12, բն. 5} հասցեում։"),
    ("kk", "Мекенжайы: {address|Абай көшесі 12, 5 пәтер}."),
    ("az", "Ünvan: {address|Nizami küçəsi 12, mənzil 5}."),
    ("sr", "Živi u {address|ulici Kneza Miloša 12, stan 5}."),
    ("bg", "Живее на {address|ул. Иван Вазов 12, ап. 5}."),
    ("hu", "Lakik: {address|Kossuth utca 12}."),
    ("en", "She lives at {address|flat 12, 8 Vazha Street} and works at {address|24 Old Mill Road}."),
)
CONTACTS = (
    (
        "ru",
        "Пишите на {email|n.kulikova@example.org}, телеграм {handle|@kulikova_n}, страница {url|https://example.org/kulikova?id=1}.",
    ),
    (
        "en",
        "Her page is {url|www.example.net/~luka} and {url|t.me/luka_g}; instagram: {handle|lukagelashvili}, mail {email|luka.g@example.net}.",
    ),
    ("pl", "Konto {handle|kasia_88}, mail {email|kasia.w+praca@example.com}."),
)


def pattern_sentences() -> tuple[Sentences, ...]:
    groups = (PHONES, NUMBERS, PLATES, ADDRESSES, CONTACTS)
    return tuple(marked(language, text) for group in groups for language, text in group)


QUIET = (
    (
        "ru",
        "14 марта 2025 года в 18:40, 15.03.2025, с 2019 по 2024 год, 80 тысяч рублей, 1 500 000 рублей, 90 мг, статья 228, ФЗ № 323, отдел № 4, 3–5 дней, 2019–2025, 12.05.2024-15.06.2024.",
    ),
    ("lt", "2025 m. gegužės 9 d., 22.15 val., 2025-11-01, 300 000 eurų, 20 val., 3 skyrius."),
    (
        "en",
        "On 11 April 2025 at 08:15, 2025-11-01, €1,500,000, $ 300 000, 90 mg, Prison no. 8, 2024/25, Article 3, COVID-19, HIV-1.",
    ),
    ("ka", "2025 წლის 14 ოქტომბერს, 18 საათის შემდეგ, 500 000 ლარი."),
    ("hu", "2025. március 5-én 10:30-kor, 500 000 Ft."),
    ("lv", "2025. gada 5. maijā plkst. 10.30, 1 000 000 eiro."),
)
