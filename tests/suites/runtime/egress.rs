//! Outgoing requests: what gets through, what does not, and that nothing else leaves.

mod canary;
mod corpus;
mod names;
mod tls;

use std::{net::IpAddr, sync::Arc};

use bytes::Bytes;
use domain::{Limits, invocation::Outcome};
use runtime::{Authorities, EgressSettings, Report, Settings};

use self::{
    canary::Canary,
    corpus::{ADDRESSES, AUTHORITIES},
    names::Names,
};
use super::stage::{Stage, request};

/// A stage whose guests resolve names by `names` and may call what `entries` say.
fn stage(names: Names, entries: &[&str]) -> Stage {
    stage_with(EgressSettings { resolver: Arc::new(names), ..EgressSettings::default() }, entries)
}

fn stage_with(egress: EgressSettings, entries: &[&str]) -> Stage {
    Stage::with_settings(&Settings { instances: 4, egress, ..Settings::default() }).allow(entries)
}

/// What became of each of `lines`, sent by one instance of `guest`.
async fn ask(stage: &Stage, guest: &'static str, lines: &[String]) -> Vec<String> {
    asked(stage, guest, lines).await.0
}

async fn asked(stage: &Stage, guest: &'static str, lines: &[String]) -> (Vec<String>, Report) {
    let mut fetch = stage.send(guest, request("/", Bytes::from(lines.join("\n")))).await;
    let told: Vec<_> = fetch.text().await.lines().map(str::to_owned).collect();
    let report = fetch.report().await;
    assert_eq!(report.outcome, Outcome::Ok, "{report:?}");
    assert_eq!(told.len(), lines.len(), "{told:?}");
    (told, report)
}

async fn ask_one(stage: &Stage, line: &str) -> String {
    ask(stage, "fetch", &[line.to_owned()]).await.remove(0)
}

/// The generations' guests that call out.
const GUESTS: [&str; 2] = ["fetch", "fetch3"];

#[tokio::test]
async fn no_address_that_is_not_public_is_reached_by_a_name_or_as_it_is() {
    let canary = Canary::everywhere().await;
    let port = canary.port;
    let addresses: Vec<_> = ADDRESSES.split_whitespace().collect();
    let mut names = Names::default();
    let (mut by_name, mut as_is) = (Vec::new(), Vec::new());
    for (number, address) in addresses.iter().enumerate() {
        names = names.with(&format!("n{number}.example.com"), &[&[address]]);
        by_name.push(format!("GET http n{number}.example.com:{port} /"));
        let host = if address.contains(':') { format!("[{address}]") } else { (*address).to_owned() };
        as_is.push(format!("GET http {host}:{port} /"));
    }
    let stage = stage(names, &[&format!("http://*:{port}")]);
    for guest in GUESTS {
        for (line, told) in by_name.iter().zip(ask(&stage, guest, &by_name).await) {
            assert_eq!(told, "DestinationIpProhibited", "{guest}: {line}");
        }
        for (line, told) in as_is.iter().zip(ask(&stage, guest, &as_is).await) {
            assert_eq!(told, "HttpRequestDenied", "{guest}: {line}");
        }
    }
    assert_eq!(canary.connections(), 0);
}

#[tokio::test]
async fn no_text_that_resembles_an_entry_or_an_address_gets_through() {
    let canary = Canary::everywhere().await;
    let port = canary.port.to_string();
    let entries = ["http://api.example.com", "http://*.example.com", "http://127.0.0.1"].map(|e| format!("{e}:{port}"));
    let stage = stage(Names::all_at("127.0.0.1"), &entries.each_ref().map(String::as_str));
    let mut lines: Vec<_> = AUTHORITIES
        .split_whitespace()
        .map(|authority| format!("GET http {} /", authority.replace("PORT", &port)))
        .collect();
    let label = "a".repeat(64);
    let long = ["a".repeat(63), "b".repeat(63), "c".repeat(63), "d".repeat(63)].join(".");
    lines.extend([
        format!("GET http {label}.example.com:{port} /"),
        format!("GET http {long}.example.com:{port} /"),
        format!("GET https api.example.com:{port} /"),
        format!("GET ftp api.example.com:{port} /"),
        format!("GET ws api.example.com:{port} /"),
        format!("CONNECT http api.example.com:{port} /"),
    ]);
    assert!(lines.len() + ADDRESSES.split_whitespace().count() >= 120);
    for guest in GUESTS {
        for (line, told) in lines.iter().zip(ask(&stage, guest, &lines).await) {
            let refused =
                ["HttpRequestDenied", "HttpRequestUriInvalid", "HttpProtocolError", "HttpRequestMethodInvalid"];
            assert!(refused.contains(&told.as_str()) || told == "cannot be said", "{guest}: {line}: {told}");
        }
    }
    assert_eq!(canary.connections(), 0);

    // The same list, resolver and canary let through what the entries mean.
    let meant = ["api.example.com", "API.Example.COM", "a.b.example.com", "127.0.0.1"];
    let lines = meant.map(|host| format!("GET http {host}:{port} /"));
    for guest in GUESTS {
        assert_eq!(ask(&stage, guest, &lines).await, ["200 the canary sings"; 4]);
    }
    assert_eq!(canary.connections(), 8);
}

