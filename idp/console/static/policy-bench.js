// The workbench around the policy's editor: checks while typing, text and form as two views of one draft, the question at
// the side asked again with every change, and the draft kept in this tab. Every page works without, as a plain form.

const bench = document.querySelector("[data-bench]");
const editor = document.querySelector("[data-editor]");
const text = editor?.querySelector("textarea");
const KEPT = "gatepost-draft";
const PAUSE = 350;
const TYPED = "input:not([type=checkbox], [type=radio], [type=hidden]), textarea";
const COUNTED = 10000;

const one = (name) => bench.querySelector(`[data-${name}]`);

function fields(extra = {}) {
  const form = new URLSearchParams(new FormData(bench));
  for (const [name, value] of Object.entries(extra)) form.set(name, value);
  return form;
}

async function post(path, form) {
  const answer = await fetch(path, { method: "POST", body: form, headers: { Accept: "application/json" }, redirect: "error" });
  if (!answer.ok) throw Object.assign(new Error(path), { status: answer.status });
  return answer.json();
}

function trouble(fault) {
  const words = fault.status === 403 ? bench.dataset.shut : bench.dataset.away;
  const said = document.createElement("span");
  said.className = "badge bad";
  said.textContent = words;
  one("state").replaceChildren(said);
}

function badge(look, words) {
  const made = document.createElement("span");
  made.className = `badge ${look}`;
  made.textContent = words;
  return made;
}

// ---- Checking

let checking = 0;
let waiting = 0;

async function check() {
  const mine = (checking += 1);
  const asked = text.value;
  const blank = { marks: [], html: "", bad: 0, doubts: 0 }; // nothing to find fault with yet
  try {
    const found = asked.trim() ? await post("/console/policy/live", fields({ text: asked })) : blank;
    if (mine !== checking || asked !== text.value) return;
    editor.dispatchEvent(new CustomEvent("marks", { detail: found.marks }));
    one("findings").innerHTML = found.html; // our own page's fragment: the server has escaped it
    revealMends();
    const state = [];
    if (found.bad) state.push(badge("bad", bench.dataset.bad.replace("{count}", found.bad)));
    else if (asked.trim()) state.push(badge("ok", bench.dataset.good));
    if (found.doubts) state.push(badge("warn", bench.dataset.doubts.replace("{count}", found.doubts)));
    one("state").replaceChildren(...state);
    text.setAttribute("aria-invalid", String(found.bad > 0));
    bench.dataset.checked = "yes";
  } catch (fault) {
    trouble(fault);
  }
}

function changed() {
  delete bench.dataset.checked;
  clearTimeout(waiting);
  waiting = setTimeout(() => { keep(); count(); check(); if (answered) ask(); }, PAUSE);
}

function revealMends() {
  for (const button of bench.querySelectorAll("[data-mend]")) button.hidden = false;
}

// ---- The draft, kept in this tab for whoever must sign in again, and gone with it

const given = text?.value;
let leaving = false;

function keep() {
  const draft = { text: text.value, base: bench.elements.base.value, at: Date.now(), user: bench.dataset.user };
  if (text.value === given) sessionStorage.removeItem(KEPT);
  else sessionStorage.setItem(KEPT, JSON.stringify(draft));
}

function restore() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  const fresh = bench.dataset.fresh === "yes";
  if (!kept || kept.user !== bench.dataset.user || kept.text === text.value || !fresh) return;
  text.value = kept.text;
  bench.elements.base.value = kept.base;
  const notice = document.querySelector("[data-kept]");
  const words = notice.querySelector("[data-words]");
  const time = new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "short" }).format(new Date(kept.at));
  words.textContent = words.dataset.words.replace("{time}", time);
  notice.hidden = false;
  setTimeout(() => { document.querySelector("#busy [role=status]").textContent = notice.querySelector("strong").textContent; }, 600);
  notice.querySelector("[data-discard]").addEventListener("click", () => {
    sessionStorage.removeItem(KEPT);
    leaving = true;
    location.assign("/console/policy");
  });
  editor.dispatchEvent(new Event("fresh"));
}

