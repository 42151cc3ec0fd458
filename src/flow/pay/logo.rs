//! A company's logo for the page, from the ERP, kept for a day.

use serde_json::{Value, json};

use super::PayRefusal;
use crate::config::Config;
use crate::erp;
use crate::erp::invoice::Logo;
use crate::error::Code;
use crate::ledger::intents;
use crate::ports::Runtime;

/// Seconds that a logo, or that there is none, is kept.
pub const CACHE_TTL_S: u32 = 86_400;
/// The largest logo shown, in bytes. Source: Odoo's own small logo is 180 pixels wide, a few kilobytes.
const BYTES_MAX: usize = 256 * 1024;
/// What is shown as an image; everything else is none.
const TYPES: [&str; 5] = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml"];

/// The logo of a company whose invoices are paid here, or [`Code::NotFound`].
pub async fn company_logo(rt: &Runtime, config: &Config, company: i64) -> Result<Logo, PayRefusal> {
    config.pay.as_ref().map_err(Clone::clone)?;
    let delivery = config.delivery.as_ref().map_err(Clone::clone)?;
    let key = format!("logo:{company}");
    if let Some(kept) = rt.kv.get(&key).await {
        return parse_cached(&kept).ok_or(Code::NotFound.into());
    }
    // Others' ids cost nobody anything: neither the ERP nor the cache is asked for them.
    if !intents::was_shown(&*rt.db, company).await? {
        return Err(Code::NotFound.into());
    }
    let found = erp::open(delivery, rt).logo(company).await?;
    let logo = found.filter(|logo| logo.bytes.len() <= BYTES_MAX && TYPES.contains(&logo.media_type.as_str()));
    let text = logo.as_ref().map_or(json!({}), |l| json!({ "type": l.media_type, "hex": hex::encode(&l.bytes) }));
    rt.kv.put(&key, &text.to_string(), CACHE_TTL_S).await;
    logo.ok_or(Code::NotFound.into())
}

fn parse_cached(kept: &str) -> Option<Logo> {
    let kept: Value = serde_json::from_str(kept).ok()?;
    let text = |name: &str| kept.get(name)?.as_str();
    Some(Logo { media_type: text("type")?.to_owned(), bytes: hex::decode(text("hex")?).ok()? })
}
