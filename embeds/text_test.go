package embeds_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"progressbot/embeds"
)

func TestEscape(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in, want string
	}{
		{"nothing", "", ""},
		{"a name", "Winter Challenge", "Winter Challenge"},
		{"harmless punctuation", "Sci-Fi: Part 1 (2025), 3/4 & a.b?", "Sci-Fi: Part 1 (2025), 3/4 & a.b?"},
		{"another script", "Зимний вызов", "Зимний вызов"},
		{"emphasis", "**a** _b_ ~~c~~ ||d||", `\*\*a\*\* \_b\_ \~\~c\~\~ \|\|d\|\|`},
		{"code", "`a` ```b```", "\\`a\\` \\`\\`\\`b\\`\\`\\`"},
		{"a backslash", `\*`, `\\\*`},
		{"a heading", "# big", `\# big`},
		{"no heading", "We are #1", "We are #1"},
		{"small print", "-# small", `\-# small`},
		{"a list", "- a", `\- a`},
		{"a numbered list", "1. a", `1\. a`},
		{"a numbered list, other sign", "12) a", `12\) a`},
		{"no numbered list", "a 1. b", "a 1. b"},
		{"a quote", "> a", `\> a`},
		{"a masked link", "[a](https://evil.example)", `\[a\](https\://evil.example)`},
		{"a link", "see http://evil.example/x now", `see http\://evil\.example/x now`},
		{"a link in brackets", "<https://evil.example>", `\<https\://evil.example\>`},
		{"an invite", "discord.gg/abc", `discord\.gg/abc`},
		{"an invite, longer", "x discord.com/invite/abc", `x discord\.com/invite/abc`},
		{"an emoji code", ":smile: 12:30:45", `\:smile: 12\:30:45`},
		{"a time of day", "at 12:30", "at 12:30"},
		{"everyone", "@everyone and @HERE", "＠everyone and ＠HERE"},
		{"no mention", "cards @ home, me@example", "cards @ home, me@example"},
		{"a mention", "<@123> <@!1> <@&2>", `\<＠123\> \<＠!1\> \<＠&2\>`},
		{"a channel, a command, a time, an emoji", "<#1> </a:2> <t:3:R> <:x:4> <id:home>", `\<#1\> \</a:2\> \<t\:3:R\> \<\:x:4\> \<id:home\>`},
		{"white space", " a \t\u00a0 b \n\n c\u3000", "a b c"},
		{"blanks that count as letters", "\u3164\u115fa\u2800b\u3164", "a b"},
		{"control characters", "a\x00b\x1b[31mc\u009f\x7f", `ab\[31mc`},
		{"bidirectional controls", "a\u202eb\u2066c\u200fd\u061ce", "abcde"},
		{"zero-width characters", "a\u200bb\u200dc\u2060d\ufeffe\u00adf\u034fg", "abcdefg"},
		{"a letter whose mark was kept apart from it", "A\x01\u0323", "\u1ea0"},
		{"broken encoding", "a\xffb\xc3", "ab"},
		{"substitutes and private use", "a\ufffdb\ufffc\ue000c\U000f0000", "abc"},
		{"tags", "a\U000e0041\U000e007fb", "ab"},
		{"a stack of marks", "z" + strings.Repeat("\u0335", 40) + "algo", "z\u0335\u0335\u0335algo"},
		{"marks on nothing", "\u0301\u0301 \u0301a", "a"},
		{"marks that compose", "e\u0301", "é"},
		{"a family", "👩‍👩‍👧 x", "👩‍👩‍👧 x"},
		{"a picture by choice", "❤️", "❤️"},
		{"a Persian joiner", "می\u200cخواهم", "می\u200cخواهم"},
		{"a joiner at the end", "a👩\u200d", "a👩"},
		{"a hidden link", "h\u200bttps:/\u200b/evil.example", `https\://evil.example`},
		{"a hidden mention", "@every\u2060one", "＠everyone"},
	}
	for _, tt := range tests {
		if got := embeds.Escape(tt.in, 100); got != tt.want {
			t.Errorf("%s: Escape(%q) = %q, want %q", tt.name, tt.in, got, tt.want)
		}
	}
}

func TestEscapeLines(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in, want string
	}{
		{"lines", "a\nb\r\nc", "a\nb\nc"},
		{"paragraphs", "a\n\n\n\n b", "a\n\nb"},
		{"around", "\n\na\n\n", "a"},
		{"headings, lists and quotes", "a\n# b\n  - c\n3. d\n>>> e", "a\n\\# b\n\\- c\n3\\. d\n\\>\\>\\> e"},
		{"too many lines", strings.Repeat("a\n", 12), "a\na\na\na\na\na\na\na a a a a"},
		{"too many blank lines", strings.Repeat("a\n\n", 6), "a\n\na\n\na\n\na\na a"},
	}
	for _, tt := range tests {
		if got := embeds.EscapeLines(tt.in, 100); got != tt.want {
			t.Errorf("%s: EscapeLines(%q) = %q, want %q", tt.name, tt.in, got, tt.want)
		}
	}
}

