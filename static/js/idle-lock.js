// @ts-check
/**
 * After some minutes without a sign of life the page is covered, what was typed is saved, and the server is asked to
 * lock the cases. Activity in one tab counts for all of them. This is a courtesy to whoever stands beside an open
 * laptop; the server's own idle limit is what keys obey.
 */

const CHECK_MS = 5000;
const RETRY_MS = 10000;
const TELL_OTHERS_MS = 3000;

/**
 * @param {HTMLFormElement} form posts to the lock
 * @param {HTMLDialogElement} cover
 * @param {number} limitMs
 */
function watch(form, cover, limitMs) {
  const tabs = new BroadcastChannel("casebook-activity");
  let lastActive = Date.now();
  let lastTold = 0;
  let locking = false;

  const active = () => {
    if (locking) return;
    lastActive = Date.now();
    if (lastActive - lastTold < TELL_OTHERS_MS) return;
    lastTold = lastActive;
    tabs.postMessage("active");
  };
  const check = () => {
    if (locking || Date.now() - lastActive < limitMs) return;
    locking = true;
    void coverAndLock(form, cover);
  };

  tabs.addEventListener("message", () => {
    lastActive = Date.now();
  });
  for (const sign of ["pointerdown", "pointermove", "keydown", "scroll", "input"]) {
    document.addEventListener(sign, active, { passive: true, capture: true });
  }
  document.addEventListener("visibilitychange", check);
  window.setInterval(check, CHECK_MS);
  cover.addEventListener("cancel", (event) => event.preventDefault());
  cover.querySelector("[data-idle-return]")?.addEventListener("click", () => {
    document.body.classList.remove("cover-page");
    cover.close();
    locking = false;
    active();
  });
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLDialogElement} cover
 */
async function coverAndLock(form, cover) {
  document.body.classList.add("cover-page");
  cover.showModal();
  /** @type {Promise<boolean>[]} */
  const waitFor = [];
  document.dispatchEvent(new CustomEvent("casebook:leaving", { detail: { waitFor } }));
  const kept = (await Promise.all(waitFor)).every(Boolean);
  if (!kept) say(cover, "unsaved");
  const landed = await lockUntilTold(form, cover, kept);
  if (kept) window.location.replace(landed);
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLDialogElement} cover
 * @param {boolean} kept
 * @returns {Promise<string>} where the server leads afterwards
 */
async function lockUntilTold(form, cover, kept) {
  for (;;) {
    try {
      const response = await fetch(form.action, { method: "POST", body: new FormData(form) });
      return response.ok ? response.url : "/";
    } catch {
      if (kept) say(cover, "offline");
      await new Promise((resolve) => window.setTimeout(resolve, RETRY_MS));
    }
  }
}

/**
 * @param {HTMLDialogElement} cover
 * @param {"offline" | "unsaved"} which
 */
function say(cover, which) {
  for (const words of cover.querySelectorAll("[data-idle-say]")) {
    if (words instanceof HTMLElement) words.hidden = words.dataset.idleSay !== which;
  }
}

const lockForm = document.querySelector("form[data-lock-form]");
const coverDialog = document.querySelector("dialog[data-idle-cover]");
if (lockForm instanceof HTMLFormElement && coverDialog instanceof HTMLDialogElement) {
  watch(lockForm, coverDialog, Number(lockForm.dataset.idleSeconds) * 1000);
}
