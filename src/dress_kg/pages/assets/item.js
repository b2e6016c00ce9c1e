/* Improves the page of an evidence item; facts.css lights without it. The characters of a fact that is pointed at
   or focused come into view in the printed row; a click on a fact keeps it lit; characters light their facts. */
"use strict";
(() => {
  const item = document.querySelector(".item");
  const row = document.getElementById("row");
  if (!item || !row) return;
  let pinned = null;

  const marksOf = (number) => item.querySelectorAll(`.seg.s${number}`);
  const numbersOf = (element) =>
    [...element.classList].filter((name) => /^[ks]\d+$/.test(name)).map((name) => name.slice(1));

  function light(numbers, on) {
    for (const number of numbers) {
      for (const mark of marksOf(number)) mark.classList.toggle("lit", on);
      for (const fact of item.querySelectorAll(`.fact.k${number}`)) fact.classList.toggle("lit", on);
    }
  }

  /* Only the printed row scrolls, never the page under the reader's hand. */
  function reveal(numbers) {
    const mark = numbers.length ? marksOf(numbers[0])[0] : null;
    if (!mark || row.scrollHeight <= row.clientHeight) return;
    const box = row.getBoundingClientRect();
    const at = mark.getBoundingClientRect();
    if (at.top < box.top || at.bottom > box.bottom) row.scrollTop += at.top - box.top - box.height / 3;
  }

  function clear() {
    for (const lit of item.querySelectorAll(".lit")) lit.classList.remove("lit");
    if (pinned) light(numbersOf(pinned), true);
  }

  function point(event) {
    const over = event.target.closest(".fact, .clause, .seg");
    clear();
    if (!over) return;
    const numbers = numbersOf(over);
    light(numbers, true);
    if (!over.classList.contains("seg")) reveal(numbers);
  }

  function pin(event) {
    const fact = event.target.closest(".fact");
    if (!fact || event.target.closest("a[href]:not([data-fact]), summary")) return;
    if (pinned) pinned.classList.remove("pinned");
    pinned = pinned === fact ? null : fact;
    if (pinned) pinned.classList.add("pinned");
    point(event);
  }

  item.addEventListener("mouseover", point);
  item.addEventListener("focusin", point);
  item.addEventListener("mouseleave", clear);
  item.addEventListener("click", pin);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !pinned) return;
    pinned.classList.remove("pinned");
    pinned = null;
    clear();
  });
})();
