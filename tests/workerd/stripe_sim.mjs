// The simulated Stripe against Stripe's own package: what that client sends is understood, what it expects is
// answered, and what it verifies is signed.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'

import Stripe from 'stripe'

import { startStripe } from './support/parties.mjs'

const SECRET = 'whsec_simulated'
let simulated, stripe, receiver
const received = []

before(async () => {
  simulated = await startStripe(['--settle-ms', '100', '--clear-ms', '100'])
  const { hostname: host, port } = new URL(simulated.url)
  stripe = new Stripe('sk_test_sim', { host, port, protocol: 'http', maxNetworkRetries: 1 })
  receiver = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray())
    const signature = request.headers['stripe-signature']
    const thin = request.url === '/thin'
    received.push(
      thin
        ? stripe.parseEventNotification(body, signature, SECRET)
        : stripe.webhooks.constructEvent(body, signature, SECRET),
    )
    response.end('{}')
  })
  receiver.listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  const url = `http://127.0.0.1:${receiver.address().port}`
  await simulated.sim('webhook', { url: `${url}/snapshot`, secrets: ['whsec_old', SECRET] })
  await simulated.sim('webhook', { url: `${url}/thin`, secrets: [SECRET], thin: true })
})
after(async () => {
  receiver.close()
  receiver.closeAllConnections()
  await simulated.close()
})

const intent = { amount: 1099, currency: 'eur', automatic_payment_methods: { enabled: true, allow_redirects: 'never' } }

test('an intent is made once for its key, though the first connection breaks', async () => {
  await simulated.sim('faults', [{ path: '/v1/payment_intents', kind: 'drop_after' }])
  const made = await stripe.paymentIntents.create(intent, { idempotencyKey: 'k1' })
  assert.equal(made.lastResponse.headers['idempotent-replayed'], 'true')
  const again = await stripe.paymentIntents.create(intent, { idempotencyKey: 'k1' })
  assert.equal(again.id, made.id)
  await assert.rejects(stripe.paymentIntents.create({ ...intent, amount: 5 }, { idempotencyKey: 'k1' }), {
    type: 'StripeIdempotencyError',
  })
})

test('a card pays, another is refused with its reason', async () => {
  const customer = await stripe.customers.create({ name: 'Anna', metadata: { odoo_id: '4' } })
  const paid = await stripe.paymentIntents.create({
    ...intent,
    customer: customer.id,
    confirm: true,
    payment_method: 'pm_card_visa',
    expand: ['latest_charge'],
  })
  assert.equal(paid.status, 'succeeded')
  assert.equal(paid.latest_charge.balance_transaction, null)
  const refused = { ...intent, confirm: true, payment_method: 'pm_card_visa_chargeDeclinedInsufficientFunds' }
  await assert.rejects(stripe.paymentIntents.create(refused), (error) => {
    assert.equal(error.type, 'StripeCardError')
    assert.equal(error.decline_code, 'insufficient_funds')
    assert.equal(error.payment_intent.status, 'requires_payment_method')
    return true
  })
})

test('a customer who was made is found, and found again by a search', async () => {
  const metadata = { odoo_db: 'books', odoo_id: '7' }
  const made = await stripe.customers.create({ name: 'Berta', metadata })
  const query = "metadata['odoo_db']:'books' AND metadata['odoo_id']:'7'"
  const found = await stripe.customers.search({ query })
  assert.deepEqual(
    found.data.map((customer) => customer.id),
    [made.id],
  )
  for (let n = 0; n < 3; n += 1) await stripe.paymentIntents.create({ ...intent, customer: made.id, metadata: { n } })
  const listed = await stripe.paymentIntents.list({ customer: made.id, limit: 2 }).autoPagingToArray({ limit: 10 })
  assert.deepEqual(
    listed.map((one) => one.metadata.n),
    ['2', '1', '0'],
  )
  const searched = stripe.paymentIntents.search({ query: `customer:'${made.id}'`, limit: 2 })
  assert.equal((await searched.autoPagingToArray({ limit: 10 })).length, 3)
  await stripe.customers.del(made.id)
  await assert.rejects(stripe.paymentIntents.create({ ...intent, customer: made.id }), {
    code: 'resource_missing',
    param: 'customer',
  })
})

