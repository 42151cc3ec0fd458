// The calls of the operator's page to its own server.

/** An answer other than 2xx. Status 0: none at all, or none that can be read. */
export class Trouble extends Error {
  /** @param {number} status @param {string} code @param {string} [message] @param {string} [detail] @param {number} [wait] seconds */
  constructor(status, code, message = '', detail = '', wait = 0) {
    super(message)
    this.status = status
    this.code = code
    // Where there is no more to say, the API says the sentence again.
    this.detail = detail === message ? '' : detail
    this.wait = wait
  }
  /** Nobody is signed in any more. */
  get ended() {
    return this.status === 401
  }
}

/** How long an answer may take, in milliseconds: an action may have the ERP do something. */
const PATIENCE = { GET: 20_000, POST: 60_000, DELETE: 20_000 }

let csrf = ''

/** @param {string} path @param {keyof typeof PATIENCE} method @param {unknown} [body] */
async function call(path, method, body) {
  /** @type {Record<string, string>} */
  const headers = body === undefined ? {} : { 'content-type': 'application/json' }
  if (method !== 'GET') headers['x-csrf-token'] = csrf
  /** @type {Response} */
  let answer
  let said
  try {
    const signal = AbortSignal.timeout(PATIENCE[method])
    // Cloudflare Access answers an ended session with a redirect to its own sign-in, which is not for a script.
    answer = await fetch(path, {
      method,
      headers,
      body: JSON.stringify(body),
      cache: 'no-store',
      redirect: 'manual',
      signal,
    })
    if (answer.type === 'opaqueredirect') throw new Trouble(401, 'access_ended')
    said = await answer.json()
  } catch (error) {
    if (error instanceof Trouble) throw error
    throw new Trouble(0, 'no_answer')
  }
  if (answer.ok) return said
  const { code = '', message, detail } = said?.error ?? {}
  throw new Trouble(answer.status, code, message, detail, Number(answer.headers.get('retry-after')) || 0)
}

/** Reads. @param {string} path below `/admin/api` @param {Record<string, string | null | undefined>} [query] empty ones are left out */
export function read(path, query = {}) {
  const pairs = Object.entries(query).flatMap(([name, value]) => (value ? [[name, value]] : []))
  const text = `${new URLSearchParams(pairs)}`
  return call(`/admin/api/${path}${text && `?${text}`}`, 'GET')
}

/** Changes something. A CSRF token that has changed is read again, once. @param {string} path @param {unknown} body */
export async function send(path, body) {
  try {
    return await call(`/admin/api/${path}`, 'POST', body)
  } catch (error) {
    if (!(error instanceof Trouble) || error.code !== 'csrf_invalid') throw error
    await session()
    return call(`/admin/api/${path}`, 'POST', body)
  }
}

/** @param {Admin.Session} session */
function keep(session) {
  csrf = session.csrf ?? ''
  return session
}

/** Who is signed in. @returns {Promise<Admin.Session>} */
export const session = async () => keep(await call('/admin/session', 'GET'))

/** @param {string} token @param {string} name @returns {Promise<Admin.Session>} */
export const signIn = async (token, name) => keep(await call('/admin/session', 'POST', { token, name }))

export const signOut = () => call('/admin/session', 'DELETE')
