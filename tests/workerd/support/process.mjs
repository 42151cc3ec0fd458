// The Worker under `wrangler dev` as a process of its own, with a ledger that outlives it.

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname } from 'node:path'
import { promisify } from 'node:util'

import { configure, eventually, ROOT, SECRET } from './index.mjs'

const WRANGLER = `${ROOT}node_modules/wrangler/bin/wrangler.js`
const QUIET = { ...process.env, CI: '1', WRANGLER_SEND_METRICS: 'false', CLOUDFLARE_CF_FETCH_ENABLED: 'false' }

/** A ledger on disk and the Worker over it; `secrets` are its settings. */
export class Installation {
  constructor(name, secrets) {
    this.config = configure(name)
    this.state = `${dirname(this.config)}/state`
    rmSync(this.state, { recursive: true, force: true })
    const settings = Object.entries({ STRIPE_WEBHOOK_SECRETS: SECRET, ...secrets })
    writeFileSync(
      `${dirname(this.config)}/.dev.vars`,
      settings.map(([name, value]) => `${name}='${value}'\n`).join(''),
      { mode: 0o600 },
    )
    this.#wrangler('d1', 'migrations', 'apply', 'quittance', '--local')
  }

  /** Rows of the ledger; works whether the Worker runs or not. */
  query(sql) {
    return JSON.parse(this.#wrangler('d1', 'execute', 'quittance', '--local', '--json', '--command', sql)).at(-1)
      .results
  }

  async start() {
    const port = await freePort()
    this.child = spawn(
      process.execPath,
      [
        WRANGLER,
        'dev',
        '-c',
        this.config,
        '--local',
        '--ip',
        '127.0.0.1',
        '--port',
        port,
        '--inspector-port',
        await freePort(),
      ]
        .concat('--persist-to', this.state, '--show-interactive-dev-session=false')
        .map(String),
      { env: QUIET, stdio: 'ignore', detached: true },
    )
    this.ended = once(this.child, 'exit')
    this.url = `http://127.0.0.1:${port}`
    await eventually(
      () =>
        fetch(`${this.url}/health`).then(
          (answer) => answer.ok,
          () => false,
        ),
      { within: 60_000 },
    )
  }

  cron(schedule) {
    return fetch(`${this.url}/cdn-cgi/handler/scheduled?cron=${encodeURIComponent(schedule)}`)
  }

  /** As if the power went: wrangler and workerd at once, without a chance to finish anything. */
  async crash() {
    process.kill(-this.child.pid, 'SIGKILL')
    await this.ended
  }

  async stop() {
    this.child.kill('SIGTERM')
    await this.ended
  }

  #wrangler(...args) {
    const all = [WRANGLER, ...args, '-c', this.config, '--persist-to', this.state]
    return execFileSync(process.execPath, all, { env: QUIET, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  }
}

async function freePort() {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  await promisify(server.close.bind(server))()
  return port
}
