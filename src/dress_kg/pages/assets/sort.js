// Tables marked data-sortable get a button in each head that sorts their rows; without this they read as they are.
"use strict";
(() => {
  const order = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
  const number = /^[+-]?[0-9][0-9,]*(\.[0-9]+)?$/;
  const said = (cell) => cell.textContent.trim();

  function compare(a, b) {
    if (a === "" || b === "") return (a === "") - (b === ""); // what is not told comes last, either way
    const numeric = number.test(a) && number.test(b);
    return numeric ? parseFloat(a.replaceAll(",", "")) - parseFloat(b.replaceAll(",", "")) : order.compare(a, b);
  }

  function sort(table, at) {
    const heads = [...table.tHead.rows[0].cells];
    const falling = heads[at].getAttribute("aria-sort") === "ascending";
    const rows = [...table.tBodies[0].rows].map((row) => [said(row.cells[at]), row]);
    rows.sort(([a], [b]) => (a === "" || b === "" ? compare(a, b) : falling ? compare(b, a) : compare(a, b)));
    table.tBodies[0].append(...rows.map(([, row]) => row));
    heads.forEach((head) => head.removeAttribute("aria-sort"));
    heads[at].setAttribute("aria-sort", falling ? "descending" : "ascending");
  }

  function sortable(table) {
    [...table.tHead.rows[0].cells].forEach((head, at) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      button.addEventListener("click", () => sort(table, at));
      head.append(button);
    });
  }

  document.querySelectorAll("table[data-sortable]").forEach(sortable);
  window.dressSortable = sortable; // for tables that other scripts make
})();
