//! What is transferred, and how much of it how fast.

use super::prelude::*;

options! {
    Url: text = "CURLOPT_URL" 10002 "7.1.0", "Where to transfer from or to.";
    DefaultProtocol: line = "CURLOPT_DEFAULT_PROTOCOL" 10238 "7.45.0", "The protocol of a URL that names none.";
    PathAsIs: flag = "CURLOPT_PATH_AS_IS" 234 "7.42.0", "Leave `/../` and `/./` in the URL's path.";
    DisallowUsernameInUrl: flag = "CURLOPT_DISALLOW_USERNAME_IN_URL" 278 "7.61.0", "Refuse a URL with a user name in it.";
    Port: long(u16) = "CURLOPT_PORT" 3 "7.1.0", "The port, in place of the URL's; 0 for the URL's.";
    Protocols: long(value::Protocols) = "CURLOPT_PROTOCOLS" 181 "7.19.4", "Which protocols may be used.";
    ProtocolsStr: schemes = "CURLOPT_PROTOCOLS_STR" 10318 "7.85.0", "Which protocols may be used: `Schemes::HTTP | Schemes::HTTPS`.";
    RedirProtocols: long(value::Protocols) = "CURLOPT_REDIR_PROTOCOLS" 182 "7.19.4", "Which protocols a redirect may lead to.";
    RedirProtocolsStr: schemes = "CURLOPT_REDIR_PROTOCOLS_STR" 10319 "7.85.0", "Which protocols a redirect may lead to.";
    Upload: flag = "CURLOPT_UPLOAD" 46 "7.1.0", "Upload what the read callback gives.";
    Put: flag = "CURLOPT_PUT" 54 "7.1.0", "Upload over HTTP, as `Upload` does.";
    UploadFlags: long(value::UploadFlags) = "CURLOPT_UPLOAD_FLAGS" 327 "8.13.0", "IMAP flags of an uploaded mail.";
    NoBody: flag = "CURLOPT_NOBODY" 44 "7.1.0", "Ask for everything but the body: `HEAD`.";
    Range: line = "CURLOPT_RANGE" 10007 "7.1.0", "The part that is wanted, such as `0-499`.";
    ResumeFrom: long(u32) = "CURLOPT_RESUME_FROM" 21 "7.1.0", "Where to go on; `ResumeFromLarge` takes any size.";
    ResumeFromLarge: off(value::Resume) = "CURLOPT_RESUME_FROM_LARGE" 30116 "7.11.0", "Where to go on with an interrupted transfer.";
    InFileSize: long(Option<u32>) = "CURLOPT_INFILESIZE" 14 "7.1.0", "How long the upload is, if that is known; `InFileSizeLarge` takes any size.";
    InFileSizeLarge: off(Option<u64>) = "CURLOPT_INFILESIZE_LARGE" 30115 "7.11.0", "How long the upload is, if that is known.";
    MaxFileSize: long(u32) = "CURLOPT_MAXFILESIZE" 114 "7.10.8", "The longest body to download; `MaxFileSizeLarge` takes any size.";
    MaxFileSizeLarge: off(u64) = "CURLOPT_MAXFILESIZE_LARGE" 30117 "7.11.0", "The longest body to download.";
    FileTime: flag = "CURLOPT_FILETIME" 69 "7.5.0", "Ask for the time at which the document was changed.";
    TimeCondition: long(value::TimeCondition) = "CURLOPT_TIMECONDITION" 33 "7.1.0", "Transfer only if the document changed since `TimeValue`, or did not.";
    TimeValue: long(u32) = "CURLOPT_TIMEVALUE" 34 "7.1.0", "The time of `TimeCondition`, in seconds since 1970; `TimeValueLarge` takes any.";
    TimeValueLarge: off(i64) = "CURLOPT_TIMEVALUE_LARGE" 30270 "7.59.0", "The time of `TimeCondition`, in seconds since 1970.";
    MaxSendSpeedLarge: off(u64) = "CURLOPT_MAX_SEND_SPEED_LARGE" 30145 "7.15.5", "The most bytes to send in a second.";
    MaxRecvSpeedLarge: off(u64) = "CURLOPT_MAX_RECV_SPEED_LARGE" 30146 "7.15.5", "The most bytes to receive in a second.";
    LowSpeedLimit: long(u32) = "CURLOPT_LOW_SPEED_LIMIT" 19 "7.1.0", "The bytes in a second below which a transfer is too slow.";
    LowSpeedTime: seconds = "CURLOPT_LOW_SPEED_TIME" 20 "7.1.0", "How long a transfer may be too slow.";
    Timeout: seconds = "CURLOPT_TIMEOUT" 13 "7.1.0", "How long the whole transfer may take, in seconds.";
    TimeoutMs: millis = "CURLOPT_TIMEOUT_MS" 155 "7.16.2", "How long the whole transfer may take, in milliseconds.";
    BufferSize: long(u32) = "CURLOPT_BUFFERSIZE" 98 "7.10.0", "How many bytes are received at once: 256 KiB is fast for large bodies.";
    UploadBufferSize: long(u32) = "CURLOPT_UPLOAD_BUFFERSIZE" 280 "7.62.0", "How many bytes are sent at once.";
    Crlf: flag = "CURLOPT_CRLF" 27 "7.1.0", "Turn line ends into CRLF in an upload.";
    TransferText: flag = "CURLOPT_TRANSFERTEXT" 53 "7.1.1", "Transfer as text (FTP).";
    FailOnError: flag = "CURLOPT_FAILONERROR" 45 "7.1.0", "Take a status from 400 on for a failure.";
    KeepSendingOnError: flag = "CURLOPT_KEEP_SENDING_ON_ERROR" 245 "7.51.0", "Send the rest of the request although the status is 300 or more.";
    Header: flag = "CURLOPT_HEADER" 42 "7.1.0", "Give the header lines to the write callback too.";
    Verbose: flag = "CURLOPT_VERBOSE" 41 "7.1.0", "Trace what is done, to the handler or to standard error.";
    NewFilePerms: long(u32) = "CURLOPT_NEW_FILE_PERMS" 159 "7.16.4", "The permissions of files that are made.";
    NewDirectoryPerms: long(u32) = "CURLOPT_NEW_DIRECTORY_PERMS" 160 "7.16.4", "The permissions of directories that are made.";
    DirListOnly: flag = "CURLOPT_DIRLISTONLY" 48 "7.17.0", "List names only (FTP, SFTP, POP3).";
    Append: flag = "CURLOPT_APPEND" 50 "7.17.0", "Append to the remote file (FTP, SFTP).";
    WildcardMatch: flag = "CURLOPT_WILDCARDMATCH" 197 "7.21.0", "Take the last part of an FTP URL for a pattern.";
    QuickExit: flag = "CURLOPT_QUICK_EXIT" 322 "7.87.0", "Do not wait for the resolver's thread when the handle is closed.";
    UpkeepIntervalMs: millis = "CURLOPT_UPKEEP_INTERVAL_MS" 281 "7.62.0", "How often connections are kept alive by upkeep.";
}
