// Stripe.js, its Payment Element, and one press of Pay.

import { language } from './words.js'

// ---- The Payment Element

/** Methods that are finished without leaving the page; any other may open a page of a bank or provider. */
const STAYS =
  'card link apple_pay google_pay sepa_debit us_bank_account bacs_debit au_becs_debit acss_debit customer_balance'.split(
    ' ',
  )

/** @type {Map<string, StripeJs | undefined>} */
const made = new Map()

/** Null when Stripe.js cannot be loaded. @param {string} key publishable */
export async function stripeFor(key) {
  if (!window.Stripe) await loaded()
  if (window.Stripe && !made.has(key)) made.set(key, window.Stripe(key, { locale: /** @type {any} */ (language) }))
  return made.get(key) ?? null
}

/** Waits for the shell's script, or for a fresh one where that has failed. */
function loaded() {
  let script = /** @type {HTMLScriptElement} */ (document.getElementById('stripe-js'))
  // The tag is async, so that the page's load event waits for it: after that, it has failed.
  if (document.readyState === 'complete') {
    const fresh = document.createElement('script')
    fresh.id = script.id
    fresh.src = script.src
    script.replaceWith(fresh)
    script = fresh
  }
  return new Promise((over) => {
    script.addEventListener('load', over)
    script.addEventListener('error', over)
    addEventListener('load', over)
    setTimeout(over, 20_000)
  })
}

/** @type {Pay.Mount} */
export function mount(stripe, { invoice }, { client_secret, customer_session }, host, on) {
  const elements = stripe.elements({
    clientSecret: client_secret,
    customerSessionClientSecret: customer_session ?? undefined,
    locale: /** @type {any} */ (language),
    appearance: appearance(),
    loader: 'never',
  })
  const element = elements.create('payment', { layout: 'tabs', business: { name: invoice.company.name } })
  element.on('ready', on.ready)
  element.on('loaderror', on.failed)
  element.on('change', ({ value }) => on.leaves(!STAYS.includes(value.type)))
  element.on('escape', on.escape)
  element.mount(host)
  const restyle = () => elements.update({ appearance: appearance() })
  dark.addEventListener('change', restyle)
  return {
    elements,
    focus: () => element.focus(),
    destroy() {
      dark.removeEventListener('change', restyle)
      element.destroy()
    },
  }
}

const dark = globalThis.matchMedia?.('(prefers-color-scheme: dark)')

/** The page's own colours. @returns {import('@stripe/stripe-js').Appearance} */
function appearance() {
  const style = getComputedStyle(document.documentElement)
  /** @param {string} name */
  const colour = (name) => style.getPropertyValue(`--${name}`).trim()
  return {
    theme: dark.matches ? 'night' : 'stripe',
    disableAnimations: matchMedia('(prefers-reduced-motion: reduce)').matches,
    variables: {
      colorPrimary: colour('accent'),
      colorBackground: colour('field'),
      colorText: colour('ink'),
      colorTextSecondary: colour('soft'),
      colorTextPlaceholder: colour('soft'),
      colorDanger: colour('bad'),
      fontFamily: style.fontFamily,
      borderRadius: '8px',
    },
  }
}

// ---- One press of Pay

const SETTLED = ['succeeded', 'processing', 'requires_capture']
const MOVED = ['payment_intent_unexpected_state', 'resource_missing']
const BLIND = ['api_connection_error', 'api_error']

/** @type {Pay.Attempt} */
export async function attempt(stripe, elements, clientSecret, return_url) {
  if ((await elements.submit()).error) return { kind: 'invalid' }
  /** @type {Pay.Confirmation} */
  const { error, paymentIntent } = await stripe
    .confirmPayment({
      elements,
      clientSecret,
      confirmParams: { return_url, expand: ['payment_method'] },
      redirect: 'if_required',
    })
    .catch(() => ({ error: /** @type {StripeError} */ ({ type: 'api_connection_error' }) }))
  if (paymentIntent) return read(paymentIntent)
  const { type = 'api_error', code = '', payment_intent } = error ?? {}
  if (payment_intent && SETTLED.includes(payment_intent.status)) return read(payment_intent)
  if (type === 'validation_error') return { kind: 'invalid' }
  if (MOVED.includes(code) || payment_intent?.status === 'canceled') return { kind: 'moved' }
  // No answer says nothing about the money: Stripe is asked before the payer is told anything.
  return BLIND.includes(type) ? ask(stripe, clientSecret, error) : { kind: 'declined', error: error ?? {} }
}

/** @type {Pay.Ask} */
export async function ask(stripe, secret, error) {
  const { paymentIntent } = await stripe.retrievePaymentIntent(secret).catch(() => ({ paymentIntent: undefined }))
  return paymentIntent ? read(paymentIntent, error) : { kind: 'unsure' }
}

/** @type {Pay.Read} */
function read(intent, error = intent.last_payment_error) {
  if (SETTLED.includes(intent.status)) return { kind: 'settled', intent }
  return intent.status === 'canceled'
    ? { kind: 'moved' }
    : { kind: 'declined', error: error ?? { code: 'authentication_failure' } }
}

/** `Visa •••• 4242`, or null while Stripe names no method. @param {PaymentIntent} intent */
export function methodOf({ payment_method: method }) {
  if (!method || typeof method === 'string') return null
  const brand = (method.card?.brand ?? method.type).replace(/_/g, ' ')
  return brand[0]?.toUpperCase() + brand.slice(1) + (method.card?.last4 ? ` •••• ${method.card.last4}` : '')
}
