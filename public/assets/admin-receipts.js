// Postings, and what may be done about receipts whose money has no invoice.

import { button, h } from './dom.js'
import { read } from './admin-api.js'
import { ask, assign, dismiss } from './admin-act.js'
import { minor, money } from './admin-format.js'
import { bdi, code, eventPath, link, nothing, time, top } from './admin-parts.js'
import { known, t } from './admin-words.js'

/** Flags of money that is not allocated to an invoice. */
const FREE = ['unallocated', 'over']

/** @param {Admin.WholePosting} posting */
export const free = ({ flags, allocated }) => allocated === null && flags.some((flag) => FREE.includes(flag))

/** @param {Admin.WholePosting} posting @param {Admin.Context} context */
export function receipt(posting, context) {
  const { kind, name, key, flags, documents, occurred, intended, date, model, record, event, allocated } = posting
  const moved = intended && date && intended !== date && h('p', {}, t('moved', { intended, date }))
  const bills = documents.map(({ name, residual, currency }) =>
    h('li', {}, bdi(name), ' · ', t('leftOpen', { amount: money(residual, currency) })),
  )
  const marks = flags.map((flag) =>
    h('span', { class: `badge ${FREE.includes(flag) && !allocated ? 'warn' : 'calm'}` }, flag),
  )
  const presses =
    free(posting) &&
    h(
      'div',
      { class: 'presses' },
      button('first', [t('assign'), () => ask(assign(posting), context)]),
      button('second', [t('dismiss'), () => ask(dismiss(posting), context)]),
    )
  return h(
    'li',
    { class: 'card' },
    h(
      'div',
      { class: 'card-top' },
      h('strong', { class: 'amount' }, minor(posting)),
      h('span', {}, known(kind), ' · ', bdi(name ?? key)),
      h('span', { class: 'marks' }, ...marks),
    ),
    h(
      'p',
      { class: 'hint' },
      time(occurred),
      ' · ',
      link(eventPath(event), t('itsEvent')),
      model && record !== null && ` · ${model} ${record}`,
    ),
    bills.length > 0 && h('ul', { class: 'plain-list' }, ...bills),
    moved,
    allocated !== null && h('p', { class: 'hint' }, t('handled'), ' ', time(allocated)),
    h('p', { class: 'hint' }, code(key)),
    presses,
  )
}

/** @type {Admin.Show} */
export async function unallocated(_, context) {
  /** @type {{ postings: Admin.WholePosting[] }} */
  const { postings } = await read('unallocated')
  const list = postings.length
    ? h('ul', { class: 'cards' }, ...postings.map((posting) => receipt(posting, context)))
    : nothing(t('noneUnallocated'))
  return {
    title: t('unallocated'),
    node: h('div', { class: 'stack' }, top(t('unallocated'), h('p', { class: 'hint' }, t('unallocatedWhat'))), list),
  }
}
