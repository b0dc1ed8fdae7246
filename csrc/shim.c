#include "shim.h"

#include <string.h>

/* The callbacks' signatures are the contract with Rust: fail here if a header changes them. */
_Static_assert(sizeof(curl_off_t) == 8, "curl_off_t is 64 bits wide");
_Static_assert(sizeof(((struct curl_hstsentry *)0)->expire) == 18, "YYYYMMDD HH:MM:SS and a NUL");

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

CURLcode ffence_easy_setopt_chunk_bgn(CURL *easy, CURLoption option,
                                      curl_chunk_bgn_callback callback)
{
  return curl_easy_setopt(easy, option, callback);
}

CURLcode ffence_easy_setopt_chunk_end(CURL *easy, CURLoption option,
                                      curl_chunk_end_callback callback)
{
  return curl_easy_setopt(easy, option, callback);
}

CURLcode ffence_easy_setopt_ssh_key(CURL *easy, CURLoption option, curl_sshkeycallback callback)
{
  return curl_easy_setopt(easy, option, callback);
}

CURLcode ffence_easy_setopt_ssh_hostkey(CURL *easy, CURLoption option,
                                        ffence_sshhostkey_callback callback)
{
  return curl_easy_setopt(easy, option, callback);
}

CURLcode ffence_easy_setopt_hstsread(CURL *easy, CURLoption option, curl_hstsread_callback callback)
{
  return curl_easy_setopt(easy, option, callback);
}

CURLcode ffence_easy_setopt_hstswrite(CURL *easy, CURLoption option,
                                      curl_hstswrite_callback callback)
{
  return curl_easy_setopt(easy, option, callback);
}

int ffence_hsts_fill(struct curl_hstsentry *entry, const char *name, size_t len,
                     int include_subdomains, const char *expire)
{
  /* Up to 255 bytes: from 8.20 on libcurl refuses what fills its buffer. */
  if(len >= entry->namelen || len > 255)
    return 0;
  memcpy(entry->name, name, len);
  entry->name[len] = '\0';
  entry->includeSubDomains = include_subdomains ? 1 : 0;
  entry->expire[0] = '\0';
  if(expire) {
    memcpy(entry->expire, expire, sizeof(entry->expire) - 1);
    entry->expire[sizeof(entry->expire) - 1] = '\0';
  }
  return 1;
}

const char *ffence_hsts_name(const struct curl_hstsentry *entry)
{
  return entry->name;
}

const char *ffence_hsts_expire(const struct curl_hstsentry *entry)
{
  return entry->expire;
}

int ffence_hsts_subdomains(const struct curl_hstsentry *entry)
{
  return entry->includeSubDomains;
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

CURLMcode ffence_multi_setopt_long(CURLM *multi, CURLMoption option, long value)
{
  return curl_multi_setopt(multi, option, value);
}

CURLMcode ffence_multi_setopt_off(CURLM *multi, CURLMoption option, curl_off_t value)
{
  return curl_multi_setopt(multi, option, value);
}

CURLMcode ffence_multi_setopt_pointer(CURLM *multi, CURLMoption option, void *value)
{
  return curl_multi_setopt(multi, option, value);
}

CURLMcode ffence_multi_setopt_socket(CURLM *multi, CURLMoption option,
                                     curl_socket_callback callback)
{
  return curl_multi_setopt(multi, option, callback);
}

CURLMcode ffence_multi_setopt_timer(CURLM *multi, CURLMoption option,
                                    curl_multi_timer_callback callback)
{
  return curl_multi_setopt(multi, option, callback);
}

CURLMcode ffence_multi_setopt_notify(CURLM *multi, CURLMoption option,
                                     void (*callback)(CURLM *multi, unsigned int notification,
                                                      CURL *easy, void *data))
{
  return curl_multi_setopt(multi, option, callback);
}

CURLSHcode ffence_share_setopt_kind(CURLSH *share, CURLSHoption option, curl_lock_data kind)
{
  return curl_share_setopt(share, option, kind);
}

CURLSHcode ffence_share_setopt_lock(CURLSH *share, CURLSHoption option,
                                    curl_lock_function callback)
{
  return curl_share_setopt(share, option, callback);
}

CURLSHcode ffence_share_setopt_unlock(CURLSH *share, CURLSHoption option,
                                      curl_unlock_function callback)
{
  return curl_share_setopt(share, option, callback);
}

CURLSHcode ffence_share_setopt_pointer(CURLSH *share, CURLSHoption option, void *value)
{
  return curl_share_setopt(share, option, value);
}
