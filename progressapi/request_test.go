package progressapi_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"progressbot/progressapi"
)

func TestRequestGoesOutAsDocumented(t *testing.T) {
	t.Parallel()
	for _, spelling := range []string{"x-gft_api_key", "x-gft-api-key", "gft-api-key"} {
		t.Run(spelling, func(t *testing.T) {
			t.Parallel()
			// A server of net/http hides the spelling of a header, so this
			// one reads the bytes.
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatalf("listen: %v", err)
			}
			defer listener.Close()
			got := make(chan []string, 1)
			go func() { got <- answerOnce(listener) }()

			c, err := progressapi.NewClient("http://"+listener.Addr().String()+"/api/v1/", testKey,
				progressapi.WithKeyHeader(spelling), progressapi.WithUserAgent("progressbot/1.2.3"), progressapi.WithPlatform("roblox"))
			if err != nil {
				t.Fatalf("NewClient: %v", err)
			}
			defer c.CloseIdleConnections()
			if _, err := c.GetProgram(t.Context(), testUser, "program_123"); err != nil {
				t.Fatalf("GetProgram: %v", err)
			}
			want := []string{
				"GET /api/v1/users/roblox/123456789012345678/progress/collection-challenges/program_123 HTTP/1.1",
				"Host: " + listener.Addr().String(),
				"User-Agent: progressbot/1.2.3",
				"Accept: application/json",
				"Accept-Encoding: gzip",
				spelling + ": " + testKey,
			}
			slices.Sort(want[2:])
			lines := <-got
			slices.Sort(lines[min(2, len(lines)):])
			if diff := cmp.Diff(want, lines); diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
		})
	}
}

// answerOnce answers one request with a program and returns its head.
func answerOnce(listener net.Listener) (head []string) {
	conn, err := listener.Accept()
	if err != nil {
		return nil
	}
	defer conn.Close()
	for lines := bufio.NewScanner(conn); lines.Scan() && lines.Text() != ""; {
		head = append(head, lines.Text())
	}
	const body = `{"id":"program_123"}`
	io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n"+body)
	return head
}

