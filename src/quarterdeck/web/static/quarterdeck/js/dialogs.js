// Native <dialog>: opened by `command="show-modal"` or data-show, closed by Esc, by the backdrop or by data-close.

export function show(dialog) {
  if (!dialog || dialog.open) return;
  if (dialog.matches("[popover]")) dialog.showPopover();
  else dialog.showModal();
  dialog.querySelector("[autofocus], [data-focus]")?.focus();
}

function onClick(event) {
  const opener = event.target.closest("[data-show]");
  if (opener) {
    event.preventDefault();
    const dialog = document.getElementById(opener.dataset.show);
    for (const [name, value] of Object.entries(opener.dataset)) {
      if (!name.startsWith("fill")) continue;
      const field = dialog?.querySelector(`[name="${name.slice(4).toLowerCase()}"]`);
      if (field) field.value = value;
    }
    opener.closest("details.menu")?.removeAttribute("open");
    show(dialog);
    return;
  }
  if (event.target.closest("[data-close]")) {
    event.target.closest("dialog")?.close();
    return;
  }
  if (event.target instanceof HTMLDialogElement && event.target.open) {
    const box = event.target.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside && !event.target.querySelector("textarea")) event.target.close();
  }
}

/** One press is one act: a submitted form cannot be sent twice before the answer. */
function onSubmit(event) {
  const form = event.target;
  if (event.defaultPrevented || form.method === "dialog" || form.method === "get") return;
  const button = event.submitter;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  button?.setAttribute("aria-busy", "true");
  setTimeout(() => {
    delete form.dataset.sent;
    button?.removeAttribute("aria-busy");
  }, 8000);
}

export function start() {
  document.addEventListener("click", onClick);
  document.addEventListener("submit", onSubmit);
  // A form that came back with a reason was rendered open; only now can it stand above the page.
  for (const dialog of document.querySelectorAll("dialog[data-shown]")) {
    dialog.close();
    show(dialog);
  }
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.elt;
    if (!(form instanceof HTMLFormElement)) return;
    delete form.dataset.sent;
    form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
    if (event.detail.successful) form.closest("dialog")?.close();
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });
}
