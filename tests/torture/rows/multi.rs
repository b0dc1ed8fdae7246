//! Many transfers, and what handles use together.

use std::time::Duration;

use ffence::curl::multi::option::MaxConnects;
use ffence::curl::{Easy, List, LocalShare, Multi, Pauses, Session, Share, option};

use crate::common::server::{Authority, Server, bytes};
use crate::common::transfers::Body;
use crate::row::{Fault, Outcome, Row, row};

/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(60);

fn get(url: &str) -> Result<Easy<Body>, Fault> {
    let mut easy = Easy::with(Body::default())?;
    easy.set(option::Url(url))?.set(option::NoProxy("*"))?;
    Ok(easy)
}

pub fn rows() -> Vec<Row> {
    vec![
        row!(
            "Multi",
            [
                "curl::multi::Multi::{new,set,add,get,handler_mut,perform,poll,timeout,next_done,remove}",
                "curl::multi::Multi::{len,is_empty,cancel,pause,waker,on_close_socket,epoll}",
                "curl::multi::Waker::wake",
            ],
            {
                let server = Server::plain();
                let url = server.url("/bytes/1000");
                move || -> Outcome {
                    let _server = &server;
                    let mut multi = Multi::new()?;
                    multi.on_close_socket(drop)?;
                    multi.set(MaxConnects(2))?;
                    assert!(multi.epoll().is_none() && multi.is_empty());
                    let (kept, given_up) = (multi.add(get(&url)?)?, multi.add(get(&url)?)?);
                    multi.cancel(given_up)?;
                    multi.waker().wake()?;
                    let _ = multi.timeout()?;
                    while multi.perform()? > 0 {
                        if multi.get(kept).is_some_and(|easy| easy.info().response_code().is_some())
                        {
                            multi.pause(kept, Pauses::default())?;
                        }
                        multi.poll(LONG)?;
                    }
                    while let Some(done) = multi.next_done() {
                        if done.id == kept {
                            done.result?;
                        }
                    }
                    assert!(multi.get(kept).is_some() && multi.handler_mut(kept).is_some());
                    let body = multi.remove(kept)?.into_handler().0;
                    assert!(body == bytes(1000) && multi.len() <= 1);
                    Ok(body)
                }
            }
        ),
        row!("Multi on epoll", ["curl::multi::Multi::{event_driven,epoll}"], {
            let server = Server::plain();
            let url = server.url("/bytes/1000");
            move || -> Outcome {
                let _server = &server;
                let mut multi = Multi::event_driven()?;
                assert!(multi.epoll().is_some());
                let id = multi.add(get(&url)?)?;
                while multi.perform()? > 0 {
                    multi.poll(LONG)?;
                }
                while let Some(done) = multi.next_done() {
                    done.result?;
                }
                Ok(multi.remove(id)?.into_handler().0)
            }
        }),
        row!(
            "Share",
            [
                "curl::Share::builder",
                "curl::ShareBuilder::{names,public_suffixes,build}",
                "curl::Easy::share",
            ],
            {
                let server = Server::plain();
                let url = server.url("/bytes/1000");
                move || -> Outcome {
                    let _server = &server;
                    let share = Share::builder().names().public_suffixes().build()?;
                    let mut easy = get(&url)?;
                    easy.share(&share)?;
                    easy.perform()?;
                    easy.share(None)?;
                    Ok(easy.into_handler().0)
                }
            }
        ),
        row!(
            "LocalShare",
            [
                "curl::LocalShare::{builder,easy}",
                "curl::LocalShareBuilder::{build,connections,cookies,hsts,names,public_suffixes,tls_sessions}",
            ],
            {
                let authority = Authority::new();
                let server = Server::tls(&authority);
                let url = server.url("/cookie/100");
                let pem = authority.pem().to_owned();
                move || -> Outcome {
                    let _server = &server;
                    let share = LocalShare::builder()
                        .connections()
                        .cookies()
                        .hsts()
                        .names()
                        .public_suffixes()
                        .tls_sessions()
                        .build()?;
                    let mut bodies = Vec::new();
                    for _ in 0..2 {
                        let mut easy = share.easy(Body::default())?;
                        easy.set(option::Url(&url))?.set(option::NoProxy("*"))?;
                        super::easy::trust(&mut easy, pem.as_bytes())?;
                        easy.perform()?;
                        bodies.extend(easy.into_handler().0);
                    }
                    Ok(bodies)
                }
            }
        ),
        row!(
            "a session's parts",
            nothing,
            ["curl::Session::{from_parts,salted_hash,data,valid_until}",],
            {
                || -> Outcome {
                    let session = Session::from_parts([1; 32], [2; 50]);
                    assert!(session.valid_until().is_none());
                    let _ = List::new();
                    Ok([session.salted_hash(), session.data()].concat())
                }
            }
        ),
    ]
}
