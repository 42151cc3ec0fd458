// What of a request's body is read, and how much of all bodies is held at a time.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { holding, MAX_HELD } from '../../src/glue/body.mjs'

const LIMIT = 1 << 20
const post = (body, headers = {}) => new Request('http://127.0.0.1/', { method: 'POST', body, headers, duplex: 'half' })
const stream = (...chunks) => ReadableStream.from(chunks.map((size) => new Uint8Array(size)))
const seen = (request) => holding(request, LIMIT, (body) => (typeof body === 'string' ? body : body.length))

test('a body is read whole, with and without a length', async () => {
  assert.equal(await seen(post('hello', { 'content-length': '5' })), 5)
  assert.equal(await seen(post(stream(400_000, 400_000))), 800_000)
  assert.equal(await seen(new Request('http://127.0.0.1/')), 0)
})

test('more than the limit is not read', async () => {
  assert.equal(await seen(post('x', { 'content-length': String(LIMIT + 1) })), 'body_too_large')
  assert.equal(await seen(post(stream(LIMIT, 1))), 'body_too_large')
  assert.equal(await seen(post('x', { 'content-length': 'many' })), 'body_invalid')
})

test('large bodies of all requests together are bounded, and their room is given back', async () => {
  let open
  const gate = new Promise((resolve) => (open = resolve))
  const hold = () =>
    holding(post(stream(LIMIT)), LIMIT, async (body) => {
      await gate
      return typeof body === 'string' ? body : 'held'
    })
  const many = Array.from({ length: MAX_HELD / LIMIT + 2 }, hold)
  await new Promise((resolve) => setTimeout(resolve, 50))
  // A stranger's megabytes shut nobody out whose body is small.
  assert.equal(await seen(post('hello', { 'content-length': '5' })), 5)
  open()
  const outcomes = await Promise.all(many)
  assert.equal(outcomes.filter((outcome) => outcome === 'held').length, MAX_HELD / LIMIT)
  assert.equal(outcomes.filter((outcome) => outcome === 'event_not_stored').length, 2)
  assert.equal(await seen(post(stream(LIMIT))), LIMIT)
})

test('bodies that never end hold only what has come of them', async () => {
  const endless = () =>
    new ReadableStream({
      start: (to) => to.enqueue(new Uint8Array(10)),
      pull: () => new Promise(() => {}),
    })
  for (let n = 0; n < 50; n += 1) void holding(post(endless()), LIMIT, async () => {})
  await new Promise((resolve) => setTimeout(resolve, 20))
  assert.equal(await seen(post(stream(LIMIT))), LIMIT)
})
