// Small charts of the last 24 hours, each with a sentence and a table that say the same.

import { h } from './dom.js'
import { draw, figure, round, whole } from './admin-chart.js'
import { clock, hour as hourly, number, span } from './admin-format.js'
import { section, table, time } from './admin-parts.js'
import { t } from './admin-words.js'

/** @param {Admin.Hour[]} hours */
function events(hours) {
  const top = round(Math.max(1, ...hours.map(({ events }) => events)))
  const bars = hours.map(({ at, events, pulled }) => ({
    at,
    tip: t('eventsTip', { time: clock(at), events: number(events), pulled: number(pulled) }),
    marks: [
      { kind: 'sent', low: 0, high: (events - pulled) / top },
      { kind: 'pulled', low: (events - pulled) / top, high: events / top },
    ].filter(({ low, high }) => high > low),
  }))
  const sum = hours.reduce((all, { events }) => all + events, 0)
  const busiest = hours.reduce((best, hour) => (hour.events > best.events ? hour : best))
  const said = sum
    ? t('eventsSaid', { sum: number(sum), most: number(busiest.events), time: clock(busiest.at) })
    : t('eventsNone')
  const rows = table(
    t('eventsPerHour'),
    [t('hour'), t('events'), t('pulled'), t('postings')],
    hours
      .filter(({ events, postings }) => events || postings)
      .map((hour) => [time(hour.at, hourly(hour.at)), number(hour.events), number(hour.pulled), number(hour.postings)]),
  )
  return figure(
    t('eventsPerHour'),
    draw(said, bars, [
      [0, '0'],
      [0.5, number(top / 2)],
      [1, number(top)],
    ]),
    [
      ['sent', t('byWebhook')],
      ['pulled', t('pulled')],
    ],
    rows,
  )
}

/** Seconds on an axis on which each line is six to fifteen times the one below. */
const SCALE = [1, 10, 60, 600, 3_600, 21_600, 86_400]

/** @param {Admin.Hour[]} hours */
function latency(hours) {
  const timed = hours.flatMap((hour) =>
    hour.median === null
      ? []
      : [{ ...hour, median: hour.median, p95: hour.p95 ?? hour.median, most: hour.most ?? hour.median }],
  )
  const slowest = Math.max(60, ...timed.map(({ p95 }) => p95))
  const top = SCALE.find((line) => line >= slowest) ?? slowest
  const log = (/** @type {number} */ seconds) => Math.log(Math.max(1, seconds)) / Math.log(top)
  const bars = hours.map(({ at }) => {
    const hour = timed.find((hour) => hour.at === at)
    if (!hour) return { at, tip: t('timeNone', { time: clock(at) }), marks: [] }
    const { median, p95, most } = hour
    const tip = t('timeTip', { time: clock(at), median: span(median), p95: span(p95), most: span(most) })
    return {
      at,
      tip,
      marks: [
        { kind: 'spread', low: log(median), high: log(p95) },
        { kind: 'median', low: log(median), high: log(median) },
      ],
    }
  })
  const last = timed.at(-1)
  const said = last
    ? t('timeSaid', {
        time: clock(last.at),
        median: span(last.median),
        p95: span(last.p95),
        most: span(Math.max(...timed.map(({ most }) => most))),
      })
    : t('timesNone')
  const rows = table(
    t('timeToBooks'),
    [t('hour'), t('median'), t('p95'), t('most')],
    timed.map((hour) => [time(hour.at, hourly(hour.at)), span(hour.median), span(hour.p95), span(hour.most)]),
  )
  return figure(
    t('timeToBooks'),
    draw(
      said,
      bars,
      SCALE.filter((line) => line <= top).map((line) => [log(line), span(line)]),
    ),
    [
      ['median', t('median')],
      ['spread', t('toP95')],
    ],
    rows,
  )
}

/** @param {Admin.Charts} charts */
export function charts(charts) {
  const hours = whole(charts)
  return section(
    t('lastDay'),
    h('div', { class: 'charts' }, events(hours), latency(hours)),
    !charts.complete && h('p', { class: 'hint' }, t('notWhole')),
  )
}
