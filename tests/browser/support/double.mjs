// A double of the operator's API, made of the examples of docs/ADMIN.md: it serves the page as the Worker does.

import { readFile } from 'node:fs/promises'
import { once } from 'node:events'
import { createServer } from 'node:http'

import { examples } from '../../page/support/contract.mjs'

export const TOKEN = 'operator-token-of-the-double-0123456789'
const PUBLIC = new URL('../../../public/', import.meta.url)
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
const MEDIA = { js: 'text/javascript', css: 'text/css' }
const OPEN = ['received', 'claimed', 'failed', 'waiting']

const said = (status, body, headers = {}) => ({
  status,
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json', ...headers },
})
export const refusal = (status, code, { detail, headers } = {}) =>
  said(status, { error: { code, message: `The sentence of ${code}.`, detail } }, headers)

/** What stands in the double, to be changed by a test: its answers, who is signed in, and what goes wrong. */
function world() {
  const { health, events, story, charts, session, acted, assigned } = examples()
  return {
    ways: 'token access',
    signedIn: true,
    session,
    // The document shortens its example.
    csrf: '5f1c0123456789abcdef',
    health,
    events: events.events,
    page: 50,
    story,
    charts,
    acted,
    assigned,
    unallocated: [],
    audit: [],
    /** What came: method, path and body. */
    asked: [],
    /** Path begins with it → an answer in place of the true one; `null` hangs up. */
    faults: new Map(),
  }
}

/** Answers a path under `/admin`. */
function answer(it, method, url, body, headers) {
  const [, , ...parts] = url.pathname.split('/').map(decodeURIComponent)
  if (url.pathname === '/admin/session' && method === 'POST') {
    if (body.token !== TOKEN) return refusal(401, 'admin_unauthorized')
    it.signedIn = true
    it.session = { ...it.session, who: `token:${body.name}` }
    return said(200, { ...it.session, csrf: it.csrf })
  }
  if (!it.signedIn) return refusal(401, 'admin_unauthorized')
  if (method !== 'GET' && headers['x-csrf-token'] !== it.csrf) return refusal(403, 'csrf_invalid')
  if (url.pathname === '/admin/session') {
    if (method === 'DELETE') it.signedIn = false
    return said(200, method === 'DELETE' ? { ended: true } : { ...it.session, csrf: it.csrf })
  }
  const [, name, id, action] = parts
  if (method === 'POST') return act(it, name === 'postings' ? id : action, body, id)
  if (name === 'events' && id) return id === it.story.event.id ? said(200, it.story) : refusal(404, 'not_found')
  if (name === 'events') return list(it, url.searchParams)
  if (name === 'unallocated') return said(200, { postings: it.unallocated })
  if (name === 'audit') return said(200, { audit: it.audit, next: null })
  return name === 'health' || name === 'charts' ? said(200, it[name]) : refusal(404, 'not_found')
}

function list({ events, page }, query) {
  const states = query.get('state') === 'open' ? OPEN : [query.get('state')]
  const word = query.get('q')
  const fits = ({ state, type, id, subject }) =>
    (!query.get('state') || states.includes(state)) &&
    type.startsWith(query.get('type') ?? '') &&
    (!word || [id, subject].includes(word))
  const from = Number(query.get('before') ?? 0)
  const found = events.filter(fits)
  return said(200, {
    events: found.slice(from, from + page),
    next: from + page < found.length ? `${from + page}` : null,
  })
}

function act(it, action, body, id) {
  it.audit.unshift({
    at: it.health.now,
    who: it.session.who,
    action,
    target: body.key ?? id,
    reason: body.reason,
    outcome: 'received',
  })
  if (action === 'assign') return said(200, { ...it.assigned, key: body.key })
  if (action === 'dismiss') return said(200, { key: body.key, outcome: 'dismissed' })
  it.story.event.state = { replay: 'done', park: 'parked', ignore: 'ignored' }[action]
  return said(200, { ...it.acted, id })
}

/** Starts it; `it` is what tests change. */
export async function startDouble() {
  const double = { it: world(), url: '' }
  const server = createServer(async (request, response) => {
    const { it } = double
    const url = new URL(request.url, double.url)
    const file = /^\/assets\/([\w-]+\.(js|css))$/.exec(url.pathname)
    if (file) {
      response.writeHead(200, { 'content-type': MEDIA[file[2]] }).end(await readFile(new URL(file[0].slice(1), PUBLIC)))
      return
    }
    if (url.pathname === '/admin') {
      const shell = await readFile(new URL('admin.html', PUBLIC), 'utf8')
      response.writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': POLICY,
        'referrer-policy': 'no-referrer',
      })
      response.end(shell.replace('{{WAYS}}', it.ways))
      return
    }
    const text = (await request.toArray()).join('')
    const body = text ? JSON.parse(text) : undefined
    it.asked.push({ method: request.method, path: url.pathname, body })
    const [, fault] = [...it.faults].find(([path]) => url.pathname.startsWith(path)) ?? []
    if (fault === null) return request.socket.destroy()
    const { status, headers, body: out } = fault ?? answer(it, request.method, url, body, request.headers)
    response.writeHead(status, { 'cache-control': 'no-store', ...headers }).end(out)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  double.url = `http://127.0.0.1:${server.address().port}`
  return Object.assign(double, {
    /** As it was at the beginning. */
    renew: () => (double.it = world()),
    async close() {
      server.close()
      server.closeAllConnections()
    },
  })
}
