// @ts-check
/** What the page tells back: toasts can be dismissed, an error summary gets the focus, a failed request says so. */

function prepare() {
  for (const button of document.querySelectorAll("[data-dismiss]")) {
    if (button instanceof HTMLElement) button.hidden = false;
  }
  const summary = document.querySelector("[data-focus-first]");
  if (summary instanceof HTMLElement && !summary.dataset.focused) {
    summary.dataset.focused = "yes";
    summary.focus();
  }
}

/** @returns {HTMLElement} the list of toasts, made when the page has none yet */
function toastList() {
  const existing = document.querySelector(".toasts");
  if (existing instanceof HTMLElement) return existing;
  const list = document.createElement("div");
  list.className = "toasts";
  list.setAttribute("role", "status");
  document.querySelector(".page")?.prepend(list);
  return list;
}

/** @param {string} templateId */
function showToast(templateId) {
  const template = document.getElementById(templateId);
  if (!(template instanceof HTMLTemplateElement)) return;
  const list = toastList();
  list.replaceChildren(template.content.cloneNode(true));
  prepare();
  list.scrollIntoView({ block: "nearest" });
}

document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element)) return;
  if (event.target.closest("[data-dismiss]")) event.target.closest("[data-toast]")?.remove();
});
document.addEventListener("htmx:load", prepare);
document.addEventListener("htmx:sendError", () => showToast("toast-connection-lost"));
document.addEventListener("htmx:responseError", () => showToast("toast-refused"));
prepare();
