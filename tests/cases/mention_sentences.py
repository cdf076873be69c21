"""Invented sentences in the languages of the region; {key|words} marks what belongs to whom, {?|words} a stranger."""

# Sentences are easier to read unbroken.
# ruff: noqa: E501

import re
from dataclasses import dataclass

from cases.mentions import Identity

_MARK = re.compile(r"\{([^|{}]+)\|([^{}]*)\}")


@dataclass(frozen=True)
class Sentences:
    """A text with the spans that must be found: (start, end, key)."""

    language: str
    text: str
    spans: tuple[tuple[int, int, str], ...]
    identities: tuple[Identity, ...]


def marked(language: str, text: str, *identities: Identity) -> Sentences:
    """Take the marks out of a text and remember where they stood."""
    pieces: list[str] = []
    spans: list[tuple[int, int, str]] = []
    position = length = 0
    for found in _MARK.finditer(text):
        pieces += (text[position : found.start()], found[2])
        length += found.start() - position
        spans.append((length, length + len(found[2]), found[1]))
        length += len(found[2])
        position = found.end()
    pieces.append(text[position:])
    return Sentences(language, "".join(pieces), tuple(spans), identities)


def person(key: str, given: str = "", family: str = "", **more: str | tuple[str, ...]) -> Identity:
    return Identity(key, "client", given=given, family=family, **more)  # type: ignore[arg-type]


