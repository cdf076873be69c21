"""`python -m tests.browser.screenshots FOLDER`: pictures of the running demonstration's pages, for people to look at.

Needs `make demo` serving on 127.0.0.1:8000. With `--all` every page at two widths, two schemes and two languages;
without it the pictures of the README.
"""

import json
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import ARGUMENTS, find_chromium

BASE = "http://127.0.0.1:8000"
ROOT = Path(__file__).resolve().parent.parent.parent


def passphrases() -> dict[str, str]:
    logins = json.loads((ROOT / "var" / "demo-accounts.json").read_text(encoding="utf-8"))
    return {login["username"]: login["password"] for login in logins}


def sit(browser: Browser, user: str, *, width: int, scheme: str = "light", locale: str = "en-GB") -> Page:
    """A page of a browser in which this person of the demonstration is signed in."""
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if scheme == "dark" else "light",
        locale=locale,
        device_scale_factor=1,
    )
    page = context.new_page()
    page.goto(f"{BASE}/sign-in/")
    page.fill("[name=login]", user)
    page.fill("[name=password]", passphrases()[user])
    with page.expect_navigation():
        page.locator("main form button.button--primary").first.click()
    return page


def links(page: Page, address: str, part: str) -> str:
    """The address of the first link on a page that holds `part`."""
    page.goto(BASE + address)
    found = page.locator(f"main a[href*='{part}']:not([href$='/new/'])").first.get_attribute("href")
    assert found is not None
    return found


def take(page: Page, address: str, path: Path, *, whole: bool = True) -> None:
    page.goto(BASE + address)
    page.screenshot(path=path, full_page=whole)


def pages_of(page: Page, user: str) -> dict[str, str]:
    """The addresses that somebody of the demonstration looks at, by a short name."""
    match user:
        case "lawyer2":
            case = links(page, "/cases/?stage=anonymisation", "/cases/")
            page.goto(BASE + "/cases/")
            rooms = ("facts", "people", "story", "names", "consent", "evidence", "sharing", "history")
            redaction = f"/publication{case}redaction/"
            return {"list": "/cases/", "new": "/cases/new/", "case": case, "redaction": redaction} | {
                room: f"{case}{room}/" for room in rooms
            }
        case "expert":
            page.goto(BASE + "/cases/")
            case = links(page, "/cases/?stage=anonymisation", "/cases/")
            return {"analysis": f"/law{case}", "library": "/law/library/", "instrument": "/law/instruments/ECHR/"}
        case "advocate":
            digest = links(page, "/publication/digests/", "/digests/0")
            review = links(page, "/publication/reviews/", "/reviews/")
            return {
                "reviews": "/publication/reviews/",
                "review": review,
                "digest": digest,
                "register": "/publication/register/",
            }
        case "admin":
            return {"people": "/account/people/", "invite": "/account/people/invite/", "account": "/account/"}
        case _:
            return {"ledger": "/account/ledger/"}


def everything(browser: Browser, folder: Path) -> None:
    for user in ("lawyer2", "expert", "advocate", "admin", "auditor"):
        for locale, width, scheme in (
            ("en-GB", 360, "light"),
            ("ru-RU", 360, "dark"),
            ("ru-RU", 1280, "light"),
            ("en-GB", 1280, "dark"),
        ):
            page = sit(browser, user, width=width, scheme=scheme, locale=locale)
            for name, address in pages_of(page, user).items():
                take(page, address, folder / f"{name}-{locale[:2]}-{width}-{scheme}.png")
            page.context.close()


def readme(browser: Browser, folder: Path) -> None:
    phone = sit(browser, "lawyer2", width=360)
    take(phone, pages_of(phone, "lawyer2")["case"], folder / "case-phone.png", whole=False)
    desk = sit(browser, "expert", width=1280)
    take(desk, pages_of(desk, "expert")["analysis"], folder / "analysis.png", whole=False)


def main(words: list[str]) -> int:
    folder = Path(words[0])
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        (everything if "--all" in words else readme)(browser, folder)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
