// Short answers in the corner. A fault stays until it is read; the rest leaves by itself. Undo is a POST.

import { announce, icon, say } from "./words.js";
import { csrfHeaders } from "./csrf.js";

const SHOWN_MS = 7000;
const ICONS = { red: "octagonx", amber: "triangle", green: "checkc" };

function leave(toast) {
  if (!toast.matches(".toast--red")) setTimeout(() => toast.matches(":hover, :focus-within") || toast.remove(), SHOWN_MS);
}

/** detail: {text, tone: green|amber|red, undo: {href, label}} */
export function toast({ text, tone = "green", undo }) {
  const region = document.getElementById("toasts");
  if (!region) return;
  const box = document.createElement("div");
  box.className = `toast toast--${tone}`;
  const words = document.createElement("p");
  words.textContent = text;
  const shut = document.createElement("button");
  shut.type = "button";
  shut.className = "btn btn--quiet btn--icon btn--sm";
  shut.dataset.closeToast = "";
  shut.setAttribute("aria-label", say("close"));
  shut.append(icon("x"));
  box.append(icon(ICONS[tone] ?? "info"), words);
  if (undo) box.append(undoButton(undo, box));
  box.append(shut);
  region.append(box);
  announce(text);
  leave(box);
}

function undoButton(undo, box) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn--sm";
  button.textContent = undo.label ?? say("undo");
  button.addEventListener("click", async () => {
    const answer = await fetch(undo.href, { method: "POST", headers: csrfHeaders() }).catch(() => null);
    box.remove();
    if (answer?.ok) location.reload();
    else toast({ text: say("failed"), tone: "red" });
  });
  return button;
}

export function start() {
  for (const box of document.querySelectorAll("#toasts > .toast")) leave(box);
  document.addEventListener("click", (event) => event.target.closest("[data-close-toast]")?.closest(".toast")?.remove());
  document.addEventListener("toast", (event) => toast(event.detail));
  document.addEventListener("htmx:sendError", () => toast({ text: say("failed"), tone: "red" }));
  document.addEventListener("htmx:beforeSwap", (event) => {
    // A refused form comes back whole only when the server names the place for it.
    if (event.detail.xhr.status < 400 || !event.detail.xhr.getResponseHeader("HX-Retarget")) return;
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  });
  document.addEventListener("htmx:responseError", (event) => refused(event.detail));
}

/** What the product refused: beside the form it came from, else in the corner. */
function refused({ xhr, elt }) {
  if (xhr.status === 401) return; // drafts.js offers to sign in again
  const body = new DOMParser().parseFromString(xhr.responseText, "text/html");
  const notice = body.querySelector(".notice");
  const text = notice?.textContent.trim() || body.querySelector("h1")?.textContent || say("refused");
  const form = elt.closest?.("form");
  if (!form || !notice) {
    toast({ text, tone: "red" });
    return;
  }
  form.querySelector(":scope > .notice[data-refused]")?.remove();
  notice.dataset.refused = "";
  form.append(notice);
  notice.scrollIntoView({ block: "nearest" });
}