test('a page pays with its key and the secret, and keeps the card for the customer', async () => {
  const customer = await stripe.customers.create({ name: 'Carla' })
  const asked = { enabled: true, features: { payment_method_redisplay: 'enabled', payment_method_save: 'enabled' } }
  const session = await stripe.customerSessions.create({
    customer: customer.id,
    components: { payment_element: asked },
  })
  assert.equal(session.components.payment_element.features.payment_method_save, 'enabled')
  const made = await stripe.paymentIntents.create({ ...intent, customer: customer.id, metadata: { odoo_id: '7' } })
  const page = async (number) => {
    const body = new URLSearchParams({
      key: 'pk_test_sim',
      client_secret: made.client_secret,
      setup_future_usage: 'on_session',
      'payment_method_data[type]': 'card',
      'payment_method_data[card][number]': number,
      'payment_method_data[card][exp_month]': '12',
      'payment_method_data[card][exp_year]': '34',
      'payment_method_data[card][cvc]': '123',
    })
    const headers = { origin: 'https://pay.example' }
    const answer = await fetch(`${simulated.url}/v1/payment_intents/${made.id}/confirm`, {
      method: 'POST',
      body,
      headers,
    })
    assert.equal(answer.headers.get('access-control-allow-origin'), '*')
    return answer.json()
  }
  const { error } = await page('4000000000009995')
  assert.deepEqual([error.type, error.decline_code], ['card_error', 'insufficient_funds'])
  const paid = await page('5555555555554444')
  assert.deepEqual([paid.status, paid.metadata], ['succeeded', undefined])
  const kept = await stripe.customers.listPaymentMethods(customer.id, { type: 'card' })
  assert.deepEqual(
    kept.data.map((method) => [method.id, method.card.last4]),
    [[paid.payment_method, '4444']],
  )
  const { requests } = await simulated.sim('requests')
  assert.ok(!JSON.stringify(requests).includes('5555555555554444'))
})

test('a refusal that says so is not repeated by the client', async () => {
  await simulated.sim('faults', [{ path: '/v1/payment_intents', kind: 'key_in_use', should_retry: false, times: 2 }])
  await assert.rejects(stripe.paymentIntents.create(intent, { idempotencyKey: 'k9' }), {
    code: 'idempotency_key_in_use',
  })
  await simulated.sim('faults', [{ path: '/v1/payment_intents', kind: 'key_in_use' }])
  const made = await stripe.paymentIntents.create(intent, { idempotencyKey: 'k9' })
  assert.equal(made.status, 'requires_payment_method')
})

test('the script of pages is there', async () => {
  const answer = await fetch(`${simulated.url}/endive/stripe.js`)
  assert.match(answer.headers.get('content-type'), /^text\/javascript/)
  const source = await answer.text()
  assert.doesNotThrow(() => new Function(source))
})

test('one payment of two invoices is found from either side', async () => {
  const paid = await simulated.sim('pay', { amount: 900, currency: 'usd', invoices: [{ amount: 400 }, {}] })
  const payment = { type: 'payment_intent', payment_intent: paid.payment_intent }
  const list = await stripe.invoicePayments.list({ payment })
  assert.deepEqual(list.data.map((one) => one.amount_paid).sort(), [400, 500])
  const invoice = await stripe.invoices.retrieve(paid.invoices[0], {
    expand: ['payments.data.payment.payment_intent'],
  })
  assert.equal(invoice.payments.data[0].payment.payment_intent.status, 'succeeded')
})

test('events are paged both ways in the same order', async () => {
  await setTimeout(300) // until what the tests above started has settled
  const newestFirst = await stripe.events.list({ limit: 3 }).autoPagingToArray({ limit: 1000 })
  assert.ok(newestFirst.length > 9)
  const oldest = newestFirst.at(-1).id
  const oldestFirst = await stripe.events.list({ limit: 3, ending_before: oldest }).autoPagingToArray({ limit: 1000 })
  assert.deepEqual(
    oldestFirst.map((event) => event.id),
    newestFirst
      .slice(0, -1)
      .map((event) => event.id)
      .reverse(),
  )
})

test('every event arrives signed, as a snapshot and thin', async () => {
  const events = await stripe.events.list({ limit: 100 }).autoPagingToArray({ limit: 1000 })
  for (let tries = 0; received.length < 2 * events.length && tries < 100; tries += 1) await setTimeout(50)
  const snapshots = received.filter((event) => event.object === 'event')
  const thin = received.filter((event) => event.object === 'v2.core.event')
  assert.deepEqual(snapshots.map((event) => event.id).sort(), events.map((event) => event.id).sort())
  assert.deepEqual(thin.map((event) => event.snapshot_event).sort(), events.map((event) => event.id).sort())
  const { deliveries } = await simulated.sim('deliveries')
  assert.ok(deliveries.every((delivery) => delivery.state === 'delivered'))
})
