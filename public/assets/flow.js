// The course of a visit: ask the server, show the form, pay, follow.

import { begin as request, look, pause } from './api.js'
import { ask, attempt } from './attempt.js'
import { mount, stripeFor } from './card.js'
import { explain } from './declines.js'
import { say } from './dom.js'
import { close, framed, inFrame, tell } from './frame.js'
import { form } from './form.js'
import { address, forgetReturn, fullAddress, keepForReturn, remember } from './link.js'
import { format } from './money.js'
import { panel } from './outcome.js'
import { refused, rest } from './refused.js'
import { settle, standing } from './settled.js'
import { head, loading, mark, show, showing } from './stage.js'
import { unwatch } from './watch.js'
import { locale, speak, t } from './words.js'
/** @import { Stripe, StripeError } from '@stripe/stripe-js' */
/** @import { Offer, Payment } from './api.js' */
/** @import { Notice } from './form.js' */
/** @import { Link } from './link.js' */

/** @typedef {{ stripe: Stripe, offer: Offer, payment: Payment, view: ReturnType<typeof form>, card: ReturnType<typeof mount>, elsewhere: boolean }} Desk */

/** @type {Link} */
let link
/** The form that is open. @type {Desk | null} */
let desk = null
/** The amount that the payer chose, if one was. @type {string | undefined} */
let chosen
let paying = false
/** How often the Payment Element refused to load in a row. */
let stumbles = 0

/**
 * Asks the server how things stand and shows it.
 * @param {Link} visit @param {string} [amount] @param {(offer: Offer) => Notice | null} [notice] said above the new form
 */
export async function begin(visit, amount, notice) {
  link = visit
  chosen = amount
  clear()
  loading()
  const answer = await request(link, amount, () => loading(true))
  if ('offer' in answer) return arrive(answer.offer, notice?.(answer.offer) ?? null)
  if (answer.refusal.code === 'amount_not_allowed' && amount) return begin(link, undefined, notAllowed)
  refused(answer.refusal, () => begin(link, chosen))
}

/** A bank's page has sent the payer back, or the address lacks its token. @param {Link} visit */
export async function comeBack(visit) {
  link = visit
  const { secret, token } = visit
  if (!secret) return refused({ code: 'invoice_not_found', status: 404, wait: 0 }, () => {})
  loading()
  const answer = token ? await request(link, undefined, () => loading(true)) : null
  const offer = answer && 'offer' in answer ? answer.offer : null
  const key = offer?.payment?.publishable_key ?? link.key
  const stripe = key ? await stripeFor(key) : null
  const result = stripe ? await ask(stripe, secret) : null
  link.secret = token ? null : secret
  remember(link)
  if (answer && 'refusal' in answer) return refused(answer.refusal, () => begin(link))
  if (!offer) {
    head(null, false)
    const through = result?.kind === 'settled'
    return show('handed', panel('handed', through ? 'check' : 'back', t(through ? 'through' : 'handed'), t(through ? 'throughText' : 'handedText'), []))
  }
  await speakFor(offer)
  if (result?.kind === 'settled' && offer.payment?.id === result.intent.id && offer.state !== 'paid') return settle(all(offer), result.intent)
  arrive(offer, result?.kind === 'declined' ? decline(offer, result.error) : null)
}

/** @param {Offer} offer */
const all = (offer) => ({
  link,
  offer,
  again: (/** @type {boolean | undefined} */ failed) =>
    begin(link, undefined, () => (failed === true ? { title: t('earlierFailed'), text: t('earlierFailedText') } : null)),
})

/** @param {Offer} offer */
const speakFor = (offer) => speak([link.lang, offer.invoice.locale, ...navigator.languages])

/** @param {Offer} offer @param {Notice | null} [notice] */
async function arrive(offer, notice) {
  await speakFor(offer)
  const { payment } = offer
  if (offer.state !== 'open' || !payment?.client_secret) return standing(all(offer))
  head(offer, true)
  const view = form(offer, payment, { pay, cancel, amount: change })
  show('open', view.node)
  if (notice) view.notice(notice)
  link.key = payment.publishable_key
  remember(link)
  const stripe = await stripeFor(payment.publishable_key)
  if (showing() !== 'open') return
  if (!stripe) return noStripe()
  desk = { stripe, offer, payment, view, card: seat(stripe, offer, payment, view), elsewhere: false }
}

/** Mounts the Payment Element. @param {Stripe} stripe @param {Offer} offer @param {Payment} payment @param {Desk['view']} view */
const seat = (stripe, offer, payment, view) =>
  mount(stripe, offer, payment, view.host, {
    ready: () => {
      stumbles = 0
      view.ready()
    },
    // A PaymentIntent that was canceled meanwhile cannot be loaded: the server gives another. Once only.
    failed: () => (stumbles++ ? noStripe() : begin(link, chosen)),
    leaves: (yes) => {
      if (!desk || !inFrame || desk.elsewhere === yes) return
      desk.elsewhere = yes
      view.elsewhere(yes)
    },
    escape,
  })

function noStripe() {
  clear()
  stumbles = 0
  const again = { word: /** @type {const} */ ('tryAgain'), press: () => begin(link, chosen), main: true }
  show('no-stripe', panel('no-stripe', 'alert', t('noStripe'), t('noStripeText'), [again, ...(framed ? [{ word: /** @type {const} */ ('cancel'), press: close }] : [])]))
}

function clear() {
  unwatch()
  desk?.card.destroy()
  desk = null
}

/** @returns {Notice} */
const notAllowed = () => ({ title: t('notAllowed'), text: t('notAllowedText') })

/** @type {string | null} */
let wanted = null

