//! Money that moved under a PaymentIntent which Stripe, after a day, still does not call final.

use super::client::Client;
use super::event_types::Target;
use super::fetch::PAYMENT_EXPAND;
use super::form::{Form, segment};
use super::map::read_object;
use super::object::PaymentIntent;
use super::reading::{Json, Pointer, Reading, Scope};
use super::receipt::read_charge;
use super::reference;
use crate::error::Error;
use crate::movement::{NOT_FINAL, posting_key};

/// Asks once more. Still not final: what its captured charge says is booked under the payment's own key, flagged, so
/// that the PaymentIntent's own event later finds it in the books.
pub async fn read_not_final(client: &Client<'_>, scope: &Scope<'_>, payment: &str) -> Result<Reading, Error> {
    let query = Form::new().with("expand[]", PAYMENT_EXPAND);
    let body = client.get(&format!("/v1/payment_intents/{}", segment(payment)), &query).await?;
    let reading =
        read_object(scope, Json::Object(body.bytes()), Pointer::to_target(Target::PaymentIntent(payment.to_owned())))?;
    let intent: PaymentIntent<'_> = body.parse()?;
    // An authorization that is captured in parts is final with the last one: what came so far is not its amount.
    let goes_on = intent.status.as_str() == "requires_capture";
    let charge = intent
        .latest_charge
        .as_ref()
        .and_then(|c| c.object())
        .filter(|c| c.captured && c.status.as_str() == "succeeded" && !goes_on);
    match (reading, charge) {
        (reading @ Reading::Movement(_), _) | (reading, None) => Ok(reading),
        (_, Some(charge)) => Ok(match read_charge(scope, charge, reference::intent_reference(scope, &intent)) {
            Reading::Movement(mut movement) => {
                movement.key = posting_key(scope.account, payment, "succeeded");
                payment.clone_into(&mut movement.payment);
                movement.flags.push(NOT_FINAL.to_owned());
                Reading::Movement(movement)
            }
            reading => reading,
        }),
    }
}
