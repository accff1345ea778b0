package bot

// Packet is what readPacket finds.
type Packet struct {
	Op         int
	Seq        int64
	Kind, Data string
}

// ReadPacket calls readPacket.
func ReadPacket(message []byte) (Packet, error) {
	p, err := readPacket(message)
	return Packet{p.op, p.seq, string(p.kind), string(p.data)}, err
}
