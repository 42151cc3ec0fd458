// The invoice, and the form beside it: amount, Stripe's Payment Element, Pay and Cancel.

import { bones, button, byId, h, icon, rows, say } from './dom.js'
import { format, parse, places, scaled, typable } from './money.js'
import { locale, t } from './words.js'

/** @param {string | null} day */
const long = (day) =>
  day && new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(day))

/** @type {Pay.Head} */
export function head(offer, open = false) {
  const { classList } = byId('page')
  classList.toggle('two', Boolean(offer))
  classList.toggle('closed', !open)
  const summary = byId('summary')
  summary.hidden = !offer
  summary.replaceChildren()
  byId('title').textContent = document.title = offer
    ? `${t('invoice')} ${offer.invoice.number} · ${offer.invoice.company.name}`
    : t('payment')
  if (!offer) return
  const { company, number, date, due, total, paid, residual, email } = offer.invoice
  const part = open && paid.minor > 0
  const late = open && due && due < new Date().toISOString().slice(0, 10) && h('span', { class: 'late' }, t('late'))
  const logo = h('img', {
    src: `/pay/logo/${company.id}`,
    alt: '',
    hidden: true,
    load: ({ target }) => (target.hidden = false),
  })
  summary.append(
    h('p', { class: 'company' }, logo, company.name),
    h('p', { class: 'number' }, `${t('invoice')} ${number}`),
    h('p', { class: 'due' }, t(open ? 'open' : 'total'), h('strong', {}, format(open ? residual : total, locale))),
    rows([
      [t('date'), long(date)],
      [t('due'), due && h('span', {}, long(due), late)],
      [t('total'), part && format(total, locale)],
      [t('paidSoFar'), part && format(paid, locale)],
      [t('billedTo'), email],
    ]),
  )
  if (offer.simulated || offer.payment?.publishable_key.startsWith('pk_test_'))
    summary.append(h('p', { class: 'badge' }, t('test')))
}

/** @type {Pay.MakeForm} */
export function form(offer, payment, presses) {
  const host = h('div', { id: 'element' })
  const skeleton = h('div', { class: 'bones' }, ...bones())
  const notice = h('div', { class: 'notice', tabindex: '-1', role: 'alert', hidden: true })
  const hint = h('p', { id: 'hint', class: 'hint' })
  const label = h('span')
  const pay = h('button', { class: 'pay', 'aria-describedby': 'hint' }, h('span', { class: 'spinner' }), label)
  const now = { ready: false, elsewhere: false, choosing: false, busy: false }

  const node = h(
    'form',
    {
      novalidate: true,
      submit(event) {
        event.preventDefault()
        if (now.ready && !now.choosing && !now.busy) presses.pay()
      },
    },
    h('h2', { class: 'unseen', tabindex: '-1' }, t('payment')),
    choice(offer, payment.money, presses.amount, () => view.lock(true)),
    host,
    skeleton,
    notice,
    hint,
    pay,
    button('plain', [t('cancel'), presses.cancel]),
    h('p', { class: 'secure' }, icon('lock'), t('secure', { company: offer.invoice.company.name })),
  )
  /** @param {Partial<typeof now>} [change] */
  function dress(change) {
    const { ready, elsewhere, choosing, busy } = Object.assign(now, change)
    const word = busy ? 'checking' : elsewhere ? 'elsewhere' : choosing || !ready ? 'payBare' : 'pay'
    label.textContent = t(word, { amount: format(payment.money, locale) })
    hint.textContent = elsewhere ? t('elsewhereHint') : ''
    pay.setAttribute('aria-disabled', `${!ready || choosing || busy}`)
    node.className = busy ? 'ready busy' : choosing ? 'ready choosing' : ready ? 'ready' : ''
    skeleton.hidden = ready
  }
  /** @type {Pay.Form} */
  const view = {
    node,
    host,
    lock: (choosing) => dress({ choosing }),
    ready: () => dress({ ready: true }),
    changing() {
      dress({ ready: false, choosing: false })
      say(t('loading'))
    },
    renew(next) {
      payment = next
      dress()
    },
    elsewhere: (elsewhere) => dress({ elsewhere }),
    busy(busy) {
      /** @type {NodeListOf<HTMLButtonElement>} */
      const controls = node.querySelectorAll('fieldset, .plain')
      for (const control of controls) control.disabled = busy
      dress({ busy })
      if (busy) say(t('checking'))
    },
    asking() {
      hint.textContent = say(t('bank'))
    },
    notice(what) {
      notice.hidden = !what
      notice.replaceChildren(
        ...(what ? [icon('alert'), h('div', {}, h('strong', {}, what[0]), h('p', {}, what[1]))] : []),
      )
      if (what) notice.focus()
    },
  }
  dress()
  return view
}

