// The message box: slash commands as registered, their options, suggestions.
import { el } from "./dom.js";
import { post } from "./api.js";
import { choices } from "./draw.js";

const SUB = 1, WHOLE = 4, YESNO = 5;
const menus = { 6: 5, 7: 8, 8: 6 }; // options for people, channels and roles, and the menus that offer those

// Composer owns the form. tell shows a line to the person; run sends a
// command.
export class Composer {
  constructor(form, { where, world, run, tell }) {
    Object.assign(this, { form, where, world, run, tell });
    this.commands = [];
    this.list = el("ul", { id: "suggestions", class: "suggestions", role: "listbox", "aria-label": "Suggestions", hidden: true });
    form.addEventListener("submit", (e) => { e.preventDefault(); this.submit(); });
    this.clear();
  }

  // offered lists the commands by full path.
  offered() {
    const out = [];
    for (const c of this.commands) {
      if (c.type !== 1) continue;
      const subs = (c.options || []).filter((o) => o.type === SUB);
      if (subs.length) out.push(...subs.map((s) => ({ path: `${c.name} ${s.name}`, about: s.description, options: s.options || [] })));
      else out.push({ path: c.name, about: c.description, options: c.options || [] });
    }
    return out;
  }

  clear(focus) {
    this.command = null;
    this.input = this.textbox("Message box", "Type / for commands");
    this.input.addEventListener("input", () => this.suggestCommands());
    this.form.replaceChildren(this.list, el("div", { class: "box" }, this.input));
    this.show([]);
    if (focus) this.input.focus();
  }

  textbox(label, placeholder) {
    const input = el("input", { type: "text", role: "combobox", "aria-label": label, placeholder, autocomplete: "off", spellcheck: false });
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", "suggestions");
    input.setAttribute("aria-expanded", "false");
    input.addEventListener("keydown", (e) => this.key(e));
    return input;
  }

  suggestCommands() {
    const text = this.input.value;
    if (!text.startsWith("/")) { this.show([]); return; }
    const typed = text.slice(1).toLowerCase();
    this.show(this.offered().filter((c) => c.path.startsWith(typed) || c.path.includes(typed)).map((c) => ({
      main: "/" + c.path, more: c.about, pick: () => this.begin(c),
    })), this.input);
  }

  // use begins a command by its path, as clicking on its mention does.
  use(path) {
    const c = this.offered().find((o) => o.path === path);
    if (c) this.begin(c);
  }

  // focus goes to where one types, or to what sends the command.
  focus() {
    const first = this.command && this.fields.values().next().value;
    (first ? first.control : this.command ? this.end.firstChild : this.input).focus();
  }

  // begin shows a command with its options.
  begin(c) {
    this.command = c;
    this.fields = new Map();
    this.box = el("div", { class: "box" }, el("span", { class: "pill" }, "/" + c.path));
    this.end = el("span", { class: "row" }, el("button", { type: "submit", class: "send" }, "Send"),
      el("button", { type: "button", class: "add", onclick: () => this.clear(true) }, "Cancel"));
    this.box.append(this.end);
    this.form.replaceChildren(this.list, this.box);
    this.show([]);
    for (const o of c.options) if (o.required) this.addOption(o);
    for (const o of c.options) if (!o.required) this.offerOption(o);
    // Later, so that the key that chose the command does not also send it.
    // Whoever was quicker and went elsewhere stays there.
    setTimeout(() => {
      if (!this.form.contains(document.activeElement)) this.focus();
    });
  }

  offerOption(o) {
    const b = el("button", { type: "button", class: "add", "data-option": o.name, title: o.description, onclick: () => { b.remove(); this.addOption(o).focus(); } }, "+ " + o.name);
    this.end.before(b);
  }

  addOption(o) {
    const control = this.controlFor(o);
    control.dataset.option = o.name;
    this.fields.set(o.name, { option: o, control, value: undefined });
    this.end.before(el("label", { class: "option" }, el("span", {}, o.name), control));
    return control;
  }

