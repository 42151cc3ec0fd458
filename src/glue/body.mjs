// Reading a request's body as raw bytes, within what an isolate of 128 MB can hold.

/** A body that says it is at most so long is read at once: every event that Stripe usually sends. */
const SMALL = 64 * 1024
/**
 * Bytes of larger bodies, and of those that do not say how long they are, that this isolate holds at a time. Bytes
 * count when they have come, and small bodies do not count: a stranger who sends much, or slowly, shuts nobody out.
 */
export const MAX_HELD = 4 << 20

let held = 0

/**
 * Reads a body, and hands its bytes, or the code of why there are none, to `work`; they count as held until that is
 * done. Never more than `limit` bytes of one body are read.
 */
export async function holding(request, limit, work) {
  const declared = request.headers.get('content-length')
  const length = request.body === null ? 0 : declared === null ? Infinity : Number(declared)
  if (Number.isNaN(length) || length < 0) return work('body_invalid')
  if (Number.isFinite(length) && length > limit) return work('body_too_large')
  if (length <= SMALL) return work(await whole(request))
  const large = { chunks: [], length: 0 }
  try {
    return await work(await gather(request.body, limit, large))
  } finally {
    held -= large.length
  }
}

async function whole(request) {
  try {
    return new Uint8Array(await request.arrayBuffer())
  } catch {
    return 'body_invalid'
  }
}

/** Reads a body piece by piece. */
async function gather(stream, limit, large) {
  try {
    for await (const chunk of stream) {
      if (large.length + chunk.length > limit) return 'body_too_large'
      if (held + chunk.length > MAX_HELD) return 'event_not_stored'
      held += chunk.length
      large.length += chunk.length
      large.chunks.push(chunk)
    }
  } catch {
    return 'body_invalid'
  }
  const body = new Uint8Array(large.length)
  let at = 0
  for (const chunk of large.chunks) {
    body.set(chunk, at)
    at += chunk.length
  }
  return body
}
