// Stripe.js and its Payment Element.

import { language } from './words.js'
/** @import { Appearance, Stripe, StripeElementLocale } from '@stripe/stripe-js' */
/** @import { Offer, Payment } from './api.js' */

const PATIENCE = 20_000
/** Methods that are finished without leaving the page; all others may open a page of a bank or provider. */
const STAYS = ['card', 'link', 'apple_pay', 'google_pay', 'sepa_debit', 'us_bank_account', 'bacs_debit', 'au_becs_debit', 'acss_debit', 'nz_bank_account', 'customer_balance']

/** @type {Map<string, Stripe>} */
const made = new Map()

/** Stripe.js's object for a key; null when Stripe.js cannot be loaded. @param {string} key */
export async function stripeFor(key) {
  if (!window.Stripe && !(await loaded())) return null
  const stripe = made.get(key) ?? window.Stripe?.(key, { locale: /** @type {StripeElementLocale} */ (language) })
  if (stripe) made.set(key, stripe)
  return stripe ?? null
}

/** Waits for the script tag of the shell, or for a fresh one where that has failed. @returns {Promise<boolean>} */
function loaded() {
  let script = /** @type {HTMLScriptElement} */ (document.getElementById('stripe-js'))
  // The tag is async, so that the page's load event waits for it: after that, it has failed.
  if (document.readyState === 'complete') {
    const again = document.createElement('script')
    again.id = script.id
    again.src = script.src
    script.replaceWith(again)
    script = again
  }
  return new Promise((resolve) => {
    const over = () => resolve(Boolean(window.Stripe))
    script.addEventListener('load', over)
    script.addEventListener('error', over)
    window.addEventListener('load', over)
    setTimeout(over, PATIENCE)
  })
}

/**
 * @param {Stripe} stripe @param {Offer} offer @param {Payment} payment @param {HTMLElement} host
 * @param {{ ready: () => void, failed: () => void, leaves: (yes: boolean) => void, escape: () => void }} on
 */
export function mount(stripe, offer, payment, host, on) {
  const elements = stripe.elements({
    clientSecret: payment.client_secret,
    locale: /** @type {StripeElementLocale} */ (language),
    appearance: appearance(),
    loader: 'never',
    ...(payment.customer_session ? { customerSessionClientSecret: payment.customer_session } : {}),
  })
  const element = elements.create('payment', { layout: 'tabs', business: { name: offer.invoice.company.name } })
  element.on('ready', on.ready)
  element.on('loaderror', on.failed)
  element.on('change', ({ value }) => on.leaves(!STAYS.includes(value.type)))
  element.on('escape', on.escape)
  element.mount(host)
  const schemes = [matchMedia('(prefers-color-scheme: dark)'), matchMedia('(prefers-reduced-motion: reduce)')]
  const restyle = () => elements.update({ appearance: appearance() })
  for (const scheme of schemes) scheme.addEventListener('change', restyle)
  return {
    elements,
    focus: () => element.focus(),
    destroy() {
      for (const scheme of schemes) scheme.removeEventListener('change', restyle)
      element.destroy()
    },
  }
}

/** The page's own colours, so that Stripe's fields look like ours. @returns {Appearance} */
function appearance() {
  const style = getComputedStyle(document.documentElement)
  /** @param {string} name */
  const colour = (name) => style.getPropertyValue(`--${name}`).trim()
  return {
    theme: matchMedia('(prefers-color-scheme: dark)').matches ? 'night' : 'stripe',
    disableAnimations: matchMedia('(prefers-reduced-motion: reduce)').matches,
    variables: {
      colorPrimary: colour('accent'),
      colorBackground: colour('field'),
      colorText: colour('ink'),
      colorTextSecondary: colour('soft'),
      colorTextPlaceholder: colour('soft'),
      colorDanger: colour('bad'),
      fontFamily: style.fontFamily,
      fontSizeBase: '16px',
      borderRadius: '8px',
      spacingUnit: '4px',
      gridRowSpacing: '16px',
    },
  }
}