KNOWN = (
    marked(
        "ru",
        "В субботу {a|Людмилу Аркадьевну Соболеву} остановили у рынка. Сержант спросил {a|Соболеву}, где она живёт, и {a|Люда} "
        "ответила. Её сын {b|Тимофей} ждал дома, с {b|Тимошей} сидела соседка. О {a|Людмиле Аркадьевне} знает и "
        "{c|Павел Кравец}: {c|Кравца} допросили, {c|Пашу} отпустили утром. Позже {c|Кравцу} позвонили. {a|Л. А. Соболева} жалобу подала.",
        person("a", "Людмила", "Соболева", patronymic="Аркадьевна"),
        person("b", "Тимофей"),
        person("c", "Павел", "Кравец"),
    ),
    marked(
        "uk",
        "Учора {a|Ользі Петрівні Ковальчук} подзвонили з відділку. {a|Ковальчук} не знала, що її брат {b|Андрій} уже там, і просила "
        "передати {b|Андрієві} ліки. Слідчий {c|Гриценко} відмовив; скаргу на {c|Гриценка} написали ввечері. "
        "Сусідка {d|Галя} бачила, як {b|Андрія} виводили, {d|Галці} теж погрожували.",
        person("a", "Ольга", "Ковальчук", patronymic="Петрівна"),
        person("b", "Андрій"),
        person("c", family="Гриценко"),
        person("d", "Галина", aliases=("Галка",)),
    ),
    marked(
        "be",
        "Учора {a|Вользе Міхайлаўне Кавалевіч} патэлефанавалі з міліцыі. {a|Кавалевіч} прасіла выклікаць адваката. Яе мужа, "
        "{b|Андрэя}, затрымалі разам з {a|Вольгай}.",
        person("a", "Вольга", "Кавалевіч", patronymic="Міхайлаўна"),
        person("b", "Андрэй"),
    ),
    marked(
        "pl",
        "W piątek zatrzymano {a|Agnieszkę Wróblewską}, a jej partnera, {b|Marka Zająca}, zabrano z mieszkania. Policjant powiedział "
        "{a|Agnieszce}, że {b|Zającowi} nic nie grozi. Rozmawiałam z {a|Wróblewską} i z {b|Markiem}. {a|Aga} płakała. Adwokat "
        "{c|Paweł Sikora} nie przyszedł; {c|Pawłowi Sikorze} odmówiono wstępu.",
        person("a", "Agnieszka", "Wróblewska"),
        person("b", "Marek", "Zając"),
        person("c", "Paweł", "Sikora"),
    ),
    marked(
        "lt",
        "Vakar {a|Ramunę Kazlauskienę} sulaikė prie stoties. {a|Kazlauskienei} neleido skambinti, o {a|Ramunės} sūnus {b|Lukas} liko "
        "vienas. Pareigūnas {c|Petraitis} šaukė; skundas dėl {c|Petraičio} pateiktas. {b|Luką} pasiėmė kaimynė, su {b|Luku} viskas gerai.",
        person("a", "Ramunė", "Kazlauskienė"),
        person("b", "Lukas"),
        person("c", family="Petraitis"),
    ),
    marked(
        "lv",
        "Vakar {a|Ingai Kalniņai} neļāva zvanīt advokātam. {a|Kalniņa} lūdza zāles, bet {b|Jānim Ozolam} atteica. Par {b|Jāni} zina "
        "arī viņa māsa {c|Dace}; {c|Dacei} piedraudēja. Policists {d|Bērziņš} izrāva telefonu, {d|Bērziņa} žetona nebija.",
        person("a", "Inga", "Kalniņa"),
        person("b", "Jānis", "Ozols"),
        person("c", "Dace"),
        person("d", family="Bērziņš"),
    ),
    marked(
        "et",
        "Eile peeti kinni {a|Kadri Saaremets}. {a|Saaremetsa} kotist leiti süstlad ja {a|Kadrile} ei antud ravimeid. Tema mees "
        "{b|Toomas} ootas väljas, {b|Toomasega} ei räägitud. Politseinik {c|Rebane} karjus. {c|Rebasele} esitati kaebus.",
        person("a", "Kadri", "Saaremets"),
        person("b", "Toomas"),
        person("c", family="Rebane", aliases=("Rebase",)),
    ),
    marked(
        "ro",
        "Ieri a fost reținută {a|Elena Munteanu}. Polițistul i-a spus {a|Elenei} că fratele ei, {b|Vasile}, a semnat tot. Mama lui "
        "{b|Vasile} a venit seara. {a|Munteanu} cere avocat, iar {c|Ștefănescu}, ofițerul, refuză. Plângerea împotriva lui {c|Stefanescu} "
        "a fost depusă de {d|Măriuca}.",
        person("a", "Elena", "Munteanu"),
        person("b", "Vasile"),
        person("c", family="Ștefănescu"),
        person("d", "Maria"),
    ),
    marked(
        "hy",
        "Երեկ ոստիկանները կանգնեցրին {a|Անահիտ Սարգսյանին} շուկայի մոտ։ {a|Սարգսյանի} պայուսակից վերցրին դեղը, իսկ {a|Անահիտին} տարան "
        "բաժին։ Նրա եղբայրը՝ {b|Կարենը}, սպասում էր դրսում, {b|Կարենին} ներս չթողեցին։ Քննիչ {c|Հակոբյանը} գոռաց, {c|Հակոբյանից} բողոքեցին։",
        person("a", "Անահիտ", "Սարգսյան"),
        person("b", "Կարեն"),
        person("c", family="Հակոբյան"),
    ),
    marked(
        "kk",
        "Кеше {a|Айгүл Серікқызы Нұрланованы} базар жанында ұстады. {a|Нұрланованың} сөмкесін тінтіп, {a|Айгүлге} дәрі бермеді. Оның інісі "
        "{b|Ержан} сыртта күтті, {b|Ержанның} айтуынша, тергеуші {c|Қасымов} айқайлаған. {c|Қасымовқа} шағым жазылды.",
        person("a", "Айгүл", "Нұрланова", patronymic="Серікқызы"),
        person("b", "Ержан"),
        person("c", family="Қасымов"),
    ),
    marked(
        "ky",
        "Кечээ {a|Айгүл Асановага} милициядан чалышты. {a|Асанованын} сөзү боюнча, {b|Бакытты} сабашкан. {b|Бакыттын} апасы да көргөн.",
        person("a", "Айгүл", "Асанова"),
        person("b", "Бакыт"),
    ),
    marked(
        "ka",
        "გუშინ პოლიციამ გააჩერა {a|თამარ ბერიძე} ბაზართან. {a|ბერიძის} ჩანთა გაჩხრიკეს, {a|თამარს} წამალი არ მისცეს. მისი ძმა {b|ლევანი} "
        "გარეთ ელოდა, {b|ლევანს} არ შეუშვეს. ინსპექტორი {c|კვარაცხელია} ყვიროდა, {c|კვარაცხელიას} უჩივლეს.",
        person("a", "თამარი", "ბერიძე"),
        person("b", "ლევანი"),
        person("c", family="კვარაცხელია"),
    ),
    marked(
        "sr",
        "Juče su zaustavili {a|Milicu Jovanović} kod pijace. {a|Jovanovićevoj} torbi uzeli su lek, a {a|Milici} nisu dali da zove advokata. "
        "Njen brat {b|Marko} čekao je napolju, {b|Marka} nisu pustili. Policajac {c|Petrović} je vikao; na {c|Petrovića} je podneta žalba.",
        person("a", "Milica", "Jovanović"),
        person("b", "Marko"),
        person("c", family="Petrović"),
    ),
    marked(
        "sr",
        "Јуче су зауставили {a|Милицу Јовановић} код пијаце. {a|Милици} нису дали лек. Њеног брата {b|Марка} нису пустили, са {b|Марком} "
        "нико није говорио.",
        person("a", "Милица", "Јовановић"),
        person("b", "Марко"),
    ),
    marked(
        "az",
        "Dünən polis {a|Günel Məmmədovanı} bazarın yanında saxladı. {a|Məmmədovanın} çantasını yoxladılar, {a|Günelə} dərman vermədilər. "
        "Qardaşı {b|Elçin} bayırda gözləyirdi, {b|Elçini} içəri buraxmadılar. Müstəntiq {c|Əliyev} qışqırdı, {c|Əliyevdən} şikayət yazıldı.",
        person("a", "Günel", "Məmmədova"),
        person("b", "Elçin"),
        person("c", family="Əliyev"),
    ),
    marked(
        "uz",
        "Kecha {a|Nilufar Karimovani} bozor yonida ushlashdi. {a|Karimovaning} sumkasini tekshirishdi, {a|Nilufarga} dori berishmadi. "
        "Akasi {b|Rustam} tashqarida kutdi.",
        person("a", "Nilufar", "Karimova"),
        person("b", "Rustam"),
    ),
    marked(
        "bg",
        "Вчера спряха {a|Десислава Георгиева} до пазара. Полицаят каза на {a|Георгиева}, че брат ѝ {b|Иван} е подписал. {b|Ивановата} чанта "
        "също взеха.",
        person("a", "Десислава", "Георгиева"),
        person("b", "Иван"),
    ),
    marked(
        "cs",
        "Včera zadrželi {a|Kateřinu Novákovou} u tržnice. {a|Kateřině} nedali lék a {a|Novákové} nedovolili volat. Jejího bratra {b|Pavla} "
        "nepustili dovnitř, s {b|Pavlem} nikdo nemluvil.",
        person("a", "Kateřina", "Nováková"),
        person("b", "Pavel"),
    ),
    marked(
        "hu",
        "Tegnap megállították {a|Kovács Katalint} a piacnál. {a|Kovácsnak} nem adtak gyógyszert, {a|Katalinnal} senki sem beszélt. Öccsét, "
        "{b|Tamást} nem engedték be.",
        person("a", "Katalin", "Kovács"),
        person("b", "Tamás"),
    ),
    marked(
        "sq",
        "Dje ndaluan {a|Arta Krasniqin} pranë tregut. {a|Krasniqit} nuk i dhanë ilaçe, kurse vëllain e saj, {b|Agimin}, nuk e lanë të hyjë. "
        "{b|Agimit} i thanë të ikte.",
        person("a", "Arta", "Krasniqi"),
        person("b", "Agim"),
    ),
    marked(
        "tg",
        "Дирӯз {a|Малика Раҳимоваро} дар назди бозор доштанд. {a|Раҳимова} адвокат талаб кард. Бародараш {b|Рустам} дар берун буд, {b|Рустамро} нагузоштанд.",
        person("a", "Малика", "Раҳимова"),
        person("b", "Рустам"),
    ),
    marked(
        "en",
        "On Friday {a|Ms Okonkwo-Reyes} was stopped near the market. {a|Adaeze Okonkwo-Reyes} asked for a lawyer; {a|Adaeze's} brother, "
        "{b|Ben}, waited outside. Sergeant {c|Whitlock} shouted at {b|Ben} and {c|Whitlock's} colleague laughed.",
        person("a", "Adaeze", "Okonkwo-Reyes"),
        person("b", "Benjamin"),
        person("c", family="Whitlock"),
    ),
)

