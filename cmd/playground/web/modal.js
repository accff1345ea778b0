// A modal: texts and choices that a command asks for.
import { el } from "./dom.js";
import { choices } from "./draw.js";

// inputs lists a modal's inputs with their labels, in either of Discord's
// two layouts: action rows of text inputs, or labels around one component.
function inputs(components) {
  return components.flatMap((c) => {
    if (c.component) return [{ ...c.component, label: c.label, about: c.description }];
    if (c.components) return inputs(c.components);
    return c.custom_id ? [c] : [];
  });
}

// askModal shows the modal and resolves to its fields, or to null if the
// person thinks better of it.
export function askModal(dialog, modal, world) {
  return new Promise((resolve) => {
    const fields = inputs(modal.components).map((c) => ({ c, node: field(c, world) }));
    const form = el("form", { method: "dialog" },
      el("h2", { id: "modal-title" }, modal.title),
      fields.map(({ c, node }) => el("label", {}, c.label || c.custom_id, c.about ? el("small", { class: "small" }, " " + c.about) : null, node)),
      el("p", { class: "row" },
        el("button", { type: "button", onclick: () => dialog.close() }, "Cancel"),
        el("button", { type: "submit", class: "primary", value: "submit" }, "Submit")));
    let sent = null;
    form.addEventListener("submit", () => {
      sent = Object.fromEntries(fields.map(({ c, node }) => [c.custom_id, node.multiple ? [...node.selectedOptions].map((o) => o.value).join(",") : node.value]));
    });
    dialog.replaceChildren(form);
    dialog.addEventListener("close", () => resolve(sent), { once: true });
    dialog.showModal();
  });
}

function field(c, world) {
  if (c.type !== 4) return el("select", { multiple: (c.max_values ?? 1) > 1 }, choices(c, world).map((o) => el("option", { value: o.value, selected: o.on }, o.label)));
  const props = { name: c.custom_id, required: c.required !== false, placeholder: c.placeholder || "", maxLength: c.max_length ?? 4000, minLength: c.min_length ?? 0, value: c.value || "" };
  return c.style === 2 ? el("textarea", { ...props, rows: 4 }) : el("input", { type: "text", ...props });
}
