// The list of events: filters, search, and page after page.

import { button, h } from './dom.js'
import { read } from './admin-api.js'
import { minor } from './admin-format.js'
import { further } from './admin-more.js'
import { badge, bdi, code, eventPath, link, nothing, time, top } from './admin-parts.js'
import { known, t } from './admin-words.js'

/** As the API names them; `open` is all that is not at rest and not parked. */
export const STATES = ['open', 'received', 'claimed', 'waiting', 'failed', 'parked', 'done', 'ignored']
/** A page may be empty and not the last: it looks at so many rows at most. So many are asked for at once. */
const EMPTY_MOST = 5

/** @param {Pick<Admin.Event, 'id' | 'type' | 'object' | 'state' | 'code' | 'created'> & Partial<Admin.Event>} event */
export function row(event) {
  const { id, type, object, state, created, postings = [] } = event
  const [posting] = postings
  const booked =
    posting && h('span', { class: 'amount' }, minor(posting), posting.name && h('small', {}, bdi(posting.name)))
  const why = event.code && h('small', {}, code(event.code))
  return h(
    'li',
    { class: 'event' },
    h('span', { class: 'when' }, time(created)),
    h('span', { class: 'what' }, link(eventPath(id), bdi(type)), h('small', {}, code(object))),
    h(
      'span',
      { class: 'sum' },
      booked,
      postings.length > 1 && h('small', {}, t('andMore', { n: postings.length - 1 })),
    ),
    h('span', { class: 'state' }, badge(state), why),
  )
}

/** @param {URLSearchParams} query */
function filters(query) {
  const word = h('input', {
    type: 'search',
    id: 'q',
    value: query.get('q') ?? '',
    maxlength: '128',
    autocomplete: 'off',
    spellcheck: 'false',
    autocapitalize: 'off',
    'aria-describedby': 'q-hint',
  })
  const state = h(
    'select',
    { id: 'state' },
    h('option', { value: '' }, t('anyState')),
    ...STATES.map((name) => h('option', { value: name, selected: query.get('state') === name }, known(name))),
  )
  const type = h('input', {
    id: 'type',
    value: query.get('type') ?? '',
    maxlength: '128',
    autocomplete: 'off',
    spellcheck: 'false',
    autocapitalize: 'off',
    placeholder: 'payment_intent.',
  })
  /** @param {SubmitEvent} event */
  function submit(event) {
    event.preventDefault()
    const pairs = [
      ['q', word.value.trim()],
      ['state', state.value],
      ['type', type.value.trim()],
    ].filter(([, value]) => value)
    const next = `#/events?${new URLSearchParams(/** @type {string[][]} */ (pairs))}`
    if (location.hash === next) dispatchEvent(new HashChangeEvent('hashchange'))
    else location.hash = next
  }
  return h(
    'form',
    { role: 'search', class: 'filters', submit },
    h('div', { class: 'grow' }, h('label', { for: 'q' }, t('search')), word),
    h('div', {}, h('label', { for: 'state' }, t('state')), state),
    h('div', {}, h('label', { for: 'type' }, t('type')), type),
    h('button', { class: 'first' }, t('find')),
    h('p', { id: 'q-hint', class: 'hint' }, t('searchHint')),
  )
}

/** @param {URLSearchParams} query @param {string | null} [before] @returns {Promise<{ nodes: HTMLElement[], next: string | null }>} */
async function page(query, before = null) {
  /** @type {Admin.Events} */
  let found = { events: [], next: before }
  for (let asked = 0; asked < EMPTY_MOST && !found.events.length; asked += 1) {
    found = await read('events', {
      q: query.get('q'),
      state: query.get('state'),
      type: query.get('type'),
      before: found.next,
    })
    if (!found.next) break
  }
  return { nodes: found.events.map(row), next: found.next }
}

/** Ids are found at once; other words lead to payments that are in the books. @param {string | null} word */
const noneOf = (word) => t(word && !/^(?!cus_)[a-z]+_/.test(word) ? 'noneFoundWord' : 'noneFound')

/** @type {Admin.Show} */
export async function events({ query }, context) {
  const first = await page(query)
  const list = h('ol', { class: 'events', 'aria-label': t('events') }, ...first.nodes)
  const asked = ['q', 'state', 'type'].some((name) => query.get(name))
  const none =
    !first.nodes.length && nothing(first.next ? t('noneYet') : asked ? noneOf(query.get('q')) : t('noEvents'))
  const clear =
    asked && h('p', { class: 'presses' }, button('second', [t('clear'), () => (location.hash = '#/events')]))
  const on = further(list, first.next, (next) => page(query, next), context)
  return {
    title: query.get('q') ? t('eventsOf', { word: query.get('q') ?? '' }) : t('events'),
    node: h('div', { class: 'stack' }, top(t('events')), filters(query), clear, list, none, on),
  }
}
