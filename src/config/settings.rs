//! The table of settings. docs/SETTINGS.md, `[vars]` of wrangler.toml, .dev.vars.example and what `quittance setup secrets`
//! carries are made from it; `tests/architecture/settings.rs` holds them equal.

use super::setting::{Reader, Setting};

macro_rules! settings {
    ($($group:literal { $($name:ident [$($reader:ident $($secret:ident)?)?] $form:literal, $default:literal, $example:literal, $about:literal;)* })*) => {
        $($(
            #[doc = $about]
            pub const $name: Setting = Setting {
                name: stringify!($name),
                reader: settings!(@reader $($reader)?),
                secret: settings!(@secret $($($secret)?)?),
                form: $form,
                default: $default,
                example: $example,
                about: $about,
            };
        )*)*

        /// Every setting, by group, in the order of the pages.
        pub const GROUPS: &[(&str, &[Setting])] = &[$(($group, &[$($name),*])),*];
    };
    (@reader worker) => { Reader::Worker };
    (@reader command) => { Reader::Command };
    (@secret secret) => { true };
    (@secret) => { false };
}

settings! {
    "What is booked, and where" {
        ERP [worker] "`odoo` or `rpc`", "odoo", "odoo",
            "Which ERP: Odoo, or any ERP that takes signed JSON-RPC (docs/ANY_ERP.md).";
        BOOK_FROM [worker] "seconds since 1970 UTC", "", "1767225600",
            "The cut-over: what Stripe moved before this instant is left to the opening entry. `quittance setup odoo` chooses it.";
        RETENTION_DAYS [worker] "days, 1 to 3650", "30", "30",
            "How long the raw bodies of finished events are kept; Stripe's own list of events goes back 30 days.";
    }
    "Stripe" {
        STRIPE_WEBHOOK_SECRETS [worker secret] "list of `[live:|test:][connect:]whsec_…`", "", "test:whsec_...,test:connect:whsec_...",
            "The signing secrets of the webhook endpoints, whole, each with what its endpoint delivers: the mode, then `connect:` where those are the events of connected accounts. Without a mode it is that of STRIPE_API_KEY. Two of one endpoint while its secret is being rolled. Without any, webhooks are answered 503. `quittance setup stripe --store local` makes an endpoint and writes its secret here.";
        STRIPE_API_KEY [worker secret] "`sk_…` or `rk_…`", "", "rk_test_...",
            "A restricted key is enough; `quittance doctor` names the permissions that it lacks. Its mode is the mode of the ledger.";
        STRIPE_ACCOUNTS [worker] "list of `acct_…` or `acct_…=company id`", "", "acct_1,acct_2=3",
            "Connected accounts whose events are booked besides those of the key's own account. Their owners write the texts of their payments: these choose an invoice only in the company whose id stands behind the account.";
        STRIPE_API_BASE [worker] "address", "https://api.stripe.com", "https://api.stripe.com",
            "Where Stripe's API is; for tests against a simulator on this machine.";
    }
    "Odoo" {
        ODOO_URL [worker] "address", "", "https://example.odoo.com",
            "Odoo's address.";
        ODOO_DB [worker] "text", "", "example",
            "The name of its database.";
        ODOO_LOGIN [worker] "text", "", "quittance@example.com",
            "The user who books: it needs the group Invoicing, and set-up gives it the group Quittance Worker.";
        ODOO_API_KEY [worker secret] "text", "", "...",
            "That user's API key (in Odoo: Preferences, Account Security, New API Key).";
        ODOO_COMPANY [worker] "company id", "", "1",
            "The company of the Stripe account. Without it: the user's own company.";
        ODOO_NOTE [worker] "`true` or `false`", "true", "true",
            "Write a chatter note on the invoice for each payment.";
        ODOO_TRANSACTION [worker] "`true` or `false`", "false", "false",
            "Make a payment.transaction for each payment, under a provider record of our own.";
        FEES [worker] "`expense` or `supplier`", "expense", "expense",
            "What Stripe keeps is an expense, or is owed to the supplier Stripe, with a draft bill for each month.";
        DISPUTE_LOST [worker] "`receivable` or `write_off`", "receivable", "receivable",
            "What a payer's bank has kept in the end is owed by the customer again, or written off by a draft for you to check.";
        CREDIT_NOTE [worker] "`post`, `draft` or `none`", "post", "post",
            "The credit note of a refund is posted, left as a draft, or not made.";
        BALANCE_ACCOUNTS [worker] "list of `type=role`", "", "climate_order_purchase=fees",
            "Roles of accounts for types or reporting categories of balance transactions that you want elsewhere (docs/ACCOUNTING.md).";
    }
    "Any other ERP" {
        RPC_URL [worker] "address", "", "https://erp.example.com/payments",
            "With ERP=rpc: where payments.apply is posted.";
        RPC_SECRET [worker secret] "at least 32 characters made by chance", "", "...",
            "Signs each request to RPC_URL.";
    }
    "Finding the invoice of a payment without our metadata" {
        MATCH_METADATA [worker] "list of names", "odoo_invoice_id,invoice_id,invoice,invoice_number,order_ref", "odoo_invoice_id,invoice_id,invoice,invoice_number,order_ref",
            "Names of metadata that may hold the number of a document.";
        MATCH_TOLERANCE [worker] "amount", "0", "0.05",
            "How far the amount may be from the one open invoice of a known customer, in the currency of the payment.";
        FORMER_DATABASES [worker] "list of names", "", "example-old",
            "Names that this Odoo database had before: metadata that names one of them is ours.";
        IGNORED_DATABASES [worker] "list of names", "", "example-test",
            "Databases whose money is booked elsewhere: a named difference in `quittance verify`, not an error.";
    }
    "The pay page" {
        STRIPE_PUBLISHABLE_KEY [worker] "`pk_…`", "", "pk_live_...",
            "The browser's key, of the account and mode of STRIPE_API_KEY. It switches the pay page on; the other key must then also be allowed to make PaymentIntents and customers.";
        EMBED_ORIGINS [worker] "list of origins", "", "https://example.odoo.com",
            "Origins whose pages may show the pay page in a dialog: Odoo's.";
        PAY_PARTIAL [worker] "`true` or `false`", "false", "false",
            "Part payments of any amount from PAY_MINIMUM on. Without it an invoice is paid in full, or by what Odoo itself asks for.";
        PAY_MINIMUM [worker] "amount", "1", "1",
            "The least part payment, in the currency of the invoice.";
        PAY_RECEIPT_EMAIL [worker] "`true` or `false`", "false", "false",
            "Let Stripe mail a receipt to the invoice's contact.";
        PAY_REDIRECTS [worker] "`true` or `false`", "false", "false",
            "Offer payment methods that lead away from the page, too.";
        PAY_SAVED_CARDS [worker] "`true` or `false`", "false", "false",
            "Whoever holds a link to an invoice sees and may use the cards that its customer saved.";
        PAY_STATEMENT_SUFFIX [worker] "`true` or `false`", "true", "true",
            "Put the invoice's number on the card statement, after your own name.";
        PAY_OPEN_DAYS [worker] "days, 1 to 365", "14", "14",
            "A PaymentIntent that nobody pays is given up after so many days; its page then begins a new one.";
    }
    "Operators" {
        ADMIN_TOKEN [worker secret] "at least 32 characters made by chance", "", "...",
            "Opens the operator's page and API at /admin, and the commands `quittance events` and `recover`. Without it and Cloudflare Access there is nothing at /admin.";
        METRICS_TOKEN [worker secret] "at least 32 characters made by chance", "", "...",
            "Opens /metrics and nothing else.";
        ACCESS_TEAM [worker] "address", "", "https://example.cloudflareaccess.com",
            "The team of Cloudflare Access that stands before /admin.";
        ACCESS_AUDIENCE [worker] "list of audience tags", "", "the-audience-tag",
            "The audience tag of the application in Cloudflare Access; needed with ACCESS_TEAM.";
        ALERT_URL [worker] "address", "", "https://hooks.slack.com/services/...",
            "Where alerts are posted, as JSON that Slack takes. It may be stored as a secret.";
        ALERT_SECRET [worker secret] "text", "", "...",
            "Signs what is posted to ALERT_URL.";
        ALERT_SILENCE [worker] "seconds", "3600", "3600",
            "An alert is raised after so long without a webhook while Stripe's list has events.";
        ODOO_ALERTS [worker] "`true`, `false` or a login", "false", "accountant@example.com",
            "Show alerts also as activities on the Stripe journal in Odoo, for the user with this login; `true`: for the user who made the journal.";
        EXPIRES [worker] "list of `NAME=YYYY-MM-DD`", "", "STRIPE_API_KEY=2027-01-31,RPC_SECRET=2027-03-01",
            "The last days of keys and secrets that only you know: an alert is raised two weeks before.";
        WORKER_URL [worker] "address", "", "https://quittance.example.workers.dev",
            "The Worker's own address: commands ask it, and it knows its webhook endpoint by it.";
    }
    "Only for the command, never for the Worker" {
        ODOO_SETUP_LOGIN [command] "text", "", "admin@example.com",
            "An administrator of Odoo, for `quittance setup odoo` and `doctor`.";
        ODOO_SETUP_API_KEY [command secret] "text", "", "...",
            "The administrator's API key.";
        STRIPE_SETUP_API_KEY [command secret] "`sk_…` or `rk_…`", "", "rk_test_...",
            "A key that may write webhook endpoints and payment method domains, for `quittance setup stripe`.";
    }
}

/// Those that the Worker reads.
pub fn of_the_worker() -> impl Iterator<Item = &'static Setting> {
    GROUPS.iter().flat_map(|(_, settings)| *settings).filter(|setting| setting.reader == Reader::Worker)
}
