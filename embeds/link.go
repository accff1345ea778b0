package embeds

import (
	"net/url"
	"strings"
)

// personPlaceholder stands for the person's ID in [View.WalletURL].
const personPlaceholder = "{user}"

// link returns raw as an https URL that Discord takes, or "" if it is none:
// of another scheme, without a host, with a user name in it (which is how
// links disguise themselves), or longer than most characters.
func link(raw string, most int) string {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil || u.Scheme != "https" || u.User != nil || !isHostName(u.Hostname()) {
		return ""
	}
	s := u.String()
	if len(s) > most || !all(s, isURLByte) {
		return ""
	}
	return s
}

// isURLByte reports what may be in a URL; all else has to be escaped.
func isURLByte(c byte) bool { return c > ' ' && c < 0x7f && strings.IndexByte("\"<>\\^`{|}", c) < 0 }

// isHostName reports a host in plain letters, as every host can be written.
func isHostName(s string) bool {
	return s != "" && all(s, func(c byte) bool {
		return isDigit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '.' || c == '-'
	})
}

// walletLink is where the person can claim a reward, "" if nowhere.
func walletLink(template, person string) string {
	if template == "" {
		return ""
	}
	return link(strings.ReplaceAll(template, personPlaceholder, url.PathEscape(person)), LimitButtonURL)
}
