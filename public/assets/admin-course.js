// What happened to an event, in the order of time.

import { h } from './dom.js'
import { badge, bdi, code, time } from './admin-parts.js'
import { known, t } from './admin-words.js'

/** One thing that happened. @typedef {{ at: number, what: Admin.Child, more?: Admin.Child[], level?: Admin.Level }} Step */

/** @param {Admin.Attempt} attempt @returns {Step} */
function tried({ at, last, times, state, code: why, detail }) {
  const often = times > 1 && h('p', {}, t('times', { n: times }), ' ', time(last))
  const what = h('span', {}, t('attempt'), ' ', badge(state), ' ', why && code(why))
  return {
    at,
    what,
    more: [detail && h('p', { class: 'said' }, bdi(detail)), often],
    level: state === 'parked' ? 'bad' : 'warn',
  }
}

/** @param {Admin.WholePosting} posting @returns {Step[]} */
const booked = ({ posted, kind, name, key, outcome }) =>
  posted === null
    ? []
    : [
        {
          at: posted,
          what: h(
            'span',
            {},
            t('posted', { kind: known(kind) }),
            ' ',
            bdi(name ?? key),
            outcome && ` (${known(outcome)})`,
          ),
          level: 'good',
        },
      ]

/** @param {Admin.AuditEntry} entry @returns {Step} */
const done = ({ at, who, action, reason, outcome, target }) => ({
  at,
  what: h(
    'span',
    {},
    t('entry', { action: known(action) }),
    ' ',
    code(target),
    outcome === null ? ` · ${t('unknownEnd')}` : h('span', {}, ' · ', bdi(known(outcome))),
  ),
  more: [h('p', {}, t('by'), ' ', bdi(who)), reason && h('p', { class: 'said' }, bdi(reason))],
})

/** @param {Admin.Story} story @returns {Step[]} in the order of time */
export function course({ event, attempts, postings, audit }) {
  /** @type {Step[]} */
  const steps = [
    { at: event.created, what: t('atStripe') },
    { at: event.received, what: t(event.form === 'pulled' ? 'wasPulled' : 'wasReceived') },
    ...attempts.map(tried),
    ...postings.filter((posting) => posting.event === event.id).flatMap(booked),
    ...audit.map(done),
  ]
  if (event.finished)
    steps.push({
      at: event.finished,
      what: h('span', {}, t('atRest'), ' ', badge(event.state), ' ', event.code && code(event.code)),
      level: 'good',
    })
  return steps.sort((a, b) => a.at - b.at)
}

/** @param {Step} step */
export const shown = ({ at, what, more = [], level = 'calm' }) =>
  h('li', { class: level }, time(at), h('div', {}, what, ...more))
