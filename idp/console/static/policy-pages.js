// The policy's other pages: what takes long comes by itself and says that it is on its way; a trial and a replay stay
// fresh while they run. Every page works without, if slower.

const review = document.getElementById("review");
const TRIAL = 3000;
const REPLAY = 700;

function settle(place, html) {
  place.innerHTML = html; // our own page's fragment: the server has escaped it
  place.removeAttribute("aria-busy");
}

function give_up(place) {
  const said = document.createElement("p");
  said.className = "notice bad";
  said.textContent = place.dataset.failed;
  place.replaceChildren(said);
}

async function later(place) {
  place.setAttribute("aria-busy", "true");
  try {
    const form = new URLSearchParams(new FormData(review));
    const answer = await fetch(`/console/policy/review/${place.dataset.later}`, { method: "POST", body: form, redirect: "error" });
    if (!answer.ok) throw new Error(String(answer.status));
    settle(place, (await answer.json()).html);
    if (place.querySelector(".proof.undecided")) document.querySelector("[data-undecided]")?.removeAttribute("hidden");
    if (place.querySelector(".proof.broken, [data-failing]")) block();
  } catch {
    give_up(place);
  }
}

function block() {
  // What the server would refuse is said before it is asked; it decides all the same.
  document.querySelector("[data-blocked]")?.removeAttribute("hidden");
  document.querySelector("[data-publish]")?.setAttribute("disabled", "");
}

async function fetched(place) {
  try {
    const answer = await fetch(place.dataset.fetch, { redirect: "error" });
    if (!answer.ok) throw new Error(String(answer.status));
    settle(place, (await answer.json()).html);
  } catch {
    give_up(place);
  }
}

async function all() {
  // One after the other: what is quick comes first, and the prover is asked once at a time.
  const places = [...document.querySelectorAll("[data-later]")];
  const quick = ["people", "expected"];
  places.sort((a, b) => quick.includes(b.dataset.later) - quick.includes(a.dataset.later));
  for (const place of places) await later(place);
  for (const place of document.querySelectorAll("[data-fetch]")) await fetched(place);
}

if (review) {
  const script = document.createElement("input");
  script.type = "hidden";
  script.name = "script";
  script.value = "yes";
  if (!review.hidden) review.append(script);
}
all();

const trial = document.querySelector("[data-trial]");
async function watch() {
  if (!document.hidden && !trial.contains(document.activeElement)) {
    const answer = await fetch(trial.dataset.trial, { redirect: "error" }).catch(() => null);
    if (!answer?.ok) return;
    const found = await answer.json();
    trial.innerHTML = found.html; // our own page's fragment: the server has escaped it
    if (!found.running) return;
  }
  setTimeout(watch, TRIAL);
}
if (trial?.dataset.trial) setTimeout(watch, TRIAL);

const replay = document.querySelector("[data-replay]");
async function follow() {
  const answer = await fetch(replay.dataset.replay, { redirect: "error" }).catch(() => null);
  if (!answer?.ok) return;
  const found = await answer.json();
  const bar = replay.querySelector("progress");
  bar.max = Math.max(1, found.total);
  bar.value = found.total ? found.done : 1;
  replay.querySelector("[data-said]").textContent = replay.dataset.words.replace("{done}", found.done.toLocaleString()).replace("{total}", found.total.toLocaleString());
  const place = document.querySelector("[data-found]");
  if (!place.contains(document.activeElement) && !place.querySelector("details[open]")) place.innerHTML = found.html; // as above
  if (found.state === "running") setTimeout(follow, REPLAY);
  else location.reload();
}
if (replay?.dataset.replay) setTimeout(follow, REPLAY);

if (/[?&]done=(published|proposed|rolled-back|approved)/.test(location.search)) sessionStorage.removeItem("gatepost-draft");
