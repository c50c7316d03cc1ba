// The text view of the policy: a coloured copy behind a textarea, line numbers, faults underlined where they lie, and
// completion. Everything that is typed stays an ordinary textarea: without this script the page works as a plain form.
// Told from outside by events on [data-editor]: "marks" (faults), "jump" (go there), "mend" (write what was meant).

const editor = document.querySelector("[data-editor]");
const text = editor?.querySelector("textarea");
const gutter = editor?.querySelector(".gutter");
const paint = editor?.querySelector(".paint");
const offers = editor?.querySelector(".offers");
const atCaret = document.querySelector("[data-at]");

const SPARE = 12; // rows drawn beyond what can be seen
const NAMES = new Intl.DisplayNames([document.documentElement.lang, "en"], { type: "region" });

function element(name, words, attributes = {}) {
  const made = document.createElement(name);
  if (words !== undefined) made.textContent = words;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

// ---- Colours: one line at a time. A line begins inside brackets, quotes or a block of text, or outside of them.

const WORDS = { allow: "y-allow", deny: "y-deny" };
const START = { depth: 0, quote: "", block: -1 };

function tokens(line, state) {
  const found = [];
  let { depth, quote, block } = state;
  const margin = line.length - line.trimStart().length;
  if (block >= 0 && line.trim() && margin <= block) block = -1;
  if (block >= 0) return { found: line ? [[0, line.length, "y-string"]] : [], next: { depth, quote, block } };
  let place = 0;
  const lead = depth || quote ? null : /^\s*(?:-(?:\s+|$))*/.exec(line);
  if (lead?.[0].includes("-")) found.push([0, lead[0].length, "y-mark"]);
  if (lead) place = lead[0].length;
  let key = "";
  while (place < line.length) {
    const rest = line.slice(place);
    if (quote) {
      const end = quote === "'" ? /'(?!')/.exec(rest.replaceAll("''", "  ")) : /(?<!\\)(?:\\\\)*"/.exec(rest);
      const stop = end ? place + end.index + end[0].length : line.length;
      found.push([place, stop, "y-string"]);
      if (end) quote = "";
      place = stop;
      continue;
    }
    if (/^\s*#/.test(rest) && (place === 0 || /\s/.test(rest[0]) || /\s/.test(line[place - 1]))) {
      found.push([place, line.length, "y-note"]);
      break;
    }
    const space = /^\s+/.exec(rest);
    if (space) { place += space[0].length; continue; }
    const named = /^("[^"]*"|'[^']*'|[^\s,:{}[\]"'#][^,:{}[\]"'#]*?)\s*(:)(?=\s|$)/.exec(rest);
    if (named && (depth > 0 || !found.some(([, , kind]) => kind === "y-key"))) {
      found.push([place, place + named[1].length, "y-key"]);
      const colon = place + named[0].length - 1;
      found.push([colon, colon + 1, "y-mark"]);
      key = named[1];
      place = colon + 1;
      const scalar = /^\s*[|>][-+0-9]*\s*(#.*)?$/.exec(line.slice(place));
      if (scalar && !depth) block = margin;
      continue;
    }
    if ("[]{},".includes(rest[0])) {
      depth = Math.max(0, depth + ("[{".includes(rest[0]) ? 1 : rest[0] === "," ? 0 : -1));
      found.push([place, place + 1, "y-mark"]);
      place += 1;
      continue;
    }
    if (rest[0] === '"' || rest[0] === "'") {
      quote = rest[0];
      const first = place;
      const inner = line.slice(place + 1);
      const end = quote === "'" ? /'(?!')/.exec(inner.replaceAll("''", "  ")) : /(?<!\\)(?:\\\\)*"/.exec(inner);
      const stop = end ? place + 1 + end.index + end[0].length : line.length;
      if (end) quote = "";
      found.push([first, stop, "y-string"]);
      place = stop;
      continue;
    }
    const word = (depth ? /^[^,[\]{}]*?(?=\s+#|\s*[,[\]{}]|\s*$)/ : /^.*?(?=\s+#|\s*$)/).exec(rest)[0] || rest[0];
    found.push([place, place + word.length, key === "name" && depth === 0 ? "y-name" : WORDS[word] ?? "y-value"]);
    place += word.length;
  }
  return { found, next: { depth, quote, block } };
}

// ---- The picture behind the text: only the rows in sight are drawn.

let lines = [];
let starts = [];
let states = [START];
let drawn = "";
let marks = [];
let rowHeight = 22;
let counts = null; // how often each rule in force decided
const canvas = element("div");
const numbers = element("div");

function split() {
  const before = lines;
  lines = text.value.split("\n");
  starts = new Array(lines.length);
  let sum = 0;
  let same = true;
  for (let line = 0; line < lines.length; line += 1) {
    starts[line] = sum;
    sum += lines[line].length + 1;
    if (same && lines[line] !== before[line]) { states.length = Math.min(states.length, line + 1); same = false; }
  }
  if (same) states.length = Math.min(states.length, lines.length + 1);
}

function widen() {
  gutter.style.minWidth = `calc(${Math.max(2, String(lines.length).length)}ch + 1.9rem)`;
}

function stateAt(line) {
  for (let known = states.length - 1; known < line; known += 1) states[known + 1] = tokens(lines[known], states[known]).next;
  return states[line];
}

function lineOf(place) {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle] <= place) low = middle; else high = middle - 1;
  }
  return low;
}

