// @ts-check
/** Buttons that copy the words of another element: recovery codes, receipt codes, addresses. */

const SHOWN_MS = 3000;

/** @param {HTMLElement} target */
function wordsOf(target) {
  if (target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement) return target.value;
  return (target.textContent ?? "").trim();
}

/** @param {HTMLElement} button */
function makeCopy(button) {
  button.hidden = false;
  const label = button.querySelector("[data-copy-label]");
  const usual = label?.textContent ?? "";
  button.addEventListener("click", async () => {
    const target = document.getElementById(button.dataset.copy ?? "");
    if (!target || !label) return;
    await navigator.clipboard.writeText(wordsOf(target));
    label.setAttribute("aria-live", "polite");
    label.textContent = button.dataset.copied ?? usual;
    window.setTimeout(() => {
      label.textContent = usual;
    }, SHOWN_MS);
  });
}

if (navigator.clipboard) {
  for (const button of document.querySelectorAll("[data-copy]")) {
    if (button instanceof HTMLElement) makeCopy(button);
  }
}
