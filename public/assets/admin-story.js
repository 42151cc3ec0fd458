// One event with all that is known of its payment: what happened in order, what it led to, what may be done.

import { button, h, rows, say } from './dom.js'
import { ask, questions } from './admin-act.js'
import { read } from './admin-api.js'
import { course, shown } from './admin-course.js'
import { row } from './admin-events.js'
import { badge, bdi, code, link, notice, searchPath, section, time, top } from './admin-parts.js'
import { receipt } from './admin-receipts.js'
import { known, t } from './admin-words.js'

/** @param {Admin.WholeEvent} event */
function facts(event) {
  const { due, waiting_for: other, waiting_since: from } = event
  return rows([
    [t('id'), code(event.id)],
    [t('object'), code(event.object)],
    [t('subject'), link(searchPath(event.subject), code(event.subject))],
    [t('account'), event.account && code(event.account)],
    [t('mode'), t(event.livemode ? 'live' : 'test')],
    [t('form'), known(event.form)],
    [t('apiVersion'), event.api_version && code(event.api_version)],
    [t('attempts'), `${event.attempts}`],
    [t('crashes'), event.crashes ? `${event.crashes}` : null],
    [t('due'), time(due)],
    [
      t('waitsFor'),
      other &&
        h(
          'span',
          {},
          /^[a-z]+_\w+$/.test(other) ? link(searchPath(other), code(other)) : code(other),
          from && h('span', {}, ' ', t('from'), ' ', time(from)),
        ),
    ],
    [t('body'), t(event.body_kept ? 'kept' : 'purged')],
  ])
}

/** What to do about it, in the words of the code. @param {Admin.Story} story */
function verdict({ event, advice }) {
  if (!event.code && !event.detail) return null
  const level = event.state === 'parked' ? 'bad' : event.state === 'done' || event.state === 'ignored' ? 'calm' : 'warn'
  return notice(
    level,
    event.code ?? known(event.state),
    event.detail && h('p', { class: 'said' }, bdi(event.detail)),
    advice && h('p', {}, bdi(advice)),
  )
}

/** Milliseconds after which an event that is being worked is looked at again. */
const SOON = [1_000, 2_000, 3_000, 5_000, 8_000, 13_000]

/** @type {Admin.Show} */
export async function story({ path }, context) {
  const id = path[1] ?? ''
  const fill = (/** @type {Admin.Story} */ story) => {
    const { event, actions, postings, related } = story
    const presses = Object.entries(questions).flatMap(([name, question]) =>
      actions.includes(name)
        ? [button(name === 'replay' ? 'first' : 'second', [known(name), () => ask(question(event), context)])]
        : [],
    )
    return [
      verdict(story),
      h('div', { class: 'presses' }, ...presses),
      section(t('happened'), h('ol', { class: 'course' }, ...course(story).map(shown))),
      postings.length > 0 &&
        section(t('inBooks'), h('ul', { class: 'cards' }, ...postings.map((posting) => receipt(posting, context)))),
      related.length > 0 && section(t('related'), h('ol', { class: 'events' }, ...related.map(row))),
      section(t('facts'), facts(event)),
    ]
  }
  /** @type {Admin.Story} */
  let now = await read(`events/${encodeURIComponent(id)}`)
  const head = h('p', { class: 'hint' })
  const body = h('div', { class: 'stack' })
  const put = () => {
    head.replaceChildren(badge(now.event.state), ' ', code(now.event.id))
    body.replaceChildren(.../** @type {Node[]} */ (fill(now).filter(Boolean)))
  }
  put()
  const node = h(
    'div',
    { class: 'stack' },
    h('p', { class: 'back' }, link(back(), t('allEvents'))),
    top(now.event.type, head),
    body,
  )
  follow(0)
  /** An event under work is followed, unless somebody's keyboard is in the middle of it. @param {number} turn */
  function follow(turn) {
    const wait = SOON[turn]
    if (wait === undefined || !['received', 'claimed'].includes(now.event.state)) return
    setTimeout(async () => {
      if (!node.isConnected) return
      const next = await read(`events/${encodeURIComponent(id)}`).catch(() => null)
      if (!node.isConnected) return
      const held = document.querySelector('dialog[open]') || body.contains(document.activeElement)
      if (!next || held) return follow(turn + 1)
      if (next.event.state !== now.event.state) say(t('nowIs', { state: known(next.event.state) }))
      now = next
      put()
      follow(turn + 1)
    }, wait)
  }
  return { title: now.event.type, node }
}

let list = '/events'
/** Where the list was left. */
export const back = () => list
/** @param {string} hash */
export const remember = (hash) => (list = hash.startsWith('#/events?') || hash === '#/events' ? hash.slice(1) : list)
