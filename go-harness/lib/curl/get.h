// What package curl asks of libcurl: one blocking GET in one cgo call. The body
// is gathered in C, so that no callback goes into Go and no Go memory is kept.
#ifndef HARNESS_GET_H
#define HARNESS_GET_H

#include <stddef.h>

typedef struct http_reply {
  int code; // a CURLcode
  long status;
  char *body; // malloc; NULL when empty
  size_t length;
  int too_large;  // the body went past the limit
  char text[256]; // libcurl's own words, CURL_ERROR_SIZE
} http_reply;

// Fetches `url`. `ca_file` may be NULL: the system's store. The caller frees the
// body with http_reply_clear, whatever the code.
void http_get(const char *url, const char *ca_file, long timeout_ms,
              size_t limit, http_reply *reply);

void http_reply_clear(http_reply *reply);

#endif
