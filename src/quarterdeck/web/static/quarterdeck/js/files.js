// A file that is too large is told at once, beside its field, instead of after it was sent.

export function start() {
  for (const input of document.querySelectorAll("input[type=file][data-most-bytes]")) {
    input.addEventListener("change", () => {
      const tooLarge = [...input.files].some((file) => file.size > Number(input.dataset.mostBytes));
      input.setCustomValidity(tooLarge ? input.dataset.tooLarge : "");
      input.reportValidity();
    });
  }
}
