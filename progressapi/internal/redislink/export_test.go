package redislink

// RefusedWrite calls refusedWrite.
func RefusedWrite(err error) bool { return refusedWrite(err) }
