// Which amount to pay, where the invoice leaves a choice.

import { button, h } from './dom.js'
import { format, longDay, parse, places, scaled, typable } from './money.js'
import { locale, t } from './words.js'
/** @import { Offer } from './api.js' */
/** @import { Money } from './money.js' */
/** @import { Word } from './words.js' */

/**
 * @param {Offer} offer @param {Money} now what the current PaymentIntent asks for
 * @param {(amount: string) => void} onAmount an amount was settled on
 * @param {() => void} onOpen the payer is about to write an amount; until then nothing can be paid
 * @returns {HTMLElement | null} null: there is nothing to choose
 */
export function choice(offer, now, onAmount, onOpen) {
  const { amounts, partial } = offer
  const known = amounts.some(({ money }) => money.amount === now.amount)
  const options = [...amounts, ...(known || partial ? [] : [{ kind: /** @type {const} */ ('begun'), money: now, until: null }])]
  if (options.length < 2 && !partial) return options[0]?.kind === 'residual' ? null : sentence(options[0])
  const field = partial && ownAmount(offer, partial.least, known ? null : now, onAmount)
  return h(
    'fieldset',
    { class: 'choice' },
    h('legend', {}, t('choose')),
    ...options.map((option) => {
      const checked = option.money.amount === now.amount
      const select = () => {
        if (field) field.hidden = true
        onAmount(option.money.amount)
      }
      return radio(checked, select, [kindOf(option), until(option)], format(option.money, locale))
    }),
    field && radio(!known, () => ((field.hidden = false), onOpen(), field.querySelector('input')?.focus()), [t('other')], ''),
    field,
  )
}

/** @typedef {{ kind: Word & ('residual' | 'next' | 'overdue' | 'discounted' | 'begun'), money: Money, until: string | null }} Option */

/** @param {Option} option */
const kindOf = ({ kind }) => t(kind)
/** @param {Option} option */
const until = ({ until }) => until && h('small', {}, t('until', { date: longDay(until, locale) }))

/** @param {Option | undefined} option */
const sentence = (option) =>
  option ? h('p', { class: 'single' }, h('span', {}, kindOf(option), until(option)), h('b', {}, format(option.money, locale))) : null

/** @param {boolean} checked @param {() => void} select @param {Array<string | Node | null>} label @param {string} amount */
const radio = (checked, select, label, amount) =>
  h(
    'label',
    { class: 'option' },
    h('input', { type: 'radio', name: 'amount', checked, change: select }),
    h('span', {}, ...label),
    amount && h('b', {}, amount),
  )

/**
 * The field for an amount of one's own, checked while it is typed and used when the payer leaves it or says so.
 * @param {Offer} offer @param {Money} least @param {Money | null} now @param {(amount: string) => void} onAmount
 */
function ownAmount({ invoice }, least, now, onAmount) {
  const most = invoice.residual
  const { currency } = most
  const digits = places(most.amount)
  const values = {
    least: format(least, locale),
    most: format(most, locale),
    currency,
    example: typable(least.amount, locale),
  }
  let used = now?.amount ?? null
  const input = h('input', {
    id: 'own',
    type: 'text',
    inputmode: digits ? 'decimal' : 'numeric',
    autocomplete: 'off',
    value: now ? typable(now.amount, locale) : '',
    'aria-describedby': 'own-hint own-fault',
  })
  const fault = h('p', { id: 'own-fault', class: 'fault', 'aria-live': 'polite' })
  /** @param {boolean} final an empty field is a fault only once the payer leaves it */
  const check = (final) => {
    const read = parse(input.value, digits, locale)
    const amount = 'amount' in read ? scaled(read.amount, digits) : 0n
    /** @type {Word | null} */
    const wrong =
      'fault' in read ? (read.fault === 'amountEmpty' && !final ? null : read.fault)
      : amount > scaled(most.amount, digits) ? 'tooMuch'
      : amount < scaled(least.amount, digits) ? 'tooLittle'
      : null
    // Below the least may be the beginning of more: said while typing only once it cannot be reached.
    const early = !final && wrong === 'tooLittle'
    fault.textContent = wrong && !early ? t(wrong, values) : ''
    input.setAttribute('aria-invalid', String(Boolean(fault.textContent)))
    return !wrong && 'amount' in read ? read.amount : null
  }
  const use = () => {
    const amount = check(true)
    if (amount === null) return input.focus()
    if (amount !== used) onAmount((used = amount))
  }
  input.addEventListener('input', () => check(false))
  input.addEventListener('change', () => check(true) !== null && use())
  input.addEventListener('keydown', (event) => event.key === 'Enter' && (event.preventDefault(), use()))
  return h(
    'div',
    { class: 'own', hidden: !now },
    h('label', { for: 'own' }, t('otherLabel', values)),
    h('div', { class: 'own-row' }, input, button('second', t('useAmount'), use)),
    h('p', { id: 'own-hint', class: 'hint' }, t('otherHint', values)),
    fault,
  )
}
