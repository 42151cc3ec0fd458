// One press of Pay: what Stripe made of it, sorted by what the page must do next.

/** @import { PaymentIntent, Stripe, StripeElements, StripeError } from '@stripe/stripe-js' */

/**
 * - settled: Stripe has it (succeeded, processing or to be captured)
 * - invalid: the payer must correct a field; the Payment Element says which
 * - declined: no; the payer may try again
 * - moved: this PaymentIntent is no longer the one to pay
 * - unsure: nobody could say whether money moved
 * @typedef {{ kind: 'settled', intent: PaymentIntent } | { kind: 'invalid' } | { kind: 'moved' } | { kind: 'unsure' }
 *   | { kind: 'declined', error: Partial<StripeError> }} Result
 */

const SETTLED = ['succeeded', 'processing', 'requires_capture']
const MOVED = ['payment_intent_unexpected_state', 'resource_missing']
const BLIND = ['api_connection_error', 'api_error']

/**
 * @param {Stripe} stripe @param {StripeElements} elements @param {string} clientSecret
 * @param {string} return_url where a bank's page sends the payer back to; holds no token
 * @param {() => void} onSent called once the fields are in order
 * @returns {Promise<Result>}
 */
export async function attempt(stripe, elements, clientSecret, return_url, onSent) {
  const fields = await elements.submit()
  if (fields.error) return { kind: 'invalid' }
  onSent()
  const confirmParams = { return_url, expand: ['payment_method'] }
  const result = await stripe
    .confirmPayment({ elements, clientSecret, confirmParams, redirect: 'if_required' })
    .catch(() => ({ error: /** @type {StripeError} */ ({ type: 'api_connection_error' }), paymentIntent: undefined }))
  if (result.paymentIntent) return read(result.paymentIntent)
  const { error } = result
  if (error.payment_intent && SETTLED.includes(error.payment_intent.status)) return read(error.payment_intent)
  if (error.type === 'validation_error') return { kind: 'invalid' }
  if (MOVED.includes(error.code ?? '') || error.payment_intent?.status === 'canceled') return { kind: 'moved' }
  // No answer says nothing about the money: Stripe is asked before the payer is told anything.
  if (BLIND.includes(error.type)) return ask(stripe, clientSecret, error)
  return { kind: 'declined', error }
}

/**
 * The truth about a PaymentIntent, from Stripe.
 * @param {Stripe} stripe @param {string} clientSecret @param {Partial<StripeError>} [error] what is said if it is still unpaid
 * @returns {Promise<Result>}
 */
export async function ask(stripe, clientSecret, error) {
  const { paymentIntent } = await stripe.retrievePaymentIntent(clientSecret).catch(() => ({ paymentIntent: undefined }))
  return paymentIntent ? read(paymentIntent, error) : { kind: 'unsure' }
}

/** @param {PaymentIntent} intent @param {Partial<StripeError>} [error] @returns {Result} */
function read(intent, error) {
  if (SETTLED.includes(intent.status)) return { kind: 'settled', intent }
  if (intent.status === 'canceled') return { kind: 'moved' }
  const last = /** @type {Partial<StripeError> | null} */ (intent.last_payment_error)
  return { kind: 'declined', error: error ?? last ?? { code: 'payment_intent_authentication_failure' } }
}

/** `Visa •••• 4242`, or null while Stripe names no method. @param {PaymentIntent} intent */
export function methodOf({ payment_method: method }) {
  if (!method || typeof method === 'string') return null
  const { card, type } = method
  const brand = (card?.brand ?? type).replace(/_/g, ' ')
  return brand.charAt(0).toUpperCase() + brand.slice(1) + (card?.last4 ? ` •••• ${card.last4}` : '')
}
