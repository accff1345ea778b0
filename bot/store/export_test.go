package store

// PackWatch and UnpackWatch are the packed form of a [WatchState].
func PackWatch(w WatchState) []byte { return w.pack() }

// UnpackWatch is the inverse of [PackWatch].
func UnpackWatch(data []byte) (WatchState, error) { return unpackWatch("watch:1", data) }

// DecodeSettings reads stored settings.
func DecodeSettings(data []byte) (Settings, error) {
	var rec settingsRecord
	err := decode("settings:1", data, &rec)
	return rec.settings(), err
}

// EncodeText and DecodeText store a text of any bytes in a record.
func EncodeText(s string) ([]byte, error) { return encode(raw(s)) }

// DecodeText is the inverse of [EncodeText].
func DecodeText(data []byte) (string, error) {
	var r raw
	err := decode("key", data, &r)
	return string(r), err
}
