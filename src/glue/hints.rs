//! The queue of hints: each message is the id of an inbox row, as plain text.

use worker::js_sys::{Array, Object, Reflect};
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::wasm_bindgen_futures::JsFuture;
use worker::worker_sys::types::Queue as Binding;

use crate::ports::{Fut, Queue};

/// Cloudflare takes at most 100 messages in one sendBatch.
const MESSAGES: usize = 100;

pub struct Hints(Option<Binding>);

impl Hints {
    pub fn new(env: &JsValue, binding: &str) -> Self {
        let value = Reflect::get(env, &binding.into()).ok().filter(|value| !value.is_undefined());
        Self(value.map(JsCast::unchecked_into))
    }

    async fn send_some(&self, events: &[String]) -> Result<(), JsValue> {
        let Some(queue) = &self.0 else { return Err("wrangler.toml binds no queue as EVENTS".into()) };
        let messages = Array::new();
        for event in events {
            let message = Object::new();
            Reflect::set(&message, &"body".into(), &event.into())?;
            Reflect::set(&message, &"contentType".into(), &"text".into())?;
            messages.push(&message);
        }
        JsFuture::from(queue.send_batch(messages, JsValue::UNDEFINED)?).await?;
        Ok(())
    }
}

impl Queue for Hints {
    fn send<'a>(&'a self, events: &'a [String]) -> Fut<'a, Result<(), String>> {
        Box::pin(async move {
            for some in events.chunks(MESSAGES) {
                self.send_some(some).await.map_err(|error| worker::Error::from(error).to_string())?;
            }
            Ok(())
        })
    }
}
