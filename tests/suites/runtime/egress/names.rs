//! A resolver that a test tells what to answer.

use std::{
    collections::{HashMap, VecDeque},
    io,
    net::IpAddr,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use runtime::Resolver;

/// Answers as it was told; the last answer for a name stays.
#[derive(Debug, Default)]
pub(super) struct Names {
    told: Mutex<HashMap<String, VecDeque<Vec<IpAddr>>>>,
    every: Option<IpAddr>,
    asked: AtomicUsize,
}

impl Names {
    /// Every name leads to `address`: the worst that a resolver can do.
    pub(super) fn all_at(address: &str) -> Self {
        Self { every: Some(address.parse().unwrap()), ..Self::default() }
    }

    /// `name` leads to each of `answers` in turn; one answer may have several addresses.
    pub(super) fn with(self, name: &str, answers: &[&[&str]]) -> Self {
        let answers = answers.iter().map(|all| all.iter().map(|ip| ip.parse().unwrap()).collect()).collect();
        self.told.lock().unwrap().insert(name.to_owned(), answers);
        self
    }

    /// How often it was asked.
    pub(super) fn asked(&self) -> usize {
        self.asked.load(Relaxed)
    }
}

#[async_trait::async_trait]
impl Resolver for Names {
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        self.asked.fetch_add(1, Relaxed);
        let told = match self.told.lock().unwrap().get_mut(name) {
            Some(answers) if answers.len() > 1 => answers.pop_front(),
            Some(answers) => answers.front().cloned(),
            None => None,
        };
        match told.or_else(|| self.every.map(|every| vec![every])) {
            Some(addresses) => Ok(addresses),
            None if name == "never.example.com" => std::future::pending().await,
            None => Err(io::Error::other("no such name")),
        }
    }
}