function row(line, here) {
  const made = element("span", undefined, { class: line === here ? "row here" : "row" });
  const source = lines[line];
  const begin = starts[line];
  const cuts = new Set([0, source.length]);
  const { found } = tokens(source, stateAt(line));
  for (const [from, to] of found) { cuts.add(from); cuts.add(to); }
  const here_ = marks.filter((mark) => mark.start <= begin + source.length && mark.end >= begin);
  for (const mark of here_) { cuts.add(Math.max(0, mark.start - begin)); cuts.add(Math.min(source.length, mark.end - begin)); }
  const edges = [...cuts].filter((cut) => cut >= 0 && cut <= source.length).sort((a, b) => a - b);
  for (let each = 0; each + 1 < edges.length; each += 1) {
    const [from, to] = [edges[each], edges[each + 1]];
    const kind = found.find(([start, end]) => start <= from && to <= end)?.[2] ?? "";
    const fault = here_.filter((mark) => mark.start - begin <= from && to <= mark.end - begin);
    const look = fault.some((mark) => mark.bad) ? "y-wrong" : fault.length ? "y-doubt" : "";
    made.append(element("span", source.slice(from, to), { class: `${kind} ${look}`.trim() }));
  }
  if (here_.some((mark) => mark.start === mark.end || mark.start - begin === source.length)) {
    made.append(element("span", " ", { class: `blank ${here_.some((mark) => mark.bad) ? "y-wrong" : "y-doubt"}` }));
  }
  const rule = counts && /^\s*-\s+name:\s*(?:"([^"]*)"|'([^']*)'|([^#]*?))\s*(?:#.*)?$/.exec(source);
  const count = rule && counts[rule[1] ?? rule[2] ?? rule[3]];
  if (count) made.append(element("span", tally(count), { class: "count" }));
  if (!made.childNodes.length) made.append("\u200b");
  return made;
}

function tally({ today, live }) {
  const words = [editor.dataset.today.replace("{count}", today.toLocaleString())];
  if (live) words.push(editor.dataset.within.replace("{count}", live.toLocaleString()));
  return words.join(" \u00b7 ");
}

function draw(force = false) {
  const first = Math.max(0, Math.floor(text.scrollTop / rowHeight) - SPARE);
  const last = Math.min(lines.length, Math.ceil((text.scrollTop + text.clientHeight) / rowHeight) + SPARE);
  const here = lineOf(text.selectionStart);
  const wanted = `${first} ${last} ${here}`;
  if (force || wanted !== drawn) {
    widen();
    canvas.replaceChildren(...Array.from({ length: last - first }, (_, each) => row(first + each, document.activeElement === text ? here : -1)));
    numbers.replaceChildren(...Array.from({ length: last - first }, (_, each) => number(first + each, here)));
    drawn = wanted;
  }
  const pad = parseFloat(getComputedStyle(text).paddingTop);
  canvas.style.transform = `translate(${-text.scrollLeft}px, ${pad + first * rowHeight - text.scrollTop}px)`;
  numbers.style.transform = `translateY(${pad + first * rowHeight - text.scrollTop}px)`;
}

function number(line, here) {
  const from = starts[line];
  const to = from + lines[line].length;
  const found = marks.filter((mark) => mark.start >= from && mark.start <= to);
  const look = found.some((mark) => mark.bad) ? "bad" : found.length ? "warn" : line === here ? "here" : "";
  return element("span", line + 1, { class: look });
}

// ---- Faults

