//! How the demonstration looks in a terminal.

use std::io::IsTerminal;
use std::time::Instant;

use super::Odoo;

/// A bold line between two parts; without escapes where nobody would see them.
pub fn heading(text: &str) {
    if std::io::stdout().is_terminal() {
        println!("\n\x1b[1m{text}\x1b[0m");
    } else {
        println!("\n{text}");
    }
}

pub fn line(name: &str, value: &str) {
    println!("   {name:<11}{value}");
}

/// One step with the time since it began.
pub fn step(began: Instant, text: &str) {
    println!("   {:>7.0} ms  {text}", began.elapsed().as_secs_f64() * 1000.0);
}

/// An invoice as a clerk sees it.
pub fn invoice(odoo: &Odoo, id: i64) {
    let odoo = odoo.look();
    line("number", &odoo.number(id));
    line("state", &odoo.payment_state(id).replace('_', " "));
    line("open", &format!("{:.2} USD", odoo.residual(id)));
}

/// Where a person may go from here.
pub fn done() {
    println!(
        "
What to try next
   cargo xtask dev                 the same, kept running, with curl lines to play with
   cargo xtask dev --odoo-url …    against your own Odoo (cargo xtask help)
   cargo xtask test                everything that must hold
   docs/DEPLOY.md                  deploy it"
    );
}
