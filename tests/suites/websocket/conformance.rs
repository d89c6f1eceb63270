//! RFC 6455 case by case: what a client sends, and all that the server sends until it closes the connection.
//!
//! The function echoes. Each case has a connection of its own, at whose end the client closes with 1000; where the
//! server closes before that, the client broke the protocol, and the server says so.

use futures::{StreamExt as _, stream};
use harness::Project;
use tokio::io::AsyncWriteExt as _;

use super::{
    client::{
        BINARY, CLOSE, CONTINUATION, FINAL, PING, PONG, Socket, TEXT, close, frame, head, masked, shown, unmasked,
    },
    stage,
};

/// Cases that run at once.
const TOGETHER: usize = 8;

struct Case {
    name: String,
    sent: Vec<u8>,
    /// Whether each byte is sent by itself.
    bytewise: bool,
    expected: Vec<String>,
}

/// A case in which the client does what it may: after what is `expected` its closing frame is answered.
fn good(name: &str, sent: &[Vec<u8>], expected: &[String]) -> Case {
    ends(name, sent, expected, "close 1000")
}

/// A case in which the server closes with `code` after what is `expected`.
fn bad(name: &str, sent: &[Vec<u8>], expected: &[String], code: u16) -> Case {
    ends(name, sent, expected, &format!("close {code}"))
}

fn ends(name: &str, sent: &[Vec<u8>], expected: &[String], end: &str) -> Case {
    let expected = expected.iter().cloned().chain([end.to_owned()]).collect();
    Case { name: name.to_owned(), sent: sent.concat(), bytewise: false, expected }
}

fn bytewise(case: Case) -> Case {
    Case { name: format!("{}, byte by byte", case.name), bytewise: true, ..case }
}

fn text(payload: impl AsRef<[u8]>) -> Vec<u8> {
    frame(FINAL | TEXT, payload.as_ref())
}

fn binary(payload: impl AsRef<[u8]>) -> Vec<u8> {
    frame(FINAL | BINARY, payload.as_ref())
}

fn says(payload: impl AsRef<[u8]>) -> String {
    shown("text", payload.as_ref())
}

fn gives(payload: impl AsRef<[u8]>) -> String {
    shown("binary", payload.as_ref())
}

fn pong(payload: impl AsRef<[u8]>) -> String {
    shown("pong", payload.as_ref())
}

/// Section 5.2: lengths of all sizes, masks, and what no head may say.
fn framing() -> Vec<Case> {
    let mut cases = Vec::new();
    for length in [0, 1, 125, 126, 127, 128, 65_535, 65_536, 65_537, 1 << 20] {
        let payload = vec![b'*'; length];
        cases.push(good(&format!("a text of {length} bytes"), &[text(&payload)], &[says(&payload)]));
        let payload = vec![0xfe; length];
        cases.push(good(&format!("{length} bytes"), &[binary(&payload)], &[gives(&payload)]));
    }
    cases.push(bytewise(good("a text", &[text("hello")], &[says("hello")])));
    cases.push(bytewise(good("a text with a length of 16 bits", &[text([b'*'; 200])], &[says([b'*'; 200])])));
    let (one, two, three) = (text("one"), binary("two"), text("three"));
    cases.push(good("three messages at once", &[one, two, three], &[says("one"), gives("two"), says("three")]));
    cases.push(good("a mask of zeros", &[masked(FINAL | TEXT, b"plain", [0; 4])], &[says("plain")]));
    cases.push(good("a mask of ones", &[masked(FINAL | TEXT, b"ones", [0xff; 4])], &[says("ones")]));
    let of_16 = vec![FINAL | TEXT, 0x80 | 126, 0, 5];
    cases.push(bad("5 bytes with a length of 16 bits", &[of_16], &[], 1_002));
    let of_64 = vec![FINAL | TEXT, 0x80 | 127, 0, 0, 0, 0, 0, 0, 0xff, 0xff];
    cases.push(bad("65,535 bytes with a length of 64 bits", &[of_64], &[], 1_002));
    let signed = vec![FINAL | BINARY, 0x80 | 127, 0x80, 0, 0, 0, 0, 0, 0, 0];
    cases.push(bad("a length of 64 bits with the first one set", &[signed], &[], 1_002));
    for (name, opcode) in [("text", TEXT), ("ping", PING), ("close", CLOSE)] {
        cases.push(bad(&format!("a {name} without a mask"), &[unmasked(FINAL | opcode, b"")], &[], 1_002));
    }
    cases.push(bad("no mask after a good message", &[text("a"), unmasked(FINAL | TEXT, b"b")], &[says("a")], 1_002));
    for (name, bits) in [("first", 0x40), ("second", 0x20), ("third", 0x10), ("all", 0x70)] {
        let name = format!("reserved bits: {name}");
        cases.push(bad(&name, &[text("a"), frame(FINAL | bits | TEXT, b"b"), text("c")], &[says("a")], 1_002));
    }
    cases.push(bad("a reserved bit in a ping", &[frame(FINAL | 0x40 | PING, b"")], &[], 1_002));
    cases.push(bad("a reserved bit in a closing frame", &[frame(FINAL | 0x20 | CLOSE, b"")], &[], 1_002));
    for opcode in [0x3, 0x4, 0x5, 0x6, 0x7, 0xb, 0xc, 0xd, 0xe, 0xf] {
        let name = format!("the reserved opcode {opcode:#x}");
        cases.push(bad(&name, &[text("a"), frame(FINAL | opcode, b"x")], &[says("a")], 1_002));
    }
    cases
}

