// 3-D Secure: the payer's bank asks. The real one is a frame of the bank's; this one offers its answers.

/** @typedef {'accept' | 'refuse' | 'close'} Outcome */

/** The sum as the payer reads it. @param {PaymentIntent} intent */
function sumOf({ amount, currency }) {
  const format = new Intl.NumberFormat(document.documentElement.lang || undefined, { style: 'currency', currency })
  const { minimumFractionDigits: places = 2 } = format.resolvedOptions()
  const digits = String(amount).padStart(places + 1, '0')
  const decimal = places ? `${digits.slice(0, -places)}.${digits.slice(-places)}` : digits
  return format.format(/** @type {any} */ (decimal))
}

/**
 * Shows the dialog over everything and gives the payer's answer.
 * @param {PaymentIntent} intent
 * @param {Appearance} [appearance]
 * @returns {Promise<Outcome>}
 */
function challenge(intent, appearance) {
  if (document.querySelector('dialog:modal')) {
    console.warn('Stripe.js shows 3-D Secure in a frame of the page, which an open modal dialog makes unreachable.')
  }
  const before = document.activeElement
  const host = el('div')
  const [title, note] = [uniqueId('title'), uniqueId('note')]
  const close = el('button', { type: 'button' }, 'Close')
  const accept = el('button', { type: 'button', class: 'first' }, 'Complete authentication')
  const refuse = el('button', { type: 'button' }, 'Fail authentication')
  const dialog = el(
    'dialog',
    { 'aria-labelledby': title, 'aria-describedby': note },
    el('header', {}, el('h2', { id: title }, 'Your bank asks: is this you?'), close),
    el('p', { class: 'amount' }, sumOf(intent)),
    el('p', { id: note }, 'Simulated 3-D Secure. Choose what the bank answers.'),
    el('div', { class: 'actions' }, accept, refuse),
  )
  dress(dialog, appearance)
  shadowOf(host).append(dialog)
  // As the real frame's box, it lies over the whole page; pages go by that.
  Object.assign(host.style, { position: 'fixed', inset: '0' })
  document.body.append(host)
  return new Promise((resolve) => {
    /** @param {Outcome} outcome */
    const answer = (outcome) => {
      dialog.close()
      host.remove()
      if (before instanceof HTMLElement) before.focus()
      resolve(outcome)
    }
    accept.addEventListener('click', () => answer('accept'))
    refuse.addEventListener('click', () => answer('refuse'))
    close.addEventListener('click', () => answer('close'))
    dialog.addEventListener('cancel', (event) => {
      event.preventDefault()
      answer('close')
    })
    dialog.showModal()
    accept.focus()
  })
}
