// The Worker's entry: what Cloudflare calls.

import { holding } from './body.mjs'
import { ready } from './core.mjs'
import { path, refuse, small, webhook } from './door.mjs'

/** Plain http to this machine, as `config::values::local` has it. */
const LOCAL = /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?([/?#]|$)/

/** The dead-letter queue of wrangler.toml. */
const DEAD = 'quittance-dead'

export default {
  async fetch(request, env, context) {
    // What comes by plain http the table of paths refuses, or the platform of this machine asks.
    const open = !request.url.startsWith('https:') && !LOCAL.test(request.url)
    if (!open && request.method === 'POST' && pathOf(request.url) === path) return webhook(request, context)
    const sent = JSON.stringify([...request.headers])
    // Whoever sends more than a little says who he is before it is read.
    const large = request.body !== null && !(Number(request.headers.get('content-length') ?? Infinity) <= small)
    const most = large ? await ready().body_bytes_max(env, request.method, request.url, sent) : small
    return holding(request, most, async (body) => {
      if (typeof body === 'string') return refuse(body)
      const [status, headers, bytes] = await ready().handle(env, request.method, request.url, sent, body)
      return new Response(bytes.length > 0 ? bytes : null, { status, headers: JSON.parse(headers) })
    })
  },

  /** Each message is the id of an inbox row. What is not acknowledged comes again, also after a panic. */
  async queue(batch, env) {
    const ids = JSON.stringify(batch.messages.map((message) => String(message.body)))
    if (batch.queue === DEAD) ready().dead_letters(env, ids)
    else if (!(await ready().consume(env, ids))) return batch.retryAll()
    batch.ackAll()
  },

  scheduled: (event, env) => ready().tick(env, event.cron),
}

/** The path of an absolute URL; cheaper than parsing it, and the door is asked a thousand times a second. */
function pathOf(url) {
  const start = url.indexOf('/', url.indexOf('//') + 2)
  const end = url.slice(start).search(/[?#]/)
  return end < 0 ? url.slice(start) : url.slice(start, start + end)
}
