// How a chart is drawn: bars over the hours of a day, as inline SVG, with what they show beside them.

import { h } from './dom.js'
import { oclock } from './admin-format.js'
import { t } from './admin-words.js'

const HOUR = 3_600
const WIDTH = 480
const HEIGHT = 150
const LEFT = 54
const BASE = HEIGHT - 20

/** @param {string} tag @param {Record<string, string | number>} attributes @param {...(Node | string)} children */
function s(tag, attributes, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, `${value}`)
  element.append(...children)
  return element
}

/** The hours without anything are hours too. @param {Admin.Charts} charts @returns {Admin.Hour[]} */
export function whole({ since, hours }) {
  const start = Math.floor(since / HOUR) * HOUR
  const last = Math.max(start + 24 * HOUR, ...hours.map(({ at }) => at))
  const known = new Map(hours.map((hour) => [Math.floor(hour.at / HOUR), hour]))
  const none = { events: 0, pulled: 0, postings: 0, median: null, p95: null, most: null }
  const all = Array.from({ length: Math.min(48, (last - start) / HOUR + 1) }, (_, n) => start + n * HOUR)
  return all.map((at) => known.get(at / HOUR) ?? { at, ...none })
}

/** The least round number that is not below, with a whole half: 2, 4, 6, 8, 10, 12, 16, 20, … @param {number} most */
export function round(most) {
  for (let size = 1; ; size *= 10)
    for (const step of [2, 4, 6, 8, 10, 12, 16]) if (step * size >= most) return step * size
}

/** @param {string} said what a screen reader says of it @param {Admin.Bar[]} bars @param {Array<[at: number, label: string]>} lines between 0 and 1 */
export function draw(said, bars, lines) {
  const slot = (WIDTH - LEFT) / bars.length
  const y = (/** @type {number} */ part) => Math.round((BASE - part * (BASE - 14)) * 10) / 10
  const svg = s('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': said, class: 'chart' })
  for (const [at, label] of lines) {
    svg.append(
      s('line', { x1: LEFT, x2: WIDTH, y1: y(at), y2: y(at), class: 'grid' }),
      s('text', { x: LEFT - 6, y: y(at) + 4, class: 'axis end' }, label),
    )
  }
  for (const [n, { at, marks, tip }] of bars.entries()) {
    const x = LEFT + n * slot
    const bar = s('g', {}, s('title', {}, tip), s('rect', { x, y: 0, width: slot, height: BASE, class: 'reach' }))
    for (const { kind, low, high } of marks) {
      const tall = Math.max(y(low) - y(high), 2)
      bar.append(
        s('rect', { x: x + slot * 0.16, width: slot * 0.68, y: y(low) - tall, height: tall, rx: 1.5, class: kind }),
      )
    }
    svg.append(bar)
    // The first and the last label keep within the chart.
    const [place, hold] =
      n === 0 ? [x, 'axis'] : n === bars.length - 1 ? [WIDTH, 'axis end'] : [x + slot / 2, 'axis middle']
    if (n % 6 === 0) svg.append(s('text', { x: place, y: HEIGHT - 4, class: hold }, oclock(at)))
  }
  return svg
}

/** @param {string} title @param {Node} svg @param {Array<[kind: string, label: string]>} legend @param {HTMLElement} rows */
export const figure = (title, svg, legend, rows) =>
  h(
    'figure',
    {},
    h('figcaption', {}, title),
    svg,
    h(
      'p',
      { class: 'legend', 'aria-hidden': 'true' },
      ...legend.map(([kind, label]) => h('span', { class: `key ${kind}` }, label)),
    ),
    h('details', {}, h('summary', {}, t('asTable')), rows),
  )