/// Sections 5.4 and 5.5: fragments, and control frames between them.
fn fragments() -> Vec<Case> {
    let (ping, end) = (frame(FINAL | PING, b"?"), |payload: &[u8]| frame(FINAL | CONTINUATION, payload));
    let (begin, more) = (|payload: &[u8]| frame(TEXT, payload), |payload: &[u8]| frame(CONTINUATION, payload));
    let many: Vec<_> = [frame(TEXT, b"0")].into_iter().chain((1..100).map(|_| more(b"0"))).chain([end(b"0")]).collect();
    let pings: Vec<_> = (0..10).map(|n| frame(FINAL | PING, format!("{n}").as_bytes())).collect();
    let pongs: Vec<_> = (0..10).map(|n| pong(format!("{n}"))).collect();
    let whole = [begin(b"hel"), end(b"lo")];
    let between = [begin(b"hel"), ping.clone(), end(b"lo")];
    let of_binary = [frame(BINARY, b"\xff"), more(b"\xfe"), end(b"\xfd")];
    vec![
        good("a text in two fragments", &whole, &[says("hello")]),
        bytewise(good("a text in two fragments", &whole, &[says("hello")])),
        good("bytes in three fragments", &of_binary, &[gives(b"\xff\xfe\xfd")]),
        good("an empty first fragment", &[begin(b""), end(b"hello")], &[says("hello")]),
        good("an empty last fragment", &[begin(b"hello"), end(b"")], &[says("hello")]),
        good("nothing but empty fragments", &[begin(b""), more(b""), end(b"")], &[says("")]),
        good("a hundred fragments", &many, &[says([b'0'; 101])]),
        good("a ping between fragments", &between, &[pong("?"), says("hello")]),
        bytewise(good("a ping between fragments", &between, &[pong("?"), says("hello")])),
        good("a pong between fragments", &[begin(b"a"), frame(FINAL | PONG, b"?"), end(b"b")], &[says("ab")]),
        good("fragments, then a whole message", &[begin(b"a"), end(b"b"), text("c")], &[says("ab"), says("c")]),
        bad("nothing to continue", &[more(b"a")], &[], 1_002),
        bad("nothing to end", &[end(b"a")], &[], 1_002),
        bad("continued after its end", &[begin(b"a"), end(b"b"), end(b"c")], &[says("ab")], 1_002),
        bad("continued after a whole message", &[text("a"), end(b"b")], &[says("a")], 1_002),
        bad("a message within a message", &[begin(b"a"), text("b")], &[], 1_002),
        bad("bytes within a text", &[begin(b"a"), frame(BINARY, b"b")], &[], 1_002),
        bad("a ping in fragments", &[frame(PING, b"a"), end(b"b")], &[], 1_002),
        bad("a pong in fragments", &[frame(PONG, b"a"), end(b"b")], &[], 1_002),
        bad("a closing frame in fragments", &[frame(CLOSE, b""), end(b"")], &[], 1_002),
        good("a ping with nothing", &[frame(FINAL | PING, b"")], &[pong("")]),
        good("a ping with text", &[frame(FINAL | PING, b"hello")], &[pong("hello")]),
        good("a ping with bytes", &[frame(FINAL | PING, b"\xff\x00")], &[pong(b"\xff\x00")]),
        good("a ping with 125 bytes", &[frame(FINAL | PING, &[7; 125])], &[pong([7; 125])]),
        bytewise(good("a ping with 125 bytes", &[frame(FINAL | PING, &[7; 125])], &[pong([7; 125])])),
        bad("a ping with 126 bytes", &[frame(FINAL | PING, &[7; 126])], &[], 1_002),
        bad("a pong with 126 bytes", &[frame(FINAL | PONG, &[7; 126])], &[], 1_002),
        good("ten pings", &pings, &pongs),
        good("a pong that nobody asked for", &[frame(FINAL | PONG, b"!"), text("a")], &[says("a")]),
        good("an empty pong that nobody asked for", &[frame(FINAL | PONG, b""), ping], &[pong("?")]),
    ]
}

