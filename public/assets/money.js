// Amounts as decimal text. Nothing here ever becomes a floating-point number.

/** Digits after the point. @param {string} amount */
export const places = (amount) => amount.split('.')[1]?.length ?? 0

/** The integer that stands for a decimal text. @type {Pay.Scaled} */
export function scaled(amount, digits) {
  const [whole, part = ''] = amount.split('.')
  return BigInt(whole + part.padEnd(digits, '0').slice(0, digits))
}

/** @param {bigint} value @param {number} digits */
function unscaled(value, digits) {
  const text = `${value}`.padStart(digits + 1, '0')
  return digits ? `${text.slice(0, -digits)}.${text.slice(-digits)}` : text
}

/** `a - b`, or null when nothing is left. @param {Pay.Money} a @param {Pay.Money} b */
export function rest(a, b) {
  const digits = places(a.amount)
  const left = scaled(a.amount, digits) - scaled(b.amount, digits)
  return left > 0n ? { currency: a.currency, amount: unscaled(left, digits) } : null
}

/** For the payer's eyes. @type {Pay.Format} */
export function format({ amount, currency }, locale) {
  const digits = places(amount)
  const options = {
    style: /** @type {const} */ ('currency'),
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }
  return new Intl.NumberFormat(locale, options).format(/** @type {`${number}`} */ (amount))
}

/** @param {string} locale */
const separator = (locale) =>
  new Intl.NumberFormat(locale).formatToParts(1.5).find(({ type }) => type === 'decimal')?.value ?? '.'

/** As a payer of this locale would type it. @type {Pay.Typable} */
export const typable = (amount, locale) => amount.replace('.', separator(locale))

/**
 * What a payer typed, as decimal text, or null. Comma and point are both understood: the last one is the decimal sign,
 * unless it can only be a thousands sign of the payer's locale (`1,234` in English, `1.234` in German).
 * @type {Pay.Parse}
 */
export function parse(typed, digits, locale) {
  const text = typed.replace(/[\s'’]/g, '')
  if (!/^\d[\d.,]{0,19}$/.test(text)) return null
  const last = Math.max(text.lastIndexOf('.'), text.lastIndexOf(','))
  const sign = text[last]
  const grouped =
    sign && (text.split(sign).length > 2 || (sign !== separator(locale) && /^[1-9]\d{0,2}[.,]\d{3}$/.test(text)))
  const cut = grouped || !sign ? text.length : last
  const head = text.slice(0, cut)
  const part = text.slice(cut + 1)
  if (
    !/^(\d+|\d{1,3}([.,])\d{3}(\2\d{3})*)$/.test(head) ||
    (!grouped && sign && head.includes(sign)) ||
    part.length > digits
  )
    return null
  return unscaled(scaled(`${head.replace(/[.,]/g, '')}.${part}`, digits), digits)
}
