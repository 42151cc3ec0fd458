// Whose invoice it is, and how it stands.

import { h, rows } from './dom.js'
import { format, longDay, scaled } from './money.js'
import { locale, t } from './words.js'
/** @import { Offer } from './api.js' */

/** @param {Offer} offer @param {boolean} open false: the amount due is no longer of interest @returns {Node[]} */
export function summary({ invoice, simulated, payment }, open) {
  const { company, number, date, due, total, paid, residual, email } = invoice
  const part = scaled(paid.amount, 0) > 0n || paid.minor > 0
  const late = open && due && due < new Date().toISOString().slice(0, 10)
  const label = !open ? t('total') : part ? t('stillToPay') : t('amountDue')
  const shown = open ? residual : total
  const test = simulated ? t('simulated') : payment?.publishable_key.startsWith('pk_test_') ? t('testMode') : null
  return [
    h('p', { class: 'company' }, logo(company.id), h('span', {}, company.name)),
    h('p', { class: 'number' }, t('invoice', { number })),
    h('p', { class: 'due' }, h('span', { class: 'label' }, label), h('strong', { class: 'amount' }, format(shown, locale))),
    rows([
      [t('date'), date && longDay(date, locale)],
      [t('due'), due && h('span', {}, longDay(due, locale), late && h('span', { class: 'late' }, t('overdueNote')))],
      [t('total'), open && part && format(total, locale)],
      [t('paidSoFar'), open && part && format(paid, locale)],
      [t('billedTo'), email],
    ]),
    ...(test ? [h('p', { class: 'badge' }, test)] : []),
  ]
}

/** Not every company has a logo: it is seen only once it has come. @param {number} id */
function logo(id) {
  const image = h('img', { src: `/pay/logo/${id}`, alt: '', hidden: true })
  image.addEventListener('load', () => (image.hidden = false))
  image.addEventListener('error', () => image.remove())
  return image
}
