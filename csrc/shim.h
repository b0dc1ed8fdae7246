/* What Rust cannot spell: libcurl's variadic setters and getters, one function for each kind of C
 * argument, so that the compiler checks what `...` does not.
 * Every name begins with `ffence_`. Nothing here allocates or keeps a pointer. */
#ifndef FFENCE_SHIM_H
#define FFENCE_SHIM_H

#include <stddef.h>

#include <curl/curl.h>

/* CURLOPTTYPE_LONG and _VALUES */
CURLcode ffence_easy_setopt_long(CURL *easy, CURLoption option, long value);
/* CURLOPTTYPE_OFF_T */
CURLcode ffence_easy_setopt_off(CURL *easy, CURLoption option, curl_off_t value);
/* CURLOPTTYPE_STRINGPOINT: libcurl copies the text */
CURLcode ffence_easy_setopt_string(CURL *easy, CURLoption option, const char *value);
/* CURLOPTTYPE_OBJECTPOINT, _CBPOINT: libcurl keeps the pointer */
CURLcode ffence_easy_setopt_pointer(CURL *easy, CURLoption option, void *value);
/* CURLOPTTYPE_SLISTPOINT: libcurl keeps the pointer */
CURLcode ffence_easy_setopt_slist(CURL *easy, CURLoption option, struct curl_slist *value);
/* CURLOPTTYPE_BLOB: libcurl copies the bytes */
CURLcode ffence_easy_setopt_blob(CURL *easy, CURLoption option, const void *data, size_t len);
/* CURLOPT_WRITEFUNCTION, CURLOPT_HEADERFUNCTION */
CURLcode ffence_easy_setopt_write(CURL *easy, CURLoption option, curl_write_callback callback);
/* CURLOPT_READFUNCTION */
CURLcode ffence_easy_setopt_read(CURL *easy, CURLoption option, curl_read_callback callback);
/* CURLOPT_SEEKFUNCTION */
CURLcode ffence_easy_setopt_seek(CURL *easy, CURLoption option, curl_seek_callback callback);
/* CURLOPT_XFERINFOFUNCTION */
CURLcode ffence_easy_setopt_xferinfo(CURL *easy, CURLoption option, curl_xferinfo_callback callback);
/* CURLOPT_DEBUGFUNCTION */
CURLcode ffence_easy_setopt_debug(CURL *easy, CURLoption option, curl_debug_callback callback);
/* CURLOPT_SOCKOPTFUNCTION */
CURLcode ffence_easy_setopt_sockopt(CURL *easy, CURLoption option, curl_sockopt_callback callback);
/* CURLOPT_OPENSOCKETFUNCTION */
CURLcode ffence_easy_setopt_opensocket(CURL *easy, CURLoption option,
                                       curl_opensocket_callback callback);
/* CURLOPT_CLOSESOCKETFUNCTION */
CURLcode ffence_easy_setopt_closesocket(CURL *easy, CURLoption option,
                                        curl_closesocket_callback callback);
/* CURLOPT_RESOLVER_START_FUNCTION */
CURLcode ffence_easy_setopt_resolver_start(CURL *easy, CURLoption option,
                                           curl_resolver_start_callback callback);
/* CURLOPT_PREREQFUNCTION, since 7.80: its type is not in older headers */
typedef int (*ffence_prereq_callback)(void *data, char *remote_ip, char *local_ip, int remote_port,
                                      int local_port);
CURLcode ffence_easy_setopt_prereq(CURL *easy, CURLoption option, ffence_prereq_callback callback);
/* CURLOPT_TRAILERFUNCTION */
CURLcode ffence_easy_setopt_trailer(CURL *easy, CURLoption option, curl_trailer_callback callback);
/* CURLOPT_SSL_CTX_FUNCTION */
CURLcode ffence_easy_setopt_ssl_ctx(CURL *easy, CURLoption option, curl_ssl_ctx_callback callback);

/* CURLINFO_LONG */
CURLcode ffence_easy_getinfo_long(CURL *easy, CURLINFO info, long *value);
/* CURLINFO_OFF_T */
CURLcode ffence_easy_getinfo_off(CURL *easy, CURLINFO info, curl_off_t *value);
/* CURLINFO_STRING: the text belongs to the handle */
CURLcode ffence_easy_getinfo_string(CURL *easy, CURLINFO info, const char **value);
/* CURLINFO_SLIST: the list is the caller's to free */
CURLcode ffence_easy_getinfo_slist(CURL *easy, CURLINFO info, struct curl_slist **value);
/* CURLINFO_PTR: what it points to belongs to the handle */
CURLcode ffence_easy_getinfo_pointer(CURL *easy, CURLINFO info, void **value);
/* CURLINFO_SOCKET */
CURLcode ffence_easy_getinfo_socket(CURL *easy, CURLINFO info, curl_socket_t *value);

#endif
