// The ways to pay that are typed: a card, a bank account by number, a bank account by IBAN.

/**
 * @typedef {import('@stripe/stripe-js').StripePaymentElementOptions} ElementOptions
 * @typedef {object} Way
 * @property {string} title
 * @property {HTMLElement} panel
 * @property {Field[]} fields
 * @property {() => Values} data Its part of `payment_method_data`.
 * @property {(error: StripeError) => void} refuse Shows a refusal at the field that it is about.
 */

/** Countries that a payer can name; the simulated Stripe looks at none of them. */
const COUNTRIES = {
  US: 'United States',
  AU: 'Australia',
  BE: 'Belgium',
  CA: 'Canada',
  FR: 'France',
  DE: 'Germany',
  IE: 'Ireland',
  JP: 'Japan',
  MX: 'Mexico',
  NL: 'Netherlands',
  ES: 'Spain',
  CH: 'Switzerland',
  GB: 'United Kingdom',
}
const MANDATE = 'By paying you allow the simulated bank to debit this account once. The money arrives later.'

/** Whether the billing address may be asked for. @param {ElementOptions} options */
function asksAddress({ fields }) {
  const details = fields?.billingDetails
  return details !== 'never' && !(typeof details === 'object' && details.address === 'never')
}

/**
 * A check for what is not looked at closely.
 * @param {number} least How many characters there must be.
 * @param {string} what
 * @param {string} message
 */
const atLeast = (least, what, message) => (/** @type {string} */ typed) =>
  typed.replace(/\s/g, '').length < least ? { code: `incomplete_${what}`, message } : undefined

/** @param {Field[]} fields @param {...Node} more */
const panelOf = (fields, ...more) => el('div', { class: 'panel' }, ...fields.map(({ root }) => root), ...more)

/** @param {ElementOptions} options @param {() => void} changed @returns {Way} */
function cardWay(options, changed) {
  const brand = () => brandOf(digitsOf(number.value))
  const typed = () => {
    number.note.textContent = number.empty || brand() === ANY_BRAND ? '' : brand().title
    changed()
  }
  /** @type {Field} */
  const number = new Field(
    {
      label: 'Card number',
      autocomplete: 'cc-number',
      placeholder: '1234 1234 1234 1234',
      wide: true,
      format: groupNumber,
      check: numberProblem,
    },
    typed,
  )
  const expiry = new Field(
    {
      label: 'Expiration date',
      autocomplete: 'cc-exp',
      placeholder: 'MM / YY',
      format: groupExpiry,
      check: expiryProblem,
    },
    typed,
  )
  const security = new Field(
    {
      label: 'Security code',
      autocomplete: 'cc-csc',
      placeholder: 'CVC',
      format: (code) => digitsOf(code).slice(0, brand().code),
      check: (code) => codeProblem(code, brand().code),
    },
    typed,
  )
  const address = asksAddress(options) ? addressOf(options, changed) : undefined
  const fields = [number, expiry, security]
  return {
    title: 'Card',
    panel: panelOf(fields, ...(address ? [address.country, address.postal.root] : [])),
    fields: address ? [...fields, address.postal] : fields,
    data() {
      const expires = digitsOf(expiry.value)
      const [exp_month, exp_year] = [expires.slice(0, 2), expires.slice(2)]
      const card = { number: digitsOf(number.value), exp_month, exp_year, cvc: security.value }
      return { card, billing_details: { address: address?.data() } }
    },
    refuse({ code = '', message }) {
      const field = code.includes('cvc') ? security : code.includes('expir') ? expiry : number
      field.show({ message })
    },
  }
}

/** @param {ElementOptions} options @param {() => void} changed */
function addressOf({ defaultValues }, changed) {
  const given = defaultValues?.billingDetails?.address
  const id = uniqueId('country')
  const options = Object.entries(COUNTRIES).map(([value, name]) => el('option', { value }, name))
  const select = el('select', { id, autocomplete: 'country' }, ...options)
  if (given?.country) select.value = given.country
  const plan = { label: 'Postal code (optional)', autocomplete: 'postal-code', text: true, optional: true }
  const postal = new Field(plan, changed)
  postal.value = given?.postal_code ?? ''
  const label = el('label', { for: id }, 'Country or region')
  const country = el('div', { class: 'field' }, label, el('div', { class: 'box' }, select))
  return { country, postal, data: () => ({ country: select.value, postal_code: postal.value || undefined }) }
}

/** @param {string} type @param {ElementOptions} options @param {() => void} changed @returns {Way} */
function debitWay(type, { defaultValues }, changed) {
  /** @param {FieldPlan} plan */
  const field = (plan) => new Field(plan, changed)
  const holder = field({
    label: 'Account holder',
    autocomplete: 'name',
    text: true,
    wide: true,
    check: atLeast(1, 'name', 'Enter the name of the account holder.'),
  })
  holder.value = defaultValues?.billingDetails?.name ?? ''
  const iban = field({
    label: 'IBAN',
    text: true,
    wide: true,
    placeholder: 'DE89 3704 0044 0532 0130 00',
    check: atLeast(15, 'iban', 'Enter the whole IBAN.'),
  })
  const routing = field({
    label: 'Routing number',
    placeholder: '110000000',
    check: atLeast(9, 'routing_number', 'Enter the 9 digits of the routing number.'),
  })
  const account = field({
    label: 'Account number',
    placeholder: '000123456789',
    check: atLeast(4, 'account_number', 'Enter the whole account number.'),
  })
  const fields = type === 'sepa_debit' ? [holder, iban] : [holder, routing, account]
  return {
    title: 'Bank debit',
    panel: panelOf(fields, el('p', { class: 'wide' }, MANDATE)),
    fields,
    data() {
      const [account_number, routing_number] = [digitsOf(account.value), digitsOf(routing.value)]
      const numbers = { account_number, routing_number, account_holder_type: 'individual' }
      const own = type === 'sepa_debit' ? { iban: iban.value.replace(/\s/g, '') } : numbers
      return { [type]: own, billing_details: { name: holder.value } }
    },
    refuse({ message }) {
      fields.at(-1)?.show({ message })
    },
  }
}
