package curl

// A Call is one request, as both sides of the comparison and Go's own net/http
// are given it.
type Call struct {
	Method    string   `json:"method"`
	URL       string   `json:"url"`
	Headers   []Header `json:"headers"`
	Body      *[]byte  `json:"body"`
	Form      []Part   `json:"form"`
	Auth      string   `json:"auth"` // basic, digest or bearer
	User      string   `json:"user"`
	Password  string   `json:"password"` // or the token
	Redirects int      `json:"redirects"`
	Cookies   bool     `json:"cookies"`
	Encoding  *string  `json:"encoding"` // that the body may come in; empty for all that libcurl knows
	Version   string   `json:"version"`  // 1.1, or 2
	CAFile    string   `json:"ca_file"`
	TimeoutMS int64    `json:"timeout_ms"`
	Addresses []string `json:"addresses"` // what names mean, "name:port:address"
}

// A Header has any bytes for its value.
type Header struct {
	Name  string `json:"name"`
	Value []byte `json:"value"`
}

// A Part is one of a form.
type Part struct {
	Name     string `json:"name"`
	Filename string `json:"filename"`
	Type     string `json:"type"`
	Data     []byte `json:"data"`
}

// A Response arrived whole.
type Response struct {
	Status    int
	Version   string
	Head      []byte // all that came before the bodies, as it came
	Headers   []Header
	Body      []byte
	URL       string // of the last request
	Redirects int
}

// A Failure is a transfer that libcurl gave up.
type Failure struct {
	Class string // by the names that the Rust side uses
	Code  int    // a CURLcode
	Text  string // libcurl's own words
}

func (f *Failure) Error() string {
	return f.Class + ": " + f.Text
}
