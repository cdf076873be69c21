"""People at their browsers, and what each does on the way of one case."""

from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.builders import PASSPHRASE, World


@dataclass(frozen=True)
class Testimony:
    """An invented testimony as the lawyer types it in: the story, its people, and what must never leave."""

    __test__ = False

    language: str
    locale: str
    title: str
    text: str
    client: dict[str, str]
    officer: dict[str, str]
    annotated: str
    public_title: str
    secrets: tuple[str, ...]


@dataclass
class Desk:
    """Somebody's browser: a context of its own, signed in, that notes every request to another host and every error."""

    page: Page
    base: str
    foreign: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        answer = self.page.goto(self.base + path)
        assert answer is not None
        assert answer.status < 400, (path, answer.status)
        self.page.evaluate("document.querySelectorAll('details.more').forEach(each => { each.open = true })")

    def submit(self, selector: str = "main form button.button--primary") -> None:
        """Press a button and wait for the page that it leads to; a page with an error summary fails."""
        with self.page.expect_navigation():
            self.page.locator(selector).first.click()
        summary = self.page.locator(".error-summary")
        assert summary.count() == 0, summary.inner_text()

    def confirm(self, form: str) -> None:
        """Open the question that holds a form, and say yes."""
        question = self.page.locator("details.confirm", has=self.page.locator(form))
        question.locator("summary").click()
        self.submit(f"{form} button[type=submit]")

    def close(self) -> None:
        assert self.foreign == []
        assert self.errors == []
        self.page.context.close()


def sit_down(browser: Browser, base: str, world: World, name: str, locale: str, *, width: int = 1280) -> Desk:
    """A fresh browser in which this person signs in."""
    context: BrowserContext = browser.new_context(locale=locale, viewport={"width": width, "height": 800})
    context.set_default_timeout(10_000)
    page = context.new_page()
    desk = Desk(page, base)
    page.on(
        "request",
        lambda request: None if request.url.startswith((base, "data:", "blob:")) else desk.foreign.append(request.url),
    )
    page.on("console", lambda message: desk.errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: desk.errors.append(str(error)))
    desk.go("/sign-in/")
    page.fill("main [name=login]", world.people[name].username)
    page.fill("main [name=password]", PASSPHRASE)
    desk.submit()
    return desk


def log_a_case(desk: Desk, testimony: Testimony, photo: Path, *experts: str) -> str:
    """Intake on a phone: urgent facts, people, story, names, consent, facts, a photo; then share and send on."""
    page = desk.page
    desk.go("/cases/new/")
    page.fill("main [name=title]", testimony.title)
    page.fill("main [name=age]", "34")
    page.select_option("main [name=gender]", "woman")
    desk.submit()
    reference = page.url.split("/cases/")[1].split("/")[0]
    for person in (testimony.client, testimony.officer):
        desk.go(f"/cases/{reference}/people/add/")
        for name, value in person.items():
            control = page.locator(f"main [name={name}]")
            if name == "role":
                control.select_option(value)
            else:
                control.fill(value)
        desk.submit()
    desk.go(f"/cases/{reference}/story/")
    page.select_option("main select[name=language]", testimony.language)
    page.fill("textarea[name=text]", testimony.text)
    desk.submit()
    desk.go(f"/cases/{reference}/names/")
    for choice in page.locator("input[type=radio][value=hide]").all():
        choice.dispatch_event("click")
    desk.submit()
    desk.go(f"/cases/{reference}/consent/")
    for choice in page.locator("input[type=radio][value=yes]").all():
        choice.dispatch_event("click")
    desk.submit()
    _facts_and_photo(desk, reference, photo)
    for expert in experts:
        desk.go(f"/cases/{reference}/sharing/")
        option = page.locator("[name=who] option", has_text=expert).first
        page.select_option("main [name=who]", option.get_attribute("value"))
        desk.submit("form[action$='/sharing/add/'] button.button--primary")
    desk.go(f"/cases/{reference}/")
    desk.submit("form[action$='/step/'] button.button--primary")
    return reference


