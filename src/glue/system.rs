//! Clock, chance and log of the isolate.

use serde_json::{Value, json};

use crate::ports::{Clock, Entropy, Level, Log};

/// The platform's clock. It stands still between two waits, so it measures nothing.
pub struct Time;

impl Clock for Time {
    fn now_ms(&self) -> i64 {
        worker::js_sys::Date::now() as i64
    }
}

/// `crypto.getRandomValues`.
pub struct Chance;

impl Entropy for Chance {
    #[allow(clippy::disallowed_methods, reason = "this is the port")]
    fn fill(&self, bytes: &mut [u8]) {
        // The platform's source cannot fail in a Worker.
        let _ = getrandom::fill(bytes);
    }
}

/// One JSON object a line, for Workers Logs; alerts on the error stream.
pub struct Console;

impl Log for Console {
    fn line(&self, level: Level, event: &'static str, fields: Value) {
        let name = match level {
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Alert => "alert",
        };
        let mut line = json!({ "level": name, "event": event });
        if let (Some(line), Value::Object(fields)) = (line.as_object_mut(), fields) {
            line.extend(fields);
        }
        let text = line.to_string();
        match level {
            Level::Info => worker::console_log!("{text}"),
            Level::Warn => worker::console_warn!("{text}"),
            Level::Alert => worker::console_error!("{text}"),
        }
    }
}
