//! The dialog that sends a message by hand.

use leptos::prelude::*;
use wire::SendMessage;

use super::queue::Here;
use crate::{
    api::Api,
    components::{
        cli::quoted,
        dialog::Dialog,
        field::{TextArea, TextField},
        form::OrderForm,
    },
    order::Order,
    remote::Beat,
    toasts::Toasts,
};

/// The dialog.
#[component]
pub(crate) fn SendDialog(
    /// The queue.
    here: Here,
    /// Called when it is closed.
    on_close: impl Fn() + Clone + Send + Sync + 'static,
) -> impl IntoView {
    let (api, beat, toasts) = (Api::here(), expect_context::<Beat>(), expect_context::<Toasts>());
    let (body, group) = (RwSignal::new("{}".to_owned()), RwSignal::new(String::new()));
    let kind = RwSignal::new("application/json".to_owned());
    let delay = RwSignal::new("0".to_owned());
    let order = Order::new();
    let delay_wrong = Signal::derive(move || {
        let fits = delay.with(|text| text.trim().parse::<u32>().is_ok_and(|seconds| seconds <= 900));
        (!fits).then(|| "is not 0 to 900 seconds".to_owned()).or_else(|| order.field_error("delay_ms"))
    });
    let command = Signal::derive(move || {
        let (project, name) = (here.project.get(), here.name.get());
        let group = match group.get() {
            group if group.is_empty() => String::new(),
            group => format!(" --group {}", quoted(&group)),
        };
        let delay = match delay.get().as_str() {
            "0" | "" => String::new(),
            seconds => format!(" --delay {seconds}s"),
        };
        let (body, kind) = (quoted(&body.get()), quoted(&kind.get()));
        format!("dormouse queue send {name} {body} --content-type {kind}{group}{delay} --project {project}")
    });
    let close = on_close.clone();
    let on_submit = move || {
        let Ok(seconds) = delay.get_untracked().trim().parse::<u32>() else { return };
        let message = SendMessage {
            body: body.get_untracked(),
            content_type: Some(kind.get_untracked()),
            group: Some(group.get_untracked()).filter(|group| !group.is_empty()),
            delay_ms: seconds.saturating_mul(1_000),
            ..SendMessage::default()
        };
        let ((project, name), close) = (here.names(), close.clone());
        order.run(api.send_message(&project, &name, &message), move |sent| {
            close();
            beat.now();
            toasts.say(format!("{} is on disk.", sent.id));
        });
    };
    view! {
        <Dialog title=Signal::derive(move || format!("Send to {}", here.name.get())) on_close>
            <OrderForm order action="Send" on_submit disabled=move || delay_wrong.with(Option::is_some) command>
                <TextArea label="Body" value=body mono=true rows=6 error=Signal::derive(move || order.field_error("body")) />
                <TextField label="Type" value=kind mono=true maxlength=128 error=Signal::derive(move || order.field_error("content_type")) />
                <div class="pair">
                    <TextField label="Group" value=group mono=true maxlength=128 hint="Messages of one group are consumed in order. May stay empty." />
                    <TextField label="Held back, in seconds" value=delay kind="number" error=delay_wrong hint="Up to 900." />
                </div>
            </OrderForm>
        </Dialog>
    }
}
