package progressapi

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	// maxBody bounds an answer, before and after decompression.
	maxBody = 8 << 20
	// maxLarge bounds how many answers larger than smallBody are read and
	// decoded at the same time; the others wait. Only a broken API sends many
	// of them, and the process must not run out of memory when it does.
	smallBody = 256 << 10
	maxLarge  = 4
	// maxErrorBody bounds how much is read of an answer whose status is not a
	// success; its body can only add an error code.
	maxErrorBody = 64 << 10
	// maxRetryAfter bounds what is believed of a Retry-After header.
	maxRetryAfter = time.Hour
)

var (
	errTooLarge = errors.New("too large")
	errEncoding = errors.New("unknown content encoding")
	errGzip     = errors.New("broken gzip")
	errTimedOut = errors.New("no complete answer in time")
)

// answer is what the API sent back.
type answer struct {
	status     int
	body       []byte
	err        error // why a body is unreadable that did arrive
	arrived    time.Time
	retryAfter time.Duration
	place      *place
}

// place is a slot of the semaphore for large bodies, see maxLarge.
type place struct {
	ctx   context.Context //nolint:containedctx // of the one attempt that the place is for
	all   chan struct{}   // holds one element for each place that is taken
	taken bool
}

// take acquires the slot.
func (p *place) take() error {
	select {
	case p.all <- struct{}{}:
		p.taken = true
		return nil
	case <-p.ctx.Done():
		return errTimedOut
	}
}

// leave releases the slot, if it was acquired.
func (p *place) leave() {
	if p.taken {
		p.taken = false
		<-p.all
	}
}

// send sends one request. Its error is a failure of the connection, which may
// contain the URL (see fault); a problem with a body that has arrived is in the
// answer. The caller releases the answer's place when it is done with the body.
func (c *Client) send(ctx context.Context, target string) (answer, error) {
	a := answer{place: &place{ctx: ctx, all: c.large}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return a, err
	}
	req.Header.Set("Accept", "application/json")
	// Asked for here and not left to the transport, so that the packed size
	// is bounded as well.
	req.Header.Set("Accept-Encoding", "gzip")
	req.Header.Set("User-Agent", c.userAgent)
	c.authorize(req.Header)

	resp, err := c.http.Do(req)
	if err != nil {
		return a, err
	}
	defer resp.Body.Close()
	a.status, a.arrived = resp.StatusCode, c.now()
	a.retryAfter = retryAfter(resp.Header.Get("Retry-After"), a.arrived)
	if !succeeded(a.status) {
		// What is wrong with such a body leaves the verdict to the status.
		a.body, _, _ = readBody(resp, maxErrorBody, a.place)
		return a, nil
	}
	if resp.ContentLength > maxBody {
		a.err = errTooLarge
		return a, nil
	}
	body, content, connection := readBody(resp, maxBody, a.place)
	switch {
	case connection != nil:
		return a, connection
	case content != nil:
		a.err = content
	default:
		a.body = body
	}
	return a, nil
}

// succeeded reports whether the status is one under which data arrives.
func succeeded(status int) bool { return status >= 200 && status <= 299 }

// source is a bounded body that remembers how reading it failed, so that a
// broken connection can be told from broken content.
type source struct {
	body io.Reader
	left int64
	err  error
}

func (s *source) Read(p []byte) (int, error) {
	if s.left <= 0 {
		return 0, errTooLarge
	}
	n, err := s.body.Read(p[:min(int64(len(p)), s.left)])
	s.left -= int64(n)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// readBody reads a body of at most limit bytes, unpacking it if it is packed.
// It returns what is wrong with the content apart from how the connection
// failed, and in both cases what could be read. A large one takes a place.
func readBody(resp *http.Response, limit int64, p *place) (body []byte, content, connection error) {
	// One byte more than allowed shows that there is more.
	src := &source{body: resp.Body, left: limit + 1}
	body, content = unpack(src, resp.Header.Get("Content-Encoding"), limit+1, p)
	if errors.Is(content, errTimedOut) { // There was no place.
		return body, nil, content
	}
	if src.left <= 0 || int64(len(body)) > limit {
		content = errTooLarge
	}
	return body, content, src.err
}

// unpack reads up to limit bytes out of src, which is in the given content
// encoding.
func unpack(src io.Reader, encoding string, limit int64, p *place) ([]byte, error) {
	r := src
	switch strings.ToLower(encoding) {
	case "", "identity":
	case "gzip", "x-gzip":
		zr, err := gzip.NewReader(src)
		if err != nil {
			return nil, errGzip
		}
		r = zr
	default:
		return nil, errEncoding
	}
	body, err := io.ReadAll(io.LimitReader(r, min(limit, smallBody)))
	if err == nil && len(body) == smallBody {
		if err := p.take(); err != nil {
			return body, err
		}
		more := bytes.NewBuffer(body)
		_, err = more.ReadFrom(io.LimitReader(r, limit-smallBody))
		body = more.Bytes()
	}
	if err != nil {
		return body, errGzip
	}
	return body, nil
}

// retryAfter reads a Retry-After header: seconds or a date. What cannot be
// read, or is over already, is 0.
func retryAfter(header string, now time.Time) time.Duration {
	header = strings.TrimSpace(header)
	if at, err := http.ParseTime(header); err == nil {
		return min(max(at.Sub(now), 0), maxRetryAfter)
	}
	seconds, err := strconv.ParseFloat(header, 64)
	if err != nil || math.IsNaN(seconds) {
		return 0
	}
	return time.Duration(min(max(seconds, 0), maxRetryAfter.Seconds()) * float64(time.Second))
}

// fault returns an error with a fixed text for why no answer arrived. The errors
// of net/http contain URLs and data from the peer, so only known parts of them
// are used.
func fault(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() || errors.Is(err, errTimedOut) {
		return errTimedOut
	}
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return fmt.Errorf("connection: %w", errno)
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return errors.New("host name not resolved")
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("connection closed early")
	}
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	return fmt.Errorf("connection failed (%T)", err)
}
