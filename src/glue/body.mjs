// Reading a request's body as raw bytes, within what an isolate of 128 MB can hold.

/** Bytes of bodies that this isolate holds at a time, signed or not. Beyond it the sender is asked to come again. */
export const MAX_HELD = 4 << 20

let held = 0

/**
 * Reads a body, and hands its bytes, or the code of why there are none, to `work`; they count as held until that is
 * done. Never more than `limit` bytes of one body are read.
 */
export async function holding(request, limit, work) {
  const declared = request.headers.get('content-length')
  // Stripe always says how long a body is; one that does not say may be as long as it likes.
  const wanted = request.body === null ? 0 : declared === null ? limit : Number(declared)
  if (wanted > limit) return work('body_too_large')
  if (!(wanted >= 0)) return work('body_invalid')
  if (held + wanted > MAX_HELD) return work('event_not_stored')
  held += wanted
  try {
    return await work(await read(request, declared !== null, limit))
  } finally {
    held -= wanted
  }
}

async function read(request, bounded, limit) {
  try {
    if (bounded || request.body === null) return new Uint8Array(await request.arrayBuffer())
    return await gather(request.body, limit)
  } catch {
    return 'body_invalid'
  }
}

/** Reads a body of unknown length. */
async function gather(stream, limit) {
  const chunks = []
  let length = 0
  for await (const chunk of stream) {
    length += chunk.length
    if (length > limit) return 'body_too_large'
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
