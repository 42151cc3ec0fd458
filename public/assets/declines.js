// Stripe's codes in the payer's words: why it failed, and what to do next.

/** @import { StripeError } from '@stripe/stripe-js' */
/** @import { Word } from './words.js' */
/** @typedef {[why: Word, next: Word]} Explanation */

/** @type {Explanation} */
const PLAIN = ['whyDeclined', 'nextBank']

/** Codes of the bank (`decline_code`). @type {Record<string, Explanation>} */
export const DECLINES = {
  approve_with_id: ['whyApprove', 'nextRetry'],
  authentication_required: ['whyAuth', 'nextConfirm'],
  call_issuer: ['whyCall', 'nextCall'],
  card_not_supported: ['whyUnsupported', 'nextBank'],
  card_velocity_exceeded: ['whyLimit', 'nextBank'],
  currency_not_supported: ['whyCurrency', 'nextBank'],
  do_not_honor: PLAIN,
  do_not_try_again: PLAIN,
  duplicate_transaction: ['whyDuplicate', 'nextWait'],
  expired_card: ['whyExpired', 'nextCard'],
  fraudulent: PLAIN,
  generic_decline: PLAIN,
  incorrect_address: ['whyAddress', 'nextFix'],
  incorrect_cvc: ['whyCvc', 'nextFix'],
  incorrect_number: ['whyNumber', 'nextFix'],
  incorrect_pin: ['whyPin', 'nextFix'],
  incorrect_zip: ['whyZip', 'nextFix'],
  insufficient_funds: ['whyFunds', 'nextCard'],
  invalid_account: ['whyAccount', 'nextBank'],
  invalid_amount: ['whyAmount', 'nextAmount'],
  invalid_cvc: ['whyCvc', 'nextFix'],
  invalid_expiry_month: ['whyMonth', 'nextFix'],
  invalid_expiry_year: ['whyYear', 'nextFix'],
  invalid_number: ['whyNumber', 'nextFix'],
  invalid_pin: ['whyPin', 'nextFix'],
  issuer_not_available: ['whyBankAway', 'nextRetry'],
  lost_card: PLAIN,
  merchant_blacklist: PLAIN,
  mobile_device_authentication_required: ['whyPinNeeded', 'nextConfirm'],
  new_account_information_available: ['whyNewCard', 'nextBank'],
  no_action_taken: PLAIN,
  not_permitted: ['whyUnsupported', 'nextBank'],
  offline_pin_required: ['whyPinNeeded', 'nextConfirm'],
  online_or_offline_pin_required: ['whyPinNeeded', 'nextConfirm'],
  pickup_card: PLAIN,
  pin_try_exceeded: ['whyPinTries', 'nextCard'],
  processing_error: ['whyFault', 'nextAgain'],
  reenter_transaction: ['whyFault', 'nextRetry'],
  restricted_card: PLAIN,
  revocation_of_all_authorizations: ['whyStopped', 'nextBank'],
  revocation_of_authorization: ['whyStopped', 'nextBank'],
  security_violation: PLAIN,
  service_not_allowed: PLAIN,
  stolen_card: PLAIN,
  stop_payment_order: ['whyStopped', 'nextBank'],
  testmode_decline: ['whyTestCard', 'nextMerchant'],
  transaction_not_allowed: PLAIN,
  try_again_later: ['whyFault', 'nextRetry'],
  withdrawal_count_limit_exceeded: ['whyLimit', 'nextCard'],
}

/** Codes of Stripe's API (`code`) that are not declines as well. @type {Record<string, Explanation>} */
export const CODES = {
  card_declined: PLAIN,
  incorrect_postal_code: ['whyZip', 'nextFix'],
  authentication_failure: ['whyAuthFailed', 'nextConfirm'],
  payment_intent_authentication_failure: ['whyAuthFailed', 'nextConfirm'],
  payment_intent_payment_attempt_failed: ['whyOther', 'nextBank'],
  payment_intent_payment_attempt_expired: ['whyTimeout', 'nextConfirm'],
  payment_intent_unexpected_state: ['whyMoved', 'nextReload'],
  payment_intent_rate_limit_exceeded: ['whyCrowd', 'nextMoment'],
  card_decline_rate_limit_exceeded: ['whyTooOften', 'nextCard'],
  amount_too_small: ['whySmall', 'nextMerchant'],
  amount_too_large: ['whyLarge', 'nextMerchant'],
  charge_exceeds_transaction_limit: ['whyLarge', 'nextMerchant'],
  payment_method_currency_mismatch: ['whyCurrency', 'nextCard'],
  payment_method_customer_decline: ['whyProvider', 'nextCard'],
  payment_method_provider_decline: ['whyProvider', 'nextCard'],
  testmode_charges_only: ['whySetup', 'nextMerchant'],
  livemode_mismatch: ['whySetup', 'nextMerchant'],
  secret_key_required: ['whySetup', 'nextMerchant'],
  platform_api_key_expired: ['whySetup', 'nextMerchant'],
  api_key_expired: ['whySetup', 'nextMerchant'],
  account_invalid: ['whySetup', 'nextMerchant'],
  capability_not_active: ['whySetup', 'nextMerchant'],
  resource_missing: ['whyMoved', 'nextReload'],
  parameter_missing: ['whySetup', 'nextMerchant'],
  parameter_unknown: ['whySetup', 'nextMerchant'],
  idempotency_key_in_use: ['whyCrowd', 'nextMoment'],
  lock_timeout: ['whyCrowd', 'nextMoment'],
  rate_limit: ['whyCrowd', 'nextMoment'],
  refund_disputed_payment: ['whyOther', 'nextMerchant'],
  charge_already_refunded: ['whyOther', 'nextMerchant'],
  charge_disputed: ['whyOther', 'nextMerchant'],
  payout_reconciliation_not_ready: ['whyOther', 'nextMerchant'],
}

/** Stripe's advice goes before our own next step, but never where it would tell a hidden decline from a plain one. */
const ADVICE = /** @type {Record<string, Word>} */ ({
  do_not_try_again: 'nextCard',
  try_again_later: 'nextRetry',
  confirm_card_data: 'nextFix',
})

/** @param {Partial<StripeError> & { advice_code?: string | null }} error @returns {Explanation} */
export function explain({ code, decline_code, advice_code, type }) {
  const found = (decline_code ? DECLINES[decline_code] : undefined) ?? DECLINES[code ?? ''] ?? CODES[code ?? '']
  const [why, next] = found ?? (type === 'card_error' || decline_code ? PLAIN : ['whyOther', 'nextAgain'])
  return why === PLAIN[0] ? PLAIN : [why, ADVICE[advice_code ?? ''] ?? next]
}
