
"use strict";
// The overview's behaviour: sort the accounts by a column, find some. Everything that there is to read is there already.
(() => {
  const table = document.getElementById("all");
  if (!table) return;
  const $ = (id) => document.getElementById(id);
  const body = table.tBodies[0], headings = [...table.tHead.rows[0].cells];
  const rows = [...body.rows];
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase(); // Zürich is found as zurich
  const names = rows.map((row) => fold(row.cells[0].textContent + " " + row.cells[1].textContent));

  // Sort: text upwards first, numbers downwards; what is not there comes last
  const words = new Intl.Collator(undefined, { numeric: true });
  const value = (cell, kind) => {
    const text = cell.dataset.sort || cell.textContent.trim();
    if (text === "–") return null;
    return kind === "number" ? Number(text.replaceAll(",", "")) : text;
  };
  const sort = (place, down) => {
    const kind = headings[place].dataset.kind;
    const keyed = rows.map((row, at) => [value(row.cells[place], kind), at, row]);
    keyed.sort(([a, i], [b, j]) => {
      if (a === null || b === null) return (a === null) - (b === null) || i - j;
      const order = kind === "number" ? a - b : words.compare(a, b);
      return (down ? -order : order) || i - j;
    });
    body.append(...keyed.map(([, , row]) => row));
    headings.forEach((heading, at) => {
      if (at === place) heading.setAttribute("aria-sort", down ? "descending" : "ascending");
      else heading.removeAttribute("aria-sort");
    });
  };
  headings.forEach((heading, place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = heading.textContent;
    button.addEventListener("click", () => {
      const now = heading.getAttribute("aria-sort");
      sort(place, now ? now === "ascending" : heading.dataset.kind === "number");
    });
    heading.replaceChildren(button);
  });

  // Find
  const find = () => {
    const wanted = fold($("search").value.trim());
    let count = 0;
    rows.forEach((row, at) => {
      const fits = names[at].includes(wanted);
      row.classList.toggle("off", !fits);
      count += fits;
    });
    $("found").textContent = wanted ? count.toLocaleString("en") + " of " + rows.length.toLocaleString("en") : "";
  };
  let waiting = 0;
  $("search").addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(find, 120); });
  $("bar").hidden = false;
  if ($("how")) $("how").hidden = false;
})();
