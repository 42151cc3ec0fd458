// What Stripe.js says to Stripe: form-encoded, with the key as a parameter, so that no preflight is needed.

/**
 * @typedef {import('@stripe/stripe-js').StripeError} StripeError
 * @typedef {import('@stripe/stripe-js').PaymentIntent} PaymentIntent
 * @typedef {{[name: string]: any}} Values
 * @typedef {{body: any, error?: undefined} | {body?: undefined, error: StripeError}} Answer
 */

/** The simulated Stripe is where this script came from. */
const SCRIPT = document.currentScript
const BASE = new URL(SCRIPT instanceof HTMLScriptElement ? SCRIPT.src : location.href).origin

/** What Stripe.js throws at a page that uses it wrongly. Never meant for a payer. */
class IntegrationError extends Error {
  name = 'IntegrationError'
}

/**
 * @param {unknown} holds
 * @param {string} message
 * @returns {asserts holds}
 */
function insist(holds, message) {
  if (!holds) throw new IntegrationError(message)
}

/**
 * `{a: {b: 1}}` as `a[b]=1`; what is undefined or null is left out.
 * @param {Values} values
 * @param {string} [under]
 * @param {URLSearchParams} [form]
 */
function encode(values, under = '', form = new URLSearchParams()) {
  for (const [name, value] of Object.entries(values)) {
    const path = under ? `${under}[${name}]` : name
    if (value === undefined || value === null) continue
    if (typeof value === 'object') encode(value, path, form)
    else form.append(path, String(value))
  }
  return form
}

/**
 * An error as pages get it: the fields that Stripe.js documents and no others.
 * @param {any} error
 * @returns {StripeError}
 */
function reported(error) {
  /** @type {StripeError} */
  const known = { type: error.type, message: error.message }
  for (const name of /** @type {const} */ (['charge', 'code', 'decline_code', 'doc_url', 'param', 'request_log_url'])) {
    if (error[name]) known[name] = error[name]
  }
  if (error.payment_intent) known.payment_intent = error.payment_intent
  if (error.payment_method) known.payment_method = error.payment_method
  return known
}

class Wire {
  /**
   * @param {string} key
   * @param {string | undefined} account
   */
  constructor(key, account) {
    this.key = key
    this.account = account
  }

  /** @param {string} path @param {Values} values @returns {Promise<Answer>} */
  read(path, values) {
    return this.#ask(`${BASE}${path}?${encode({ ...values, key: this.key })}`, {})
  }

  /** @param {string} path @param {Values} values @returns {Promise<Answer>} */
  write(path, values) {
    return this.#ask(`${BASE}${path}`, { method: 'POST', body: encode({ ...values, key: this.key }) })
  }

  /** @param {string} url @param {RequestInit} init @returns {Promise<Answer>} */
  async #ask(url, init) {
    const headers = this.account ? { 'stripe-account': this.account } : undefined
    try {
      const answer = await fetch(url, { ...init, headers, credentials: 'omit', referrerPolicy: 'no-referrer' })
      const body = await answer.json()
      return answer.ok ? { body } : { error: reported(body.error) }
    } catch {
      const message = 'The simulated Stripe cannot be reached. Check the connection and try again.'
      return { error: { type: 'api_connection_error', message } }
    }
  }
}

/** The id in a client secret, `pi_…_secret_…`. @param {unknown} secret @param {string} where */
function intentOf(secret, where) {
  const id = typeof secret === 'string' ? /^(pi_[A-Za-z0-9]+)_secret_[A-Za-z0-9]+$/.exec(secret)?.[1] : undefined
  insist(id, `${where}: the client secret must look like pi_…_secret_…`)
  return id
}
