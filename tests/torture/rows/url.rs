//! URLs, escaping and lists of libcurl's.

use ffence::curl::{List, Url, UrlFlags, UrlPart, escape, unescape};

use crate::row::{Outcome, Row, row};

pub fn rows() -> Vec<Row> {
    vec![
        row!(
            "a URL is taken apart",
            [
                "curl::Url::{parse,parse_with,as_str,get,get_with,decoded,host,path,port,query,scheme}",
                "curl::UrlFlags::contains",
            ],
            {
                || -> Outcome {
                    let url = Url::parse("https://user:pw@example.org:8443/a%20b/c?q=1#top")?;
                    let flags = UrlFlags::DEFAULT_PORT;
                    assert!(flags.contains(UrlFlags::DEFAULT_PORT));
                    let other = Url::parse_with("http://example.org/", UrlFlags::default())?;
                    Ok(format!(
                        "{} {:?} {:?} {:?} {:?} {} {:?} {:?} {}",
                        url.as_str(),
                        url.get(UrlPart::User)?,
                        other.get_with(UrlPart::Port, flags)?,
                        url.decoded(UrlPart::Path)?,
                        url.host()?,
                        url.path()?,
                        url.port()?,
                        url.query()?,
                        url.scheme()?,
                    )
                    .into_bytes())
                }
            }
        ),
        row!(
            "a URL is changed",
            [
                "curl::Url::{set,set_with,append_query,join,builder}",
                "curl::UrlBuilder::{set,set_with,append_query,build}",
            ],
            {
                || -> Outcome {
                    let mut url = Url::parse("http://example.org/a/b")?;
                    url.set(UrlPart::Host, Some("example.com"))?.append_query("name", "a&b")?;
                    url.set_with(UrlPart::Path, Some("/a b"), UrlFlags::URLENCODE)?;
                    let joined = url.join("../c")?;
                    let built = Url::builder()?
                        .set(UrlPart::Scheme, "https")?
                        .set(UrlPart::Host, "example.org")?
                        .set_with(UrlPart::Path, "/a b", UrlFlags::URLENCODE)?
                        .append_query("x", "1 2")?
                        .build()?;
                    Ok(format!("{} {} {}", url.as_str(), joined.as_str(), built.as_str())
                        .into_bytes())
                }
            }
        ),
        row!("a URL that is changed, kept", ["curl::Url::set"], {
            let mut url = Url::parse("http://example.org/a/b").unwrap();
            move || -> Outcome {
                url.set(UrlPart::Host, Some("example.com"))?;
                Ok(url.as_str().as_bytes().to_vec())
            }
        }),
        row!("escaping", ["curl::{escape,unescape}"], {
            || -> Outcome {
                let text = escape(b"a b\0\xff/")?;
                let back = unescape(&text)?;
                assert_eq!(back, b"a b\0\xff/");
                Ok(text.into_bytes())
            }
        }),
        row!("List", ["curl::List::{new,push,iter,is_empty}"], {
            || -> Outcome {
                let mut list = List::new();
                assert!(list.is_empty());
                for line in ["x-one: 1", "x-two: 2", "x-three: 3"] {
                    list.push(line)?;
                }
                Ok(list.iter().flat_map(|line| line.to_bytes().to_vec()).collect())
            }
        }),
    ]
}
