//nolint:paralleltest // the program sets loggers and the garbage collector of the whole process
package main

import (
	"bufio"
	"bytes"
	"context"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"progressbot/bot"
	"progressbot/bot/discordsim"
	"progressbot/progressapi/progressapitest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A library that logs when the program has said its last word is not heard.
func TestJournal(t *testing.T) {
	var stderr bytes.Buffer
	lines := &journal{to: &stderr}
	log := bot.NewLogger(bot.Config{}, lines)
	log.Info("the session is over")
	lines.close()
	log.Warn("cannot write to a closed session")
	if got := stderr.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "the session is over") {
		t.Errorf("written:\n%s", got)
	}
}

type env map[string]string

func (e env) lookup(name string) (string, bool) {
	v, ok := e[name]
	return v, ok
}

// output is written to by the program while the test looks on.
type output struct{ lines chan string }

func (o output) Write(p []byte) (int, error) {
	o.lines <- string(p)
	return len(p), nil
}

// call runs the program in an empty folder until it ends by itself.
func call(t *testing.T, e env, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	t.Chdir(t.TempDir())
	var out, err bytes.Buffer
	status = run(t.Context(), func() {}, args, e.lookup, &out, &err)
	return status, out.String(), err.String()
}

// surroundings are a simulated Discord and a sample progress API, and the
// environment that leads to them.
func surroundings(t *testing.T) (*discordsim.Server, env) {
	t.Helper()
	discord, err := discordsim.Start(discordsim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(discord.Close)
	api, err := progressapitest.Start(progressapitest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = api.Close() })
	return discord, env{
		"DISCORD_TOKEN": discord.Token(), "DISCORD_API_URL": discord.URL(),
		"PROGRESS_API_URL": api.URL(), "PROGRESS_API_KEY": progressapitest.DefaultKey,
		"OPS_ADDR": "127.0.0.1:0", "DATA_DIR": t.TempDir(),
	}
}

func TestVersion(t *testing.T) {
	status, stdout, stderr := call(t, nil, "-version")
	if status != 0 || stderr != "" || !regexp.MustCompile(`^progressbot \S+, commit \S+, go1\.\S+\n$`).MatchString(stdout) {
		t.Errorf("-version = %d %q %q", status, stdout, stderr)
	}
}

func TestDescribe(t *testing.T) {
	info := &debug.BuildInfo{
		GoVersion: "go1.26.8", Main: debug.Module{Version: "v1.2.3"},
		Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "abc"}},
	}
	for want, got := range map[string]string{
		"progressbot v1.2.3, commit abc, go1.26.8": describe(info, true),
		"progressbot dev, commit unknown, unknown": describe(nil, false),
		"progressbot dev, commit unknown, go1":     describe(&debug.BuildInfo{GoVersion: "go1", Main: debug.Module{Version: "(devel)"}}, true),
	} {
		if got != want {
			t.Errorf("describe = %q, want %q", got, want)
		}
	}
}

func TestUsage(t *testing.T) {
	tests := []struct {
		name   string
		env    env
		args   []string
		status int
		stderr []string
	}{
		{"help", nil, []string{"-h"}, 0, []string{"-check", "-sync", "-healthcheck", "-version"}},
		{"unknown flag", nil, []string{"-serve"}, 2, []string{"-serve"}},
		{"argument", nil, []string{"start"}, 2, []string{`unexpected argument "start"`}},
		{"not configured", nil, nil, 2, []string{"2 problems", "DISCORD_TOKEN: ", "PROGRESS_API_KEY: "}},
		{"not configured, to check", nil, []string{"-check"}, 2, []string{"2 problems"}},
		{"malformed", env{"DISCORD_TOKEN": "s3cret token", "PROGRESS_API_KEY": "k"}, nil, 2, []string{"1 problem", "DISCORD_TOKEN: "}},
		{"Redis parameter", env{"DISCORD_TOKEN": "t", "PROGRESS_API_KEY": "k", "REDIS_URL": "redis://:s3cret@h/0?nonsense=1"}, nil, 2, []string{"1 problem", "REDIS_URL: "}},
		{"nobody is there", env{"DISCORD_TOKEN": "t", "PROGRESS_API_KEY": "k", "OPS_ADDR": "127.0.0.1:1"}, []string{"-healthcheck"}, 1, []string{"ask the bot"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			status, stdout, stderr := call(t, tt.env, tt.args...)
			if status != tt.status || stdout != "" {
				t.Errorf("status %d, stdout %q, want %d", status, stdout, tt.status)
			}
			for _, want := range tt.stderr {
				if !strings.Contains(stderr, want) {
					t.Errorf("stderr lacks %q:\n%s", want, stderr)
				}
			}
			if strings.Contains(stderr, "s3cret") {
				t.Errorf("stderr repeats a secret:\n%s", stderr)
			}
		})
	}
}

