//! FTP, SSH, mail and the rest.

use super::prelude::*;

options! {
    FtpPort: line = "CURLOPT_FTPPORT" 10017 "7.1.0", "The address that the server is to connect to (active FTP); `-` for this side's own.";
    FtpUseEprt: flag = "CURLOPT_FTP_USE_EPRT" 106 "7.10.5", "Try `EPRT` before `PORT`.";
    FtpUseEpsv: flag = "CURLOPT_FTP_USE_EPSV" 85 "7.9.2", "Try `EPSV` before `PASV`.";
    FtpUsePret: flag = "CURLOPT_FTP_USE_PRET" 188 "7.20.0", "Send `PRET` before `PASV`.";
    FtpSkipPasvIp: flag = "CURLOPT_FTP_SKIP_PASV_IP" 137 "7.15.0", "Use the control connection's address, not the one that the server names.";
    FtpCreateMissingDirs: long(value::CreateMissingDirs) = "CURLOPT_FTP_CREATE_MISSING_DIRS" 110 "7.10.7", "Make directories that are missing.";
    FtpFileMethod: long(value::FtpFileMethod) = "CURLOPT_FTP_FILEMETHOD" 138 "7.15.1", "How to get to a file.";
    FtpAccount: line = "CURLOPT_FTP_ACCOUNT" 10134 "7.13.0", "What to answer when the server asks for an account.";
    FtpAlternativeToUser: line = "CURLOPT_FTP_ALTERNATIVE_TO_USER" 10147 "7.15.5", "What to send when the log-in fails.";
    FtpSslAuth: long(value::FtpSslAuth) = "CURLOPT_FTPSSLAUTH" 129 "7.12.2", "The order in which ways to TLS are tried.";
    FtpSslCcc: long(value::FtpSslCcc) = "CURLOPT_FTP_SSL_CCC" 154 "7.16.1", "Leave TLS after the log-in.";
    Quote: list = "CURLOPT_QUOTE" 10028 "7.1.0", "Commands to send before the transfer (FTP, SFTP).";
    PostQuote: list = "CURLOPT_POSTQUOTE" 10039 "7.1.0", "Commands to send after the transfer.";
    PreQuote: list = "CURLOPT_PREQUOTE" 10093 "7.9.5", "Commands to send right before the transfer.";
    TelnetOptions: list = "CURLOPT_TELNETOPTIONS" 10070 "7.7.0", "Options of TELNET.";
    TftpBlkSize: long(u16) = "CURLOPT_TFTP_BLKSIZE" 178 "7.19.4", "The size of blocks (TFTP), 8 to 65464.";
    TftpNoOptions: flag = "CURLOPT_TFTP_NO_OPTIONS" 242 "7.48.0", "Send no options (TFTP).";
    MailFrom: line = "CURLOPT_MAIL_FROM" 10186 "7.20.0", "The sender's address.";
    MailRcpt: list = "CURLOPT_MAIL_RCPT" 10187 "7.20.0", "The recipients' addresses.";
    MailRcptAllowFails: flag = "CURLOPT_MAIL_RCPT_ALLOWFAILS" 290 "7.69.0", "Go on when a recipient is refused.";
    MailAuth: line = "CURLOPT_MAIL_AUTH" 10217 "7.25.0", "Who handed a relayed mail in.";
    SshAuthTypes: long(value::SshAuth) = "CURLOPT_SSH_AUTH_TYPES" 151 "7.16.1", "How to authenticate.";
    SshCompression: flag = "CURLOPT_SSH_COMPRESSION" 268 "7.56.0", "Compress.";
    SshHostPublicKeyMd5: line = "CURLOPT_SSH_HOST_PUBLIC_KEY_MD5" 10162 "7.17.1", "The MD5 digest that the host's key must have, in hexadecimal.";
    SshHostPublicKeySha256: line = "CURLOPT_SSH_HOST_PUBLIC_KEY_SHA256" 10311 "7.80.0", "The SHA-256 digest that the host's key must have, in Base64.";
    SshKnownHosts: text = "CURLOPT_SSH_KNOWNHOSTS" 10183 "7.19.6", "The file of known hosts.";
    SshPublicKeyFile: text = "CURLOPT_SSH_PUBLIC_KEYFILE" 10152 "7.16.1", "The file of this side's public key.";
    SshPrivateKeyFile: text = "CURLOPT_SSH_PRIVATE_KEYFILE" 10153 "7.16.1", "The file of this side's private key.";
}
