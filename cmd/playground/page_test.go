package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestPage walks through the page as somebody who sees it for the first
// time does, with the keyboard where there is a choice.
func TestPage(t *testing.T) {
	t.Parallel()
	b := openPage(t)

	// A command by its first letters, an option by autocomplete.
	b.run(chromedp.Focus("[role=combobox]"), chromedp.KeyEvent("/pro"), chromedp.WaitVisible("#suggestions li"))
	b.run(chromedp.KeyEvent(kb.Tab), chromedp.WaitVisible(`button[data-option=collection]`))
	b.until(`document.activeElement.textContent === "Send"`)
	b.run(chromedp.KeyEvent(kb.Enter))
	b.shows("Page 1 of 2")
	b.press("Next")
	b.shows("Page 2 of 2")
	b.run(chromedp.Focus("[role=combobox]"), chromedp.KeyEvent("/progress"+kb.Tab), chromedp.Click(`button[data-option=collection]`))
	b.run(chromedp.WaitVisible(`input[data-option=collection]`), chromedp.KeyEvent("rée"))
	b.suggested("input[data-option=collection]", 1)
	b.run(chromedp.KeyEvent(kb.Tab))
	b.until(`document.querySelector("input[data-option=collection]").value === "Reef Explorers"`)
	b.run(chromedp.KeyEvent(kb.Enter))
	b.shows("Reef Explorers")
	b.press("Back")
	b.shows("Page 1 of 2")

	// One from the menu, then shared.
	b.pick("Open a collection", "Winter Lights")
	b.shows("Aurora")
	b.press("Share")
	b.shows("Mia's progress")

	// Somebody from the list, by the menu on them.
	b.click(`[aria-label="View progress of finn"]`)
	b.shows("Finn's progress")
	b.shows("mia used View progress")

	// Private replies are the asker's alone; the shared one is everybody's.
	b.be("noah")
	b.shows("Mia's progress")
	b.until(`document.querySelectorAll(".message").length === 1`)
	b.noErrors()
}

// TestPageFaults breaks things from backstage.
func TestPageFaults(t *testing.T) {
	t.Parallel()
	b := openPage(t)
	b.be("ada")
	b.fault("api-down", true)
	b.command("/progress")
	b.shows("cannot be reached just now")
	b.fault("api-down", false)
	b.press("Try again")
	b.shows("Nothing collected yet")

	// For whom something is known, that stands in and says how old it is.
	b.be("mia")
	b.command("/progress")
	b.shows("Page 1 of 2")
	b.fault("api-down", true)
	b.pressUntil("Refresh", "This is how things stood")
	b.shows("Page 1 of 2 · Saved copy, less than a minute old")
	b.looks("standin")
	b.fault("api-down", false)

	// Buttons outlive the bot, on either transport.
	b.run(chromedp.Click("#restart"))
	b.done()
	b.press("Next")
	b.shows("Page 2 of 2")
	ask[bool](b, `(() => {
		const mode = document.getElementById("mode");
		mode.value = "http";
		return mode.dispatchEvent(new Event("change"));
	})()`)
	b.done()
	b.until(`document.querySelectorAll("#exchanges li").length > 0`)
	b.press("Prev")
	b.shows("Page 1 of 2")
	b.noErrors()
}

// TestPageKeepsOthersOut refuses what does not come from the page itself.
func TestPageKeepsOthersOut(t *testing.T) {
	t.Parallel()
	url := startPage(t)
	tests := []struct {
		name   string
		change func(*http.Request)
		want   int
	}{
		{"the page itself", func(*http.Request) {}, http.StatusOK},
		{"another host name", func(r *http.Request) { r.Host = "evil.example.com" }, http.StatusForbidden},
		{"another site", func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, http.StatusForbidden},
		{"a form", func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }, http.StatusUnsupportedMediaType},
		{"garbage", func(r *http.Request) { r.Body = http.NoBody }, http.StatusBadRequest},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/api/stage", strings.NewReader(`{"action":"fault","name":"api-slow"}`))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/json")
			tt.change(r)
			resp, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			if err := resp.Body.Close(); err != nil {
				t.Error(err)
			}
			if resp.StatusCode != tt.want {
				t.Errorf("status %d, want %d", resp.StatusCode, tt.want)
			}
		})
	}
	http.DefaultClient.CloseIdleConnections()
}
