// One Worker in a workerd of its own, asked over a socket of workerd itself: the Worker that miniflare puts in front of
// a Worker in development would cost each request as much as the door. Prints one line of JSON when it answers.
//
//   node serve.mjs '{"dir": …, "entry": …, "date": …, "sql": …, "port": …, "state": …, "bindings": {…}}'

import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

// Wrangler's own miniflare.
const { Log, LogLevel, Miniflare, convertV4MiniflareOptions } = createRequire(import.meta.resolve('wrangler'))(
  'miniflare',
)

const { dir, entry, date, sql, port, state, bindings } = JSON.parse(process.argv[2])

const TYPES = { js: 'ESModule', mjs: 'ESModule', wasm: 'CompiledWasm' }
const files = readdirSync(dir).filter((name) => name.split('.').at(-1) in TYPES)
files.sort((a, b) => Number(b === entry) - Number(a === entry))

const miniflare = new Miniflare(
  convertV4MiniflareOptions({
    log: new Log(LogLevel.WARN),
    resourcePersistencePath: state,
    workers: [
      {
        name: 'door',
        modulesRoot: dir,
        modules: files.map((name) => ({
          type: TYPES[name.split('.').at(-1)],
          path: join(dir, name),
          contents: readFileSync(join(dir, name)),
        })),
        compatibilityDate: date,
        bindings,
        d1Databases: { DB: 'ledger' },
        kvNamespaces: { CACHE: 'cache' },
        // A queue that nobody consumes: the door's push is measured, the delivery behind it is not.
        queueProducers: { EVENTS: { queueName: 'events' } },
        unsafeDirectSockets: [{ host: '127.0.0.1', port }],
      },
    ],
  }),
)

const { DB } = await miniflare.getBindings()
const tables = await DB.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
if (!tables.results.some(({ name }) => ['inbox', 'events'].includes(name))) {
  const statements = sql
    .replace(/--.*$/gm, '')
    .split(';')
    .filter((text) => text.trim() !== '')
  await DB.batch(statements.map((text) => DB.prepare(text)))
}
console.log(JSON.stringify({ port }))

// The parent ends this process by closing its end of the pipe.
process.stdin.resume()
process.stdin.on('end', async () => {
  const count = await DB.prepare(`SELECT count(*) AS n FROM ${sql.includes('TABLE inbox') ? 'inbox' : 'events'}`).first(
    'n',
  )
  console.log(JSON.stringify({ rows: count }))
  await miniflare.dispose()
  process.exit(0)
})
