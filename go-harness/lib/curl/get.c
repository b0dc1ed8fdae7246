#include "get.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(((http_reply *)0)->text) == CURL_ERROR_SIZE,
               "libcurl writes up to CURL_ERROR_SIZE bytes");

struct sink {
  http_reply *reply;
  size_t limit;
};

static size_t gather(char *data, size_t size, size_t count, void *user) {
  struct sink *sink = user;
  http_reply *reply = sink->reply;
  size_t added = size * count;
  if (added == 0) {
    return 0;
  }
  if (added > sink->limit - reply->length) {
    reply->too_large = 1;
    return 0;
  }
  char *grown = realloc(reply->body, reply->length + added);
  if (grown == NULL) {
    return 0;
  }
  memcpy(grown + reply->length, data, added);
  reply->body = grown;
  reply->length += added;
  return added;
}

static CURLcode configure(CURL *easy, const char *url, const char *ca_file,
                          long timeout_ms, struct sink *sink) {
  CURLcode code = CURLE_OK;
#define SET(option, value)                            \
  if (code == CURLE_OK) {                             \
    code = curl_easy_setopt(easy, option, value);     \
  }
  SET(CURLOPT_ERRORBUFFER, sink->reply->text)
  SET(CURLOPT_URL, url)
  SET(CURLOPT_NOSIGNAL, 1L)
  SET(CURLOPT_NOPROXY, "*")
  SET(CURLOPT_TIMEOUT_MS, timeout_ms)
  SET(CURLOPT_WRITEFUNCTION, gather)
  SET(CURLOPT_WRITEDATA, sink)
#if LIBCURL_VERSION_NUM >= 0x075500
  SET(CURLOPT_PROTOCOLS_STR, "http,https")
#else
  SET(CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS))
#endif
  if (ca_file != NULL) {
    SET(CURLOPT_CAINFO, ca_file)
    // Only the given file: not the directory that the library was built with.
    SET(CURLOPT_CAPATH, NULL)
  }
#undef SET
  return code;
}

void http_get(const char *url, const char *ca_file, long timeout_ms,
              size_t limit, http_reply *reply) {
  struct sink sink = {reply, limit};
  memset(reply, 0, sizeof *reply);
  CURL *easy = curl_easy_init();
  if (easy == NULL) {
    reply->code = CURLE_OUT_OF_MEMORY;
    return;
  }
  CURLcode code = configure(easy, url, ca_file, timeout_ms, &sink);
  if (code == CURLE_OK) {
    code = curl_easy_perform(easy);
  }
  if (code == CURLE_OK) {
    code = curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &reply->status);
  }
  curl_easy_cleanup(easy);
  reply->code = (int)code;
}

void http_reply_clear(http_reply *reply) {
  free(reply->body);
  reply->body = NULL;
  reply->length = 0;
}
