// Draws Discord's markup as DOM nodes: what a person would see in a message.
import { el } from "./dom.js";

// names tells what to call the people, roles, channels and commands that a
// text mentions.
export const names = { people: new Map(), roles: new Map(), channels: new Map(), use: () => {} };

const inline = [
  [/^\\([^A-Za-z0-9\s])/, (m) => m[1]],
  [/^`([^`\n]+)`/, (m) => el("code", {}, m[1])],
  [/^\*\*([^\n]+?)\*\*(?!\*)/, (m) => el("strong", {}, spans(m[1]))],
  [/^__([^\n]+?)__/, (m) => el("u", {}, spans(m[1]))],
  [/^\*([^\s*][^*\n]*)\*/, (m) => el("em", {}, spans(m[1]))],
  [/^~~([^\n]+?)~~/, (m) => el("s", {}, spans(m[1]))],
  [/^<t:(-?\d{1,13})(?::([a-zA-Z]))?>/, (m) => moment(Number(m[1]), m[2] || "f")],
  [/^<@!?(\d+)>/, (m) => mention("@" + (names.people.get(m[1]) || "unknown-user"))],
  [/^<@&(\d+)>/, (m) => mention("@" + (names.roles.get(m[1]) || "unknown-role"))],
  [/^<#(\d+)>/, (m) => mention("#" + (names.channels.get(m[1]) || "unknown"))],
  [/^<\/([^:<>]+):(\d+)>/, (m) => command(m[1])],
  [/^<a?:(\w+):\d+>/, (m) => `:${m[1]}:`],
  [/^\[([^\]\n]+)\]\((https:\/\/[^\s)]+)\)/, (m) => link(m[2], m[1])],
  [/^https:\/\/[^\s<>)]+/, (m) => link(m[0], m[0])],
];

// spans draws one line.
function spans(text) {
  const out = [];
  let plain = "";
  const flush = () => { if (plain) out.push(plain); plain = ""; };
  next: while (text) {
    for (const [pattern, draw] of inline) {
      const m = pattern.exec(text);
      if (!m) continue;
      const drawn = draw(m);
      if (typeof drawn === "string") plain += drawn;
      else { flush(); out.push(drawn); }
      text = text.slice(m[0].length);
      continue next;
    }
    const [first] = text;
    plain += first;
    text = text.slice(first.length);
  }
  flush();
  return out;
}

// markup draws a whole text: what is between fences as it stands.
export function markup(text) {
  const root = el("div", { class: "markup" });
  (text || "").split(/^```\n([^]*?)\n```\n?/m).forEach((part, i) => {
    if (i % 2) root.append(el("pre", {}, part));
    else if (part) paragraphs(root, part);
  });
  return root;
}

function paragraphs(root, text) {
  const lines = text.split("\n");
  lines.forEach((line, i) => {
    const end = i < lines.length - 1 ? "\n" : "";
    let m;
    if ((m = /^-# (.*)/.exec(line))) root.append(el("div", { class: "small" }, spans(m[1])));
    else if ((m = /^#{1,3} (.*)/.exec(line))) root.append(el("div", { class: "heading" }, spans(m[1])));
    else if ((m = /^> (.*)/.exec(line))) root.append(el("blockquote", {}, spans(m[1])));
    else if ((m = /^(\s*)[-*] (.*)/.exec(line))) root.append(m[1] + "• ", ...spans(m[2]), end);
    else root.append(...spans(line), end);
  });
}

function mention(text) { return el("span", { class: "mention" }, text); }

function link(url, text) { return el("a", { href: url, target: "_blank", rel: "noopener noreferrer nofollow" }, text); }

function command(path) {
  return el("button", { type: "button", class: "mention", onclick: () => names.use(path) }, "/" + path);
}

const forms = {
  t: { timeStyle: "short" }, T: { timeStyle: "medium" }, d: { dateStyle: "short" }, D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" }, F: { dateStyle: "full", timeStyle: "short" },
  s: { dateStyle: "short", timeStyle: "short" }, S: { dateStyle: "short", timeStyle: "medium" },
};

function moment(seconds, style) {
  const at = new Date(seconds * 1000);
  if (Number.isNaN(at.getTime())) return el("span", {}, "Invalid date");
  const whole = new Intl.DateTimeFormat(undefined, forms.F).format(at);
  const node = el("time", { dateTime: at.toISOString(), title: whole });
  if (style === "R") {
    node.dataset.relative = seconds;
    node.textContent = relative(seconds);
  } else node.textContent = new Intl.DateTimeFormat(undefined, forms[style] || forms.f).format(at);
  return node;
}

const steps = [["year", 31536000], ["month", 2592000], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
const words = new Intl.RelativeTimeFormat(undefined, { numeric: "always" });

function relative(seconds) {
  const left = seconds - Date.now() / 1000;
  const [unit, size] = steps.find(([, n]) => Math.abs(left) >= n) || steps.at(-1);
  return words.format(Math.trunc(left / size), unit);
}

// tick keeps relative times true.
export function tick() {
  for (const node of document.querySelectorAll("time[data-relative]")) {
    const text = relative(Number(node.dataset.relative));
    if (node.textContent !== text) node.textContent = text;
  }
}
