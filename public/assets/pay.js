// The course of a visit: read the link, ask the server, show the form, pay, follow.

import { begin as request, look, pause, unwatch } from './api.js'
import { explain } from './declines.js'
import { loading, mark, show, showing } from './dom.js'
import { form, head } from './form.js'
import {
  address,
  close,
  forgetReturn,
  framed,
  fullAddress,
  inFrame,
  keepForReturn,
  readLink,
  remember,
  tell,
} from './link.js'
import { format } from './money.js'
import { panel, refused, resting, settle, showPanel, standing } from './outcome.js'
import { ask, attempt, mount, stripeFor } from './stripe.js'
import { locale, speak, t } from './words.js'

const link = readLink()
/** @type {Pay.FormHandle | null} */
let handle = null
/** The amount that the payer chose, if one was. @type {string | undefined} */
let chosen
let paying = false
/** The invoice is on the page. */
let known = false
/** How often the Payment Element refused to load in a row. */
let stumbles = 0

/** @type {Pay.Begin} */
async function begin(amount, notice) {
  chosen = amount
  clear()
  loading(t('loading'))
  const { offer, refusal } = await request(link, amount, () => loading(t('slow'), true))
  if (offer) arrive(offer, notice?.(offer))
  else if (refusal.code === 'amount_not_allowed' && amount) begin(undefined, notAllowed)
  else refused(refusal, again, known)
}
const again = () => void begin(chosen)
/** @returns {Pay.Notice} */
const notAllowed = () => [t('changed'), t('pick')]

function clear() {
  unwatch()
  handle?.card.destroy()
  handle = null
}

/** @param {Pay.Offer} offer @returns {Pay.OpenInvoice} */
const all = (offer) => ({
  link,
  offer,
  again: (failed) => begin(undefined, () => (failed ? [t('failed'), t('nothing')] : null)),
})

/** @type {Pay.Arrive} */
async function arrive(offer, notice) {
  known = true
  await speak(link.lang, offer.invoice.locale)
  const { payment } = offer
  if (offer.state !== 'open' || !payment?.client_secret) return standing(all(offer))
  head(offer, true)
  const view = form(offer, payment, { pay, cancel, amount: change })
  show('open', view.node)
  if (notice) view.notice(notice)
  link.key = payment.publishable_key
  remember(link)
  const stripe = await stripeFor(payment.publishable_key)
  if (!stripe) noStripe()
  else if (view.node.isConnected) handle = openForm(stripe, offer, payment, view)
}

/** @type {Pay.OpenForm} */
function openForm(stripe, offer, payment, view) {
  // Saved cards are a convenience: where the fields did not load with them, they are shown without.
  const plain = stumbles ? { ...payment, customer_session: null } : payment
  const card = mount(stripe, offer, plain, view.host, {
    ready() {
      stumbles = 0
      view.ready()
    },
    // A PaymentIntent that was canceled meanwhile cannot be loaded: the server gives another. Once only.
    failed: () => (stumbles++ ? noStripe() : again()),
    leaves(yes) {
      if (!inFrame || !handle || paying) return
      handle.elsewhere = yes
      view.elsewhere(yes)
    },
    escape: leave,
  })
  return { stripe, offer, payment, view, card, elsewhere: false }
}

function noStripe() {
  clear()
  stumbles = 0
  showPanel('no-stripe', 'alert', t('noStripe'), `${t('noStripeText')} ${t('nothing')}`, [[t('tryAgain'), again]])
}

/** @type {string | undefined} */
let wanted

/** Another amount: another PaymentIntent, and with it fresh fields. Of quick changes the last one counts. @param {string} amount */
async function change(amount) {
  if (!handle || paying) return
  if (!wanted && amount === handle.payment.money.amount) return handle.view.lock(false)
  const running = wanted
  wanted = chosen = amount
  if (running) return
  const { offer, view, stripe, card } = handle
  view.notice(null)
  view.changing()
  card.destroy()
  /** @type {Pay.Answer | undefined} */
  let answer
  for (let asked; asked !== wanted; ) {
    asked = wanted
    answer = await request(link, asked)
  }
  wanted = undefined
  const next = answer?.offer
  if (!view.node.isConnected || !answer) return
  if (!next) {
    const { code } = answer.refusal
    if (code === 'amount_not_payable') return view.notice([t('notPayable'), t('whySize')])
    clear()
    return code === 'amount_not_allowed' ? begin(undefined, notAllowed) : refused(answer.refusal, again, true)
  }
  /** @param {Pay.Offer} offer */
  const shape = ({ state, amounts, invoice }) => JSON.stringify([state, amounts, invoice.residual])
  if (shape(offer) !== shape(next) || !next.payment) return arrive(next)
  view.renew(next.payment)
  handle = openForm(stripe, next, next.payment, view)
}

