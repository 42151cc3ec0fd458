// Health at a glance: what wants a person first, then the figures.

import { h, icon } from './dom.js'
import { about, clock, number, span } from './admin-format.js'
import { bdi, code, link, time } from './admin-parts.js'
import { t } from './admin-words.js'

/** Seconds that a due event may wait, and Stripe's lists may be behind, before it looks odd. */
const LATE = 300
const BEHIND = 3_600

/** @param {Admin.Delivery} delivery @returns {Admin.Finding} */
function paused({ paused_until, code, since, detail, advice, failures }) {
  const what = paused_until ? t('pausedUntil', { time: clock(paused_until) }) : t('onTrial')
  const more = [since && t('pausedSince', { time: clock(since), n: failures }), code, detail]
    .filter(Boolean)
    .join(' · ')
  return { level: 'bad', what, todo: advice ?? t('pausedTodo'), detail: more }
}

/** @type {Record<string, string>} */
const PLACES = { parked: '/events?state=parked', unallocated: '/unallocated' }

/** What wants a person, each once: the alerts that were told, and what the figures say besides. @param {Admin.Health} health */
export function findings({ delivery, alerts, counts, books, lag, last_webhook }) {
  /** @type {Admin.Finding[]} */
  const found = []
  const told = (/** @type {string} */ kind) => alerts.some((alert) => alert.kind === kind)
  if (delivery.paused) found.push(paused(delivery))
  // An alert lasts until the next look, up to a minute; the figures are of this moment. A pause is told above.
  const gone = [!counts.parked && 'parked', !counts.unallocated && 'unallocated', 'paused']
  for (const { kind, what, todo } of alerts) {
    if (gone.includes(kind)) continue
    found.push({ level: kind === 'unallocated' ? 'warn' : 'bad', what, todo, href: PLACES[kind] })
  }
  if (counts.parked && !told('parked'))
    found.push({ level: 'bad', what: t('areParked', { n: counts.parked }), todo: t('parkedTodo'), href: PLACES.parked })
  if (counts.unallocated && !told('unallocated'))
    found.push({
      level: 'warn',
      what: t('areUnallocated', { n: counts.unallocated }),
      todo: t('unallocatedTodo'),
      href: PLACES.unallocated,
    })
  if (books?.verdict === 'differs' && !told('books'))
    found.push({ level: 'bad', what: t('booksDiffer'), todo: t('booksTodo'), detail: books.summary })
  if (lag > LATE && !delivery.paused)
    found.push({
      level: 'warn',
      what: t('isLate', { span: span(lag) }),
      todo: t('lateTodo'),
      href: '/events?state=open',
    })
  if (last_webhook === null && !told('no_webhooks'))
    found.push({ level: 'warn', what: t('noWebhook'), todo: t('noWebhookTodo') })
  return found
}

/** @param {Admin.Finding} finding */
function item({ level, what, todo, detail, href }) {
  const more = href && link(href, t('show'))
  return h(
    'li',
    { class: `notice ${level}` },
    icon('alert'),
    h(
      'div',
      {},
      h('strong', {}, bdi(what)),
      todo && h('p', {}, bdi(todo)),
      detail && h('p', { class: 'said' }, bdi(detail)),
      more,
    ),
  )
}

/** @param {Admin.Finding[]} found */
export const todo = (found) => (found.length ? h('ul', { class: 'todo' }, ...found.map(item)) : null)

/** One figure; with a path it leads to what it counts. @param {string} label @param {Admin.Child} value @param {Admin.Child} below @param {Admin.Level} [level] @param {string} [path] */
function tile(label, value, below, level = 'calm', path) {
  const inside = [
    h('dt', {}, label),
    h('dd', { class: 'figure' }, path ? link(path, value) : value),
    h('dd', { class: 'below' }, below),
  ]
  return h('div', { class: `tile ${level}` }, ...inside)
}

/** @param {Admin.Moment | null} at @param {Admin.Moment} now */
const since = (at, now) => (at === null ? t('never') : time(at, t('ago', { span: about(now - at) })))

/** @type {Record<string, [Admin.Word, Admin.Level]>} */
const VERDICTS = {
  equal: ['booksEqual', 'good'],
  differs: ['booksDiffering', 'bad'],
  open_items: ['booksOpen', 'warn'],
  not_proved: ['booksNot', 'warn'],
}

/** @param {Admin.Health} health */
export function tiles({ now, last_webhook, last_posting, lag, counts, books }) {
  const [verdict, level] = VERDICTS[books?.verdict ?? ''] ?? ['booksNever', 'calm']
  /** @param {number} n @param {Admin.Level} level */
  const raised = (n, level) => (n ? level : 'calm')
  const flow = [
    tile(t('lastWebhook'), since(last_webhook, now), time(last_webhook) || t('noWebhook')),
    tile(t('lastPosting'), since(last_posting, now), time(last_posting) || t('noPosting')),
    tile(t('lag'), span(lag), lag ? t('lagText') : t('noLag'), lag > LATE ? 'warn' : 'calm'),
    tile(
      t('books'),
      t(verdict),
      books ? h('span', {}, since(books.checked, now), ' · ', bdi(books.summary)) : t('booksHow'),
      level,
    ),
  ]
  const counted = [
    tile(t('open'), number(counts.received + counts.claimed), t('openText'), 'calm', '/events?state=open'),
    tile(t('waiting'), number(counts.waiting), t('waitingText'), 'calm', '/events?state=waiting'),
    tile(t('failed'), number(counts.failed), t('failedText'), raised(counts.failed, 'warn'), '/events?state=failed'),
    tile(t('parked'), number(counts.parked), t('parkedText'), raised(counts.parked, 'bad'), '/events?state=parked'),
    tile(
      t('unallocated'),
      number(counts.unallocated),
      t('unallocatedText'),
      raised(counts.unallocated, 'warn'),
      '/unallocated',
    ),
  ]
  return h(
    'div',
    { class: 'sheet' },
    h('dl', { class: 'tiles four' }, ...flow),
    h('dl', { class: 'tiles five' }, ...counted),
  )
}

/** How far Stripe's own lists have been read. @param {Admin.Health} health */
export function readings({ recovery, completeness, now }) {
  /** @param {Admin.Word} word @param {Admin.Reading[]} list */
  const lines = (word, list) =>
    list.map(({ account, complete_to, under_way }) => {
      const late = complete_to !== null && now - complete_to > BEHIND
      const to = complete_to ? time(complete_to) : t('notYet')
      return h(
        'li',
        {},
        t(word),
        ' ',
        code(account),
        ': ',
        to,
        late && h('span', { class: 'badge warn' }, t('behind')),
        under_way && ` · ${t('underWay')}`,
      )
    })
  const all = [...lines('readEvents', recovery), ...lines('readTransactions', completeness)]
  return h(
    'div',
    {},
    h('p', { class: 'hint' }, t('readText')),
    all.length ? h('ul', { class: 'plain-list' }, ...all) : h('p', {}, t('notYet')),
  )
}
