// @ts-check
/**
 * A button with data-security-key="create" or "get" asks the browser's security key for an answer to the options in the
 * element #key-data, puts it into its form's `credential` and sends the form. The translation between JSON and
 * WebAuthn is mfa/js/webauthn-json.js, which comes with allauth.
 */

/**
 * @typedef {{ create: (options: object) => Promise<object>, get: (options: object) => Promise<object> }} Keys
 */

/**
 * @param {HTMLButtonElement} button
 * @param {HTMLInputElement} answer
 * @param {Record<string, object>} options
 */
async function ask(button, answer, options) {
  const keys = /** @type {Keys} */ (Reflect.get(window, "webauthnJSON"));
  tell(button, false);
  try {
    const credential =
      button.dataset.securityKey === "create"
        ? await keys.create(options.creation_options)
        : await keys.get(options.request_options);
    answer.value = JSON.stringify(credential);
    answer.form?.submit();
  } catch {
    tell(button, true);
  }
}

/**
 * @param {HTMLButtonElement} button
 * @param {boolean} failed
 */
function tell(button, failed) {
  for (const words of button.form?.querySelectorAll("[data-key-failed]") ?? []) {
    if (words instanceof HTMLElement) words.hidden = !failed;
  }
}

const data = document.getElementById("key-data");
for (const button of document.querySelectorAll("button[data-security-key]")) {
  const answer = button instanceof HTMLButtonElement && button.form?.elements.namedItem("credential");
  if (data && button instanceof HTMLButtonElement && answer instanceof HTMLInputElement) {
    const options = JSON.parse(data.textContent ?? "{}");
    button.addEventListener("click", () => void ask(button, answer, options));
  }
}
