// Rows of tabs and of filters that do not fit are scrolled so that the one that is open can be seen.

export function start() {
  for (const open of document.querySelectorAll(".tabs > [aria-current], .filters > [aria-current]")) {
    const strip = open.parentElement;
    const { left, right } = strip.getBoundingClientRect();
    const here = open.getBoundingClientRect();
    if (here.right > right - 24) strip.scrollLeft += here.right - right + 48;
    else if (here.left < left) strip.scrollLeft -= left - here.left + 48;
  }
}
