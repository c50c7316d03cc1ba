// Shows a mail program that waits to be confirmed the moment it waits, on every page of the portal, and takes it away again.

const place = document.querySelector("[data-approvals]");
const title = document.title;
const pause = (seconds) => new Promise((resolve) => { setTimeout(resolve, seconds * 1000); });

// Questions that stay keep what is being typed into them: only others come and go.
function draw(rows) {
  const page = new DOMParser().parseFromString(rows, "text/html");
  const come = [...page.querySelectorAll("[data-question]")];
  const names = new Set(come.map((each) => each.dataset.question));
  for (const there of place.querySelectorAll("[data-question]")) {
    if (!names.has(there.dataset.question)) there.remove();
    else names.delete(there.dataset.question);
  }
  for (const each of come) if (names.has(each.dataset.question)) place.append(document.adoptNode(each));
}

async function follow() {
  for (;;) {
    const answer = await fetch(`${place.dataset.approvals}?seen=${encodeURIComponent(place.dataset.seen)}`, { headers: { Accept: "application/json" }, redirect: "error" }).catch(() => null);
    if (answer?.status === 403) return; // signed out, or not admitted any more: the next page says so
    if (!answer?.ok) { await pause(answer ? 30 : 5); continue; }
    const news = await answer.json();
    if (news.seen === place.dataset.seen) continue;
    place.dataset.seen = news.seen;
    draw(news.rows);
    document.title = news.count ? `(${news.count}) ${title}` : title;
  }
}

if (place) follow();
