// @ts-check
/**
 * Leave at once: the page goes blank, what was typed is sent, the cases are locked, and a neutral page takes the
 * place of this one in the tab's history. A click on the button or Shift three times.
 */

const GRACE_MS = 400;
const PRESSES = 3;
const PRESSES_WITHIN_MS = 2000;

/** @param {string} path */
async function leave(path) {
  document.documentElement.hidden = true;
  document.title = "";
  /** @type {Promise<boolean>[]} */
  const waitFor = [];
  document.dispatchEvent(new CustomEvent("casebook:leaving", { detail: { waitFor } }));
  const inTime = await Promise.race([
    Promise.allSettled(waitFor).then(() => true),
    new Promise((resolve) => window.setTimeout(() => resolve(false), GRACE_MS)),
  ]);
  // Locking before the words have arrived would lose them: then the idle lock of the server has to do.
  if (inTime) lockBehind();
  window.location.replace(path);
}

function lockBehind() {
  const form = document.querySelector("form[data-lock-form]");
  if (!(form instanceof HTMLFormElement)) return;
  fetch(form.action, { method: "POST", body: new FormData(form), keepalive: true, redirect: "manual" }).catch(() => {
    // Without a connection there is nobody to tell, and nothing may hold her up.
  });
}

/** @returns {string | undefined} */
function exitPath() {
  const link = document.querySelector("[data-quick-exit]");
  return link instanceof HTMLElement ? link.dataset.href : undefined;
}

document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element) || !event.target.closest("[data-quick-exit]")) return;
  const path = exitPath();
  if (!path) return;
  event.preventDefault();
  void leave(path);
});

/** @type {number[]} */
let presses = [];
document.addEventListener("keydown", (event) => {
  if (event.key !== "Shift") {
    presses = [];
    return;
  }
  if (event.repeat) return;
  presses = [...presses.filter((time) => event.timeStamp - time < PRESSES_WITHIN_MS), event.timeStamp];
  const path = exitPath();
  if (presses.length >= PRESSES && path) void leave(path);
});
