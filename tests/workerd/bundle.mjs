// What a deployment uploads: it must load, and be small.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'

import { WORKER_DIR } from './support/index.mjs'

// The product's own limit: webhooks, receipts and the pay page take more than half of it, the books most of the rest, the
// operator's API about 40 KB, and about 80 KB what doubts the parties: keys that are taken, other accounts and modes, dates,
// backups that lost something, and the pay page's brakes.
// Cloudflare's is 3 MB on the free plan.
const LIMIT = 530_000

test('wasm and glue are at most 530 KB gzip', (t) => {
  const sizes = readdirSync(WORKER_DIR)
    .filter((name) => /\.(js|wasm)$/.test(name))
    .map((name) => [name, gzipSync(readFileSync(join(WORKER_DIR, name)), { level: 9 }).length])
  const total = sizes.reduce((sum, [, size]) => sum + size, 0)
  t.diagnostic(`gzip ${total} bytes: ${sizes.map(([name, size]) => `${name.split('-').at(-1)} ${size}`).join(', ')}`)
  assert.ok(
    sizes.some(([name]) => name.endsWith('.wasm')),
    'the wasm is part of the bundle',
  )
  assert.ok(total <= LIMIT, `${total} bytes`)
})

test('the wasm carries no names of functions', () => {
  const wasm = readdirSync(WORKER_DIR).find((name) => name.endsWith('.wasm'))
  const module = new WebAssembly.Module(readFileSync(join(WORKER_DIR, wasm)))
  assert.equal(WebAssembly.Module.customSections(module, 'name').length, 0)
})
