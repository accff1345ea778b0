package discordsim

import (
	"net/http"
	"slices"
	"strings"
)

// attachmentPath is where attachments are served, in place of Discord's CDN.
const attachmentPath = "/attachments/"

// fileStore keeps the bytes of the newest attachments. It is guarded by
// Server.mu.
type fileStore struct {
	keep  int
	total int
	order []string
	data  map[string][]byte // by path
}

func (f *fileStore) add(path string, data []byte) {
	f.data[path] = data
	f.order = append(f.order, path)
	f.total += len(data)
	for f.total > f.keep && len(f.order) > 1 {
		f.total -= len(f.data[f.order[0]])
		delete(f.data, f.order[0])
		f.order = slices.Delete(f.order, 0, 1)
	}
}

// storeFiles returns a message's attachments after a draft: those it keeps,
// then the new files. Server.mu is held.
func (s *Server) storeFiles(m *Message, d *draft) []Attachment {
	kept := m.Attachments
	if d.attachments != nil {
		kept = keepAttachments(m.Attachments, *d.attachments)
	}
	if len(d.files) == 0 {
		return kept
	}
	all := slices.Clone(kept)
	for _, f := range d.files {
		all = append(all, s.storeFile(m, f, d.ref(f)))
	}
	return all
}

// keepAttachments are the old attachments that the list names, with what it
// changes about them.
func keepAttachments(old []Attachment, refs []attachmentRef) []Attachment {
	kept := []Attachment{}
	for _, a := range old {
		i := slices.IndexFunc(refs, func(r attachmentRef) bool { return r.id == a.ID })
		if i < 0 {
			continue
		}
		if refs[i].description != nil {
			a.Description = *refs[i].description
		}
		kept = append(kept, a)
	}
	return kept
}

// ref is what the attachments list says about a new file.
func (d *draft) ref(f upload) attachmentRef {
	if d.attachments != nil {
		for _, r := range *d.attachments {
			if r.id == itoa64(int64(f.index)) {
				return r
			}
		}
	}
	return attachmentRef{}
}

func (s *Server) storeFile(m *Message, f upload, ref attachmentRef) Attachment {
	a := Attachment{ID: s.newID(), Filename: f.filename, ContentType: f.contentType, Size: len(f.data)}
	if ref.filename != "" {
		a.Filename = ref.filename
	}
	if ref.description != nil {
		a.Description = *ref.description
	}
	if a.ContentType == "" {
		a.ContentType = http.DetectContentType(f.data)
	}
	path := attachmentPath + m.ChannelID + "/" + a.ID + "/" + strings.ReplaceAll(a.Filename, "/", "_")
	a.URL = s.URL() + path
	a.ProxyURL = a.URL
	s.messages.files.add(path, f.data)
	return a
}

// serveAttachment hands out a file by its address.
func (s *Server) serveAttachment(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	data, ok := s.messages.files.data[r.URL.Path]
	s.mu.Unlock()
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", http.DetectContentType(data))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Access-Control-Allow-Origin", "*")
	_, _ = w.Write(data)
}

// AttachmentData is the content of an attachment, nil if it is remembered
// no more.
func (s *Server) AttachmentData(a Attachment) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.messages.files.data[strings.TrimPrefix(a.URL, s.URL())])
}

// resolve replaces an "attachment://" address by the attachment's own.
func resolve(url string, attachments []Attachment) string {
	name, ok := attachmentName(url)
	if !ok {
		return url
	}
	for _, a := range attachments {
		if a.Filename == name {
			return a.URL
		}
	}
	return url
}

func resolveEmbeds(embeds []Embed, attachments []Attachment) []Embed {
	embeds = slices.Clone(embeds)
	for i := range embeds {
		for _, media := range []**EmbedMedia{&embeds[i].Image, &embeds[i].Thumbnail} {
			if *media != nil {
				m := **media
				m.URL = resolve(m.URL, attachments)
				*media = &m
			}
		}
	}
	return embeds
}

// resolveComponents works on components fresh from a request, which nobody
// else holds yet.
func resolveComponents(components []Component, attachments []Attachment) []Component {
	eachComponent(components, func(c *Component) {
		for _, m := range []*Media{c.Media, c.File} {
			if m != nil {
				m.URL = resolve(m.URL, attachments)
			}
		}
		for i := range c.Items {
			c.Items[i].Media.URL = resolve(c.Items[i].Media.URL, attachments)
		}
	})
	return components
}