OTHER_SCRIPT = (
    marked(
        "en",
        "On Monday {a|Natalia Kulikova} was stopped near the market. {a|Kulikova's} bag was searched. Her lawyer {b|Yuri Shcherbakov} came late, "
        "and {c|Zhanna Tsoi} saw it.",
        person("a", "Наталья", "Куликова"),
        person("b", "Юрий", "Щербаков"),
        person("c", "Жанна", "Цой"),
    ),
    marked(
        "ru",
        "В понедельник {a|Нино Гелашвили} остановили у рынка. У {a|Гелашвили} забрали сумку. Адвокат {b|Тамта Микадзе} пришла поздно, с "
        "{b|Микадзе} не говорили. Следователь {c|Заза Квеладзе} кричал.",
        person("a", "Nino", "Gelashvili"),
        person("b", "თამთა", "მიქაძე"),
        person("c", "ზაზა", "კველაძე"),
    ),
    marked(
        "lt",
        "Vakar sulaikė {a|Oksaną Ščerbakovą}. {a|Ščerbakovai} neleido skambinti. Jos brolis {b|Sergejus Ivanovas} laukė, {b|Ivanovui} grasino.",
        person("a", "Оксана", "Щербакова"),
        person("b", "Сергей", "Иванов"),
    ),
    marked(
        "lv",
        "Vakar aizturēja {a|Oksanu Kuļikovu}. {a|Kuļikovai} neļāva zvanīt. Viņas brālis {b|Sergejs Ivanovs} gaidīja.",
        person("a", "Оксана", "Куликова"),
        person("b", "Сергей", "Иванов"),
    ),
    marked(
        "ka",
        "გუშინ გააჩერეს {a|ნატალია კულიკოვა}. {a|კულიკოვას} ჩანთა წაართვეს. ადვოკატი {b|პაველ სობოლევი} გვიან მოვიდა.",
        person("a", "Наталья", "Куликова"),
        person("b", "Павел", "Соболев"),
    ),
    marked(
        "hy",
        "Երեկ կանգնեցրին {a|Նատալյա Կուլիկովային}։ {a|Կուլիկովայի} պայուսակը վերցրին։",
        person("a", "Наталья", "Куликова"),
    ),
    marked(
        "ru",
        "Вчера задержали {a|Анаит Саргсян}. У {a|Саргсян} забрали лекарства. Брат, {b|Карен}, ждал.",
        person("a", "Անահիտ", "Սարգսյան"),
        person("b", "Կարեն"),
    ),
    marked(
        "en",
        "Yesterday {a|Gunel Mammadova} was stopped. {a|Mammadova} asked for {b|Elchin}.",
        person("a", "Гюнель", "Мамедова"),
        person("b", "Elçin"),
    ),
    marked(
        "ru",
        "Вчера остановили {a|Дайну Петравичене}. {b|Арвидас Норкус} был пьян.",
        person("a", "Daina", "Petravičienė"),
        person("b", "Arvydas", "Norkus"),
    ),
    marked(
        "pl",
        "Wczoraj zatrzymano {a|Oksanę Tkaczuk}. Śledczy {b|Maksym Szełest} krzyczał na {a|Tkaczuk}.",
        person("a", "Оксана", "Ткачук"),
        person("b", "Максим", "Шелест"),
    ),
    marked(
        "kk",
        "Кеше {a|Наталья Куликованы} ұстады. {a|Куликоваға} дәрі бермеді.",
        person("a", "Natalia", "Kulikova"),
    ),
    marked(
        "ro",
        "Ieri a fost reținută {a|Natalia Kulikova}. Fratele ei, {b|Serghei}, a așteptat.",
        person("a", "Наталья", "Куликова"),
        person("b", "Сергей"),
    ),
    marked(
        "sr",
        "Juče su zaustavili {a|Nataliju Kulikovu}. {a|Kulikovoj} nisu dali lek.",
        person("a", "Наталья", "Куликова"),
    ),
    marked(
        "az",
        "Dünən {a|Natalya Kulikovanı} saxladılar. {a|Kulikovanın} vəkili gəlmədi.",
        person("a", "Наталья", "Куликова"),
    ),
    marked(
        "et",
        "Eile peeti kinni {a|Natalja Kulikova}. {a|Kulikovale} ei antud ravimeid. {b|Sergei Ivanovi} kott võeti ära.",
        person("a", "Наталья", "Куликова"),
        person("b", "Сергей", "Иванов"),
    ),
)