/// Section 8.1: texts are UTF-8, however they are cut.
fn texts() -> Vec<Case> {
    const GOOD: &str = "κόσμε ß € 𐍈 \u{ffff} \u{10ffff} \0";
    let mut cases = vec![good("a text of all lengths of characters", &[text(GOOD)], &[says(GOOD)])];
    cases.push(bytewise(good("a text of all lengths of characters", &[text(GOOD)], &[says(GOOD)])));
    for cut in 1..4 {
        let (first, second) = "𐍈".as_bytes().split_at(cut);
        let sent = [frame(TEXT, first), frame(FINAL | CONTINUATION, second)];
        cases.push(good(&format!("a character cut after its byte {cut}"), &sent, &[says("𐍈")]));
    }
    let each: Vec<_> = GOOD.bytes().map(|byte| frame(CONTINUATION, &[byte])).collect();
    let each = [vec![frame(TEXT, b"")], each, vec![frame(FINAL | CONTINUATION, b"")]].concat();
    cases.push(good("each byte in a fragment of its own", &each, &[says(GOOD)]));
    for (name, wrong) in [
        ("a byte that begins nothing", &b"\x80"[..]),
        ("a slash in two bytes", b"\xc0\xaf"),
        ("a slash in three bytes", b"\xe0\x80\xaf"),
        ("a zero in four bytes", b"\xf0\x80\x80\x80"),
        ("half of a surrogate pair", b"\xed\xa0\x80"),
        ("a surrogate pair", b"\xed\xa0\x80\xed\xbf\xbf"),
        ("a character behind the last", b"\xf4\x90\x80\x80"),
        ("five bytes for a character", b"\xf8\x88\x80\x80\x80"),
        ("a byte that never is", b"\xff"),
        ("a character that is cut off", b"\xe2\x82"),
        ("a character that is cut off by another", b"\xe2\x82a"),
    ] {
        cases.push(bad(name, &[text([b"hello ", wrong].concat())], &[], 1_007));
        cases.push(bytewise(bad(name, &[text([b"hello ", wrong].concat())], &[], 1_007)));
        let cut = [frame(TEXT, b"hello "), frame(CONTINUATION, wrong), frame(FINAL | CONTINUATION, b"")];
        cases.push(bad(&format!("{name}, in a fragment"), &cut, &[], 1_007));
    }
    let (begun, wrong) = (frame(TEXT, b"\xe2\x82"), frame(CONTINUATION, b"("));
    cases.push(bad(
        "a character that goes wrong in the next fragment, before the message ends",
        &[begun, wrong],
        &[],
        1_007,
    ));
    cases.push(good("bytes that are no text", &[binary(b"\xff\xfe\xed\xa0\x80")], &[gives(b"\xff\xfe\xed\xa0\x80")]));
    cases
}

/// Sections 5.5.1 and 7: how a connection ends.
fn closings() -> Vec<Case> {
    let mut cases = vec![
        ends("a closing frame with nothing", &[frame(FINAL | CLOSE, b"")], &[], "close"),
        ends("a closing frame with a reason", &[close(1_000, "bye")], &[], "close 1000 bye"),
        ends(
            "a reason of 123 bytes",
            &[close(1_000, &"x".repeat(123))],
            &[],
            &format!("close 1000 {}", "x".repeat(123)),
        ),
        ends("a reason that is not ASCII", &[close(1_000, "tschüß")], &[], "close 1000 tschüß"),
        bytewise(ends("a closing frame", &[close(4_000, "bye")], &[], "close 4000 bye")),
        bad("half a code", &[frame(FINAL | CLOSE, b"\x03")], &[], 1_002),
        bad("a closing frame of 126 bytes", &[frame(FINAL | CLOSE, &[b'x'; 126])], &[], 1_002),
        bad("a reason that is not UTF-8", &[frame(FINAL | CLOSE, b"\x03\xe8\xed\xa0\x80")], &[], 1_007),
        good("a message after the closing frame", &[close(1_000, ""), text("late")], &[]),
        good("a ping after the closing frame", &[close(1_000, ""), frame(FINAL | PING, b"late")], &[]),
        good("two closing frames", &[close(1_000, ""), close(1_001, "")], &[]),
        good("a message before the closing frame", &[text("a"), close(1_000, "")], &[says("a")]),
        good(
            "two messages before the closing frame",
            &[text("a"), text("b"), close(1_000, "")],
            &[says("a"), says("b")],
        ),
        good("a closing frame within a message", &[frame(TEXT, b"a"), close(1_000, "")], &[]),
        ends("the function closes", &[text("close 4001 so long")], &[], "close 4001 so long"),
    ];
    for code in [1_001, 1_002, 1_003, 1_007, 1_008, 1_009, 1_010, 1_011, 1_012, 1_013, 1_014, 3_000, 3_999, 4_999] {
        cases.push(bad(&format!("the code {code} comes back"), &[close(code, "")], &[], code));
    }
    for code in [0, 999, 1_004, 1_005, 1_006, 1_015, 1_016, 1_100, 2_000, 2_999, 5_000, 65_535] {
        cases.push(bad(&format!("the code {code} is none"), &[close(code, "")], &[], 1_002));
    }
    cases
}

