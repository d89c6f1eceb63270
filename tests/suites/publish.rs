//! From a file to a version that answers: snapshots, artifacts that are lost, and components that cost much.

mod artifacts;
mod costly;
mod snapshots;

use harness::Project;
use http::Method;

/// What version 1 of the function `hello` answers.
async fn greeting(project: &Project) -> String {
    project.preview("hello", 1, Method::GET, "/").send().await.expect(200).text()
}
