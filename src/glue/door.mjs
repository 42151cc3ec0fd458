// POST /webhooks/stripe. The wasm core decides in one synchronous call (signature, envelope, row); what must be
// awaited (the body, the insert) is awaited out here, where it costs no crossing into wasm.

import { env } from 'cloudflare:workers'

import { holding } from './body.mjs'
import { ready } from './core.mjs'
import { GroupCommit } from './group.mjs'
import { Hints } from './hints.mjs'

const facts = ready().door_facts()
export const { path, small } = facts
const { limit } = facts

const HEADERS = {
  'content-type': 'application/json; charset=utf-8',
  'x-content-type-options': 'nosniff',
  'strict-transport-security': facts.hsts,
}
const RECEIVED = ready().door_received()

// Prepared once, and one group, for all requests of the isolate.
let one
let list
const group = new GroupCommit({
  insert: async (rows) => {
    try {
      await bind(rows).run()
    } catch (error) {
      // The rows of a group are tried once more, each by itself; what fails alone is not stored.
      const [level, event] = rows.length === 1 ? ['alert', 'event_not_stored'] : ['warn', 'group_not_stored']
      log(
        level,
        event,
        rows.map((row) => row.id),
        error,
      )
      throw error
    }
  },
  push: async (rows) => hints.add(rows.map((row) => row.id)),
})

// One gatherer of hints for all requests of the isolate.
const hints = new Hints(async (ids) => {
  try {
    await env.EVENTS.sendBatch(ids.map((body) => ({ body, contentType: 'text' })))
  } catch (error) {
    // The sweep queues what has no message.
    log('warn', 'queue_push_failed', ids, error)
  }
})

/** A sighting of a secret that is being rolled is kept once in so many milliseconds. */
const SIGHTING = 900_000
let sighted = -Infinity

/** A signature was by a secret that is not known here: an alert is made of it, some other time. */
async function rolling(now) {
  if (now - sighted < SIGHTING) return
  sighted = now
  try {
    await env.DB.prepare(facts.seen)
      .bind(facts.rolling, Math.floor(now / 1000), null)
      .run()
  } catch (error) {
    sighted = -Infinity
    log('warn', 'observation_not_stored', [], error)
  }
}

/** One statement, whether one row or many. */
function bind(rows) {
  if (rows.length === 1) {
    one ??= env.DB.prepare(facts.one)
    return one.bind(...rows[0].values)
  }
  list ??= env.DB.prepare(facts.list)
  return list.bind(JSON.stringify(rows.map((row) => row.values)))
}

/** Answers one webhook; `flow::receive::admit` says what an admission means. */
export async function webhook(request, context) {
  group.enter()
  try {
    return await holding(request, limit, (body) => receive(request, body, context))
  } catch (error) {
    // A panic of the core, which the next call finds out. Stripe sends the event again.
    log('alert', 'event_not_stored', [], error)
    return refuse('event_not_stored')
  } finally {
    group.leave()
  }
}

async function receive(request, body, context) {
  if (typeof body === 'string') return refuse(body)
  const admission = ready().door_admit(env, body, request.headers.get('stripe-signature') ?? '', Date.now())
  if (admission.status !== undefined) return answer(admission)
  if (admission.rolling) context.waitUntil(rolling(Date.now()))
  const outcome = await group.add(admission, body.length, (work) => context.waitUntil(work))
  return outcome === 'stored' ? answer(RECEIVED) : refuse('event_not_stored')
}

/** The answer of a code. */
export function refuse(code) {
  return answer(ready().door_refusal(code))
}

function answer({ status, body }) {
  return new Response(body, { status, headers: HEADERS })
}

/** A line like those of the core's log. A database's message names columns, never values. */
function log(level, event, events, error) {
  const line = JSON.stringify({ level, event, events, detail: String(error?.message) })
  if (level === 'alert') console.error(line)
  else console.warn(line)
}
