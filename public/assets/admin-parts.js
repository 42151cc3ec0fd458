// What the views are made of. Whatever the server said becomes text, never markup, and stands alone in its direction.

import { h, icon } from './dom.js'
import { exact, iso, moment } from './admin-format.js'
import { known } from './admin-words.js'

/** Names and ids may break after their signs. @param {string} text */
const breaking = (text) => `${text}`.split(/(?<=[._:/])/).flatMap((part, n) => (n ? [h('wbr'), part] : [part]))

/** What came from outside: its letters may run from right to left, and not take the sentence with them. @param {string} text */
export const bdi = (text) => h('bdi', {}, ...breaking(text))

/** An id or a key. @param {string} text */
export const code = (text) => h('code', { dir: 'ltr' }, ...breaking(text))

/** @param {Admin.Moment | null | undefined} at @param {string} [text] instead of the moment itself */
export const time = (at, text) =>
  (at || at === 0) && h('time', { datetime: iso(at), title: exact(at) }, text ?? moment(at))

/** @param {string} path after the `#` @param {...Admin.Child} children */
export const link = (path, ...children) => h('a', { href: `#${path}` }, ...children)

/** @param {string} id */
export const eventPath = (id) => `/events/${encodeURIComponent(id)}`

/** The events of a payment, or whatever a word leads to. @param {string} word */
export const searchPath = (word) => `/events?${new URLSearchParams({ q: word })}`

/** @type {Record<string, Admin.Level>} */
const LEVELS = { done: 'good', failed: 'warn', waiting: 'warn', parked: 'bad' }

/** A state in its colour and in words. @param {string} state */
export const badge = (state) => h('span', { class: `badge ${LEVELS[state] ?? 'calm'}` }, known(state))

/** @param {string} title @param {...Admin.Child} children */
export function section(title, ...children) {
  const id = `about-${title.toLowerCase().replace(/\W+/g, '-')}`
  return h('section', { 'aria-labelledby': id }, h('h2', { id }, title), ...children)
}

/** @param {Admin.Level} level @param {string} title @param {...Admin.Child} children */
export const notice = (level, title, ...children) =>
  h(
    'div',
    { class: `notice ${level}` },
    icon(level === 'good' ? 'check' : 'alert'),
    h('div', {}, h('strong', {}, title), ...children),
  )

/** The top of a view; it takes the focus when the view is opened. @param {string} title @param {...Admin.Child} children */
export const top = (title, ...children) =>
  h('div', { class: 'top' }, h('h1', { tabindex: '-1' }, bdi(title)), ...children)

/** Rows that a screen reader can walk; wide ones scroll by themselves. @param {string} caption @param {string[]} heads @param {Admin.Child[][]} rows */
export function table(caption, heads, rows) {
  const head = h('thead', {}, h('tr', {}, ...heads.map((name) => h('th', { scope: 'col' }, name))))
  const body = h('tbody', {}, ...rows.map((cells) => h('tr', {}, ...cells.map((cell) => h('td', {}, cell)))))
  const inner = h('table', {}, h('caption', { class: 'unseen' }, caption), head, body)
  return h('div', { class: 'wide', tabindex: '0', role: 'region', 'aria-label': caption }, inner)
}

/** @param {string} sentence */
export const nothing = (sentence) => h('p', { class: 'hint' }, sentence)
