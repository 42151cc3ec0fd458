// Everything that operators did, the newest first.

import { h } from './dom.js'
import { read } from './admin-api.js'
import { further } from './admin-more.js'
import { bdi, code, eventPath, link, nothing, time, top } from './admin-parts.js'
import { known, t } from './admin-words.js'

/** @param {Admin.AuditEntry} entry */
function row({ at, who, action, target, reason, outcome }) {
  const about = /^[a-z]+_\w+$/.test(target) ? link(eventPath(target), code(target)) : code(target)
  const what = h(
    'span',
    { class: 'what' },
    h('strong', {}, known(action)),
    ' ',
    about,
    reason && h('small', {}, bdi(reason)),
  )
  const end = h('span', { class: 'state' }, outcome === null ? t('unknownEnd') : bdi(known(outcome)))
  return h(
    'li',
    { class: 'event audit-entry' },
    h('span', { class: 'when' }, time(at)),
    what,
    h('span', { class: 'sum' }, bdi(who)),
    end,
  )
}

/** @param {string | null} [before] */
async function page(before) {
  /** @type {Admin.Audit} */
  const { audit, next } = await read('audit', { before })
  return { nodes: audit.map(row), next }
}

/** @type {Admin.Show} */
export async function audit(_, context) {
  const first = await page()
  const list = h('ol', { class: 'events', 'aria-label': t('audit') }, ...first.nodes)
  const none = !first.nodes.length && nothing(t('noAudit'))
  return {
    title: t('audit'),
    node: h(
      'div',
      { class: 'stack' },
      top(t('audit'), h('p', { class: 'hint' }, t('auditWhat'))),
      list,
      none,
      further(list, first.next, page, context),
    ),
  }
}
