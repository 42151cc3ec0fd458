// The bundled Worker in a workerd that support/machine.mjs may kill: what wrangler.toml binds, over state on disk. It
// answers on a socket of workerd itself; the parent asks over the pipe of node's fork, and the process ends with it.
//
//   {n, sql: [[text, …values], …]} rows of the last statement · {n, cron} fires a schedule · {n, hints} runs the consumer

import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

// Wrangler's own miniflare.
const { Log, LogLevel, Miniflare, convertV4MiniflareOptions } = createRequire(import.meta.resolve('wrangler'))(
  'miniflare',
)

const { dir, state, port, inspectorPort, options, relay } = JSON.parse(process.argv[2])
const ENTRY = 'entry.js'
const TYPES = { js: 'ESModule', mjs: 'ESModule', wasm: 'CompiledWasm' }

const files = readdirSync(dir).filter((name) => name.split('.').at(-1) in TYPES)
files.sort((a, b) => Number(b === ENTRY) - Number(a === ENTRY))
const modules = files.map((name) => ({
  type: TYPES[name.split('.').at(-1)],
  path: join(dir, name),
  contents: readFileSync(join(dir, name)),
}))

const miniflare = new Miniflare(
  convertV4MiniflareOptions({
    log: new Log(LogLevel.WARN),
    resourcePersistencePath: state,
    ...(inspectorPort && { inspectorPort }),
    workers: [
      { name: 'quittance', modulesRoot: dir, modules, unsafeDirectSockets: [{ host: '127.0.0.1', port }], ...options },
      ...(relay ? [relay] : []),
    ],
  }),
)
const { DB } = await miniflare.getBindings('quittance')
const worker = await miniflare.getWorker('quittance')

const work = {
  sql: async ({ sql }) =>
    (await DB.batch(sql.map(([text, ...values]) => DB.prepare(text).bind(...values)))).at(-1).results,
  cron: async ({ cron }) => (await worker.scheduled({ cron, scheduledTime: new Date() })).outcome,
  hints: async ({ n, hints }) => {
    const messages = hints.map((body, at) => ({ id: `${n}-${at}`, timestamp: new Date(), body, attempts: 1 }))
    return !(await worker.queue('quittance-events', messages)).retryBatch.retry
  },
}

const answer = (said) => process.connected && process.send(said)
process.on('message', async (asked) => {
  const [kind] = Object.keys(work).filter((name) => name in asked)
  try {
    answer({ n: asked.n, answer: await work[kind](asked) })
  } catch (error) {
    answer({ n: asked.n, error: String(error?.message ?? error) })
  }
})
process.on('disconnect', async () => {
  await miniflare.dispose()
  process.exit(0)
})
answer({ ready: true })