func TestEnvFile(t *testing.T) {
	tests := []struct {
		name, file string
		env        env
		want       string // of the problem, "" for none
	}{
		{"complete", "DISCORD_TOKEN=t\nPROGRESS_API_KEY='k'\n", nil, ""},
		{"process wins", "DISCORD_TOKEN=t\nPROGRESS_API_KEY=k\nCACHE_TTL=nonsense\n", env{"CACHE_TTL": "1s"}, ""},
		{"comments", "# hello\n\nexport DISCORD_TOKEN=t # the token\nPROGRESS_API_KEY: k\n", nil, ""},
		{"from Windows", "\ufeffDISCORD_TOKEN=t\r\nPROGRESS_API_KEY=k\r\n", nil, ""},
		{"malformed", "DISCORD_TOKEN=t\n\n s3cret value\n", nil,
			"the configuration has 3 problems:\n  FILE: line 3 is not NAME=value, # comment or empty\n  DISCORD_TOKEN: is required and not set\n  PROGRESS_API_KEY: is required and not set"},
		{"open quote", "DISCORD_TOKEN='s3cret\nPROGRESS_API_KEY=k\n", env{"DISCORD_TOKEN": "t", "PROGRESS_API_KEY": "k"},
			"the configuration has 1 problem:\n  FILE: line 1 is not NAME=value, # comment or empty"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), ".env")
			if err := os.WriteFile(file, []byte(tt.file), 0o600); err != nil {
				t.Fatal(err)
			}
			config, err := configure(tt.env.lookup, file)
			got := ""
			if err != nil {
				got = strings.ReplaceAll(err.Error(), file, "FILE")
			} else if config.Token.Reveal() != "t" || config.ProgressKey.Reveal() != "k" {
				t.Error("the file's values were not taken")
			}
			if got != tt.want {
				t.Errorf("problem = %q, want %q", got, tt.want)
			}
		})
	}
	t.Run("a folder", func(t *testing.T) {
		_, err := configure(env{"DISCORD_TOKEN": "t", "PROGRESS_API_KEY": "k"}.lookup, t.TempDir())
		if err == nil || !strings.Contains(err.Error(), "cannot be read") {
			t.Errorf("error = %v", err)
		}
	})
}

func TestSyncAndCheck(t *testing.T) {
	discord, e := surroundings(t)
	if status, stdout, stderr := call(t, e, "-sync"); status != 0 || len(discord.Commands()) == 0 {
		t.Fatalf("-sync = %d %s %s", status, stdout, stderr)
	}
	if status, stdout, stderr := call(t, e, "-check"); status != 0 || !strings.Contains(stdout, "ok    commands: ") {
		t.Errorf("-check = %d %s %s", status, stdout, stderr)
	}
	e["DISCORD_TOKEN"] = "wrong"
	if status, stdout, stderr := call(t, e, "-check"); status != 1 || !strings.Contains(stdout, "FAIL  Discord: ") {
		t.Errorf("-check with a wrong token = %d %s %s", status, stdout, stderr)
	}
	if status, _, stderr := call(t, e); status != 1 || !strings.Contains(stderr, "DISCORD_TOKEN") {
		t.Errorf("start with a wrong token = %d %s", status, stderr)
	}
}

