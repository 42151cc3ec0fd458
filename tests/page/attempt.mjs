// What one press of Pay comes to, for everything that Stripe.js may answer.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { ask, attempt, methodOf } from '../../public/assets/stripe.js'
import { interval } from '../../public/assets/api.js'

const intent = (status, more = {}) => ({ id: 'pi_1', status, last_payment_error: null, payment_method: null, ...more })

async function press({ fields = {}, confirm, retrieve = new Error('not asked') }) {
  const sent = []
  const answer = async (what) => {
    if (what instanceof Error) throw what
    return what
  }
  const stripe = {
    confirmPayment(options) {
      sent.push(options)
      return answer(confirm)
    },
    retrievePaymentIntent: () => answer(retrieve),
  }
  const result = await attempt(stripe, { submit: async () => fields }, 'pi_1_secret_2', 'https://pay.example/pay/1')
  return { result, sent }
}
const kind = async (script) => (await press(script)).result.kind

test('nothing is sent to Stripe while a field is wrong', async () => {
  const { result, sent } = await press({ fields: { error: { type: 'validation_error' } } })
  assert.equal(result.kind, 'invalid')
  assert.deepEqual(sent, [])
})

test('it is confirmed in place, with an address to return to that holds no secret', async () => {
  const { sent } = await press({ confirm: { paymentIntent: intent('succeeded') } })
  assert.equal(sent[0].redirect, 'if_required')
  assert.equal(sent[0].clientSecret, 'pi_1_secret_2')
  assert.deepEqual(sent[0].confirmParams, { return_url: 'https://pay.example/pay/1', expand: ['payment_method'] })
})

test('Stripe has it: succeeded, processing, to be captured, even when it says so in an error', async () => {
  for (const status of ['succeeded', 'processing', 'requires_capture']) {
    assert.equal(await kind({ confirm: { paymentIntent: intent(status) } }), 'settled')
    const error = {
      type: 'invalid_request_error',
      code: 'payment_intent_unexpected_state',
      payment_intent: intent(status),
    }
    assert.equal(await kind({ confirm: { error } }), 'settled')
  }
})

test('a decline keeps its code', async () => {
  const error = { type: 'card_error', code: 'card_declined', decline_code: 'insufficient_funds' }
  assert.deepEqual((await press({ confirm: { error } })).result, { kind: 'declined', error })
})

test('a PaymentIntent that was canceled or is gone has moved', async () => {
  assert.equal(
    await kind({ confirm: { error: { type: 'invalid_request_error', code: 'payment_intent_unexpected_state' } } }),
    'moved',
  )
  assert.equal(await kind({ confirm: { error: { type: 'invalid_request_error', code: 'resource_missing' } } }), 'moved')
  assert.equal(
    await kind({
      confirm: { error: { type: 'invalid_request_error', code: 'x', payment_intent: intent('canceled') } },
    }),
    'moved',
  )
})

test('a lost answer says nothing: Stripe is asked', async () => {
  for (const confirm of [
    new Error('network'),
    { error: { type: 'api_connection_error' } },
    { error: { type: 'api_error' } },
  ]) {
    assert.equal(await kind({ confirm, retrieve: { paymentIntent: intent('succeeded') } }), 'settled')
    assert.equal(await kind({ confirm, retrieve: { paymentIntent: intent('requires_payment_method') } }), 'declined')
    assert.equal(await kind({ confirm, retrieve: { paymentIntent: intent('canceled') } }), 'moved')
    assert.equal(await kind({ confirm, retrieve: { error: { type: 'api_connection_error' } } }), 'unsure')
    assert.equal(await kind({ confirm, retrieve: new Error('network') }), 'unsure')
  }
})

test('back from a bank without a payment: the last error, or that the payer was not confirmed', async () => {
  const back = (paymentIntent) => ask({ retrievePaymentIntent: async () => ({ paymentIntent }) }, 'pi_1_secret_2')
  const last = { type: 'card_error', decline_code: 'call_issuer' }
  assert.deepEqual(await back(intent('requires_payment_method', { last_payment_error: last })), {
    kind: 'declined',
    error: last,
  })
  assert.equal((await back(intent('requires_action'))).error.code, 'authentication_failure')
})

test('the method is named when Stripe names it', () => {
  const card = { type: 'card', card: { brand: 'visa', last4: '4242' } }
  assert.equal(methodOf(intent('succeeded', { payment_method: card })), 'Visa •••• 4242')
  assert.equal(methodOf(intent('succeeded', { payment_method: { type: 'sepa_debit' } })), 'Sepa debit')
  assert.equal(methodOf(intent('succeeded', { payment_method: 'pm_1' })), null)
  assert.equal(methodOf(intent('succeeded')), null)
})

test('the ledger is looked at often, then seldom, then not any more', () => {
  assert.deepEqual([0, 19, 20, 79, 80, 299, 300].map(interval), [1, 1, 3, 3, 10, 10, 0])
})
