// What a user deploys: wrangler accepts it, and every binding and setting that the code reads is explained.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

import { unstable_readConfig } from 'wrangler'

import { ROOT } from './support/index.mjs'

test('wrangler deploy --dry-run takes the Worker with all its bindings', () => {
  const out = mkdtempSync(join(tmpdir(), 'quittance-'))
  try {
    const text = execFileSync(
      process.execPath,
      [join(ROOT, 'node_modules/wrangler/bin/wrangler.js'), 'deploy', '--dry-run', '--outdir', out],
      { cwd: ROOT, encoding: 'utf8', env: { ...process.env, CI: '1' }, stdio: ['ignore', 'pipe', 'pipe'] },
    )
    for (const binding of ['env.DB (quittance)', 'env.CACHE', 'env.EVENTS (quittance-events)']) {
      assert.ok(text.includes(binding), `${binding} in\n${text}`)
    }
    assert.ok(readdirSync(out).some((name) => name.endsWith('.wasm')))
  } finally {
    rmSync(out, { recursive: true })
  }
})

test('queues, dead letters and crons are bound', () => {
  const config = unstable_readConfig({ config: join(ROOT, 'wrangler.toml') })
  const known = readFileSync(join(ROOT, 'src/cron.rs'), 'utf8').matchAll(/pub const [A-Z]+: &str = "([^"]+)"/g)
  assert.deepEqual(config.triggers.crons.toSorted(), [...known].map((match) => match[1]).toSorted())
  const consumers = Object.fromEntries(config.queues.consumers.map((consumer) => [consumer.queue, consumer]))
  assert.equal(consumers['quittance-events'].dead_letter_queue, 'quittance-dead')
  assert.equal(consumers['quittance-events'].max_concurrency, 2)
  assert.ok(consumers['quittance-dead'], 'dead letters are consumed')
  assert.match(readFileSync(join(ROOT, 'src/glue/entry.mjs'), 'utf8'), /DEAD = 'quittance-dead'/)
})
