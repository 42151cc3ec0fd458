// Moments, spans and amounts as an operator reads them, in the browser's own locale and time zone.

import { format } from './money.js'

const LOCALE = globalThis.navigator?.language || 'en'

// Places of Stripe's minor unit: src/money/currency.rs has the same lists and their sources.
const WHOLE = 'BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' ')
const THOUSANDTHS = 'BHD JOD KWD OMR TND'.split(' ')

/** Minor units as decimal text. @param {number} minor @param {string} currency upper case */
export function decimal(minor, currency) {
  const digits = WHOLE.includes(currency) ? 0 : THOUSANDTHS.includes(currency) ? 3 : 2
  const text = `${minor}`.replace('-', '').padStart(digits + 1, '0')
  const cut = text.length - digits
  return `${minor < 0 ? '-' : ''}${text.slice(0, cut)}${digits ? `.${text.slice(cut)}` : ''}`
}

/** What is no amount or no currency stays as it came. @param {string} amount @param {string} currency @param {string} [locale] */
export function money(amount, currency, locale = LOCALE) {
  const known = /^[A-Z]{3}$/.test(currency) && /^-?\d+(\.\d+)?$/.test(amount)
  return known ? format({ amount, currency }, locale) : `${amount} ${currency}`
}

/** @param {{ minor: number, currency: string }} posting @param {string} [locale] */
export function minor({ minor, currency }, locale) {
  const code = `${currency}`.toUpperCase()
  return Number.isSafeInteger(minor) ? money(decimal(minor, code), code, locale) : `${minor} ${code}`
}

const UNITS = /** @type {const} */ ([
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
])

/** `12 s`, `3 min 5 s`, `2 d 4 h`: the two largest units. @param {number} seconds */
export function span(seconds) {
  let left = Math.max(0, Math.round(seconds))
  if (left < 1) return '0 s'
  const parts = []
  for (const [unit, size] of UNITS) {
    const count = Math.floor(left / size)
    if (count) parts.push(`${count} ${unit}`)
    else if (parts.length) break
    if (parts.length === 2) break
    left -= count * size
  }
  return parts.join(' ')
}

/** The largest unit alone: `3 min`. @param {number} seconds */
export const about = (seconds) => span(seconds).split(' ').slice(0, 2).join(' ')

/** @param {Intl.DateTimeFormatOptions} options @param {Admin.Moment} at */
const dated = (options, at) =>
  dateable(at) ? new Intl.DateTimeFormat(LOCALE, { ...options }).format(new Date(at * 1000)) : `${at}`

/** The last second that a date can hold: what is beyond it is shown as the number that it is. @param {Admin.Moment} at */
const dateable = (at) => Math.abs(at) <= 8.64e12

/** With its time zone: what to compare with another clock. @param {Admin.Moment} at */
export const exact = (at) =>
  dated(
    {
      year: 'numeric',
      month: 'short',
      day: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      timeZoneName: 'short',
    },
    at,
  )

/** Day and time, without the year where it is this one. @param {Admin.Moment} at @param {number} [now] milliseconds */
export function moment(at, now = Date.now()) {
  const year =
    new Date(at * 1000).getFullYear() === new Date(now).getFullYear() ? {} : { year: /** @type {const} */ ('numeric') }
  return dated({ ...year, month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit' }, at)
}

/** @param {Admin.Moment} at */
export const clock = (at) => dated({ hour: '2-digit', minute: '2-digit' }, at)

const HALVES = new Intl.DateTimeFormat(LOCALE, { hour: 'numeric' }).resolvedOptions().hour12

/** The hour alone, for an axis: `2 PM`, `14:00`. @param {Admin.Moment} at */
export const oclock = (at) => (HALVES ? dated({ hour: 'numeric' }, at) : clock(at))

/** Day and hour. @param {Admin.Moment} at */
export const hour = (at) => dated({ month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' }, at)

/** The machine's form. @param {Admin.Moment} at */
export const iso = (at) => (dateable(at) ? new Date(at * 1000).toISOString().replace('.000', '') : `${at}`)

/** @param {number} count */
export const number = (count) => new Intl.NumberFormat(LOCALE).format(count)
