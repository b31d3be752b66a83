// <details class="menu">: works without this file; here it learns Esc, arrows and a click elsewhere.

function items(menu) {
  return [...menu.querySelectorAll(".menu__item, .menu__list input, .menu__list select")].filter((i) => !i.disabled);
}

function close(menu, focus) {
  menu.removeAttribute("open");
  if (focus) menu.querySelector("summary")?.focus();
}

function onKey(event) {
  const menu = event.target.closest?.("details.menu[open]");
  if (!menu) return;
  if (event.key === "Escape") {
    close(menu, true);
    event.stopPropagation();
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const all = items(menu);
  const next = all[(all.indexOf(document.activeElement) + step + all.length) % all.length];
  next?.focus();
  event.preventDefault();
}

export function start() {
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) close(menu, false);
    }
  });
}
