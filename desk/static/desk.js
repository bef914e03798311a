// The desk's script. Every page can be read without it; deciding needs it. It decides only about what is on the screen.
(() => {
  "use strict";
  const $ = (id) => document.getElementById(id);
  if (location.search.includes("token=")) history.replaceState(null, "", location.pathname);  // the token works once
  const live = $("live"), say = (text) => { live.textContent = ""; live.textContent = text; };
  const cookie = (name) => decodeURIComponent((document.cookie.match(new RegExp(`(?:^|; )${name}=([^;]*)`)) || ["", ""])[1]);
  const remember = (name, value) => { document.cookie = `${name}=${encodeURIComponent(value)}; path=/; max-age=31536000; samesite=strict`; };
  const toast = (text) => {
    const line = document.createElement("p");
    line.textContent = text;
    $("toasts").append(line);
    setTimeout(() => line.remove(), 10000);
  };
  const ask = async (address, options) => {
    let response;
    try { response = await fetch(address, options); }
    catch { return { ok: false, status: 0, body: { message: "The desk does not answer. Start it again with: partner-certs desk" } }; }
    const json = (response.headers.get("Content-Type") || "").includes("json");
    const body = response.status === 204 ? null : json ? await response.json() : { message: await response.text() };
    return { ok: response.ok, status: response.status, body };
  };
  const post = (address, body) => ask(address, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

  // Keys are handled one at a time, even if they are typed faster than the desk answers
  const keysOn = $("keys-on");
  const keys = { "/": () => $("find").focus() };
  const presses = [];
  const leave = (go) => { leaving = true; presses.length = 0; go(); };
  let pumping = false, leaving = false, stale = Boolean(document.body.dataset.closed);
  const RELOADED = "reloaded", selfReload = sessionStorage.getItem(RELOADED);  // then the user has not seen the new page yet
  sessionStorage.removeItem(RELOADED);
  const ignoreKeysUntil = selfReload ? performance.now() + 800 : 0;
  const press = async (action) => {
    if (leaving) return;
    presses.push(action);
    if (pumping) return;
    pumping = true;
    while (presses.length) {
      const done = await presses.shift()();
      if (done === false && presses.length) { presses.length = 0; toast("The keys that you pressed after that were dropped."); }
    }
    pumping = false;
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.target.closest("input:not([type=checkbox]), select, textarea")) { if (event.key === "Escape") event.target.blur(); return; }
    if (keysOn && !keysOn.checked) return;
    const letter = /^[a-z]$/i.test(event.key);
    const name = letter ? (event.shiftKey ? "Shift+" : "") + event.key.toLowerCase() : event.key;
    if (!Object.hasOwn(keys, name)) return;
    event.preventDefault();
    if (event.timeStamp < ignoreKeysUntil) { toast("The key that you pressed was dropped: the page had just been reloaded."); return; }
    press(keys[name]);
  });
  if (keysOn) {
    keysOn.checked = cookie("partner_certs_keys") !== "off";
    keysOn.addEventListener("change", () => remember("partner_certs_keys", keysOn.checked ? "on" : "off"));
  }

  // Dialogs. Escape and Cancel give null.
  const question = (dialog) => new Promise((resolve) => {
    dialog.returnValue = "no";
    dialog.onclose = () => resolve(dialog.returnValue === "yes");
    dialog.showModal();
  });
  const who = () => ($("by") ? $("by").value.trim() : null);  // null: the proxy names the user
  const askWhy = async (heading, yes, why, needsReason) => {
    $("ask-heading").textContent = heading;
    $("ask-yes").textContent = yes;
    $("ask-why").textContent = why;
    $("ask-reason").value = "";
    $("ask-reason").required = needsReason;
    $("ask-reason-label").hidden = !needsReason;
    $("ask-by-label").hidden = who() !== "";
    $("ask-by").value = "";
    const answered = question($("ask"));
    (who() === "" ? $("ask-by") : $("ask-reason")).focus();
    if (!(await answered)) return null;
    if (who() === "") { $("by").value = $("ask-by").value.trim(); remember("partner_certs_by", who()); }
    const reason = needsReason ? $("ask-reason").value.trim() : "";
    if (who() === "" || (needsReason && !reason)) { toast("Nothing was decided: a name or reason can't be blank."); return null; }
    if (reason && ![...$("reasons").options].some((option) => option.value === reason)) $("reasons").prepend(new Option("", reason));
    return { reason };
  };
  if ($("by")) $("by").addEventListener("change", () => remember("partner_certs_by", who()));
  for (const dialog of document.querySelectorAll("dialog form")) {
    dialog.addEventListener("keydown", (event) => {  // Enter submits with the first button, except while an input method composes
      if (event.key === "Enter" && event.target.tagName === "INPUT" && event.isComposing) event.preventDefault();
    });
  }

  if ($("reading")) setTimeout(() => location.reload(), 2000);

  const seenReady = () => document.querySelector(".mailing").dataset.seen;  // only the reports that the page shows are drafted

  // A partner's page
  const partner = document.body.dataset.partner;
  if (partner) {
    const here = `/partners/${encodeURIComponent(partner)}`;
    const watch = async () => {
      const answer = await ask(`${here}/pull`);
      if (answer.ok) $("status").textContent = answer.body.words;
      if (answer.ok && !answer.body.is_running && !document.querySelector("dialog[open]")) { location.reload(); return; }
      setTimeout(watch, 1000);
    };
    $("pull").addEventListener("click", async () => {
      $("pull").disabled = true;
      const answer = await post(`${here}/pull`, {});
      if (!answer.ok) { $("pull").disabled = false; toast(answer.body.message); return; }
      $("status").textContent = answer.body.words;
      watch();
    });
    const draftTo = async (target, confirm = [], again = false) => {
      const wanted = { to: $("to").value, by: who() || "", confirm, again, in_mailbox: target === "mailbox", seen: seenReady() };
      const answer = await post(`${here}/draft`, wanted);
      if (!answer.ok) { $("alert").textContent = answer.body.message; return; }
      if (answer.body.is_again) {
        $("confirm-heading").textContent = "Drafted before";
        $("confirm-why").textContent = answer.body.message;
        $("confirm-yes").textContent = "Draft it again";
        if (await question($("confirm"))) await draftTo(target, confirm, true);
        return;
      }
      if (answer.body.confirm.length) {
        const address = answer.body.confirm.find((one) => !confirm.includes(one));
        $("confirm-heading").textContent = "A new address";
        $("confirm-why").textContent = answer.body.message;
        $("confirm-yes").textContent = `Draft to ${address}`;
        if (!(await question($("confirm")))) return;
        if (who() === "" && (await askWhy("Who confirms the address?", "Continue", "Your name is kept in the ledger.", false)) === null) return;
        await draftTo(target, [...confirm, address], again);
        return;
      }
      $("alert").textContent = "";
      if (!answer.body.file) { sessionStorage.setItem("toast", answer.body.message); location.reload(); return; }
      toast(answer.body.message);
      location.assign(`${here}/drafts/${encodeURIComponent(answer.body.file)}`);
    };
    for (const button of document.querySelectorAll("[data-draft]")) {
      button.addEventListener("click", async () => { button.disabled = true; await draftTo(button.dataset.draft); button.disabled = false; });
    }
    if (document.body.dataset.pulling) watch();
    document.addEventListener("click", async (event) => {
      const button = event.target.closest(".controls button"), about = event.target.closest("[data-own]");
      if (!button || !about) return;
      const what = button.dataset.what, needed = JSON.parse(about.dataset.needsReason)[what] || "";
      let reason = "";
      if (needed || who() === "") {
        const why = await askWhy(button.textContent, button.textContent, needed, Boolean(needed));
        if (why === null) return;
        reason = why.reason;
      }
      const answer = await post(`${here}/decision`, { what, key: about.dataset.key, seen: about.dataset.seen, by: who() || "", reason });
      if (!answer.ok) { toast(answer.body.message); return; }
      sessionStorage.setItem("toast", answer.body.message);
      location.reload();
    });
  }
  // Drafts of what was released
  const draftAll = async (target) => {
    if (who() === "" && (await askWhy("Who drafts?", "Continue", "Your name is kept in the ledger.", false)) === null) return;
    const buttons = document.querySelectorAll("[data-draft]"), run = new URLSearchParams(location.search).get("run");
    for (const button of buttons) button.disabled = true;
    const answer = await post("/drafts", { run, by: who() || "", in_mailbox: target === "mailbox", seen: seenReady() });
    $("alert").textContent = answer.ok ? "" : answer.body.message;
    if (!answer.ok) { for (const button of buttons) button.disabled = false; return; }
    $("drafted").innerHTML = answer.body.message;  // escaped by the desk
    $("to-draft").hidden = true;  // the result lists each of them
    $("drafted").focus();
  };
  if (document.body.dataset.drafts) {
    for (const button of document.querySelectorAll("[data-draft]")) button.addEventListener("click", () => draftAll(button.dataset.draft));
  }
  const left = sessionStorage.getItem("toast");
  if (left && $("toasts")) { sessionStorage.removeItem("toast"); toast(left); say(left); }

  if (!document.body.dataset.run) return;

  // Morning
  const run = document.body.dataset.run, article = $("current"), base = document.body.dataset.base;
  const storageKey = `decided ${run}`, mine = JSON.parse(sessionStorage.getItem(storageKey) || "[]");  // own decisions, for undo; they survive a reload
  const keep = () => sessionStorage.setItem(storageKey, JSON.stringify(mine));
  let version = document.body.dataset.version;
  const entries = () => [...document.querySelectorAll("#queue .entry")];
  const entry = (key) => document.querySelector(`#queue .entry[data-key="${CSS.escape(key)}"]`);
  const controls = () => article.querySelector(".controls");
  const currentKey = () => (controls() ? controls().dataset.key : null);
  const name = () => ($("account-name") ? $("account-name").textContent : "");
  const undecided = () => entries().filter((one) => one.dataset.decision === "missing");

  const fetched = new Map();  // HTML of accounts, by key, each with the version that it shows
  const fragment = async (key) => {
    const known = fetched.get(key);
    if (known && known.version === version) return known.html;
    const answer = await ask(`${base}/accounts/${key}?run=${run}`);
    if (!answer.ok) { toast(answer.body.message); return null; }
    fetched.set(key, { version, html: answer.body.message });
    return answer.body.message;
  };
  // The next key must be about what is on the screen, so wait until it is painted
  const painted = () => document.hidden || new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const open = async (key, quiet) => {
    const html = await fragment(key);
    if (html === null) return false;
    article.innerHTML = html;  // escaped by the desk
    for (const one of entries()) one.toggleAttribute("aria-current", false);
    const chosen = entry(key);
    if (chosen) { chosen.setAttribute("aria-current", "true"); chosen.scrollIntoView({ block: "nearest" }); }
    history.replaceState(null, "", `${base || "/"}?account=${key}`);
    showButtons();
    await painted();
    if (!quiet) say(`${name()}. ${$("progress").textContent}`);
    const next = following();
    if (next) fragment(next.dataset.key);  // fetch the next one ahead
    return true;
  };
  const following = () => {
    const all = entries(), at = all.indexOf(entry(currentKey() || ""));
    return [...all.slice(at + 1), ...all.slice(0, Math.max(at, 0))].find((one) => one.dataset.decision === "missing");
  };
  const step = async (by) => {
    const all = entries(), at = all.indexOf(entry(currentKey() || ""));
    const next = all[at + by];
    return next ? open(next.dataset.key) : say(by > 0 ? "This is the last account." : "This is the first account.");
  };
  const advance = async () => {
    const next = following();
    if (next) return open(next.dataset.key);
    if (currentKey()) await open(currentKey(), true);
    say(`${$("progress").textContent}. Nothing is left to decide: release with Shift and R.`);
  };
  const showButtons = () => {
    if (!controls()) return;
    const chosen = entry(currentKey()), decision = chosen ? chosen.dataset.decision : "missing";
    for (const button of controls().querySelectorAll("button")) {
      const states = { approve: "approved", hold: "held", reject: "rejected" };
      if (button.dataset.what in states) button.setAttribute("aria-pressed", String(decision === states[button.dataset.what]));
      button.disabled = stale;
    }
    if ($("release")) $("release").disabled = stale || $("release").dataset.none === "true";
  };
  const show = (state) => {
    if (!state || state.newer || state.reload) return;
    version = state.version;
    for (const [key, words] of Object.entries(state.decisions || {})) {
      const one = entry(key);
      if (!one) continue;
      one.dataset.decision = words.decision;
      const holder = document.createElement("template");
      holder.innerHTML = words.state;  // escaped by the desk
      one.querySelector(".decision").replaceWith(holder.content.querySelector(".decision").cloneNode(true));
      if (key !== currentKey()) continue;
      $("state").replaceChildren(holder.content);
      controls().dataset.seen = words.seen;
    }
    $("progress").textContent = state.progress;
    $("bar").value = state.decided;
    $("release").textContent = state.release_words;
    $("release").dataset.none = String(!state.to_release);
    showButtons();
  };
  const refused = async (answer) => {
    toast(answer.body.message);
    if (answer.body.state) show(answer.body.state);
    if (currentKey()) await open(currentKey(), true);
    return false;
  };
  const decide = async (what, items, by, reason) => {
    const answer = await post(`${base}/decisions`, { run, what, items, by: by || "", reason, version: Number(version) });
    if (!answer.ok) return refused(answer);
    show(answer.body.state);
    toast(answer.body.message);
    say(`${answer.body.message} ${$("progress").textContent}.`);
    return answer.body.items;
  };
  const shown = () => ({ key: currentKey(), seen: controls().dataset.seen });
  const verbs = { approve: "Approve", hold: "Hold", reject: "Reject" };
  const decideCurrent = async (what) => {
    if (stale || !currentKey()) return false;
    const item = shown(), whyReason = JSON.parse(controls().dataset.needsReason)[what];
    let reason = "";
    if (whyReason || who() === "") {
      const why = await askWhy(`${verbs[what]} ${name()}`, verbs[what], whyReason || "", Boolean(whyReason));
      if (why === null) return true;  // cancelled, which is not a refusal: later keys still count
      reason = why.reason;
    }
    const done = await decide(what, [item], who(), reason);
    if (!done) return false;
    mine.push(done);
    keep();
    return advance();
  };
  const undo = async () => {
    if (stale) return false;
    const last = mine.pop();
    keep();
    if (!last) { say("You have nothing to undo on this page."); toast("You have nothing to undo on this page."); return false; }
    if (!(await decide("undo", last, who(), ""))) return false;
    return open(last[0].key, true);
  };
  const listed = async (address, heading, yes) => {
    const answer = await ask(address);
    if (!answer.ok) { await refused(answer); return null; }
    $("list-heading").textContent = heading;
    $("list-yes").textContent = yes;
    $("list-body").innerHTML = answer.body.message;
    const answered = question($("list"));
    $("list-yes").focus();
    return (await answered) ? $("list-body").firstElementChild : null;
  };
  const named = async (what) => who() !== "" || (await askWhy(what, "Continue", "Your name is kept in the ledger.", false)) !== null;
  const group = async () => {
    const button = controls() && controls().querySelector("[data-group]");
    if (stale || !button || !(await named("Who approves?"))) return false;
    const list = await listed(`${base}/groups/${button.dataset.group}?run=${run}`, button.getAttribute("aria-label") || "Approve group", "Approve all of these");
    if (!list) return true;
    const done = await decide("approve", JSON.parse(list.dataset.items), who(), "");
    if (!done) return false;
    mine.push(done);
    keep();
    return advance();
  };
  const release = async () => {
    if (stale || !$("release") || $("release").disabled || !(await named("Who releases?"))) return false;
    const list = await listed(`${base}/release?run=${run}`, $("release").textContent, $("release").textContent);
    if (!list) return true;
    const answer = await post(`${base}/release`, { run, by: who() || "", seen: list.dataset.seen });
    if (!answer.ok) return refused(answer);
    sessionStorage.setItem("toast", answer.body.message);
    leave(() => location.assign(answer.body.next || base || "/"));
    return true;
  };

  Object.assign(keys, {
    j: () => step(1), k: () => step(-1), a: () => decideCurrent("approve"), h: () => decideCurrent("hold"), r: () => decideCurrent("reject"),
    z: undo, "Shift+a": group, "Shift+r": release, "?": () => { question($("keys")); },
  });
  article.addEventListener("click", (event) => {
    const button = event.target.closest(".controls button");
    if (!button || event.detail > 1) return;  // the second click of a double click may already hit the next account
    if (button.dataset.group) press(group);
    else if (button.dataset.what === "undo") press(undo);
    else press(() => decideCurrent(button.dataset.what));
  });
  if ($("queue")) $("queue").addEventListener("click", (event) => {
    const chosen = event.target.closest(".entry");
    if (!chosen || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    press(() => open(chosen.dataset.key));
  });
  if ($("release")) $("release").addEventListener("click", () => press(release));
  $("keys-button").addEventListener("click", () => question($("keys")));

  // Decisions of others
  const announceOthers = (decisions) => {
    const done = { approved: "approved", held: "put on hold", rejected: "rejected" };
    const others = Object.entries(decisions).filter(([key, words]) => entry(key) && words.by && words.by !== who() && done[words.decision]);
    for (const [key, words] of others.slice(0, 3)) toast(`${entry(key).querySelector(".who").textContent}: ${done[words.decision]} by ${words.by}`);
    if (others.length > 3) toast(`and ${others.length - 3} more by others`);
  };
  const follow = async () => {
    if (!document.hidden && !stale) {
      const answer = await ask(`${base}/decisions?run=${run}&seen=${version}`);
      if (answer.status === 200) {
        const state = answer.body;
        if (state.reload) {
          if (!pumping && !leaving && !document.querySelector("dialog[open]")) {  // let a decision in progress finish first
            sessionStorage.setItem(RELOADED, "yes");
            sessionStorage.setItem("toast", "What is ready has changed, so the page was reloaded.");
            leave(() => location.reload());
            return;
          }
        } else if (!state.newer) { announceOthers(state.decisions); show(state); }
        if (state.newer) {
          stale = true;
          $("alert").innerHTML = `<p>A newer run has finished. This page shows an older one. <a href="/">Open the newer run</a></p>`;
          showButtons();
        }
      }
    }
    setTimeout(follow, 1500);
  };
  if ($("release")) $("release").dataset.none = String($("release").disabled);
  showButtons();
  if (!stale) setTimeout(follow, 1500);
})();
