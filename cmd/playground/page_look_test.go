package main

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestPageLook looks at the page as the README shows it.
func TestPageLook(t *testing.T) {
	t.Parallel()
	b := openPage(t)
	b.command("/progress")
	b.shows("Page 1 of 2")
	b.looks("overview")
	b.pick("Open a collection", "Reef Explorers")
	b.shows("Missing")
	b.looks("page")
	b.run(chromedp.Focus("[role=combobox]"), chromedp.KeyEvent("/"), chromedp.WaitVisible("#suggestions li"))
	b.looks("suggestions")
	b.size(360, 780)
	b.run(chromedp.KeyEvent(kb.Escape+kb.Escape), chromedp.Click("#backstage-toggle"), chromedp.WaitVisible("#restart"))
	b.looks("backstage")
	b.run(chromedp.Focus("#restart"), chromedp.KeyEvent(kb.Escape), chromedp.WaitNotPresent("#backstage.open"))
	b.be("maya")
	b.command("/progress")
	b.press("Last")
	b.shows("Page 50 of 50")
	b.looks("many")
	b.noErrors()
}

// looks keeps the page inside its window at every width, and its text legible
// in both themes. With PROGRESSBOT_PICTURES set to a folder it also leaves
// pictures there, for the README and for the eye.
func (b *browser) looks(scene string) {
	b.t.Helper()
	for _, theme := range []string{"dark", "light"} {
		b.theme(theme)
		for _, size := range [][2]int64{{360, 780}, {768, 1024}, {1440, 900}} {
			b.size(size[0], size[1])
			b.until(`[...document.images].every((n) => n.complete)`)
			b.until(`(() => { const all = document.getElementById("messages"); return all.scrollHeight - all.scrollTop - all.clientHeight < 1; })()`)
			if wide := ask[[]string](b, wide); len(wide) > 0 {
				b.t.Errorf("%s is wider than a window of %d: %s", scene, size[0], strings.Join(wide, "; "))
			}
			b.picture(scene + "-" + theme + "-" + strconv.FormatInt(size[0], 10))
		}
		b.legible(scene, theme)
	}
}

// wide lists what sticks out of the window.
const wide = `[...document.querySelectorAll("main, main *, dialog[open] *")].filter((n) => n.checkVisibility({ visibilityProperty: true }) && n.getBoundingClientRect().right > innerWidth + 1).map((n) => n.outerHTML.slice(0, 80))`

// legible measures the contrast of every text that is to be seen.
func (b *browser) legible(scene, theme string) {
	b.t.Helper()
	script, err := os.ReadFile("testdata/contrast.js")
	if err != nil {
		b.t.Fatal(err)
	}
	if bad := ask[[]string](b, string(script)); len(bad) > 0 {
		b.t.Errorf("%s, %s: text below a contrast of 4.5: %s", scene, theme, strings.Join(bad, "; "))
	}
}

func (b *browser) picture(name string) {
	b.t.Helper()
	folder := os.Getenv("PROGRESSBOT_PICTURES")
	if folder == "" {
		return
	}
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), png, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

func (b *browser) size(width, height int64) {
	b.t.Helper()
	b.run(chromedp.EmulateViewport(width, height))
}

func (b *browser) theme(name string) {
	b.t.Helper()
	b.run(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}},
		})
		return err
	}))
}
