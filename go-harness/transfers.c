// libcurl writing to Go: see trampolines.c on handles, and on why this is no preamble.
#include "_cgo_export.h"
#include <curl/curl.h>

static size_t receive(char *bytes, size_t size, size_t count, void *user) {
  (void)bytes;
  return goReceive((uintptr_t)user, size * count);
}

int go_easy_receive(CURL *easy, uintptr_t handle) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive);
  if (code == CURLE_OK) {
    code = curl_easy_setopt(easy, CURLOPT_WRITEDATA, (void *)handle);
  }
  return code == CURLE_OK ? curl_easy_perform(easy) : code;
}
