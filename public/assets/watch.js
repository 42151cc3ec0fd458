// Following a payment from Stripe's yes to the books.

import { look, pause } from './api.js'
/** @import { Ledger } from './api.js' */
/** @import { Link } from './link.js' */

/** Seconds between looks, given the seconds since the first; null: enough. @param {number} age */
export const interval = (age) => (age < 20 ? 1 : age < 80 ? 3 : age < 300 ? 10 : null)

let current = 0

/** No more looks until the next `watch`. */
export const unwatch = () => current++

/**
 * Looks until `onLook` says that it has seen enough, or for five minutes. Only one watch runs at a time.
 * @param {Link} link @param {(ledger: Ledger) => boolean} onLook true: stop @param {() => void} onTired
 */
export async function watch(link, onLook, onTired) {
  const mine = ++current
  const began = performance.now()
  for (;;) {
    const wait = interval((performance.now() - began) / 1000)
    if (wait === null) return onTired()
    await pause(wait * 1000)
    if (mine !== current) return
    const ledger = await look(link)
    if (mine !== current || (ledger && onLook(ledger))) return
  }
}
