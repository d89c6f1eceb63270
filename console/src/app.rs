//! The console as a whole: what all pages share, and which address shows which page.

use leptos::prelude::*;
use leptos_router::{
    components::{ParentRoute, Route, Router, Routes},
    path,
};

use crate::{
    account::Account,
    api::Api,
    components::{frame::Frame, toast_list::ToastList},
    pages::{
        access::{AccessPage, members::MembersPage, tokens::TokensPage},
        connections::{ConnectionsPage, connection::ConnectionPage},
        function::{
            FunctionPage, call::CallPage, compare::ComparePage, deployments::DeploymentsPage, overview::OverviewPage,
            settings::SettingsPage, test::TestPage, triggers::TriggersPage, version::VersionPage,
            versions::VersionsPage,
        },
        functions::FunctionsPage,
        home::{HomePage, ProjectHomePage},
        join::JoinPage,
        not_found::NotFoundPage,
        queues::{
            QueuesPage, message::MessagePage, messages::MessagesPage, overview::QueueOverviewPage, queue::QueuePage,
            redrives::RedrivesPage, settings::QueueSettingsPage,
        },
        schedules::{SchedulesPage, schedule::SchedulePage},
        secrets::SecretsPage,
        set_up::SetUpPage,
        settings::ProjectSettingsPage,
        sign_in::Gate,
    },
    remote::Beat,
    toasts::Toasts,
    upload::Uploads,
};

/// Sets up what all pages share and shows the page of the address.
#[component]
pub(crate) fn App() -> impl IntoView {
    let account = Account::new();
    let api = Api::new(account);
    let beat = Beat::start();
    provide_context(account);
    provide_context(api);
    provide_context(beat);
    provide_context(Toasts::new());
    provide_context(Uploads::new(api, beat));
    view! {
        <a class="skip" href="#main">"Skip to the content"</a>
        <Router>
            <Routes fallback=NotFoundPage>
                <Route path=path!("/set-up") view=SetUpPage />
                <Route path=path!("/join") view=JoinPage />
                <ParentRoute path=path!("") view=Gate>
                    <Route path=path!("") view=HomePage />
                    <Route path=path!("sign-in") view=HomePage />
                    <ParentRoute path=path!("projects/:project") view=Frame>
                        <Route path=path!("") view=ProjectHomePage />
                        <Route path=path!("functions") view=FunctionsPage />
                        <ParentRoute path=path!("functions/:function") view=FunctionPage>
                            <Route path=path!("") view=OverviewPage />
                            <Route path=path!("versions") view=VersionsPage />
                            <Route path=path!("versions/:version") view=VersionPage />
                            <Route path=path!("versions/:version/compare/:other") view=ComparePage />
                            <Route path=path!("deployments") view=DeploymentsPage />
                            <Route path=path!("triggers") view=TriggersPage />
                            <Route path=path!("test") view=TestPage />
                            <Route path=path!("test/call") view=CallPage />
                            <Route path=path!("settings") view=SettingsPage />
                        </ParentRoute>
                        <Route path=path!("queues") view=QueuesPage />
                        <ParentRoute path=path!("queues/:queue") view=QueuePage>
                            <Route path=path!("") view=QueueOverviewPage />
                            <Route path=path!("messages") view=MessagesPage />
                            <Route path=path!("messages/:message") view=MessagePage />
                            <Route path=path!("redrives") view=RedrivesPage />
                            <Route path=path!("settings") view=QueueSettingsPage />
                        </ParentRoute>
                        <Route path=path!("schedules") view=SchedulesPage />
                        <Route path=path!("schedules/:function/:schedule") view=SchedulePage />
                        <Route path=path!("connections") view=ConnectionsPage />
                        <Route path=path!("connections/:connection") view=ConnectionPage />
                        <Route path=path!("secrets") view=SecretsPage />
                        <ParentRoute path=path!("access") view=AccessPage>
                            <Route path=path!("") view=TokensPage />
                            <Route path=path!("members") view=MembersPage />
                        </ParentRoute>
                        <Route path=path!("settings") view=ProjectSettingsPage />
                    </ParentRoute>
                </ParentRoute>
            </Routes>
        </Router>
        <ToastList />
    }
}
