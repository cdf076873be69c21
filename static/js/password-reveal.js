// @ts-check
/** A button beside a passphrase field that shows and hides what is typed. */

/** @param {HTMLElement} wrapper */
function addButton(wrapper) {
  const input = wrapper.querySelector("input");
  if (!input || wrapper.dataset.ready) return;
  wrapper.dataset.ready = "yes";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button reveal__button";
  button.setAttribute("aria-controls", input.id);
  /** @param {boolean} shown */
  const show = (shown) => {
    input.type = shown ? "text" : "password";
    button.textContent = (shown ? wrapper.dataset.hide : wrapper.dataset.show) ?? "";
    button.setAttribute("aria-pressed", String(shown));
  };
  button.addEventListener("click", () => show(input.type === "password"));
  // A browser may remember text fields, so it never meets this one as text.
  input.form?.addEventListener("submit", () => show(false));
  input.spellcheck = false;
  input.autocapitalize = "off";
  show(false);
  wrapper.append(button);
}

function prepare() {
  for (const wrapper of document.querySelectorAll("[data-password-reveal]")) {
    if (wrapper instanceof HTMLElement) addButton(wrapper);
  }
}

prepare();
document.addEventListener("htmx:load", prepare);