async function pay() {
  if (!handle || paying || wanted) return
  const { stripe, offer, payment, view, card, elsewhere } = handle
  if (elsewhere) return goElsewhere()
  paying = true
  view.notice(null)
  view.busy(true)
  tell({ type: 'quittance:busy', busy: true })
  keepForReturn(link)
  const stop = onBank(view.asking)
  const result = await attempt(stripe, card.elements, payment.client_secret ?? '', address(link))
  stop()
  forgetReturn()
  paying = false
  tell({ type: 'quittance:busy', busy: false })
  if (result.kind === 'settled') {
    clear()
    return settle(all(offer), result.intent)
  }
  view.busy(false)
  if (result.kind === 'invalid') return card.focus()
  if (result.kind === 'moved') return begin(chosen, (next) => afterMove(payment, next))
  if (result.kind === 'unsure') {
    clear()
    return showPanel('unsure', 'alert', t('unsure'), t('unsureText'), [[t('checkAgain'), again]])
  }
  const notice = declined(offer, result.error)
  view.notice(notice)
  await pause(1500)
  const ledger = await look(link)
  if (!ledger?.paused_for || handle?.view !== view || paying) return
  clear()
  resting(`${notice[1]} ${t('pausedText')}`, ledger.paused_for, again)
}

/** @type {Pay.AfterMove} */
function afterMove({ money }, { payment }) {
  const moved = payment && payment.money.amount !== money.amount
  const what = moved ? `${t('changedText', { old: format(money, locale), now: format(payment.money, locale) })} ` : ''
  return [t(moved ? 'changed' : 'failed'), `${what}${t('nothing')} ${t('again')}`]
}

/** @type {Pay.Declined} */
function declined({ invoice }, error) {
  const values = { company: invoice.company.name }
  return [
    t('failed'),
    explain(error)
      .map((word) => t(word, values))
      .join(' '),
  ]
}

/** Banks refuse to be framed, and a tab of our own keeps the link: the payment goes on there. */
function goElsewhere() {
  const open = () => window.open(fullAddress(link), '_blank', 'noopener')
  open()
  clear()
  showPanel('elsewhere', 'back', t('elsewhere'), t('elsewhereText'), [
    [t('checkAgain'), again],
    [t('elsewhere'), open, true],
  ])
}

/** Stripe.js puts the bank's question over the page by itself and tells nobody: a box, or a long silence, is the sign. @param {() => void} asking */
function onBank(asking) {
  const watcher = new MutationObserver((changes) => {
    const boxes = changes.flatMap(({ addedNodes }) => [...addedNodes])
    if (boxes.some((box) => box instanceof HTMLElement && box.offsetHeight > 100)) asking()
  })
  watcher.observe(document.body, { childList: true })
  const timer = setTimeout(asking, 5000)
  return () => {
    clearTimeout(timer)
    watcher.disconnect()
  }
}

/** Cancel changes nothing, here or at Stripe; the fields stay as they are for coming back. */
function cancel() {
  if (framed) return close()
  const node = handle?.view.node
  if (!node) return
  const resume = () => {
    note.remove()
    node.hidden = false
    mark('open')
    node.querySelector('h2')?.focus()
    lookAgain()
  }
  const note = panel('canceled', 'back', t('canceled'), t('canceledText'), [[t('resume'), resume]])
  node.hidden = true
  node.before(note)
  mark('canceled')
  note.querySelector('h2')?.focus()
}

function leave() {
  if (framed && !paying) close()
}

/** The payer has come back to this tab: the invoice may have been paid in another. */
async function lookAgain() {
  if (document.hidden || paying || !['open', 'canceled', 'elsewhere'].includes(showing() ?? '')) return
  const ledger = await look(link)
  const mine = !handle || ledger?.payment === handle.payment.id
  if (ledger && mine && !paying && !['open', 'canceled', 'none'].includes(ledger.state)) again()
}

/** A bank's page has sent the payer back. @param {string} secret */
async function comeBack(secret) {
  loading(t('loading'))
  const answer = link.token ? await request(link, undefined, () => loading(t('slow'), true)) : null
  const offer = answer?.offer
  const key = offer?.payment?.publishable_key ?? link.key
  const stripe = key && (await stripeFor(key))
  const result = stripe ? await ask(stripe, secret) : null
  if (answer?.refusal) return refused(answer.refusal, again)
  if (!offer) {
    head(null)
    const through = result?.kind === 'settled'
    return showPanel('handed', through ? 'check' : 'back', t(through ? 'through' : 'payment'), t('handedText'))
  }
  link.secret = null
  remember(link)
  await speak(link.lang, offer.invoice.locale)
  if (result?.intent && result.intent.id === offer.payment?.id && offer.state !== 'paid')
    settle(all(offer), result.intent)
  else arrive(offer, result?.kind === 'declined' ? declined(offer, result.error) : null)
}

if (inFrame) document.documentElement.classList.add('framed')
tell({ type: 'quittance:ready' })
addEventListener('keydown', (event) => event.key === 'Escape' && !event.defaultPrevented && leave())
document.addEventListener('visibilitychange', lookAgain)
await speak(link.lang)
if (link.secret) await comeBack(link.secret)
else if (link.token && link.invoice) await begin()
else refused({ status: 404, code: '', wait: 0 }, again)
