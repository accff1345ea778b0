package redistest

import (
	"github.com/alicebob/miniredis/v2"
)

// embedded is the stand-in where no redis-server is installed.
type embedded struct{ mini *miniredis.Miniredis }

// startEmbedded starts kept again, or a new instance where kept is nil, and
// returns it also as the one to keep for the next start.
func startEmbedded(addr string, kept *miniredis.Miniredis, appendOnly bool) (backend, *miniredis.Miniredis, error) {
	if kept == nil {
		kept = miniredis.NewMiniRedis()
		kept.ClockTTL(true)
		return embedded{kept}, kept, kept.StartAddr(addr)
	}
	if !appendOnly {
		kept.FlushAll()
	}
	return embedded{kept}, kept, kept.Restart()
}

func (e embedded) stop() error {
	e.mini.Close()
	return nil
}

func (e embedded) breakWrites(f Fault) error {
	switch f {
	case Full:
		e.mini.SetError("OOM command not allowed when used memory > 'maxmemory'.")
	case ReadOnly:
		e.mini.SetError("READONLY You can't write against a read only replica.")
	default:
		e.mini.SetError("")
	}
	return nil
}
