
"use strict";
// The review page's script: filter and keys. Everything can be read without it; decisions are made on the desk. Hidden
// elements get the class "off", which the print style ignores: the whole page is printed.
(() => {
  const $ = (id) => document.getElementById(id);
  const main = $("main"), live = $("live");
  const items = [...document.querySelectorAll(".item")];
  let current = null, change = null;

  // A page opened from a file may have no storage
  const remembered = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
  const remember = (name, value) => { try { localStorage.setItem(name, value); } catch { /* not remembered */ } };

  // Items
  const heading = (item) => (item.querySelector("h3") || item.querySelector("th")).textContent;
  const off = (element) => element.classList.contains("off");
  const say = (text) => { live.textContent = ""; setTimeout(() => { live.textContent = text; }, 30); };
  const has = (list, word) => (" " + (list || "") + " ").includes(" " + word + " ");

  // Filter
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase(); // "zurich" finds Zürich
  const others = [...document.querySelectorAll(".findable")]; // accounts that need no decision: only the search finds them
  let texts = null; // folded texts by item, read when first searched for
  const readTexts = () => items.map((item) => ({
    head: fold(item.tagName === "TR" ? item.textContent : item.firstElementChild.textContent),
    all: fold(item.textContent),
    rows: null,
  }));
  const filterOthers = (wanted) => {
    let count = 0;
    for (const other of others) {
      const fits = !wanted || fold(other.textContent).includes(wanted);
      other.classList.toggle("off", !fits);
      if (fits && wanted) count += 1;
    }
    return count;
  };
  const filterRows = (item, text, wanted) => {
    if (item.tagName === "TR") return;
    if (!wanted || text.head.includes(wanted)) {
      if (item.dataset.cut) for (const row of item.querySelectorAll("tr.off")) row.classList.remove("off");
      delete item.dataset.cut;
      return;
    }
    text.rows = text.rows || [...item.querySelectorAll("tbody tr")].map((row) => [row, fold(row.textContent)]);
    const some = text.rows.some(([, words]) => words.includes(wanted));
    for (const [row, words] of text.rows) row.classList.toggle("off", some && !words.includes(wanted));
    item.dataset.cut = "yes";
  };
  const filter = () => {
    const wanted = fold($("search").value.trim());
    const kind = $("kind").value, alarm = $("alarm").value, undecided = $("undecided").checked;
    if (wanted && !texts) texts = readTexts();
    let count = 0;
    items.forEach((item, index) => {
      const data = item.dataset;
      const fits = (!kind || has(data.kinds, kind)) && (!alarm || has(data.alarms, alarm))
        && (!undecided || data.decision === "missing") && (!wanted || texts[index].all.includes(wanted));
      item.classList.toggle("off", !fits);
      if (!fits) return;
      count += 1;
      if (texts) filterRows(item, texts[index], wanted);
    });
    main.dataset.kind = kind;
    const first = $("first-reports");
    if (first) {
      for (const lot of first.querySelectorAll(".lot")) lot.classList.toggle("off", !lot.querySelector(".item:not(.off)"));
      first.classList.toggle("off", !first.querySelector(".lot:not(.off)"));
    }
    const elsewhere = filterOthers(wanted);
    $("none-found").hidden = count + elsewhere > 0 || !items.length;
    $("found").textContent = `${count.toLocaleString("en")} of ${items.length.toLocaleString("en")} accounts`
      + (elsewhere ? `, ${elsewhere.toLocaleString("en")} that need no decision` : "");
    return count + elsewhere;
  };
  let waiting = 0;
  const filterSoon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      say(`${filter()} accounts shown`);
      $("accounts").scrollIntoView();
    }, 120);
  };

  // Moving
  const mark = (item) => {
    if (item === current) return;
    if (current) {
      current.classList.remove("current");
      current.removeAttribute("aria-current");
    }
    current = item;
    change = item && item.tagName === "TR" ? item : null;
    if (!item) return;
    item.classList.add("current");
    item.setAttribute("aria-current", "true");
    if (item.id) history.replaceState(null, "", `#${item.id}`); // so that a reload returns to it
  };
  const go = (item) => {
    mark(item);
    item.focus({ preventScroll: true });
    const show = () => item.scrollIntoView({ block: item.tagName === "TR" ? "nearest" : "start" });
    show();
    requestAnimationFrame(() => { if (item === current) show(); }); // until now, the heights above it were estimates
  };
  const step = (by) => {
    let index = current ? items.indexOf(current) + by : by > 0 ? 0 : items.length - 1;
    while (items[index] && off(items[index])) index += by;
    if (items[index]) go(items[index]);
    else say(by > 0 ? "This is the last account" : "This is the first account");
  };
  const rowsOf = (item) => {
    const kind = $("kind").value;
    const inSight = (row) => !off(row) && (!kind || kind === "new" || kind === "gone" || row.classList.contains(kind));
    return item.tagName === "TR" ? [item] : [...item.querySelectorAll("tbody tr")].filter(inSight);
  };
  const stepChange = (by) => {
    if (!current || off(current)) step(1);
    if (!current) return;
    let rows = rowsOf(current);
    let index = change ? rows.indexOf(change) + by : by > 0 ? 0 : -1;
    while (!rows[index]) {
      const before = current;
      step(by);
      if (current === before) return;
      rows = rowsOf(current);
      index = by > 0 ? 0 : rows.length - 1;
    }
    change = rows[index];
    change.tabIndex = -1;
    change.focus({ preventScroll: true });
    change.scrollIntoView({ block: "nearest" });
  };

  // Copy the command that approves in a terminal
  const addCopy = (line) => {
    const button = document.createElement("button"), code = line.querySelector("code");
    button.type = "button";
    button.className = "plain more-button";
    button.textContent = "Copy";
    button.setAttribute("aria-label", `Copy the command that approves ${heading(line.closest(".item"))}`);
    button.onclick = async () => {
      try { await navigator.clipboard.writeText(code.textContent); say("Copied"); button.textContent = "Copied"; }
      catch { getSelection().selectAllChildren(code); say("Selected: copy it with your keyboard"); }
    };
    line.append(button);
  };

  // Keys
  const keysOn = $("keys-on");
  const help = () => $("help").showModal();
  const search = () => { $("search").focus(); $("search").select(); };
  const keys = { n: () => step(1), p: () => step(-1), j: () => stepChange(1), k: () => stepChange(-1), "/": search, "?": help };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
    if (event.target.closest("input, select, textarea")) {
      if (event.key === "Escape") { event.target.blur(); (current || $("accounts")).focus({ preventScroll: true }); }
      if (event.key === "Enter" && event.target.id === "search") { event.preventDefault(); filter(); current = null; step(1); }
      return;
    }
    if (!keysOn.checked || !Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    keys[event.key]();
  });
  const chosen = (event) => {
    const item = event.target.closest(".item");
    if (item) mark(item);
    const row = event.target.closest(".changes tbody tr");
    if (row && item) change = row;
  };
  main.addEventListener("focusin", chosen);
  main.addEventListener("click", chosen);

  // Start
  $("bar").hidden = false;
  for (const name of ["kind", "alarm", "undecided"]) $(name).addEventListener("change", filterSoon);
  $("search").addEventListener("input", filterSoon);
  $("clear").addEventListener("click", () => {
    $("search").value = $("kind").value = $("alarm").value = "";
    $("undecided").checked = false;
    filter();
    search();
  });
  $("help-button").addEventListener("click", help);
  keysOn.checked = remembered("partner-certs keys") !== "off";
  keysOn.addEventListener("change", () => remember("partner-certs keys", keysOn.checked ? "on" : "off"));
  for (const line of document.querySelectorAll(".command")) addCopy(line);
  filter();
  const named = items.find((item) => item.id && `#${item.id}` === location.hash);
  if (named) go(named);
})();