STRANGERS = (
    marked(
        "ru",
        "Пришли двое: следователь {?|Орлов} и понятая {?|Зинаида Марковна Бойко}. {?|Бойко} ничего не видела, а {?|Игната} увели сразу.",
    ),
    marked(
        "ru", "Судья {?|Т. В. Осипенко} отказал. Медсестра {?|Света} дала воды, девушка по имени {?|Зарина} плакала."
    ),
    marked(
        "uk",
        "Прийшов дільничний {?|Мельниченко} і поняті: {?|Тарас} та {?|Соломія Дорошенко}. Суддя {?|О. І. Вакула} відмовила.",
    ),
    marked(
        "pl",
        "Przyszedł dzielnicowy {?|Krawczyk}, a sędzia {?|Barbara Nowicka} odmówiła. Sąsiad {?|Zbyszek} widział wszystko.",
    ),
    marked("lt", "Atėjo tyrėjas {?|Rimvydas Paulauskas} ir gydytoja {?|Butkienė}. Kaimynė {?|Danutė} viską matė."),
    marked("lv", "Atnāca izmeklētājs {?|Andris Liepiņš} un māsiņa {?|Zane}. Tiesnese {?|I. Krūmiņa} atteica."),
    marked("et", "Tuli uurija {?|Margus Kask} ja õde {?|Piret}. Kohtunik {?|T. Lepik} keeldus."),
    marked("ro", "A venit anchetatorul {?|Dumitru Cojocaru} și vecina {?|Lenuța}. Judecătoarea {?|A. Rusu} a refuzat."),
    marked("hy", "Եկավ քննիչ {?|Գրիգորյանը} և բժիշկ {?|Նարինե Պողոսյանը}։"),
    marked("kk", "Тергеуші {?|Сейітов} пен дәрігер {?|Гүлнар Ахметова} келді. Көршісі {?|Салтанат} көрді."),
    marked(
        "ka",
        "მოვიდა გამომძიებელი {?|ნოდარ წიკლაური} და ექიმი {?|მაია ჯაფარიძე}. მეზობელი {?|ციცინო} ყველაფერს ხედავდა.",
    ),
    marked("sr", "Došao je inspektor {?|Nikolić} i sestra {?|Gordana}. Sutkinja {?|M. Stojanović} je odbila."),
    marked("az", "Müstəntiq {?|Hüseynov} və həkim {?|Aynur Quliyeva} gəldi."),
    marked(
        "en",
        "Then Officer {?|Delgado} came with a nurse, {?|Marta Lindqvist}. Judge {?|R. Osei} refused, and {?|Irina} cried.",
    ),
    marked("bg", "Дойде следователят {?|Димитър Колев} и съседката {?|Радка}."),
    marked("cs", "Přišel vyšetřovatel {?|Dvořák} a sestra {?|Jitka}. Soudce {?|P. Šimek} odmítl."),
    marked("hu", "Jött a nyomozó, {?|Szabó Gergely}, és a nővér, {?|Ildikó}."),
)

