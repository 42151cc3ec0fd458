// What people write today: Stripe's own package verifies, the event's row goes into D1.

import Stripe from 'stripe'

const SQL = 'INSERT INTO events (id, body) VALUES (?1, ?2) ON CONFLICT (id) DO NOTHING'
const HEADERS = { 'content-type': 'application/json; charset=utf-8' }
const stripe = new Stripe('sk_test_of_the_benchmark', { httpClient: Stripe.createFetchHttpClient() })
const crypto = Stripe.createSubtleCryptoProvider()

export default {
  async fetch(request, env) {
    const body = await request.text()
    let event
    try {
      const signature = request.headers.get('stripe-signature')
      event = await stripe.webhooks.constructEventAsync(body, signature, env.STRIPE_WEBHOOK_SECRETS, undefined, crypto)
    } catch (error) {
      return new Response(error.message, { status: 400 })
    }
    await env.DB.prepare(SQL).bind(event.id, body).run()
    return new Response('{"received":true}', { headers: HEADERS })
  },
}
