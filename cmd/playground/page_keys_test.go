package main

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestPageKeys goes the whole way with the keyboard alone, and looks at what
// a screen reader is told meanwhile.
func TestPageKeys(t *testing.T) {
	t.Parallel()
	b := openPage(t)
	b.run(chromedp.KeyEvent(kb.Tab))
	b.focused(`"Skip to the message box"`)
	b.run(chromedp.KeyEvent(kb.Enter))
	b.until(`document.activeElement.ariaLabel === "Message box"`)
	b.named("link", "button", "combobox", "checkbox", "log", "status", "navigation", "main", "complementary")

	// The message box says which suggestion is marked.
	b.hear()
	b.run(chromedp.KeyEvent("/progress"), chromedp.WaitVisible("#suggestions li"))
	b.until(`document.getElementById(document.activeElement.getAttribute("aria-activedescendant"))?.textContent.startsWith("/progress")`)
	b.named("listbox", "option")
	b.run(chromedp.KeyEvent(kb.Tab))
	b.focused(`"Send"`)
	b.run(chromedp.KeyEvent(kb.Enter))
	b.shows("Page 1 of 2")
	b.heard("/progress")

	// Next, and what took its place: the keyboard stays where it was.
	b.until(`document.activeElement.ariaLabel === "Message box"`)
	b.tabTo("Next")
	b.run(chromedp.KeyEvent(kb.Enter))
	b.shows("Page 2 of 2")
	b.until(`document.querySelector(".message").contains(document.activeElement)`)

	// An option by its first letters.
	b.run(chromedp.Focus("[role=combobox]"), chromedp.KeyEvent("/progress"+kb.Tab))
	b.tabTo("+ collection")
	b.run(chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible("input[data-option=collection]"), chromedp.KeyEvent("reef"))
	b.suggested("input[data-option=collection]", 1)
	b.named("option")
	b.run(chromedp.KeyEvent(kb.Tab + kb.Enter))
	b.shows("Reef Explorers")

	// What is above changes; what is below is not read out again.
	b.heard("/progress")
	b.tabTo("Prev")
	b.run(chromedp.KeyEvent(kb.Enter))
	b.until(`document.querySelector(".message").innerText.includes("Page 1 of 2")`)
	if again := ask[int](b, `window.read.filter((n) => n === document.querySelectorAll(".message")[1]).length`); again != 0 {
		b.t.Error("the message below the one that changed is read out again")
	}
	b.named("article", "image")
	b.noErrors()
}

// focused waits until the keyboard is on what has a text, and it shows.
func (b *browser) focused(text string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`document.activeElement.textContent === %s`, text))
	b.visibleFocus()
}

// visibleFocus checks that one can see where the keyboard is.
func (b *browser) visibleFocus() {
	b.t.Helper()
	lost := ask[string](b, `(() => {
		const node = document.activeElement, style = getComputedStyle(node), at = node.getBoundingClientRect();
		const seen = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
			&& at.right > 0 && at.bottom > 0 && at.left < innerWidth && at.top < innerHeight;
		return seen ? "" : node.outerHTML.slice(0, 200);
	})()`)
	if lost != "" {
		b.t.Errorf("the keyboard is where one cannot see it: %s", lost)
	}
}

// tabTo goes back from control to control until one has a text.
func (b *browser) tabTo(text string) {
	b.t.Helper()
	for range 60 {
		b.run(chromedp.KeyEvent(kb.Tab, chromedp.KeyModifiers(chromedp.ModifierShift)))
		b.visibleFocus()
		if ask[string](b, `document.activeElement.textContent`) == text {
			return
		}
	}
	b.t.Fatalf("no way to %q with the keyboard; the channel shows:\n%s", text, b.text())
}

// hear notes what a screen reader would read out: what is added to the log.
func (b *browser) hear() {
	b.t.Helper()
	ask[bool](b, `(() => {
		window.read = [];
		new MutationObserver((all) => window.read.push(...all.flatMap((m) => [...m.addedNodes]))).observe(document.querySelector("[role=log][aria-live=polite]"), { childList: true });
		return true;
	})()`)
}

// heard waits until a text was read out, and forgets it.
func (b *browser) heard(text string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`window.read.some((n) => n.innerText.includes(%q))`, text))
	ask[bool](b, `(window.read = []).length === 0`)
}

// named checks in the accessibility tree that there is something of each of
// the roles, and that all of it has a name.
func (b *browser) named(roles ...string) {
	b.t.Helper()
	found := map[string]int{}
	b.run(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		tree, err := cdp.Call(ctx, t, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
		if err != nil {
			return err
		}
		for _, node := range tree.Nodes {
			if role := valueOf(node.Role); !node.Ignored {
				found[role]++
				if valueOf(node.Name) == "" && nameable(role) {
					b.t.Errorf("a %s has no name", role)
				}
			}
		}
		return nil
	}))
	for _, role := range roles {
		if found[role] == 0 {
			b.t.Errorf("there is no %s; there are %v", role, found)
		}
	}
}

// nameable reports whether things of a role say nothing without a name.
func nameable(role string) bool {
	switch role {
	case "button", "link", "combobox", "textbox", "checkbox", "listbox", "option", "dialog", "image", "article", "log":
		return true
	}
	return false
}

func valueOf(v *accessibility.Value) string {
	if v == nil {
		return ""
	}
	return strings.Trim(string(v.Value), `"`)
}
