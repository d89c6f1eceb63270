//! What a project without functions shows: how to bring the first one.

use leptos::prelude::*;
use wire::Action;

use crate::{
    account::Account,
    api::Api,
    browser,
    components::{
        copy::CodeLine,
        drop_zone::FilePicker,
        icon::{Glyph, Icon},
    },
    remote::Remote,
};

/// Three steps, a drop zone and the same for the command line.
#[component]
pub(crate) fn FunctionsEmpty(
    /// The project's name.
    project: String,
) -> impl IntoView {
    let api = Api::here();
    let picker = expect_context::<FilePicker>();
    let may = expect_context::<Account>().may_now(&project, Action::VersionCreate);
    let name = project.clone();
    let found = Remote::new(move || name.clone(), move |name| api.find_project(&name));
    let call = Signal::derive(move || {
        let url = found.get().map(|project| project.url).unwrap_or_default();
        format!("curl {url}/hello/")
    });
    let deploy = format!("dormouse deploy hello.wasm --function hello --project {project}");
    let upload = format!(
        "curl --data-binary @hello.wasm -H \"Authorization: Bearer $DORMOUSE_TOKEN\" \"{}/api/v1/projects/{project}/functions/hello/versions?create=true&wait=60\"",
        browser::origin()
    );
    let zone = if may {
        view! {
            <button type="button" class="drop-zone" on:click=move |_| picker.open()>
                <span class="drop-icon"><Icon glyph=Glyph::Upload /></span>
                <strong>"Drop a component here"</strong>
                <span>"or click to choose a .wasm file"</span>
            </button>
        }
        .into_any()
    } else {
        view! { <p class="notice">"There are no functions yet. Your role in this project does not include uploads."</p> }
            .into_any()
    };
    view! {
        <div class="empty">
            <ol class="teach">
                <li>
                    <strong>"Upload"</strong>
                    <span>"a WebAssembly component that answers HTTP. It is checked and compiled before anything runs."</span>
                </li>
                <li>
                    <strong>"Deploy"</strong>
                    <span>"the version that came of it. Traffic moves at once, and back just as fast."</span>
                </li>
                <li>
                    <strong>"Call"</strong>
                    <span>"the function at its address, or try it here on the page Test."</span>
                </li>
            </ol>
            {zone}
            <h2>"The same from a terminal"</h2>
            <p class="muted">"With the command line:"</p>
            <CodeLine text=deploy what="the deploy command" />
            <p class="muted">"From CI, with a token from the page Access and nothing but curl:"</p>
            <CodeLine text=upload what="the upload command" />
            <p class="muted">"Then call it:"</p>
            <CodeLine text=call what="the call" />
        </div>
    }
}
