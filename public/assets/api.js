// The two calls of this page to its own server.

/** @param {number} ms */
export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** @type {Pay.Call} */
async function call(path, init) {
  try {
    const answer = await fetch(path, {
      ...init,
      cache: 'no-store',
      credentials: 'omit',
      signal: AbortSignal.timeout(30_000),
    })
    const body = await answer.json().catch(() => null)
    const refusal = {
      status: answer.ok ? 0 : answer.status,
      code: body?.error?.code ?? '',
      wait: Number(answer.headers.get('retry-after')) || 0,
    }
    return { body: answer.ok ? body : null, refusal }
  } catch {
    return { refusal: { status: 0, code: '', wait: 0 } }
  }
}

/** A server that cannot answer just now is asked the very same again, three times. @type {Pay.Request} */
export async function begin(link, amount, onSlow) {
  const body = JSON.stringify({
    invoice: link.invoice,
    access_token: link.token,
    database: link.database ?? undefined,
    amount,
  })
  for (let attempt = 1; ; attempt++) {
    const { body: offer, refusal } = await call('/api/payment-intents', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    if (offer) return { offer }
    const passing = refusal.status === 0 || (refusal.status >= 500 && refusal.code !== 'pay_not_configured')
    if (!passing || attempt > 3 || refusal.wait > 30) return { refusal }
    onSlow?.()
    await pause(Math.max(refusal.wait * 1000, 500 * 2 ** attempt * (0.75 + Math.random() / 2)))
  }
}

/** What the ledger knows; null when that cannot be learnt now. @type {Pay.Look} */
export async function look({ invoice, token }) {
  return (await call(`/api/invoices/${invoice}/payment`, { headers: { 'x-access-token': token } })).body ?? null
}

/** Seconds between looks, by the seconds since the first; 0: enough. @param {number} age */
export const interval = (age) => (age < 20 ? 1 : age < 80 ? 3 : age < 300 ? 10 : 0)

let current = 0

/** No more looks until the next `watch`. */
export const unwatch = () => current++

/** @type {Pay.Watch} */
export async function watch(link, seen, tired) {
  const mine = ++current
  const began = performance.now()
  const wait = () => interval((performance.now() - began) / 1000)
  for (let seconds = wait(); seconds; seconds = wait()) {
    await pause(seconds * 1000)
    const ledger = mine === current && (await look(link))
    if (mine !== current || (ledger && seen(ledger))) return
  }
  tired?.()
}
