// The form: amount, Stripe's Payment Element, Pay and Cancel.

import { choice } from './choice.js'
import { button, h, icon, say } from './dom.js'
import { format } from './money.js'
import { locale, t } from './words.js'
/** @import { Offer, Payment } from './api.js' */

/** @typedef {{ title: string, text: string }} Notice */
/**
 * @typedef {object} Presses
 * @property {() => void} pay
 * @property {() => void} cancel
 * @property {(amount: string) => void} amount
 */

/** @param {Offer} offer @param {Payment} payment @param {Presses} presses */
export function form(offer, payment, presses) {
  const { company } = offer.invoice
  const host = h('div', { id: 'element', class: 'element' })
  const bones = h('div', { class: 'bones' }, ...[1, 2, 3].map(() => h('div', { class: 'bone field' })))
  const notice = h('div', { class: 'notice', tabindex: '-1', role: 'alert', hidden: true })
  const hint = h('p', { id: 'pay-hint', class: 'hint', hidden: true })
  const label = h('span', {})
  const pay = h('button', { type: 'submit', class: 'pay', 'aria-describedby': 'pay-hint' }, h('span', { class: 'spinner' }), label)
  const cancel = button('plain', t('cancel'), presses.cancel)
  let ready = false
  let elsewhere = false
  let locked = false
  let choosing = false

  const node = h(
    'form',
    { novalidate: true, submit: (event) => (event.preventDefault(), ready && !locked && presses.pay()) },
    h('h2', { class: 'unseen', tabindex: '-1' }, t('payment')),
    choice(offer, payment.money, presses.amount, () => lock(true)),
    host,
    bones,
    notice,
    hint,
    pay,
    cancel,
    h('p', { class: 'secure' }, icon('lock'), t('secure', { company: company.name })),
  )

  /** Nothing can be paid, but all can be read and chosen. @param {boolean} yes */
  function lock(yes) {
    locked = choosing = yes
    dress()
  }
  function dress() {
    pay.setAttribute('aria-disabled', String(!ready || locked))
    label.textContent = elsewhere ? t('elsewhere') : choosing ? t('payBare') : t('pay', { amount: format(payment.money, locale) })
    node.classList.toggle('choosing', choosing)
    hint.hidden = !elsewhere
    hint.textContent = elsewhere ? t('elsewhereHint') : ''
  }
  dress()

  return {
    node,
    host,
    lock,
    /** The Payment Element stands; its skeleton goes. */
    ready() {
      ready = true
      bones.hidden = true
      host.classList.add('here')
      dress()
    },
    /** A new amount is being asked for: the old fields are void. */
    changing() {
      ready = false
      bones.hidden = false
      host.classList.remove('here')
      dress()
      label.textContent = t('updating')
      say(t('updating'))
    },
    /** @param {Payment} next the PaymentIntent of the new amount; the choice stays as it is */
    renew(next) {
      payment = next
      locked = choosing = false
      dress()
      say(t('pay', { amount: format(payment.money, locale) }))
    },
    /** @param {boolean} yes the chosen method leaves the page, which a frame cannot */
    elsewhere(yes) {
      elsewhere = yes
      dress()
    },
    /** @param {string | null} what a sentence while something is under way, null when it is over */
    busy(what) {
      node.classList.toggle('busy', what !== null)
      for (const control of node.querySelectorAll('input, button')) {
        if (control !== pay) /** @type {HTMLInputElement | HTMLButtonElement} */ (control).disabled = what !== null
      }
      locked = what !== null
      dress()
      if (what) {
        label.textContent = what
        say(what)
      }
    },
    /** The sentence on the button while the bank is asking. @param {string} what */
    waiting(what) {
      hint.hidden = false
      hint.textContent = what
      say(what)
    },
    /** @param {Notice | null} what a fault or a change, in words; the focus goes there */
    notice(what) {
      notice.hidden = !what
      notice.replaceChildren(...(what ? [icon('alert'), h('div', {}, h('strong', {}, what.title), h('p', {}, what.text))] : []))
      if (what) {
        notice.focus()
        notice.scrollIntoView({ block: 'nearest' })
      }
    },
  }
}
