package main

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// patience bounds every wait for the page; nothing here waits for a time.
const patience = 30 * time.Second

// browser is a tab with the playground's page in it.
type browser struct {
	t   *testing.T
	ctx context.Context
	url string

	mu     sync.Mutex
	errors []string // what the page wrote to the console as an error
}

// openPage starts a playground and opens its page in a tab of its own.
func openPage(t *testing.T) *browser {
	t.Helper()
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("PROGRESSBOT_REQUIRE_BROWSER") != "" {
			t.Fatal("chromium is required and not installed")
		}
		t.Skip("chromium is not installed; the page is not tested")
	}
	b := &browser{t: t, url: startPage(t)}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("force-color-profile", "srgb"), chromedp.UserDataDir(t.TempDir()))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(alloc)
	b.ctx = ctx
	messages := chromedp.Console(ctx) // starts the browser
	read := make(chan struct{})
	go func() {
		defer close(read)
		b.listen(messages)
	}()
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Errorf("close the browser: %v", err)
		}
		cancel()
		stop()
		<-read
	})
	b.size(1440, 1000)
	b.run(chromedp.Navigate(b.url), chromedp.WaitVisible("#channel-name"), chromedp.WaitVisible("[role=combobox]"))
	b.until(`document.body.dataset.up === "true"`)
	return b
}

// startPage runs the whole program with its page and no prompt.
func startPage(t *testing.T) string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	told := make(chan string, 1)
	out := &lineWriter{line: func(line string) {
		if _, url, ok := strings.Cut(line, " at "); ok {
			told <- strings.TrimSpace(url)
		}
	}}
	var errs bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"-prompt=false"}, noEnv, strings.NewReader(""), out, &errs)
	}()
	t.Cleanup(func() {
		cancel()
		if code := <-ended; code != 0 {
			t.Errorf("the playground ended with status %d: %s", code, errs.String())
		}
	})
	select {
	case url := <-told:
		return url
	case code := <-ended:
		ended <- code
		t.Fatalf("the playground ended with status %d: %s", code, errs.String())
	case <-time.After(patience):
		t.Fatal("the playground tells no address")
	}
	return ""
}

// lineWriter calls line with everything that is written.
type lineWriter struct{ line func(string) }

func (w *lineWriter) Write(p []byte) (int, error) {
	w.line(string(p))
	return len(p), nil
}

// listen collects what goes wrong in the page.
func (b *browser) listen(messages iter.Seq2[chromedp.ConsoleMessage, error]) {
	for m, err := range messages {
		if err != nil {
			return // the tab is closed
		}
		if m.IsException() || m.Type == "error" {
			b.mu.Lock()
			b.errors = append(b.errors, m.String())
			b.mu.Unlock()
		}
	}
}

func (b *browser) noErrors() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.errors) > 0 {
		b.t.Errorf("the page's console has errors: %q", b.errors)
	}
}

func (b *browser) run(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("%v; the channel shows:\n%s", err, b.text())
	}
}

// until waits for a JavaScript condition.
func (b *browser) until(condition string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](condition, chromedp.WithPollingInterval(30*time.Millisecond))); err != nil {
		b.t.Fatalf("wait for %s: %v; the channel shows:\n%s", condition, err, b.text())
	}
}

// ask evaluates a JavaScript expression.
func ask[T any](b *browser, expression string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("evaluate %s: %v", expression, err)
	}
	return v
}

// shows waits until the newest message holds a text.
func (b *browser) shows(text string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`[...document.querySelectorAll(".message")].at(-1)?.innerText.includes(%q)`, text))
}

// text is what the channel shows.
func (b *browser) text() string {
	ctx, cancel := context.WithTimeout(b.ctx, 5*time.Second)
	defer cancel()
	s, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.getElementById("messages").innerText + "\n" + document.getElementById("notice").innerText`))
	if err != nil {
		return err.Error()
	}
	return s
}

// press clicks a button of the newest message that has it.
func (b *browser) press(label string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`(() => {
		const all = [...document.querySelectorAll(".message button:not(:disabled)")].filter((n) => n.textContent === %q);
		if (!all.length) return false;
		all.at(-1).click();
		return true;
	})()`, label))
}

// command types a command that needs no options, and sends it.
func (b *browser) command(text string) {
	b.t.Helper()
	b.run(chromedp.Focus("[role=combobox]"), chromedp.KeyEvent(text+kb.Tab), chromedp.WaitVisible(".pill"))
	b.until(`document.activeElement.textContent === "Send"`)
	b.run(chromedp.KeyEvent(kb.Enter))
}

// suggested waits for n suggestions. A bot that is busy answers with none, as
// Discord wants it in time; then, as a person would, it types on.
func (b *browser) suggested(input string, n int) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	condition := fmt.Sprintf(`(() => {
		const found = document.querySelectorAll("#suggestions li").length;
		if (found !== %d) document.querySelector(%q).dispatchEvent(new Event("input"));
		return found === %d;
	})()`, n, input, n)
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](condition, chromedp.WithPollingInterval(time.Second))); err != nil {
		b.t.Fatalf("wait for %d suggestions: %v; the channel shows:\n%s", n, err, b.text())
	}
}

// done waits until what was clicked has been carried out.
func (b *browser) done() {
	b.t.Helper()
	b.until(`document.body.dataset.busy === "false"`)
}

// click clicks on what the page may draw anew at any moment: looked up and
// clicked in one go, it cannot be exchanged in between.
func (b *browser) click(selector string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`(() => {
		const node = document.querySelector(%q);
		if (node) node.click();
		return node !== null;
	})()`, selector))
}

// fault breaks or mends something and waits until that is so.
func (b *browser) fault(name string, on bool) {
	b.t.Helper()
	selector := fmt.Sprintf(`[data-fault=%q]`, name)
	b.click(selector)
	b.done()
	b.until(fmt.Sprintf(`document.querySelector(%q)?.checked === %t`, selector, on))
}

// be switches to another person.
func (b *browser) be(name string) {
	b.t.Helper()
	b.click(fmt.Sprintf(`[data-person=%q]`, name))
	b.until(fmt.Sprintf(`document.querySelector('[data-person=%q]').ariaCurrent === "true" && document.title.startsWith(%q)`, name, name))
}
