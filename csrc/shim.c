#include "shim.h"

/* The callbacks' signatures are the contract with Rust: fail here if a header changes them. */
_Static_assert(sizeof(curl_off_t) == 8, "curl_off_t is 64 bits wide");

CURLcode ffence_easy_setopt_long(CURL *easy, CURLoption option, long value)
{
  return curl_easy_setopt(easy, option, value);
}

CURLcode ffence_easy_setopt_off(CURL *easy, CURLoption option, curl_off_t value)
{
  return curl_easy_setopt(easy, option, value);
}

CURLcode ffence_easy_setopt_string(CURL *easy, CURLoption option, const char *value)
{
  return curl_easy_setopt(easy, option, value);
}

CURLcode ffence_easy_setopt_pointer(CURL *easy, CURLoption option, void *value)
{
  return curl_easy_setopt(easy, option, value);
}

CURLcode ffence_easy_setopt_slist(CURL *easy, CURLoption option, struct curl_slist *value)
{
  return curl_easy_setopt(easy, option, value);
}

CURLcode ffence_easy_setopt_blob(CURL *easy, CURLoption option, const void *data, size_t len)
{
  /* CURL_BLOB_COPY: libcurl only reads `data`, and only during this call. */
  struct curl_blob blob = {(void *)data, len, CURL_BLOB_COPY};
  return curl_easy_setopt(easy, option, &blob);
}

CURLcode ffence_easy_setopt_write(CURL *easy, CURLoption option, curl_write_callback callback)
{
  return curl_easy_setopt(easy, option, callback);
}

CURLcode ffence_easy_setopt_read(CURL *easy, CURLoption option, curl_read_callback callback)
{
  return curl_easy_setopt(easy, option, callback);
}

CURLcode ffence_easy_setopt_seek(CURL *easy, CURLoption option, curl_seek_callback callback)
{
  return curl_easy_setopt(easy, option, callback);
}

CURLcode ffence_easy_setopt_xferinfo(CURL *easy, CURLoption option, curl_xferinfo_callback callback)
{
  return curl_easy_setopt(easy, option, callback);
}

CURLcode ffence_easy_setopt_debug(CURL *easy, CURLoption option, curl_debug_callback callback)
{
  return curl_easy_setopt(easy, option, callback);
}

CURLcode ffence_easy_setopt_sockopt(CURL *easy, CURLoption option, curl_sockopt_callback callback)
{
  return curl_easy_setopt(easy, option, callback);
}

CURLcode ffence_easy_setopt_opensocket(CURL *easy, CURLoption option,
                                       curl_opensocket_callback callback)
{
  return curl_easy_setopt(easy, option, callback);
}

CURLcode ffence_easy_setopt_closesocket(CURL *easy, CURLoption option,
                                        curl_closesocket_callback callback)
{
  return curl_easy_setopt(easy, option, callback);
}

CURLcode ffence_easy_setopt_resolver_start(CURL *easy, CURLoption option,
                                           curl_resolver_start_callback callback)
{
  return curl_easy_setopt(easy, option, callback);
}

CURLcode ffence_easy_setopt_prereq(CURL *easy, CURLoption option, ffence_prereq_callback callback)
{
  return curl_easy_setopt(easy, option, callback);
}

CURLcode ffence_easy_setopt_trailer(CURL *easy, CURLoption option, curl_trailer_callback callback)
{
  return curl_easy_setopt(easy, option, callback);
}

CURLcode ffence_easy_setopt_ssl_ctx(CURL *easy, CURLoption option, curl_ssl_ctx_callback callback)
{
  return curl_easy_setopt(easy, option, callback);
}

CURLcode ffence_easy_getinfo_long(CURL *easy, CURLINFO info, long *value)
{
  return curl_easy_getinfo(easy, info, value);
}

CURLcode ffence_easy_getinfo_off(CURL *easy, CURLINFO info, curl_off_t *value)
{
  return curl_easy_getinfo(easy, info, value);
}

CURLcode ffence_easy_getinfo_string(CURL *easy, CURLINFO info, const char **value)
{
  /* The interface says `char **`; the text is libcurl's and must not be written to. */
  char *text = NULL;
  CURLcode code = curl_easy_getinfo(easy, info, &text);
  *value = text;
  return code;
}

CURLcode ffence_easy_getinfo_slist(CURL *easy, CURLINFO info, struct curl_slist **value)
{
  return curl_easy_getinfo(easy, info, value);
}

CURLcode ffence_easy_getinfo_pointer(CURL *easy, CURLINFO info, void **value)
{
  /* curl/typecheck-gcc.h knows the pointer kinds one by one; this is all of them. */
  return (curl_easy_getinfo)(easy, info, value);
}

CURLcode ffence_easy_getinfo_socket(CURL *easy, CURLINFO info, curl_socket_t *value)
{
  return curl_easy_getinfo(easy, info, value);
}
