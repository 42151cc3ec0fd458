// Elements: a payment's options, its one payment element, and what Stripe says of both.

/**
 * @typedef {import('@stripe/stripe-js').StripeElementsOptionsClientSecret} SecretOptions
 * @typedef {Omit<SecretOptions, 'mode'> & {mode?: string, amount?: number}} GroupOptions
 */

class ElementsGroup {
  /** @type {Promise<Answer> | undefined} */
  #loading
  /** @type {Set<() => void>} */
  #ended = new Set()
  /** @type {PaymentElement | null} */
  element = null
  /** Whether the page has submitted since the last confirmation; only a group without a secret needs it. */
  submitted = false

  /** @param {Wire} wire @param {GroupOptions} options */
  constructor(wire, options) {
    if (options.mode === undefined) intentOf(options.clientSecret, 'stripe.elements()')
    else {
      insist(options.mode === 'payment', 'stripe.elements(): the simulation knows the mode payment only')
      const sum = Number.isInteger(options.amount) && options.currency
      insist(sum, 'stripe.elements(): mode payment needs amount and currency')
    }
    this.wire = wire
    this.options = options
  }

  /** @param {string} type @param {ElementOptions} [options] */
  create(type, options = {}) {
    insist(type === 'payment', `elements.create(): the simulation has no element ${type}`)
    insist(!this.element, 'elements.create(): there is a payment element already')
    this.element = new PaymentElement(this, options)
    return this.element
  }

  /** @param {string} type */
  getElement(type) {
    return type === 'payment' ? this.element : null
  }

  /** @param {PaymentElement} element */
  forget(element) {
    if (this.element === element) this.element = null
  }

  /** What there is to show; asked once. */
  load() {
    const { clientSecret, mode, amount, currency, customerSessionClientSecret, locale } = this.options
    const deferred_intent = mode ? { mode, amount, currency } : undefined
    this.#loading ??= this.wire.read('/v1/elements/sessions', {
      client_secret: clientSecret,
      deferred_intent,
      customer_session_client_secret: customerSessionClientSecret,
      locale,
      type: mode ? 'deferred_intent' : 'payment_intent',
    })
    return this.#loading
  }

  /** @param {import('@stripe/stripe-js').StripeElementsUpdateOptions} options */
  async update(options) {
    const currency = this.options.currency
    this.options = { ...this.options, .../** @type {GroupOptions} */ (options) }
    this.element?.dress()
    if (this.options.currency !== currency) await this.#again()
    for (const heard of this.#ended) heard()
  }

  /** @param {'update-end'} _type @param {() => void} handler */
  on(_type, handler) {
    this.#ended.add(handler)
  }

  async #again() {
    this.#loading = undefined
    const { error } = await this.load()
    if (!error && this.element) await this.element.load()
    return error
  }

  /** @returns {ReturnType<import('@stripe/stripe-js').StripeElements['fetchUpdates']>} */
  async fetchUpdates() {
    const error = await this.#again()
    return error ? { error: { message: error.message ?? '' } } : {}
  }

  /** @returns {ReturnType<import('@stripe/stripe-js').StripeElements['submit']>} */
  async submit() {
    const form = this.form('elements.submit()')
    const problem = form.check()
    if (problem) return { error: { type: 'validation_error', code: problem.code, message: problem.message } }
    this.submitted = true
    return { selectedPaymentMethod: form.chosen.type }
  }

  /** The form of the mounted, loaded element. @param {string} where */
  form(where) {
    insist(this.element?.form, `${where}: mount a payment element and wait for its ready event`)
    return this.element.form
  }
}
