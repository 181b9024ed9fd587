"use strict";
// Sorts a table by the column whose heading is pressed: rising, then falling. The foot stays where it is.
for (const table of document.querySelectorAll("table.sortable")) {
  const headings = Array.from(table.tHead.rows[0].cells);
  const body = table.tBodies[0];
  headings.forEach((heading, column) => {
    const numbers = heading.classList.contains("number");
    heading.querySelector("button").addEventListener("click", () => {
      const now = heading.getAttribute("aria-sort");
      const first = numbers ? "descending" : "ascending";
      const second = numbers ? "ascending" : "descending";
      const order = now === first ? second : first;
      const sign = order === "ascending" ? 1 : -1;
      const key = (row) => row.cells[column].dataset.order ?? row.cells[column].textContent;
      const compare = numbers
        ? (one, other) => Number(key(one)) - Number(key(other))
        : (one, other) => (key(one) < key(other) ? -1 : Number(key(one) > key(other)));
      body.append(...Array.from(body.rows).sort((one, other) => sign * compare(one, other)));
      for (const each of headings) each.setAttribute("aria-sort", each === heading ? order : "none");
    });
  });
}