/** Another amount: another PaymentIntent, and with it fresh fields. Of quick changes the last one counts. @param {string} amount */
async function change(amount) {
  if (!desk || paying) return
  if (wanted === null && amount === desk.payment.money.amount) return desk.view.lock(false)
  const running = wanted !== null
  wanted = chosen = amount
  if (running) return
  const { offer, view, stripe, card } = desk
  view.notice(null)
  view.changing()
  card.destroy()
  let answer
  for (let asked = ''; asked !== wanted; ) answer = await request(link, (asked = wanted), () => {})
  wanted = null
  if (!answer || showing() !== 'open') return
  if ('refusal' in answer) {
    if (answer.refusal.code === 'amount_not_allowed') return begin(link, undefined, notAllowed)
    if (answer.refusal.code === 'amount_not_payable') return view.notice({ title: t('notPayable'), text: t('notPayableText') })
    return refused(answer.refusal, () => begin(link, chosen))
  }
  const next = answer.offer
  const same = JSON.stringify([next.state, next.amounts, next.invoice.residual]) === JSON.stringify(['open', offer.amounts, offer.invoice.residual])
  if (!same || !next.payment?.client_secret) return clear(), arrive(next)
  view.renew(next.payment)
  desk = { stripe, offer: next, payment: next.payment, view, card: seat(stripe, next, next.payment, view), elsewhere: false }
}

async function pay() {
  if (!desk || paying || wanted !== null) return
  const { stripe, offer, payment, view, card, elsewhere } = desk
  if (elsewhere) return goElsewhere()
  paying = true
  view.notice(null)
  view.busy(t('checking'))
  tell({ type: 'quittance:busy', busy: true })
  keepForReturn(link)
  const quiet = awaitBank(() => view.waiting(t('bank')))
  const result = await attempt(stripe, card.elements, payment.client_secret ?? '', address(link), quiet.start)
  quiet.stop()
  forgetReturn()
  paying = false
  tell({ type: 'quittance:busy', busy: false })
  if (result.kind === 'settled') {
    clear()
    return settle(all(offer), result.intent)
  }
  view.busy(null)
  if (result.kind === 'invalid') {
    say(t('checkFields'))
    return card.focus()
  }
  if (result.kind === 'moved') return begin(link, chosen, (next) => afterMove(payment, next))
  if (result.kind === 'unsure') return unsure()
  const notice = decline(offer, result.error)
  view.notice(notice)
  await pause(1500)
  const ledger = await look(link)
  if (ledger?.paused_for && desk?.view === view && !paying) {
    clear()
    rest(true, ledger.paused_for, () => begin(link, chosen), notice.text)
  }
}

/** @param {Payment} before @param {Offer} next @returns {Notice} */
const afterMove = (before, { payment }) =>
  payment && payment.money.amount !== before.money.amount
    ? { title: t('changed'), text: t('changedText', { old: format(before.money, locale), now: format(payment.money, locale) }) }
    : { title: t('renewed'), text: t('renewedText') }

/** @param {Offer} offer @param {Partial<StripeError>} error @returns {Notice} */
function decline(offer, error) {
  const [why, next] = explain(error)
  return { title: t('failed'), text: `${t(why)} ${t(next, { company: offer.invoice.company.name })}` }
}

function unsure() {
  clear()
  show('unsure', panel('unsure', 'alert', t('unsure'), t('unsureText'), [{ word: 'checkAgain', press: () => begin(link, chosen), main: true }]))
}

/** Banks refuse to be framed, and a tab of our own keeps the link: the payment goes on there. */
function goElsewhere() {
  const open = () => window.open(fullAddress(link), '_blank', 'noopener')
  open()
  clear()
  show(
    'elsewhere',
    panel('elsewhere', 'tab', t('moved'), t('movedText'), [
      { word: 'checkAgain', press: () => begin(link), main: true },
      { word: 'elsewhere', press: open },
    ]),
  )
}

/**
 * Stripe.js shows the bank's question by itself and tells nobody: a box over the page, or a long silence, is the sign.
 * @param {() => void} onBank
 */
function awaitBank(onBank) {
  let timer = 0
  const stop = () => {
    clearTimeout(timer)
    watcher.disconnect()
  }
  const seen = () => {
    stop()
    onBank()
  }
  const watcher = new MutationObserver((changes) => {
    const boxes = changes.flatMap(({ addedNodes }) => [...addedNodes]).filter((node) => node instanceof HTMLElement)
    if (boxes.some((box) => box.getBoundingClientRect().height > 100)) seen()
  })
  const start = () => {
    watcher.observe(document.body, { childList: true })
    timer = window.setTimeout(seen, 5000)
  }
  return { start, stop }
}

/** Cancel changes nothing, here or at Stripe; the fields stay as they are for coming back. */
function cancel() {
  if (framed) return close()
  if (!desk) return
  const { view } = desk
  const resume = () => {
    note.remove()
    view.node.hidden = false
    mark('open')
    view.node.querySelector('h2')?.focus()
    lookAgain()
  }
  const note = panel('canceled', 'back', t('canceled'), t('canceledText'), [{ word: 'resume', press: resume, main: true }])
  view.node.hidden = true
  view.node.before(note)
  mark('canceled')
  note.querySelector('h2')?.focus()
}

/** Escape takes the frame away, unless a payment is being made. */
export function escape() {
  if (framed && !paying) close()
}

/** The payer has come back to this tab: it may have been paid in another. */
export async function lookAgain() {
  if (paying || !['open', 'canceled', 'elsewhere'].includes(showing())) return
  const ledger = await look(link)
  const current = desk?.payment.id
  const done = ledger && ['processing', 'authorized', 'received', 'attention', 'booked'].includes(ledger.state)
  if (done && !paying && (!current || ledger.payment === current)) begin(link)
}
