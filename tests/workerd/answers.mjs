// Answers without an end, of whoever is in the place of Stripe and of Odoo: only their beginning is read.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { createGzip } from 'node:zlib'

import { eventually, paymentEvent, post, SWEEP } from './support/index.mjs'
import { Installation } from './support/process.mjs'

const PIECE = Buffer.alloc(1 << 20, 32)
/** What the Worker reads of one answer, in bytes: `ANSWER_BYTES_MAX` in src/ports.rs. */
const MOST = 8 << 20

/** Both parties in one. Odoo has no end; Stripe neither until it is mended, and is packed a thousandfold besides. */
class Endless {
  mended = false
  /** What each answer has sent, before it was packed, and those that were broken off. */
  sent = { stripe: [], odoo: [] }
  broken = 0

  async listen() {
    this.server = createServer((asked, answer) =>
      this.#answer(asked.url.startsWith('/v1/') ? 'stripe' : 'odoo', answer),
    )
    await new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve))
    this.url = `http://127.0.0.1:${this.server.address().port}`
  }

  #answer(who, answer) {
    if (who === 'stripe' && this.mended) return answer.end('{"id": "acct_1"}')
    const packed = who === 'stripe'
    answer.writeHead(200, { 'content-type': 'application/json', ...(packed && { 'content-encoding': 'gzip' }) })
    const to = packed ? createGzip() : answer
    if (packed) to.pipe(answer)
    const at = this.sent[who].push(0) - 1
    const more = () => {
      let goes = !answer.destroyed
      while (goes) {
        goes = to.write(PIECE) && !answer.destroyed
        this.sent[who][at] += PIECE.length
      }
    }
    to.on('drain', more)
    answer.on('close', () => (this.broken += 1))
    more()
  }

  close() {
    this.server.closeAllConnections()
    this.server.close()
  }
}

const party = new Endless()
let quittance
before(async () => {
  await party.listen()
  quittance = new Installation('answers', {
    STRIPE_API_KEY: 'sk_test_of_the_answers',
    STRIPE_API_BASE: party.url,
    ODOO_URL: party.url,
    ODOO_DB: 'd',
    ODOO_LOGIN: 'l',
    ODOO_API_KEY: 'key_of_the_answers_01',
    BOOK_FROM: '0',
  })
  await quittance.start()
})
after(async () => {
  await quittance?.stop()
  party.close()
})

const pausedBy = (code) =>
  eventually(() => quittance.query('SELECT code FROM delivery')[0].code === code, { every: 500 })

test('of an answer that has no end only the beginning is read', async () => {
  const metadata = { odoo_db: 'd', odoo_model: 'account.move', odoo_id: '7' }
  assert.equal((await post(quittance.url, paymentEvent('endless', { object: { metadata } }))).status, 200)
  await pausedBy('stripe_answer_too_large')
  party.mended = true
  quittance.query('UPDATE delivery SET paused_until = 0')
  assert.equal((await quittance.cron(SWEEP)).status, 200)
  await pausedBy('erp_answer_too_large')
  const answers = [...party.sent.stripe, ...party.sent.odoo]
  // What is not wanted is broken off, and what was on its way by then is no more than buffers hold.
  await eventually(() => party.broken >= answers.length)
  for (const sent of answers) assert.ok(sent >= MOST && sent < 16 * MOST, `${sent} bytes of one answer`)
  assert.equal((await post(quittance.url, paymentEvent('after_it'))).status, 200)
})
