// The playground's page: who one is, where, and what is to be seen there.
import { view, post } from "./api.js";
import { el } from "./dom.js";
import { drawMessage } from "./draw.js";
import { askModal } from "./modal.js";
import { Composer } from "./composer.js";
import { names, tick } from "./markup.js";

const $ = (id) => document.getElementById(id);
const saved = new URLSearchParams(location.hash.slice(1));
const here = { person: saved.get("person") || "", channel: saved.get("channel") || "" };
const world = { people: new Map(), roles: new Map(), channels: new Map(), channelTypes: new Map() };
Object.assign(names, world);
const drawn = new Map(); // message ID → { text, node }
const maxExchanges = 200;

const composer = new Composer($("composer"), { where: () => ({ ...here }), world, run: (body) => act("command", body), tell });
names.use = (path) => composer.use(path);

// tell shows one line under the messages.
function tell(text, bad) {
  $("notice").textContent = text;
  $("notice").classList.toggle("bad", Boolean(bad));
}

// act does something as the person and shows what came of it; meanwhile it
// says that it is being done.
let doing = 0;
async function act(what, body, meanwhile = "") {
  tell(meanwhile);
  busy(1);
  try {
    const out = await post(what, { ...here, ...body });
    tell(out.told || "");
    if (out.modal) fill(out);
  } catch (err) {
    tell(err.message, true);
  } finally {
    busy(-1);
  }
}

function busy(by) {
  doing += by;
  document.body.dataset.busy = String(doing > 0);
}

async function fill(out) {
  const fields = await askModal($("modal"), out.modal, world);
  if (fields) await act("submit", { interaction: out.interaction, fields });
}

// refresh draws everything anew; what has not changed keeps its node and
// with it the focus.
let fetching = false, again = false;
async function refresh() {
  if (fetching) { again = true; return; }
  fetching = true;
  try {
    do {
      again = false;
      const { person, channel } = here;
      const v = await view(person, channel);
      // Somebody may have gone elsewhere meanwhile: then this is old.
      if (here.person === person && here.channel === channel) draw(v);
      else again = true;
    } while (again);
  } catch {
    lost();
  } finally {
    fetching = false;
  }
}

const silence = "The playground does not answer. Is it still running?";
function lost() { tell(silence, true); }
function found() { if ($("notice").textContent === silence) tell(""); }

function draw(v) {
  here.person = v.me;
  here.channel = v.channel;
  history.replaceState(null, "", "#" + new URLSearchParams(here));
  fillMap(world.people, v.people.map((p) => [p.id, p.name]));
  fillMap(world.roles, v.roles.map((r) => [r.id, r.name]));
  fillMap(world.channels, v.channels.map((c) => [c.id, c.name]));
  fillMap(world.channelTypes, v.channels.map((c) => [c.id, c.type]));
  composer.commands = v.commands;
  drawSide(v);
  drawStage(v.stage);
  drawMessages(v);
  document.body.dataset.revision = v.revision;
}

function fillMap(map, pairs) {
  map.clear();
  for (const [k, val] of pairs) map.set(k, val);
}

function drawSide(v) {
  const me = v.people.find((p) => p.id === v.me);
  const channel = v.channels.find((c) => c.id === v.channel);
  $("server").textContent = v.server;
  $("channel-name").textContent = "# " + channel.name;
  $("topic").textContent = channel.topic;
  const text = v.channels.filter((c) => c.visible && c.type !== 2);
  const menus = v.commands.filter((c) => c.type === 2);
  keep($("channels"), text.map((c) => [c.id, c.name, c.id === v.channel]), () =>
    text.map((c) => el("li", {}, el("button", { type: "button", "aria-current": c.id === v.channel ? "true" : null, onclick: () => go({ channel: c.id }) }, "# " + c.name))));
  keep($("people"), [v.people, v.me, menus.map((m) => m.name)], () =>
    v.people.map((p) => el("li", {},
      el("button", { type: "button", "data-person": p.name, "aria-current": p.id === v.me ? "true" : null, onclick: () => go({ person: p.id }) }, p.name, el("small", {}, p.about)),
      menus.map((m) => el("button", { type: "button", title: `Apps: ${m.name}`, "aria-label": `${m.name} of ${p.name}`, onclick: () => act("command", { command: m.name, target: p.id }) }, "⋯")))));
  keep($("channel-select"), [text, v.channel], () => text.map((c) => el("option", { value: c.id, selected: c.id === v.channel }, "# " + c.name)));
  keep($("person-select"), [v.people, v.me], () => v.people.map((p) => el("option", { value: p.id, selected: p.id === v.me }, p.name)));
  document.title = `${me.name} in #${channel.name} – progressbot playground`;
}

// keep replaces a node's children only when what they show has changed.
function keep(node, key, children) {
  const text = JSON.stringify(key);
  if (node.dataset.shown === text) return;
  node.dataset.shown = text;
  node.replaceChildren(...children());
}

function go(to) {
  Object.assign(here, to);
  tell("");
  drawn.clear();
  $("messages").replaceChildren();
  refresh();
}