function move(before, after) {
  // What was marked moves along with the text around it; what was typed into is no longer marked.
  let start = 0;
  const most = Math.min(before.length, after.length);
  while (start < most && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < most - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  const shift = after.length - before.length;
  marks = marks.flatMap((mark) => {
    if (mark.end < start) return [mark];
    if (mark.start > before.length - end) return [{ ...mark, start: mark.start + shift, end: mark.end + shift }];
    if (mark.start >= before.length - end) return [{ ...mark, start: mark.start + shift, end: mark.end + shift }];
    return [];
  });
}

function faultHere() {
  const line = lineOf(text.selectionStart);
  const from = starts[line];
  const to = from + lines[line].length;
  const near = marks.filter((mark) => mark.start >= from && mark.start <= to);
  const caret = text.selectionStart;
  return near.find((mark) => mark.start <= caret && caret <= mark.end) ?? near.find((mark) => mark.bad) ?? near[0];
}

function tell() {
  const mark = document.activeElement === text ? faultHere() : undefined;
  atCaret.hidden = !mark;
  if (!mark) return;
  const words = [element("span", mark.what)];
  if (mark.hint) words.push(element("b", mark.hint));
  if (mark.mend) words.push(element("kbd", "Alt Enter"));
  if (atCaret.textContent !== words.map((each) => each.textContent).join("")) atCaret.replaceChildren(...words);
  atCaret.className = mark.bad ? "at" : "at warn";
}

function write(start, end, words) {
  // By the browser's own typing, so that its undo knows it.
  text.focus();
  text.setSelectionRange(start, end);
  const done = words ? document.execCommand("insertText", false, words) : document.execCommand("delete");
  if (!done) { text.setRangeText(words, start, end, "end"); text.dispatchEvent(new Event("input", { bubbles: true })); }
}

function mend() {
  const here = faultHere();
  const mark = here?.mend ? here : marks.find((each) => each.mend && each.start >= text.selectionStart) ?? marks.find((each) => each.mend);
  if (mark) write(mark.start, mark.end, mark.mend);
  return Boolean(mark);
}

function jump(start, end) {
  text.focus({ preventScroll: true });
  text.setSelectionRange(start, Math.max(end, start));
  const line = lineOf(start);
  text.scrollTop = Math.max(0, (line - 6) * rowHeight);
  const column = start - starts[line];
  text.scrollLeft = column > 60 ? (column - 40) * 8 : 0;
  editor.scrollIntoView({ block: "nearest" });
  draw(true);
  tell();
}

function next(step) {
  const places = marks.map((mark) => mark).sort((a, b) => a.start - b.start);
  const caret = text.selectionStart;
  const found = step > 0 ? places.find((mark) => mark.start > caret) ?? places[0] : places.findLast((mark) => mark.start < caret) ?? places.at(-1);
  if (found) jump(found.start, found.end);
}

// ---- Completion

let list = []; // what the server offered
let shown = [];
let listStart = -1;
let chosen = 0;
let asked = 0;
let waiting = 0;

function about(offer) {
  if (offer.kind === "countries") return NAMES.of(offer.name);
  return offer.about;
}

function close() {
  clearTimeout(waiting);
  asked += 1;
  offers.hidden = true;
  shown = [];
  text.removeAttribute("aria-activedescendant");
}

function rank(offer, typed) {
  const name = offer.name.toLowerCase();
  if (name.startsWith(typed)) return 0;
  if (name.includes(typed)) return 1;
  return typed && (about(offer) ?? "").toLowerCase().includes(typed) ? 2 : 3;
}

function show(force) {
  const typed = text.value.slice(listStart, text.selectionStart).replace(/^["']/, "").toLowerCase();
  shown = list.map((offer) => [rank(offer, typed), offer]).filter(([each]) => each < 3).sort((a, b) => a[0] - b[0]).map(([, offer]) => offer);
  const whole = shown.length === 1 && shown[0].text.trimEnd() === typed;
  if (!shown.length || (whole && !force)) { close(); if (force) announce(editor.dataset.none); return; }
  chosen = 0;
  offers.replaceChildren(...shown.slice(0, 80).map((offer, place) => {
    const item = element("li", undefined, { role: "option", id: `offer-${place}`, "aria-selected": String(place === 0) });
    item.append(element("b", offer.name), element("span", about(offer) ?? ""));
    return item;
  }));
  offers.hidden = false;
  stand();
  text.setAttribute("aria-activedescendant", "offer-0");
  if (force) announce(editor.dataset.offers.replace("{count}", shown.length));
}

function stand() {
  const line = lineOf(listStart);
  const rowOf = canvas.children[line - Number(drawn.split(" ")[0])];
  const box = paint.getBoundingClientRect();
  let left = 14;
  if (rowOf) {
    let rest = listStart - starts[line];
    const range = document.createRange();
    for (const part of rowOf.childNodes) {
      const node = part.firstChild ?? part;
      if (rest <= node.length) { range.setStart(node, rest); range.setEnd(node, rest); left = range.getBoundingClientRect().left - box.left; break; }
      rest -= node.length;
    }
  }
  const top = parseFloat(getComputedStyle(text).paddingTop) + (line + 1) * rowHeight - text.scrollTop;
  const height = offers.offsetHeight;
  const above = top + height > text.clientHeight && top - rowHeight - height > 0;
  offers.style.top = `${above ? top - rowHeight - height - 2 : top + 2}px`;
  offers.style.left = `${Math.max(2, Math.min(left - 8, text.clientWidth - offers.offsetWidth - 4))}px`;
}

function choose(step) {
  const items = [...offers.children];
  items[chosen].setAttribute("aria-selected", "false");
  chosen = (chosen + step + items.length) % items.length;
  items[chosen].setAttribute("aria-selected", "true");
  items[chosen].scrollIntoView({ block: "nearest" });
  text.setAttribute("aria-activedescendant", items[chosen].id);
}

function accept() {
  const offer = shown[chosen];
  const from = listStart;
  close();
  let words = offer.text;
  const margin = lines[lineOf(from)].match(/^\s*/)[0];
  if (offer.kind === "key" && words.includes("\n")) words = words.replaceAll("\n", `\n${margin}`);
  const after = text.value.slice(text.selectionStart);
  if (offer.kind === "key" && /^\s*:/.test(after)) words = words.replace(/:\s*$/, "");
  write(from, text.selectionStart, words);
  if (offer.kind === "key") waiting = setTimeout(() => ask(false), 120);
}

async function ask(force) {
  const mine = (asked += 1);
  const place = text.selectionStart;
  const form = new URLSearchParams({ csrf: text.form.elements.csrf.value, text: text.value, place });
  try {
    const answer = await fetch("/console/policy/complete", { method: "POST", body: form, redirect: "error" });
    if (!answer.ok || mine !== asked || place !== text.selectionStart) return;
    const found = await answer.json();
    list = found.offers;
    listStart = found.start;
    show(force);
  } catch {
    // Without the server there is nothing to offer; the check says so.
  }
}

function announce(words) {
  const said = document.querySelector("#busy [role=status]");
  said.textContent = words;
}

function typed(event) {
  const word = event.inputType === "insertText" && /[\p{L}\p{N}_@.:*-]/u.test(event.data ?? "");
  const opens = event.inputType === "insertText" && /[[{, ]/.test(event.data ?? "");
  const lineStart = text.value.slice(starts[lineOf(text.selectionStart)], text.selectionStart);
  clearTimeout(waiting);
  if (/(^|\s)#/.test(lineStart)) return close();
  if (!offers.hidden && text.selectionStart > listStart && !/[,[\]{}\n]/.test(text.value.slice(listStart, text.selectionStart))) {
    if (word || event.inputType.startsWith("delete")) show(false);
    if (shown.length) return undefined;
  }
  if (word) waiting = setTimeout(() => ask(false), 90);
  else if (opens && /([[{]|[[{].*,\s?|:\s|-\s)$/.test(lineStart)) waiting = setTimeout(() => ask(false), 160);
  else close();
  return undefined;
}

// ---- Keys

function chosenLines() {
  const first = lineOf(text.selectionStart);
  const last = lineOf(Math.max(text.selectionStart, text.selectionEnd - 1));
  return [first, last];
}

function rewrite(change) {
  const [first, last] = chosenLines();
  const from = starts[first];
  const to = starts[last] + lines[last].length;
  const made = change(lines.slice(first, last + 1)).join("\n");
  if (made === text.value.slice(from, to)) return;
  write(from, to, made);
  text.setSelectionRange(first === last ? from + made.length : from, from + made.length);
}

function comment(some) {
  const all = some.filter((line) => line.trim()).every((line) => /^\s*#/.test(line));
  const margin = Math.min(...some.filter((line) => line.trim()).map((line) => line.length - line.trimStart().length), 99);
  return some.map((line) => (!line.trim() ? line : all ? line.replace(/^(\s*)# ?/, "$1") : `${line.slice(0, margin)}# ${line.slice(margin)}`));
}

function enter(event) {
  const line = lineOf(text.selectionStart);
  const before = lines[line].slice(0, text.selectionStart - starts[line]);
  let margin = before.match(/^\s*/)[0];
  const dash = /^(\s*)-\s+\S/.exec(before);
  if (/^\s*-\s*$/.test(before)) { event.preventDefault(); write(starts[line], text.selectionStart, ""); return; }
  if (/^\s*(?:-\s+)?[^#]*:\s*$/.test(before)) margin = `${dash ? `${dash[1]}  ` : margin}  `;
  else if (dash) margin = `${dash[1]}  `;
  if (!margin) return;
  event.preventDefault();
  write(text.selectionStart, text.selectionEnd, `\n${margin}`);
}

function pressed(event) {
  const open = !offers.hidden;
  const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
  if (open && plain && ["ArrowDown", "ArrowUp"].includes(event.key)) { event.preventDefault(); choose(event.key === "ArrowDown" ? 1 : -1); return; }
  if (open && plain && !event.shiftKey && ["Enter", "Tab"].includes(event.key)) { event.preventDefault(); accept(); return; }
  if (event.key === "Escape" && open) { event.preventDefault(); close(); return; }
  if (event.key === "Enter" && event.altKey && !event.ctrlKey) { event.preventDefault(); mend(); return; }
  if (event.key === "Enter" && plain && !event.isComposing) { enter(event); return; }
  if (event.key === "F8") { event.preventDefault(); next(event.shiftKey ? -1 : 1); return; }
  if (!event.ctrlKey && !event.metaKey) return;
  if (event.code === "Space") { event.preventDefault(); ask(true); }
  else if (event.key === "/") { event.preventDefault(); rewrite(comment); }
  else if (event.key === "]") { event.preventDefault(); rewrite((some) => some.map((line) => (line.trim() ? `  ${line}` : line))); }
  else if (event.key === "[") { event.preventDefault(); rewrite((some) => some.map((line) => line.replace(/^ {1,2}/, ""))); }
}

// ---- Beginning

function measure() {
  rowHeight = parseFloat(getComputedStyle(text).lineHeight) || 22;
  draw(true);
}

if (editor) {
  paint.append(canvas);
  gutter.append(numbers);
  gutter.hidden = false;
  paint.hidden = false;
  editor.classList.add("painted");
  for (const [name, value] of Object.entries({ "aria-autocomplete": "list", "aria-controls": "offers", "aria-haspopup": "listbox" })) text.setAttribute(name, value);
  let before = text.value;
  split();
  measure();
  text.addEventListener("input", (event) => {
    move(before, text.value);
    before = text.value;
    split();
    draw(true);
    tell();
    if (event.isTrusted || event.inputType) typed(event);
  });
  text.addEventListener("scroll", () => { draw(); if (!offers.hidden) stand(); });
  text.addEventListener("keydown", pressed);
  text.addEventListener("blur", () => { setTimeout(close, 150); draw(true); tell(); });
  text.addEventListener("focus", () => { draw(true); tell(); });
  document.addEventListener("selectionchange", () => {
    if (document.activeElement !== text) return;
    draw();
    tell();
    if (!offers.hidden && (text.selectionStart < listStart || lineOf(text.selectionStart) !== lineOf(listStart))) close();
  });
  offers.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    const item = event.target.closest("li");
    if (item) { chosen = [...offers.children].indexOf(item); accept(); }
  });
  gutter.addEventListener("pointerdown", (event) => {
    const line = [...numbers.children].indexOf(event.target) + Number(drawn.split(" ")[0]);
    if (lines[line] === undefined) return;
    event.preventDefault();
    text.focus();
    text.setSelectionRange(starts[line], starts[line] + lines[line].length);
  });
  gutter.addEventListener("wheel", (event) => { text.scrollTop += event.deltaY; }, { passive: true });
  new ResizeObserver(measure).observe(text);
  editor.addEventListener("marks", (event) => { marks = event.detail; draw(true); tell(); });
  editor.addEventListener("counts", (event) => { counts = event.detail; draw(true); });
  editor.addEventListener("jump", (event) => jump(event.detail.start, event.detail.end));
  editor.addEventListener("mend", (event) => write(event.detail.start, event.detail.end, event.detail.words));
  editor.addEventListener("fresh", () => { before = text.value; marks = []; split(); draw(true); });
}
