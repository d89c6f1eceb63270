//! The command that does the same as what a page offers.

use leptos::prelude::*;

use super::copy::CodeLine;

/// "Same as CLI": the command with this page's values, folded away until it is asked for.
#[component]
pub(crate) fn SameAsCli(
    /// The command line.
    #[prop(into)]
    command: Signal<String>,
    /// Command lines of what else the page offers.
    #[prop(optional, into)]
    others: Signal<Vec<String>>,
) -> impl IntoView {
    let others = move || {
        let others = others.get().into_iter().map(|text| view! { <CodeLine text what="the command" /> });
        others.collect_view()
    };
    view! {
        <details class="same-as-cli">
            <summary>"Same as CLI"</summary>
            <CodeLine text=command what="the command" />
            {others}
        </details>
    }
}

/// The option that gives a message; nothing where there is none.
pub(crate) fn message_option(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(" --message {}", quoted(message)) }
}

/// An argument as a POSIX shell reads it back: quoted where it holds more than plain characters.
pub(crate) fn quoted(argument: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !argument.is_empty() && argument.chars().all(plain) {
        return argument.to_owned();
    }
    format!("'{}'", argument.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_survive_the_shell() {
        assert_eq!(quoted("hello.wasm"), "hello.wasm");
        assert_eq!(quoted("it's new"), r"'it'\''s new'");
        assert_eq!(quoted(""), "''");
    }
}
