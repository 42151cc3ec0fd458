// The pay page's API in real workerd: D1, rate limits, static files and the answers' headers are the platform's own.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { eventually, SECRET } from './support/index.mjs'
import { startWithBooks } from './support/books.mjs'

const ORIGIN = 'https://books.example.com'

let quittance
before(async () => {
  quittance = await startWithBooks({ secrets: { STRIPE_PUBLISHABLE_KEY: 'pk_test_sim', EMBED_ORIGINS: ORIGIN } })
  const url = new URL('/webhooks/stripe', quittance.url).href
  await quittance.stripe.sim('webhook', { url, secrets: [SECRET] })
})
after(() => quittance?.close())

const get = (path, headers = {}) => fetch(new URL(path, quittance.url), { headers })
const ask = (invoice, more = {}) =>
  fetch(new URL('/api/payment-intents', quittance.url), {
    method: 'POST',
    body: JSON.stringify({ invoice: invoice.id, access_token: invoice.access_token, ...more }),
  })

/** The payer's browser, as far as Stripe sees it. */
async function confirm(payment) {
  const answer = await fetch(`${quittance.stripe.url}/v1/payment_intents/${payment.id}/confirm`, {
    method: 'POST',
    headers: { authorization: `Bearer ${payment.publishable_key}` },
    body: new URLSearchParams({
      client_secret: payment.client_secret,
      'payment_method_data[type]': 'card',
      'payment_method_data[card][number]': '4242424242424242',
      'payment_method_data[card][exp_month]': '12',
      'payment_method_data[card][exp_year]': '2040',
      'payment_method_data[card][cvc]': '123',
    }),
  })
  assert.equal(answer.status, 200, await answer.clone().text())
}

test('from the first request to the posting that the page polls for', async () => {
  const invoice = await quittance.invoice('42.00')
  const answer = await ask(invoice)
  assert.equal(answer.status, 200)
  assert.equal(answer.headers.get('cache-control'), 'no-store')
  assert.equal(answer.headers.get('access-control-allow-origin'), null)
  const { state, payment } = await answer.json()
  assert.equal(state, 'open')
  await confirm(payment)
  const status = () =>
    get(`/api/invoices/${invoice.id}/payment`, { 'x-access-token': invoice.access_token }).then((r) => r.json())
  const booked = await eventually(async () => {
    const seen = await status()
    return seen.state === 'booked' && seen
  })
  assert.equal(booked.payment, payment.id)
  assert.equal((await quittance.odoo.sim(`invoices/${invoice.id}`)).residual, '0.00')
  const [mine, ...more] = (await quittance.odoo.sim('payments')).filter(({ memo }) => memo.includes(payment.id))
  assert.deepEqual(more, [])
  assert.equal(mine.name, booked.booked.name)
  assert.equal((await (await ask(invoice)).json()).state, 'paid')
})

test('ten at once are given one PaymentIntent', async () => {
  const invoice = await quittance.invoice('10.00')
  const answers = await Promise.all(Array.from({ length: 10 }, () => ask(invoice).then((r) => r.json())))
  // Whoever meets Stripe's lock on the key is told to ask again.
  const open = answers.filter(({ state }) => state === 'open')
  assert.ok(open.length > 0, JSON.stringify(answers))
  assert.ok(
    answers.every((a) => a.state === 'open' || a.error.code === 'stripe_unavailable'),
    JSON.stringify(answers),
  )
  assert.equal(new Set(open.map(({ payment }) => payment.id)).size, 1)
  const { results } = await quittance.db
    .prepare('SELECT attempt FROM intents WHERE invoice = ?1')
    .bind(invoice.id)
    .all()
  assert.equal(results.length, 1)
})

test('the platform counts requests', async () => {
  const invoice = await quittance.invoice('11.00')
  const codes = []
  for (let n = 0; n < 34; n += 1) {
    const answer = await ask(invoice, { access_token: 'wrong' })
    codes.push(answer.status)
    if (answer.status === 429) assert.ok(Number(answer.headers.get('retry-after')) > 0)
  }
  assert.equal(codes[0], 404)
  assert.equal(codes.at(-1), 429)
})

test('the shell, its files, and nothing else of public/', async () => {
  const shell = await get('/pay/1?access_token=x')
  assert.equal(shell.status, 200)
  assert.match(shell.headers.get('content-security-policy'), new RegExp(`frame-ancestors ${ORIGIN};`))
  assert.equal(shell.headers.get('referrer-policy'), 'strict-origin')
  const html = await shell.text()
  const files = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path)
  assert.ok(files.length >= 2, html)
  for (const path of files) assert.equal((await get(path)).status, 200, path)
  assert.match(await (await get('/embed.js')).text(), /\["https:\/\/books\.example\.com"\]/)
  for (const path of ['/pay.html', '/tsconfig.json', '/.assetsignore'])
    assert.equal((await get(path)).status, 404, path)
})