#[tokio::test]
async fn without_an_entry_every_request_is_denied_and_the_log_says_why() {
    let canary = Canary::everywhere().await;
    let stage = stage(Names::all_at("127.0.0.1"), &[]);
    let lines =
        ["127.0.0.1", "localhost", "api.example.com"].map(|host| format!("POST http {host}:{} / send=9", canary.port));
    for guest in GUESTS {
        let (told, report) = asked(&stage, guest, &lines).await;
        assert_eq!(told, ["HttpRequestDenied"; 3]);
        let logged: Vec<_> = report.logs.iter().map(|line| line.text.as_str()).collect();
        assert!(
            logged.iter().all(|line| line.contains("is not in the version's allowed_outbound_hosts")),
            "{logged:?}"
        );
        assert!(logged.len() == 3 && logged[2].contains(&format!("http://api.example.com:{}", canary.port)));
    }
    assert_eq!(canary.connections(), 0);
}

#[tokio::test]
async fn a_name_is_looked_up_once_and_only_a_checked_address_is_dialled() {
    let canary = Canary::on_one_address().await;
    let port = canary.port;
    // Nobody listens on 127.0.0.2, which the list names; the canary sits on 127.0.0.1, which it does not.
    let names = Names::default()
        .with("rebinding.example.com", &[&["127.0.0.2"], &["127.0.0.1"]])
        .with("mixed.example.com", &[&["127.0.0.1", "::1", "127.0.0.2"]]);
    let names = Arc::new(names);
    let settings = EgressSettings { resolver: Arc::clone(&names) as _, ..EgressSettings::default() };
    let stage = stage_with(settings, &[&format!("http://*.example.com:{port}"), &format!("http://127.0.0.2:{port}")]);
    let line = |name| format!("GET http {name}.example.com:{port} /");
    let told = ask(&stage, "fetch", &[line("rebinding"), line("rebinding"), line("mixed")]).await;
    assert_eq!(told, ["ConnectionRefused", "DestinationIpProhibited", "ConnectionRefused"]);
    assert_eq!((names.asked(), canary.connections()), (3, 0));
}

#[tokio::test]
async fn the_servers_own_listeners_are_closed_whatever_a_list_names() {
    let canary = Canary::everywhere().await;
    let port = canary.port;
    let own = Canary::on_one_address().await;
    let listeners = vec![([0, 0, 0, 0], port).into(), ([127, 0, 0, 1], own.port).into()];
    let settings =
        EgressSettings { listeners, resolver: Arc::new(Names::all_at("127.0.0.1")), ..EgressSettings::default() };
    let entries =
        ["127.0.0.0/8", "[::1]", "localhost"].map(|host| [port, own.port].map(|port| format!("http://{host}:{port}")));
    let entries: Vec<_> = entries.iter().flatten().map(String::as_str).collect();
    let stage = stage_with(settings, &entries);
    let lines =
        [("127.0.0.1", port), ("127.0.0.9", port), ("localhost", port), ("[::1]", port), ("127.0.0.1", own.port)];
    let told = ask(&stage, "fetch", &lines.map(|(host, port)| format!("GET http {host}:{port} /"))).await;
    assert_eq!(told, ["DestinationIpProhibited"; 5]);
    assert_eq!((canary.connections(), own.connections()), (0, 0));
}

#[tokio::test]
async fn an_operator_may_close_private_addresses_for_all() {
    let canary = Canary::everywhere().await;
    let entry = format!("http://127.0.0.1:{}", canary.port);
    let line = format!("GET http 127.0.0.1:{} /", canary.port);
    let open = stage_with(EgressSettings::default(), &[&entry]);
    assert_eq!(ask_one(&open, &line).await, "200 the canary sings");
    let closed = stage_with(EgressSettings { private: false, ..EgressSettings::default() }, &[&entry]);
    assert_eq!(ask_one(&closed, &line).await, "DestinationIpProhibited");
    assert_eq!(canary.connections(), 1);
}

