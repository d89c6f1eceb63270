//! The dialog that sends a message to a group.

use leptos::prelude::*;
use wire::SendToConnection;

use crate::{
    api::Api,
    components::{
        cli::quoted,
        dialog::Dialog,
        field::{TextArea, TextField},
        form::OrderForm,
    },
    format,
    order::Order,
    toasts::Toasts,
};

/// The dialog. It stays open where nobody was reached: the group may be misspelt.
#[component]
pub(super) fn PublishDialog(
    /// The project's name.
    project: String,
    /// The group that is on show, or nothing.
    group: String,
    /// Called when the dialog is closed.
    on_close: impl Fn() + Clone + Send + Sync + 'static,
) -> impl IntoView {
    let (api, toasts) = (Api::here(), expect_context::<Toasts>());
    let (group, body) = (RwSignal::new(group), RwSignal::new(String::new()));
    let (is_base64, nobody) = (RwSignal::new(false), RwSignal::new(None::<String>));
    let order = Order::new();
    let of = project.clone();
    let command = Signal::derive(move || command(&of, group.get().trim(), &body.get(), is_base64.get()));
    let close = on_close.clone();
    let on_submit = move || {
        nobody.set(None);
        let (to, close) = (group.get_untracked().trim().to_owned(), close.clone());
        let message = SendToConnection { body: body.get_untracked(), body_is_base64: is_base64.get_untracked() };
        order.run(api.publish_to_group(&project, &to, &message), move |reached| {
            if reached.members == 0 {
                nobody.set(Some(format!("Nobody is in {to}: the message went to no connection.")));
                return;
            }
            close();
            toasts.say(format!("Sent to {} of {to}.", format::count_of(reached.members.into(), "connection")));
        });
    };
    view! {
        <Dialog title="Publish to a group" on_close>
            <OrderForm order action="Publish" on_submit command>
                <TextField
                    label="Group"
                    value=group
                    required=true
                    mono=true
                    autofocus=true
                    maxlength=128
                    hint="Each of its members is sent the message."
                    error=Signal::derive(move || order.field_error("group"))
                />
                <TextArea label="Body" value=body mono=true rows=5 error=Signal::derive(move || order.field_error("body")) />
                <label class="check">
                    <input
                        type="checkbox"
                        prop:checked=move || is_base64.get()
                        on:change=move |_| is_base64.update(|on| *on = !*on)
                    />
                    " It is base64, to be sent as a binary message"
                </label>
                <p class="note" role="status">{move || nobody.get()}</p>
            </OrderForm>
        </Dialog>
    }
}

/// The command that does the same. A body that the command line would read as something else goes through a pipe.
fn command(project: &str, group: &str, body: &str, is_base64: bool) -> String {
    let (group, text) = (quoted(group), quoted(body));
    let (before, body, after) = if is_base64 {
        (format!("printf %s {text} | base64 -d | "), "@-".to_owned(), " --binary")
    } else if body.starts_with(['@', '-']) {
        (format!("printf %s {text} | "), "@-".to_owned(), "")
    } else {
        (String::new(), text, "")
    };
    format!("{before}dormouse connections publish {group} {body}{after} --project {project}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_sends_the_same_bytes() {
        let plain = command("demo", "room 7", "good night", false);
        assert_eq!(plain, "dormouse connections publish 'room 7' 'good night' --project demo");
        let piped = command("demo", "lobby", "@all", false);
        assert_eq!(piped, "printf %s @all | dormouse connections publish lobby @- --project demo");
        let binary = command("demo", "lobby", "AAEC", true);
        let expected = "printf %s AAEC | base64 -d | dormouse connections publish lobby @- --binary --project demo";
        assert_eq!(binary, expected);
    }
}
