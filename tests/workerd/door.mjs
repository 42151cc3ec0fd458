// The webhook door in real workerd, with events that Stripe's own package signed.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'

import { eventually, paymentEvent, post, sign, start } from './support/index.mjs'

let quittance
before(async () => {
  quittance = await start()
})
after(() => quittance.close())

const stored = async (like) =>
  (await quittance.db.prepare('SELECT id FROM inbox WHERE id LIKE ?1 ORDER BY id').bind(like).all()).results.map(
    (r) => r.id,
  )
const code = async (response) => (await response.json()).error.code

test('a signed event is stored as it came, without its client secret, and answered 200', async () => {
  const payload = paymentEvent('plain')
  const answer = await post(quittance.url, payload)
  assert.equal(answer.status, 200)
  assert.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8')
  assert.deepEqual(await answer.json(), { received: true })
  const row = await quittance.db.prepare("SELECT * FROM inbox WHERE id = 'evt_plain'").first()
  const kept = payload.replace(/("client_secret": )"[^"]+"/, '$1""')
  assert.notEqual(kept, payload)
  assert.equal(row.body, kept)
  assert.equal(row.state, 'received')
})

test('values arrive in D1 with the types of the schema', async () => {
  await post(quittance.url, paymentEvent('types'))
  const row = await quittance.db
    .prepare(
      "SELECT typeof(created) created, typeof(livemode) live, typeof(account) account, typeof(body) body FROM inbox WHERE id = 'evt_types'",
    )
    .first()
  assert.deepEqual(row, { created: 'integer', live: 'integer', account: 'null', body: 'text' })
})

test('forged, stale and misplaced webhooks are refused and not stored', async () => {
  const payload = paymentEvent('refused')
  const old = Math.floor(Date.now() / 1000) - 301
  for (const [why, signature] of [
    ['none', ''],
    ['another secret', sign(payload, { secret: 'whsec_other' })],
    ['another body', sign(paymentEvent('other'))],
    ['too old', sign(payload, { at: old })],
    ['too new', sign(payload, { at: old + 700 })],
  ]) {
    const answer = await post(quittance.url, payload, { signature })
    assert.equal(answer.status, 400, why)
    assert.equal(await code(answer), 'signature_invalid', why)
  }
  const got = await fetch(new URL('/webhooks/stripe', quittance.url))
  assert.equal(got.status, 405)
  assert.equal(got.headers.get('allow'), 'POST')
  assert.equal((await fetch(new URL('/nowhere', quittance.url))).status, 404)
  assert.deepEqual(await stored('evt_refused'), [])
})

test('what is well signed and no event is stored, once', async () => {
  const bodies = [
    'no json',
    '[]',
    '{"object":"balance"}',
    '\0',
    '{"id":"evt_odd","object":"event","type":"a.b","livemode":false,"created":-1}',
  ]
  for (const body of [...bodies, ...bodies]) assert.equal((await post(quittance.url, body)).status, 200, body)
  const { results } = await quittance.db.prepare("SELECT id FROM inbox WHERE type = 'unreadable'").all()
  assert.equal(results.length, bodies.length)
})

test('an event of the other mode or of a connected account is refused', async () => {
  for (const more of [{ livemode: true }, { account: 'acct_2' }]) {
    const payload = JSON.stringify({ ...JSON.parse(paymentEvent('elsewhere')), ...more })
    const answer = await post(quittance.url, payload)
    assert.equal(answer.status, 400, JSON.stringify(more))
    assert.equal(await code(answer), 'signature_invalid')
  }
  assert.deepEqual(await stored('evt_elsewhere'), [])
})

test('a query does not lead past the door', async () => {
  const payload = paymentEvent('query')
  const answer = await fetch(new URL('/webhooks/stripe?from=stripe', quittance.url), {
    method: 'POST',
    body: payload,
    headers: { 'stripe-signature': sign(payload) },
  })
  assert.equal(answer.status, 200)
  assert.deepEqual(await stored('evt_query'), ['evt_query'])
})

test('beyond 1 MiB: 413, with a declared length and without', async () => {
  const large = 'x'.repeat(1024 * 1024 + 1)
  for (const body of [() => large, () => new Blob([large]).stream()]) {
    // The answer comes before the body is read; the connection may then be reset before the client has read it.
    const refused = await eventually(
      async () => {
        const answer = await post(quittance.url, body(), { signature: 't=1,v1=00', duplex: 'half' })
        return [answer.status, await code(answer)]
      },
      { forgiving: true },
    )
    assert.deepEqual(refused, [413, 'body_too_large'])
  }
})

