package main

// The mistake: the body of a POST is given to CURLOPT_POSTFIELDS and freed, as the text
// of other options may be. This one is not copied.
//
// What to look for: a server that gets another body than was sent: bytes of whatever
// the memory is used for now, which may be a secret. AddressSanitizer sees it, because
// libcurl measures the text by strlen.
//
// The rule: CURLOPT_COPYPOSTFIELDS; or the memory is freed when the transfer is over.
//
// Source: CURLOPT_POSTFIELDS(3); CURLOPT_COPYPOSTFIELDS(3)

/*
#include <curl/curl.h>
#include <stdlib.h>

static CURLcode set_post(CURL *easy, CURLoption option, const char *body) {
  return curl_easy_setopt(easy, option, body);
}
*/
import "C"

import (
	"bufio"
	"io"
	"net"
	"net/textproto"
	"strconv"
	"unsafe"
)

func init() {
	register("post_fields_freed", program{bad: postFreed, good: postCopied})
}

const form = "user=alice&password=correct-horse-battery-staple"

// answerOnce answers one request, and hands out the body that came with it.
func answerOnce(listener net.Listener, body chan<- string) {
	defer close(body)
	client, err := listener.Accept()
	if err != nil {
		return
	}
	defer client.Close()
	reader := textproto.NewReader(bufio.NewReader(client))
	if _, err := reader.ReadLine(); err != nil {
		return
	}
	head, err := reader.ReadMIMEHeader()
	if err != nil {
		return
	}
	length, _ := strconv.Atoi(head.Get("Content-Length"))
	received := make([]byte, length)
	if _, err := io.ReadFull(reader.R, received); err != nil {
		return
	}
	io.WriteString(client, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
	body <- string(received)
}

// post sends the form in the given way, frees it before the transfer, and says whether
// it arrived.
func post(option C.CURLoption) (code C.CURLcode, intact bool) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer listener.Close()
	received := make(chan string, 1)
	go answerOnce(listener, received)

	easy := newEasy()
	defer C.curl_easy_cleanup(easy)
	setURL(easy, "http://"+listener.Addr().String()+"/")
	body := C.CString(form)
	if C.set_post(easy, option, body) != C.CURLE_OK {
		panic("no body")
	}
	C.free(unsafe.Pointer(body))
	code = C.curl_easy_perform(easy)
	listener.Close()
	return code, <-received == form
}

func postFreed() {
	code, intact := post(C.CURLOPT_POSTFIELDS)
	result("libcurl answered %d; what was freed arrived as it was: %t", code, intact)
}

func postCopied() {
	code, intact := post(C.CURLOPT_COPYPOSTFIELDS)
	result("libcurl answered %d; what was copied arrived as it was: %t", code, intact)
}
