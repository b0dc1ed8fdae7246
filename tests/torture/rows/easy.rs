//! One handle of libcurl, against a real server on loopback.

use std::os::fd::{BorrowedFd, OwnedFd};

use ffence::curl::info::Origin;
use ffence::curl::option::value::{
    AltSvcCtrl, Auth, Follow, HstsCtrl, HttpVersion, MimeOptions, PostRedir, Protocols, SshAuth,
    SslOptions, TlsVersion, TlsVersions, UploadFlags, WsOptions,
};
use ffence::curl::{
    Address, Callbacks, Easy, Encoder, Ends, Flow, Handler, List, Mime, Part, Pauses, Progress,
    Purpose, Read, Seek, Socket, Source, TlsContext, Trace, Upload, Write, option,
};

use crate::common::server::{Authority, Server, bytes};
use crate::common::transfers::Body;
use crate::row::{Fault, Outcome, Row, row};

/// A handle for a URL of the server's, which no proxy comes between.
fn easy(url: &str) -> Result<Easy, Fault> {
    let mut easy = Easy::new()?;
    easy.set(option::Url(url))?.set(option::NoProxy("*"))?;
    Ok(easy)
}

/// Trusts one authority, and not the system's as well, which are hundreds of files. Where OpenSSL has
/// no memory to look one up, it asks to be called again, and libcurl waits for the peer until a limit is
/// reached.
pub(super) fn trust<H: Handler, S>(easy: &mut Easy<H, S>, pem: &[u8]) -> ffence::Result<()> {
    easy.set(option::CaInfoBlob(pem))?
        .set(option::CaPath(None::<&str>))?
        .set(option::Timeout(std::time::Duration::from_secs(30)))?;
    Ok(())
}

/// What a PEM text holds.
fn der(pem: &str) -> Vec<u8> {
    use base64ct::Encoding as _;
    let lines: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    base64ct::Base64::decode_vec(&lines).expect("PEM is base64")
}

/// Asks for every info that has an answer of its own.
macro_rules! asked {
    ($info:ident: $($question:ident)+) => { $(let _ = $info.$question();)+ };
}