test('a body without a declared length is verified byte by byte', async () => {
  const payload = paymentEvent('chunked')
  const answer = await post(quittance.url, new Blob([payload]).stream(), { signature: sign(payload), duplex: 'half' })
  assert.equal(answer.status, 200)
  assert.deepEqual(await stored('evt_chunked'), ['evt_chunked'])
})

test('above 900,000 bytes only the envelope is stored', async () => {
  const payload = paymentEvent('large', { object: { description: 'x'.repeat(900_001) } })
  assert.equal((await post(quittance.url, payload)).status, 200)
  const row = await quittance.db.prepare("SELECT body, object FROM inbox WHERE id = 'evt_large'").first()
  assert.deepEqual(row, { body: null, object: 'pi_large' })
})

test('forty different events at once: forty rows', async () => {
  const answers = await Promise.all(Array.from({ length: 40 }, (_, n) => post(quittance.url, paymentEvent(`many${n}`))))
  assert.deepEqual(new Set(answers.map((a) => a.status)), new Set([200]))
  assert.equal((await stored('evt_many%')).length, 40)
})

test('forty times the same event at once: one row, forty times 200', async () => {
  const payload = paymentEvent('same')
  const answers = await Promise.all(Array.from({ length: 40 }, () => post(quittance.url, payload)))
  assert.deepEqual(new Set(answers.map((a) => a.status)), new Set([200]))
  assert.deepEqual(await stored('evt_same'), ['evt_same'])
})

test('a row that the database refuses fails alone', async () => {
  await quittance.db
    .prepare(
      "CREATE TRIGGER no_such BEFORE INSERT ON inbox WHEN new.id = 'evt_lot13' BEGIN SELECT RAISE(ABORT, 'no'); END",
    )
    .run()
  const answers = await Promise.all(Array.from({ length: 40 }, (_, n) => post(quittance.url, paymentEvent(`lot${n}`))))
  const failed = answers.flatMap((answer, n) => (answer.status === 200 ? [] : [n]))
  assert.deepEqual(failed, [13])
  assert.equal(answers[13].status, 503)
  assert.equal(await code(answers[13]), 'event_not_stored')
  assert.equal((await stored('evt_lot%')).length, 39)
})

test('the leading client goes away in mid-flush: every other one gets 200 and its row is there', async () => {
  // Half a second of work in the database for each of the two round trips.
  await quittance.db
    .prepare(
      `CREATE TRIGGER slowly BEFORE INSERT ON inbox WHEN new.id IN ('evt_holder', 'evt_leader') BEGIN
         SELECT max(n) FROM (WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 2000000) SELECT n FROM c); END`,
    )
    .run()
  const holder = post(quittance.url, paymentEvent('holder'))
  await setTimeout(50)
  const gone = new AbortController()
  const leader = post(quittance.url, paymentEvent('leader'), { signal: gone.signal })
  const followers = Array.from({ length: 10 }, (_, n) => post(quittance.url, paymentEvent(`follower${n}`)))
  await setTimeout(200)
  gone.abort()
  await assert.rejects(leader, { name: 'AbortError' })
  const answers = await Promise.all([holder, ...followers])
  assert.deepEqual(new Set(answers.map((a) => a.status)), new Set([200]))
  assert.equal((await stored('evt_follower%')).length, 10)
  assert.deepEqual(await stored('evt_leader'), ['evt_leader'], 'the round trip outlives its leader')
})

test('a second signature by a secret that is not known is kept as a sighting, once for many', async () => {
  const seen = async () => (await quittance.db.prepare('SELECT what, at, value FROM observations').all()).results
  assert.equal((await post(quittance.url, paymentEvent('whole'))).status, 200)
  assert.deepEqual(await seen(), [], 'nothing is written where nothing is to be told')
  const rolled = (payload) =>
    `${sign(payload)},${sign(payload, { secret: 'whsec_of_nobody_here_0123456789abcdef' }).split(',')[1]}`
  for (const id of ['rolled1', 'rolled2', 'rolled3']) {
    const payload = paymentEvent(id)
    assert.equal((await post(quittance.url, payload, { signature: rolled(payload) })).status, 200)
  }
  const [sight, ...more] = await eventually(async () => (await seen()).length > 0 && seen())
  assert.deepEqual(more, [])
  assert.equal(sight.what, 'secret_rolling')
  assert.ok(Math.abs(sight.at - Date.now() / 1000) < 60, `${sight.at} is in seconds`)
})
