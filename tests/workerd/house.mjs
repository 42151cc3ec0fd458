// Threats that only the platform can show: what reaches the Worker of odd paths, compressed bodies and floods.

import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { createServer, request } from 'node:http'
import { after, before, test } from 'node:test'
import { createGzip, gzipSync } from 'node:zlib'

import { eventually, hurry, paymentEvent, post, SECRET, start, SWEEP, cron } from './support/index.mjs'

let quittance
before(async () => {
  quittance = await start()
})
after(() => quittance?.close())

/** Sends a path as it stands: fetch would tidy it up. */
function raw(path, { method = 'GET', headers = {} } = {}) {
  const { hostname, port } = new URL(quittance.url)
  return new Promise((resolve, reject) => {
    const asking = request({ hostname, port, path, method, headers }, async (answer) => {
      const chunks = []
      for await (const chunk of answer) chunks.push(chunk)
      resolve({ status: answer.statusCode, headers: answer.headers, text: Buffer.concat(chunks).toString() })
    })
    asking.on('error', reject)
    asking.end()
  })
}

test('no spelling of a path leads out of public/', async () => {
  for (const path of [
    '/../wrangler.toml',
    '/assets/../../wrangler.toml',
    '/assets/..%2f..%2fwrangler.toml',
    '/assets/%2e%2e/%2e%2e/wrangler.toml',
    '/assets/....//....//wrangler.toml',
    '//etc/passwd',
    '/.dev.vars',
    '/.assetsignore',
    '/pay.html',
    '/types.d.ts',
    '/src/glue/entry.mjs',
    '/build/core_bg.wasm',
  ]) {
    const { status, text } = await raw(path)
    assert.notEqual(status, 200, path)
    assert.ok(status < 500 && !/database_id|root:|STRIPE_API_KEY/.test(text), path)
  }
})

/** A good signature of bytes that are no text. */
function signed(body) {
  const now = Math.floor(Date.now() / 1000)
  return `t=${now},v1=${createHmac('sha256', SECRET).update(`${now}.`).update(body).digest('hex')}`
}

test('a compressed body is never unpacked', async () => {
  const payload = gzipSync(paymentEvent('packed'))
  const bomb = gzipSync(Buffer.alloc(32 << 20))
  for (const body of [payload, bomb]) {
    const answer = await fetch(new URL('/webhooks/stripe', quittance.url), {
      method: 'POST',
      body,
      headers: { 'stripe-signature': signed(body), 'content-encoding': 'gzip' },
    })
    assert.equal(answer.status, 400)
    assert.equal((await answer.json()).error.code, 'body_invalid')
  }
  const { results } = await quittance.db.prepare("SELECT id FROM inbox WHERE id = 'evt_packed'").all()
  assert.deepEqual(results, [])
})

test('a flood of headers is answered and stops nobody', async () => {
  const headers = Object.fromEntries(Array.from({ length: 90 }, (_, n) => [`x-flood-${n}`, 'y'.repeat(100)]))
  assert.equal((await raw('/health', { headers })).status, 200)
  const signature = `t=${Math.floor(Date.now() / 1000)}${`,v1=${'0'.repeat(64)}`.repeat(150)}`
  const answer = await post(quittance.url, paymentEvent('flood'), { signature })
  assert.equal(answer.status, 400)
  assert.equal(answer.headers.get('x-content-type-options'), 'nosniff')
  assert.equal((await post(quittance.url, paymentEvent('after'))).status, 200)
})

test('webhooks are never limited by address', async () => {
  for (let round = 0; round < 8; round += 1) {
    const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => post(quittance.url, paymentEvent(`burst${n}`))))
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
  }
})

/** A Stripe and an Odoo in one, whose answers have no end until they are mended. */
async function endless() {
  const sent = { stripe: 0, odoo: 0, broken: 0 }
  const piece = Buffer.alloc(1 << 20, 32)
  const party = { sent, mended: false }
  const server = createServer((asked, answer) => {
    const stripe = asked.url.startsWith('/v1/')
    if (stripe && party.mended) return answer.end('{"id": "acct_1"}')
    // Stripe's is packed a thousandfold: what counts is what it unpacks to.
    answer.writeHead(200, { 'content-type': 'application/json', ...(stripe && { 'content-encoding': 'gzip' }) })
    const to = stripe ? createGzip() : answer
    if (stripe) to.pipe(answer)
    const more = () => {
      while (!answer.destroyed && to.write(piece)) sent[stripe ? 'stripe' : 'odoo'] += piece.length
    }
    to.on('drain', more)
    answer.on('close', () => (sent.broken += 1))
    more()
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(party, {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () => (server.closeAllConnections(), server.close()),
  })
}

test('of an answer that has no end only the beginning is read', async () => {
  const party = await endless()
  const vars = { STRIPE_API_BASE: party.url, ODOO_URL: party.url, ODOO_DB: 'd', ODOO_LOGIN: 'l', BOOK_FROM: '0' }
  const secrets = { STRIPE_API_KEY: 'sk_test_of_the_house_01', ODOO_API_KEY: 'key_of_the_house_01' }
  const worker = await start({ vars, secrets })
  const code = (name) =>
    eventually(async () => {
      await hurry(worker.db)
      await cron(worker.worker, SWEEP)
      const { code } = await worker.db.prepare('SELECT code FROM delivery').first()
      return code === name
    })
  try {
    assert.equal((await post(worker.url, paymentEvent('endless'))).status, 200)
    await code('stripe_answer_too_large')
    party.mended = true
    await code('erp_answer_too_large')
    assert.ok(party.sent.broken >= 2, 'what is not wanted is broken off')
    assert.ok(party.sent.odoo > 8 << 20 && party.sent.odoo < 64 << 20, `${party.sent.odoo} bytes of one answer or a few`)
    assert.equal((await post(worker.url, paymentEvent('after_it'))).status, 200)
  } finally {
    await worker.close()
    party.close()
  }
})
