// The two halves of the page: the invoice, and whatever stands beside it.

import { byId, h, say } from './dom.js'
import { summary } from './summary.js'
import { t } from './words.js'
/** @import { Offer } from './api.js' */

let first = true
let known = false

/** What is on the stage: a state's name, `open` for the form, `loading` in between. */
export const showing = () => byId('page').dataset.state ?? 'loading'

/** @param {string} name */
export function mark(name) {
  byId('page').dataset.state = name
  byId('page').setAttribute('aria-busy', String(name === 'loading'))
}

/**
 * Puts a state on the stage. From the second one on the focus goes to its heading, which a screen reader then reads.
 * @param {string} name @param {HTMLElement} node
 */
export function show(name, node) {
  if (showing() === 'loading' && !known) head(null, false)
  mark(name)
  byId('stage').replaceChildren(node)
  const heading = node.querySelector('h2')
  if (first) say(heading?.textContent ?? '')
  else heading?.focus()
  first = false
}

/** The skeleton, with a sentence once it takes long. @param {boolean} [slow] */
export function loading(slow) {
  const held = byId('stage').contains(document.activeElement)
  mark('loading')
  byId('stage').replaceChildren(
    ...['short', 'field', 'field', 'field'].map((kind) => h('div', { class: `bone ${kind}` })),
    ...(slow ? [h('p', { class: 'hint' }, t('slow'))] : []),
  )
  say(t(slow ? 'slow' : 'loading'))
  if (held) byId('stage').focus()
}

/** @param {Offer | null} offer null: no invoice may be shown @param {boolean} open there is something to pay */
export function head(offer, open) {
  known = Boolean(offer)
  byId('page').classList.toggle('two', known)
  byId('page').classList.toggle('closed', !open)
  byId('summary').hidden = !known
  byId('summary').replaceChildren(...(offer ? summary(offer, open) : []))
  byId('title').textContent = document.title = offer ? t(open ? 'pageTitle' : 'pageTitlePaid', { number: offer.invoice.number }) + ` · ${offer.invoice.company.name}` : t('payment')
}
