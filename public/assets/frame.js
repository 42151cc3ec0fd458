// When the page stands in a frame: what it tells the page around it.

const allowed = () =>
  (document.querySelector('meta[name="quittance-embed-origins"]')?.getAttribute('content') ?? '').split(/\s+/).filter(Boolean)

/** The origin of the page around this one if it may hear of payments, else null. */
function listener() {
  if (parent === window) return null
  const outer = location.ancestorOrigins?.[0] ?? (URL.canParse(document.referrer) ? new URL(document.referrer).origin : '')
  return allowed().includes(outer) ? outer : null
}

const origin = listener()

/** In a frame whose owner listens: Cancel and Done mean that it takes the frame away. */
export const framed = origin !== null
/** In any frame: pages of banks refuse to be framed. */
export const inFrame = parent !== window

/** @param {Record<string, unknown> & { type: `quittance:${'ready' | 'busy' | 'paid' | 'close'}` }} message */
export function tell(message) {
  if (origin) parent.postMessage(message, origin)
}

/** Nothing more is wanted of this page. */
export const close = () => tell({ type: 'quittance:close' })
