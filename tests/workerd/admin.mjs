// The operator's doors in real workerd: sessions, rate limits and WebCrypto are the platform's own.

import assert from 'node:assert/strict'
import { createSign, generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'

import { SECRET } from './support/index.mjs'
import { startWithBooks } from './support/books.mjs'

const TOKEN = 'admin-token-of-the-workerd-tests-0123'
const KEYS = generateKeyPairSync('rsa', { modulusLength: 2048 })
const OTHER = generateKeyPairSync('rsa', { modulusLength: 2048 })

let quittance
let team
before(async () => {
  const keys = [{ ...KEYS.publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256', use: 'sig' }]
  team = createServer((request, response) => {
    response.writeHead(request.url === '/cdn-cgi/access/certs' ? 200 : 404, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ keys }))
  })
  await once(team.listen(0, '127.0.0.1'), 'listening')
  team.url = `http://127.0.0.1:${team.address().port}`
  quittance = await startWithBooks({
    secrets: { ADMIN_TOKEN: TOKEN, ACCESS_TEAM: team.url, ACCESS_AUDIENCE: 'aud' },
  })
  const url = new URL('/webhooks/stripe', quittance.url).href
  await quittance.stripe.sim('webhook', { url, secrets: [SECRET] })
})
after(async () => {
  team?.close()
  await quittance?.close()
})

const ask = (path, init = {}) => fetch(new URL(path, quittance.url), { redirect: 'manual', ...init })
const bearer = { authorization: `Bearer ${TOKEN}` }

test('a session from sign-in to sign-out', async () => {
  const wrong = await ask('/admin/session', { method: 'POST', body: JSON.stringify({ token: 'wrong' }) })
  assert.equal(wrong.status, 401)
  const signed = await ask('/admin/session', { method: 'POST', body: JSON.stringify({ token: TOKEN, name: 'Ada' }) })
  assert.equal(signed.status, 200)
  const cookie = signed.headers.get('set-cookie')
  assert.match(cookie, /^quittance_admin=[0-9a-f]{64}; Path=\/admin; Max-Age=28800; HttpOnly; Secure; SameSite=Strict$/)
  const headers = { cookie: cookie.split(';')[0] }
  const { csrf, who } = await signed.json()
  assert.equal(who, 'token:Ada')
  assert.equal((await ask('/admin/api/health', { headers })).status, 200)
  const bare = await ask('/admin/session', { method: 'DELETE', headers })
  assert.equal(bare.status, 403)
  const out = await ask('/admin/session', { method: 'DELETE', headers: { ...headers, 'x-csrf-token': csrf } })
  assert.equal(out.status, 200)
  assert.equal((await ask('/admin/api/health', { headers })).status, 401)
})

test('the ledger answers in JSON that SQLite made', async () => {
  const health = await (await ask('/admin/api/health', { headers: bearer })).json()
  assert.equal(Number.isInteger(health.now), true)
  assert.deepEqual(health.counts, { received: 0, claimed: 0, waiting: 0, failed: 0, parked: 0, unallocated: 0 })
  const invoice = await quittance.invoice('42.00')
  const paid = await quittance.stripe.sim('pay', { amount: 4200, currency: 'usd', metadata: invoice.metadata })
  const succeeded = await quittance.db
    .prepare("SELECT id FROM inbox WHERE subject = ?1 AND type = 'payment_intent.succeeded'")
    .bind(paid.payment_intent)
  const event = await eventuallyFirst(succeeded)
  await quittance.settled(event.id)
  const list = await (await ask(`/admin/api/events?q=${encodeURIComponent(invoice.name)}`, { headers: bearer })).json()
  assert.ok(
    list.events.some(({ id }) => id === event.id),
    JSON.stringify(list),
  )
  const story = await (await ask(`/admin/api/events/${event.id}`, { headers: bearer })).json()
  assert.equal(story.event.state, 'done')
  assert.equal(story.postings[0].kind, 'paid')
  assert.deepEqual(story.actions, ['replay'])
  const replayed = await ask(`/admin/api/events/${event.id}/replay`, {
    method: 'POST',
    headers: bearer,
    body: '{"reason":"try"}',
  })
  assert.deepEqual(await replayed.json(), { id: event.id, state: 'received' })
  await quittance.settled(event.id)
  const { audit } = await (await ask('/admin/api/audit', { headers: bearer })).json()
  assert.equal(audit[0].action, 'replay')
  const charts = await (await ask('/admin/api/charts', { headers: bearer })).json()
  assert.equal(
    charts.hours.reduce((sum, hour) => sum + hour.postings, 0),
    1,
  )
  const metrics = await ask('/metrics', { headers: bearer })
  assert.match(metrics.headers.get('content-type'), /^text\/plain; version=0\.0\.4/)
  assert.match(await metrics.text(), /^quittance_postings_total \d+$/m)
})

test('JWTs of Access are verified by WebCrypto', async () => {
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: team.url, aud: ['aud'], email: 'eve@example.com', iat: now, exp: now + 600 }
  const see = (jwt) => ask('/admin/session', { headers: { 'cf-access-jwt-assertion': jwt } })
  const good = await see(sign(claims))
  assert.equal(good.status, 200)
  assert.equal((await good.json()).who, 'access:eve@example.com')
  for (const [what, jwt] of Object.entries({
    forged: sign(claims, OTHER.privateKey),
    expired: sign({ ...claims, exp: now - 1 }),
    elsewhere: sign({ ...claims, aud: ['other'] }),
    unsigned: `${sign(claims).split('.').slice(0, 2).join('.')}.`,
    cut: sign(claims).slice(0, -8),
  })) {
    assert.equal((await see(jwt)).status, 401, what)
  }
})

test('the page, and nothing where nobody asked for it', async () => {
  const page = await ask('/admin')
  assert.equal(page.status, 200)
  assert.match(page.headers.get('content-security-policy'), /^default-src 'none'/)
  assert.match(await page.text(), /data-ways="token access"/)
  assert.equal((await ask('/admin/api/health')).status, 401)
})

test('the platform counts attempts to sign in', async () => {
  const codes = []
  for (let n = 0; n < 14; n += 1) {
    codes.push((await ask('/admin/session', { method: 'POST', body: '{"token":"wrong"}' })).status)
  }
  assert.equal(codes.at(-1), 429)
})

function sign(claims, key = KEYS.privateKey) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${part({ alg: 'RS256', kid: 'one', typ: 'JWT' })}.${part(claims)}`
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(key, 'base64url')}`
}

async function eventuallyFirst(statement) {
  for (let n = 0; n < 200; n += 1) {
    const row = await statement.first()
    if (row) return row
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('no such row')
}
