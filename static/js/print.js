// @ts-check
/** Buttons that print the page; without scripts they stay hidden, and the browser's own menu prints. */

for (const button of document.querySelectorAll("button[data-print]")) {
  if (button instanceof HTMLButtonElement) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
}
