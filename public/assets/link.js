// The pay link. Its token leaves the address bar at once, so that it is neither seen nor copied nor sent on; the tab
// remembers it in its history entry, which survives a reload.

const NAME = 'quittance'

const stored = () => {
  try {
    return JSON.parse(sessionStorage[NAME])
  } catch {
    return null
  }
}

/** @returns {Pay.Link} */
export function readLink() {
  const query = new URLSearchParams(location.search)
  const invoice = Number(/^\/pay\/(\d{1,15})$/.exec(location.pathname)?.[1] ?? 0)
  const kept = [history.state?.[NAME], stored()].find((link) => link?.invoice === invoice) ?? {}
  forgetReturn()
  const link = {
    invoice,
    token: query.get('access_token') ?? kept.token ?? '',
    database: query.get('db') ?? kept.database ?? null,
    lang: query.get('lang'),
    secret: query.get('payment_intent_client_secret') ?? kept.secret ?? null,
    key: kept.key ?? null,
    receipt: kept.receipt ?? null,
  }
  remember(link)
  return link
}

/** @param {Pay.Link} link */
export const remember = (link) => history.replaceState({ [NAME]: link }, '', address(link))

/** Coming back from a bank's page makes a new history entry. @param {Pay.Link} link */
export function keepForReturn(link) {
  try {
    sessionStorage[NAME] = JSON.stringify(link)
  } catch {
    // Where storage is forbidden, the page says on return that the link must be opened again.
  }
}

export function forgetReturn() {
  try {
    delete sessionStorage[NAME]
  } catch {}
}

/** The page's address without the token. @param {Pay.Link} link */
export const address = ({ invoice, lang }) =>
  `${location.origin}/pay/${invoice}${lang ? `?lang=${encodeURIComponent(lang)}` : ''}`

/** The whole link, to open the page in another tab. @param {Pay.Link} link */
export function fullAddress(link) {
  const url = new URL(address(link))
  url.searchParams.set('access_token', link.token)
  if (link.database) url.searchParams.set('db', link.database)
  return url.href
}

// In a frame: what the page tells the one around it.

export const inFrame = parent !== window

function listener() {
  const meta = document.querySelector('meta[name="quittance-embed-origins"]')?.getAttribute('content')
  const outer = location.ancestorOrigins?.[0] ?? (document.referrer && new URL(document.referrer).origin)
  return inFrame && meta?.split(' ').includes(outer) ? outer : null
}

const outer = listener()

/** The page around this one listens: Cancel and Done mean that it takes the frame away. */
export const framed = outer !== null

/** @param {Pay.Message} message */
export const tell = (message) => outer && parent.postMessage(message, outer)

export const close = () => tell({ type: 'quittance:close' })
