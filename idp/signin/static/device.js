// This browser as a known device: an ECDSA P-256 key that cannot be exported lives in IndexedDB, one for each person; it
// answers challenges by a compact JWS (RFC 7515). Pages say what they want by data attributes on a form or element:
//   form[data-prove]      answer data-challenge (purpose data-purpose), put it into field "proof", send the form
//   form[data-register]   make a key on submit, fill "jwk" and "proof", send
//   [data-heartbeat]      keep the proof fresh while the page is open

const STORE = "keys";

const encode = (octets) => btoa(String.fromCharCode(...new Uint8Array(octets))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const encodeText = (text) => encode(new TextEncoder().encode(text));

function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function store(mode, act) {
  const opening = indexedDB.open("gatepost", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await settled(opening);
  try {
    return await settled(act(database.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    database.close();
  }
}

const keyOf = (user) => store("readonly", (keys) => keys.get(user));
const keep = (user, key) => store("readwrite", (keys) => keys.put(key, user));

async function makeKey() {
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
  const { crv, kty, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  const jwk = JSON.stringify({ crv, kty, x, y }); // members in the order of RFC 7638, so that its hash is the thumbprint
  const id = encode(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(jwk)));
  return { id, jwk, privateKey: pair.privateKey };
}

async function answer(key, challenge, purpose) {
  const header = { alg: "ES256", typ: "gatepost-proof+jwt", kid: key.id };
  const payload = { challenge, origin: location.origin, purpose, iat: Math.floor(Date.now() / 1000) };
  const input = `${encodeText(JSON.stringify(header))}.${encodeText(JSON.stringify(payload))}`;
  const signed = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key.privateKey, new TextEncoder().encode(input));
  return `${input}.${encode(signed)}`;
}

function show(name) {
  for (const part of document.querySelectorAll("[data-when]")) part.hidden = part.dataset.when !== name;
}

async function prove(form) {
  const key = await keyOf(form.dataset.user);
  if (!key) return show("unknown");
  form.elements.proof.value = await answer(key, form.dataset.challenge, form.dataset.purpose);
  form.submit();
}

function register(form) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    if (form.dataset.sent) return;
    form.dataset.sent = "yes";
    try {
      const key = await makeKey();
      form.elements.jwk.value = key.jwk;
      form.elements.proof.value = await answer(key, form.dataset.challenge, form.dataset.purpose);
      await keep(form.dataset.user, { id: key.id, privateKey: key.privateKey });
      form.submit();
    } catch (fault) {
      console.error(fault);
      show("failed");
    }
  }, { capture: true });
}

async function beat(element) {
  const key = await keyOf(element.dataset.user);
  if (!key) return;
  const given = await fetch("/prove/challenge", { credentials: "same-origin", redirect: "error" });
  if (!given.ok) return;
  const { challenge, purpose } = await given.json();
  const proof = await answer(key, challenge, purpose);
  await fetch("/prove/beat", { method: "POST", credentials: "same-origin", redirect: "error", body: new URLSearchParams({ proof, csrf: element.elements.csrf.value }) });
}

function guess() {
  const agent = navigator.userAgent;
  const browser = [[/Edg\//, "Edge"], [/Firefox\//, "Firefox"], [/Chrom(e|ium)\//, "Chrome"], [/Safari\//, "Safari"]].find(([mark]) => mark.test(agent));
  const system = [[/iPhone|iPad/, "iOS"], [/Android/, "Android"], [/Mac OS X/, "macOS"], [/Windows/, "Windows"], [/CrOS/, "ChromeOS"], [/Linux/, "Linux"]].find(([mark]) => mark.test(agent));
  return [browser?.[1], system?.[1]];
}

const proving = document.querySelector("form[data-prove]");
const registering = document.querySelector("form[data-register]");
const beating = document.querySelector("[data-heartbeat]");

if (!globalThis.crypto?.subtle || !globalThis.indexedDB) {
  show("impossible");
} else {
  if (registering) {
    const [browser, system] = guess();
    if (!registering.elements.name.value && browser) registering.elements.name.value = system ? `${browser} (${system})` : browser;
    registering.elements.platform.value = (system ?? "").toLowerCase();
    register(registering);
  }
  if (proving) prove(proving).catch((fault) => { console.error(fault); show("failed"); });
  else if (registering) show("unknown");
  if (beating) {
    const seconds = Number(beating.dataset.heartbeat);
    setInterval(() => { if (!document.hidden) beat(beating).catch(() => {}); }, seconds * 1000);
    document.addEventListener("visibilitychange", () => { if (!document.hidden) beat(beating).catch(() => {}); });
  }
}