function count() {
  const said = one("changed");
  const before = given.split("\n");
  const after = text.value.split("\n");
  let head = 0;
  while (head < Math.min(before.length, after.length) && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < Math.min(before.length, after.length) - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const lines = Math.max(before.length, after.length) - head - tail;
  said.dataset.base ??= said.textContent;
  const words = text.value === given ? said.dataset.same : said.dataset.words;
  said.textContent = words.replace("{base}", said.dataset.base).replace("{count}", Math.max(lines, 1));
}

// ---- Two views

const undone = [];

function view(name) {
  bench.dataset.view = name;
  for (const part of bench.querySelectorAll("[data-view-of]")) part.hidden = part.dataset.viewOf !== name;
  for (const button of bench.querySelectorAll(".switch [data-to]")) button.setAttribute("aria-pressed", String(button.dataset.to === name));
  one("undo").hidden = name !== "form" || !undone.length;
  bench.querySelector(".switch").parentElement.classList.toggle("in-form", name === "form");
}

function take(words) {
  if (words === text.value) return;
  text.value = words;
  editor.dispatchEvent(new Event("fresh"));
  changed();
}

let applying = Promise.resolve();
let steps = 0;
let drawing = false;

function step(act, focus) {
  // One after the other: each stands on the text that the one before has made, and says what the fields said when it
  // was asked for. Where rules change places, nothing can be filled in until they have.
  const mine = (steps += 1);
  const said = fields(act ? { act } : {});
  if (act) bench.querySelector("[data-view-of=form]").inert = true;
  applying = applying.then(() => apply(mine, said, act, focus));
  return applying;
}

async function apply(mine, said, act, focus) {
  const place = bench.querySelector("[data-view-of=form]");
  const before = text.value;
  said.set("text", before);
  try {
    const found = await post("/console/policy/form/part", said);
    if (found.text !== before) undone.push(before);
    take(found.text);
    view("form");
    if (mine === steps || act) draw(place, found.html, focus); // else the next answer is on its way
  } catch (fault) {
    trouble(fault);
  } finally {
    if (act) place.inert = false;
  }
}

function draw(place, html, focus) {
  const active = document.activeElement;
  const own = where(active);
  const spot = focus ?? own;
  // What is being typed goes on in the same field alone, never into another one that gets the focus.
  const same = !focus || (focus.tokens && focus.tokens === own?.tokens);
  const typed = same && place.contains(active) && active.matches(TYPED) ? active.value : null;
  drawing = true; // a field that is taken away while somebody types in it says that it has changed
  place.innerHTML = html; // our own page's fragment: the server has escaped it
  drawing = false;
  place.inert = false;
  enhance(place);
  find(place, spot, typed);
}

function where(active) {
  if (!active || active === document.body) return null;
  const name = active.name ?? "";
  const same = [...bench.elements].filter((each) => each.name === name && each.value === active.value);
  return { id: active.id, name, value: active.value, place: same.indexOf(active), start: active.selectionStart, tokens: active.closest?.(".tokens")?.dataset.row };
}

function find(place, spot, typed = null) {
  if (!spot) return;
  let found = spot.id ? document.getElementById(spot.id) : null;
  if (!found && spot.tokens) found = place.querySelector(`.tokens[data-row="${CSS.escape(spot.tokens)}"] input.type`);
  if (!found && spot.name) found = [...place.querySelectorAll(`[name="${CSS.escape(spot.name)}"]`)].find((each) => each.type === "text" || each.value === spot.value || each.tagName === "TEXTAREA" || each.tagName === "SELECT") ?? place.querySelector(`[name="${CSS.escape(spot.name)}"]`);
  if (!found) return;
  // Whoever typed on while the answer was on its way has lost nothing.
  const kept = typed !== null && found.matches(TYPED) && found.value !== typed;
  if (kept) found.value = typed;
  found.focus({ preventScroll: false });
  if (kept && spot.tokens) found.dispatchEvent(new Event("input", { bubbles: true }));
  else if (kept) found.addEventListener("blur", () => step(""), { once: true });
  if (spot.start != null && found.setSelectionRange && /^(text|search|)$/.test(found.type ?? "")) found.setSelectionRange(spot.start, spot.start);
}

async function toTests() {
  view("tests");
  document.getElementById("tests").focus();
  await expected();
}

let expecting = 0;
async function expected() {
  const mine = (expecting += 1);
  const place = one("expected");
  place.setAttribute("aria-busy", "true");
  try {
    const found = await post("/console/policy/review/expected", fields());
    if (mine === expecting) place.innerHTML = found.html; // our own page's fragment: the server has escaped it
  } catch (fault) {
    trouble(fault);
  } finally {
    place.removeAttribute("aria-busy");
  }
}

async function toForm(focus) {
  await step("", focus);
}

function toText() {
  view("text");
  bench.querySelector("[data-view-of=form]").replaceChildren(); // its fields would speak for a text that is gone
  text.focus();
  text.dispatchEvent(new Event("scroll"));
  check();
}

// ---- Names as tokens: an input of words and commas becomes a list that is picked from

const names = JSON.parse(document.getElementById("policy-names")?.textContent ?? "{}");
const regions = new Intl.DisplayNames([document.documentElement.lang, "en"], { type: "region" });

function element(name, words, attributes = {}) {
  const made = document.createElement(name);
  if (words !== undefined) made.textContent = words;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

async function known(source, typed) {
  if (source === "users") {
    const answer = await fetch(`/console/policy/people?q=${encodeURIComponent(typed)}`, { redirect: "error" });
    return answer.ok ? (await answer.json()).people.map((each) => [each.email, each.display_name]) : [];
  }
  const found = (namesNow()[source] ?? []).map(([name, about]) => [name, source === "countries" ? regions.of(name) : about]);
  const low = typed.toLowerCase();
  return found.filter(([name, about]) => name.toLowerCase().includes(low) || (about ?? "").toLowerCase().includes(low));
}

function namesNow() {
  const held = bench.querySelector("[data-names]");
  return held ? JSON.parse(held.dataset.names) : names;
}

function tokenize(input) {
  const source = input.dataset.tokens;
  const single = "single" in input.dataset;
  const box = element("div", undefined, { class: "tokens", "data-row": input.name });
  const label = input.getAttribute("aria-label");
  const type = element("input", undefined, { class: "type", type: "text", role: "combobox", "aria-label": label, "aria-autocomplete": "list", "aria-expanded": "false", autocomplete: "off", spellcheck: "false", placeholder: input.value ? "" : input.placeholder, form: "none" });
  const list = element("ul", undefined, { class: "offers", role: "listbox", "aria-label": label });
  list.id = `list-${input.name.replace(/[^a-z]/g, "-")}`;
  type.setAttribute("aria-controls", list.id);
  list.hidden = true;
  let chosen = -1;
  const words = () => input.value.split(",").map((each) => each.trim()).filter(Boolean);
  const set = (next) => { input.value = next.join(", "); render(); step("", { tokens: input.name }); };
  const add = (word) => { type.value = ""; hide(); if (word && !words().includes(word)) set(single ? [word] : [...words(), word]); };
  const hide = () => { list.hidden = true; chosen = -1; type.setAttribute("aria-expanded", "false"); type.removeAttribute("aria-activedescendant"); };
  const mark = (next) => {
    const items = [...list.children];
    items[chosen]?.setAttribute("aria-selected", "false");
    chosen = (next + items.length) % items.length;
    items[chosen].setAttribute("aria-selected", "true");
    items[chosen].scrollIntoView({ block: "nearest" });
    type.setAttribute("aria-activedescendant", items[chosen].id);
  };
  const offer = async () => {
    const typed = type.value.trim();
    const found = (await known(source, typed)).filter(([name]) => !words().includes(name)).slice(0, 40);
    if (document.activeElement !== type || typed !== type.value.trim()) return;
    list.replaceChildren(...found.map(([name, about], place) => {
      const item = element("li", undefined, { role: "option", id: `${list.id}-${place}`, "aria-selected": "false", "data-word": name });
      item.append(element("b", name), element("span", about ?? ""));
      return item;
    }));
    list.hidden = !found.length;
    chosen = -1;
    type.setAttribute("aria-expanded", String(Boolean(found.length)));
  };
  const render = () => {
    for (const old of box.querySelectorAll(".token")) old.remove();
    for (const word of words()) {
      const token = element("span", word, { class: "token" });
      const away = element("button", "\u00d7", { type: "button", "aria-label": `${word}: ${bench.dataset.away_word ?? "x"}` });
      away.setAttribute("aria-label", bench.dataset.remove.replace("{name}", word));
      away.addEventListener("click", () => set(words().filter((each) => each !== word)));
      token.append(away);
      box.insertBefore(token, type);
    }
    type.placeholder = words().length ? "" : input.placeholder;
  };
  type.addEventListener("input", () => { if (type.value.includes(",")) add(type.value.replace(",", "").trim()); else offer(); });
  type.addEventListener("focus", offer);
  type.addEventListener("blur", () => setTimeout(() => {
    // Taken away while somebody types on in the field that came instead, or back again: nothing is finished yet.
    if (!box.isConnected || document.activeElement === type) return;
    hide();
    if (type.value.trim()) add(type.value.trim());
  }, 160));
  type.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (["ArrowDown", "ArrowUp"].includes(event.key) && !list.hidden) { event.preventDefault(); mark(chosen + (event.key === "ArrowDown" ? 1 : chosen < 0 ? 0 : -1)); }
    else if (event.key === "Enter") { event.preventDefault(); add(list.children[chosen]?.dataset.word ?? type.value.trim()); }
    else if (event.key === "Escape" && !list.hidden) { event.preventDefault(); hide(); }
    else if (event.key === "Backspace" && !type.value && words().length) { event.preventDefault(); set(words().slice(0, -1)); }
  });
  list.addEventListener("pointerdown", (event) => { event.preventDefault(); const item = event.target.closest("li"); if (item) add(item.dataset.word); });
  input.type = "hidden";
  input.after(box);
  box.append(type, list);
  render();
}

