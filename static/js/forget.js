// @ts-check
/** htmx notes the address of the page in the tab's session storage, which a browser may write to disk: take it out again. */

const NOTE = "htmx-current-path-for-history";

const forget = () => window.sessionStorage.removeItem(NOTE);

forget();
for (const moment of ["htmx:load", "htmx:pushedIntoHistory", "htmx:replacedInHistory", "htmx:historyRestore"]) {
  document.addEventListener(moment, forget);
}
window.addEventListener("pagehide", forget);
