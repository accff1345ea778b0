// Draws messages and their controls.
import { el } from "./dom.js";
import { markup } from "./markup.js";

const PRIVATE = 1 << 6;
const styles = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link" };

// drawMessage makes the node of one message. act is called with what a
// person does to it: act("press" | "choose", body).
export function drawMessage(m, me, world, act) {
  const hidden = (m.flags & PRIVATE) !== 0;
  const body = el("div", { class: "body" });
  if (m.thinking) body.append(el("p", { class: "dim thinking" }, `${name(m.author)} is thinking`));
  if (m.content) body.append(el("div", { class: "content" }, markup(m.content)));
  body.append(...m.attachments.flatMap((a, i) => (embedded(m, a) ? [] : [attachment(m, a, i)])));
  body.append(...m.embeds.map((e) => embed(m, e)));
  body.append(...m.components.map((row) => controls(m, row, world, act)));
  if (hidden) body.append(el("p", { class: "only" }, "Only you can see this"));
  return el("article", { class: hidden ? "message private" : "message", "aria-label": `Message from ${name(m.author)}`, "data-id": m.id },
    el("div", { class: "avatar", "aria-hidden": "true" }, name(m.author)[0].toUpperCase()),
    m.invoked && m.asker ? el("p", { class: "by" }, `${world.people.get(m.asker) || "somebody"} used ${m.invoked.startsWith("View") ? "" : "/"}${m.invoked}`) : null,
    el("p", { class: "from" }, name(m.author), m.author.bot ? el("span", { class: "tag" }, "APP") : null,
      el("time", { dateTime: m.timestamp }, new Date(m.timestamp).toLocaleTimeString(undefined, { timeStyle: "short" }))),
    body);
}

function name(user) { return user.global_name || user.username; }

function embedded(m, a) {
  return m.embeds.some((e) => [e.image, e.thumbnail].some((i) => i && i.url.endsWith("/" + a.filename)));
}

function attachment(m, a, i) {
  if (a.content_type !== "image/png") return el("p", { class: "dim" }, `Attachment: ${a.filename}`);
  return el("figure", {}, el("img", { src: `/api/attachment/${m.id}/${i}?${encodeURIComponent(a.url)}`, alt: a.description || "" }));
}

// picture draws an embed's picture: an attachment of the same message, or a
// stand-in, because the page loads nothing from elsewhere.
function picture(m, media, cls) {
  const i = m.attachments.findIndex((a) => media.url.endsWith("/" + a.filename));
  if (i >= 0) return el("div", { class: cls }, attachment(m, m.attachments[i], i));
  return el("div", { class: `${cls} placeholder`, role: "img", "aria-label": media.description || "Picture" });
}

function embed(m, e) {
  const node = el("section", { class: "embed" });
  if (e.color !== undefined) node.style.borderLeftColor = "#" + e.color.toString(16).padStart(6, "0");
  if (e.author) node.append(el("p", { class: "author" }, e.author.name));
  if (e.title) node.append(el("div", { class: "title" }, markup(e.title)));
  if (e.description) node.append(markup(e.description));
  if (e.thumbnail) node.append(picture(m, e.thumbnail, "thumb"));
  if (e.fields) {
    node.append(el("div", { class: "fields" }, e.fields.map((f) =>
      el("div", { class: f.inline ? "field inline" : "field" }, el("b", {}, markup(f.name)), markup(f.value)))));
  }
  if (e.image) node.append(picture(m, e.image, "picture"));
  const foot = [e.footer && e.footer.text, e.timestamp && new Date(e.timestamp).toLocaleString(undefined, { dateStyle: "short", timeStyle: "short" })].filter(Boolean);
  if (foot.length) node.append(el("p", { class: "foot" }, foot.join(" • ")));
  return node;
}

function controls(m, row, world, act) {
  return el("div", { class: "controls" }, (row.components || []).map((c) => {
    if (c.type !== 2) return select(m, c, world, act);
    if (c.style === 5) return el("a", { href: c.url, target: "_blank", rel: "noopener noreferrer", class: "link" }, c.label, " ↗");
    return el("button", {
      type: "button", class: styles[c.style], disabled: c.disabled, "data-control": c.custom_id,
      onclick: () => act("press", { message: m.id, control: c.custom_id }),
    }, c.label || (c.emoji && c.emoji.name) || "");
  }));
}

// choices are what a select menu offers: its own options, or people, roles
// and channels.
export function choices(c, world) {
  switch (c.type) {
    case 3: return c.options.map((o) => ({ value: o.value, label: o.description ? `${o.label} · ${o.description}` : o.label, on: o.default }));
    case 5: return [...world.people].map(([value, label]) => ({ value, label: "@" + label }));
    case 6: return [...world.roles].map(([value, label]) => ({ value, label: "@" + label }));
    case 8: return [...world.channels].filter(([id]) => !c.channel_types || !c.channel_types.length || c.channel_types.includes(world.channelTypes.get(id)))
      .map(([value, label]) => ({ value, label: "#" + label }));
    default: return [];
  }
}

function select(m, c, world, act) {
  const chosen = new Set((c.default_values || []).map((d) => d.id));
  const many = (c.max_values ?? 1) > 1;
  const label = c.placeholder || "Choose";
  const node = el("select", { "data-control": c.custom_id, "aria-label": label, disabled: c.disabled, multiple: many },
    many ? null : el("option", { value: "" }, label),
    choices(c, world).map((o) => el("option", { value: o.value, selected: o.on || chosen.has(o.value) }, o.label)));
  const send = () => act("choose", { message: m.id, control: c.custom_id, values: [...node.selectedOptions].map((o) => o.value).filter(Boolean) });
  if (!many) {
    node.addEventListener("change", send);
    return node;
  }
  return el("div", {}, node, el("button", { type: "button", onclick: send }, "Choose"));
}
