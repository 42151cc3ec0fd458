//! Controls of what moves the balance.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{read, unknown};
use crate::stripe::Stripe;
use crate::stripe::api::ApiError;
use crate::stripe::dispute::DisputeStep;
use crate::stripe::payout::PayoutStep;
use crate::stripe::refund::RefundEnd;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Late {
    payment: String,
    code: String,
}
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ends {
    refund: String,
    end: RefundEnd,
}
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Moves {
    dispute: String,
    step: DisputeStep,
}
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Now {
    currency: String,
}
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Goes {
    payout: String,
    step: PayoutStep,
}
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sum {
    amount: i64,
    currency: String,
    #[serde(default)]
    account: String,
}
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    id: String,
    #[serde(default)]
    amount: i64,
}

/// Does what `POST /_sim/{verb}` asks for.
pub(super) fn work(stripe: &mut Stripe, verb: &str, body: &[u8]) -> Result<Value, ApiError> {
    let done = |()| json!({"ok": true});
    match verb {
        "entry" => Ok(json!({"balance_transaction": stripe.enter_by_hand(&read(body)?)})),
        "refund" => stripe.refund(&read(body)?).map(|id| json!({"refund": id})),
        "end_refund" => {
            let asked: Ends = read(body)?;
            stripe.end_refund(&asked.refund, &asked.end).map(done)
        }
        "dispute" => stripe.dispute(&read(body)?).map(|id| json!({"dispute": id})),
        "move_dispute" => {
            let asked: Moves = read(body)?;
            stripe.move_dispute(&asked.dispute, asked.step).map(done)
        }
        "payout" => stripe.payout(&read(body)?).map(|id| json!({"payout": id})),
        "payout_now" => Ok(json!({"payout": stripe.payout_now(&read::<Now>(body)?.currency)})),
        "move_payout" => {
            let asked: Goes = read(body)?;
            stripe.move_payout(&asked.payout, &asked.step).map(done)
        }
        "topup" | "reserve" | "transfer" | "application_fee" => {
            let Sum { amount, currency, account } = read(body)?;
            let currency = currency.as_str();
            Ok(match verb {
                "topup" => json!({"topup": stripe.topup(amount, currency)}),
                "reserve" => json!({"balance_transactions": stripe.reserve(amount, currency)}),
                "transfer" => json!({"transfer": stripe.transfer(amount, currency, &account)}),
                _ => json!({"application_fee": stripe.application_fee(amount, currency, &account)}),
            })
        }
        "reverse" => {
            let Part { id, amount } = read(body)?;
            match id.split('_').next() {
                Some("tu") => stripe.topup_reversed(&id).map(done),
                Some("tr") => stripe.transfer_reversed(&id, amount).map(|id| json!({"transfer_reversal": id})),
                _ => stripe.application_fee_refunded(&id, amount).map(|id| json!({"fee_refund": id})),
            }
        }
        "fail_late" => {
            let asked: Late = read(body)?;
            stripe.fail_late(&asked.payment, &asked.code).map(done)
        }
        _ => Err(unknown()),
    }
}