func TestIDsNeverChangeThePath(t *testing.T) {
	t.Parallel()
	paths := make(chan string, 1)
	c := newClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		paths <- r.RequestURI
		io.WriteString(w, `{"id":"p"}`)
	}))
	tests := []struct{ user, program, want string }{
		{"1", "2", "/users/discord/1/progress/collection-challenges/2"},
		{"..", "..", "/users/discord/%2E%2E/progress/collection-challenges/%2E%2E"},
		{".", ".", "/users/discord/%2E/progress/collection-challenges/%2E"},
		{"...", "a.b", "/users/discord/.../progress/collection-challenges/a.b"},
		{"a/b", "../../admin", "/users/discord/a%2Fb/progress/collection-challenges/..%2F..%2Fadmin"},
		{"1?x=1", "2#f", "/users/discord/1%3Fx=1/progress/collection-challenges/2%23f"},
		{"%2F", "a b", "/users/discord/%252F/progress/collection-challenges/a%20b"},
		{`\`, "\x00\r\nX: y", "/users/discord/%5C/progress/collection-challenges/%00%0D%0AX:%20y"},
		{"é", "\xff", "/users/discord/%C3%A9/progress/collection-challenges/%FF"},
	}
	for _, tt := range tests {
		if _, err := c.GetProgram(t.Context(), tt.user, tt.program); err != nil {
			t.Errorf("GetProgram(%q, %q): %v", tt.user, tt.program, err)
			continue
		}
		if got := <-paths; got != basePath+tt.want {
			t.Errorf("GetProgram(%q, %q) asked for %s, want %s", tt.user, tt.program, got, basePath+tt.want)
		}
	}
}

func TestUnusableIDsAreNotAskedFor(t *testing.T) {
	t.Parallel()
	c := newClient(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a request went out") }))
	long := strings.Repeat("x", 1025)
	for _, id := range []string{"", long} {
		if _, err := c.ListPrograms(t.Context(), id); kindOf(t, err) != progressapi.ErrNotFound {
			t.Errorf("ListPrograms of an ID of %d bytes: %v, want ErrNotFound", len(id), err)
		}
		if _, err := c.GetProgram(t.Context(), testUser, id); kindOf(t, err) != progressapi.ErrNotFound {
			t.Errorf("GetProgram of an ID of %d bytes: %v, want ErrNotFound", len(id), err)
		}
	}
}

func TestBaseURLs(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]string{
		"https://api.example.com":          "https://api.example.com/users/discord/1/progress/collection-challenges",
		"https://api.example.com/":         "https://api.example.com/users/discord/1/progress/collection-challenges",
		"http://[::1]:8080/a%2Fb/v1//":     "http://[::1]:8080/a%2Fb/v1/users/discord/1/progress/collection-challenges",
		"https://api.example.com:8443/v 1": "https://api.example.com:8443/v%201/users/discord/1/progress/collection-challenges",
	} {
		var got string
		asked := func(r *http.Request) (*http.Response, error) {
			got = r.URL.String()
			return canned("[]").RoundTrip(r)
		}
		c, err := progressapi.NewClient(base, testKey, progressapi.WithHTTPClient(&http.Client{Transport: tripper(asked)}))
		if err != nil {
			t.Errorf("NewClient(%q): %v", base, err)
			continue
		}
		if _, err := c.ListPrograms(t.Context(), "1"); err != nil {
			t.Errorf("ListPrograms below %q: %v", base, err)
		}
		if got != want {
			t.Errorf("below %q asked for %s, want %s", base, got, want)
		}
	}
}

// tripper is a function as a transport.
type tripper func(*http.Request) (*http.Response, error)

func (f tripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestNewClientRefusesBadArguments(t *testing.T) {
	t.Parallel()
	const good = "https://api.example.com"
	tests := []struct {
		name, base, key string
		opt             progressapi.Option
		want            string
	}{
		{"no base", "", testKey, nil, "base URL is neither http nor https"},
		{"no scheme", "api.example.com", testKey, nil, "base URL is neither http nor https"},
		{"unparsable base", "http://a b/%zz", testKey, nil, "base URL cannot be parsed"},
		{"no host", "https:///v1", testKey, nil, "base URL has no host"},
		{"port alone", "https://:8080", testKey, nil, "base URL has no host"},
		{"credentials", "https://u:p@api.example.com", testKey, nil, "base URL holds credentials"},
		{"query", "https://api.example.com?x", testKey, nil, "base URL has a query or a fragment"},
		{"fragment", "https://api.example.com#x", testKey, nil, "base URL has a query or a fragment"},
		{"no key", good, "", nil, "API key is empty"},
		{"line end in key", good, testKey + "\n", nil, "API key holds spaces, line ends or other characters that no key has"},
		{"key not ASCII", good, "clé", nil, "API key holds spaces, line ends or other characters that no key has"},
		{"reserved header", good, testKey, progressapi.WithKeyHeader("host"), "key header is not a usable header name"},
		{"header with colon", good, testKey, progressapi.WithKeyHeader("key:"), "key header is not a usable header name"},
		{"empty header", good, testKey, progressapi.WithKeyHeader(""), "key header is not a usable header name"},
		{"line end in agent", good, testKey, progressapi.WithUserAgent("a\r\nb: c"), "user agent is empty or not plain text"},
		{"long platform", good, testKey, progressapi.WithPlatform(strings.Repeat("x", 2000)), "platform is empty or too long"},
		{"many attempts", good, testKey, progressapi.WithAttempts(11), "attempts are not between 1 and 10"},
		{"negative timeout", good, testKey, progressapi.WithTimeouts(1, -1), "timeouts are not positive"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var opts []progressapi.Option
			if tt.opt != nil {
				opts = append(opts, tt.opt)
			}
			c, err := progressapi.NewClient(tt.base, tt.key, opts...)
			if c != nil || err == nil || err.Error() != tt.want {
				t.Errorf("NewClient = %v, %v; want nil, %s", c, err, tt.want)
			}
		})
	}
}

func TestRedirectsStayWithinTheHost(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the request was sent on to another host")
	}))
	defer elsewhere.Close()
	mux := http.NewServeMux()
	hops := func(person, location string) {
		mux.Handle("/users/discord/"+person+"/progress/collection-challenges", http.RedirectHandler(location, http.StatusTemporaryRedirect))
	}
	goal := basePath + "/goal"
	mux.HandleFunc("/goal", func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header["X-Gft_api_key"]; !slices.Equal(got, []string{testKey}) {
			t.Errorf("key header after a redirect: %q, want the key once", got)
		}
		io.WriteString(w, `[{"id":"p"}]`)
	})
	hops("same", goal)
	hops("twice", basePath+"/users/discord/same/progress/collection-challenges")
	hops("loop", basePath+"/users/discord/loop/progress/collection-challenges")
	hops("elsewhere", elsewhere.URL+goal)
	hops("scheme", "ftp://127.0.0.1"+goal)
	mux.HandleFunc("/users/discord/nowhere/progress/collection-challenges", respond(http.StatusFound, ""))
	mux.HandleFunc("/users/discord/unparsable/progress/collection-challenges", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "http://%zz/"+testKey)
		w.WriteHeader(http.StatusFound)
	})
	c := newClient(t, mux)
	for person, want := range map[string]error{
		"same": nil, "twice": nil,
		"loop": progressapi.ErrUnreadable, "elsewhere": progressapi.ErrUnreadable, "scheme": progressapi.ErrUnreadable,
		"nowhere": progressapi.ErrUnreadable, "unparsable": progressapi.ErrUnavailable,
	} {
		programs, err := c.ListPrograms(t.Context(), person)
		if kindOf(t, err) != want || err == nil && len(programs) != 1 {
			t.Errorf("%s: %v, %v; want error %v", person, programs, err, want)
		}
	}
}

// TestRedirectsNeverDowngrade needs no network: what matters is whether a
// second request is sent.
func TestRedirectsNeverDowngrade(t *testing.T) {
	t.Parallel()
	tests := []struct {
		base, location string
		followed       bool
	}{
		{"https://api.example.com", "https://api.example.com/x", true},
		{"https://api.example.com", "https://API.example.com:443/x", true},
		{"http://api.example.com", "https://api.example.com/x", true},
		{"https://api.example.com", "http://api.example.com/x", false},
		{"https://api.example.com", "https://api.example.com:8443/x", false},
		{"http://api.example.com:8080", "https://api.example.com/x", false},
		{"https://api.example.com", "https://api.example.com.evil.example/x", false},
		{"https://api.example.com", "https://sub.api.example.com/x", false},
	}
	for _, tt := range tests {
		sent := 0
		redirect := func(r *http.Request) (*http.Response, error) {
			sent++
			if sent > 1 {
				return canned("[]").RoundTrip(r)
			}
			resp, err := canned("").RoundTrip(r)
			resp.StatusCode = http.StatusFound
			resp.Header.Set("Location", tt.location)
			return resp, err
		}
		c, err := progressapi.NewClient(tt.base, testKey, progressapi.WithHTTPClient(&http.Client{Transport: tripper(redirect)}))
		if err != nil {
			t.Fatalf("NewClient: %v", err)
		}
		c.ListPrograms(context.Background(), "1")
		if followed := sent > 1; followed != tt.followed {
			t.Errorf("redirect from %s to %s followed: %t, want %t", tt.base, tt.location, followed, tt.followed)
		}
	}
}
