// The first view: health, what wants a person, the charts. The figures renew themselves while they are looked at.

import { button, h, say } from './dom.js'
import { Trouble, read } from './admin-api.js'
import { charts } from './admin-charts.js'
import { clock } from './admin-format.js'
import { findings, readings, tiles, todo } from './admin-health.js'
import { bdi, code, notice, section, time, top } from './admin-parts.js'
import { t } from './admin-words.js'

/** Milliseconds between two looks. */
const EVERY = 30_000
/** Whoever does not want figures to change under their eyes says so. */
let live = true

/** @param {Admin.Health} health */
function place({ account, livemode, version, now }) {
  const mode =
    livemode === null
      ? null
      : h('span', { class: `badge ${livemode ? 'good' : 'warn'}` }, t(livemode ? 'live' : 'test'))
  return h(
    'p',
    { class: 'hint' },
    mode,
    ' ',
    account ? code(account) : t('noAccount'),
    ' · ',
    t('version', { version }),
    ' · ',
    t('asOf'),
    ' ',
    time(now),
  )
}

/** @param {Admin.Health} health */
function body(health) {
  const found = findings(health)
  const title = found.length ? t('wantYou', { n: found.length }) : t('well')
  return { title, parts: [top(title, place(health)), todo(found), tiles(health)], readings: readings(health) }
}

/** @type {Admin.Show} */
export async function overview(_, context) {
  const [health, hours] = await Promise.all([
    /** @type {Promise<Admin.Health>} */ (read('health')),
    /** @type {Promise<Admin.Charts>} */ (read('charts')),
  ])
  const first = body(health)
  const figures = h('div', { class: 'stack' }, ...first.parts)
  const stale = h('div', { role: 'status' })
  const lists = section(t('reading'), first.readings)
  const box = h('input', { type: 'checkbox', id: 'live', checked: live })
  box.addEventListener('change', () => {
    live = box.checked
    wait()
  })
  const steer = h(
    'p',
    { class: 'steer' },
    h('label', { for: 'live' }, box, ' ', t('renew')),
    button('second', [t('refresh'), () => context.again(t('refreshed'))]),
  )
  const node = h('div', { class: 'stack' }, stale, figures, steer, charts(hours), lists)
  let timer = 0

  /** Whoever reads with the keyboard keeps their place. @param {Admin.Health} health */
  function renew(health) {
    const next = body(health)
    const held = document.activeElement
    const at = held instanceof HTMLAnchorElement && figures.contains(held) ? held.hash : ''
    const heading = held?.tagName === 'H1'
    if (document.title.split(' · ')[0] !== next.title) say(next.title)
    document.title = `${next.title} · Quittance`
    figures.replaceChildren(.../** @type {Node[]} */ (next.parts.filter(Boolean)))
    lists.lastChild?.replaceWith(next.readings)
    if (at)
      for (const link of figures.querySelectorAll('a'))
        if (link.hash === at) link.focus()
        else if (heading) figures.querySelector('h1')?.focus()
  }
  async function look() {
    if (!node.isConnected) return
    if (document.hidden) return wait()
    try {
      renew(await read('health'))
      stale.replaceChildren()
    } catch (error) {
      if (!node.isConnected) return
      if (error instanceof Trouble && error.ended) return context.trouble(error)
      if (!stale.firstChild)
        stale.append(notice('warn', t('stale', { time: clock(Date.now() / 1000) }), h('p', {}, bdi(t('staleText')))))
    }
    wait()
  }
  function wait() {
    clearTimeout(timer)
    if (live) timer = window.setTimeout(look, EVERY)
  }
  wait()
  return { title: first.title, node }
}
