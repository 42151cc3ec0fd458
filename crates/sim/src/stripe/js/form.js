// What stands inside a payment element: the ways to pay, and the fields of the one that is chosen.

/**
 * @typedef {import('@stripe/stripe-js').PaymentMethod} PaymentMethod
 * @typedef {Required<ChangeEvent['value']>['payment_method']['billing_details']} Billing
 * @typedef {PaymentMethod & {billing_details: Billing}} Kept One of a customer who came back.
 * @typedef {{id: string, type: string, title: string, way?: Way, kept?: Kept}} Choice
 */

/** @param {Kept} kept */
function titleOf(kept) {
  const { card } = kept
  if (!card) return `Bank account ending in ${(kept.us_bank_account ?? kept.sepa_debit)?.last4}`
  const brand = BRANDS.find(({ name }) => name === card.brand) ?? ANY_BRAND
  return `${brand.title} ending in ${card.last4}, expires ${String(card.exp_month).padStart(2, '0')}/${card.exp_year}`
}

/** Says on screen that none of this is real. */
function mark() {
  const rows = TRY_OUT.map(([number, does]) => el('li', {}, el('code', {}, number ?? ''), ` ${does}`))
  const list = el('details', {}, el('summary', {}, 'Numbers to try'), el('ul', {}, ...rows))
  const words = el('p', {}, 'Simulated Stripe - test cards only')
  return el('div', { class: 'mark', role: 'note', 'aria-label': 'Simulation' }, words, list)
}

class PaymentForm {
  /** @type {HTMLInputElement[]} */
  radios = []
  /** @type {Choice} */
  chosen

  /**
   * @param {any} session What the simulated Stripe says of the intent and its customer.
   * @param {ElementOptions} options
   * @param {() => void} changed
   */
  constructor(session, options, changed) {
    this.changed = changed
    /** @type {Kept[]} */
    const methods = session.customer?.payment_methods ?? []
    const kept = methods.map((method) => ({ id: method.id, type: method.type, title: titleOf(method), kept: method }))
    const typed = ordered(session.ordered_payment_method_types, options.paymentMethodOrder).map((type) => {
      const way = type === 'card' ? cardWay(options, changed) : debitWay(type, options, changed)
      return { id: type, type, title: way.title, way }
    })
    /** @type {Choice[]} */
    this.choices = [...kept, ...typed]
    const [first] = this.choices
    insist(first, 'elements.create(): the simulation knows no payment method of this PaymentIntent')
    this.chosen = first
    const features = session.customer?.customer_session.components.payment_element.features
    const saves = features?.payment_method_save === 'enabled'
    this.saveUsage = saves ? (features.payment_method_save_usage ?? 'on_session') : null
    this.keep = el('input', { type: 'checkbox', id: uniqueId('keep') })
    this.keep.addEventListener('change', changed)
    this.saving = el('label', { class: 'save', for: this.keep.id }, this.keep, 'Keep this payment method for next time')
    const panels = typed.map(({ way }) => way.panel)
    this.root = el('div', { class: 'root' }, mark(), this.#picker(), ...panels, this.saving)
    this.choose(first.id)
    this.lock(Boolean(options.readOnly))
  }

  /** Radio buttons, when there is a choice. */
  #picker() {
    const name = uniqueId('method')
    this.radios = this.choices.map(({ id }) => el('input', { type: 'radio', name, value: id }))
    const rows = this.choices.map(({ title }, at) => el('label', { class: 'choice' }, this.radios[at] ?? '', title))
    const picker = el('fieldset', { hidden: this.choices.length < 2 }, el('legend', {}, 'Payment method'), ...rows)
    picker.addEventListener('change', (event) => {
      if (event.target instanceof HTMLInputElement) this.choose(event.target.value)
    })
    return picker
  }

  /** @param {string} id */
  choose(id) {
    this.chosen = this.choices.find((choice) => choice.id === id) ?? this.chosen
    for (const radio of this.radios) radio.checked = radio.value === this.chosen.id
    for (const { way } of this.choices) if (way) way.panel.hidden = way !== this.chosen.way
    this.saving.hidden = !this.saveUsage || !this.chosen.way
    this.changed()
  }

  /** The fields that count for what is chosen: none for a kept method. */
  get fields() {
    return this.chosen.way?.fields ?? []
  }

  /** Shows what is missing and gives the first of it. */
  check() {
    const wrong = this.fields.map((field) => ({ field, problem: field.problem() })).filter(({ problem }) => problem)
    for (const { field, problem } of wrong) field.show(problem)
    wrong[0]?.field.input.focus()
    return wrong[0]?.problem
  }

  get complete() {
    return this.fields.every((field) => !field.problem())
  }

  get empty() {
    return this.fields.length > 0 && this.fields.every((field) => field.empty)
  }

  /** What a confirmation sends. @returns {Values} */
  data() {
    const { id, type, way } = this.chosen
    if (!way) return { payment_method: id }
    const keep = this.saveUsage && this.keep.checked
    const allow_redisplay = this.saveUsage ? (keep ? 'always' : 'limited') : undefined
    const payment_method_data = { type, ...way.data(), allow_redisplay }
    return { payment_method_data, setup_future_usage: keep ? this.saveUsage : undefined }
  }

  /** @param {StripeError} error */
  refuse(error) {
    if (error.type === 'card_error' || error.param?.startsWith('payment_method_data')) this.chosen.way?.refuse(error)
  }

  clear() {
    for (const field of this.choices.flatMap(({ way }) => way?.fields ?? [])) field.clear()
    this.changed()
  }

  /** Nothing can be changed while a confirmation is under way. @param {boolean} locked */
  lock(locked) {
    this.root.setAttribute('aria-busy', String(locked))
    for (const input of [...this.radios, this.keep]) input.disabled = locked
    for (const field of this.choices.flatMap(({ way }) => way?.fields ?? [])) field.input.readOnly = locked
  }
}

/** Types that the simulation knows, in the page's order. @param {string[]} types @param {string[]} [first] */
function ordered(types, first = []) {
  const rank = (/** @type {string} */ type) => (first.includes(type) ? first.indexOf(type) : first.length)
  const known = types.filter((type) => ['card', 'us_bank_account', 'sepa_debit'].includes(type))
  return known.sort((a, b) => rank(a) - rank(b))
}