/// Section 10.4: a message is as large as the trigger says, whatever its frames announce.
fn sizes() -> Vec<Case> {
    const MOST: usize = 1 << 20;
    let announced = |bytes: u64| [head(FINAL | BINARY, 0x80, bytes), vec![1, 2, 3, 4]].concat();
    let half = vec![b'x'; MOST / 2];
    let whole = [half.clone(), half.clone()].concat();
    let (first, last) = (frame(TEXT, &half), frame(FINAL | CONTINUATION, &half));
    let over = [first.clone(), last.clone(), frame(FINAL | TEXT, b"a")];
    vec![
        bad("one byte too many is announced", &[announced(MOST as u64 + 1)], &[], 1_009),
        bad("100 MB are announced", &[announced(100_000_000)], &[], 1_009),
        bad("an exabyte is announced", &[announced(1 << 60)], &[], 1_009),
        good("fragments that make the largest message", &over, &[says(&whole), says("a")]),
        bad(
            "fragments that make too large a message",
            &[first, frame(CONTINUATION, &half), frame(CONTINUATION, b"x")],
            &[],
            1_009,
        ),
        bad("a good message before one that is too large", &[text("a"), announced(1 << 30)], &[says("a")], 1_009),
    ]
}

/// All that the server sends after `case`, until it closes the connection.
async fn transcript(project: &Project, case: &Case) -> Vec<String> {
    let Socket { mut reader, mut writer, .. } = Socket::open(project, "/ws").await;
    let sent = [case.sent.clone(), close(1_000, "")].concat();
    let bytewise = case.bytewise;
    // What is sent and what comes do not wait for each other.
    let sender = tokio::spawn(async move {
        let step = if bytewise { 1 } else { usize::MAX };
        for piece in sent.chunks(step.min(sent.len())) {
            // A server that closes meanwhile takes no more.
            if writer.write_all(piece).await.is_err() {
                break;
            }
            tokio::task::yield_now().await;
        }
        writer
    });
    let mut said = Vec::new();
    while let Some(frame) = reader.next_for(&case.name).await {
        let shown = frame.shown();
        // Why the server closed is for people.
        said.push(match shown.split_once(' ') {
            Some(("close", rest)) if frame.payload.starts_with(&[3]) && !is_given(case, rest) => {
                format!("close {}", rest.split(' ').next().unwrap_or_default())
            }
            _ => shown,
        });
    }
    drop(sender.await);
    said
}

/// Whether the closing frame is expected with just this reason.
fn is_given(case: &Case, rest: &str) -> bool {
    case.expected.last().is_some_and(|end| end.strip_prefix("close ") == Some(rest))
}

#[tokio::test]
async fn each_case_of_the_rfc_is_answered_as_it_says() {
    let (project, _) = stage::echo().await;
    let cases = [framing(), fragments(), texts(), closings(), sizes()].into_iter().flatten();
    let run = async |case: Case| {
        let said = transcript(&project, &case).await;
        let differs = format!("{}:\n  expected {:?}\n  and got  {said:?}", case.name, case.expected);
        (said != case.expected).then_some(differs)
    };
    let outcomes: Vec<_> = stream::iter(cases).map(run).buffer_unordered(TOGETHER).collect().await;
    let wrong: Vec<_> = outcomes.iter().flatten().collect();
    assert!(outcomes.len() >= 60 && wrong.is_empty(), "{} of {}:\n{wrong:#?}", wrong.len(), outcomes.len());
}
