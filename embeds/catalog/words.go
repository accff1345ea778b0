package catalog

// Words are the texts of one language.
type Words struct{}
