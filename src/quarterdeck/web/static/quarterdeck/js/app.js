// Entry of every signed-in page. Each module stands alone: one that fails does not take the others along.

import * as settings from "./settings.js";
import * as csrf from "./csrf.js";
import * as seen from "./seen.js";
import * as times from "./times.js";
import * as places from "./places.js";
import * as drafts from "./drafts.js";
import * as dialogs from "./dialogs.js";
import * as menus from "./menus.js";
import * as toasts from "./toasts.js";
import * as palette from "./palette.js";
import * as keys from "./keys.js";
import * as choices from "./choices.js";
import * as files from "./files.js";
import * as lines from "./lines.js";
import * as composer from "./composer.js";
import * as tabs from "./tabs.js";
import * as week from "./week.js";
import * as live from "./live.js";
import * as presses from "./presses.js";
import * as push from "./push.js";

for (const part of [settings, csrf, times, places, drafts, dialogs, menus, toasts, palette, keys, choices, files, lines, composer, tabs, week, live, presses, push, seen]) {
  try {
    part.start();
  } catch (fault) {
    console.error(fault);
  }
}
// htmx binds what the page offers when all of it has been read, just after the modules have run.
document.addEventListener("DOMContentLoaded", () => (document.documentElement.dataset.ready = "yes"));
