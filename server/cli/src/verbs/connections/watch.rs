//! `dormouse connections watch`: server-sent events, a line each.

use crate::{client::Client, error::Error, output::Output};

/// The longest line of an event that is read: more than the platform sends.
const MAX_LINE_BYTES: usize = 64 << 10;

/// Prints what passes at `path` until the connection closes.
pub(super) async fn run(client: &Client, path: &str, output: &Output) -> Result<(), Error> {
    let mut events = client.stream(path).await?;
    let (mut buffer, mut event) = (Vec::new(), String::new());
    while let Some(chunk) = events.chunk().await.map_err(|error| client.broken(error))? {
        buffer.extend_from_slice(&chunk);
        while let Some(end) = buffer.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = buffer.drain(..=end).collect();
            let line = String::from_utf8_lossy(&line);
            let line = line.trim_end();
            if let Some(name) = line.strip_prefix("event:") {
                event = name.trim().to_owned();
            } else if let Some(data) = line.strip_prefix("data:") {
                if event == "closed" {
                    output.say("The connection is closed.");
                    return Ok(());
                }
                tell(&event, data.trim(), output)?;
            }
        }
        if buffer.len() > MAX_LINE_BYTES {
            return Err(Error::Failed(format!("the platform sent a line of more than {MAX_LINE_BYTES} bytes")));
        }
    }
    Err(Error::Failed("the platform ended the stream before the connection closed; watch again".to_owned()))
}

fn tell(event: &str, data: &str, output: &Output) -> Result<(), Error> {
    match event {
        "frame" if output.json() => output.line(data),
        "frame" => match serde_json::from_str::<wire::ConnectionFrame>(data) {
            Ok(frame) => output.line(&in_words(&frame)),
            Err(_) => Err(Error::Failed(format!("the platform sent an event that is no frame: {data}"))),
        },
        "missed" => {
            output.say(&format!("{data} messages were missed."));
            Ok(())
        }
        _ => Ok(()),
    }
}

fn in_words(frame: &wire::ConnectionFrame) -> String {
    let arrow = match frame.direction {
        wire::Direction::In => "<-",
        wire::Direction::Out => "->",
    };
    let kind = if frame.is_text { "text" } else { "binary" };
    let body: String = frame.body.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let more = if frame.body_truncated { "…" } else { "" };
    format!("{arrow} {kind} {} B  {body}{more}", frame.bytes)
}
