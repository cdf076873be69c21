// @ts-check
/**
 * Selecting words of a testimony fills the form named by data-form: start, end (offsets in Unicode code points, as
 * Python counts them) and quote. The text is made of pieces: <span data-start="123">words</span>. A piece with
 * data-length stands for that many code points of the text and is taken whole (a marker chip); data-text says
 * which. Whoever cannot select types the words into the quote field: start and end are then left empty, and the
 * server looks the quote up.
 */

/** @typedef {{ start: number, end: number, quote: string }} Passage */

const PAUSE_MS = 200;

/** @param {string} text */
const codePoints = (text) => Array.from(text).length;

/**
 * @param {HTMLElement} piece
 * @param {Range} range
 * @returns {Passage | null} what the range takes of this piece
 */
function takenOf(piece, range) {
  const start = Number(piece.dataset.start);
  if (piece.dataset.length) {
    const quote = piece.dataset.text ?? piece.textContent ?? "";
    return { start, end: start + Number(piece.dataset.length), quote };
  }
  const whole = document.createRange();
  whole.selectNodeContents(piece);
  const part = whole.cloneRange();
  if (range.compareBoundaryPoints(Range.START_TO_START, whole) > 0) part.setStart(range.startContainer, range.startOffset);
  if (range.compareBoundaryPoints(Range.END_TO_END, whole) < 0) part.setEnd(range.endContainer, range.endOffset);
  const quote = part.toString();
  if (!quote) return null;
  const before = whole.cloneRange();
  before.setEnd(part.startContainer, part.startOffset);
  const from = start + codePoints(before.toString());
  return { start: from, end: from + codePoints(quote), quote };
}

/**
 * @param {HTMLElement} text
 * @param {Range} range
 * @returns {Passage | null} without the spaces at either end
 */
function passageOf(text, range) {
  /** @type {Passage[]} */
  const taken = [];
  for (const piece of text.querySelectorAll("[data-start]")) {
    if (!(piece instanceof HTMLElement) || !range.intersectsNode(piece)) continue;
    const part = takenOf(piece, range);
    if (part) taken.push(part);
  }
  const first = taken.at(0);
  const last = taken.at(-1);
  if (!first || !last) return null;
  const quote = taken.map((part) => part.quote).join("");
  const trimmed = quote.trim();
  if (!trimmed) return null;
  return {
    start: first.start + codePoints(quote) - codePoints(quote.trimStart()),
    end: last.end - (codePoints(quote) - codePoints(quote.trimEnd())),
    quote: trimmed,
  };
}

/**
 * @param {HTMLFormElement} form
 * @param {"start" | "end" | "quote"} name
 * @param {string} value
 */
function fill(form, name, value) {
  const control = form.elements.namedItem(name);
  if (control instanceof HTMLInputElement || control instanceof HTMLTextAreaElement) control.value = value;
}

/** @param {HTMLElement} text */
function makeSelectable(text) {
  const form = document.getElementById(text.dataset.form ?? "");
  if (!(form instanceof HTMLFormElement)) return;
  const jump = document.querySelector("[data-selection-jump]");
  let timer = 0;

  const read = () => {
    const selection = document.getSelection();
    if (!selection || selection.isCollapsed || selection.rangeCount === 0) return;
    const range = selection.getRangeAt(0);
    if (!range.intersectsNode(text)) return;
    const passage = passageOf(text, range);
    if (!passage) return;
    fill(form, "start", String(passage.start));
    fill(form, "end", String(passage.end));
    fill(form, "quote", passage.quote);
    if (jump instanceof HTMLElement) jump.hidden = false;
  };
  document.addEventListener("selectionchange", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(read, PAUSE_MS);
  });
  form.addEventListener("input", (event) => {
    if (!(event.target instanceof HTMLElement) || event.target.getAttribute("name") !== "quote") return;
    fill(form, "start", "");
    fill(form, "end", "");
  });
  jump?.addEventListener("click", () => {
    if (jump instanceof HTMLElement) jump.hidden = true;
  });
}

for (const text of document.querySelectorAll("[data-selectable]")) {
  if (text instanceof HTMLElement) makeSelectable(text);
}