func TestPlain(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in, want string
	}{
		{"**a** [b](c) <x> # 1.", "**a** [b](c) <x> # 1."},
		{" a\n\u202eb\x00 ", "a b"},
		{"@everyone <@1>", "＠everyone <＠1>"},
	}
	for _, tt := range tests {
		if got := embeds.Plain(tt.in, 100); got != tt.want {
			t.Errorf("Plain(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestTextsAreCutWell(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in string
		limit    int
		want     string
	}{
		{"fits to the last", "abc def", 7, "abc def"},
		{"at the end of a word", "abc def ghi", 10, "abc def…"},
		{"a word that ends at the limit", "abc def ghi", 8, "abc def…"},
		{"in a long word", "a bcdefghijklm", 10, "a bcdefgh…"},
		{"without words", "漢字漢字漢字", 4, "漢字漢…"},
		{"not within an escape", "ab****", 6, `ab\*…`},
		{"not within a pair of code units", "a😀😀", 4, "a😀…"},
		{"not within a family", "a👩‍👩‍👧b", 9, "a…"},
		{"not within a flag", "a🇩🇪🇫🇷", 8, "a🇩🇪…"},
		{"not before a skin tone", "ab👍🏽", 5, "ab…"},
		{"not before a mark", "abq\u0323\u0307", 4, "ab…"},
		{"not within a syllable", "a\u1112\u119e\u11abb", 4, "a…"},
		{"one", "abc", 1, "…"},
		{"none", "abc", 0, ""},
		{"less than none", "a*c", -5, ""},
		{"nothing to cut", "", 0, ""},
		{"hidden behind a megabyte of nothing", strings.Repeat("\u200b", 1<<20) + "a", 10, ""},
	}
	for _, tt := range tests {
		if got := embeds.Escape(tt.in, tt.limit); got != tt.want {
			t.Errorf("%s: Escape(%q, %d) = %q, want %q", tt.name, tt.in, tt.limit, got, tt.want)
		}
	}
}

func TestTameNamesAreNotCopied(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { embeds.Escape("Winter Challenge", 80) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func FuzzEscape(f *testing.F) {
	for _, s := range []string{
		"Winter", "**a**\n# b", "<@1> @everyone https://x.y/z discord.gg/a", "z\u0335\u0335\u0335\u0335", "\u202e\x00\xff",
		"👩‍👩‍👧🇩🇪", `\\\\`, ":::", "1.1.1.", strings.Repeat("`", 300), "a\u200d\u200db", "می\u200cخواهم",
	} {
		f.Add(s, 40)
	}
	f.Fuzz(func(t *testing.T, s string, limit int) {
		limit = min(max(limit, 0), 4096)
		for _, got := range []string{embeds.Escape(s, limit), embeds.EscapeLines(s, limit), embeds.Plain(s, limit)} {
			checkText(t, got, limit)
		}
		if got := embeds.Escape(s, limit); unescapedMarkdown(got) {
			t.Errorf("Escape(%q, %d) = %q has live markdown", s, limit, got)
		}
		if got := embeds.Escape(s, limit); strings.Contains(got, "\n") {
			t.Errorf("Escape(%q, %d) = %q has lines", s, limit, got)
		}
		if got := embeds.EscapeLines(s, limit); strings.Count(got, "\n") > 7 {
			t.Errorf("EscapeLines(%q, %d) = %q has too many lines", s, limit, got)
		}
	})
}

// checkText holds what is true of every text that was made fit.
func checkText(t *testing.T, got string, limit int) {
	t.Helper()
	if n := len(utf16.Encode([]rune(got))); n > limit {
		t.Errorf("%q has %d units, limit %d", got, n, limit)
	}
	if !utf8.ValidString(got) {
		t.Errorf("%q is not UTF-8", got)
	}
	if strings.TrimSpace(got) != got {
		t.Errorf("%q begins or ends in white space", got)
	}
	for _, r := range got {
		if r != '\n' && r != '\u200c' && r != '\u200d' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs) {
			t.Errorf("%q holds %U", got, r)
		}
	}
	lower := strings.ToLower(got)
	for _, dead := range []string{"@everyone", "@here", "<@"} {
		if strings.Contains(lower, dead) {
			t.Errorf("%q holds %q", got, dead)
		}
	}
}

// unescapedMarkdown reads s as Discord does, a backslash taking the
// punctuation after it out of play, and reports what is left in play.
func unescapedMarkdown(s string) bool {
	var live strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' {
			if i+1 == len(s) || s[i+1] >= utf8.RuneSelf || unicode.IsLetter(rune(s[i+1])) || s[i+1] == ' ' {
				return true // half an escape
			}
			i++
			live.WriteByte(0) // something dead
			continue
		}
		live.WriteByte(s[i])
	}
	return strings.ContainsAny(live.String(), "*_~`|<>[]") || strings.Contains(live.String(), "://") ||
		strings.HasPrefix(live.String(), "#") || strings.HasPrefix(live.String(), "- ")
}
