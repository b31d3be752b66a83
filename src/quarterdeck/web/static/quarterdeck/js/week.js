// Drag over the final row of an on-call week to override that time. By keyboard, Enter on a shift or the button
// "Override" does the same.

import { show } from "./dialogs.js";

let from = null;
let mark = null;

function bounds(row) {
  const cells = [...row.querySelectorAll("td")];
  const left = cells[0].getBoundingClientRect().left;
  return { left, width: cells.at(-1).getBoundingClientRect().right - left };
}

function slot(row, x) {
  const count = Number(row.closest("[data-week-start]").dataset.weekSlots);
  const { left, width } = bounds(row);
  const index = Math.floor(((x - left) / width) * count);
  return Math.min(count - 1, Math.max(0, index));
}

const local = (start, slots, hours) => {
  const at = new Date(Date.parse(`${start}Z`) + slots * hours * 3600000);
  return at.toISOString().slice(0, 16);
};

function drop() {
  from = null;
  mark?.remove();
  mark = null;
}

function move(event) {
  if (!from) return;
  const { row, at } = from;
  const to = slot(row, event.clientX);
  if (!mark && to === at) return;
  const week = row.closest("[data-week-start]");
  if (!mark) {
    mark = document.createElement("div");
    mark.className = "weekdrag";
    mark.setAttribute("aria-hidden", "true");
    week.append(mark);
  }
  const { left, width } = bounds(row);
  const one = width / Number(week.dataset.weekSlots);
  mark.style.left = `${left - week.getBoundingClientRect().left + Math.min(at, to) * one}px`;
  mark.style.width = `${(Math.abs(to - at) + 1) * one}px`;
}

function finish(event) {
  if (!from) return;
  const { row, at } = from;
  drop();
  const to = slot(row, event.clientX);
  if (to === at) return;
  // A drag that ends on a shift does not open it as well.
  row.addEventListener("click", (click) => click.preventDefault(), { once: true, capture: true });
  setTimeout(() => row.dispatchEvent(new Event("click")), 0);
  const week = row.closest("[data-week-start]");
  const hours = Number(week.dataset.slotHours);
  const dialog = document.getElementById("override");
  const fill = (name, value) => {
    const field = dialog?.querySelector(`[name="${name}"]`);
    if (field) field.value = value;
  };
  fill("start", local(week.dataset.weekStart, Math.min(at, to), hours));
  fill("end", local(week.dataset.weekStart, Math.max(at, to) + 1, hours));
  show(dialog);
}

export function start() {
  document.addEventListener("pointerdown", (event) => {
    const row = event.target.closest?.("[data-week-start] tr.is-final");
    const can = row && event.button === 0 && event.pointerType !== "touch" && !event.target.closest("th");
    if (can && document.getElementById("override")) from = { row, at: slot(row, event.clientX) };
  });
  document.addEventListener("pointermove", move);
  document.addEventListener("pointerup", finish);
  document.addEventListener("pointercancel", drop);
  document.addEventListener("keydown", (event) => event.key === "Escape" && drop());
}