NOBODY = (
    marked(
        "ru",
        "В марте в Москве открылся центр «Добрый доктор». Верховный Суд отказал. Вера в право осталась. Надежда умирает последней. "
        "В Казани и Ростове полиция работает иначе, чем в Минске. Роман о любви она читала в камере. По улице Ленина шёл автобус.",
    ),
    marked(
        "uk",
        "У лютому в Києві відкрили центр «Надія». Верховний Суд відмовив. В Одесі та Харкові інакше. Вулицею Франка йшов автобус.",
    ),
    marked(
        "en",
        "In March the Supreme Court in London refused. On Monday the Red Cross opened a shelter near Vazha Street. She will read May's report in Vilnius.",
    ),
    marked(
        "pl",
        "W marcu w Warszawie otwarto ośrodek „Nadzieja”. Sąd Najwyższy odmówił. We Wrocławiu i Łodzi jest inaczej.",
    ),
    marked(
        "lt",
        "Kovo mėnesį Vilniuje atidarytas centras „Viltis“. Aukščiausiasis Teismas atsisakė. Kaune ir Klaipėdoje kitaip.",
    ),
    marked("lv", "Martā Rīgā atvērts centrs „Cerība”. Augstākā tiesa atteica. Liepājā un Jelgavā ir citādi."),
    marked("et", "Märtsis avati Tallinnas keskus „Lootus“. Riigikohus keeldus. Tartus ja Narvas on teisiti."),
    marked(
        "ro",
        "În martie s-a deschis la Chișinău centrul „Speranța”. Curtea Supremă a refuzat. La Bălți și Cahul e altfel.",
    ),
    marked(
        "ka",
        "მარტში თბილისში გაიხსნა ცენტრი „იმედი“. უზენაესმა სასამართლომ უარი თქვა. ქუთაისში და ბათუმში სხვაგვარადაა.",
    ),
    marked("hy", "Մարտին Երևանում բացվեց «Հույս» կենտրոնը։ Վճռաբեկ դատարանը մերժեց։"),
    marked("kk", "Наурызда Алматыда «Үміт» орталығы ашылды. Жоғарғы Сот бас тартты. Шымкентте басқаша."),
    marked(
        "sr", "U martu je u Beogradu otvoren centar „Nada“. Vrhovni sud je odbio. U Nišu i Novom Sadu je drugačije."
    ),
    marked("az", "Martda Bakıda «Ümid» mərkəzi açıldı. Ali Məhkəmə rədd etdi. Gəncədə başqa cürdür."),
)

