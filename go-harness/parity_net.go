package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/textproto"
	"net/url"
	"os"
	"sort"
	"strings"
	"syscall"
	"time"

	"ffence/go-harness/lib/curl"
)

// The same calls by Go's own net/http, which knows nothing of C.
func init() {
	operations["go-http"] = func(r request) reply {
		if len(r.Calls) == 0 {
			return reply{Error: &failure{Class: "request", Text: "no calls"}}
		}
		client, err := newClient(r.Calls[0])
		if err != nil {
			return withData(nil, err)
		}
		defer client.transport.CloseIdleConnections()
		return reply{Results: each(r.Calls, client.do)}
	}
}

// A goClient keeps its connections and cookies from call to call. What TLS and
// the encodings are, the first call says for all.
type goClient struct {
	transport *http.Transport
	jar       *cookiejar.Jar
}

func newClient(call curl.Call) (*goClient, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{
		DisableCompression: call.Encoding == nil,
		ForceAttemptHTTP2:  call.Version == "2",
	}
	if call.Version != "2" {
		transport.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	}
	if call.CAFile != "" {
		pem, err := os.ReadFile(call.CAFile)
		if err != nil {
			return nil, err
		}
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(pem)
		transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	}
	return &goClient{transport, jar}, nil
}

var errRedirects = errors.New("too many redirects")

func (c *goClient) do(call curl.Call) (*curl.Response, error) {
	ctx := context.Background()
	if call.TimeoutMS > 0 {
		limited, cancel := context.WithTimeout(ctx, time.Duration(call.TimeoutMS)*time.Millisecond)
		defer cancel()
		ctx = limited
	}
	request, err := newRequest(ctx, call)
	if err != nil {
		return nil, &curl.Failure{Class: "url", Text: err.Error()}
	}
	redirects := 0
	client := &http.Client{
		Transport: c.transport,
		CheckRedirect: func(_ *http.Request, via []*http.Request) error {
			switch {
			case call.Redirects == 0:
				return http.ErrUseLastResponse
			case len(via) > call.Redirects:
				return errRedirects
			}
			redirects = len(via)
			return nil
		},
	}
	if call.Cookies {
		client.Jar = c.jar
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, &curl.Failure{Class: goClass(err), Text: err.Error()}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, &curl.Failure{Class: goClass(err), Text: err.Error()}
	}
	version := "1.1"
	if response.ProtoMajor == 2 {
		version = "2"
	}
	return &curl.Response{
		Status:    response.StatusCode,
		Version:   version,
		Headers:   flat(response.Header),
		Body:      body,
		URL:       response.Request.URL.String(),
		Redirects: redirects,
	}, nil
}

func newRequest(ctx context.Context, call curl.Call) (*http.Request, error) {
	var body io.Reader
	kind := ""
	switch {
	case len(call.Form) > 0:
		whole, boundary, err := formOf(call.Form)
		if err != nil {
			return nil, err
		}
		body, kind = bytes.NewReader(whole), boundary
	case call.Body != nil:
		body = bytes.NewReader(*call.Body)
	}
	request, err := http.NewRequestWithContext(ctx, call.Method, call.URL, body)
	if err != nil {
		return nil, err
	}
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	for _, header := range call.Headers {
		request.Header.Add(header.Name, string(header.Value))
	}
	switch call.Auth {
	case "basic":
		request.SetBasicAuth(call.User, call.Password)
	case "bearer":
		request.Header.Set("Authorization", "Bearer "+call.Password)
	}
	return request, nil
}

func formOf(parts []curl.Part) (body []byte, kind string, err error) {
	var whole bytes.Buffer
	form := multipart.NewWriter(&whole)
	for _, part := range parts {
		about := `form-data; name="` + part.Name + `"`
		if part.Filename != "" {
			about += `; filename="` + part.Filename + `"`
		}
		head := textproto.MIMEHeader{"Content-Disposition": {about}}
		if part.Type != "" {
			head.Set("Content-Type", part.Type)
		}
		one, err := form.CreatePart(head)
		if err != nil {
			return nil, "", err
		}
		if _, err := one.Write(part.Data); err != nil {
			return nil, "", err
		}
	}
	if err := form.Close(); err != nil {
		return nil, "", err
	}
	return whole.Bytes(), form.FormDataContentType(), nil
}

func flat(headers http.Header) []curl.Header {
	var all []curl.Header
	for name, values := range headers {
		for _, value := range values {
			all = append(all, curl.Header{Name: name, Value: []byte(value)})
		}
	}
	sort.SliceStable(all, func(one, other int) bool { return all[one].Name < all[other].Name })
	return all
}

// goClass names an error as the other side does.
func goClass(err error) string {
	var timeout net.Error
	var name *net.DNSError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var record tls.RecordHeaderError
	var reason *url.Error
	text := err.Error()
	switch {
	case errors.Is(err, errRedirects):
		return "libcurl" // which has no class for it either
	case errors.As(err, &name):
		return "resolve"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connect"
	case errors.As(err, &authority), errors.As(err, &host), errors.As(err, &record),
		strings.Contains(text, "server gave HTTP response to HTTPS client"):
		return "tls"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "truncated"
	case errors.Is(err, io.EOF):
		return "transport"
	case strings.Contains(text, "invalid"), strings.Contains(text, "unsupported protocol scheme"),
		strings.Contains(text, "no Host in request URL"):
		return "url"
	case errors.As(err, &reason):
		return "transport"
	default:
		return "other"
	}
}
