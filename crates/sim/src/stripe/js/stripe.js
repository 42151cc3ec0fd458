// Stripe(key): what a page calls.

/**
 * @typedef {import('@stripe/stripe-js').PaymentIntentResult} PaymentIntentResult
 * @typedef {'always' | 'if_required'} Redirect
 * @typedef {{elements?: ElementsGroup, clientSecret?: string, confirmParams?: Values, redirect?: Redirect}} ConfirmOptions
 */

/**
 * @param {string} key
 * @param {{stripeAccount?: string, locale?: string, apiVersion?: string, betas?: string[]}} [options]
 */
function StripeDouble(key, options = {}) {
  insist(typeof key === 'string' && key !== '', 'Stripe(): give your publishable key')
  insist(!/^(sk|rk)_/.test(key), 'Stripe(): a secret key must never be in a page; give the publishable key, pk_…')
  insist(key.startsWith('pk_'), 'Stripe(): a publishable key begins with pk_')
  const wire = new Wire(key, options.stripeAccount)

  /** @param {Answer} answer @returns {PaymentIntentResult} */
  const result = ({ body, error }) => (error ? { error } : { paymentIntent: body })

  /** @param {string} secret @returns {Promise<PaymentIntentResult>} */
  const retrieve = async (secret) => {
    const id = intentOf(secret, 'stripe.retrievePaymentIntent()')
    return result(await wire.read(`/v1/payment_intents/${id}`, { client_secret: secret }))
  }

  /**
   * Goes through what the intent still asks of its payer.
   * @param {PaymentIntent} intent
   * @param {Appearance} [appearance]
   * @returns {Promise<PaymentIntentResult>}
   */
  const authenticate = async (intent, appearance) => {
    const asks = intent.status === 'requires_action' && intent.next_action?.type === 'use_stripe_sdk'
    if (!asks) return { paymentIntent: intent }
    const outcome = await challenge(intent, appearance)
    const form = { payment_intent: intent.id, client_secret: intent.client_secret, outcome }
    const { paymentIntent, error } = result(await wire.write('/v1/3ds2/authenticate', form))
    if (error) return { error }
    const failed = paymentIntent.status === 'requires_payment_method' ? paymentIntent.last_payment_error : null
    return failed ? { error: reported({ ...failed, payment_intent: paymentIntent }) } : { paymentIntent }
  }

  /**
   * Leaves for the page's return_url, as after every success unless the page asked to stay.
   * @param {PaymentIntent} intent @param {string} url
   * @returns {Promise<never>}
   */
  const leave = (intent, url) => {
    const target = new URL(url)
    target.searchParams.set('payment_intent', intent.id)
    target.searchParams.set('payment_intent_client_secret', intent.client_secret ?? '')
    target.searchParams.set('redirect_status', intent.status === 'succeeded' ? 'succeeded' : 'pending')
    location.assign(target)
    return new Promise(() => {})
  }

  /** What the element holds, over what the page adds. @param {PaymentForm | undefined} form @param {Values} params */
  const merged = (form, { payment_method_data: more = {}, ...params }) => {
    const { payment_method_data: own, ...rest } = form?.data() ?? {}
    const billing_details = { ...own?.billing_details, ...more.billing_details }
    const address = { ...own?.billing_details?.address, ...more.billing_details?.address }
    const method = own && { ...more, ...own, billing_details: { ...billing_details, address } }
    return { ...params, ...rest, payment_method_data: method }
  }

  /** @param {ConfirmOptions} options @returns {Promise<PaymentIntentResult>} */
  const confirmPayment = async ({ elements: group, clientSecret, confirmParams = {}, redirect = 'always' }) => {
    const where = 'stripe.confirmPayment()'
    insist(group instanceof ElementsGroup || clientSecret, `${where}: give elements, or a clientSecret`)
    insist(redirect === 'if_required' || confirmParams.return_url, `${where}: confirmParams.return_url is missing`)
    const secret = clientSecret ?? group?.options.clientSecret ?? ''
    const id = intentOf(secret, where)
    const form = group?.form(where)
    if (group?.options.mode) insist(group.submitted, `${where}: call elements.submit() first`)
    else if (group) {
      const { error } = await group.submit()
      if (error) return { error }
    }
    form?.lock(true)
    try {
      const sent = { ...merged(form, confirmParams), client_secret: secret, use_stripe_sdk: true }
      const { paymentIntent: asked, error } = result(await wire.write(`/v1/payment_intents/${id}/confirm`, sent))
      const end = error ? { error } : await authenticate(asked, group?.options.appearance)
      if (group) group.submitted = false
      if (end.error) form?.refuse(end.error)
      else if (redirect === 'always') return await leave(end.paymentIntent, confirmParams.return_url)
      return end
    } finally {
      form?.lock(false)
    }
  }

  return {
    /** @param {GroupOptions} options */
    elements: (options) => new ElementsGroup(wire, options),
    confirmPayment,
    retrievePaymentIntent: retrieve,
    /** @param {{clientSecret: string}} options @returns {Promise<PaymentIntentResult>} */
    handleNextAction: async ({ clientSecret }) => {
      const { paymentIntent, error } = await retrieve(clientSecret)
      if (error) return { error }
      if (paymentIntent.status === 'requires_action') return authenticate(paymentIntent)
      const message = `This PaymentIntent asks for no action: its status is ${paymentIntent.status}.`
      const code = 'payment_intent_unexpected_state'
      return { error: { type: 'invalid_request_error', code, message, payment_intent: paymentIntent } }
    },
  }
}
