/* Tells that the recipient has a page before their eyes. A look by a program that only follows links tells nothing. */
import { csrfHeaders } from "./csrf.js";

export function start() {
  const place = document.querySelector("[data-seen]");
  if (!place || document.visibilityState !== "visible") return;
  fetch(place.dataset.seen, { method: "POST", headers: csrfHeaders(), credentials: "same-origin" }).catch(() => {});
}
