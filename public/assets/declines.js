// Stripe's codes in the payer's words: why it failed, and what to do next.

// The codes of each row mean the same to the payer. The first row is the plain decline, and hides what must be hidden:
// fraud, lost and stolen cards, block lists.
const ROWS = `
whyDeclined nextBank: generic_decline card_declined fraudulent lost_card stolen_card merchant_blacklist pickup_card restricted_card security_violation call_issuer do_not_honor do_not_try_again no_action_taken service_not_allowed transaction_not_allowed
whyAuth nextRetry: approve_with_id
whyAuth nextConfirm: authentication_required mobile_device_authentication_required
whyAuthFailed nextConfirm: authentication_failure payment_intent_authentication_failure payment_intent_payment_attempt_expired
whyUnsupported nextBank: card_not_supported not_permitted
whyLimit nextBank: card_velocity_exceeded
whyLimit nextCard: withdrawal_count_limit_exceeded
whyCurrency nextBank: currency_not_supported payment_method_currency_mismatch
whyDuplicate nextWait: duplicate_transaction
whyExpired nextCard: expired_card
whyAddress nextFix: incorrect_address
whyZip nextFix: incorrect_zip incorrect_postal_code
whyCvc nextFix: incorrect_cvc invalid_cvc
whyNumber nextFix: incorrect_number invalid_number
whyExpiry nextFix: invalid_expiry_month invalid_expiry_year
whyPin nextCard: incorrect_pin invalid_pin offline_pin_required online_or_offline_pin_required pin_try_exceeded
whyFunds nextCard: insufficient_funds
whyAccount nextBank: invalid_account new_account_information_available
whySize nextBank: invalid_amount
whySize nextMerchant: amount_too_small amount_too_large charge_exceeds_transaction_limit
whyBankAway nextRetry: issuer_not_available
whyFault nextRetry: processing_error reenter_transaction try_again_later payment_intent_payment_attempt_failed
whyFault nextMoment: payment_intent_unexpected_state payment_intent_rate_limit_exceeded resource_missing idempotency_key_in_use lock_timeout rate_limit
whyFault nextMerchant: refund_disputed_payment charge_already_refunded charge_disputed payout_reconciliation_not_ready
whyStopped nextBank: revocation_of_all_authorizations revocation_of_authorization stop_payment_order
whySetup nextMerchant: testmode_decline testmode_charges_only livemode_mismatch secret_key_required platform_api_key_expired api_key_expired account_invalid capability_not_active parameter_missing parameter_unknown
whyDeclined nextCard: card_decline_rate_limit_exceeded
whyProvider nextCard: payment_method_customer_decline payment_method_provider_decline`

/** @type {Map<string, Pay.Explanation>} */
export const CODES = new Map()
for (const row of ROWS.trim().split('\n')) {
  const [words = '', codes = ''] = row.split(': ')
  for (const code of codes.split(' ')) CODES.set(code, /** @type {Pay.Explanation} */ (words.split(' ')))
}

/** Stripe's advice goes before our own next step. @type {Record<string, Pay.Word>} */
const ADVICE = { do_not_try_again: 'nextCard', try_again_later: 'nextRetry', confirm_card_data: 'nextFix' }

/** @param {StripeError} error @returns {Pay.Explanation} */
export function explain({ code = '', decline_code, advice_code, type }) {
  const plain = decline_code || type === 'card_error' ? 'generic_decline' : 'processing_error'
  const known = [decline_code, code, plain].map((name) => CODES.get(name ?? '')).find(Boolean)
  const [why, next] = /** @type {Pay.Explanation} */ (known)
  // A plain decline takes no advice: it would tell the hidden ones from the others.
  return [why, (why !== 'whyDeclined' && ADVICE[advice_code ?? '']) || next]
}
