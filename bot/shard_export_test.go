package bot

// ErrWedged is the error of a session that does not move.
var ErrWedged = errWedged
