// @ts-check
/** Menus that close when one looks away, and questions that open as modal dialogs. Both also work without this file. */

/** @param {HTMLDetailsElement} menu */
function closesWhenLeft(menu) {
  document.addEventListener("pointerdown", (event) => {
    if (event.target instanceof Node && !menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget instanceof Node && !menu.contains(event.relatedTarget)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary")?.focus();
  });
}

/**
 * Turn the open dialog inside a <details> into a modal one.
 * @param {HTMLDetailsElement} question
 */
function asksInDialog(question) {
  const dialog = question.querySelector("dialog");
  if (!dialog || question.dataset.ready) return;
  question.dataset.ready = "yes";
  const mustStayOpen = question.open;
  dialog.removeAttribute("open");
  for (const button of dialog.querySelectorAll("[data-close]")) {
    if (!(button instanceof HTMLElement)) continue;
    button.hidden = false;
    button.addEventListener("click", () => dialog.close());
  }
  question.addEventListener("toggle", () => {
    if (question.open && !dialog.open) dialog.showModal();
  });
  dialog.addEventListener("close", () => {
    question.open = false;
    question.querySelector("summary")?.focus();
  });
  if (mustStayOpen) dialog.showModal();
}

function prepare() {
  for (const question of document.querySelectorAll("details[data-confirm]")) {
    if (question instanceof HTMLDetailsElement) asksInDialog(question);
  }
}

for (const menu of document.querySelectorAll("details[data-menu]")) {
  if (menu instanceof HTMLDetailsElement) closesWhenLeft(menu);
}
prepare();
document.addEventListener("htmx:load", prepare);
