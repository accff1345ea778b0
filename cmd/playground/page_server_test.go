package main

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestPageServer sets a server up as its admin and sees what comes of it as
// its members: replies that are public yet their asker's alone to page
// through, and a completion that is announced once.
func TestPageServer(t *testing.T) {
	t.Parallel()
	b := openPage(t)
	b.be("ada")
	b.command("/settings replies")
	b.press("Make replies public")
	b.shows("Make replies private")
	b.chooseChannel()
	b.editMessage()
	b.press("Turn on")
	b.shows("Announcements are on, in #announcements")
	b.press("Send a test message")
	b.shows("See it")

	b.be("mia")
	b.foreignButton()
	b.announcedOnce()
	b.noErrors()
}

// chooseChannel picks where announcements go.
func (b *browser) chooseChannel() {
	b.t.Helper()
	b.command("/settings announcements")
	b.shows("Preview")
	b.until(`[...document.querySelectorAll(".message button")].findLast((n) => n.textContent === "Turn on").disabled`)
	b.pick("Channel for announcements", "#announcements")
	b.shows("Saved. Announcements will go to #announcements when turned on.")
	b.looks("settings")
}

// editMessage goes through the window for the message by keyboard: left with
// Escape, sent empty, with a mistake in it, and again without.
func (b *browser) editMessage() {
	b.t.Helper()
	b.focusButton("Edit message")
	b.run(chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible("dialog[open] textarea"))
	b.until(`document.activeElement.tagName === "TEXTAREA"`)
	b.named("dialog", "textbox")
	b.looks("window")
	b.run(chromedp.KeyEvent(kb.Escape), chromedp.WaitNotPresent("dialog[open]"))
	b.until(`document.activeElement.textContent === "Edit message"`)

	b.run(chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible("dialog[open] textarea"))
	b.until(`(() => { document.activeElement.select(); return document.activeElement.tagName === "TEXTAREA"; })()`)
	b.run(chromedp.KeyEvent(kb.Backspace+kb.Tab+kb.Tab+kb.Enter), chromedp.WaitVisible("dialog[open] textarea:user-invalid:focus"))
	b.run(chromedp.KeyEvent(kb.Escape), chromedp.WaitNotPresent("dialog[open]"))

	write := func(text string) {
		b.run(chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible("dialog[open] textarea"))
		b.until(`(() => { document.activeElement.select(); return document.activeElement.tagName === "TEXTAREA"; })()`)
		b.run(chromedp.KeyEvent(text + kb.Tab + kb.Tab + kb.Enter))
		b.run(chromedp.WaitNotPresent("dialog[open]"))
	}
	write("Well done, {membr}!")
	b.shows("{membr}")
	b.until(`document.querySelector(".message pre").textContent === "Well done, {membr}!"`)
	b.focusButton("Edit again")
	write("Well done, {member}: {collection}!")
	b.shows("Saved")
	b.shows("Well done, @ada")
}

// foreignButton presses a button under somebody else's public reply.
func (b *browser) foreignButton() {
	b.t.Helper()
	b.command("/progress")
	b.shows("Page 1 of 2")
	const reply = `document.querySelector(".message:not(.private)").innerText`
	before := ask[string](b, reply)
	b.be("noah")
	b.shows("Page 1 of 2")
	b.press("Next")
	b.shows("These buttons are not yours")
	b.shows("Only you can see this")
	b.be("mia")
	b.until(`document.querySelectorAll(".message").length === 1`)
	if after := ask[string](b, reply); after != before {
		b.t.Errorf("somebody else's press changed the reply from\n%s\nto\n%s", before, after)
	}
}

// announcedOnce completes a collection and sees one announcement, whatever
// else would be a reason for another.
func (b *browser) announcedOnce() {
	b.t.Helper()
	b.commandWith("/privacy set", "announcements", "Always")
	b.shows("Always")
	b.command("/progress")
	b.shows("11 of 12")
	b.click(`[data-advance="1"]`)
	b.done()
	b.pressUntil("Refresh", "12 of 12")
	b.goTo("announcements")
	b.until(wellDone + ` === 1`)
	b.looks("announcement")

	b.goTo("general")
	b.click("#restart")
	b.done()
	b.command("/progress")
	b.shows("12 of 12")
	b.be("maya")
	b.run(chromedp.Focus("[role=combobox]"), chromedp.KeyEvent("/announce completion"+kb.Tab), chromedp.WaitVisible(`input[data-option=collection]`))
	b.until(`(() => { const who = document.querySelector("select[data-option=member]"); who.value = [...who.options].find((o) => o.label === "@mia").value; return true; })()`)
	b.run(chromedp.SendKeys("input[data-option=collection]", "Winter Lights"))
	b.suggested("input[data-option=collection]", 1)
	b.run(chromedp.KeyEvent(kb.Tab + kb.Enter))
	b.shows("Announced already")
	b.goTo("announcements")
	b.until(wellDone + ` >= 1`)
	if n := ask[int](b, wellDone); n != 1 {
		b.t.Errorf("announced %d times, want once", n)
	}
}

// wellDone counts the announcements of what Mia completed.
const wellDone = `[...document.querySelectorAll(".message")].filter((n) => n.innerText.includes("Well done, @mia: Winter Lights")).length`

// commandWith sends a command with one option, which has choices.
func (b *browser) commandWith(text, option, choice string) {
	b.t.Helper()
	b.run(chromedp.Focus("[role=combobox]"), chromedp.KeyEvent(text+kb.Tab), chromedp.Click(fmt.Sprintf("button[data-option=%q]", option)))
	b.until(fmt.Sprintf(`(() => {
		const menu = document.querySelector("select[data-option=%s]");
		const found = menu && [...menu.options].find((o) => o.label.startsWith(%q));
		if (!found) return false;
		menu.value = found.value;
		return true;
	})()`, option, choice))
	b.click(".send")
}

// pressUntil presses a button of the newest message again and again, as fast
// as the bot answers, until the message shows a text.
func (b *browser) pressUntil(label, text string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`(() => {
		const message = [...document.querySelectorAll(".message")].at(-1);
		if (message?.innerText.includes(%q)) return true;
		const button = [...message?.querySelectorAll("button:not(:disabled)") ?? []].find((n) => n.textContent === %q);
		if (document.body.dataset.busy !== "true") button?.click();
		return false;
	})()`, text, label))
}

// goTo opens another channel.
func (b *browser) goTo(channel string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`(() => {
		[...document.querySelectorAll("#channels button")].find((n) => n.textContent === "# %[1]s")?.click();
		return document.title.includes("#%[1]s ");
	})()`, channel))
}

// pick chooses from the newest menu of a name.
func (b *browser) pick(menu, label string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`(() => {
		const menu = [...document.querySelectorAll(".message select")].findLast((n) => n.ariaLabel === %q);
		const option = menu && [...menu.options].find((o) => o.label.startsWith(%q));
		if (!option) return false;
		menu.value = option.value;
		return menu.dispatchEvent(new Event("change"));
	})()`, menu, label))
}

// focusButton goes to a button of the newest message that has it.
func (b *browser) focusButton(label string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`(() => {
		const button = [...document.querySelectorAll(".message button:not(:disabled)")].findLast((n) => n.textContent === %q);
		button?.focus();
		return button !== undefined && document.activeElement === button;
	})()`, label))
}