pub fn rows() -> Vec<Row> {
    vec![
        row!(
            "Easy, made",
            ["curl::Easy::{new,with,handler,handler_mut,into_handler,as_ptr,reset}"],
            {
                || -> Outcome {
                    let mut easy = Easy::with(Body::default())?;
                    easy.handler_mut().0.push(7);
                    assert!(!easy.as_ptr().is_null() && easy.handler().0 == [7]);
                    easy.reset()?;
                    drop(Easy::new()?);
                    Ok(easy.into_handler().0)
                }
            }
        ),
        row!("options", ["curl::Easy::{set,set_raw,on_close_socket}"], {
            || -> Outcome {
                let mut easy = Easy::new()?;
                easy.set(option::Url("http://127.0.0.1/"))?
                    .set(option::UserAgent("ffence"))?
                    .set(option::Username("user"))?
                    .set(option::Password("secret"))?
                    .set(option::PostFields("some text"))?
                    .set(option::Cookie("a=b"))?
                    .set(option::CaInfoBlob(&b"no certificate"[..]))?
                    .set(option::HttpVersion(HttpVersion::Http2OverTls))?
                    .set(option::FollowLocation(Follow::All))?
                    .set(option::TcpKeepAlive(true))?;
                let mut headers = List::new();
                headers.push("x-one: 1")?;
                easy.set(option::HttpHeader(headers))?;
                easy.on_close_socket(drop)?;
                // SAFETY: CURLOPT_TCP_NODELAY takes a long.
                unsafe { easy.set_raw(121, ffence::curl::Raw::Long(1)) }?;
                Ok(Vec::new())
            }
        }),
        row!("a transfer on a new handle", ["curl::Easy::{perform_into,info}"], {
            let server = Server::plain();
            let url = server.url("/bytes/100000");
            move || -> Outcome {
                let _server = &server;
                let mut easy = easy(&url)?;
                let mut body = Vec::new();
                easy.perform_into(&mut body)?;
                assert_eq!(easy.info().response_code(), Some(200));
                assert!(body == bytes(100_000));
                Ok(Vec::new())
            }
        }),
        row!(
            "transfers on a kept handle",
            ["curl::Easy::{perform,perform_into,perform_with,reset}"],
            {
                let server = Server::plain();
                let url = server.url("/bytes/1000");
                let mut easy = easy(&url).expect("there is memory");
                move || -> Outcome {
                    let _server = &server;
                    easy.reset()?;
                    easy.set(option::Url(&url))?.set(option::NoProxy("*"))?;
                    let mut body = Vec::new();
                    easy.perform_into(&mut body)?;
                    let mut other = Vec::new();
                    easy.perform_with(|piece| {
                        other.extend_from_slice(piece);
                        Write::Taken
                    })?;
                    assert_eq!(body, other);
                    assert_eq!(easy.perform()?.size_download(), 1000);
                    Ok(body)
                }
            }
        ),
        row!(
            "a transfer with every callback",
            [
                "curl::Handler::{before_request,header,open_socket,progress,read,resolver_start,seek}",
                "curl::Handler::{socket,trace,write}",
                "curl::Upload::{append,append_from,is_empty,len,room}",
                "curl::Callbacks::{and,contains}",
            ],
            {
                /// A handler that is called back for everything.
                #[derive(Default)]
                struct Everything {
                    body: Vec<u8>,
                    headers: usize,
                    sent: bool,
                }

                impl Handler for Everything {
                    const CALLBACKS: Callbacks = Callbacks::WRITE
                        .and(Callbacks::HEADER)
                        .and(Callbacks::READ)
                        .and(Callbacks::SEEK)
                        .and(Callbacks::PROGRESS)
                        .and(Callbacks::TRACE)
                        .and(Callbacks::SOCKET)
                        .and(Callbacks::OPEN_SOCKET)
                        .and(Callbacks::RESOLVER_START)
                        .and(Callbacks::BEFORE_REQUEST);

                    fn write(&mut self, bytes: &[u8]) -> Write {
                        self.body.extend_from_slice(bytes);
                        Write::Taken
                    }

                    fn header(&mut self, _: &[u8]) -> Flow {
                        self.headers += 1;
                        Flow::Continue
                    }

                    fn read(&mut self, out: &mut Upload<'_>) -> Read {
                        if !self.sent {
                            assert!(out.is_empty() && out.room() > 0);
                            out.append(b"some text");
                            let mut more: &[u8] = b" and more";
                            out.append_from(&mut more).expect("memory is read");
                            assert!(out.len() > 9);
                            self.sent = true;
                        }
                        Read::Sent
                    }

                    fn seek(&mut self, _: std::io::SeekFrom) -> Seek {
                        self.sent = false;
                        Seek::Done
                    }

                    fn progress(&mut self, _: Progress, _: &mut Pauses) -> Flow {
                        Flow::Continue
                    }

                    fn trace(&mut self, _: Trace, _: &[u8]) {}

                    fn socket(&mut self, _: BorrowedFd<'_>, _: Purpose) -> Socket {
                        Socket::Connect
                    }

                    fn open_socket(&mut self, address: &Address<'_>) -> Option<OwnedFd> {
                        // SAFETY: socket(2) takes any numbers.
                        let socket =
                            unsafe { libc::socket(address.family, address.kind, address.protocol) };
                        // SAFETY: it is new, and nobody else's.
                        (socket >= 0)
                            .then(|| unsafe { std::os::fd::FromRawFd::from_raw_fd(socket) })
                    }

                    fn resolver_start(&mut self) -> Flow {
                        Flow::Continue
                    }

                    fn before_request(&mut self, _: &Ends<'_>) -> Flow {
                        Flow::Continue
                    }
                }

                let server = Server::plain();
                let url = server.url("/echo");
                move || -> Outcome {
                    let _server = &server;
                    assert!(Everything::CALLBACKS.and(Callbacks::WRITE).contains(Callbacks::READ));
                    let mut easy = Easy::with(Everything::default())?;
                    let mut headers = List::new();
                    for line in ["Transfer-Encoding: chunked", "Expect:"] {
                        headers.push(line)?;
                    }
                    easy.set(option::Url(&url))?
                        .set(option::NoProxy("*"))?
                        .set(option::Upload(true))?
                        .set(option::HttpHeader(headers))?
                        .set(option::Verbose(true))?;
                    easy.perform()?;
                    let body = easy.into_handler().body;
                    let end =
                        body.windows(2).position(|it| it == b"\n\n").expect("the echo has a head");
                    Ok(body[end + 2..].to_vec())
                }
            }
        ),
        row!(
            "a form",
            [
                "curl::Mime::{new,part}",
                "curl::Part::{new,file,stream,reader,parts,name,filename,content_type,encoder,header}",
                "curl::Source::{read,rewind}",
            ],
            {
                /// A part's content, in pieces.
                struct Pieces(u8);

                impl Source for Pieces {
                    fn read(&mut self, out: &mut Upload<'_>) -> std::io::Result<()> {
                        if self.0 < 3 {
                            self.0 += 1;
                            out.append(b"piece ");
                        }
                        Ok(())
                    }

                    fn rewind(&mut self) -> std::io::Result<()> {
                        self.0 = 0;
                        Ok(())
                    }
                }

                let server = Server::plain();
                let url = server.url("/echo");
                let mut file = tempfile::NamedTempFile::new().unwrap();
                std::io::Write::write_all(&mut file, b"from a file").unwrap();
                move || -> Outcome {
                    let _server = &server;
                    let inner = Mime::new().part(Part::new("inside"));
                    let mime = Mime::new()
                        .part(Part::new("text").name("one").header("x-one: 1")?)
                        .part(
                            Part::file(file.path())
                                .name("two")
                                .filename("f")
                                .content_type("text/plain"),
                        )
                        .part(Part::stream(Pieces(0), None).name("three"))
                        .part(
                            Part::reader(&b"bytes"[..], Some(5))
                                .name("four")
                                .encoder(Encoder::Base64),
                        )
                        .part(Part::parts(inner).name("five"));
                    let mut easy = easy(&url)?;
                    easy.set(option::MimePost(mime))?;
                    let mut body = Vec::new();
                    easy.perform_into(&mut body)?;
                    // The boundaries are drawn.
                    let text = String::from_utf8_lossy(&body);
                    let parts = ["text", "from a file", "piece piece piece ", "Ynl0ZXM=", "inside"];
                    assert!(parts.iter().all(|part| text.contains(part)), "{text}");
                    Ok(Vec::new())
                }
            }
        ),
        row!(
            "what a transfer tells",
            [
                "curl::info::Info::{active_socket,appconnect_time,cainfo,capath,certificates}",
                "curl::info::Info::{condition_unmet,conn_id,connect_time,content_length_download}",
                "curl::info::Info::{content_length_upload,content_type,cookies,earlydata_sent}",
                "curl::info::Info::{effective_method,effective_url,filetime,ftp_entry_path,header_size}",
                "curl::info::Info::{headers,http_connect_code,http_version,httpauth_avail,httpauth_used}",
                "curl::info::Info::{local_ip,local_port,namelookup_time,num_connects,os_errno}",
                "curl::info::Info::{posttransfer_time,pretransfer_time,primary_ip,primary_port}",
                "curl::info::Info::{proxy_error,proxy_ssl_verifyresult,proxyauth_avail,proxyauth_used}",
                "curl::info::Info::{queue_time,redirect_count,redirect_time,redirect_url,referer}",
                "curl::info::Info::{request_size,response_code,retry_after,rtsp_client_cseq}",
                "curl::info::Info::{rtsp_cseq_recv,rtsp_server_cseq,rtsp_session_id,scheme}",
                "curl::info::Info::{size_delivered,size_download,size_upload,speed_download}",
                "curl::info::Info::{speed_upload,ssl_engines,ssl_verifyresult,starttransfer_time}",
                "curl::info::Info::{tls_backend,total_time,used_proxy,xfer_id}",
                "curl::info::Headers::{all,get,iter,origin,request}",
                "curl::info::Header::{amount,index,name,origin,text,value}",
                "curl::info::Origin::contains",
                "curl::info::CertificateChain::{is_empty,len,iter}",
                "curl::info::all",
            ],
            {
                let server = Server::plain();
                let mut easy = easy(&server.url("/cookie/10")).expect("there is memory");
                easy.set(option::CookieFile("")).unwrap();
                easy.perform().unwrap();
                move || -> Outcome {
                    let _server = &server;
                    let info = easy.info();
                    asked!(info: active_socket appconnect_time cainfo capath condition_unmet conn_id
                    connect_time content_length_download content_length_upload content_type
                    earlydata_sent effective_method effective_url filetime ftp_entry_path header_size
                    http_connect_code http_version httpauth_avail httpauth_used local_ip local_port
                    namelookup_time num_connects os_errno posttransfer_time pretransfer_time primary_ip
                    primary_port proxy_error proxy_ssl_verifyresult proxyauth_avail proxyauth_used
                    queue_time redirect_count redirect_time redirect_url referer request_size
                    response_code retry_after rtsp_client_cseq rtsp_cseq_recv rtsp_server_cseq
                    rtsp_session_id scheme size_delivered size_download size_upload speed_download
                    speed_upload ssl_verifyresult starttransfer_time tls_backend total_time used_proxy
                    xfer_id);
                    let chain = info.certificates();
                    assert!(chain.is_empty() && chain.iter().count() == chain.len());
                    let mut told = format!("{}", ffence::curl::info::all().count()).into_bytes();
                    let mut lists = vec![info.cookies()?];
                    // An error where libcurl knows no engines; a list where it does.
                    lists.push(info.ssl_engines()?);
                    for line in lists.iter().flat_map(List::iter) {
                        told.extend_from_slice(line.to_bytes());
                    }
                    let headers = info.headers()?.origin(Origin::RESPONSE).request(0);
                    let one = headers.get("content-length")?.expect("it has a length");
                    assert!(one.origin().contains(Origin::RESPONSE) && one.amount() == 1);
                    told.extend_from_slice(one.value());
                    told.extend_from_slice(one.name());
                    let counted = headers.iter().count() + headers.all("set-cookie").count();
                    told.extend_from_slice(
                        format!("{counted} {} {:?}", one.index(), one.text()).as_bytes(),
                    );
                    Ok(told)
                }
            }
        ),
        row!("a transfer over TLS", ["curl::info::Certificate::{field,lines,pem}",], {
            let authority = Authority::new();
            let server = Server::tls(&authority);
            let pem = authority.pem().to_owned();
            let url = server.url("/bytes/1000");
            move || -> Outcome {
                let _server = &server;
                let mut easy = easy(&url)?;
                trust(&mut easy, pem.as_bytes())?;
                easy.set(option::CertInfo(true))?;
                let mut body = Vec::new();
                let info = easy.perform_into(&mut body)?;
                let chain = info.certificates();
                let certificate = chain.iter().next().expect("the server has a certificate");
                assert!(certificate.lines().count() > 5 && certificate.pem().is_some());
                assert!(certificate.field("Subject").is_some());
                Ok(body)
            }
        }),
        row!(
            "a transfer that trusts one certificate",
            ["curl::TlsContext::{trust_only,as_ptr}", "curl::Handler::tls_context",],
            {
                /// A handler that trusts one authority.
                struct Trusting(Vec<u8>, usize);

                impl Handler for Trusting {
                    const CALLBACKS: Callbacks = Callbacks::WRITE.and(Callbacks::TLS_CONTEXT);

                    fn write(&mut self, bytes: &[u8]) -> Write {
                        self.1 += bytes.len();
                        Write::Taken
                    }

                    fn tls_context(&mut self, context: &mut TlsContext<'_>) -> Flow {
                        assert!(!context.as_ptr().is_null());
                        match context.trust_only([&self.0]) {
                            Ok(()) => Flow::Continue,
                            Err(_) => Flow::Stop,
                        }
                    }
                }

                let authority = Authority::new();
                let server = Server::tls(&authority);
                let certificate = der(authority.pem());
                let pem = authority.pem().as_bytes().to_vec();
                let url = server.url("/bytes/1000");
                move || -> Outcome {
                    let _server = &server;
                    let mut easy = Easy::with(Trusting(certificate.clone(), 0))?;
                    easy.set(option::Url(&url))?.set(option::NoProxy("*"))?;
                    // Not the system's hundreds of authorities as well.
                    trust(&mut easy, &pem)?;
                    easy.perform()?;
                    assert_eq!(easy.into_handler().1, 1000);
                    Ok(Vec::new())
                }
            }
        ),
        row!(
            "sets of values",
            nothing,
            [
                "curl::option::value::{AltSvcCtrl,Auth,HstsCtrl,MimeOptions,PostRedir}::{and,contains}",
                "curl::option::value::{Protocols,SshAuth,SslOptions,UploadFlags,WsOptions}::{and,contains}",
                "curl::option::value::TlsVersions::{from,new,up_to}",
                "curl::option::all",
            ],
            {
                || -> Outcome {
                    let both = [
                        AltSvcCtrl::HTTP1.and(AltSvcCtrl::HTTP2).contains(AltSvcCtrl::HTTP1),
                        Auth::BASIC.and(Auth::DIGEST).contains(Auth::BASIC),
                        HstsCtrl::ENABLE.and(HstsCtrl::READ_ONLY_FILE).contains(HstsCtrl::ENABLE),
                        MimeOptions::PLAIN
                            .and(MimeOptions::FORM_ESCAPE)
                            .contains(MimeOptions::FORM_ESCAPE),
                        PostRedir::AFTER_301
                            .and(PostRedir::AFTER_302)
                            .contains(PostRedir::AFTER_301),
                        Protocols::HTTP.and(Protocols::HTTPS).contains(Protocols::HTTP),
                        SshAuth::PASSWORD.and(SshAuth::AGENT).contains(SshAuth::AGENT),
                        SslOptions::NO_REVOKE
                            .and(SslOptions::NATIVE_CA)
                            .contains(SslOptions::NATIVE_CA),
                        UploadFlags::SEEN.and(UploadFlags::DRAFT).contains(UploadFlags::SEEN),
                        WsOptions::RAW_MODE
                            .and(WsOptions::NO_AUTO_PONG)
                            .contains(WsOptions::RAW_MODE),
                    ];
                    let _ = TlsVersions::new().from(TlsVersion::V1_2).up_to(TlsVersion::V1_3);
                    assert!(both.iter().all(|it| *it));
                    Ok(option::all().count().to_be_bytes().to_vec())
                }
            }
        ),
    ]
}
