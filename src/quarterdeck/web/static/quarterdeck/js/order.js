// Lines are moved by mouse, touch and keys, and said aloud. Nothing is sent before "Save"; without this file each
// button moves one step on the server.

import { announce } from "./words.js";

const form = document.querySelector("form[data-order]");
let dragged = null;

const unit = (element) => element?.closest("[data-order-item], [data-order-group]");
const groupOf = (one) => one.closest("[data-order-group]");

/** What the server reads: each component with the group it stands in. */
function written(one) {
  const home = groupOf(one);
  const field = one.matches("[data-order-item]") && one.querySelector('input[name="in"]');
  if (field) field.value = home.dataset.orderGroup;
  for (const group of form.querySelectorAll("[data-order-group]")) {
    const count = group.querySelector(".count");
    if (count) count.textContent = group.querySelectorAll("[data-order-item]").length;
  }
}

function told(one) {
  const all = [...one.parentElement.children].filter((other) => unit(other) === other);
  const list = one.matches("[data-order-item]") ? groupOf(one).dataset.orderName : form.dataset.list;
  const values = { name: one.dataset.orderName, at: all.indexOf(one) + 1, of: all.length, list };
  announce(form.dataset.moved.replace(/%\((\w+)\)s/g, (_, name) => values[name]));
}

/** One step; a component at the edge of its group goes on into the next one. */
function step(one, way) {
  const next = way < 0 ? one.previousElementSibling : one.nextElementSibling;
  if (next) way < 0 ? next.before(one) : next.after(one);
  else if (one.matches("[data-order-item]")) {
    const group = way < 0 ? groupOf(one).previousElementSibling : groupOf(one).nextElementSibling;
    const list = group?.querySelector("[data-order-list]");
    if (!list) return;
    way < 0 ? list.append(one) : list.prepend(one);
  }
  written(one);
  told(one);
}

function onClick(event) {
  const button = event.target.closest("[data-order-step]");
  if (!button) return;
  event.preventDefault();
  step(unit(button), Number(button.dataset.orderStep));
  button.focus();
}

function onKey(event) {
  const way = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const handle = event.target.closest("[data-order-handle]");
  if (!way || !handle || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  step(unit(handle), way);
  handle.focus();
}

function onDown(event) {
  const handle = event.target.closest("[data-order-handle]");
  if (!handle || event.button) return;
  dragged = unit(handle);
  dragged.classList.add("is-dragged");
  handle.setPointerCapture(event.pointerId);
}

function onMove(event) {
  if (!dragged) return;
  const kind = dragged.matches("[data-order-item]") ? "[data-order-item]" : "[data-order-group]";
  const under = document.elementFromPoint(event.clientX, event.clientY);
  const target = under?.closest(kind);
  const edge = 40;
  if (event.clientY < edge) window.scrollBy(0, -16);
  else if (event.clientY > window.innerHeight - edge) window.scrollBy(0, 16);
  if (!target || target === dragged || !form.contains(target)) {
    // Over the head of another group: to the top of it.
    const list = kind === "[data-order-item]" && under?.closest("[data-order-group]")?.querySelector("[data-order-list]");
    if (list && list !== dragged.parentElement && !under.closest("[data-order-item]")) list.prepend(dragged);
    return;
  }
  const box = target.getBoundingClientRect();
  event.clientY < box.top + box.height / 2 ? target.before(dragged) : target.after(dragged);
}

function onUp() {
  if (!dragged) return;
  dragged.classList.remove("is-dragged");
  written(dragged);
  told(dragged);
  dragged = null;
}

if (form) {
  for (const handle of form.querySelectorAll("[data-order-handle]")) handle.hidden = false;
  form.addEventListener("click", onClick);
  form.addEventListener("keydown", onKey);
  form.addEventListener("pointerdown", onDown);
  form.addEventListener("pointermove", onMove);
  form.addEventListener("pointerup", onUp);
  form.addEventListener("pointercancel", onUp);
}
