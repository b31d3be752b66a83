// A press ends on what it began on: a part exchanged by a live refresh in between would swallow the click, and whoever
// pressed would wait for nothing. Such an answer is dropped, and asked for again as soon as the press is over.

import { refresh } from "./live.js";

const LONGEST_MS = 3000; // a press whose end nobody told holds nothing up for longer
const CLICK_MS = 100; // after a finger the click comes a moment later

let pressed = null;
let timer = 0;
const late = new Set();

function down(event) {
  if (event.type === "keydown" && event.key !== " ") return;
  pressed = event.target;
  clearTimeout(timer);
  timer = setTimeout(over, LONGEST_MS);
}

function up() {
  if (!pressed) return;
  clearTimeout(timer);
  timer = setTimeout(over, CLICK_MS);
}

function over() {
  pressed = null;
  if (late.size) refresh((part) => late.has(part));
  late.clear();
}

function hold(event) {
  const asked = event.detail.requestConfig;
  if (!pressed || asked?.triggeringEvent?.type !== "refresh" || !asked.elt.contains(pressed)) return;
  late.add(asked.elt);
  event.preventDefault();
  event.stopPropagation(); // nobody else prepares for it
}

export function start() {
  for (const type of ["pointerdown", "keydown"]) document.addEventListener(type, down, true);
  for (const type of ["pointerup", "pointercancel", "keyup"]) document.addEventListener(type, up, true);
  document.addEventListener("htmx:beforeSwap", hold, true);
}