function enhance(place) {
  for (const part of place.querySelectorAll("[data-plain]")) part.hidden = true;
  for (const input of place.querySelectorAll("input[data-tokens]")) tokenize(input);
  revealMends();
}

// ---- The question at the side

let answered = false;
let asking = 0;

async function ask() {
  const mine = (asking += 1);
  const form = fields();
  if (!form.get("service")) return;
  answered = true;
  const place = one("answer");
  place.setAttribute("aria-busy", "true");
  try {
    const found = await post("/console/policy/ask", form);
    if (mine !== asking) return;
    place.innerHTML = found.html; // our own page's fragment: the server has escaped it
    for (const name of place.querySelectorAll("[data-rule]")) name.title = name.dataset.rule;
  } catch (fault) {
    trouble(fault);
  } finally {
    place.removeAttribute("aria-busy");
  }
}

let looking = 0;

async function people(typed) {
  const mine = (looking += 1);
  const answer = await fetch(`/console/policy/people?q=${encodeURIComponent(typed)}`, { redirect: "error" });
  if (!answer.ok || mine !== looking) return;
  const { people: found } = await answer.json();
  one("people").replaceChildren(...found.map((each) => element("option", undefined, { value: each.name, label: each.display_name })));
  const person = found.find((each) => [each.name, each.email].includes(typed));
  const trusts = Object.fromEntries([...one("devices").querySelectorAll("option[hidden]")].map((each) => [each.value, each.label]));
  const keptOptions = [...one("devices").querySelectorAll("option[hidden]")];
  const devices = (person?.devices ?? []).map((each) => element("option", undefined, { value: `${person.name}/${each.name}`, label: trusts[each.trust] ?? each.trust }));
  one("devices").replaceChildren(...keptOptions, ...devices);
}