def _facts_and_photo(desk: Desk, reference: str, photo: Path) -> None:
    page = desk.page
    desk.go(f"/cases/{reference}/facts/")
    page.fill("main [name=date]", "2025-03-14")
    page.fill("main [name=year]", "2025")
    page.evaluate("document.querySelectorAll('main details').forEach(each => { each.open = true })")
    page.locator("input[name=violations][value=arbitrary-arrest]").dispatch_event("click")
    desk.submit()
    desk.go(f"/cases/{reference}/evidence/")
    page.set_input_files("[name=file]", photo)
    desk.submit()
    with page.expect_download() as download:
        page.locator("a[href*='/evidence/'][href$='-']").or_(page.locator("main a[href*='/evidence/']")).first.click()
    assert Path(download.value.path()).read_bytes() == photo.read_bytes()


def analyse(desk: Desk, reference: str, testimony: Testimony) -> None:
    """Select words of the testimony, tie them to a provision with a reasoning, and conclude."""
    page = desk.page
    desk.go(f"/law/cases/{reference}/")
    shown = page.locator("main").inner_text()
    for secret in testimony.secrets:
        assert secret not in shown, secret
    page.fill("main [name=quote]", testimony.annotated)
    _choose_article_five(page)
    page.fill("main [name=reasoning]", "This is why.")
    desk.submit("form[action$='/annotations/add/'] button.button--primary")
    expect(page.locator("mark.annotation").first).to_contain_text(testimony.annotated)
    desk.go(f"/law/cases/{reference}/findings/add/")
    _choose_article_five(page)
    page.locator("[name=conclusion][value=violated]").dispatch_event("click")
    page.locator("[name=test][value=elements]").dispatch_event("click")
    page.locator("textarea[name=reasoning]").fill("Every element is there.")
    page.locator("[name=strength][value=strong]").dispatch_event("click")
    desk.submit()


def _choose_article_five(page: Page) -> None:
    options = page.locator("[name=provision] option").all()
    wanted = next(each for each in options if "5" in each.inner_text())
    page.select_option("main [name=provision]", wanted.get_attribute("value"))


def agree(desk: Desk, reference: str) -> None:
    """The second expert reads, agrees, and hands the case on."""
    page = desk.page
    desk.go(f"/law/cases/{reference}/")
    page.locator("a[href*='/findings/'][href$='/review/']").first.click()
    page.locator("[name=agrees][value=yes]").dispatch_event("click")
    desk.submit()
    desk.go(f"/law/cases/{reference}/")
    desk.confirm("form[action$='/send-on/']")


def anonymise(desk: Desk, reference: str, testimony: Testimony) -> None:
    """Answer every proposal, look at what is left, hand the record to the reviewer."""
    page = desk.page
    desk.go(f"/publication/cases/{reference}/redaction/")
    page.fill("main [name=title]", testimony.public_title)
    for choice in page.locator("input[type=radio][value=replace]").all():
        choice.dispatch_event("click")
    for group in {box.get_attribute("name") for box in page.locator("input[name^=facet_]").all()}:
        page.locator(f"input[name='{group}']").last.dispatch_event("click")
    desk.submit("button[name=preview]")
    for box in page.locator("main input[type=checkbox]").all():
        _tick(box)
    page.locator("[name=reviewer]").first.dispatch_event("click")
    desk.submit("form[action$='/submit/'] button.button--primary")


def publish(desk: Desk, reference: str) -> None:
    """Answer the intruder's checklist and publish."""
    page = desk.page
    desk.go("/publication/reviews/")
    page.locator(f"a[href$='/reviews/{reference}/']").first.click()
    for choice in page.locator("input[type=radio][value=no]").all():
        choice.dispatch_event("click")
    desk.submit("button[name=verdict][value=publish]")


def make_digest(desk: Desk) -> bytes:
    """A digest of everything that is published, as PDF."""
    page = desk.page
    desk.go("/publication/digests/new/")
    page.fill("main [name=title]", "What we saw")
    for box in page.locator("input[type=checkbox][name^=in_]").all():
        _tick(box)
    desk.submit()
    desk.confirm("form[action$='/issue/']")
    with page.expect_download() as download:
        page.locator("a[href$='/digest.pdf']").first.click()
    return Path(download.value.path()).read_bytes()


def _tick(box: Locator) -> None:
    if not box.is_checked():
        box.dispatch_event("click")
