// POST /webhooks/stripe. The wasm core decides in one synchronous call (signature, envelope, row); what must be
// awaited (the body, the insert) is awaited out here, where it costs no crossing into wasm.

import { env } from 'cloudflare:workers'

import { ready } from './core.mjs'
import { GroupCommit } from './group.mjs'

const facts = ready().door_facts()
export const PATH = facts.path

const HEADERS = { 'content-type': 'application/json; charset=utf-8' }
const RECEIVED = ready().door_received()

// One prepared statement and one group for all requests of the isolate.
let insert
const group = new GroupCommit({
  insert: async (rows) => {
    try {
      insert ??= env.DB.prepare(facts.sql)
      const bound = rows.map((row) => insert.bind(...row.values))
      await (bound.length === 1 ? bound[0].run() : env.DB.batch(bound))
    } catch (error) {
      log('alert', 'event_not_stored', rows, error)
      throw error
    }
  },
  push: async (rows) => {
    try {
      await env.EVENTS.sendBatch(rows.map((row) => ({ body: row.id, contentType: 'text' })))
    } catch (error) {
      // The sweep queues what has no message.
      log('warn', 'queue_push_failed', rows, error)
    }
  },
})

/** Answers one webhook; see `flow::receive` for what the verdict means. */
export async function webhook(request, context) {
  group.enter()
  try {
    const body = await read(request)
    if (typeof body === 'string') return refuse(body)
    const verdict = ready().door_judge(env, body, request.headers.get('stripe-signature') ?? '', Date.now())
    if (verdict.status !== undefined) return answer(verdict)
    const outcome = await group.add(verdict, body.length, (work) => context.waitUntil(work))
    return outcome === 'stored' ? answer(RECEIVED) : refuse('event_not_stored')
  } finally {
    group.leave()
  }
}

/** The body's bytes, or the code of why there are none. Never more than the limit is held. */
async function read(request) {
  const declared = request.headers.get('content-length')
  if (declared !== null && Number(declared) > facts.limit) return 'body_too_large'
  try {
    if (declared !== null || request.body === null) return new Uint8Array(await request.arrayBuffer())
    return await gather(request.body)
  } catch {
    return 'body_invalid'
  }
}

/** Reads a body of unknown length. */
async function gather(stream) {
  const chunks = []
  let length = 0
  for await (const chunk of stream) {
    length += chunk.length
    if (length > facts.limit) return 'body_too_large'
    chunks.push(chunk)
  }
  const body = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    body.set(chunk, at)
    at += chunk.length
  }
  return body
}

function refuse(code) {
  return answer(ready().door_refusal(code))
}

function answer({ status, body }) {
  return new Response(body, { status, headers: HEADERS })
}

/** A line like those of the core's log. A database's message names columns, never values. */
function log(level, event, rows, error) {
  const line = JSON.stringify({ level, event, events: rows.map((row) => row.id), detail: String(error?.message) })
  if (level === 'alert') console.error(line)
  else console.warn(line)
}
