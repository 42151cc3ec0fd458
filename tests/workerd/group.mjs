// Group commit by itself, over a store that the test holds in its hand.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { FOLLOWER_WAIT, GroupCommit, MAX_ROWS, MAX_WAITING_BYTES } from '../../src/glue/group.mjs'

/** A store that remembers its round trips; `fate(rows, n)` may throw or wait. */
function recorder(fate = () => {}) {
  const trips = []
  const pushed = []
  return {
    trips,
    pushed,
    insert: async (rows) => {
      const copy = [...rows]
      trips.push(copy)
      await fate(copy, trips.length)
    },
    push: async (rows) => {
      pushed.push(...rows)
    },
  }
}

/** Requests that arrive together; gives their outcomes and what they left in waitUntil. */
async function arrive(group, rows, bytes = 10) {
  const kept = []
  const outcomes = await Promise.all(
    rows.map(async (row) => {
      group.enter()
      try {
        return await group.add(row, bytes, (work) => kept.push(work))
      } finally {
        group.leave()
      }
    }),
  )
  await Promise.all(kept)
  return outcomes
}

const names = (count) => Array.from({ length: count }, (_, n) => `row${n}`)

test('a lone request inserts at once and pushes its row', async () => {
  const store = recorder()
  const group = new GroupCommit(store)
  group.enter()
  const kept = []
  const adding = group.add('one', 10, (work) => kept.push(work))
  assert.deepEqual(store.trips, [['one']], 'before anything was awaited')
  assert.equal(await adding, 'stored')
  await Promise.all(kept)
  assert.deepEqual(store.pushed, ['one'])
})

test('requests that arrive together share one round trip and one push', async () => {
  const store = recorder()
  assert.deepEqual(await arrive(new GroupCommit(store), ['a', 'b', 'c', 'd']), Array(4).fill('stored'))
  // The first was alone when it came.
  assert.deepEqual(store.trips, [['a'], ['b', 'c', 'd']])
  assert.deepEqual(store.pushed.toSorted(), ['a', 'b', 'c', 'd'])
})

test('a group closes when it is full', async () => {
  const store = recorder()
  await arrive(new GroupCommit(store), names(2 * MAX_ROWS + 1))
  assert.deepEqual(
    store.trips.map((rows) => rows.length),
    [1, MAX_ROWS, MAX_ROWS],
  )
})

test('large rows fill a group by their bytes', async () => {
  const store = recorder()
  await arrive(new GroupCommit(store), names(5), 600_000)
  assert.deepEqual(
    store.trips.map((rows) => rows.length),
    [1, 1, 1, 1, 1],
  )
})

test('a bad row fails alone; the others are stored by themselves', async () => {
  const store = recorder((rows) => {
    if (rows.includes('bad')) throw new Error('constraint')
  })
  assert.deepEqual(await arrive(new GroupCommit(store), ['a', 'b', 'bad', 'd']), [
    'stored',
    'stored',
    'failed',
    'stored',
  ])
  assert.deepEqual(store.pushed.toSorted(), ['a', 'b', 'd'])
})

test('a follower does not wait for ever, and nobody joins a dead group', async () => {
  const store = recorder((rows) => (rows.length > 1 ? new Promise(() => {}) : undefined))
  const group = new GroupCommit(store)
  group.enter() // somebody else is in flight throughout
  const outcomes = new Map()
  const add = async (row) => {
    group.enter()
    outcomes.set(row, await group.add(row, 10, () => {}))
  }
  void add('leader')
  const began = Date.now()
  await add('follower')
  assert.ok(Date.now() - began >= FOLLOWER_WAIT - 20)
  assert.equal(outcomes.get('follower'), 'stored')
  assert.equal(outcomes.has('leader'), false, 'the leader hangs with its round trip')
  await add('later')
  assert.equal(outcomes.get('later'), 'stored')
})

test('a failing push loses nothing and fails nobody', async () => {
  const store = recorder()
  store.push = () => Promise.reject(new Error('no queue'))
  assert.deepEqual(await arrive(new GroupCommit(store), ['a', 'b', 'c']), Array(3).fill('stored'))
})

test('beyond 4 MiB of waiting rows the sender is asked to come again', async () => {
  let release
  const gate = new Promise((resolve) => {
    release = resolve
  })
  const group = new GroupCommit(recorder(() => gate))
  const half = MAX_WAITING_BYTES / 2
  const first = arrive(group, ['a', 'b'], half)
  assert.deepEqual(await arrive(group, ['c'], 1), ['full'])
  release()
  assert.deepEqual(await first, ['stored', 'stored'])
  assert.deepEqual(await arrive(group, ['c'], 1), ['stored'])
})