# Stories that follow several people through many forms of their names.
STORIES = (
    marked(
        "ru",
        "{a|Гульнора Раҳимова} ({a|Гуля}), 27 лет, приехала из Худжанда. {b|Фаррух Назаров}, её муж, звонил участковому {c|Жумабаеву}. {a|Гульноре} сказали прийти с паспортом. «{a|Рахимова}, выходи», — крикнул {c|Жумабаев}. Подруга {d|Эльвира} (в чате {d|Элька}) записала всё. {d|Эльвиру} и {a|Гулю} отпустили. Рядом стоял {?|Валера}, таксист; {?|Валеру} тоже спросили. Потом {a|Гульнору Р.} отвезли в Душанбе.",
        person("a", "Гульнора", "Рахимова"),
        person("b", "Фаррух", "Назаров"),
        person("c", family="Жумабаев"),
        person("d", "Эльвира", aliases=("Элька",)),
    ),
    marked(
        "ru",
        "СТ. ЛЕЙТЕНАНТ {a|ПЕТРЕНКО} ВЫЗВАЛ {b|СМИРНОВУ Л. Н.} В КАБИНЕТ. {b|СМИРНОВА} ПРИШЛА С СЫНОМ.",
        person("a", family="Петренко"),
        person("b", "Лидия", "Смирнова", patronymic="Николаевна"),
    ),
    marked(
        "ru",
        "вчера звонила {a|катя}, говорит {b|серёгу белова} опять приняли возле аптеки, мать {a|кати} плачет, {b|белов} в сизо, адвокат какой то {c|зимин}, {a|катюха} поехала к нему",
        person("a", "Екатерина"),
        person("b", "Сергей", "Белов"),
        person("c", family="Зимин"),
    ),
    marked(
        "uk",
        "{a|Вікторія Чорновіл} прийшла з сестрою {b|Лесею}. {a|Чорновіл} пояснила, що {c|Ярослав Гончар} забрав документи. {c|Гончара} викликали в понеділок, {c|Гончарові} дали повістку. З {b|Лесею} говорив капітан {d|Бондаренко}, про {d|Бондаренка} вже писали. {a|Вікторією} займається адвокатка {e|Ніна Сич}; {e|Сич} сказала чекати. {a|Віка} боїться.",
        person("a", "Вікторія", "Чорновіл"),
        person("b", "Олександра", aliases=("Леся",)),
        person("c", "Ярослав", "Гончар"),
        person("d", family="Бондаренко"),
        person("e", "Ніна", "Сич"),
    ),
    marked(
        "pl",
        "{a|Wioletta Szczepańska-Nowak} mieszka z {b|Grzegorzem Dąbkiem}. {a|Szczepańskiej-Nowak} odmówiono metadonu. {b|Grześka} bił policjant {c|Kędzierski}; na {c|Kędzierskiego} jest skarga. {b|Dąbkowi} zabrano telefon. Kuratorka {d|Halina Żak} napisała do {d|Żak}owej. {a|Wioli} nikt nie słuchał. Rozmawiano o {b|Grzegorzu} i {c|Kędzierskim}.",
        person("a", "Wioletta", "Szczepańska-Nowak", aliases=("Wiola",)),
        person("b", "Grzegorz", "Dąbek", aliases=("Grzesiek",)),
        person("c", family="Kędzierski"),
        person("d", "Halina", "Żak"),
    ),
    marked(
        "ro",
        "{a|Ruxanda Țurcanu} și fratele ei {b|Andrei Țurcanu} au fost bătuți. Lui {b|Andrei} i s-a rupt mâna. {a|Turcanu} a sunat-o pe {c|Doamna Olesea Ceban}, avocata. {c|Olesei Ceban} i s-a interzis accesul. Comisarul {d|Gheorghe Popescu-Vrabie} a râs. Plângerea contra {d|Popescu-Vrabie} e la procuror. {a|Ruxanda} stă la mătușa {?|Valentina}.",
        person("a", "Ruxanda", "Țurcanu"),
        person("b", "Andrei", "Țurcanu"),
        person("c", "Olesea", "Ceban"),
        person("d", "Gheorghe", "Popescu-Vrabie"),
    ),
    marked(
        "lt",
        "{a|Kristina Sinkevič} iš Šalčininkų atėjo su {b|Pavelu Voinilo}. {a|Sinkevič} nedavė vaistų, {b|Pavelui} liepė tylėti. Tyrėja {c|Audronė Bielskytė} rašė protokolą; {c|Bielskytės} parašas yra. Kaimynas {d|Gediminas} matė. {d|Gediminą} apklausė rytoj. Su {c|Audrone} kalbėjo teisininkas {e|Tomas Vaitkus}, {e|Tomo} numeris pas mane.",
        person("a", "Kristina", "Sinkevič"),
        person("b", "Pavel", "Voinilo"),
        person("c", "Audronė", "Bielskytė"),
        person("d", "Gediminas"),
        person("e", "Tomas", "Vaitkus"),
    ),
    marked(
        "lv",
        "{a|Anželika Fjodorova} un {b|Edgars Liepa} gaidīja gaitenī. {a|Fjodorovai} neļāva apsēsties, {b|Liepam} atņēma telefonu. Policists {c|Jānis Zvirbulis} smējās, {c|Zvirbuļa} priekšniece {d|Mudīte Ozoliņa} nenāca. {d|Ozoliņas} kabinets bija slēgts. {b|Edgaru} veda prom. {a|Anželikas} māte {e|Nadežda} raudāja.",
        person("a", "Anželika", "Fjodorova"),
        person("b", "Edgars", "Liepa"),
        person("c", "Jānis", "Zvirbulis"),
        person("d", "Mudīte", "Ozoliņa"),
        person("e", "Nadežda"),
    ),
    marked(
        "et",
        "{a|Jelena Vassiljeva} ja {b|Rein Põld} viidi jaoskonda. {a|Vassiljeval} olid ravimid, {b|Põllul} mitte midagi. Vanemkomissar {c|Mägi} karjus, {c|Mägile} esitati kaebus. {a|Jelenast} tehti foto. {b|Reinu} ema {d|Aino} ootas. {d|Ainoga} rääkis jurist {e|Kristjan Sepp}, {e|Sepa} kontor on Tartus.",
        person("a", "Jelena", "Vassiljeva"),
        person("b", "Rein", "Põld", aliases=("Põllu",)),
        person("c", family="Mägi"),
        person("d", "Aino"),
        person("e", "Kristjan", "Sepp", aliases=("Sepa",)),
    ),
    marked(
        "cs",
        "{a|Simona Horváthová} byla s {b|Jirkou Veselým} na nádraží. {a|Horváthové} sebrali léky, {b|Veselému} doklady. Strážník {c|Kučera} nadával; na {c|Kučeru} podala stížnost {d|Lucie}. {d|Lucii} vyslechli, s {d|Lucií} mluvil {e|Mgr. Zdeněk Hájek}. {e|Hájkovi} volala {a|Simona}. O {b|Jiřím} nic nevíme.",
        person("a", "Simona", "Horváthová"),
        person("b", "Jiří", "Veselý"),
        person("c", family="Kučera"),
        person("d", "Lucie"),
        person("e", "Zdeněk", "Hájek"),
    ),
    marked(
        "hu",
        "{a|Lakatos Erzsébet} és {b|Balogh Zoltán} a téren ült. {a|Erzsébettől} elvették a gyógyszert, {b|Zoltánnak} megütötték a karját. {c|Tóth} főtörzsőrmester kiabált. {b|Baloghot} bevitték, {a|Erzsit} elküldték. Az ügyvéd, {d|dr. Fekete Anna}, {b|Baloghgal} beszélt; {d|Annával} is.",
        person("a", "Erzsébet", "Lakatos"),
        person("b", "Zoltán", "Balogh"),
        person("c", family="Tóth"),
        person("d", "Anna", "Fekete"),
    ),
    marked(
        "sq",
        "{a|Liridona Gashi} dhe {b|Besnik Hoxha} ishin te stacioni. {a|Gashit} ia morën ilaçet, {b|Hoxhës} telefonin. Polici {c|Krasniqi} bërtiti; kundër {c|Krasniqit} u bë ankesë. {b|Besnikun} e rrahën. {a|Liridonës} i thanë të ikë. Avokatja {d|Vjosa Berisha} erdhi, {d|Vjosën} nuk e lanë.",
        person("a", "Liridona", "Gashi"),
        person("b", "Besnik", "Hoxha"),
        person("c", family="Krasniqi"),
        person("d", "Vjosa", "Berisha"),
    ),
    marked(
        "mk",
        "{a|Билјана Стојановска} и {b|Горан Петров} беа на станица. На {a|Стојановска} ѝ ги зедоа лековите. Полицаецот {c|Димовски} викаше, против {c|Димовски} има жалба. {b|Горановата} мајка {d|Лидија} чекаше.",
        person("a", "Билјана", "Стојановска"),
        person("b", "Горан", "Петров"),
        person("c", family="Димовски"),
        person("d", "Лидија"),
    ),
    marked(
        "hy",
        "{a|Նաիրա Հովհաննիսյանը} և {b|Սամվելը} շուկայում էին։ {a|Հովհաննիսյանի} դեղերը վերցրին, {b|Սամվելին} ծեծեցին։ Ոստիկան {c|Գասպարյանի} դեմ բողոք կա։ {a|Նաիրայի} մայրը՝ {d|Ռուզաննան}, սպասում էր։ Ո՞վ է {b|Սամվելի} փաստաբանը. {e|Արտակ Մելիքյանն} է։",
        person("a", "Նաիրա", "Հովհաննիսյան"),
        person("b", "Սամվել"),
        person("c", family="Գասպարյան"),
        person("d", "Ռուզաննա"),
        person("e", "Արտակ", "Մելիքյան"),
    ),
    marked(
        "ka",
        "{a|ქეთევან წერეთელმა} და მისმა ძმამ, {b|ვახომ}, პოლიციას მიმართეს. {a|წერეთლის} წამლები წაიღეს, {b|ვახოს} სცემეს. ინსპექტორ {c|ზვიად ჩხეიძის} წინააღმდეგ საჩივარია. {a|ქეთის} დედა, {d|ლამარა}, ელოდა. {d|ლამარასთან} ისაუბრა ადვოკატმა {e|ანა მაისურაძემ}; {e|მაისურაძეს} არ უსმენდნენ.",
        person("a", "ქეთევანი", "წერეთელი"),
        person("b", "ვახტანგი"),
        person("c", "ზვიადი", "ჩხეიძე"),
        person("d", "ლამარა"),
        person("e", "ანა", "მაისურაძე"),
    ),
    marked(
        "en",
        "{a|Oksana Tkachuk} came with her sister {b|Mar'yana}. Detective {c|Sherest} laughed. {a|Tkachuk's} meds were taken; {a|Ksenia} cried, as her mother calls her. {d|Mr O'Brien} and {d|Sean} waited. Dr. {e|Świątek} saw {b|Maryana's} arm. {f|McAllister} signed. The lawyer of {a|Ms. Tkachuk} is {?|Helen Marsh}.",
        person("a", "Оксана", "Ткачук"),
        person("b", "Мар'яна"),
        person("c", family="Шерест"),
        person("d", "Sean", "O'Brien"),
        person("e", family="Świątek"),
        person("f", family="McAllister"),
    ),
    marked(
        "kk",
        "{a|Ботагөз Сағынбекова} мен {b|Нұрлан} вокзалда болды. {a|Сағынбековадан} дәріні алды, {b|Нұрланға} қол көтерді. Полицей {c|Тоқтаров} айғайлады, {c|Тоқтаровтың} үстінен шағым бар. {a|Ботагөздің} анасы {d|Сара} күтті. Адвокат {e|Ермек Жүнісов}: {e|Ермекпен} сөйлестік.",
        person("a", "Ботагөз", "Сағынбекова"),
        person("b", "Нұрлан"),
        person("c", family="Тоқтаров"),
        person("d", "Сара"),
        person("e", "Ермек", "Жүнісов"),
    ),
    marked(
        "az",
        "{a|Xədicə İsmayılova} və {b|Orxan Quliyev} vağzalda idi. {a|İsmayılovadan} dərmanı aldılar, {b|Orxana} əl qaldırdılar. Polis {c|Abbasov} qışqırdı, {c|Abbasovun} üstündən şikayət var. {a|Xədicənin} anası {d|Rəna xanım} gözləyirdi. Vəkil {e|Elnur} {b|Orxanla} danışdı.",
        person("a", "Xədicə", "İsmayılova"),
        person("b", "Orxan", "Quliyev"),
        person("c", family="Abbasov"),
        person("d", "Rəna"),
        person("e", "Elnur"),
    ),
    marked(
        "uz",
        "{a|Dilfuza Toʻxtayeva} va {b|Sardor} bozorda edi. {a|To'xtayevadan} dorini olishdi, {b|Sardorga} qoʻl koʻtarishdi. Inspektor {c|Yoʻldoshev} baqirdi, {c|Yo'ldoshevning} ustidan shikoyat bor.",
        person("a", "Dilfuza", "To'xtayeva"),
        person("b", "Sardor"),
        person("c", family="Yo'ldoshev"),
    ),
    marked(
        "bg",
        "{a|Ивелина Тодорова} и {b|Пламен} бяха на гарата. На {a|Тодорова} взеха лекарствата, {b|Пламена} удариха. Полицаят {c|Стоянов} викаше, срещу {c|Стоянов} има жалба. {a|Ивелинината} майка {d|Пенка} чакаше.",
        person("a", "Ивелина", "Тодорова"),
        person("b", "Пламен"),
        person("c", family="Стоянов"),
        person("d", "Пенка"),
    ),
    marked(
        "sk",
        "{a|Zuzana Kováčová} bola s {b|Jurajom} na stanici. {a|Kováčovej} zobrali lieky, {b|Jurajovi} doklady. Policajt {c|Baláž} kričal, na {c|Baláža} podala sťažnosť {d|Veronika}. S {d|Veronikou} hovoril {e|Matúš Hudec}. {e|Hudcovi} volala {a|Zuzka}.",
        person("a", "Zuzana", "Kováčová"),
        person("b", "Juraj"),
        person("c", family="Baláž"),
        person("d", "Veronika"),
        person("e", "Matúš", "Hudec"),
    ),
    marked(
        "sl",
        "{a|Mojca Kranjc} in {b|Rok Zupan} sta bila na postaji. {a|Kranjčevi} so vzeli zdravila, {b|Zupana} so udarili. Policist {c|Horvat} je vpil, zoper {c|Horvata} je pritožba. {b|Rokova} mama {d|Alenka} je čakala, z {d|Alenko} je govoril {e|Miha}.",
        person("a", "Mojca", "Kranjc"),
        person("b", "Rok", "Zupan"),
        person("c", family="Horvat"),
        person("d", "Alenka"),
        person("e", "Miha"),
    ),
)
