package discordsim

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// maxRequest is the largest request that Discord takes.
const maxRequest = 25 << 20

// upload is one file of a multipart request.
type upload struct {
	index       int // n of files[n], by which the attachments list refers to it
	filename    string
	contentType string
	data        []byte
}

var fileField = regexp.MustCompile(`^(?:files\[(\d+)\]|file(\d*))$`)

// readBody reads the request's JSON and files.
func (c *call) readBody(w http.ResponseWriter) *apiError {
	var err error
	kind, params, mimeErr := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	body := http.MaxBytesReader(w, c.r.Body, maxRequest)
	switch {
	case c.r.Method == http.MethodGet || c.r.Method == http.MethodDelete:
		_, err = io.Copy(io.Discard, body)
	case mimeErr == nil && kind == "multipart/form-data":
		c.body, c.files, err = readMultipart(multipart.NewReader(body, params["boundary"]))
	default:
		c.body, err = readAll(body, c.r.ContentLength)
		if err == nil && len(c.body) > 0 && kind != "application/json" {
			return refuse(http.StatusBadRequest, CodeInvalidFormBody, "Expected \"Content-Type\" header to be one of {'application/json'}.")
		}
	}
	var beyond *http.MaxBytesError
	switch {
	case errors.As(err, &beyond):
		return tooLarge()
	case err != nil:
		return refuse(http.StatusBadRequest, CodeInvalidJSON, "The request body contains invalid JSON.")
	}
	return nil
}

func readAll(r io.Reader, length int64) ([]byte, error) {
	var b bytes.Buffer
	if length > 0 && length <= maxRequest {
		b.Grow(int(length) + bytes.MinRead)
	}
	_, err := b.ReadFrom(r)
	return b.Bytes(), err
}

// readMultipart reads payload_json and the files.
func readMultipart(m *multipart.Reader) (payload []byte, files []upload, err error) {
	for {
		part, err := m.NextPart()
		if errors.Is(err, io.EOF) {
			return payload, files, nil
		}
		if err != nil {
			return nil, nil, err
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return nil, nil, err
		}
		if part.FormName() == "payload_json" {
			payload = data
		} else if match := fileField.FindStringSubmatch(part.FormName()); match != nil && part.FileName() != "" {
			index, _ := strconv.Atoi(match[1] + match[2]) // "" is 0
			files = append(files, upload{index, part.FileName(), part.Header.Get("Content-Type"), data})
		}
	}
}

// digest is the same for what is sent again as it was.
func (c *call) digest() (sum [sha256.Size]byte) {
	h := sha256.New()
	fmt.Fprintf(h, "%d %s", len(c.body), c.body)
	for _, f := range c.files {
		fmt.Fprintf(h, " %d %q %q %d %s", f.index, f.filename, f.contentType, len(f.data), f.data)
	}
	h.Sum(sum[:0])
	return sum
}

// logREST hands the exchange to whoever follows.
func (s *Server) logREST(c *call, a answer, path string, took time.Duration) {
	if !s.exchanges.followed() {
		return
	}
	if c.r.URL.RawQuery != "" {
		path += "?" + c.r.URL.RawQuery
	}
	var request strings.Builder
	request.WriteString(excerpt(c.body))
	for _, f := range c.files {
		request.WriteString("\n[file " + strings.ToValidUTF8(f.filename, "?") + ", " + strconv.Itoa(len(f.data)) + " bytes]")
	}
	s.exchanges.add(Exchange{
		Time: s.Now(), Kind: ExchangeREST, Method: c.r.Method, Path: path, Status: a.status,
		Took: took, Request: request.String(), Response: excerpt(a.body),
	})
}