#[tokio::test]
async fn a_redirect_is_the_guests_to_follow() {
    let (front, canary) = (Canary::on_one_address().await, Canary::on_one_address().await);
    let stage = stage(Names::default(), &[&format!("http://127.0.0.1:{}", front.port)]);
    let line = format!("GET http 127.0.0.1:{} /to?http://127.0.0.1:{}/", front.port, canary.port);
    assert_eq!(ask_one(&stage, &line).await, "307");
    assert_eq!((front.connections(), canary.connections()), (1, 0));
}

#[tokio::test]
async fn a_server_sees_the_allowed_host_and_no_header_of_the_connections() {
    let canary = Canary::on_one_address().await;
    let port = canary.port;
    let stage = stage(
        Names::all_at("127.0.0.1"),
        &[&format!("http://api.example.com:{port}"), &format!("http://127.0.0.1:{port}")],
    );
    let lines = [
        format!("GET http API.example.com:{port} /headers?q=1 header=x-kept:1"),
        format!("GET http api.example.com:{port} /headers header=host:evil.example"),
        format!("GET http api.example.com:{port} /headers header=connection:upgrade"),
        format!("GET http api.example.com:{port} /headers header=proxy-authorization:x"),
    ];
    let told = ask(&stage, "fetch", &lines).await;
    assert_eq!(told[0], format!("200 GET /headers?q=1 host=api.example.com:{port} x-kept=1"));
    assert_eq!(told[1..], ["the header is refused"; 3]);
}

#[tokio::test]
async fn an_instance_has_so_many_connections_open_and_no_more() {
    let canary = Canary::on_one_address().await;
    let port = canary.port;
    let limits = Limits { outbound_connections: 2, ..Limits::default() };
    let stage = stage(Names::default(), &[&format!("http://127.0.0.1:{port}")]).limits(limits);
    let lines = [
        format!("GET http 127.0.0.1:{port} /endless keep"),
        format!("GET http 127.0.0.1:{port} /"),
        format!("GET http 127.0.0.1:{port} /"),
        format!("GET http 127.0.0.1:{port} /endless keep"),
        format!("GET http 127.0.0.1:{port} / connect=50"),
    ];
    let sings = "200 the canary sings";
    for _ in 0..2 {
        assert_eq!(
            ask(&stage, "fetch", &lines).await,
            ["200 kept", sings, sings, "200 kept", "ConnectionLimitReached"]
        );
        // What one instance held is gone with it.
        canary.is_let_go().await;
    }
    assert_eq!(canary.connections(), 8);
    let none = stage.limits(Limits { outbound_connections: 0, ..Limits::default() });
    assert_eq!(ask_one(&none, &lines[1]).await, "ConnectionLimitReached");
}

#[tokio::test]
async fn bodies_are_held_to_their_size_in_both_directions() {
    let canary = Canary::on_one_address().await;
    let port = canary.port;
    let line = |text: &str| {
        format!("{} http 127.0.0.1:{port} {}", text.split_once(' ').unwrap().0, text.split_once(' ').unwrap().1)
    };
    let lines = ["GET /large", "GET /large-chunks", "POST /count send=2000", "POST /count send=2001"].map(line);
    let entry = format!("http://127.0.0.1:{port}");
    let fitting = stage(Names::default(), &[&entry]).limits(Limits { outbound_body_bytes: 2_000, ..Limits::default() });
    let tight = stage(Names::default(), &[&entry]).limits(Limits { outbound_body_bytes: 1_999, ..Limits::default() });
    for guest in GUESTS {
        let told = ask(&fitting, guest, &lines).await;
        assert_eq!(
            told,
            ["200 2000 bytes", "200 2000 bytes", "200 2000", "HttpRequestBodySize(Some(2000))"],
            "{guest}"
        );
        let told = ask(&tight, guest, &lines).await;
        assert_eq!(told[0], "HttpResponseBodySize(Some(1999))", "{guest}");
        assert!(told[1].starts_with("200 1900 bytes then ") && told[1].contains("1999"), "{guest}: {}", told[1]);
        assert_eq!(told[2..], ["HttpRequestBodySize(Some(1999))"; 2], "{guest}");
    }
}

#[tokio::test]
async fn a_guest_ends_its_body_in_peace_though_its_answer_is_there_already() {
    let canary = Canary::on_one_address().await;
    let port = canary.port;
    let entry = format!("http://127.0.0.1:{port}");
    let stage = stage(Names::default(), &[&entry]).limits(Limits { outbound_body_bytes: 50_000, ..Limits::default() });
    let line = |more: &str| format!("POST http 127.0.0.1:{port} / {more} late");
    // The server answers without a look at the body; and where none is announced, none is read.
    for more in ["send=50000", "send=0 header=content-length:0", "send=0"] {
        assert_eq!(ask_one(&stage, &line(more)).await, "200 the canary sings", "{more}");
    }
    // As large as its limit lets it be, also where it goes nowhere.
    assert!(ask_one(&stage, &line("send=60000")).await.starts_with("unsent: "));
}

