// The small comforts of every page; each works without: copy buttons, local times, focus on a fault, waiting buttons.

// What changes without a new page is said in one place; a live region that is filled after the page has come is heard.
const busy = document.getElementById("busy");
const said = busy.querySelector("[role=status]");
function say(words) { said.textContent = words; }

for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const before = button.textContent;
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = button.dataset.done;
    say(button.dataset.done);
    setTimeout(() => { button.textContent = before; }, 2000);
  });
}

for (const button of document.querySelectorAll("button[data-download]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const text = document.getElementById(button.dataset.download).textContent.trim() + "\n";
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
    link.download = button.dataset.name;
    link.click();
    URL.revokeObjectURL(link.href);
  });
}

const local = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
for (const time of document.querySelectorAll("time[data-moment]")) {
  time.title = local.format(new Date(time.dateTime));
}

const fault = document.querySelector(".errors, [role=alert]");
if (fault) {
  fault.tabIndex = -1;
  fault.focus();
}
const done = document.querySelector(".notice[role=status]");
if (done && !fault) setTimeout(() => say(done.textContent.trim()), 500);

// A page that does not come at once says that it is on its way: a bar for the eye, a status for the ear.
let waiting = 0;
function leave() {
  clearTimeout(waiting);
  waiting = setTimeout(() => { busy.firstElementChild.hidden = false; say(busy.dataset.words); }, 600);
}
function stay() {
  clearTimeout(waiting);
  busy.firstElementChild.hidden = true;
  say("");
}
window.addEventListener("beforeunload", () => { leave(); setTimeout(stay, 20000); }); // whatever did not lead away
window.addEventListener("pageshow", stay);

for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) { event.preventDefault(); return; }
    const question = event.submitter?.dataset.confirm;
    if (question && !window.confirm(question)) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    setTimeout(() => { delete form.dataset.sent; }, 8000);
  });
}
window.addEventListener("pageshow", () => { for (const form of document.forms) delete form.dataset.sent; });
