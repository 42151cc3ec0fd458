//! The last scene: a pay link, for whoever watches to pay.

use std::io::IsTerminal;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use quittance_sim::odoo::Invoice;
use serde_json::{Value, json};

use super::script::Script;
use super::show::{heading, line};

/// How often the books are looked at.
const LOOK: Duration = Duration::from_millis(300);

/// Whether the demonstration goes on after its end, so that its link can be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// While a person sits before it.
    InTerminal,
    /// Until it is interrupted.
    Always,
}

/// Makes another invoice, prints its link, and waits for its payment if somebody is there to pay.
pub fn offer(script: &Script, wait: Wait) -> Result<()> {
    let at_terminal = std::io::stdin().is_terminal();
    let waits = wait == Wait::Always || (wait == Wait::InTerminal && at_terminal);
    let (id, number, token) = {
        let mut odoo = script.odoo.look();
        let id = odoo.invoice(&Invoice { email: "ada@example.com", ..Invoice::of("240.00", "USD") });
        (id, odoo.number(id), odoo.token(id))
    };
    let offered = offered(script, id, &token)?;
    heading("Your turn");
    line("number", &number);
    line("open", &offered);
    println!("\n   Open this, pay with 4242 4242 4242 4242, any future date, any CVC:");
    println!("   {}/pay/{id}?access_token={token}", script.worker.url);
    if !waits {
        println!("   (It ends with this program: `cargo xtask demo --wait`, or a terminal, keeps it.)");
        return Ok(());
    }
    let ends = ends(at_terminal)?;
    let how = if at_terminal { "Enter or Ctrl-C" } else { "Ctrl-C" };
    println!("\n   Waiting for your payment. {how} ends everything.");
    watch(script, id, &number, &ends);
    Ok(())
}

/// Asks as the page does; the amount that it would show.
fn offered(script: &Script, invoice: i64, token: &str) -> Result<String> {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let asked = json!({ "invoice": invoice, "access_token": token }).to_string();
    let mut answer = agent
        .post(format!("{}/api/payment-intents", script.worker.url))
        .header("content-type", "application/json")
        .send(asked)?;
    let body: Value = serde_json::from_str(&answer.body_mut().read_to_string()?)?;
    ensure!(body.pointer("/state") == Some(&json!("open")), "the pay page would be answered {body}");
    let amount = body.pointer("/payment/money/display").and_then(Value::as_str);
    Ok(amount.context("the answer names an amount")?.to_owned())
}

/// Until somebody ends it; says once that the invoice is paid.
fn watch(script: &Script, invoice: i64, number: &str, ends: &Receiver<()>) {
    let mut told = false;
    while matches!(ends.recv_timeout(LOOK), Err(RecvTimeoutError::Timeout)) {
        let payment = script.odoo.look().payments().into_iter().find(|payment| payment.invoices.contains(&invoice));
        if let Some(payment) = payment.filter(|_| !told) {
            println!("   {number} is paid: {}, memo {}", payment.name, payment.memo);
            told = true;
        }
    }
}

/// Hears of Ctrl-C, and at a terminal of Enter; elsewhere an ended input says nothing.
fn ends(at_terminal: bool) -> Result<Receiver<()>> {
    let (send, ends) = channel();
    let interrupted = send.clone();
    ctrlc::set_handler(move || {
        let _nobody_waits = interrupted.send(());
    })
    .context("cannot catch Ctrl-C")?;
    if at_terminal {
        std::thread::spawn(move || {
            let _line = std::io::stdin().read_line(&mut String::new());
            let _nobody_waits = send.send(());
        });
    }
    Ok(ends)
}
