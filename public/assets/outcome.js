// Every state that is not the form: what happened, and what to do next.

import { unwatch, watch } from './api.js'
import { button, h, icon, mark, rows, show } from './dom.js'
import { head } from './form.js'
import { close, framed, remember, tell } from './link.js'
import { format, rest } from './money.js'
import { methodOf } from './stripe.js'
import { locale, t } from './words.js'

/** @param {Pay.Button[]} presses */
const buttons = (presses) =>
  h('div', { class: 'presses' }, ...presses.map((press) => button(press[2] ? 'second' : 'pay', press)))

/** The way out of a frame; alone there is nothing to close. @returns {Pay.Button[]} */
const done = () => (framed ? [[t('done'), close]] : [])

/** @type {Pay.Panel} */
export const panel = (state, shape, title, text, presses = [], ...more) =>
  h(
    'section',
    { class: `outcome ${state}` },
    h('div', { class: 'mark' }, icon(shape)),
    h('h2', { tabindex: '-1' }, title),
    h('p', { class: 'hint' }, text),
    ...more,
    buttons(presses),
  )

/** @type {Pay.ShowPanel} */
export const showPanel = (state, ...content) => show(state, panel(state, ...content))

// ---- No payment can be begun

/** @type {Pay.Refused} */
export function refused({ code, status, wait }, again, known) {
  if (!known || status === 404 || status === 409) head(null)
  const merchant = t('nextMerchant', { company: t('theCompany') })
  const nothing = t('nothing')
  /** @type {Pay.End} */
  const end = (state, title, text, presses = []) => showPanel(state, 'alert', title, text, [...presses, ...done()])
  if (code === 'database_copy') end('copy', t('copy'), t('copyText'))
  else if (code === 'amount_not_payable') end('not-payable', t('notPayable'), `${t('whySize')} ${merchant}`)
  else if (code === 'pay_not_configured') end('no-setup', t('noSetup'), `${nothing} ${merchant}`)
  else if (status === 429)
    resting(code === 'payment_paused' ? t('pausedText') : `${t('busyText')} ${nothing}`, wait || 30, again)
  else if (status === 404) end('missing', t('missing'), t('missingText'))
  // A server that does not understand this page speaks to a newer one.
  else
    end('no-server', t('noServer'), `${nothing} ${t('nextMoment')}`, [
      [t('tryAgain'), status < 500 && status ? () => location.reload() : again],
    ])
}

/** Counts down until the payer may go on. @type {Pay.Resting} */
export function resting(why, seconds, again) {
  const end = performance.now() + seconds * 1000
  const timer = h('p', { class: 'timer', role: 'timer' })
  const node = panel('paused', 'pause', t('paused'), why, done(), timer)
  const tick = () => {
    const left = Math.ceil((end - performance.now()) / 1000)
    if (left <= 0) {
      timer.remove()
      return node.lastChild?.replaceWith(buttons([[t('tryAgain'), again], ...done()]))
    }
    timer.textContent = t('pausedFor', { time: `${Math.floor(left / 60)}:${`${left % 60}`.padStart(2, '0')}` })
    setTimeout(tick, 250)
  }
  tick()
  show('paused', node)
}

// ---- Money is on its way, or has come

/** Stripe has just said how a payment stands. @type {Pay.Settle} */
export function settle(all, intent) {
  all.link.receipt = { id: intent.id, method: methodOf(intent), at: Date.now() }
  remember(all.link)
  if (intent.status === 'succeeded') paid(all)
  else waiting(all, intent.status === 'processing' ? 'processing' : 'authorized')
}

/** The server has said that there is nothing to begin. @param {Pay.OpenInvoice} all */
export function standing(all) {
  const { state, invoice, payment } = all.offer
  if (state === 'received' || (state === 'paid' && payment)) paid(all)
  else if (state === 'paid') {
    head(all.offer)
    showPanel('paid', 'check', t('settled'), '', done())
    tell({ type: 'quittance:paid', booked: true, invoice: invoice.id, payment: null })
  } else if (state === 'disputed') {
    head(all.offer)
    const text = `${t('disputedText')} ${t('nextMerchant', { company: invoice.company.name })}`
    showPanel(state, 'alert', t('disputed'), text, done())
  } else waiting(all, /** @type {'processing'} */ (state))
}

/** @type {Pay.ShowReceipt} */
function receipt({ link, offer }, state, shape, title, text, presses) {
  const { payment, invoice } = offer
  const id = payment?.id ?? link.receipt?.id ?? ''
  const { method, at } = link.receipt?.id === id ? link.receipt : { method: null, at: null }
  const books = h('p', { class: 'books', role: 'status' })
  const facts = rows([
    [t('amount'), payment && format(payment.money, locale)],
    [t('invoice'), invoice.number],
    [t('method'), method],
    [t('time'), at && new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short' }).format(at)],
    [t('transaction'), id && h('code', {}, id)],
  ])
  head(offer)
  const node = panel(state, shape, title, text, presses, facts, books)
  show(state, node)
  return { id, node, books }
}

/** @param {Pay.OpenInvoice} all */
function paid(all) {
  const { link, offer } = all
  const { invoice, payment, state } = offer
  const closed = state === 'paid'
  const title = closed || !payment ? t('settled') : t('paid', { amount: format(payment.money, locale) })
  /** @type {Pay.Button[]} */
  const ends = [...done(), [t('print'), () => print(), true]]
  const { id, node, books } = receipt(
    all,
    closed ? state : 'received',
    'check',
    title,
    closed ? '' : t('paidText', { company: invoice.company.name }),
    ends,
  )
  const news = { type: /** @type {const} */ ('quittance:paid'), invoice: invoice.id, payment: id }
  /** @type {Pay.Line} */
  const line = (shape, word, name = '') =>
    books.replaceChildren(shape ? icon(shape) : h('span', { class: 'spinner' }), t(word, { name }))
  /** @param {Pay.Booked} entry */
  const booked = ({ name }) => {
    mark('paid')
    line('check', 'recorded', name)
    const left = payment && !closed && rest(invoice.residual, payment.money)
    if (left)
      node.lastChild?.replaceWith(
        buttons([[t('payRest', { amount: format(left, locale) }), () => all.again(), true], ...ends]),
      )
    tell({ ...news, booked: true })
    return true
  }
  if (payment?.booked) return booked(payment.booked)
  if (closed) return tell({ ...news, booked: true })
  line(null, 'recording')
  tell({ ...news, booked: false })
  watch(
    link,
    (ledger) => {
      if (ledger.payment !== id) return false
      if (ledger.state === 'attention') waiting(all, 'attention')
      return ledger.state === 'attention' || (ledger.booked && booked(ledger.booked))
    },
    () => line('clock', 'recordLater'),
  )
}

/** @type {Pay.Waiting} */
function waiting(all, state) {
  unwatch()
  const { invoice } = all.offer
  const text = `${t(`${state}Text`, { company: invoice.company.name })} ${t('onlyOnce')}`
  const { id } = receipt(all, state, state === 'processing' ? 'clock' : 'check', t(state), text, done())
  if (state === 'attention') return tell({ type: 'quittance:paid', booked: false, invoice: invoice.id, payment: id })
  let known = false
  watch(all.link, (ledger) => {
    if (ledger.payment !== id) return false
    known ||= ledger.state === state
    const through = ['received', 'booked', 'attention'].includes(ledger.state)
    // A debit that fails goes back to open; before the ledger has heard of it, open means nothing.
    const failed = known && ['open', 'canceled', 'none'].includes(ledger.state)
    if (through) paid(all)
    if (failed) all.again(true)
    return through || failed
  })
}
