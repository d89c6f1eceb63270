//! Asks the platform for what its call's body says, word by word, and answers with what came back: `get BUCKET KEY`,
//! `set BUCKET KEY VALUE`, `fill BUCKET KEY BYTES`, `add BUCKET KEY NUMBER`, `append BUCKET KEY TEXT`, `keys BUCKET`,
//! `delete BUCKET KEY`, `send QUEUE TEXT`, `flood QUEUE MESSAGES BYTES`, `call FUNCTION TEXT`, `later FUNCTION TEXT`,
//! `again FUNCTION` (calls it with the same words), `secret NAME`, `variable NAME`.

use dormouse::{
    function::{self, Failure, Payload},
    key_value::{self, Bucket},
    queue::{self, NewMessage},
    secrets, variables,
};

dormouse::function!(ask);

fn ask(payload: Payload) -> Result<Payload, Failure> {
    let text = String::from_utf8_lossy(&payload.body).into_owned();
    let words: Vec<&str> = text.splitn(4, ' ').collect();
    let tail = text.splitn(3, ' ').nth(2).unwrap_or_default();
    let answer = match words.as_slice() {
        ["variable", name] => Ok(variables::get(name).unwrap_or_else(|| "none".to_owned())),
        ["secret", name] => secrets::text(name).map_err(|error| format!("{error:?}")),
        ["send", queue, ..] => queue::send(queue, &NewMessage::text(tail)).map_err(|error| format!("{error:?}")),
        ["flood", queue, messages, bytes] => flood(queue, number(messages), number(bytes)),
        ["call", name, ..] => read(function::call(name, &Payload::text(tail))),
        ["again", name] => read(function::call(name, &payload)),
        ["later", name, ..] => function::call_later(name, &Payload::text(tail)).map_err(|error| format!("{error:?}")),
        [verb, bucket, rest @ ..] => {
            let kept = key_value::open(bucket).and_then(|bucket| keep(verb, &bucket, rest));
            kept.map_err(|error| format!("{error:?}"))
        }
        _ => Err("nothing is asked for".to_owned()),
    };
    Ok(Payload::text(answer.unwrap_or_else(|refused| refused)))
}

fn keep(verb: &str, bucket: &Bucket, words: &[&str]) -> Result<String, key_value::Error> {
    let text = |value: Option<Vec<u8>>| match value {
        Some(value) => String::from_utf8_lossy(&value).into_owned(),
        None => "none".to_owned(),
    };
    Ok(match (verb, words) {
        ("get", [key]) => text(bucket.get(key)?),
        ("set", [key, value]) => {
            bucket.set(key, value.as_bytes())?;
            "kept".to_owned()
        }
        ("fill", [key, bytes]) => {
            bucket.set(key, &vec![b'x'; number(bytes)])?;
            "kept".to_owned()
        }
        ("many", [keys]) => {
            let keys: Vec<_> = (0..number(keys)).map(|key| key.to_string()).collect();
            bucket.get_many(&keys)?.len().to_string()
        }
        ("add", [key, by]) => bucket.increment(key, by.parse().unwrap_or_default())?.to_string(),
        ("append", [key, more]) => {
            let append = |value: Option<Vec<u8>>| [value.unwrap_or_default(), more.as_bytes().to_vec()].concat();
            text(Some(bucket.update(key, append)?))
        }
        ("keys", []) => bucket.keys()?.join(" "),
        ("delete", [key]) => {
            bucket.delete(key)?;
            bucket.exists(key)?.to_string()
        }
        _ => "no such thing".to_owned(),
    })
}

fn flood(queue: &str, messages: usize, bytes: usize) -> Result<String, String> {
    let messages: Vec<_> = (0..messages).map(|_| NewMessage::new("text/plain", vec![b'x'; bytes])).collect();
    let sent = queue::send_batch(queue, &messages).map_err(|error| format!("{error:?}"))?;
    Ok(sent.len().to_string())
}

fn read(answer: Result<Payload, function::Error>) -> Result<String, String> {
    match answer {
        Ok(answer) => Ok(String::from_utf8_lossy(&answer.body).into_owned()),
        Err(error) => Err(format!("{error:?}")),
    }
}

fn number(text: &str) -> usize {
    text.parse().unwrap_or_default()
}
