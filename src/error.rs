//! One error type: a stable code and a sentence. The code says whose fault it is and what the answer's status is.
//! docs/ERRORS.md lists every code; a test keeps the two equal.

/// Whose fault, and therefore who must act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// The one who sent the request.
    Caller,
    /// Stripe or the ERP, or the way there.
    Upstream,
    /// Quittance, its configuration or its database.
    Ours,
}

/// An error as it travels: never with a secret, a card detail or a traceback in `detail`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    pub code: Code,
    /// One sentence for the operator: what is wrong and what to do.
    pub detail: String,
}

impl Error {
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }

    /// The error with the code's own sentence.
    pub fn of(code: Code) -> Self {
        Self::new(code, code.advice())
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code.name(), self.detail)
    }
}

macro_rules! codes {
    ($($variant:ident $name:literal $blame:ident $status:literal $advice:literal)*) => {
        /// Every code that leaves the product, in answers, in the ledger and in the log.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $($variant),* }

        impl Code {
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stable name.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }
            pub fn blame(self) -> Blame {
                match self { $(Self::$variant => Blame::$blame),* }
            }
            /// The HTTP status when the code ends a request.
            pub fn status(self) -> u16 {
                match self { $(Self::$variant => $status),* }
            }
            /// What to do, in one sentence.
            pub fn advice(self) -> &'static str {
                match self { $(Self::$variant => $advice),* }
            }
            /// The code of a stored name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

codes! {
    // The doors.
    NotFound "not_found" Caller 404 "There is nothing here; see the README for the routes."
    MethodNotAllowed "method_not_allowed" Caller 405 "Send a POST."
    BodyTooLarge "body_too_large" Caller 413 "The body is too large; a webhook has at most 1 MiB, other requests 4 KiB, an operator's 256 KiB."
    SignatureInvalid "signature_invalid" Caller 400 "The signature does not verify; check the endpoint's signing secret and the sender's clock."
    BodyInvalid "body_invalid" Caller 400 "The body could not be read to its end."
    HttpsRequired "https_required" Caller 403 "Use https; over plain http others can read the request."
    WebhookSecretMissing "webhook_secret_missing" Ours 503 "Set STRIPE_WEBHOOK_SECRETS (run `quittance setup secrets`)."
    EventNotStored "event_not_stored" Ours 503 "The event could not be stored; Stripe will send it again."
    ConfigInvalid "config_invalid" Ours 503 "A setting is missing or wrong; the detail names it."
    LedgerUnavailable "ledger_unavailable" Ours 503 "The D1 database does not answer; look at its status and migrations."
    // The pay page.
    RequestInvalid "request_invalid" Caller 400 "The request is not what this route takes; docs/PAY.md has its fields."
    InvoiceNotFound "invoice_not_found" Caller 404 "There is no such invoice to pay; open the link of the invoice again."
    DatabaseCopy "database_copy" Caller 409 "This link comes from a copy of the database; nothing can be paid here."
    AmountNotAllowed "amount_not_allowed" Caller 422 "This amount cannot be paid on this invoice; take one that is offered."
    AmountNotPayable "amount_not_payable" Caller 422 "Stripe takes no payment of this amount; pay another way."
    PaymentPaused "payment_paused" Caller 429 "Several payments were declined; wait a few minutes, then try again."
    RateLimited "rate_limited" Caller 429 "Too many requests; wait a moment, then try again."
    PayUnavailable "pay_unavailable" Ours 503 "The payment cannot be started now, and nothing was charged; try again in a few minutes."
    PayNotConfigured "pay_not_configured" Ours 503 "The pay page is not set up; set STRIPE_PUBLISHABLE_KEY and run `quittance doctor`."
    // The operator's API.
    AdminUnauthorized "admin_unauthorized" Caller 401 "Sign in first; docs/ADMIN.md says how."
    CsrfInvalid "csrf_invalid" Caller 403 "The CSRF token is missing or of another session; read the session again."
    EventBusy "event_busy" Caller 409 "The event is being worked at this moment; try again in a minute."
    ActionNotPossible "action_not_possible" Caller 409 "The action is not possible in the event's present state."
    AssignRefused "assign_refused" Caller 422 "The ERP did not allocate the receipt; the detail has its reason."
    // Stripe, as the worker of events meets it.
    LedgerModeMismatch "ledger_mode_mismatch" Ours 503 "The Stripe key belongs to another mode or account than this ledger; use a ledger of its own for it."
    StripeAuth "stripe_auth" Upstream 503 "Stripe refuses the API key or one of its permissions; the detail names it."
    StripeUnavailable "stripe_unavailable" Upstream 503 "Stripe did not answer or limits the rate; it is asked again by itself."
    StripeAnswerTooLarge "stripe_answer_too_large" Upstream 503 "Stripe's answer is longer than anything it is asked for; check STRIPE_API_BASE. It is asked again by itself."
    StripeRefused "stripe_refused" Upstream 503 "Stripe refused the request; the detail has its code."
    StripeObjectMissing "stripe_object_missing" Upstream 503 "Stripe does not know the object of the event; look the id up in the dashboard."
    EventUnreadable "event_unreadable" Upstream 503 "The event's object lacks what a booking needs; compare it with the API version pinned here."
    ObjectDiffers "object_differs" Upstream 503 "The event and its object differ in their mode (live or test); find out who signed the event, then ignore it."
    PayoutReading "payout_reading" Upstream 503 "The payout has more parts than are read at once; the rest follows by itself."
    // The ERP's connection: pauses delivery, no event pays for it.
    ErpUnreachable "erp_unreachable" Upstream 503 "The ERP does not answer; delivery goes on by itself when it does."
    ErpAuth "erp_auth" Upstream 503 "The ERP refuses the login or API key; set ODOO_LOGIN and ODOO_API_KEY anew."
    ErpRights "erp_rights" Upstream 503 "The ERP user lacks rights; it needs the groups Invoicing and Quittance Worker; `quittance setup odoo` gives it the second."
    ErpDatabaseMissing "erp_database_missing" Upstream 503 "The ERP cannot open the database; check ODOO_DB and that its PostgreSQL runs."
    ErpProcedureMissing "erp_procedure_missing" Upstream 503 "The procedures are not installed in the ERP; run `quittance setup odoo`."
    ErpProcedureChanged "erp_procedure_changed" Upstream 503 "A procedure in the ERP is not the one this version installs; run `quittance setup odoo`."
    ErpNotConfigured "erp_not_configured" Upstream 503 "The ERP lacks the Stripe journal or clearing account; run `quittance setup odoo`."
    OdooOtherAccount "odoo_other_account" Upstream 503 "That company in Odoo keeps the books of another Stripe account: correct ODOO_URL, ODOO_DB, ODOO_COMPANY or STRIPE_ACCOUNTS, or let `quittance setup odoo` store this account."
    OdooOtherMode "odoo_other_mode" Upstream 503 "That company in Odoo keeps the books of Stripe's other mode (test or live): this ledger needs an Odoo database of its own."
    ErpProtocol "erp_protocol" Upstream 503 "The ERP answered something that is not its protocol; check the URL."
    ErpAnswerTooLarge "erp_answer_too_large" Upstream 503 "The ERP's answer is longer than anything it is asked for; check that ODOO_URL or RPC_URL leads to the ERP itself."
    // One event refused: it is parked and counts as missing until a person acts.
    BillNotPosted "bill_not_posted" Upstream 503 "Compare the draft bill of Stripe's fees with Stripe's invoice, then post it; it is checked daily at first, later monthly."
    BillClearing "bill_clearing" Upstream 503 "The bill of Stripe's fees is being matched with the month's entries, some hundreds at a time."
    ErpBusy "erp_busy" Upstream 503 "The ERP could not finish this movement now; it is tried again."
    ErpProcedureFailed "erp_procedure_failed" Upstream 503 "The procedure in the ERP failed on this movement; it is tried again, and the ERP's log has the reason."
    SettlementCurrencyMissing "settlement_currency_missing" Upstream 503 "The books have no Stripe journal in this settlement currency; run `quittance setup odoo` with it."
    AccountMissing "account_missing" Upstream 503 "The books lack the account that the detail names; run `quittance setup odoo`."
    EntryMissing "entry_missing" Upstream 503 "The entry that the movement builds on is not in the books yet; it is tried again."
    ErpRefused "erp_refused" Upstream 503 "The ERP refused this movement; the detail has its reason."
    CurrencyInactive "currency_inactive" Upstream 503 "Activate the currency in the ERP, then replay the event."
    CurrencyRateMissing "currency_rate_missing" Upstream 503 "The ERP has no rate of the day or before for the currency and would book it at another; enter the rate of the day that the detail names, then replay the event."
    CurrencyRateDiffers "currency_rate_differs" Upstream 503 "The ERP values the money otherwise than by its rate of the day; see what changes its rates, then replay the event."
    WrongCompany "wrong_company" Upstream 503 "The ERP user may not book for this company; give it the company, then replay."
    AmountNotRepresentable "amount_not_representable" Upstream 503 "The ERP's rounding of this currency cannot hold Stripe's amount; correct the currency's decimal places."
    ReceiptMissing "receipt_missing" Upstream 503 "The payment of this event is not in the books, and no invoice is named; book it by hand, then ignore the event."
    EntryUnbalanced "entry_unbalanced" Upstream 503 "The amounts that Stripe gives do not add up; look at the balance transaction."
    RefundReceiptUnknown "refund_receipt_unknown" Upstream 503 "The ERP has no booking of the payment that was refunded, nor one that names it; enter it with the id in its memo, then replay."
    RefundNotBooked "refund_not_booked" Upstream 503 "The refund itself is not in the ERP yet; its credit note is tried again."
    RefundUndone "refund_undone" Upstream 503 "The booking of the refund was undone in the ERP; post it again, or make the credit note by hand."
    CreditNoteWithoutInvoice "credit_note_without_invoice" Upstream 503 "No invoice is matched with this refund in the ERP; match its open amount by hand."
    PaymentGone "payment_gone" Upstream 503 "The payment was booked and then deleted in the ERP by a person; book it by hand if that was a mistake."
    AmountDiffers "amount_differs" Upstream 503 "Another amount was booked for this payment than Stripe says now; correct it by hand, then replay the event."
    PartyDiffers "party_differs" Upstream 503 "The booking of this payment belongs to another customer than Stripe or the invoice names; correct it by hand, then replay the event."
    KeyRefused "key_refused" Upstream 503 "The procedure was called with a name that none of ours can be; if Quittance itself did that, report it."
    PaidAgain "paid_again" Upstream 503 "A PaymentIntent that failed after it had paid was paid once more; enter that payment by hand, then ignore the event."
    AttemptsExhausted "attempts_exhausted" Upstream 503 "All attempts of three days failed; correct the cause that the last detail names, then replay."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_found_again() {
        for &code in Code::ALL {
            assert_eq!(Code::from_name(code.name()), Some(code));
            assert!(code.advice().ends_with('.'), "{}", code.name());
        }
    }
}
