// The page as it would be published follows what is typed. Without this file the button does the same.

const PAUSE_MS = 500;
const form = document.getElementById("look");
const frame = document.getElementById("preview-frame");
const button = form?.querySelector("[data-preview]");
let waiting = 0;
let count = 0;

/** A fresh frame for each look: it stands in no history of the browser, and the old page stays until the new one is there. */
function look() {
  const old = frame.lastElementChild;
  const fresh = old.cloneNode();
  fresh.removeAttribute("src");
  fresh.name = `preview-${++count}`;
  fresh.hidden = true;
  const mine = count;
  fresh.addEventListener("load", () => {
    if (mine !== count) return;
    fresh.hidden = false;
    for (const other of [...frame.children]) if (other !== fresh) other.remove();
  });
  frame.prepend(fresh);
  button.setAttribute("formtarget", fresh.name);
  form.requestSubmit(button);
}

function soon() {
  clearTimeout(waiting);
  waiting = setTimeout(look, PAUSE_MS);
}

if (form && frame && button) {
  // Looking sends nothing away: the guard against sending twice has no say in it.
  document.addEventListener("submit", (event) => event.submitter === button && event.stopPropagation(), true);
  const heard = (event) => event.target.form === form && event.target.name !== "pv_width" && event.target.name !== "reason" && soon();
  document.addEventListener("input", heard);
  document.addEventListener("change", heard);
}
