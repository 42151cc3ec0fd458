// Card numbers, dates and codes as they are typed: how they are grouped, and what is wrong with them.

/**
 * @typedef {{code: string, message: string}} Problem What a field lacks, with the code Stripe.js gives it.
 * @typedef {{name: string, title: string, starts: RegExp, length: number, groups: number[], code: number}} Brand
 */

/** @type {Brand[]} */
const BRANDS = [
  { name: 'visa', title: 'Visa', starts: /^4/, length: 16, groups: [4, 4, 4, 4], code: 3 },
  { name: 'mastercard', title: 'Mastercard', starts: /^(5[1-5]|2[2-7])/, length: 16, groups: [4, 4, 4, 4], code: 3 },
  { name: 'amex', title: 'American Express', starts: /^3[47]/, length: 15, groups: [4, 6, 5], code: 4 },
]
/** @type {Brand} */
const ANY_BRAND = { name: 'unknown', title: 'Card', starts: /^/, length: 16, groups: [4, 4, 4, 4], code: 3 }

/** The numbers shown to people who try things out, with what they do. */
const TRY_OUT = [
  ['4242 4242 4242 4242', 'pays'],
  ['4000 0000 0000 0002', 'is declined'],
  ['4000 0000 0000 9995', 'lacks the funds'],
  ['4000 0000 0000 3220', 'asks for authentication'],
  ['3782 822463 10005', 'pays, American Express'],
]

/** @param {string} number */
const brandOf = (number) => BRANDS.find((brand) => brand.starts.test(number)) ?? ANY_BRAND

/** @param {string} text */
const digitsOf = (text) => text.replace(/\D/g, '')

/** Whether the last digit checks the others. @param {string} number */
function luhn(number) {
  const sum = [...number].reverse().reduce((sum, digit, at) => {
    const twice = Number(digit) * (1 + (at % 2))
    return sum + Math.floor(twice / 10) + (twice % 10)
  }, 0)
  return sum % 10 === 0
}

/** @param {string} typed */
function groupNumber(typed) {
  const brand = brandOf(digitsOf(typed))
  let rest = digitsOf(typed).slice(0, brand.length)
  const parts = []
  for (const size of brand.groups) {
    if (rest) parts.push(rest.slice(0, size))
    rest = rest.slice(size)
  }
  return parts.join(' ')
}

/** `1` stays, `9` becomes `09`, `1234` becomes `12 / 34`. @param {string} typed */
function groupExpiry(typed) {
  const lone = /^\s*([2-9]|1\s*\/)/.test(typed)
  const digits = (lone ? `0${digitsOf(typed)}` : digitsOf(typed)).replace(/^(\d\d)20(\d\d)$/, '$1$2').slice(0, 4)
  return digits.length > 2 ? `${digits.slice(0, 2)} / ${digits.slice(2)}` : digits
}

/** @param {string} typed @returns {Problem | undefined} */
function numberProblem(typed) {
  const number = digitsOf(typed)
  if (number.length < brandOf(number).length)
    return { code: 'incomplete_number', message: 'Enter the whole card number.' }
  if (!luhn(number)) return { code: 'invalid_number', message: 'This is not the number of a card.' }
  return undefined
}

/** @param {string} typed @returns {Problem | undefined} */
function expiryProblem(typed) {
  const [month, year] = [Number(digitsOf(typed).slice(0, 2)), 2000 + Number(digitsOf(typed).slice(2))]
  if (digitsOf(typed).length < 4) return { code: 'incomplete_expiry', message: 'Enter month and year of expiration.' }
  const now = new Date()
  if (year < now.getFullYear()) return { code: 'invalid_expiry_year_past', message: 'The expiration year is past.' }
  if (year > now.getFullYear() + 50) return { code: 'invalid_expiry_year', message: 'The expiration year is wrong.' }
  if (month < 1 || month > 12) return { code: 'invalid_expiry_month', message: 'The expiration month is wrong.' }
  if (year === now.getFullYear() && month <= now.getMonth()) {
    return { code: 'invalid_expiry_month_past', message: 'The expiration date is past.' }
  }
  return undefined
}

/** @param {string} typed @param {number} length @returns {Problem | undefined} */
function codeProblem(typed, length) {
  const whole = digitsOf(typed).length >= length
  return whole ? undefined : { code: 'incomplete_cvc', message: `Enter the ${length} digits of the security code.` }
}
