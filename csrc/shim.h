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
/* CURLOPT_CHUNK_BGN_FUNCTION */
CURLcode ffence_easy_setopt_chunk_bgn(CURL *easy, CURLoption option,
                                      curl_chunk_bgn_callback callback);
/* CURLOPT_CHUNK_END_FUNCTION */
CURLcode ffence_easy_setopt_chunk_end(CURL *easy, CURLoption option,
                                      curl_chunk_end_callback callback);
/* CURLOPT_SSH_KEYFUNCTION */
CURLcode ffence_easy_setopt_ssh_key(CURL *easy, CURLoption option, curl_sshkeycallback callback);
/* CURLOPT_SSH_HOSTKEYFUNCTION, since 7.84: its type is not in older headers */
typedef int (*ffence_sshhostkey_callback)(void *data, int keytype, const char *key, size_t keylen);
CURLcode ffence_easy_setopt_ssh_hostkey(CURL *easy, CURLoption option,
                                        ffence_sshhostkey_callback callback);
/* CURLOPT_HSTSREADFUNCTION */
CURLcode ffence_easy_setopt_hstsread(CURL *easy, CURLoption option, curl_hstsread_callback callback);
/* CURLOPT_HSTSWRITEFUNCTION */
CURLcode ffence_easy_setopt_hstswrite(CURL *easy, CURLoption option,
                                      curl_hstswrite_callback callback);
/* A bit field: fills an entry that libcurl lends. `name` is `len` bytes and `expire` 17 or none,
 * neither with a NUL; 0 when the name is too long for it. */
int ffence_hsts_fill(struct curl_hstsentry *entry, const char *name, size_t len,
                     int include_subdomains, const char *expire);
/* The text of an entry, and whether it is about subdomains too. */
const char *ffence_hsts_name(const struct curl_hstsentry *entry);
const char *ffence_hsts_expire(const struct curl_hstsentry *entry);
int ffence_hsts_subdomains(const struct curl_hstsentry *entry);
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

/* CURLOPTTYPE_LONG of the multi interface */
CURLMcode ffence_multi_setopt_long(CURLM *multi, CURLMoption option, long value);
/* CURLOPTTYPE_OFF_T */
CURLMcode ffence_multi_setopt_off(CURLM *multi, CURLMoption option, curl_off_t value);
/* CURLOPTTYPE_OBJECTPOINT: libcurl keeps the pointer */
CURLMcode ffence_multi_setopt_pointer(CURLM *multi, CURLMoption option, void *value);
/* CURLMOPT_SOCKETFUNCTION */
CURLMcode ffence_multi_setopt_socket(CURLM *multi, CURLMoption option,
                                     curl_socket_callback callback);
/* CURLMOPT_TIMERFUNCTION */
CURLMcode ffence_multi_setopt_timer(CURLM *multi, CURLMoption option,
                                    curl_multi_timer_callback callback);
/* CURLMOPT_NOTIFYFUNCTION, whose type is not in the headers before 8.17 */
CURLMcode ffence_multi_setopt_notify(CURLM *multi, CURLMoption option,
                                     void (*callback)(CURLM *multi, unsigned int notification,
                                                      CURL *easy, void *data));

/* CURLSHOPT_SHARE: which data is shared */
CURLSHcode ffence_share_setopt_kind(CURLSH *share, CURLSHoption option, curl_lock_data kind);
/* CURLSHOPT_LOCKFUNC */
CURLSHcode ffence_share_setopt_lock(CURLSH *share, CURLSHoption option,
                                    curl_lock_function callback);
/* CURLSHOPT_UNLOCKFUNC */
CURLSHcode ffence_share_setopt_unlock(CURLSH *share, CURLSHoption option,
                                      curl_unlock_function callback);
/* CURLSHOPT_USERDATA: libcurl keeps the pointer */
CURLSHcode ffence_share_setopt_pointer(CURLSH *share, CURLSHoption option, void *value);

#endif
