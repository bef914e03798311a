
"use strict";
// The overview's script: sorts the accounts by a column and filters them. Everything can be read without it.
(() => {
  const tables = [...document.querySelectorAll("table.all")];
  if (!tables.length) return;
  const $ = (id) => document.getElementById(id);
  const headings = [...tables[0].tHead.rows[0].cells]; // the same in all tables
  const lot = tables[0].tBodies[0].rows.length;
  let rows = tables.flatMap((table) => [...table.tBodies[0].rows]), fits = () => true;
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase(); // "zurich" finds Zürich

  // Fill the tables with the rows in order; those that don't match come last, hidden
  const show = () => {
    const found = rows.filter(fits), others = rows.filter((row) => !fits(row));
    for (const row of found) row.classList.remove("off");
    for (const row of others) row.classList.add("off");
    const ordered = [...found, ...others];
    tables.forEach((table, at) => {
      table.tBodies[0].replaceChildren(...ordered.slice(at * lot, (at + 1) * lot));
      table.parentElement.classList.toggle("off", at > 0 && at * lot >= found.length);
    });
    return found.length;
  };

  // Sort: text ascending first, numbers descending; missing values last
  const words = new Intl.Collator(undefined, { numeric: true });
  const value = (cell, kind) => {
    const text = cell.dataset.sort || cell.textContent.trim();
    if (text === "–") return null;
    return kind === "number" ? Number(text.replaceAll(",", "")) : text;
  };
  const sort = (column, down) => {
    const kind = headings[column].dataset.kind;
    const keyed = rows.map((row, at) => [value(row.cells[column], kind), at, row]);
    keyed.sort(([a, i], [b, j]) => {
      if (a === null || b === null) return (a === null) - (b === null) || i - j;
      const order = kind === "number" ? a - b : words.compare(a, b);
      return (down ? -order : order) || i - j;
    });
    rows = keyed.map(([, , row]) => row);
    show();
    headings.forEach((heading, at) => {
      if (at === column) heading.setAttribute("aria-sort", down ? "descending" : "ascending");
      else heading.removeAttribute("aria-sort");
    });
  };
  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = heading.textContent;
    button.addEventListener("click", () => {
      const now = heading.getAttribute("aria-sort");
      sort(column, now ? now === "ascending" : heading.dataset.kind === "number");
    });
    heading.replaceChildren(button);
  });
  headings[0].setAttribute("aria-sort", "ascending");

  // Find
  let names = null; // folded names and ids by row, read when first searched for
  const find = () => {
    const wanted = fold($("search").value).split(/\s+/).filter(Boolean);
    names = names || new Map(rows.map((row) => [row, fold(row.cells[0].textContent + " " + row.cells[1].textContent)]));
    fits = (row) => wanted.every((word) => names.get(row).includes(word));
    const count = show();
    $("found").textContent = wanted.length ? count.toLocaleString("en") + " of " + rows.length.toLocaleString("en") : "";
  };
  let waiting = 0;
  $("search").addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(find, 120); });
  $("bar").hidden = false;
  if ($("how")) $("how").hidden = false;
})();
