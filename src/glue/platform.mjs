// Cloudflare's platform as the core asks for it (src/glue/ports.rs). One text that crosses between JavaScript and wasm
// costs less than many values, in time and in bytes of code.

/** Runs `[[sql, [value, …]], …]` as one atomic batch; gives `[[rows, changes], …]` as text. */
export async function batch(env, statements) {
  const bound = JSON.parse(statements).map(([sql, values]) => env.DB.prepare(sql).bind(...values))
  const outcomes = await env.DB.batch(bound)
  return JSON.stringify(outcomes.map(({ results, meta }) => [results, meta.changes]))
}

export function kv_get(env, key) {
  return env.CACHE.get(key)
}

export function kv_put(env, key, value, ttl) {
  return env.CACHE.put(key, value, { expirationTtl: ttl })
}

/** One message for each id; at most 100. */
export function queue_send(env, ids) {
  return env.EVENTS.sendBatch(JSON.parse(ids).map((id) => ({ body: id, contentType: 'text' })))
}

/**
 * One request going out, its answer read whole: `[status, headers as text, bytes]`, or `undefined` when that took
 * longer than `timeout` milliseconds. Redirects are given as they come.
 */
export async function send(method, url, headers, body, timeout) {
  const signal = AbortSignal.timeout(timeout)
  try {
    const answer = await fetch(url, {
      method,
      headers: JSON.parse(headers),
      body: body.length > 0 ? body : undefined,
      redirect: 'manual',
      signal,
    })
    return [answer.status, JSON.stringify([...answer.headers]), new Uint8Array(await answer.arrayBuffer())]
  } catch (error) {
    if (signal.aborted) return undefined
    throw error
  }
}

export function write(level, line) {
  console[level](line)
}
