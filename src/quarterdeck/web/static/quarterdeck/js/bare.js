// Pages without the frame: times tick, forms go out once, the demo's login can be filled in.

import * as csrf from "./csrf.js";
import * as seen from "./seen.js";
import * as dialogs from "./dialogs.js";
import * as times from "./times.js";
import { store } from "./words.js";

for (const part of [csrf, times, dialogs, seen]) part.start();

document.addEventListener("click", (event) => {
  const demo = event.target.closest("[data-fill-login]");
  if (!demo) return;
  const login = document.querySelector("input[name=login]");
  const password = document.querySelector("input[name=password]");
  if (login) login.value = demo.dataset.fillLogin;
  if (password) password.value = demo.dataset.fillPassword;
  document.querySelector("button[type=submit].btn--primary")?.focus();
});

if (document.querySelector("[data-signed-in]")) {
  store.set("qd:signed-in", String(Date.now()));
  window.close();
}
document.documentElement.dataset.ready = "yes";
