// Drag over the final row of an on-call week to override that time. The button "Override" does the same by keyboard.

import { show } from "./dialogs.js";

let from = null;

function slot(row, x) {
  const week = row.closest("[data-week-start]");
  const cells = [...row.querySelectorAll("td")];
  const left = cells[0].getBoundingClientRect().left;
  const right = cells.at(-1).getBoundingClientRect().right;
  const count = Number(week.dataset.weekSlots);
  const index = Math.floor(((x - left) / (right - left)) * count);
  return Math.min(count - 1, Math.max(0, index));
}

const local = (start, slots, hours) => {
  const at = new Date(Date.parse(`${start}Z`) + slots * hours * 3600000);
  return at.toISOString().slice(0, 16);
};

function finish(event) {
  if (!from) return;
  const { row, at } = from;
  from = null;
  const to = slot(row, event.clientX);
  if (to === at) return;
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
    if (row && event.button === 0 && !event.target.closest("th, a")) from = { row, at: slot(row, event.clientX) };
  });
  document.addEventListener("pointerup", finish);
  document.addEventListener("keydown", (event) => event.key === "Escape" && (from = null));
}