/** The choice of amounts, where the invoice leaves one. @type {Pay.Choice} */
function choice(offer, now, onAmount, onOpen) {
  const { amounts, partial } = offer
  const known = amounts.some(({ money }) => money.amount === now.amount)
  // The payer may have begun with an amount that is not offered any more.
  const options =
    known || partial ? amounts : [...amounts, { kind: /** @type {const} */ ('amount'), money: now, until: null }]
  /** @param {typeof options[0]} option */
  const words = ({ kind, money, until }) => [
    h(
      'span',
      {},
      t(kind),
      until &&
        h('small', {}, kind === 'next' ? `${t('due')}: ${long(until)}` : t('until', { date: long(until) || '' })),
    ),
    h('b', {}, format(money, locale)),
  ]
  const only = options.length === 1 && !partial ? options[0] : null
  if (only) return only.kind !== 'residual' && h('p', { class: 'option' }, ...words(only))
  const own = partial && ownAmount(offer, partial.least, known ? null : now, onAmount)
  /** @type {Pay.Radio} */
  const radio = (checked, change, ...content) =>
    h('label', { class: 'option' }, h('input', { type: 'radio', name: 'amount', checked, change }), ...content)
  return h(
    'fieldset',
    {},
    h('legend', {}, t('choose')),
    ...options.map((option) =>
      radio(
        option.money.amount === now.amount,
        () => {
          if (own) own.hidden = true
          onAmount(option.money.amount)
        },
        ...words(option),
      ),
    ),
    own &&
      radio(
        !known,
        () => {
          own.hidden = false
          onOpen()
          own.querySelector('input')?.focus()
        },
        h('span', {}, t('other')),
      ),
    own,
  )
}

/** The field for an amount of one's own: checked while it is typed, used when the payer leaves it or says so. @type {Pay.OwnAmount} */
function ownAmount({ invoice: { residual } }, least, now, onAmount) {
  const { currency } = residual
  const digits = places(residual.amount)
  const fault = h('p', { id: 'range', class: 'hint', 'aria-live': 'polite' })
  const input = h('input', { id: 'own', inputmode: 'decimal', autocomplete: 'off', 'aria-describedby': 'range' })
  input.value = now ? typable(now.amount, locale) : ''
  let used = now?.amount
  /** @param {boolean} [final] what is still being typed may become enough */
  const check = (final) => {
    const amount = parse(input.value, digits, locale)
    const value = amount && scaled(amount, digits)
    const fits = value && value <= scaled(residual.amount, digits) && value >= scaled(least.amount, digits)
    const wrong = final ? !fits : input.value && (!amount || (value && value > scaled(residual.amount, digits)))
    const sentence =
      wrong && !amount
        ? t('figures', { example: typable(least.amount, locale) })
        : t('range', { least: format(least, locale), most: format(residual, locale) })
    if (fault.textContent !== sentence) fault.textContent = sentence
    fault.classList.toggle('fault', Boolean(wrong))
    input.setAttribute('aria-invalid', `${Boolean(wrong)}`)
    return fits ? amount : null
  }
  const use = () => {
    const amount = check(true)
    if (!amount) return input.focus()
    if (amount === used) return
    used = amount
    onAmount(amount)
  }
  check()
  input.addEventListener('input', () => check())
  input.addEventListener('change', () => check(true) && use())
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return
    event.preventDefault()
    use()
  })
  return h(
    'div',
    { class: 'own', hidden: !now },
    h('label', { for: 'own' }, t('own', { currency })),
    h('div', {}, input, button('second', [t('useAmount'), use])),
    fault,
  )
}
