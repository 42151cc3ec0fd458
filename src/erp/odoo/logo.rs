//! A company's logo, by the route that Odoo gives to everybody who sees a login page (17, 18 and 19).

use super::error::OdooError;
use super::transport::{Client, PROBE_TIMEOUT_MS};
use crate::erp::invoice::Logo;
use crate::http::Request;

/// The small logo; `None` where Odoo has none to show. A redirect (no database chosen) is none.
pub async fn company_logo(client: &Client, company: i64) -> Result<Option<Logo>, OdooError> {
    let database = crate::http::escape(&client.db);
    let url = format!("{}/logo.png?dbname={database}&company={company}", client.url);
    let response = client.http.send(Request::new("GET", url), PROBE_TIMEOUT_MS).await?;
    let media_type = response.header("content-type").and_then(|text| text.split(';').next()).unwrap_or("").trim();
    let media_type = media_type.to_ascii_lowercase();
    Ok((response.status == 200 && !response.body.is_empty()).then_some(Logo { media_type, bytes: response.body }))
}
