//! What the client's policies say: redirects, cookies, hosts over TLS alone, names over HTTPS.

use ffence::http::{AltSvc, Client, Hsts, Redirect, RedirectAction, Tls};

use crate::common::server::{Authority, Server};
use crate::row::{Outcome, Row, row};

pub fn rows() -> Vec<Row> {
    vec![
        row!(
            "redirects, as a closure and a limit decide",
            [
                "http::ClientBuilder::redirect",
                "http::Redirect::{none,limited,custom,allow_downgrade}",
                "http::RedirectAttempt::{from,method,previous,status,to}",
                "http::Response::{history,url}",
            ],
            {
                let server = Server::plain();
                move || -> Outcome {
                    let policy = Redirect::custom(|attempt| {
                        let is_first = attempt.previous().is_empty();
                        assert!(is_first && attempt.status() == 307 && attempt.method() == "POST");
                        // What memory fails for is no reason to go there.
                        match (attempt.from().host(), attempt.to().host()) {
                            (Ok(from), Ok(to)) if from == to => RedirectAction::Follow,
                            (Err(error), _) | (_, Err(error)) => {
                                RedirectAction::Refuse(error.to_string())
                            }
                            _ => RedirectAction::Stop,
                        }
                    });
                    drop(Redirect::none());
                    let mut all = Vec::new();
                    for policy in [policy, Redirect::limited(1).allow_downgrade()] {
                        let client = Client::builder().redirect(policy).build()?;
                        let url = server.url("/redirect/307/length");
                        let response = client.post(url).body("text").send()?;
                        assert!(response.url().ends_with("/length"));
                        assert_eq!(response.history().len(), 1);
                        all.extend_from_slice(response.body());
                    }
                    Ok(all)
                }
            }
        ),
        row!(
            "a host that is only spoken to over TLS",
            [
                "http::ClientBuilder::{alt_svc,hsts}",
                "http::AltSvc::{clear,load,network_changed,new,save}",
                "http::Hsts::{new,add,contains,load,remove,save}",
            ],
            {
                let authority = Authority::new();
                let server = Server::tls_as(&authority, &["a.test"]);
                let url = server.url("/bytes/10").replace("https://127.0.0.1", "http://a.test");
                let port = url.rsplit(':').next().and_then(|it| it.split('/').next());
                let port: u16 = port.and_then(|it| it.parse().ok()).unwrap();
                move || -> Outcome {
                    let _server = &server;
                    let hosts = Hsts::new();
                    hosts.add("b.test", false, None)?;
                    let mut file = Vec::new();
                    hosts.save(&mut file).unwrap();
                    assert!(hosts.remove("b.test"));
                    assert_eq!(hosts.load(&b".a.test \"unlimited\"\n"[..]).unwrap(), 1);
                    assert!(hosts.contains("a.test"));
                    let places = AltSvc::new();
                    let line = "h1 b.test 443 h2 c.test 443 \"20991231 00:00:00\" 0 0\n";
                    assert_eq!(places.load(line.as_bytes()).unwrap(), 1);
                    file.clear();
                    places.save(&mut file).unwrap();
                    assert_eq!(file, line.as_bytes());
                    places.network_changed();
                    places.clear();
                    let client = Client::builder()
                        .alt_svc(places)
                        .hsts(hosts)
                        .tls(Tls::new().ca_pem(authority.pem()))
                        .resolve("a.test", port, [[127, 0, 0, 1].into()])
                        .build()?;
                    Ok(client.get(&url).send()?.into_body())
                }
            }
        ),
        row!("a name that is asked for over HTTPS", ["http::ClientBuilder::doh"], {
            move || -> Outcome {
                let client = Client::builder().doh("https://127.0.0.1:1/dns-query").build()?;
                drop(client);
                Ok(Vec::new())
            }
        }),
        #[cfg(feature = "cookies")]
        cookies(),
    ]
}

#[cfg(feature = "cookies")]
fn cookies() -> Row {
    use ffence::http::Jar;

    row!(
        "cookies in a jar",
        [
            "http::ClientBuilder::cookies",
            "http::Jar::{new,all,clear,clear_session,header,load,remove,save,set}",
        ],
        {
            let server = Server::plain();
            move || -> Outcome {
                let jar = Jar::new();
                let client = Client::builder().cookies(jar.clone()).build()?;
                client.get(server.url("/cookie/1")).send()?;
                assert!(jar.set(&server.url("/"), "other=1")?);
                let said = jar.header(&server.url("/"))?.unwrap_or_default();
                let body = client.get(server.url("/echo")).send()?.into_body();
                assert!(String::from_utf8_lossy(&body).contains(&said));
                let mut file = Vec::new();
                jar.save(&mut file).unwrap();
                assert!(jar.remove("127.0.0.1", "/", "other") && jar.all().len() == 1);
                jar.clear();
                assert_eq!(jar.load(&file[..]).unwrap(), 2);
                jar.clear_session();
                assert!(jar.all().is_empty());
                Ok(said.into_bytes())
            }
        }
    )
}
