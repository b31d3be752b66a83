// "Line 84" beside a text leads to that line: the cursor stands in it, and it can be seen.

function place(area, number) {
  const lines = area.value.split("\n");
  const start = lines.slice(0, number - 1).reduce((sum, line) => sum + line.length + 1, 0);
  area.focus();
  area.setSelectionRange(start, start + (lines[number - 1] ?? "").length);
  const height = parseFloat(getComputedStyle(area).lineHeight) || 20;
  area.scrollTop = Math.max(0, (number - 4) * height);
  area.scrollIntoView({ block: "nearest" });
}

export function start() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-line]");
    const area = link && document.getElementById(link.hash.slice(1));
    if (!area) return;
    event.preventDefault();
    place(area, Number(link.dataset.line));
  });
}
