// Hints to the queue, gathered: by themselves, over a queue that the test holds in its hand.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Hints, MOST, WAIT } from '../../src/glue/hints.mjs'

const names = (count) => Array.from({ length: count }, (_, n) => `evt_${n}`)

test('what comes within a moment goes out together, and one request keeps it', async () => {
  const sent = []
  const hints = new Hints(async (ids) => sent.push(ids))
  const kept = hints.add(['a'])
  assert.equal(hints.add(['b', 'c']), undefined)
  assert.deepEqual(sent, [])
  await kept
  assert.deepEqual(sent, [['a', 'b', 'c']])
  await hints.add(['d'])
  assert.deepEqual(sent, [['a', 'b', 'c'], ['d']])
})

test('a full batch does not wait, and no batch is larger than the queue takes', async () => {
  const sent = []
  const hints = new Hints(async (ids) => sent.push(ids.length))
  const began = Date.now()
  await hints.add(names(2 * MOST + 1))
  assert.deepEqual(sent, [MOST, MOST, 1])
  assert.ok(Date.now() - began < WAIT)
})

test('a request that was cut off while it gathered is replaced, and what it held goes out', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_800_000_000_000 })
  const sent = []
  const hints = new Hints(async (ids) => sent.push(ids))
  // The timer of a request that is gone never fires.
  const timer = globalThis.setTimeout
  globalThis.setTimeout = () => {}
  hints.add(['lost'])
  globalThis.setTimeout = timer
  assert.equal(hints.add(['soon after']), undefined)
  t.mock.timers.tick(2000)
  await hints.add(['later'])
  assert.deepEqual(sent, [['lost', 'soon after', 'later']])
})
