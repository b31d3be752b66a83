// What a live refresh must leave as it was: the folds somebody opened, what somebody typed, the chosen row, and where the
// keyboard stands. Parts are [data-live-topic] with an id; others are left alone.

const FOCUSABLE = "a[href], button, input, select, textarea, summary, [tabindex]";
const kept = new Map();

const partOf = (event) => {
  const part = event.detail.target;
  return part?.id && part.matches("[data-live-topic]") ? part : null;
};

/** A name for an element that the next version of its part answers to as well: its row, its kind, its place there. */
function nameOf(element, part, selector) {
  const row = element.closest("[data-row]");
  const within = row && part.contains(row) ? row : part;
  const place = [...within.querySelectorAll(selector)].indexOf(element);
  return { row: within === row ? row.dataset.row : "", selector, place, tag: element.tagName };
}

function byName(part, { row, selector, place, tag }) {
  const within = row ? part.querySelector(`[data-row="${CSS.escape(row)}"]`) : part;
  const found = within?.querySelectorAll(selector)[place];
  return found?.tagName === tag ? found : null;
}

function isDirty(field) {
  if (field.matches("select")) return field.value !== ([...field.options].find((option) => option.defaultSelected) ?? field.options[0])?.value;
  return field.matches("[type=checkbox], [type=radio]") ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
}

function typed(part) {
  const found = [];
  for (const field of part.querySelectorAll("input:not([type=hidden]), textarea, select:not([multiple])")) {
    if (!field.name || field.matches("[type=file], [type=password]") || !isDirty(field)) continue;
    found.push({ action: field.form?.getAttribute("action") ?? "", name: field.name, choice: field.matches("[type=checkbox], [type=radio]") ? field.value : null, value: field.value, checked: field.checked });
  }
  return found;
}

function retype(part, fields) {
  for (const was of fields) {
    for (const field of part.querySelectorAll(`[name="${CSS.escape(was.name)}"]`)) {
      if ((field.form?.getAttribute("action") ?? "") !== was.action) continue;
      if (field.matches("select") && ![...field.options].some((option) => option.value === was.value)) continue;
      if (was.choice === null) field.value = was.value;
      else if (field.value === was.choice) field.checked = was.checked;
    }
  }
}

function remember(event) {
  const part = partOf(event);
  if (!part) return;
  const active = document.activeElement;
  const chosen = part.querySelector("[data-row].is-selected");
  kept.set(part.id, {
    folds: [...part.querySelectorAll("details[data-by-hand]")].map((fold) => ({ name: nameOf(fold, part, "details"), open: fold.open })),
    focus: active !== part && part.contains(active) ? nameOf(active, part, FOCUSABLE) : null,
    chosen: chosen?.dataset.row,
    // What was sent has been sent: only a look keeps what stands in the fields.
    fields: event.detail.requestConfig?.verb === "get" ? typed(part) : [],
  });
}

function bringBack() {
  for (const [id, was] of kept) {
    const part = document.getElementById(id);
    kept.delete(id);
    if (!part) continue;
    for (const { name, open } of was.folds) {
      const fold = byName(part, name);
      if (!fold) continue;
      fold.open = open;
      fold.dataset.byHand = "";
    }
    retype(part, was.fields);
    if (was.chosen) part.querySelector(`[data-row="${CSS.escape(was.chosen)}"]`)?.classList.add("is-selected");
    if (was.focus && (document.activeElement === document.body || !document.activeElement)) {
      const place = byName(part, was.focus) ?? part;
      if (place === part) part.tabIndex = -1;
      place.focus({ preventScroll: true });
    }
  }
}

/** The button that brings the composer into reach, while the composer itself is out of sight. */
function quickEntry() {
  const button = document.querySelector("[data-quick-entry]");
  const composer = document.querySelector("[data-composer]");
  if (!button || !composer) return;
  button.addEventListener("click", (event) => {
    event.preventDefault();
    const field = composer.querySelector("textarea");
    field.focus({ preventScroll: true });
    composer.scrollIntoView({ block: "center" });
  });
  new IntersectionObserver(([seen]) => button.classList.toggle("is-needless", seen.isIntersecting)).observe(composer);
}

export function start() {
  document.addEventListener("click", (event) => {
    const fold = event.target.closest?.("summary")?.parentElement;
    if (fold?.matches("[data-live-topic] details")) fold.dataset.byHand = "";
  });
  document.addEventListener("htmx:beforeSwap", remember);
  document.addEventListener("htmx:afterSwap", bringBack);
  quickEntry();
}
