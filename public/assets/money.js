// Amounts as decimal text. Nothing here ever becomes a floating-point number.

/**
 * @typedef {object} Money
 * @property {number} minor    Stripe's integer of minor units
 * @property {string} currency ISO code, upper case
 * @property {string} amount   exact decimal text in major units
 * @property {string} display  the server's own plain form
 */

/** Digits after the point of a decimal text. @param {string} amount */
export const places = (amount) => amount.split('.')[1]?.length ?? 0

/**
 * The integer that stands for a decimal text at so many places; what exceeds them is cut.
 * @param {string} amount @param {number} digits
 */
export function scaled(amount, digits) {
  const [whole = '0', part = ''] = amount.split('.')
  return BigInt(whole + part.padEnd(digits, '0').slice(0, digits))
}

/** `a - b` as money, or null when nothing is left. @param {Money} a @param {Money} b @returns {Money | null} */
export function rest(a, b) {
  const digits = places(a.amount)
  const left = scaled(a.amount, digits) - scaled(b.amount, digits)
  return left > 0n ? { ...a, minor: a.minor - b.minor, amount: unscaled(left, digits), display: '' } : null
}

/** @param {bigint} value @param {number} digits */
function unscaled(value, digits) {
  const text = String(value).padStart(digits + 1, '0')
  return digits ? `${text.slice(0, -digits)}.${text.slice(-digits)}` : text
}

/** For the payer's eyes. @param {Pick<Money, 'amount' | 'currency'>} money @param {string} locale */
export function format({ amount, currency }, locale) {
  const digits = places(amount)
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(/** @type {`${number}`} */ (amount))
}

/** The amount as a payer of this locale would type it. @param {string} amount @param {string} locale */
export const typable = (amount, locale) => amount.replace('.', separator(locale))

/** @param {string} locale */
const separator = (locale) =>
  new Intl.NumberFormat(locale).formatToParts(1.5).find((part) => part.type === 'decimal')?.value ?? '.'

/**
 * Reads what a payer typed. Comma and point are both understood: the last one is the decimal sign, unless it can
 * only be a thousands sign of the payer's locale (`1,234` in English, `1.234` in German).
 * @param {string} typed @param {number} digits places of the currency @param {string} locale
 * @returns {{ amount: string } | { fault: 'amountEmpty' | 'amountForm' | 'amountPlaces' }}
 */
export function parse(typed, digits, locale) {
  const text = typed.replace(/[\s\u00a0\u202f'’]/g, '')
  if (!text) return { fault: 'amountEmpty' }
  if (!/^\d[\d.,]*$/.test(text) || text.length > 20) return { fault: 'amountForm' }
  const decimal = separator(locale)
  const last = Math.max(text.lastIndexOf('.'), text.lastIndexOf(','))
  const sign = text[last] ?? ''
  const grouping = sign && (text.split(sign).length > 2 || (sign !== decimal && /^[1-9]\d{0,2}[.,]\d{3}$/.test(text)))
  const head = grouping || last < 0 ? text : text.slice(0, last)
  const part = grouping || last < 0 ? '' : text.slice(last + 1)
  if (!/^\d+$/.test(head) && !/^\d{1,3}(([.,])\d{3})(\2\d{3})*$/.test(head)) return { fault: 'amountForm' }
  if (!grouping && sign && head.includes(sign)) return { fault: 'amountForm' }
  if (part.length > digits) return { fault: 'amountPlaces' }
  return { amount: unscaled(scaled(`${head.replace(/[.,]/g, '')}.${part}`, digits), digits) }
}

/** A calendar day of the invoice (`2026-12-20`). @param {string} day @param {string} locale */
export const longDay = (day, locale) =>
  new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(`${day}T00:00:00Z`))

/** An instant, in the payer's time zone. @param {number} at milliseconds since 1970 @param {string} locale */
export const moment = (at, locale) =>
  new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short' }).format(at)
