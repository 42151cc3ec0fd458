// Threats that only the platform can show: what reaches the Worker of odd paths, compressed bodies and floods.

import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { request } from 'node:http'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'

import { paymentEvent, post, SECRET, start } from './support/index.mjs'

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
  // What is signed is kept as the bytes that it is: nothing of it is an event.
  const payload = gzipSync(paymentEvent('packed'))
  const bomb = gzipSync(Buffer.alloc(32 << 20))
  for (const body of [payload, bomb]) {
    const answer = await fetch(new URL('/webhooks/stripe', quittance.url), {
      method: 'POST',
      body,
      headers: { 'stripe-signature': signed(body), 'content-encoding': 'gzip' },
    })
    assert.equal(answer.status, 200)
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
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => post(quittance.url, paymentEvent(`burst${n}`))),
    )
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
  }
})
