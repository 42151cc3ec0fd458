//! What a person reads when everything runs.

use quittance_sim::stripe::Stripe;

use super::options::RealOdoo;
use crate::parties::Served;
use crate::worker::Worker;

/// Prints the addresses, the secret, and lines to copy.
pub fn show(
    worker: &Worker,
    stripe: &Served<Stripe>,
    simulated: Option<String>,
    real: Option<&RealOdoo>,
    secret: &str,
) {
    let (stripe, worker) = (stripe.url(), &worker.url);
    println!("\nQuittance   {worker}   (health: {worker}/health)");
    println!("Stripe      {stripe}   simulated, key sk_test_sim");
    match (&simulated, real) {
        (Some(url), _) => println!("Odoo        {url}   simulated"),
        (None, Some(odoo)) => println!("Odoo        {}   database {}, user {}", odoo.url, odoo.db, odoo.login),
        (None, None) => {}
    }
    println!("Webhook     {worker}/webhooks/stripe   secret {secret}");
    match simulated {
        Some(odoo) => println!(
            "
Make an invoice; the answer has its `pay_link`: open it, pay with 4242 4242 4242 4242, any future date, any CVC:
  curl -s {odoo}/_sim/invoice -d '{{\"amount\": \"121.00\", \"currency\": \"USD\", \"pay_at\": \"{worker}\"}}'

Or pay it without a page, then look at it:
  curl -s {stripe}/_sim/pay -d '{{\"amount\": 12100, \"currency\": \"usd\", \"metadata\": {{\"odoo_db\": \"odoo\", \"odoo_model\": \"account.move\", \"odoo_id\": \"ID\"}}}}'
  curl -s {odoo}/_sim/invoices/ID"
        ),
        None => println!(
            "
Pay an invoice by its number, then look at it in Odoo:
  curl -s {stripe}/_sim/pay -d '{{\"amount\": 12100, \"currency\": \"usd\", \"metadata\": {{\"invoice_number\": \"INV/2026/00001\"}}}}'"
        ),
    }
    println!(
        "
What Stripe sent and was answered; the ledger; what the Worker logs:
  curl -s {stripe}/_sim/deliveries
  npx wrangler d1 execute quittance --local --persist-to target/quittance/dev --command 'SELECT id, type, state, code FROM inbox'
  tail -f target/quittance/dev/wrangler.log

Ctrl-C stops everything."
    );
}
