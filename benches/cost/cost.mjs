// Runs the statements of cost/main.rs again on workerd's D1 and adds up the rows that it says it read and wrote, which is
// what Cloudflare bills. `cargo xtask bench cost` runs it; docs/SCALE.md has the result.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

// Wrangler's own miniflare.
const { Miniflare, convertV4MiniflareOptions } = createRequire(import.meta.resolve('wrangler'))('miniflare')

const { migrations, phases } = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const workerd = new Miniflare(
  convertV4MiniflareOptions({
    workers: [{ name: 'ledger', modules: true, script: 'export default {}', d1Databases: { DB: 'ledger' } }],
  }),
)
const { DB: db } = await workerd.getBindings()
for (const migration of migrations) {
  const statements = migration
    .replace(/--.*$/gm, '')
    .split(';')
    .map((text) => text.trim())
  await db.batch(statements.filter(Boolean).map((text) => db.prepare(text)))
}

const each = (number, count) => (number / count).toFixed(2)
console.log(
  '| for one | webhooks | D1 round trips | statements | rows read | rows written | hints | fetches | bytes of D1 |',
)
console.log('|---|---|---|---|---|---|---|---|---|')
let size = 0
for (const { what, count, webhooks, fetches, hints, batches } of phases) {
  const sum = { statements: 0, read: 0, written: 0 }
  for (const batch of batches) {
    const answers = await db.batch(batch.map(([sql, values]) => db.prepare(sql).bind(...values)))
    sum.statements += answers.length
    for (const { meta } of answers) {
      sum.read += meta.rows_read
      sum.written += meta.rows_written
    }
  }
  const before = size
  size = (await db.prepare('SELECT 1').run()).meta.size_after
  if (!what) continue
  const all = [webhooks, batches.length, sum.statements, sum.read, sum.written, hints, fetches, size - before]
  console.log(`| ${what} | ${all.map((number) => each(number, count)).join(' | ')} |`)
}
const bodies = await db.prepare('SELECT sum(length(body)) AS bytes, count(body) AS rows FROM inbox').first()
console.log(
  `\n${bodies.bytes} bytes of D1 are raw bodies of ${bodies.rows} events, which the sweep removes after RETENTION_DAYS.`,
)
await workerd.dispose()
