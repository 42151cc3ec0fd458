// Every state that is not the form: what happened, and what to do next.

import { button, h, icon, rows } from './dom.js'
import { moment } from './money.js'
import { framed } from './frame.js'
import { locale, t } from './words.js'
/** @import { Receipt } from './link.js' */
/** @import { Child, Shape } from './dom.js' */
/** @import { Word } from './words.js' */

/** @typedef {{ word: Word, press: () => unknown, main?: boolean, values?: Record<string, string> }} Press */

/**
 * A panel: drawing, heading, sentence, what else there is, buttons.
 * @param {string} name @param {Shape} shape @param {string} title @param {string} text
 * @param {Press[]} presses @param {...Child} more
 */
export function panel(name, shape, title, text, presses, ...more) {
  return h(
    'section',
    { class: `outcome ${name}`, 'data-state': name },
    h('div', { class: 'mark' }, icon(shape)),
    h('h2', { tabindex: '-1' }, title),
    h('p', { class: 'text' }, text),
    ...more,
    presses.length > 0 &&
      h('div', { class: 'presses' }, ...presses.map(({ word, press, main, values }) => button(main ? 'pay' : 'second', t(word, values), press))),
  )
}

/**
 * Stripe has a payment: its receipt, and the line that follows it to the books.
 * @param {string} name @param {string} title @param {string} text @param {Array<[string, Child]>} first
 * @param {Receipt} receipt @param {Press[]} presses @param {Shape} [shape]
 */
export function receiptPanel(name, title, text, first, receipt, presses, shape = 'check') {
  const books = h('p', { class: 'books', role: 'status' })
  const end = h('div', { class: 'presses' })
  const node = panel(
    name,
    shape,
    title,
    text,
    [],
    rows([
      ...first,
      [t('method'), receipt.method],
      [t('time'), receipt.at && moment(receipt.at, locale)],
      [t('transaction'), receipt.id && h('code', {}, receipt.id)],
    ]),
    books,
    end,
  )
  /** @param {Press[]} presses */
  const offer = (presses) =>
    end.replaceChildren(...presses.map(({ word, press, main, values }) => button(main ? 'pay' : 'second', t(word, values), press)))
  offer(presses)
  return {
    node,
    offer,
    /** @param {'recording' | 'recorded' | 'recordLater'} word @param {string} [booking] */
    books(word, booking) {
      books.className = `books ${word}`
      books.replaceChildren(word === 'recording' ? h('span', { class: 'spinner' }) : icon(word === 'recorded' ? 'check' : 'clock'), h('span', {}, t(word, { name: booking ?? '' })))
    },
  }
}

/** Counts down and then calls. @param {number} seconds @param {() => void} onOver */
export function countdown(seconds, onOver) {
  const end = performance.now() + seconds * 1000
  const node = h('p', { class: 'countdown', role: 'timer' })
  let seen = false
  const tick = () => {
    if (seen && !node.isConnected) return
    seen = node.isConnected
    const left = Math.ceil((end - performance.now()) / 1000)
    if (left <= 0) return onOver()
    const time = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`
    node.textContent = t('pausedFor', { time })
    setTimeout(tick, 250)
  }
  tick()
  return node
}

/** The way out of an end state in a frame; alone there is nothing to close. @param {() => void} close @param {boolean} [main] @returns {Press[]} */
export const doneIfFramed = (close, main) => (framed ? [{ word: 'done', press: close, main }] : [])
