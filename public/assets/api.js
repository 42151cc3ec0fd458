// The two calls of this page to its own server.

/** @import { Money } from './money.js' */
/** @import { Link } from './link.js' */

/**
 * @typedef {object} Offer
 * @property {'open' | 'processing' | 'authorized' | 'received' | 'attention' | 'paid' | 'disputed'} state
 * @property {Invoice} invoice
 * @property {Array<{ kind: 'next' | 'overdue' | 'discounted' | 'residual', money: Money, until: string | null }>} amounts
 * @property {{ least: Money } | null} partial
 * @property {Payment | null} payment
 * @property {boolean} simulated
 */
/**
 * @typedef {object} Invoice
 * @property {number} id
 * @property {string} number
 * @property {string | null} date  calendar day
 * @property {string | null} due   calendar day
 * @property {{ id: number, name: string }} company
 * @property {Money} total
 * @property {Money} paid
 * @property {Money} residual
 * @property {string | null} email masked
 * @property {string | null} locale
 */
/**
 * @typedef {object} Payment
 * @property {string} id
 * @property {Money} money
 * @property {string} [client_secret]
 * @property {string | null} [customer_session]
 * @property {string} publishable_key
 * @property {{ name: string } | null} booked
 */
/** @typedef {{ code: string, status: number, wait: number }} Refusal  wait: seconds that the server asks for, 0 if none */
/** @typedef {{ state: string, payment: string | null, booked: { name: string } | null, paused_for: number }} Ledger */

const TRIES = 4
const PATIENCE = 30_000

/** @param {number} ms */
export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/**
 * Asks for the invoice's payment. A server that cannot answer just now is asked the same thing again, so that it can
 * go on with the same attempt.
 * @param {Link} link @param {string | undefined} amount decimal text, or nothing for what is offered first
 * @param {() => void} onSlow called before each repetition
 * @returns {Promise<{ offer: Offer } | { refusal: Refusal }>}
 */
export async function begin(link, amount, onSlow) {
  const body = JSON.stringify({ invoice: link.invoice, access_token: link.token, database: link.database ?? undefined, amount })
  for (let attempt = 1; ; attempt++) {
    const answer = await call('/api/payment-intents', { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    if ('body' in answer) return { offer: /** @type {Offer} */ (answer.body) }
    const { status, code, wait } = answer.refusal
    const passing = status === 0 || (status >= 500 && code !== 'pay_not_configured')
    if (!passing || attempt === TRIES || wait > 30) return answer
    onSlow()
    await pause(Math.max(wait * 1000, 500 * 2 ** attempt * (0.75 + Math.random() / 2)))
  }
}

/** What the ledger knows of the invoice's payment; null when it cannot be learnt now. @param {Link} link */
export async function look({ invoice, token }) {
  const answer = await call(`/api/invoices/${invoice}/payment`, { headers: { 'x-access-token': token } })
  return 'body' in answer ? /** @type {Ledger} */ (answer.body) : null
}

/** @param {string} path @param {RequestInit} init @returns {Promise<{ body: unknown } | { refusal: Refusal }>} */
async function call(path, init) {
  try {
    const answer = await fetch(path, { ...init, cache: 'no-store', credentials: 'omit', signal: AbortSignal.timeout(PATIENCE) })
    const body = await answer.json().catch(() => null)
    if (answer.ok && body) return { body }
    const wait = Number(answer.headers.get('retry-after')) || 0
    return { refusal: { status: answer.ok ? 0 : answer.status, code: body?.error?.code ?? '', wait } }
  } catch {
    return { refusal: { status: 0, code: '', wait: 0 } }
  }
}
