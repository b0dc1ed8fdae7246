/* Preprocessed, never compiled: build.rs reads the line that comes out. */
#include <curl/curlver.h>
ffence_curl_version LIBCURL_VERSION_MAJOR LIBCURL_VERSION_MINOR LIBCURL_VERSION_PATCH
