// When money is on its way or has come: what the payer sees until the books know it.

import { methodOf } from './attempt.js'
import { close, tell } from './frame.js'
import { remember } from './link.js'
import { format, rest } from './money.js'
import { doneIfFramed, panel, receiptPanel } from './outcome.js'
import { head, mark, show } from './stage.js'
import { unwatch, watch } from './watch.js'
import { locale, t } from './words.js'
/** @import { PaymentIntent } from '@stripe/stripe-js' */
/** @import { Offer } from './api.js' */
/** @import { Link, Receipt } from './link.js' */
/** @import { Press } from './outcome.js' */

/** @typedef {{ link: Link, offer: Offer, again: (failed?: boolean) => void }} Case  again: ask the server afresh */

const WAITING = /** @type {const} */ ({
  processing: ['clock', 'processing', 'processingText'],
  authorized: ['check', 'authorized', 'authorizedText'],
  attention: ['check', 'attention', 'attentionText'],
})

/** Stripe has just said how a payment stands. @param {Case} all @param {PaymentIntent} intent */
export function settle(all, intent) {
  const { link } = all
  link.receipt = { id: intent.id, method: methodOf(intent), at: Date.now() }
  remember(link)
  if (intent.status === 'succeeded') return paid(all)
  waiting(all, intent.status === 'processing' ? 'processing' : 'authorized')
}

/** The server has said how the invoice stands, and that there is nothing to begin. @param {Case} all */
export function standing(all) {
  const { state } = all.offer
  if (state === 'received') return paid(all)
  if (state === 'paid') return closed(all)
  if (state === 'disputed') {
    const { company } = all.offer.invoice
    head(all.offer, false)
    return show(state, panel(state, 'alert', t('disputed'), t('disputedText', { company: company.name }), doneIfFramed(close)))
  }
  waiting(all, /** @type {'processing' | 'authorized' | 'attention'} */ (state))
}

/** What is known of this payment in this tab, or only its id. @param {Case} all @returns {Receipt} */
function receiptOf({ link, offer }) {
  const id = offer.payment?.id ?? link.receipt?.id ?? ''
  return link.receipt?.id === id ? link.receipt : { id, method: null, at: null }
}

/** @param {Case} all */
function paid(all) {
  const { link, offer } = all
  const { invoice, payment } = offer
  const receipt = receiptOf(all)
  const amount = payment ? format(payment.money, locale) : ''
  const news = { type: /** @type {const} */ ('quittance:paid'), invoice: invoice.id, payment: receipt.id }
  head(offer, false)
  const view = receiptPanel(
    'received',
    t('paid', { amount }),
    t('paidText', { company: invoice.company.name }),
    [
      [t('amount'), amount],
      [t('invoiceRow'), invoice.number],
    ],
    receipt,
    ends(null),
  )
  view.books('recording')
  show('received', view.node)
  tell({ ...news, booked: false })
  /** @param {{ name: string }} entry */
  const booked = (entry) => {
    view.node.dataset.state = 'paid'
    mark('paid')
    view.books('recorded', entry.name)
    view.offer(ends(payment && rest(invoice.residual, payment.money), all.again))
    tell({ ...news, booked: true })
    return true
  }
  if (payment?.booked) return booked(payment.booked)
  watch(
    link,
    (ledger) => {
      if (ledger.payment && receipt.id && ledger.payment !== receipt.id) return false
      if (ledger.state === 'attention') waiting(all, 'attention')
      return ledger.state === 'attention' || (ledger.state === 'booked' && ledger.booked !== null && booked(ledger.booked))
    },
    () => view.books('recordLater'),
  )
}

/** @param {import('./money.js').Money | null} left @param {() => void} [again] @returns {Press[]} */
const ends = (left, again) => [
  ...(left && again ? [{ word: /** @type {const} */ ('payRest'), press: again, values: { amount: format(left, locale) } }] : []),
  ...doneIfFramed(close, true),
  { word: 'print', press: () => print() },
]

/** Nothing is left of the invoice, whoever paid it. @param {Case} all */
function closed(all) {
  const { invoice, payment } = all.offer
  const receipt = receiptOf(all)
  head(all.offer, false)
  if (payment) {
    const view = receiptPanel('paid', t('settled'), t('settledText'), [[t('amount'), format(payment.money, locale)], [t('invoiceRow'), invoice.number]], receipt, ends(null))
    if (payment.booked) view.books('recorded', payment.booked.name)
    show('paid', view.node)
  } else show('paid', panel('paid', 'check', t('settled'), t('settledText'), doneIfFramed(close, true)))
  tell({ type: 'quittance:paid', booked: true, invoice: invoice.id, payment: payment?.id ?? null })
}

/** @param {Case} all @param {keyof typeof WAITING} state */
function waiting(all, state) {
  unwatch()
  const { link, offer, again } = all
  const { invoice, payment } = offer
  const [shape, title, text] = WAITING[state]
  const receipt = receiptOf(all)
  head(offer, false)
  /** @type {Array<[string, string | false | null | undefined]>} */
  const facts = [
    [t('amount'), payment && format(payment.money, locale)],
    [t('invoiceRow'), invoice.number],
  ]
  const view = receiptPanel(state, t(title), t(text, { company: invoice.company.name }), facts, receipt, doneIfFramed(close, true), shape)
  show(state, view.node)
  if (state === 'attention') return tell({ type: 'quittance:paid', booked: false, invoice: invoice.id, payment: receipt.id })
  let known = false
  watch(
    link,
    (ledger) => {
      if (ledger.payment !== receipt.id) return false
      known ||= ledger.state === state
      const through = ['received', 'booked', 'attention'].includes(ledger.state)
      // A debit that fails goes back to open; before the ledger has heard of it, open means nothing.
      const failed = known && ['open', 'canceled', 'none'].includes(ledger.state)
      if (through) paid(all)
      if (failed) again(true)
      return through || failed
    },
    () => {},
  )
}
