package openssl

import "encoding/binary"

// A Parameter of a MAC or a KDF: its name, and one of the values.
type Parameter struct {
	Name   string  `json:"name"`
	Text   *string `json:"text"`
	Octets *[]byte `json:"octets"`
	Number *uint64 `json:"number"`
}

// block is how C reads them, see params.h; a text ends in NUL.
func block(parameters []Parameter) []byte {
	var all []byte
	for _, p := range parameters {
		kind, value := byte('n'), make([]byte, 8)
		switch {
		case p.Text != nil:
			kind, value = 't', append([]byte(*p.Text), 0)
		case p.Octets != nil:
			kind, value = 'o', *p.Octets
		case p.Number != nil:
			binary.LittleEndian.PutUint64(value, *p.Number)
		}
		size := make([]byte, 4)
		binary.LittleEndian.PutUint32(size, uint32(len(value)))
		all = append(append(append(append(append(all, kind), p.Name...), 0), size...), value...)
	}
	return all
}
