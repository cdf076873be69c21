// @ts-check
/**
 * Keeps what is typed. A form with data-autosave is posted to its data-autosave-url two seconds after the last
 * change, without files and passphrases; the answer may carry new values for hidden fields (the revision).
 * Nothing is ever written to the browser's storage: a seized phone holds no text.
 */

/** @typedef {"waiting" | "saving" | "saved" | "offline" | "locked" | "conflict" | "refused"} State */

const PAUSE_MS = 2000;
const RETRY_MS = 10000;
/** A request that outlives its page may carry 64 KiB. */
const KEEPALIVE_BYTES = 60000;

/**
 * @param {Response} response
 * @returns {State}
 */
function stateOf(response) {
  if (response.ok) return "saved";
  if (response.type === "opaqueredirect" || [401, 403, 423].includes(response.status)) return "locked";
  if (response.status === 409) return "conflict";
  if (response.status === 429 || response.status >= 500) return "offline";
  return "refused";
}

/**
 * @param {HTMLFormElement} form
 * @returns {FormData} without files and passphrases
 */
function wordsOf(form) {
  const words = new FormData(form);
  for (const control of form.elements) {
    if (control instanceof HTMLInputElement && ["file", "password"].includes(control.type)) {
      words.delete(control.name);
    }
  }
  return words;
}

/** @param {FormData} words */
function sizeOf(words) {
  const encoder = new TextEncoder();
  let size = 0;
  for (const [name, value] of words) size += 200 + name.length + encoder.encode(String(value)).length;
  return size;
}

/**
 * Put the answer's values into hidden fields of the same name, so that the next save knows the new revision.
 * @param {HTMLFormElement} form
 * @param {Response} response
 */
async function takeOver(form, response) {
  if (!response.headers.get("Content-Type")?.startsWith("application/json")) return;
  for (const [name, value] of Object.entries(await response.json())) {
    const control = form.elements.namedItem(name);
    if (control instanceof HTMLInputElement && control.type === "hidden") control.value = String(value);
  }
}

/**
 * Signing in again in another tab makes this page's tokens void: take over the new one, or the words typed here could
 * never be sent. Nothing happens while the page itself cannot be read.
 */
async function renewToken() {
  const response = await fetch(window.location.href, { redirect: "manual" });
  if (!response.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const fresh = page.querySelector("input[name=csrfmiddlewaretoken]");
  if (!(fresh instanceof HTMLInputElement)) return;
  for (const token of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) {
    if (token instanceof HTMLInputElement) token.value = fresh.value;
  }
  document.body.setAttribute("hx-headers", page.body.getAttribute("hx-headers") ?? "{}");
}

/**
 * @param {HTMLFormElement} form
 * @param {State} state
 */
function show(form, state) {
  const status = form.querySelector("[data-autosave-status]");
  if (status instanceof HTMLElement) {
    const time = new Date().toLocaleTimeString(document.documentElement.lang, { timeStyle: "short", hourCycle: "h23" });
    status.dataset.state = state;
    status.textContent = (status.dataset[state] ?? "").replace("{time}", time);
  }
  const unlock = form.querySelector("[data-autosave-unlock]");
  if (unlock instanceof HTMLElement) unlock.hidden = state !== "locked";
}

/** @param {HTMLFormElement} form */
function keep(form) {
  let changed = false;
  let submitted = false;
  let timer = 0;
  /** @type {Promise<boolean> | null} */
  let running = null;

  /** @param {number} pause */
  const saveAfter = (pause) => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void save(false), pause);
  };

  /**
   * @param {boolean} leaving
   * @returns {Promise<boolean>} whether everything typed is kept
   */
  const save = async (leaving) => {
    while (running) await running;
    if (!changed) return true;
    window.clearTimeout(timer);
    running = post(leaving).finally(() => {
      running = null;
    });
    return running;
  };

  /** @param {boolean} leaving */
  const post = async (leaving) => {
    changed = false;
    show(form, "saving");
    const state = await send(leaving);
    if (state !== "saved") changed = true;
    show(form, changed && state === "saved" ? "waiting" : state);
    if (state === "saved" && changed) saveAfter(PAUSE_MS);
    if (state === "offline" || state === "locked") saveAfter(RETRY_MS);
    return state === "saved" && !changed;
  };

  /**
   * @param {boolean} leaving
   * @returns {Promise<State>}
   */
  const send = async (leaving) => {
    const body = wordsOf(form);
    try {
      const response = await fetch(form.dataset.autosaveUrl ?? form.action, {
        method: "POST",
        body,
        headers: { Accept: "application/json", "X-Autosave": "1" },
        redirect: "manual",
        keepalive: leaving && sizeOf(body) < KEEPALIVE_BYTES,
      });
      if (response.ok) await takeOver(form, response);
      if (response.status === 403) await renewToken();
      return stateOf(response);
    } catch (error) {
      if (error instanceof TypeError) return "offline";
      throw error;
    }
  };

  form.addEventListener("input", () => {
    changed = true;
    if (running) return;
    show(form, "waiting");
    saveAfter(PAUSE_MS);
  });
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (!navigator.onLine) {
      event.preventDefault();
      show(form, "offline");
    } else if (running) {
      // Two saves at once would look like two editors: let the first one bring its revision home.
      event.preventDefault();
      void running.then(() => form.requestSubmit(event.submitter));
    } else {
      submitted = true;
      window.clearTimeout(timer);
    }
  });
  window.addEventListener("online", () => void save(false));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && !submitted) void save(true);
  });
  window.addEventListener("beforeunload", (event) => {
    if ((changed || running) && !submitted) event.preventDefault();
  });
  document.addEventListener("casebook:leaving", (event) => {
    if (!(event instanceof CustomEvent) || submitted) return;
    if (changed || running) event.detail.waitFor.push(save(true));
  });
}

for (const form of document.querySelectorAll("form[data-autosave]")) {
  if (form instanceof HTMLFormElement) keep(form);
}
