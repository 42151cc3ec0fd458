// The pay link: which invoice, and the token that opens it. The token leaves the address bar at once, so that it is
// neither seen nor copied nor sent on; the tab remembers it in its history entry, which survives a reload.

/**
 * What the payer may see again after a reload; the server does not know the method.
 * @typedef {{ id: string, method: string | null, at: number | null }} Receipt
 */

/**
 * @typedef {object} Link
 * @property {number} invoice
 * @property {string} token     empty when the page came back from a bank without it
 * @property {string | null} database
 * @property {string | null} lang
 * @property {string | null} secret  client secret of a payment that a redirect brought back
 * @property {string | null} key     publishable key that the payment was begun with
 * @property {Receipt | null} receipt
 */

const KEY = 'quittance'

/** Reads the address and cleans it. @returns {Link} */
export function readLink() {
  const { pathname, search } = location
  const query = new URLSearchParams(search)
  const kept = { ...stored(), ...history.state?.[KEY] }
  const invoice = Number(/^\/pay\/(\d{1,15})\/?$/.exec(pathname)?.[1] ?? 0)
  const same = kept.invoice === invoice
  /** @type {Link} */
  const link = {
    invoice,
    token: query.get('access_token') ?? (same ? kept.token : null) ?? '',
    database: query.get('db') ?? (same ? kept.database : null) ?? null,
    lang: query.get('lang'),
    secret: query.get('payment_intent_client_secret'),
    key: (same ? kept.key : null) ?? null,
    receipt: (same ? kept.receipt : null) ?? null,
  }
  link.secret ??= (same && !link.token ? kept.secret : null) ?? null
  sessionStorage.removeItem(KEY)
  remember(link)
  return link
}

/** Keeps the link in this tab's history entry, under an address that gives nothing away. @param {Link} link */
export function remember(link) {
  history.replaceState({ ...history.state, [KEY]: link }, '', address(link))
}

/** Before a payment that may leave for a bank's page: coming back makes a new history entry. @param {Link} link */
export function keepForReturn({ invoice, token, database, key }) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ invoice, token, database, key }))
  } catch {
    // Storage may be forbidden; the page then says on return that the link must be opened again.
  }
}

export const forgetReturn = () => sessionStorage.removeItem(KEY)

/** The page's address without the token. @param {Link} link */
export const address = ({ invoice, lang }) => `${location.origin}/pay/${invoice}${lang ? `?lang=${encodeURIComponent(lang)}` : ''}`

/** The whole link, to open the page in another tab. @param {Link} link */
export function fullAddress(link) {
  const url = new URL(address(link))
  url.searchParams.set('access_token', link.token)
  if (link.database) url.searchParams.set('db', link.database)
  return url.href
}

function stored() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? '{}')
  } catch {
    return {}
  }
}