function drawMessages(v) {
  const box = $("messages");
  const focused = document.activeElement && document.activeElement.dataset.control;
  const first = drawn.size === 0;
  const nodes = (v.messages || []).map((m) => {
    const text = JSON.stringify(m);
    const old = drawn.get(m.id);
    if (old && old.text === text) return old.node;
    const node = drawMessage(m, v.me, world, act);
    if (!old && !first) node.classList.add("new");
    if (old && old.node.contains(document.activeElement)) queueMicrotask(() => refocus(node, focused));
    drawn.set(m.id, { text, node });
    return node;
  });
  for (const id of [...drawn.keys()]) if (!v.messages || !v.messages.some((m) => m.id === id)) drawn.delete(id);
  place(box, nodes.length ? nodes : [welcome]);
  if (first) atEnd = true;
  stayAtEnd();
}

// Whoever reads the newest message goes on doing so when another one comes,
// a picture has loaded or the window changes.
let atEnd = true, lastTop = 0;
function stayAtEnd() { if (atEnd) $("messages").scrollTop = $("messages").scrollHeight; }
$("messages").addEventListener("scroll", ({ target: box }) => {
  if (box.scrollHeight - box.scrollTop - box.clientHeight < 80) atEnd = true;
  else if (box.scrollTop < lastTop) atEnd = false;
  lastTop = box.scrollTop;
});
$("messages").addEventListener("load", stayAtEnd, true);
addEventListener("resize", stayAtEnd);

const welcome = el("p", { class: "empty" }, "Nothing here yet. Type / in the box below and choose progress, or be somebody else on the left.");

// place makes nodes the children of box. What stays is not touched, lest a
// screen reader reads it out again.
function place(box, nodes) {
  const stay = new Set(nodes);
  for (const node of [...box.children]) if (!stay.has(node)) node.remove();
  nodes.forEach((node, i) => { if (box.children[i] !== node) box.insertBefore(node, box.children[i] || null); });
}

function refocus(node, control) {
  const next = control && [...node.querySelectorAll("[data-control]")].find((n) => n.dataset.control === control && !n.disabled);
  (next || node.querySelector("button:not(:disabled), select") || $("messages")).focus();
}

function drawStage(s) {
  keep($("faults"), s.faults, () => s.faults.map((f) => el("label", {},
    el("input", { type: "checkbox", "data-fault": f.name, checked: f.on, onchange: (e) => stage({ action: "fault", name: f.name, on: e.target.checked }) }), f.about)));
  if (document.activeElement !== $("mode")) $("mode").value = s.mode;
  document.body.dataset.up = s.up;
}

async function stage(body, meanwhile) {
  await act("stage", body, meanwhile);
  refresh();
}

function exchange(x) {
  const bad = x.status >= 400;
  const way = { rest: "bot → Discord", "from-bot": "bot → gateway", "to-bot": "gateway → bot", webhook: "Discord → bot" }[x.kind] || x.kind;
  const what = x.method ? [x.status, x.method, shortly(x.path)].filter(Boolean).join(" ") : brief(x.request || x.response);
  $("exchanges").prepend(el("li", { class: bad ? "bad" : null }, el("details", {},
    el("summary", { title: x.path }, `${way}: ${what}`),
    x.request ? el("pre", {}, pretty(x.request)) : null,
    x.response ? el("pre", {}, pretty(x.response)) : null)));
  while ($("exchanges").children.length > maxExchanges) $("exchanges").lastChild.remove();
}

// shortly is a path without the IDs in it, so that its end is to be seen.
function shortly(path) { return path.replace(/\d{15,}|\[redacted\]/g, "…"); }

const ops = { 0: "event", 1: "heartbeat", 2: "identify", 6: "resume", 7: "reconnect", 9: "invalid session", 10: "hello", 11: "heartbeat ack" };

function brief(text) {
  try {
    const p = JSON.parse(text);
    return [ops[p.op] ?? `op ${p.op}`, p.t].filter(Boolean).join(" ");
  } catch { return (text || "").slice(0, 60); }
}

function pretty(text) {
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; }
}

function listen() {
  const events = new EventSource("/api/events");
  events.addEventListener("change", refresh);
  events.addEventListener("error", lost); // it tries again by itself
  events.addEventListener("open", found);
  events.addEventListener("exchange", (e) => exchange(JSON.parse(e.data)));
}

document.querySelector(".skip").addEventListener("click", (e) => { e.preventDefault(); composer.focus(); });
$("channel-select").addEventListener("change", (e) => go({ channel: e.target.value }));
$("person-select").addEventListener("change", (e) => go({ person: e.target.value }));
$("restart").addEventListener("click", () => stage({ action: "restart" }, "The bot is being restarted…"));
$("mode").addEventListener("change", (e) => stage({ action: "mode", name: e.target.value }, "The bot is being restarted…"));
for (const b of document.querySelectorAll("[data-advance]")) b.addEventListener("click", () => act("stage", { action: "advance", count: Number(b.dataset.advance) }));
function backstage(open) {
  $("backstage").classList.toggle("open", open);
  $("backstage-toggle").setAttribute("aria-expanded", String(open));
}
$("backstage-toggle").addEventListener("click", () => backstage(!$("backstage").classList.contains("open")));
$("backstage").addEventListener("keydown", (e) => {
  if (e.key !== "Escape") return;
  backstage(false);
  $("backstage-toggle").focus();
});
$("theme").addEventListener("click", () => {
  const light = document.documentElement.dataset.theme === "light"
    || (!document.documentElement.dataset.theme && matchMedia("(prefers-color-scheme: light)").matches);
  document.documentElement.dataset.theme = light ? "dark" : "light";
});
setInterval(tick, 1000);
listen();
refresh();
