// The console's comforts; every page works without: the live picture keeps itself fresh, an answer is shown at once.

const live = document.querySelector("[data-live]");
const EVERY = 3000;
const KEPT = 60;

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function drawBars(services) {
  const most = Math.max(1, ...services.map(([, count]) => count));
  const list = document.querySelector("[data-bars]");
  const now = services.map(([name]) => name).join(" ");
  if (list.dataset.now !== now) {
    const empty = list.querySelector(".none");
    list.replaceChildren(...services.map(([name]) => {
      const row = element("li");
      row.append(element("a", name, { href: `/console?service=${encodeURIComponent(name)}` }), element("progress", "", { "aria-hidden": "true" }), element("span", "", { class: "num" }));
      return row;
    }));
    if (!services.length && empty) list.append(empty);
    list.dataset.now = now;
  }
  services.forEach(([, count], place) => {
    const row = list.children[place];
    const bar = row.querySelector("progress");
    bar.max = most;
    bar.value = count;
    row.querySelector(".num").textContent = count;
  });
}

const counts = [];

function drawStrip(total) {
  const strip = document.querySelector("[data-strip]");
  counts.push(total);
  if (counts.length > KEPT) counts.shift();
  const most = Math.max(1, ...counts);
  const columns = strip.querySelector(".columns");
  while (columns.children.length < KEPT) columns.append(element("i", undefined, { class: "gap" }));
  [...columns.children].forEach((column, place) => {
    const count = counts[place - (KEPT - counts.length)];
    column.className = count === undefined ? "gap" : "";
    column.style.height = count === undefined ? "2px" : `${Math.max(4, (count / most) * 100)}%`;
  });
  strip.querySelector("p").textContent = strip.dataset.label.replace("{most}", most);
  strip.hidden = false;
}

function announce(total) {
  const said = document.querySelector("[data-announce]");
  if (counts.length && counts.at(-1) !== total) said.textContent = said.dataset.announce.replace("{count}", total);
}

function drawRows(answer) {
  const rows = document.querySelector("[data-rows]");
  const ids = answer.ids.join(" ");
  const busy = rows.contains(document.activeElement) || rows.querySelector("details[open]");
  if (rows.dataset.ids === ids || busy) return;
  rows.innerHTML = answer.rows; // our own page's fragment: the server has escaped it
  rows.dataset.ids = ids;
}

async function refresh() {
  if (document.hidden) return;
  const said = live.querySelector("[role=status]");
  try {
    const answer = await fetch(`${live.dataset.live}?${live.dataset.query}`, { headers: { Accept: "application/json" }, redirect: "error" });
    if (!answer.ok) throw new Error(String(answer.status));
    const picture = await answer.json();
    for (const name of ["total", "people", "devices"]) document.querySelector(`[data-number=${name}]`).textContent = picture[name];
    drawBars(picture.services);
    announce(picture.total);
    drawStrip(picture.total);
    drawRows(picture);
  } catch {
    clearInterval(beat);
    live.querySelector(".lamp").className = "lamp bad";
    said.textContent = live.dataset.lost;
  }
}

let beat;
if (live) {
  live.hidden = false;
  beat = setInterval(refresh, EVERY);
  refresh();
  // Rows that came later are not known to the page's own script: ask for them here.
  document.querySelector("[data-rows]").addEventListener("click", (event) => {
    const button = event.target.closest("button[data-confirm]");
    if (button && !button.form.dataset.first && !window.confirm(button.dataset.confirm)) event.preventDefault();
  });
  for (const form of document.querySelectorAll("[data-rows] form")) form.dataset.first = "yes";
}

const answer = document.querySelector("section#answer");
answer?.focus({ preventScroll: true });
answer?.scrollIntoView({ block: "nearest" });