function networks() {
  const found = [];
  let inside = false;
  for (const line of text.value.split("\n")) {
    if (/^\S/.test(line) && !line.startsWith("#")) inside = /^networks:/.test(line);
    const match = inside && /^\s+["']?([^:"'#]+)["']?:\s*\[?\s*["']?([0-9a-fA-F:.]+)/.exec(line);
    if (match) found.push(element("option", undefined, { value: match[2], label: match[1] }));
  }
  one("networks").replaceChildren(...found);
}

// ---- How often each rule in force decided

async function countRules() {
  if (!document.hidden) {
    const midnight = Math.floor(new Date().setHours(0, 0, 0, 0) / 1000);
    const answer = await fetch(`/console/policy/counts?today=${midnight}`, { redirect: "error" }).catch(() => null);
    if (answer?.ok) editor.dispatchEvent(new CustomEvent("counts", { detail: (await answer.json()).rules }));
  }
  setTimeout(countRules, COUNTED);
}

// ---- Beginning

if (/[?&]drop=/.test(location.search)) sessionStorage.removeItem(KEPT);

if (bench) {
  restore();
  enhance(bench);
  count();
  for (const part of bench.querySelectorAll("[data-plain]")) part.hidden = true;
  if (text.value.trim() || bench.dataset.view === "form") check();
  countRules();
  text.addEventListener("input", changed);
  bench.addEventListener("click", (event) => {
    const to = event.target.closest("[data-to]");
    const act = event.target.closest("[data-view-of=form] button[name=act], [data-view-of=form] button[formaction$='/form']:not([name])");
    const mend = event.target.closest("[data-mend]");
    const link = event.target.closest("a[data-start]");
    if (to) { event.preventDefault(); if (to.dataset.to === "form") toForm(); else if (to.dataset.to === "tests") toTests(); else toText(); }
    else if (act) { event.preventDefault(); press(act); }
    else if (mend) { toTextQuietly(); editor.dispatchEvent(new CustomEvent("mend", { detail: { start: Number(mend.dataset.start), end: Number(mend.dataset.end), words: mend.dataset.mend } })); }
    else if (link) { event.preventDefault(); toTextQuietly(); editor.dispatchEvent(new CustomEvent("jump", { detail: { start: Number(link.dataset.start), end: Number(link.dataset.end) } })); }
  });
  bench.addEventListener("change", (event) => {
    const field = event.target;
    if (drawing) return;
    if (field.closest("[data-view-of=form]") && field.name && !field.classList.contains("type")) step("", field.name === "add" ? { name: `v:${field.value}`, tokens: `v:${field.value}` } : undefined);
    else if (field.closest("[data-ask]")) ask();
  });
  bench.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.ctrlKey && event.altKey) { event.preventDefault(); if (bench.dataset.view === "form") toText(); else toForm(); return; }
    if (event.key !== "Enter" || event.target.tagName !== "INPUT" || event.defaultPrevented) return;
    if (event.target.closest("[data-ask]")) { event.preventDefault(); ask(); }
    else if (event.target.closest("[data-view-of=form]") && event.target.type !== "checkbox" && event.target.type !== "radio") { event.preventDefault(); step(""); }
  });
  one("undo").addEventListener("click", async () => {
    const before = undone.pop();
    if (before === undefined) return;
    take(before);
    const form = fields();
    for (const name of [...form.keys()]) if (/^(v:|as:|row$|net|open$|add$)/.test(name)) form.delete(name);
    try {
      const found = await post("/console/policy/form/part", form);
      const place = bench.querySelector("[data-view-of=form]");
      place.innerHTML = found.html; // our own page's fragment: the server has escaped it
      enhance(place);
      view("form");
      one("undo").focus();
    } catch (fault) { trouble(fault); }
  });
  let soon = 0;
  document.getElementById("tests").addEventListener("input", () => { clearTimeout(soon); soon = setTimeout(expected, PAUSE); });
  const script = element("input", undefined, { type: "hidden", name: "script", value: "yes" });
  bench.append(script);
  const person = bench.querySelector("[data-ask] [name=user]");
  person.addEventListener("input", () => people(person.value.trim()));
  person.addEventListener("focus", () => people(person.value.trim()));
  bench.querySelector("[data-ask] [name=address]").addEventListener("focus", networks);
  bench.addEventListener("submit", () => { keep(); leaving = true; });
  window.addEventListener("beforeunload", () => { if (!leaving) keep(); });
}

function toTextQuietly() {
  if (bench.dataset.view !== "text") toText();
}

async function press(button) {
  const [verb, kind, place] = button.value.split(" ");
  const to = { open: `v-name`, close: null, up: `head-${kind}-${Number(place) - 1}`, down: `head-${kind}-${Number(place) + 1}`, copy: "v-name", add: "v-name", remove: `head-${kind}-${Math.max(0, Number(place) - 1)}` };
  const open = bench.querySelector("[name=open]")?.value.replace(" ", "-");
  const beside = { drop: { name: "add" }, forget: { name: "net-name" } };
  await step(button.value, beside[verb] ?? { id: verb === "close" ? `head-${open}` : to[verb] ?? "" });
  if (["copy", "add"].includes(verb)) document.getElementById("v-name")?.select();
}