// TestLife starts the program, asks whether it is alive, and stops it.
func TestLife(t *testing.T) {
	_, e := surroundings(t)
	t.Chdir(t.TempDir())
	e["LOG_FORMAT"] = "json"
	ctx, cancel := context.WithCancel(t.Context())
	out := output{make(chan string, 1000)}
	ended := make(chan int)
	stopped := make(chan struct{})
	go func() {
		ended <- run(ctx, func() { close(stopped) }, nil, e.lookup, out, out)
	}()
	deadline := time.After(30 * time.Second)
	await := func(pattern string) string {
		t.Helper()
		re := regexp.MustCompile(pattern)
		for {
			select {
			case line := <-out.lines:
				if m := re.FindStringSubmatch(line); m != nil {
					return m[len(m)-1]
				}
			case <-deadline:
				t.Fatalf("no line like %s", pattern)
			}
		}
	}
	addr := await(`"operations are served by HTTP","addr":"([^"]+)"`)
	await(`"gateway connected"`)
	healthy := env{"DISCORD_TOKEN": "t", "PROGRESS_API_KEY": "k", "OPS_ADDR": addr}
	if status, _, stderr := call(t, healthy, "-healthcheck"); status != 0 {
		t.Errorf("-healthcheck = %d %s", status, stderr)
	}
	described(t, addr)
	cancel()
	select {
	case status := <-ended:
		if status != 0 {
			t.Errorf("ended with %d, want 0", status)
		}
	case <-deadline:
		t.Fatal("does not end")
	}
	<-stopped // a second signal would end the process at once
}

// described fails the test if a metric comes without its type, which tells
// Prometheus's users what to do with it.
func described(t *testing.T, addr string) {
	t.Helper()
	res, err := http.Get("http://" + addr + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	defer http.DefaultClient.CloseIdleConnections()
	family, lines := "no type", 0
	for s := bufio.NewScanner(res.Body); s.Scan(); lines++ {
		if typed, ok := strings.CutPrefix(s.Text(), "# TYPE "); ok {
			family, _, _ = strings.Cut(typed, " ")
		} else if !strings.HasPrefix(s.Text(), "#") && !strings.HasPrefix(s.Text(), family) {
			t.Errorf("%s has no type", s.Text())
		}
	}
	if lines == 0 {
		t.Error("no metrics")
	}
}

func TestSoftLimit(t *testing.T) {
	for text, want := range map[string]int64{
		"max\n":        memoryLimit,
		"134217728\n":  134217728 / 5 * 4,
		"8589934592\n": memoryLimit,
		"-1":           memoryLimit,
		"":             memoryLimit,
	} {
		if got := softLimit([]byte(text), nil); got != want {
			t.Errorf("softLimit(%q) = %d, want %d", text, got, want)
		}
	}
	if got := softLimit(nil, fs.ErrNotExist); got != memoryLimit {
		t.Errorf("softLimit without a file = %d", got)
	}
}

func TestTuneGC(t *testing.T) {
	percent, limit := debug.SetGCPercent(100), debug.SetMemoryLimit(-1)
	t.Cleanup(func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	})
	tuneGC(env{"GOGC": "50", "GOMEMLIMIT": "1GiB"}.lookup)
	if got := debug.SetGCPercent(100); got != 100 {
		t.Errorf("GOGC of the operator was overruled by %d", got)
	}
	tuneGC(env{}.lookup)
	if got := debug.SetGCPercent(100); got != gcPercent {
		t.Errorf("GC percent = %d, want %d", got, gcPercent)
	}
	if got := debug.SetMemoryLimit(-1); got <= 0 || got > memoryLimit {
		t.Errorf("memory limit = %d", got)
	}
}
