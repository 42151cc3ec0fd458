//! One call to Stripe's API over the Http port. It never waits and never repeats: the ledger's schedule does.

use serde::Deserialize;
use serde_json::error::Category;

use super::error::{Refusal, check};
use super::form::Form;
use super::version::PINNED_VERSION;
use crate::config::Stripe;
use crate::error::{Code, Error};
use crate::http::Request;
use crate::ports::Http;

/// Longest wait for one call, in milliseconds. `flow::deliver` adds the calls of an attempt up.
pub const TIMEOUT_MS: u32 = 10_000;

/// A Stripe account, asked with the configured key.
#[derive(Clone, Copy)]
pub struct Client<'a> {
    http: &'a dyn Http,
    config: &'a Stripe,
    account: Option<&'a str>,
    timeout: u32,
}

/// A 2xx answer's body, kept so that what is read from it may borrow.
pub struct Body(Vec<u8>);

impl<'a> Client<'a> {
    /// Asks the key's own account.
    pub fn new(http: &'a dyn Http, config: &'a Stripe) -> Self {
        Self { http, config, account: None, timeout: TIMEOUT_MS }
    }

    /// Waits at most so many milliseconds for one call.
    pub fn with_timeout(self, timeout: u32) -> Self {
        Self { timeout, ..self }
    }

    /// Asks `account` (`acct_…`): with a `Stripe-Account` header when it is one of the connected accounts in
    /// STRIPE_ACCOUNTS, else as the key's own.
    pub fn for_account(self, account: &'a str) -> Self {
        let connected = self.config.accounts.iter().any(|a| a == account);
        Self { account: connected.then_some(account), ..self }
    }

    /// GET `path` (`/v1/…`). Errors: see [`super::error::check`].
    pub async fn get(&self, path: &str, query: &Form) -> Result<Body, Error> {
        let mut url = format!("{}{path}", self.config.base);
        if !query.is_empty() {
            url.push('?');
            url.push_str(query.as_str());
        }
        self.send(self.request("GET", url), path).await.map_err(|refusal| refusal.error)
    }

    /// GET of a list: a page of 100, or of 10 where 100 are more than is read of one answer.
    pub async fn list(&self, path: &str, query: &Form) -> Result<Body, Error> {
        match self.get(path, &query.clone().with("limit", "100")).await {
            Err(error) if error.code == Code::StripeAnswerTooLarge => {
                self.get(path, &query.clone().with("limit", "10")).await
            }
            answer => answer,
        }
    }

    /// POST `form` to `path`. Stripe gives the first answer again for the same `idempotency_key` (at most 255
    /// characters) for at least 24 hours; another form under the same key is refused.
    pub async fn post(&self, path: &str, form: &Form, idempotency_key: &str) -> Result<Body, Error> {
        self.submit(path, form.as_str(), idempotency_key).await.map_err(|refusal| refusal.error)
    }

    /// The same with the text of a form, and with all that is known of a refusal.
    pub async fn submit(&self, path: &str, form: &str, idempotency_key: &str) -> Result<Body, Box<Refusal>> {
        let request = self
            .request("POST", format!("{}{path}", self.config.base))
            .with("content-type", "application/x-www-form-urlencoded")
            .with("idempotency-key", idempotency_key)
            .body(form);
        self.send(request, path).await
    }

    /// DELETE `path`.
    pub async fn delete(&self, path: &str) -> Result<Body, Error> {
        let request = self.request("DELETE", format!("{}{path}", self.config.base));
        self.send(request, path).await.map_err(|refusal| refusal.error)
    }

    fn request(&self, method: &str, url: String) -> Request {
        let request = Request::new(method, url)
            .with("authorization", format!("Bearer {}", self.config.api_key.reveal()))
            .with("stripe-version", PINNED_VERSION);
        match self.account {
            Some(account) => request.with("stripe-account", account),
            None => request,
        }
    }

    async fn send(&self, request: Request, path: &str) -> Result<Body, Box<Refusal>> {
        let what = format!("{} {path}", request.method);
        check(self.http.send(request, self.timeout).await, &what).map(|response| Body(response.body))
    }
}

impl Body {
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Reads the JSON. Not JSON: [`Code::StripeUnavailable`] (a proxy or a cut answer); JSON of another shape:
    /// [`Code::EventUnreadable`].
    pub fn parse<'b, T: Deserialize<'b>>(&'b self) -> Result<T, Error> {
        serde_json::from_slice(&self.0).map_err(|error| match error.classify() {
            Category::Data => unreadable("Stripe's answer", &error),
            _ => Error::new(Code::StripeUnavailable, "Stripe's answer is not JSON; it is asked again by itself."),
        })
    }
}

/// [`Code::EventUnreadable`] without the parser's own words, which may quote personal data.
pub(super) fn unreadable(what: &str, error: &serde_json::Error) -> Error {
    Error::new(
        Code::EventUnreadable,
        format!(
            "{what} cannot be read at line {} column {}; compare it with API version {PINNED_VERSION}.",
            error.line(),
            error.column()
        ),
    )
}
