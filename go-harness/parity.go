package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"ffence/go-harness/lib/curl"
	"ffence/go-harness/lib/openssl"
)

// A request is one line of input; which fields count depends on op. Bytes travel
// in base64, as Go has it.
type request struct {
	Op         string              `json:"op"`
	Algorithm  string              `json:"algorithm"`
	Under      string              `json:"under"`
	Key        []byte              `json:"key"`
	Nonce      []byte              `json:"nonce"`
	Header     []byte              `json:"header"`
	Data       []byte              `json:"data"`
	Length     int                 `json:"length"`
	Cost       []uint64            `json:"cost"`
	Parameters []openssl.Parameter `json:"parameters"`

	Calls []curl.Call `json:"calls"`
}

// A reply is one line of output: data, what came of each call, or error.
type reply struct {
	Data    *[]byte   `json:"data,omitempty"`
	Results []fetched `json:"results,omitempty"`
	Error   *failure  `json:"error,omitempty"`
}

type failure struct {
	Class string `json:"class"`
	Code  uint64 `json:"code"`
	Text  string `json:"text,omitempty"`
}

// Operations of other files, which register themselves.
var operations = map[string]func(request) reply{}

// parity answers until the input ends. Whatever a line holds, it gets one reply,
// and an error is a value in it. A Go panic or a detector's report ends the
// process, as it should: that is what the other side looks for.
func parity(in io.Reader, out io.Writer) {
	lines := bufio.NewReader(in)
	replies := json.NewEncoder(out)
	for {
		line, err := lines.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			if err := replies.Encode(answer(line)); err != nil {
				usage("cannot reply: " + err.Error())
			}
		}
		if err != nil {
			return
		}
	}
}

func answer(line []byte) reply {
	var r request
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&r); err != nil {
		return reply{Error: &failure{Class: "request", Text: err.Error()}}
	}
	if operation, known := operations[r.Op]; known {
		return operation(r)
	}
	return reply{Error: &failure{Class: "request", Text: "no operation is called " + r.Op}}
}

func withData(data []byte, err error) reply {
	if err != nil {
		return reply{Error: failureOf(err)}
	}
	result := append([]byte{}, data...) // not nil, which would be null
	return reply{Data: &result}
}

func failureOf(err error) *failure {
	var crypto *openssl.Failure
	var transfer *curl.Failure
	switch {
	case errors.As(err, &crypto):
		return &failure{Class: crypto.Class, Code: crypto.Code}
	case errors.As(err, &transfer):
		return &failure{transfer.Class, uint64(transfer.Code), transfer.Text}
	default:
		return &failure{Class: "other", Text: err.Error()}
	}
}