#[tokio::test]
async fn what_goes_wrong_has_its_standard_code() {
    let canary = Canary::on_one_address().await;
    let port = canary.port;
    let stage = stage(
        Names::default(),
        &[
            "http://*.example.com",
            "http://127.0.0.1:1",
            &format!("http://127.0.0.1:{port}"),
            &format!("https://127.0.0.1:{port}"),
        ],
    );
    for (line, code) in [
        ("GET http unknown.example.com /".to_owned(), "DnsError"),
        ("GET http never.example.com / connect=50".to_owned(), "DnsTimeout"),
        ("GET http 127.0.0.1:1 /".to_owned(), "ConnectionRefused"),
        (format!("GET http 127.0.0.1:{port} /silent first=50"), "ConnectionReadTimeout"),
        (format!("GET http 127.0.0.1:{port} /stall between=50"), "200 begun then connection read timeout"),
        (format!("GET http 127.0.0.1:{port} /cut"), "HttpResponseIncomplete"),
        (format!("GET http 127.0.0.1:{port} /large-head"), "HttpResponseHeaderSectionSize(Some(65536))"),
        (format!("GET https 127.0.0.1:{port} /"), "TlsProtocolError"),
    ] {
        let told = ask_one(&stage, &line).await;
        assert!(told.starts_with(code), "{line}: {told}");
    }
}

#[tokio::test]
async fn names_that_nobody_answers_for_hold_up_their_own_function_only() {
    let canary = Canary::on_one_address().await;
    let port = canary.port;
    let names = Names::default().with("api.example.com", &[&["127.0.0.1"]]);
    let stage = stage(names, &[&format!("http://*.example.com:{port}"), &format!("http://127.0.0.1:{port}")]);
    let mut lines = vec![format!("GET http never.example.com:{port} / connect=5"); 8];
    lines.push(format!("GET http api.example.com:{port} / connect=50"));
    lines.push(format!("GET http 127.0.0.1:{port} /"));
    let told = ask(&stage, "fetch", &lines).await;
    assert_eq!(told[..9], ["DnsTimeout"; 9]);
    assert_eq!(told[9], "200 the canary sings");
    // Each invocation of a stage is another function's.
    assert_eq!(ask(&stage, "fetch", &lines[8..]).await, ["200 the canary sings"; 2]);
}

#[tokio::test]
async fn a_server_is_who_its_certificate_says_or_is_not_talked_to() {
    let port = tls::serve().await;
    let entries = ["tls.example.com", "other.example.com", "127.0.0.1"].map(|host| format!("https://{host}:{port}"));
    let lines = entries.clone().map(|entry| format!("GET https {} /", entry.trim_start_matches("https://")));
    let trusting = |authorities| {
        let resolver = Arc::new(Names::all_at("127.0.0.1"));
        let settings = EgressSettings { authorities, resolver, ..EgressSettings::default() };
        stage_with(settings, &entries.each_ref().map(String::as_str))
    };
    let own = trusting(Authorities::public().with_pem(tls::AUTHORITY).unwrap());
    for guest in GUESTS {
        assert_eq!(ask(&own, guest, &lines).await, ["200 sealed", "TlsCertificateError", "200 sealed"]);
    }
    assert_eq!(ask(&trusting(Authorities::public()), "fetch", &lines).await, ["TlsCertificateError"; 3]);
}

#[tokio::test]
async fn an_entry_lets_through_the_addresses_that_it_names() {
    let canary = Canary::everywhere().await;
    let port = canary.port;
    let loopback: IpAddr = [127, 0, 0, 1].into();
    for (entry, authority) in [
        (format!("http://127.0.0.1:{port}"), format!("{loopback}:{port}")),
        (format!("http://127.0.0.0/8:{port}"), format!("127.9.9.9:{port}")),
        (format!("http://localhost:{port}"), format!("localhost:{port}")),
        (format!("http://[::1]:{port}"), format!("[::1]:{port}")),
    ] {
        let before = canary.connections();
        let stage = stage(Names::all_at("127.0.0.1"), &[&entry]);
        let told = ask_one(&stage, &format!("GET http {authority} /")).await;
        // A machine without IPv6 has no ::1.
        if told == "DestinationIpUnroutable" && authority.starts_with('[') {
            continue;
        }
        assert_eq!((told.as_str(), canary.connections() - before), ("200 the canary sings", 1), "{entry}");
    }
}
