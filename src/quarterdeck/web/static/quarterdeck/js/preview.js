// The page as it would be published follows what is typed. Without this file the button does the same.
// Half a word is no style sheet and no colour: then the last look stays, and a line above it says what is to be corrected.

const PAUSE_MS = 500;
const form = document.getElementById("look");
const frame = document.getElementById("preview-frame");
const button = form?.querySelector("[data-preview]");
let waiting = 0;
let count = 0;
let asked = 0;
const line = document.querySelector("[data-preview-said]");

/** Why what is typed cannot be shown, "" where it can. */
async function wrong() {
  const answer = await fetch(button.formAction, { method: "POST", body: new FormData(form, button) });
  if (answer.status !== 422) return "";
  const said = new DOMParser().parseFromString(await answer.text(), "text/html");
  return [...said.querySelectorAll("li")].map((item) => item.textContent).join(" ");
}

async function look() {
  const mine = ++asked;
  const said = await wrong().catch(() => "");
  if (mine !== asked) return;
  line.lastElementChild.textContent = said;
  line.hidden = !said;
  if (!said) show();
}

/** A fresh frame for each look: it stands in no history of the browser, and the old page stays until the new one is there. */
function show() {
  const old = frame.lastElementChild;
  const fresh = old.cloneNode();
  fresh.removeAttribute("src");
  fresh.name = `preview-${++count}`;
  fresh.hidden = true;
  const mine = count;
  frame.prepend(fresh);
  // Only now: a frame that is put in place loads nothing first, and says so.
  fresh.addEventListener("load", () => {
    if (mine !== count) return;
    fresh.hidden = false;
    for (const other of [...frame.children]) if (other !== fresh) other.remove();
  });
  button.setAttribute("formtarget", fresh.name);
  form.requestSubmit(button);
}

function soon() {
  clearTimeout(waiting);
  waiting = setTimeout(look, PAUSE_MS);
}

if (form && frame && button && line) {
  // Looking sends nothing away: the guard against sending twice has no say in it.
  document.addEventListener("submit", (event) => event.submitter === button && event.stopPropagation(), true);
  const heard = (event) => event.target.form === form && event.target.name !== "pv_width" && event.target.name !== "reason" && soon();
  document.addEventListener("input", heard);
  document.addEventListener("change", heard);
}
