// A long list of boxes can be narrowed by typing. What is checked stays in view, so nothing chosen is hidden.

function narrow(input) {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const choice of input.parentElement.querySelectorAll(".choice")) {
    const text = choice.textContent.toLowerCase();
    choice.hidden = !choice.querySelector("input").checked && !words.every((word) => text.includes(word));
  }
}

export function start() {
  for (const input of document.querySelectorAll("[data-filter-choices]")) {
    input.hidden = false;
    input.addEventListener("input", () => narrow(input));
    input.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  }
}
