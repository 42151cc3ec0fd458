// The payment element: mounted into the page, loaded, and telling what happens in it.

/**
 * @typedef {import('@stripe/stripe-js').StripePaymentElement} StripePaymentElement
 * @typedef {import('@stripe/stripe-js').StripePaymentElementChangeEvent} ChangeEvent
 * @typedef {{elementType: 'payment'}} PlainEvent
 * @typedef {{elementType: 'payment', error: StripeError}} FailedEvent
 * @typedef {Record<'ready' | 'loaderstart' | 'focus' | 'blur' | 'escape', PlainEvent>} PlainEvents
 * @typedef {PlainEvents & {change: ChangeEvent, loaderror: FailedEvent}} ElementEvents
 */

class PaymentElement {
  /** @type {Map<string, Set<(event: any) => any>>} */
  #heard = new Map()
  #said = ''
  /** What the form was made of. */
  #shape = ''
  #destroyed = false
  /** @type {HTMLElement | undefined} */
  #host
  /** @type {PaymentForm | undefined} */
  form

  /** @param {ElementsGroup} group @param {ElementOptions} options */
  constructor(group, options) {
    this.group = group
    this.options = options
  }

  /** @param {string} type @param {(event: any) => any} handler */
  on(type, handler) {
    if (!this.#heard.has(type)) this.#heard.set(type, new Set())
    this.#heard.get(type)?.add(handler)
    return this
  }

  /** @param {string} type @param {(event: any) => any} handler */
  once(type, handler) {
    const first = (/** @type {any} */ event) => {
      this.off(type, first)
      handler(event)
    }
    return this.on(type, first)
  }

  /** @param {string} type @param {(event: any) => any} [handler] */
  off(type, handler) {
    if (handler) this.#heard.get(type)?.delete(handler)
    else this.#heard.delete(type)
    return this
  }

  /** @template {keyof ElementEvents} T @param {T} type @param {ElementEvents[T]} event */
  #tell(type, event) {
    for (const handler of [...(this.#heard.get(type) ?? [])]) handler(event)
  }

  /** @param {string | HTMLElement} target */
  mount(target) {
    insist(!this.#destroyed, 'element.mount(): the element was destroyed')
    const place = typeof target === 'string' ? document.querySelector(target) : target
    insist(place instanceof HTMLElement, `element.mount(): there is no element ${String(target)} in the page`)
    this.#host ??= this.#build()
    place.replaceChildren(this.#host)
    place.classList.add('StripeElement')
    if (!this.form) void this.load()
  }

  #build() {
    const host = el('div')
    const shadow = shadowOf(host)
    const told = (/** @type {'focus' | 'blur'} */ type) => (/** @type {Event} */ event) => {
      if (this.#crosses(event)) this.#tell(type, { elementType: 'payment' })
    }
    shadow.addEventListener('focusin', told('focus'))
    shadow.addEventListener('focusout', told('blur'))
    host.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return
      // Keys typed in Stripe's frame never reach the page; it hears of this one by an event.
      event.preventDefault()
      event.stopPropagation()
      this.#tell('escape', { elementType: 'payment' })
    })
    return host
  }

  /** Whether focus came from or goes to outside. @param {Event} event */
  #crosses(event) {
    const other = event instanceof FocusEvent ? event.relatedTarget : null
    return !(other instanceof Node && this.#host?.shadowRoot?.contains(other))
  }

  /** Asks what there is to show and shows it. */
  async load() {
    this.#tell('loaderstart', { elementType: 'payment' })
    const { body, error } = await this.group.load()
    if (this.#destroyed) return
    if (error) return this.#tell('loaderror', { elementType: 'payment', error })
    const shape = JSON.stringify([body.ordered_payment_method_types, body.customer?.payment_methods])
    if (this.form && shape === this.#shape) return // what was typed stays
    this.#shape = shape
    this.form = new PaymentForm(body, this.options, () => this.#changed())
    this.dress()
    this.#host?.shadowRoot?.replaceChildren(this.form.root)
    this.#tell('ready', { elementType: 'payment' })
    this.#changed()
  }

  dress() {
    if (this.form) dress(this.form.root, this.group.options.appearance)
  }

  #changed() {
    const { form } = this
    if (!form) return
    const { type, kept } = form.chosen
    const { empty, complete } = form
    /** @type {ChangeEvent} */
    const event = { elementType: 'payment', empty, complete, collapsed: false, value: { type } }
    if (kept) event.value.payment_method = { id: kept.id, type: kept.type, billing_details: kept.billing_details }
    if (JSON.stringify(event) === this.#said) return
    this.#said = JSON.stringify(event)
    this.#tell('change', event)
  }

  /** @param {Partial<ElementOptions>} options */
  update(options) {
    this.options = { ...this.options, ...options }
    if (options.readOnly !== undefined) this.form?.lock(options.readOnly)
    return this
  }

  focus() {
    const { fields = [], radios = [] } = this.form ?? {}
    ;(fields[0]?.input ?? radios[0])?.focus()
  }

  blur() {
    const active = this.#host?.shadowRoot?.activeElement
    if (active instanceof HTMLElement) active.blur()
  }

  clear() {
    this.form?.clear()
  }

  collapse() {
    return this
  }

  unmount() {
    this.#host?.parentElement?.classList.remove('StripeElement')
    this.#host?.remove()
  }

  destroy() {
    this.unmount()
    this.#destroyed = true
    this.form = undefined
    this.group.forget(this)
  }
}
