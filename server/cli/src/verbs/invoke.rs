//! `dormouse invoke`.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use clap::Args;
use domain::{
    VersionNumber,
    invocation::{Outcome, Stream},
};

use crate::{
    error::Error,
    figures, input,
    output::{Output, Tone},
    scope::{Scope, Target},
};

/// Calls a function once and shows its answer, its logs and what it used.
#[derive(Args, Debug)]
#[command(disable_version_flag = true)]
pub struct Invoke {
    /// Method and path, or the path alone, such as GET /hello/ada
    #[arg(value_names = ["METHOD", "PATH"], num_args = 0..=2)]
    request: Vec<String>,
    #[command(flatten)]
    target: Target,
    /// Body to send; @FILE reads a file, @- standard input
    #[arg(long, short)]
    data: Option<String>,
    /// Header to send, such as 'accept: text/plain'; may be given again
    #[arg(long, short = 'H', value_parser = parse_header)]
    header: Vec<(String, String)>,
    /// Version to call, live or not; the live deployment decides by default
    #[arg(long)]
    version: Option<VersionNumber>,
    /// Call the function by name, later, with --data as payload: returns once the call is on disk
    #[arg(long = "async", conflicts_with_all = ["request", "header"])]
    later: bool,
    /// Type of an asynchronous call's payload
    #[arg(long, value_name = "TYPE", requires = "later")]
    content_type: Option<String>,
}

impl Invoke {
    pub(crate) async fn run(self, scope: &Scope<'_>, output: &Output) -> Result<(), Error> {
        if self.later {
            return self.call_later(scope, output).await;
        }
        let (method, path) = request_line(&self.request, self.data.is_some())?;
        let body = match self.data {
            Some(data) => read(data).await?,
            None => String::new(),
        };
        let version = self.version.map(|version| version.0);
        let request = wire::Invoke { version, method, path, headers: self.header, body };
        let scope = scope.function(&self.target).await?;
        let answer: wire::InvokeAnswer = scope.client.post(&scope.path("/invoke"), &request).await?;
        if output.json() {
            output.data(&answer)?;
        } else {
            show(&answer, output)?;
        }
        verdict(&answer)
    }
}

impl Invoke {
    async fn call_later(self, scope: &Scope<'_>, output: &Output) -> Result<(), Error> {
        let body = match self.data {
            Some(data) => read(data).await?,
            None => String::new(),
        };
        let version = self.version.map(|version| version.0);
        let request = wire::CreateCall { version, body, body_is_base64: false, content_type: self.content_type };
        let scope = scope.function(&self.target).await?;
        let call: wire::Call = scope.client.post(&scope.path("/calls"), &request).await?;
        if output.json() {
            return output.data(&call);
        }
        output.say(&format!("The call is on disk, for v{}.", call.version));
        output.line(&call.id)?;
        output.next(&format!("dormouse calls show {} --function {}", call.id, scope.function));
        Ok(())
    }
}

/// Prints a body, with a line break behind text that has none.
pub(super) fn print_body(body: &str, is_base64: bool, output: &Output) -> Result<(), Error> {
    if is_base64 {
        let bytes = STANDARD.decode(body).map_err(|_| Error::Failed("the answer's body is damaged".to_owned()))?;
        output.bytes(&bytes)
    } else if body.is_empty() || body.ends_with('\n') {
        output.bytes(body.as_bytes())
    } else {
        output.line(body)
    }
}

fn show(answer: &wire::InvokeAnswer, output: &Output) -> Result<(), Error> {
    let status = answer.status.to_string();
    let tone = if answer.status < 400 { Tone::Good } else { Tone::Bad };
    output.say(&format!(
        "{} from v{} in {}, CPU {}, memory {}",
        output.tinted(tone, &status),
        answer.version,
        figures::duration(answer.usage.wall_us),
        figures::duration(answer.usage.cpu_us),
        figures::bytes(answer.usage.memory_peak_bytes),
    ));
    for (name, value) in &answer.headers {
        output.say(&output.tinted(Tone::Dim, &format!("{name}: {value}")));
    }
    for line in &answer.logs {
        let stream = match line.stream {
            Stream::Stdout => "stdout",
            Stream::Stderr => "stderr",
        };
        output.say(&format!("{} {}", output.tinted(Tone::Dim, stream), line.text));
    }
    if answer.logs_truncated {
        output.say("The function wrote more than is kept.");
    }
    print_body(&answer.body, answer.body_is_base64, output)?;
    if answer.body_truncated {
        output.say("The answer is longer than the part that is shown.");
    }
    Ok(())
}

/// An invocation that did not end well is a failure of the verb, whatever a caller would have been sent.
fn verdict(answer: &wire::InvokeAnswer) -> Result<(), Error> {
    let why = || {
        let cause = answer.error.clone().unwrap_or_else(|| answer.outcome.as_str().to_owned());
        format!("the invocation {} failed: {cause}", answer.invocation_id)
    };
    match answer.outcome {
        Outcome::Ok => Ok(()),
        Outcome::TimedOut | Outcome::Unavailable => Err(Error::TimedOut(why())),
        _ => Err(Error::Failed(why())),
    }
}

/// Method and path from what stands on the command line; a body makes it a POST.
fn request_line(words: &[String], has_body: bool) -> Result<(String, String), Error> {
    let usual = if has_body { "POST" } else { "GET" };
    let (method, path) = match words {
        [] => (usual, "/"),
        [path] if path.starts_with('/') => (usual, path.as_str()),
        [method] => (method.as_str(), "/"),
        [method, path, ..] => (method.as_str(), path.as_str()),
    };
    let method = method.to_ascii_uppercase();
    if !method.bytes().all(|byte| byte.is_ascii_alphabetic()) || !path.starts_with('/') {
        return Err(Error::Usage(format!("{method} {path} is not a request; write it like GET /hello/ada")));
    }
    Ok((method, path.to_owned()))
}

fn parse_header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("write a name, a colon and a value")?;
    Ok((name.trim().to_ascii_lowercase(), value.trim().to_owned()))
}

/// The body as given, or what a file or standard input holds: text.
async fn read(data: String) -> Result<String, Error> {
    let not_text = |_| Error::Usage("the body is not UTF-8 text".to_owned());
    String::from_utf8(input::read(data).await?).map_err(not_text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_line_has_defaults() {
        let line = |words: &[&str], body| {
            let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
            request_line(&words, body).ok().map(|(method, path)| format!("{method} {path}"))
        };
        assert_eq!(line(&[], false).as_deref(), Some("GET /"));
        assert_eq!(line(&["/a"], true).as_deref(), Some("POST /a"));
        assert_eq!(line(&["put", "/a?b"], true).as_deref(), Some("PUT /a?b"));
        assert_eq!(line(&["a/b"], false), None);
        assert_eq!(line(&["GET", "a"], false), None);
    }
}
