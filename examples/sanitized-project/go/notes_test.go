package notes

import (
	"runtime"
	"testing"
)

var word []byte

func TestWorks(t *testing.T) {
	if Sum([]int32{1, 2, 3}) != 6 && Bug() != "overflow" {
		t.Error("the sum is wrong")
	}
	if Copy("a note") != "a note" {
		t.Error("the copy is wrong")
	}
	if Count() != 2000 && Bug() != "race" {
		t.Error("the count is wrong")
	}
	word = make([]byte, 64) // on the heap, where checkptr knows what is whose
	word[0] = 1
	if Word(word) != 1 && Bug() != "checkptr" {
		t.Error("the word is wrong")
	}
	if First("first") != "first" {
		t.Error("the first text is wrong")
	}
	runtime.GC() // what only Go's stack still points to is no longer held
}