  controlFor(o) {
    const pick = (pairs) => el("select", { "aria-label": o.name }, pairs.map(([value, label]) => el("option", { value }, label)));
    if (o.type === YESNO) return pick([["true", "yes"], ["false", "no"]]);
    if (menus[o.type]) return pick(choices({ type: menus[o.type], channel_types: o.channel_types }, this.world).map((c) => [c.value, c.label]));
    if (o.choices && o.choices.length) return pick(o.choices.map((c) => [c.value, c.name]));
    const input = this.textbox(o.name, o.description);
    if (o.autocomplete) this.complete(o, input);
    return input;
  }

  // complete asks the bot for suggestions as somebody types.
  complete(o, input) {
    let last = 0;
    const pick = (c) => {
      input.value = c.name;
      this.fields.get(o.name).value = c.value;
      this.show([]);
    };
    const ask = async () => {
      const field = this.fields.get(o.name);
      if (field) field.value = undefined; // typed anew
      const mine = ++last;
      let out = {};
      try {
        out = await post("suggest", { ...this.where(), command: this.command.path, options: { ...this.values(), [o.name]: input.value }, focus: o.name });
      } catch { /* as in Discord, there are none then */ }
      if (mine === last && document.activeElement === input) this.show((out.choices || []).map((c) => ({ main: c.name, pick: () => pick(c) })), input);
    };
    input.addEventListener("input", ask);
    input.addEventListener("focus", ask);
  }

  values() {
    const out = {};
    for (const [name, f] of this.fields) {
      const raw = f.value ?? f.control.value;
      if (raw === "") continue;
      out[name] = f.option.type === YESNO ? raw === "true" : f.option.type === WHOLE ? Number(raw) : raw;
    }
    return out;
  }

  async submit() {
    if (!this.command) {
      const exact = this.offered().find((c) => "/" + c.path === this.input.value.trim());
      if (!exact) { this.tell(this.input.value ? "Only slash commands do something here; type / to see them" : "", true); return; }
      this.begin(exact);
    }
    const missing = [...this.fields.values()].find((f) => f.option.required && (f.value ?? f.control.value) === "");
    if (missing) { this.tell(`${missing.option.name} is needed`, true); missing.control.focus(); return; }
    const { path } = this.command, options = this.values();
    this.clear(true);
    await this.run({ command: path, options });
  }

  // show lists suggestions for an input.
  show(items, input) {
    this.items = items;
    this.at = items.length ? 0 : -1;
    this.list.replaceChildren(...items.map((it, i) => el("li", {
      id: `suggestion-${i}`, role: "option", onmousedown: (e) => { e.preventDefault(); it.pick(); },
    }, el("b", {}, it.main), it.more ? el("small", {}, it.more) : null)));
    this.list.hidden = !items.length;
    this.owner = input;
    for (const box of this.form.querySelectorAll("[role=combobox]")) box.setAttribute("aria-expanded", String(box === input && items.length > 0));
    this.mark();
  }

  mark() {
    [...this.list.children].forEach((li, i) => li.setAttribute("aria-selected", String(i === this.at)));
    if (this.at >= 0) {
      this.owner.setAttribute("aria-activedescendant", `suggestion-${this.at}`);
      this.list.children[this.at].scrollIntoView({ block: "nearest" });
    } else if (this.owner) this.owner.removeAttribute("aria-activedescendant");
  }

  key(e) {
    const open = this.items && this.items.length > 0;
    switch (e.key) {
      case "ArrowDown": case "ArrowUp":
        if (!open) return;
        this.at = (this.at + (e.key === "ArrowDown" ? 1 : -1) + this.items.length) % this.items.length;
        this.mark();
        break;
      case "Tab": case "Enter":
        if (!open) return;
        this.items[this.at].pick();
        break;
      case "Escape":
        if (open) this.show([]); else this.clear(true);
        break;
      case "Backspace":
        if (!this.command || e.target.value !== "") return;
        this.clear(true);
        break;
      default: return;
    }
    e.preventDefault();
  }
}
