// What package curl asks of libcurl. What libcurl keeps a pointer to during a
// transfer lies in C's memory, and bodies and headers are gathered there: no
// callback goes into Go, and no Go memory is kept.
#ifndef HARNESS_HTTP_H
#define HARNESS_HTTP_H

#include <curl/curl.h>
#include <stddef.h>

typedef struct http_bytes {
  char *start; // malloc; NULL when empty
  size_t length;
} http_bytes;

// A handle with what its next transfer sends, and what came of the last one.
typedef struct http {
  CURL *easy;
  struct curl_slist *lines;
  struct curl_slist *addresses;
  curl_mime *form;
  int code; // a CURLcode
  long status;
  long version; // a CURL_HTTP_VERSION
  long redirects;
  long sent;       // bytes of the requests
  http_bytes head; // all that came before the bodies
  http_bytes body;
  char text[CURL_ERROR_SIZE]; // libcurl's own words
} http;

// NULL when memory fails.
http *http_new(void);
void http_free(http *it);

// Takes all options back, and forgets the last transfer. Connections and cookies
// are kept.
int http_reset(http *it);

int http_text(http *it, CURLoption option, const char *value);
int http_long(http *it, CURLoption option, long value);
// One more header line.
int http_line(http *it, const char *line);
// What a name means: "name:port:address".
int http_address(http *it, const char *line);
// The body of a POST; it is copied.
int http_body(http *it, const void *body, size_t length);
// One more part of a form; `filename` and `type` may be NULL. All is copied.
int http_part(http *it, const char *name, const char *filename,
              const char *type, const void *data, size_t length);

// Transfers, and leaves what came of it in the handle.
void http_perform(http *it);
// The URL of the last request; the handle's.
const char *http_url(http *it);

// What handles on several threads share: names.
typedef struct http_shared http_shared;
http_shared *http_shared_new(void);
void http_shared_free(http_shared *it);
int http_share(http *it, http_shared *shared);

#endif
